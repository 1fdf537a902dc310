package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"parley.example/internal/access"
	"parley.example/internal/api"
	"parley.example/internal/web"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// desk is a node with a request on it, and its pages, in this process.
type testDesk struct {
	t       *testing.T
	pages   http.Handler
	client  *api.Client
	origin  string
	rpID    string
	request string // has an attachment
	plain   string // has none

	supervisor string // token of the first
}

func newTestDesk(t *testing.T) *testDesk {
	t.Helper()
	s, _ := newStory(t, "")
	s.doNodes(true, nil)
	s.check(s.foreground([]string{"parley", "--dir", "us", "--json", "request", "new", "--officer", "duty", "--file", s.env["FORMS"] + "/mitigation.json"}))
	plain := s.field("request")
	s.check(os.WriteFile(s.path("mail.eml"), []byte("Subject: new bank details\n"), 0o600))
	s.check(s.foreground([]string{"parley", "--dir", "us", "--json", "request", "new", "--officer", "duty", "--file", s.env["FORMS"] + "/incident.json", "--attach", "mail.eml"}))
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
	return &testDesk{t: t, pages: pages.Handler(), client: socket, origin: o.config.Origins[0], rpID: o.config.RPID, request: request, plain: plain}
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
	by := d.client
	if d.supervisor != "" { // who alone lets people in, once there is one
		by = by.As(d.supervisor)
	}
	if err := by.Call(d.t.Context(), "/v1/accounts/invite", api.Invite{Name: name, Roles: roles}, &link); err != nil {
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
	if d.supervisor == "" && slices.Contains(roles, "supervisor") {
		d.supervisor = c.token
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
	pages := map[string]access.Action{"/me": access.Self, "/people": access.State, "/roles": access.State, "/access-record": access.ReadRecord, "/roster": access.State, "/me/paths": access.Self,
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
	posts := map[string]access.Action{"/people/invite": access.Admit, "/real/cn/requests/" + d.request + "/desk": access.Write, "/real/cn/requests/" + d.request + "/limit": access.Assign,
		"/roster/override": access.Roster, "/roster/hand-over": access.Relieve}
	for path, action := range posts {
		for _, r := range access.Roles() {
			got := d.ask("POST", path, tokens[r], url.Values{"name": {"Friend of " + string(r)}, "roles": {"officer"}, "what": {"note"}, "text": {"words"}, "from": {"2026-12-01T08:00"}, "to": {"2026-12-01T20:00"}})
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
	if len(friends) != 1 { // of the supervisor
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

// Spec: ACC-26. Every officer sees on the watch that somebody who is no
// supervisor invites one, in both languages.
func TestRecoveryStandsOnTheWatch(t *testing.T) {
	d := newTestDesk(t)
	d.invite("Ellen Marsh", "supervisor")
	sam := d.invite("Sam Reyes", "officer")
	watch := func(lang string) string {
		r := httptest.NewRequest("GET", d.origin+"/real/cn/watch", nil)
		r.AddCookie(&http.Cookie{Name: "__Host-parley", Value: sam.token})
		r.Header.Set("Accept-Language", lang)
		w := httptest.NewRecorder()
		d.pages.ServeHTTP(w, r)
		return w.Body.String()
	}
	en, zh := "New Chief was invited as supervisor by command on the machine", "New Chief 由本机命令邀请担任主管"
	if strings.Contains(watch("en"), en) {
		t.Fatal("a recovery is shown that there is not")
	}
	if err := d.client.Call(t.Context(), "/v1/accounts/invite", api.Invite{Name: "New Chief", Roles: []string{"supervisor"}, Recover: true}, nil); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": en, "zh": zh} {
		if page := watch(lang); !strings.Contains(page, want) {
			t.Errorf("the watch does not say %q", want)
		}
	}
}

// Spec: ACC-27. A step of custody is kept for a request that the call names and
// whoever calls may see, and for no other request's attachment.
func TestCustodyAsksWhoMaySee(t *testing.T) {
	d := newTestDesk(t)
	ellen, sam := d.invite("Ellen Marsh", "supervisor"), d.invite("Sam Reyes", "officer")
	as := func(c *colleague, path string, in, out any) fault.Code {
		return fault.CodeOf(d.client.As(c.token).Call(t.Context(), path, in, out))
	}
	var held api.CustodyView
	if code := as(sam, "/v1/requests/"+d.request+"/custody?link=cn&realm=real", nil, &held); code != "" || len(held.Attachments) != 1 {
		t.Fatalf("%s, %+v", code, held)
	}
	draft := api.CustodyStep{Link: "cn", Realm: "real", Request: d.request, Sealed: held.Attachments[0].Sealed, Step: "handed", To: "Forensics"}
	var step api.CustodySigned
	if code := as(sam, "/v1/custody/draft", draft, &step); code != "" || step.Request != d.request {
		t.Fatalf("%s, %+v", code, step)
	}
	other := step
	other.Request = d.plain
	unsaid := step
	unsaid.Request = ""
	for _, c := range []struct {
		limited bool
		step    api.CustodySigned
		want    fault.Code
	}{
		{false, other, rule.StoreAbsent}, {false, unsaid, rule.NodeNoRequest}, {false, step, fault.StatementPerson},
		{true, step, rule.AccessCompartment}, {true, other, rule.StoreAbsent},
	} {
		named := []string{}
		if c.limited {
			named = []string{"Ellen Marsh"}
		}
		if code := as(ellen, "/v1/compartment", api.CompartmentAsk{Link: "cn", Realm: "real", Request: d.request, Named: named}, nil); code != "" {
			t.Fatal(code)
		}
		if got := as(sam, "/v1/custody", c.step, nil); got != c.want {
			t.Errorf("limited %v, for %q: %q, want %q", c.limited, c.step.Request, got, c.want)
		}
	}
	if got := as(sam, "/v1/custody/draft", draft, nil); got != rule.AccessCompartment {
		t.Errorf("a step is drafted: %q", got)
	}
}
