package web

import (
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
)

// myself is the page of one's own account.
type myself struct {
	*api.Me
	Fresh   bool          // keys may be added now
	Signs   bool          // a key that signs stands on a card in force
	Problem *locale.Words // why the last change was refused
	Tabs    tabs
}

// tabs are the pages about people.
type tabs struct{ Here string }

func (s *Server) meShow(v *visit) error { return v.meWith(nil) }

func (v *visit) meWith(problem error) error {
	m := myself{Me: v.me, Fresh: v.me.Fresh > v.now.UnixMilli(), Tabs: tabs{"me"}}
	m.Signs = slices.ContainsFunc(v.me.Signing, func(k api.Key) bool { return len(k.Links) > 0 })
	status := 200
	if problem != nil {
		words := v.locale.Fault(problem)
		m.Problem, status = &words, statusOf(problem)
	}
	v.show(status, "me", m)
	return nil
}

// mePasskey adds a passkey of one of the two kinds to one's own account.
func (s *Server) mePasskey(v *visit) error {
	err := v.client.Call(v.ctx(), "/v1/invitation/passkey", api.InvitationAnswer{Kind: v.r.PostForm.Get("kind"),
		Name: strings.TrimSpace(v.r.PostForm.Get("name")), Answer: answerOf(v.r)}, nil)
	if err != nil {
		return v.meWith(err)
	}
	return v.see("/me")
}

// meSettings keeps language and theme.
func (s *Server) meSettings(v *visit) error {
	lang, theme := v.r.PostForm.Get("language"), v.r.PostForm.Get("theme")
	if err := v.client.Call(v.ctx(), "/v1/me/settings", api.Settings{Language: &lang, Theme: &theme}, nil); err != nil {
		return v.meWith(err)
	}
	return v.see("/me")
}
