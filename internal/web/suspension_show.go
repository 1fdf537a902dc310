package web

import (
	"net/url"
	"slices"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure"
	"parley.example/internal/resumption"
	"parley.example/wire/act"
)

// suspensionRoutes are the pages of what stands still, and what ends.
func (s *Server) suspensionRoutes() []route {
	return []route{
		{pattern: "GET /suspension", page: s.suspensionShow, linked: true},
		{pattern: "GET /suspension-list/{name}", page: s.suspensionList, linked: true},
		{pattern: "GET /suspension/{kind}", page: s.suspensionSay, linked: true},
		{pattern: "GET /suspension/{kind}/{name}", page: s.suspensionSay, linked: true},
		{pattern: "POST /suspension/{kind}", page: s.suspensionSaid, linked: true},
		{pattern: "POST /suspension/{kind}/{name}", page: s.suspensionSaid, linked: true},
		{pattern: "POST /suspension-sign", page: s.suspensionSign, linked: true},
		{pattern: "GET /suspension-second/{token}", page: s.suspensionSecond, linked: true},
		{pattern: "POST /suspension-second/{token}/drop", page: s.suspensionDrop, linked: true},
	}
}

// suspensionPage is what either party has suspended or terminated.
type suspensionPage struct {
	Finding  string
	Ended    bool
	Sides    []suspensionSide // ours, theirs
	Survives []string
	Waits    []waitsRow
	May      bool
	None     bool // no arrangement is in force
	Persons  int
}

type suspensionSide struct {
	Ours bool
	Who  string
	List []stopRow
}

// stopRow is one suspension or termination.
type stopRow struct {
	Name, Reason, Note, Lang string
	Scope                    []string // empty: everything
	Officers                 string
	Since, Until, Effect     *times
	Lifted                   string // by whom
	Terminates, Over         bool
	List, Narrow, Resume     string // paths; empty where it may not be
}

func (s *Server) suspensionShow(v *visit) error {
	var all []api.Suspension
	if err := v.client.Call(v.ctx(), "/v1/suspensions?"+v.query(), nil, &all); err != nil {
		return err
	}
	p := &suspensionPage{Survives: v.surviving(), May: v.may("sign"), None: v.rules.Format == "", Persons: v.stopPersons(),
		Sides: []suspensionSide{{Ours: true, Who: v.frame.Us.Name}, {Who: v.frame.Them.Name}}}
	p.Waits = v.waitingFor(stops)
	runs, ending := false, false
	for i := range all {
		x := &all[i]
		side := &p.Sides[0]
		if !x.Ours {
			side = &p.Sides[1]
		}
		side.List = append(side.List, v.stopRow(x))
		runs = runs || !x.Terminates && x.Until == 0
		ending = ending || x.Terminates && x.Until == 0
		p.Ended = p.Ended || x.Terminates && x.Until == 0 && x.Effect != 0 && x.Effect <= v.now.UnixMilli()
	}
	for i := range p.Sides {
		slices.Reverse(p.Sides[i].List)
	}
	key := "none"
	switch {
	case runs:
		key = "runs"
	case ending:
		key = "ending"
	}
	if p.Ended {
		key = "ended"
	}
	p.Finding = v.T("web.suspension.finding." + key)
	return v.give("suspension", p)
}

func (v *visit) stopRow(x *api.Suspension) stopRow {
	r := stopRow{Name: x.Name, Reason: v.names().Reason(v.rules, x.Reason), Note: x.Note.Text, Lang: x.Note.Lang, Terminates: x.Terminates,
		Over: x.Until != 0, Officers: v.names().List(x.Officers), Scope: v.scopeNames(x.Types, x.Areas)}
	if x.From != 0 {
		r.Since = v.at(x.From)
	}
	if x.Until != 0 {
		r.Until = v.at(x.Until)
	}
	if x.Effect != 0 {
		r.Effect = v.at(x.Effect)
	}
	if x.Lifted != nil {
		r.Lifted = v.names().List(x.Lifted.Officers)
	}
	if !x.Terminates {
		r.List = v.path("suspension-list", x.Name)
	}
	ended := x.Terminates && x.Effect != 0 && x.Effect <= v.now.UnixMilli()
	if x.Ours && x.Until == 0 && x.From != 0 && !ended && v.may("sign") {
		r.Resume = v.path("suspension", "resume", x.Name)
		if !x.Terminates {
			r.Narrow = v.path("suspension", "narrow", x.Name)
		}
	}
	return r
}

// scopeNames names what a scope covers; nothing for everything.
func (v *visit) scopeNames(types, areas []string) (names []string) {
	for _, code := range types {
		names = append(names, v.names().Type(v.rules, code))
	}
	for _, code := range areas {
		names = append(names, v.names().Area(v.rules, code))
	}
	return names
}

// stopPersons is how many must sign a suspension, by the arrangement in force.
func (v *visit) stopPersons() int {
	if s := v.rules.Suspension; s != nil {
		return max(1, s.Persons)
	}
	return 1
}

// resumptionPage is what a suspension came to.
type resumptionPage struct {
	Row      stopRow
	AsOf     *times
	Cut      string
	Stood    []resumedRow
	Survived []resumedRow
	Lapsed   []resumedRow
	Due      []resumedRow
	Hidden   int
	More     int
}

// resumedRow is a request in one of the four lists.
type resumedRow struct {
	Name, Path, Type, Urgency, Phase string
	What                             string // what lapsed, or is due; by what it survived
	For                              string // how long it stood
	Waited, Ours                     bool   // it crossed; who owes it
	Who                              string
	At                               *times
	State                            string
}

func (s *Server) suspensionList(v *visit) error {
	var r api.Resumption
	name := v.r.PathValue("name")
	if err := v.client.Call(v.ctx(), "/v1/suspensions/"+url.PathEscape(name)+"?"+v.query(), nil, &r); err != nil {
		return err
	}
	l := r.List
	p := &resumptionPage{Row: v.stopRow(&r.Suspension), AsOf: v.at(int64(l.Instant)), Cut: l.Cut[:16], Hidden: r.Hidden, More: l.More}
	for _, x := range l.Stood {
		row := v.resumed(&r, x.Request)
		row.Waited, row.For = x.Waited, v.locale.Duration(time.Duration(x.Millis)*time.Millisecond)
		p.Stood = append(p.Stood, row)
	}
	for _, x := range l.Survived {
		row := v.resumed(&r, x.Request)
		row.What = v.T("cli.suspension.by." + x.By)
		p.Survived = append(p.Survived, row)
	}
	for _, x := range l.Lapsed {
		row := v.resumed(&r, x.Request)
		row.What, row.At = v.names().Step(x.What), v.at(int64(x.At))
		row.Ours = x.Debtor == v.side(true)
		row.Who = v.partyName(row.Ours)
		p.Lapsed = append(p.Lapsed, row)
	}
	for _, x := range l.Due {
		row := v.resumed(&r, x.Request)
		row.What, row.State = v.names().Step(x.Step), v.T("review.state."+string(x.State))
		row.Ours = x.Debtor == v.side(true)
		row.Who = v.partyName(row.Ours)
		if x.Due != 0 {
			row.At = v.at(int64(x.Due))
		}
		p.Due = append(p.Due, row)
	}
	return v.give("suspension_list", p)
}

// namer names a request of a list.
type namer interface{ Name(procedure.Where) string }

func (v *visit) resumed(of namer, r resumption.Request) resumedRow {
	name := of.Name(r.Opening)
	return resumedRow{Name: name, Path: v.path("requests", name), Type: v.names().Type(v.rules, r.Type), Urgency: v.names().Urgency(v.rules, r.Urgency),
		Phase: v.names().Known("cli.phase.", string(r.Phase))}
}

// effectRows are what an act would do, list by list, with a heading each.
type effectRows struct {
	Key, Head string
	Rows      []resumedRow
}

func (v *visit) effectOf(f *api.Foreseen) (list []effectRows, others string) {
	for _, x := range f.Effect.Lists() {
		e := effectRows{Key: x.Key, Head: v.T("cli.suspension.foresee."+x.Key, "n", v.locale.Number(int64(len(x.Requests))))}
		for _, one := range x.Requests {
			row := v.resumed(f, one.Request)
			if one.By != "" {
				row.What = v.T("cli.suspension.by." + one.By)
			}
			e.Rows = append(e.Rows, row)
		}
		list = append(list, e)
	}
	if f.Effect.Others > 0 {
		others = v.T("cli.suspension.foresee.others", "n", v.locale.Number(int64(f.Effect.Others)))
	}
	return list, others
}

// stops tells the kinds of these pages from those of calls.
func stops(kind string) bool {
	return slices.Contains([]string{act.Suspend, act.Narrow, act.Resume, act.Terminate}, kind)
}
