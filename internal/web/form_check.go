package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/web/form"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// checkPage shows exactly the act that would leave, and what is left to do.
type checkPage struct {
	Number   int
	Version  int
	Request  string
	Kind     string
	Steps    []form.Step
	Missing  []form.Problem
	Refused  *locale.Words // why it cannot be said, besides what is missing
	Total    int
	Rows     []leavingRow
	Marking  marking
	Files    []attached
	Hits     []api.Hit
	If       []estimate
	Back     string
	Sign     signing
	Waits    *waiting
	Digest   string
	Share    bool
	Stays    *api.Desk
	Sealable bool
}

// waiting is an act that our own checks hold back.
type waiting struct {
	Draft  string
	Checks []string
	Path   string
}

// signing is what the page needs to have an officer sign.
type signing struct {
	Action      string
	Token       string
	Challenge   string // base64url of the digest that the passkey signs
	Credentials string
	Passkey     bool
	Nobody      bool // no person need sign it: the office's own signature is enough
	Unpublished bool // this person has one, and their card does not say so yet
}

// formCheck shows what would leave, and prepares it for a signature when nothing
// is missing.
func (s *Server) formCheck(v *visit) error {
	p, err := v.paperNumbered()
	if err != nil {
		return err
	}
	steps := p.asks.Steps(p.values)
	page := &checkPage{Number: p.Number, Version: p.Version, Request: p.Request, Kind: p.Kind, Steps: steps, Total: len(steps) - 1,
		Back: v.path("forms", strconv.Itoa(p.Number), stepAfter(steps, form.StepCheck, -1)), Share: p.Kind == act.RequestDraft,
		If: v.ifSentNow(p.values.Get("urgency"), p.values.Get("type"))}
	body, replies, missing, err := p.asks.Read(p.values, len(p.Attachments), calendar.Instant(v.now.UnixMilli()))
	if err != nil {
		return err
	}
	if p.Kind != act.RequestDraft { // one for comment may lack anything
		page.Missing = missing
	}
	if page.Files, err = v.attachedTo(p.Attachments); err != nil {
		return err
	}
	page.Rows, page.Marking = v.leaving(p.Kind, p.about(), body)
	if open, ok := body.(*act.OpenBody); ok {
		if page.Hits, err = v.crossed(open); err != nil {
			return err
		}
	}
	if p.Request != "" {
		page.Stays = &api.Desk{}
		if err := v.client.Call(v.ctx(), "/v1/desk/requests/"+p.Request+"?"+v.query(), nil, page.Stays); err != nil {
			return err
		}
	}
	if len(page.Missing) == 0 {
		if err := v.prepare(p, page, body, replies); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if len(page.Missing) > 0 || page.Refused != nil {
		status = http.StatusUnprocessableEntity
	}
	v.show(status, "form_check", page)
	return nil
}

// prepare has the node lay out the act, and holds it against what is shown: only
// then may anybody sign.
func (v *visit) prepare(p *paper, page *checkPage, body any, replies []uint64) error {
	meant, raw, err := api.MeantBy(p.Kind, body, p.Attachments)
	if err != nil {
		return err
	}
	in := api.Prepare{Link: v.link, Realm: v.realm, Kind: p.Kind, Request: p.Request, Replies: replies, Body: raw, Attachments: p.Attachments}
	var prepared api.Prepared
	err = v.client.Call(v.ctx(), "/v1/prepare", in, &prepared)
	if fault.Is(err, rule.DeskGate) {
		page.Waits = v.held(err)
		return nil
	}
	if err != nil { // told here, where what was typed is not lost from sight
		words := v.locale.Fault(err)
		page.Refused = &words
		return nil
	}
	page.Sign, err = v.toSign(&prepared, meant)
	page.Sign.Action = v.path("forms", strconv.Itoa(p.Number), "sign")
	page.Digest = prepared.Short
	return err
}

// held reads the refusal of an act that checks of ours hold back.
func (v *visit) held(err error) *waiting {
	w := &waiting{}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		for i := 0; i+1 < len(f.Args); i += 2 {
			switch f.Args[i] {
			case "draft":
				w.Draft, w.Path = f.Args[i+1], v.path("drafts", f.Args[i+1])
			case "checks":
				w.Checks = strings.Fields(f.Args[i+1])
			}
		}
	}
	return w
}

// toSign is what an officer signs of a prepared act, after it was held against
// what was meant.
func (v *visit) toSign(p *api.Prepared, meant api.Meant) (signing, error) {
	if err := meant.Check(p); err != nil {
		return signing{}, err
	}
	digest := statement.Digest(p.Statement)
	s := v.signingOf(digest)
	s.Token, s.Nobody = p.Token, !p.Person
	return s, nil
}

// signingOf asks for a signature of this person's over a digest.
func (v *visit) signingOf(digest [32]byte) signing {
	s := signing{Challenge: base64.RawURLEncoding.EncodeToString(digest[:])}
	var credentials []string
	for _, k := range v.me.Signing {
		switch {
		case len(k.Credential) == 0:
		case slices.Contains(k.Links, v.link):
			credentials = append(credentials, base64.RawURLEncoding.EncodeToString(k.Credential))
		default:
			s.Unpublished = true
		}
	}
	s.Credentials, s.Passkey = strings.Join(credentials, ","), len(credentials) > 0
	return s
}

// crossed lists other requests that name the same identifiers.
func (v *visit) crossed(open *act.OpenBody) (hits []api.Hit, err error) {
	return hits, v.client.Call(v.ctx(), "/v1/cross-check", api.Cross{Link: v.link, Realm: v.realm, Form: open}, &hits)
}

// formSign submits the act with the assertion of the officer's passkey.
func (s *Server) formSign(v *visit) error {
	p, err := v.paperNumbered()
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(v.r.PostForm.Get("version")); err != nil || n != p.Version {
		return fault.New(rule.DeskFormChanged, "number", strconv.Itoa(p.Number), "by", p.By)
	}
	ref, err := v.submit(p.Kind)
	if err != nil {
		return err
	}
	// The act has left. A form that stays now would be sent again by mistake.
	if err := v.drop(p.Number); err != nil {
		v.server.Log.Warn("form", "number", p.Number, "code", fault.CodeOf(err))
	}
	return v.see(v.path("requests", ref.Request) + "?sent=" + strconv.FormatUint(ref.Position, 10))
}

// submit hands the signature to the node.
func (v *visit) submit(kind string) (*api.Ref, error) {
	in := api.Submit{Token: v.r.PostForm.Get("token"), Signatures: []api.Signature{}}
	if k, known := act.Lookup(act.Newest, kind); !known || k.Person || v.r.PostForm.Get("signature") != "" {
		signature, err := v.assertion()
		if err != nil {
			return nil, err
		}
		in.Signatures = append(in.Signatures, signature)
	}
	ref := &api.Ref{}
	return ref, v.client.Call(v.ctx(), "/v1/submit", in, ref)
}

// assertion reads what the passkey said from the hidden inputs of the page.
func (v *visit) assertion() (api.Signature, error) {
	var parts [3][]byte
	for i, name := range []string{"authenticator_data", "client_data", "signature"} {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(v.r.PostForm.Get(name), "="))
		if err != nil || len(raw) == 0 || len(raw) > 8<<10 {
			return api.Signature{}, fault.New(rule.WebUnsigned, "field", name)
		}
		parts[i] = raw
	}
	key, err := v.keyOf(v.r.PostForm.Get("key_id"))
	if err != nil {
		return api.Signature{}, err
	}
	a := statement.Assertion{AuthenticatorData: parts[0], ClientData: parts[1], Signature: parts[2]}
	return api.Signature{KeyID: key.KeyID, Algorithm: key.Algorithm, Signature: a.Encode()}, nil
}

// keyOf finds the key of this person whose credential answered, by its
// credential or by its own identifier.
func (v *visit) keyOf(credential string) (api.Key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(credential, "="))
	for _, k := range v.me.Signing {
		if err == nil && len(raw) > 0 && string(k.Credential) == string(raw) || credential != "" && k.KeyID == credential {
			return k, nil
		}
	}
	return api.Key{}, fault.New(rule.WebUnsigned, "field", "key_id")
}

// formFile gives the body of a form as a file, for an officer who signs with a
// key file and the command.
func (s *Server) formFile(v *visit) error {
	p, err := v.paperNumbered()
	if err != nil {
		return err
	}
	body, _, _, err := p.asks.Read(p.values, len(p.Attachments), calendar.Instant(v.now.UnixMilli()))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", `attachment; filename="form-`+strconv.Itoa(p.Number)+`.json"`)
	writeJSON(v.w, body)
	return nil
}

func writeJSON(w http.ResponseWriter, body any) {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.Encode(body)
}
