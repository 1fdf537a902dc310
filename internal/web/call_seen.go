package web

import (
	"net/http"
	"slices"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// unread is the last message of theirs that nobody of ours said to have read.
func (x *callReader) unread() (last uint64) {
	if !x.mayDo(act.CallRead) {
		return 0
	}
	for _, m := range x.k.Talk.Messages {
		if m.Side != x.c.Side && m.Read == nil {
			last = max(last, m.Position)
		}
	}
	return last
}

// attended tells whether somebody looks at the page: neither a script that
// brings it up to date, nor a browser that fetches ahead.
func (v *visit) attended() bool {
	return v.r.Header.Get("Parley-Unattended") == "" && v.r.Header.Get("Sec-Purpose") == "" && v.r.Header.Get("Purpose") == ""
}

// seen says that an officer of ours has the call on the screen, if it rings for
// us and this one has not said so; and that messages were read. No person need
// sign either.
func (x *callReader) seen() (said bool, err error) {
	officer, err := x.officer()
	if err != nil { // who is on no card of ours is no officer to them
		return false, nil
	}
	if x.mayDo(act.CallShown) && !x.shownTo(officer.Name) {
		err := x.sayAtOnce(act.CallShown, act.OpenedBody{Officer: officer.Name, Role: officer.Role})
		if said = err == nil; err != nil && !movedOn(err) {
			return false, err
		}
	}
	if last := x.unread(); last > 0 && x.manner() != callRings {
		err := x.sayAtOnce(act.CallRead, act.ReadUpToBody{Position: last, Officer: officer.Name, Role: officer.Role})
		if err != nil && !movedOn(err) {
			return said, err
		}
		said = said || err == nil
	}
	return said, nil
}

// sayAtOnce says what no person need sign.
func (x *callReader) sayAtOnce(kind string, body any) error {
	meant, raw, err := api.MeantBy(kind, body, nil)
	if err != nil {
		return err
	}
	var p api.Prepared
	in := api.Prepare{Link: x.link, Realm: x.realm, Kind: kind, Request: x.c.Name, Body: raw}
	if err := x.client.Call(x.ctx(), "/v1/prepare", in, &p); err != nil {
		return err
	}
	if err := meant.Check(&p); err != nil {
		return err
	}
	return x.client.Call(x.ctx(), "/v1/submit", api.Submit{Token: p.Token, Signatures: []api.Signature{}}, nil)
}

// movedOn tells that somebody else said the same in between, or that the call
// has moved on: there is nothing to say any more.
func movedOn(err error) bool {
	return fault.Is(err, rule.ActThread) || fault.Is(err, rule.ActItem) || fault.Is(err, rule.ActLate) || fault.Is(err, rule.AccessDenied)
}

// shownTo tells whether an officer of ours said to have it on the screen.
func (x *callReader) shownTo(name string) bool {
	return slices.ContainsFunc(x.c.Acts, func(a api.Said) bool {
		var b act.OpenedBody
		return a.Kind == act.CallShown && a.Ours && readJSON(a.Body, &b) && b.Officer == name
	})
}

// callRead says that what is on the screen was read, for a page that stays
// open.
func (s *Server) callRead(v *visit) error {
	x, err := v.readCall(v.r.PathValue("name"))
	if err == nil {
		_, err = x.seen()
	}
	if err != nil {
		return err
	}
	return v.see(v.path("calls", x.c.Name))
}

// callWriting tells the other side that this person types in the call.
func (s *Server) callWriting(v *visit) error {
	err := v.client.Call(v.ctx(), "/v1/calls/writing", api.CallWriting{Link: v.link, Realm: v.realm, Request: v.r.PathValue("name")}, nil)
	if err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}
