package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
)

// door is the page on which somebody signs in.
type door struct {
	Options string        // what the passkey is asked, as WebAuthn writes it
	To      string        // where to go then
	Problem *locale.Words // why the last try was refused
	Agency  bool          // there is an agency's own sign-in
}

// signInShow asks for a passkey.
func (s *Server) signInShow(v *visit) error {
	if v.me != nil {
		return v.see(v.r.URL.Query().Get("to"))
	}
	return v.door(ours(v.r.URL.Query().Get("to")), nil)
}

func (v *visit) door(to string, problem error) error {
	var options api.Options
	if err := v.client.Call(v.ctx(), "/v1/sign-in/options", api.Nothing{}, &options); err != nil {
		return err
	}
	d := door{Options: string(options.PublicKey), To: to, Agency: v.server.Agency}
	status := http.StatusOK
	if problem != nil {
		words := v.locale.Fault(problem)
		d.Problem, status = &words, statusOf(problem)
	}
	v.show(status, "sign-in", d)
	return nil
}

// signIn takes what the passkey answered. The session has a token that nobody
// had before; the one that the browser came with is ended.
func (s *Server) signIn(v *visit) error {
	var in api.SignedIn
	answer := api.PasskeyAnswer{Answer: answerOf(v.r)}
	if err := v.client.Call(v.ctx(), "/v1/sign-in/passkey", answer, &in); err != nil {
		return v.door(ours(v.r.PostForm.Get("to")), err)
	}
	v.begin(in.Token)
	return v.see(v.r.PostForm.Get("to"))
}

// answerOf is what a browser made of a passkey; what is no JSON is nothing.
func answerOf(r *http.Request) json.RawMessage {
	if raw := json.RawMessage(r.PostForm.Get("answer")); json.Valid(raw) {
		return raw
	}
	return json.RawMessage("{}")
}

// begin gives the browser the token of its new session.
func (v *visit) begin(token string) {
	if tokenOf(v.r) != "" {
		v.client.Call(v.ctx(), "/v1/sign-out", api.Nothing{}, nil) // one that has ended is no matter
	}
	http.SetCookie(v.w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// signOut ends the session, here and on the node.
func (s *Server) signOut(v *visit) error {
	if err := v.client.Call(v.ctx(), "/v1/sign-out", api.Nothing{}, nil); err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{Name: sessionCookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	return v.see("/signed-out")
}

func (s *Server) signedOut(v *visit) error {
	if v.me != nil {
		return v.see("/")
	}
	return v.give("signed-out", nil)
}

// passkeyOptions gives a script what an authenticator is to make.
func (s *Server) passkeyOptions(v *visit) error {
	var options api.InvitationOptions
	ask := api.InvitationAsk{Code: codeOf(v.r), Kind: v.r.PostForm.Get("kind")}
	v.w.Header().Set("Content-Type", "application/json")
	if err := v.client.Call(v.ctx(), "/v1/invitation/options", ask, &options); err != nil {
		words := v.locale.Fault(err)
		v.w.WriteHeader(statusOf(err))
		return json.NewEncoder(v.w).Encode(map[string]string{"text": words.Text, "next": words.Next})
	}
	return json.NewEncoder(v.w).Encode(options)
}

// codeOf is the one-time code of a form; whoever pasted the whole link pasted
// the code.
func codeOf(r *http.Request) string {
	text := strings.TrimSpace(r.PostForm.Get("code"))
	if _, behind, ok := strings.Cut(text, "#"); ok {
		return behind
	}
	return text
}

// invitationShow is where a one-time link leads. The code stands behind the #,
// which no browser sends: a script puts it into the form.
func (s *Server) invitationShow(v *visit) error { return v.give("invitation", nil) }

// invitation takes the first passkey of who follows a link, and signs in.
func (s *Server) invitation(v *visit) error {
	var in api.SignedIn
	err := v.client.Call(v.ctx(), "/v1/invitation/passkey", api.InvitationAnswer{Code: codeOf(v.r), Kind: "sign-in",
		Name: strings.TrimSpace(v.r.PostForm.Get("name")), Answer: answerOf(v.r)}, &in)
	if err != nil {
		words := v.locale.Fault(err)
		v.show(statusOf(err), "invitation", &words)
		return nil
	}
	v.begin(in.Token)
	return v.see("/me")
}
