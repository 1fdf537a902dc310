package web

import (
	"encoding/hex"
	"strings"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/statement"
)

// ofCall tells the kinds of calls from those of other pages.
func ofCall(kind string) bool { return strings.HasPrefix(kind, "call.") }

// waiting lists the acts of calls that wait for a second officer.
func (v *visit) waiting() []waitsRow {
	if !v.may("say") {
		return nil
	}
	return v.waitingFor(ofCall)
}

// callSecond shows a second officer exactly what the first one signed.
func (s *Server) callSecond(v *visit) error {
	first, p, err := v.secondOf(ofCall)
	if err != nil {
		return err
	}
	page, err := v.laidOut(p, first.Call, first)
	if err != nil {
		return err
	}
	return v.give("call_check", page)
}

// laidOut shows an act of a call that waits for a signature, exactly as it was
// laid out.
func (v *visit) laidOut(p *api.Prepared, call string, first *firstSigned) (*callCheckPage, error) {
	if _, err := p.Opened(); err != nil { // what is shown must be what is signed
		return nil, err
	}
	body, err := act.FromJSON(p.Kind, p.Body)
	if err != nil {
		return nil, err
	}
	page := &callCheckPage{Call: call, Kind: p.Kind, Title: v.names().Kind(p.Kind), Digest: p.Short, Back: v.path("calls"), Hidden: map[string]any{"call": call}}
	if call != "" {
		page.Back = v.path("calls", call)
	}
	if first != nil {
		page.Title, page.Persons, page.First, page.At = v.T("web.call.second.title"), first.Persons, first.By, v.Clock(first.At.UnixMilli())
		page.Back, page.Drop = v.path("calls"), v.path("calls-second", p.Token, "drop")
	}
	page.Rows, page.Marking = v.leaving(p.Kind, "", body)
	var ids []string
	for _, a := range p.Attachments {
		ids = append(ids, hex.EncodeToString(a))
	}
	if page.Files, err = v.attachedTo(ids); err != nil {
		return nil, err
	}
	page.Sign = v.signingOf(statement.Digest(p.Statement))
	page.Sign.Token, page.Sign.Action = p.Token, v.path("calls-sign")
	return page, nil
}

// callSecondDrop has an act not wait any more.
func (s *Server) callSecondDrop(v *visit) error {
	return v.secondDrop("say", "calls")
}
