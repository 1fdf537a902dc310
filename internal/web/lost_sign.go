package web

import (
	"slices"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	cards "parley.example/wire/party"
	"parley.example/wire/rule"
)

// lostSigning asks an officer to sign, for a counterpart, that a colleague's key
// is another one.
type lostSigning struct {
	api.Replacing
	Waits bool // for somebody else than who looks
	Short string
	Sign  signing
}

// lostStep shows what would be signed about the lost keys of an account.
func (s *Server) lostStep(v *visit) error {
	var list []api.Replacing
	ask := api.ReplaceAsk{Account: v.r.PathValue("account"), Without: v.r.PostForm.Get("without") == "yes"}
	if err := v.client.Call(v.ctx(), "/v1/officers/replace", ask, &list); err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(x api.Replacing) bool { return x.Link != v.link || x.Realm != v.realm })
	if len(list) == 0 {
		return v.see("/people")
	}
	at := max(0, slices.IndexFunc(list, func(x api.Replacing) bool { return !slices.Contains(x.Signed, v.me.Name) }))
	page := lostSigning{Replacing: list[at], Waits: slices.Contains(list[at].Signed, v.me.Name)}
	r, err := cards.DecodeReplacement(page.Act.Body)
	if err != nil {
		return err
	}
	if r.Lost != page.Lost || r.KeyID() != page.Key {
		return fault.New(rule.AccessTwoPersons, "what", "key")
	}
	if page.Sign, err = v.toSign(page.Act, api.Meant{Kind: act.OfficerReplace, Body: page.Act.Body}); err != nil {
		return err
	}
	page.Short, page.Sign.Action = page.Act.Short, v.path("lost-signed")
	return v.give("lost_sign", page)
}

// lostSigned brings the signature.
func (s *Server) lostSigned(v *visit) error {
	if _, err := v.submit(act.OfficerReplace); err != nil {
		return err
	}
	return v.see("/people")
}
