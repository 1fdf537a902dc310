package web

import (
	"html/template"
	"slices"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/act"
)

// callsPage lists the calls with a counterpart: those that are open, then
// earlier ones, and what waits for a second officer.
type callsPage struct {
	Open, Over []callRow
	Waits      []waitsRow
	Finding    string
	None       bool // the arrangement has no hotline
}

// callRow is a call in a list.
type callRow struct {
	Name, Path string
	Title      template.HTML
	Ours       bool
	Word       string
	Rung       string
	Phase      string
	Ended      string
	Silence    *silenceView
	Rings      bool
	At         *times
	Who        string // has it
}

// callsList lists the calls.
func (s *Server) callsList(v *visit) error {
	var list []api.Call
	if err := v.client.Call(v.ctx(), "/v1/calls?"+v.query(), nil, &list); err != nil {
		return err
	}
	page := &callsPage{None: v.rules.Hotline == nil, Waits: v.waiting()}
	ringing := 0
	for i := range list {
		row, err := v.callRow(&list[i])
		if err != nil {
			return err
		}
		if row.Rings {
			ringing++
		}
		if list[i].Over {
			page.Over = append(page.Over, row)
		} else {
			page.Open = append(page.Open, row)
		}
	}
	slices.SortStableFunc(page.Open, func(a, b callRow) int { return before(a.Rings, b.Rings) })
	switch {
	case ringing > 0:
		page.Finding = v.T("web.calls.ringing", "n", itoa(ringing))
	case len(page.Open) > 0:
		page.Finding = v.T("web.calls.open", "n", itoa(len(page.Open)))
	default:
		page.Finding = v.T("web.calls.none-open")
	}
	return v.give("calls", page)
}

func (v *visit) callRow(c *api.Call) (callRow, error) {
	x := &callReader{visit: v, c: c, as: wording.AsThread(c), names: v.names()}
	var err error
	if x.k, err = wording.CallView(c); err != nil {
		return callRow{}, err
	}
	if x.rules, err = v.rulesFor(x.as); err != nil {
		return callRow{}, err
	}
	row := callRow{Name: c.Name, Path: v.path("calls", c.Name), Title: spokenBrief(c.Subject), Ours: c.Ours, Phase: x.names.CallPhase(c.Phase),
		Silence: x.silence(), Rings: c.Rings != nil && c.Rings.Alarm && !c.Ours}
	if h := x.k.Head; h != nil {
		row.Word, row.Rung = x.names.CallPurpose(v.realm, h.Purpose), x.names.Rung(x.rules, h.Standing)
	}
	if x.k.Ended != "" {
		row.Ended = x.names.CallEnd(x.k.Ended)
	}
	if len(x.k.Acts) > 0 {
		row.At = v.at(int64(x.k.Acts[0].Claimed))
	}
	for i := range x.k.Acts {
		if a := &x.k.Acts[i]; a.Kind == act.TestCall && a.InOrder {
			row.At = v.at(int64(a.Claimed)) // its plan opened the thread
		}
	}
	if n := len(x.k.Accepts); n > 0 {
		row.Who = x.k.Accepts[n-1].By
	}
	return row, nil
}
