package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"parley.example/internal/access"
	"parley.example/internal/api"
	"parley.example/internal/web"
)

// desk is a node with a request on it, and its pages, in this process.
type testDesk struct {
	t       *testing.T
	pages   http.Handler
	client  *api.Client
	origin  string
	rpID    string
	request string
}

func newTestDesk(t *testing.T) *testDesk {
	t.Helper()
	s, _ := newStory(t, "")
	s.doNodes(true, nil)
	s.check(s.foreground([]string{"parley", "--dir", "us", "--json", "request", "new", "--officer", "duty", "--file", s.env["FORMS"] + "/incident.json"}))
	request := s.field("request")
	ctx, stop := context.WithCancel(t.Context())
	o, err := openOffice(ctx, s.path("us"), io.Discard, nil)
	s.check(err)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- o.run(ctx, false, func(string) { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		<-ended
		s.check(o.Close())
	})
	<-ready
	socket := api.Dial(at(o.dir, o.config.Socket))
	pages := web.New(web.Options{API: socket, Origin: o.config.Origins[0], RPID: o.config.RPID, Log: slog.New(slog.DiscardHandler)})
	return &testDesk{t: t, pages: pages.Handler(), client: socket, origin: o.config.Origins[0], rpID: o.config.RPID, request: request}
}

// ask has a browser ask, with the token of a session.
func (d *testDesk) ask(method, path, token string, form url.Values) *http.Response {
	d.t.Helper()
	r := httptest.NewRequest(method, d.origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-parley", Value: token})
	}
	w := httptest.NewRecorder()
	d.pages.ServeHTTP(w, r)
	return w.Result()
}

// tokenOf is the session that an answer gives a browser.
func tokenOf(r *http.Response) string {
	for _, c := range r.Cookies() {
		if c.Name == "__Host-parley" {
			return c.Value
		}
	}
	return ""
}

// colleague is somebody with a passkey, and the session they have.
type colleague struct {
	device     virtualwebauthn.Authenticator
	credential virtualwebauthn.Credential
	token      string
}

func (d *testDesk) invite(name string, roles ...string) *colleague {
	d.t.Helper()
	var link api.Invited
	if err := d.client.Call(d.t.Context(), "/v1/accounts/invite", api.Invite{Name: name, Roles: roles}, &link); err != nil {
		d.t.Fatal(err)
	}
	form := url.Values{"code": {link.Code}, "kind": {"sign-in"}, "name": {"laptop"}}
	var options api.InvitationOptions
	if err := json.NewDecoder(d.ask("POST", "/passkey-options", "", form).Body).Decode(&options); err != nil {
		d.t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options.PublicKey))
	if err != nil {
		d.t.Fatal(err)
	}
	c := &colleague{device: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(asked.UserID)})}
	for len(c.credential.ID) == 0 || len(c.credential.Key.AttestationData()) != 77 { // a coordinate that begins with zero is written short
		c.credential = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	form.Set("answer", virtualwebauthn.CreateAttestationResponse(d.relying(), c.device, c.credential, *asked))
	if c.token = tokenOf(d.ask("POST", "/invitation", "", form)); c.token == "" {
		d.t.Fatalf("%s is not let in", name)
	}
	return c
}

func (d *testDesk) relying() virtualwebauthn.RelyingParty {
	return virtualwebauthn.RelyingParty{Name: d.rpID, ID: d.rpID, Origin: d.origin}
}

// signIn signs in from a browser that has a cookie already.
func (d *testDesk) signIn(c *colleague, cookie, to string) *http.Response {
	d.t.Helper()
	var options api.Options
	if err := d.client.As("").Call(d.t.Context(), "/v1/sign-in/options", api.Nothing{}, &options); err != nil {
		d.t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options.PublicKey))
	if err != nil {
		d.t.Fatal(err)
	}
	answer := virtualwebauthn.CreateAssertionResponse(d.relying(), c.device, c.credential, *asked)
	return d.ask("POST", "/sign-in", cookie, url.Values{"answer": {answer}, "to": {to}})
}

// Forced browsing: whatever a page shows or hides, each role sees and does what
// the table says, and who has not signed in is sent to do so.
func TestForcedBrowsing(t *testing.T) {
	d := newTestDesk(t)
	tokens := map[access.Role]string{}
	for _, r := range access.Roles() {
		tokens[r] = d.invite("The "+string(r), string(r)).token
	}
	pages := map[string]access.Action{"/me": access.Self, "/people": access.State, "/roles": access.State, "/access-record": access.ReadRecord,
		"/real/cn/watch": access.Read, "/real/cn/requests": access.Read, "/real/cn/requests/" + d.request: access.Read, "/real/cn/forms": access.Read}
	for path, action := range pages {
		for _, r := range access.Roles() {
			want := http.StatusForbidden
			if access.May([]access.Role{r}, action, false) {
				want = http.StatusOK
			}
			if got := d.ask("GET", path, tokens[r], nil); got.StatusCode != want {
				t.Errorf("%s as %s: %d, want %d", path, r, got.StatusCode, want)
			}
		}
		for _, token := range []string{"", "none", strings.Repeat("A", 43)} {
			got := d.ask("GET", path, token, nil)
			if to := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || to != "/sign-in?to="+url.QueryEscape(path) {
				t.Errorf("%s as nobody: %d, %q", path, got.StatusCode, to)
			}
		}
	}
	for r, home := range map[access.Role]string{access.Officer: "/real/cn/watch", access.Auditor: "/real/cn/watch", access.Player: "/exercise/cn/watch", access.Administrator: "/people"} {
		if got := d.ask("GET", "/", tokens[r], nil).Header.Get("Location"); got != home {
			t.Errorf("home of %s is %q", r, got)
		}
		if got := d.ask("GET", home, tokens[r], nil); got.StatusCode != http.StatusOK {
			t.Errorf("home of %s: %d", r, got.StatusCode)
		}
	}
	posts := map[string]access.Action{"/people/invite": access.Manage, "/real/cn/requests/" + d.request + "/desk": access.Write, "/real/cn/requests/" + d.request + "/limit": access.Assign}
	for path, action := range posts {
		for _, r := range access.Roles() {
			got := d.ask("POST", path, tokens[r], url.Values{"name": {"Friend of " + string(r)}, "roles": {"officer"}, "what": {"note"}, "text": {"words"}})
			if refused := got.StatusCode == http.StatusForbidden; refused == access.May([]access.Role{r}, action, false) {
				t.Errorf("POST %s as %s: %d", path, r, got.StatusCode)
			}
		}
		if got := d.ask("POST", path, "", nil); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("POST %s as nobody: %d", path, got.StatusCode)
		}
	}
	var people []api.Account
	if err := d.client.Call(t.Context(), "/v1/accounts", nil, &people); err != nil {
		t.Fatal(err)
	}
	friends := slices.DeleteFunc(people, func(a api.Account) bool { return !strings.HasPrefix(a.Name, "Friend of ") })
	if len(friends) != 2 { // of the supervisor and the administrator
		t.Errorf("%d friends were invited", len(friends))
	}
}

// Session fixation: a browser that came with somebody else's token, or with one
// that an attacker chose, has a new one after signing in, and the old is worth
// nothing. Open redirects: signing in leads to a page of this desk alone.
func TestSignInPages(t *testing.T) {
	d := newTestDesk(t)
	li := d.invite("Li Wei", "officer")
	for _, planted := range []string{"", "planted", li.token} {
		got := d.signIn(li, planted, "/people")
		token := tokenOf(got)
		if token == "" || token == planted || got.Header.Get("Location") != "/people" {
			t.Fatalf("with %q: %d, %q", planted, got.StatusCode, got.Header.Get("Location"))
		}
		cookie := got.Header.Get("Set-Cookie")
		for _, want := range []string{"Path=/", "HttpOnly", "Secure", "SameSite=Strict"} {
			if !strings.Contains(cookie, want) {
				t.Errorf("the cookie is %q", cookie)
			}
		}
		if planted != "" && d.ask("GET", "/me", planted, nil).StatusCode == http.StatusOK {
			t.Errorf("%q is a session still", planted)
		}
		if got := d.ask("GET", "/me", token, nil); got.StatusCode != http.StatusOK {
			t.Errorf("the new session: %d", got.StatusCode)
		}
		li.token = token
	}
	for _, to := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "/a\r\nSet-Cookie: x=y"} {
		got := d.signIn(li, "", to)
		if got.Header.Get("Location") != "/" || len(got.Cookies()) != 1 {
			t.Errorf("%q leads to %q", to, got.Header.Get("Location"))
		}
		if got := d.ask("GET", "/sign-in?"+url.Values{"to": {to}}.Encode(), li.token, nil); got.Header.Get("Location") != "/" {
			t.Errorf("%q leads to %q", to, got.Header.Get("Location"))
		}
	}
	out := d.ask("POST", "/sign-out", li.token, nil)
	if out.Header.Get("Location") != "/signed-out" || !strings.Contains(out.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out: %v", out.Header)
	}
	if got := d.ask("GET", "/me", li.token, nil); got.StatusCode == http.StatusOK {
		t.Error("a session goes on after signing out")
	}
	if got := d.ask("POST", "/sign-in", "", url.Values{"answer": {"no JSON"}}); got.StatusCode != http.StatusUnprocessableEntity || tokenOf(got) != "" {
		t.Errorf("an answer that is none: %d", got.StatusCode)
	}
}
