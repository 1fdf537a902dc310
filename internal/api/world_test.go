package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/internal/signin"
	"parley.example/internal/store/folder"
	"parley.example/internal/store/memory"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/suite"
)

const testName, testOrigin = "parley.us.internal", "https://parley.us.internal:4443"

// house is a node without a counterpart, its interface, and a clock that only
// tests move.
type house struct {
	t       testing.TB
	now     int64
	server  *Server
	handler http.Handler
	store   *memory.Store

	supervisor *person // the first, who invites the others
}

type noNotes struct{}

func (noNotes) Read([32]byte) (*link.Note, error)      { return nil, nil }
func (noNotes) Write([32]byte, *link.Note, bool) error { return nil }
func (h *house) profile(context.Context) (p node.Profile, err error) {
	p.Code = "us"
	return p, nil
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, now: 1_800_000_000_000, store: memory.New([16]byte{1}, memory.Faults{})}
	files, err := folder.NewAttachments(t.TempDir())
	h.must(err)
	v, err := vault.CreateAt(t.TempDir(), vault.NewSecret([]byte("passphrase of a test")), vault.Cost{Time: 1, MemoryKiB: 8, Threads: 1})
	h.must(err)
	n, err := node.Open(t.Context(), node.Options{Store: h.store, Vault: v, Signatures: suite.NewCached(), Attachments: files, Notes: noNotes{},
		Now: func() int64 { return h.now }, Log: slog.New(slog.DiscardHandler)})
	h.must(err)
	desk, err := signin.New(signin.Options{RPID: testName, Origins: []string{testOrigin}})
	h.must(err)
	h.server = &Server{Node: n, Profile: h.profile, SignIn: desk, Origin: testOrigin}
	h.handler = h.server.Handler()
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// machine calls as a command does that has no session.
func (h *house) machine() *Client {
	return &Client{do: func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		return w.Result(), nil
	}}
}

func (h *house) call(c *Client, path string, in, out any) error {
	h.t.Helper()
	return c.Call(h.t.Context(), path, in, out)
}

func (h *house) refused(c *Client, path string, in any, want fault.Code) {
	h.t.Helper()
	if got := fault.CodeOf(h.call(c, path, in, nil)); got != want {
		h.t.Errorf("%s: %q, want %q", path, got, want)
	}
}

// person is one of our own people with an authenticator.
type person struct {
	h          *house
	account    string
	device     virtualwebauthn.Authenticator
	credential virtualwebauthn.Credential
	client     *Client
	token      string
}

func relying() virtualwebauthn.RelyingParty {
	return virtualwebauthn.RelyingParty{Name: testName, ID: testName, Origin: testOrigin}
}

// invite invites somebody, by a supervisor where there is one, and has them
// follow the link.
func (h *house) invite(name string, roles ...string) *person {
	h.t.Helper()
	var link Invited
	by := h.machine()
	if h.supervisor != nil {
		by = h.supervisor.client
	}
	h.must(h.call(by, "/v1/accounts/invite", Invite{Name: name, Roles: roles}, &link))
	p := h.follow(link.Code)
	if h.supervisor == nil && slices.Contains(roles, "supervisor") {
		h.supervisor = p
	}
	return p
}

// follow follows a one-time link with a new authenticator.
func (h *house) follow(code string) *person {
	h.t.Helper()
	p := &person{h: h, device: virtualwebauthn.NewAuthenticator()}
	var in SignedIn
	h.must(p.makes(h.machine().As(""), code, signin.ForSignIn, &in))
	p.account, p.token, p.client = in.Account, in.Token, h.machine().As(in.Token)
	return p
}

// makes makes a passkey and gives it to the node.
func (p *person) makes(c *Client, code, kind string, out *SignedIn) error {
	p.h.t.Helper()
	var into any
	if out != nil {
		into = out
	}
	var options InvitationOptions
	if err := p.h.call(c, "/v1/invitation/options", InvitationAsk{Code: code, Kind: kind}, &options); err != nil {
		return err
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options.PublicKey))
	p.h.must(err)
	credential := newCredential()
	if kind == signin.ForSignIn {
		p.device.Options.UserHandle, p.credential = []byte(asked.UserID), credential
	}
	answer := virtualwebauthn.CreateAttestationResponse(relying(), p.device, credential, *asked)
	return p.h.call(c, "/v1/invitation/passkey", InvitationAnswer{Code: code, Kind: kind, Name: "key", Answer: json.RawMessage(answer)}, into)
}

// signIn signs in anew, and gives the new session's client.
func (p *person) signIn() (*Client, error) {
	p.h.t.Helper()
	anybody := p.h.machine().As("")
	var options Options
	p.h.must(p.h.call(anybody, "/v1/sign-in/options", Nothing{}, &options))
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options.PublicKey))
	p.h.must(err)
	answer := virtualwebauthn.CreateAssertionResponse(relying(), p.device, p.credential, *asked)
	var in SignedIn
	if err := p.h.call(anybody, "/v1/sign-in/passkey", PasskeyAnswer{json.RawMessage(answer)}, &in); err != nil {
		return nil, err
	}
	p.token, p.client = in.Token, p.h.machine().As(in.Token)
	return p.client, nil
}

// tried calls a route with nothing in it, in a realm, and gives the code.
func (h *house) tried(pattern, header, realm string) fault.Code {
	h.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{name}", "us-1", "{number}", "7", "{index}", "0", "{sealed}", "00", "{token}", "none", "{suspension}", "us.1").Replace(path)
	var body io.Reader
	if method == http.MethodPost {
		body = bytes.NewReader([]byte(`{}`))
		if h.bodies()[pattern] {
			body = strings.NewReader(`{"realm":"` + realm + `"}`)
		}
	}
	r := httptest.NewRequest(method, path+"?realm="+realm, body)
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	var p Problem
	if w.Code == http.StatusOK {
		return ""
	}
	h.must(json.Unmarshal(w.Body.Bytes(), &p))
	return fault.Code(p.Code)
}

// body is what a call that reads answers, as it goes over the wire.
func (h *house) body(c *Client, path string) string {
	h.t.Helper()
	var raw json.RawMessage
	h.must(h.call(c, path, nil, &raw))
	return string(raw)
}

// bodies are the routes whose body names a realm.
func (h *house) bodies() map[string]bool {
	found := map[string]bool{}
	for pattern, shape := range shapes() {
		raw, err := json.Marshal(shape[0])
		h.must(err)
		found[pattern] = shape[0] != nil && bytes.Contains(raw, []byte(`"realm":`))
	}
	return found
}

// newCredential draws a key on P-256. The library writes a coordinate that
// begins with a zero byte too short, which nobody takes.
func newCredential() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}
