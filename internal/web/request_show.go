package web

import (
	"cmp"
	"encoding/json"
	"html/template"
	"slices"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
)

// requestPage is one request.
type requestPage struct {
	Name     string
	Title    template.HTML
	Type     string
	Urgency  string
	Loud     bool
	Area     string
	Class    string
	Phase    string
	Waiting  bool
	Marking  handled
	Links    []template.HTML
	Now      *owed
	Then     []owed
	Has      []string // officers who took it on
	Asked    []string
	From, To string // units
	Cut      string
	Steps    []stepRow
	Course   []template.HTML
	Limits   []template.HTML
	Acts     []actView
	Silence  string
	Moves    []move
	Lower    []move // what is seldom said
	Unit     unitView
	Desk     *api.Desk
	Custody  []api.Held
	Priority bool
}

// handled is how something may be handled.
type handled struct {
	Code, Words string
	Unmarked    bool
}

// stepRow is one of the things owed in a request, done or not.
type stepRow struct {
	Ours  bool
	Who   string
	Step  string
	State string
	Due   *times
}

// move is something that may be said now.
type move struct{ Kind, Text, Path string }

// unitView is the other party's unit, and what time it is there.
type unitView struct {
	Name, Hours, Clock string
	Working            bool
	Known              bool
}

// reader gathers a page about one request.
type reader struct {
	*visit
	r     *api.Request
	t     *casework.Thread
	rules *arrangement.Document
	names wording.Names
}

// requestShow shows a request: who owes what, what was said with its receipts,
// and what stays in our house.
func (s *Server) requestShow(v *visit) error {
	x, p, err := v.said()
	if err != nil {
		return err
	}
	p.Unit = x.unit()
	x.moves(p)
	var desk api.Desk
	err = v.client.Call(v.ctx(), "/v1/desk/requests/"+pathEscape(x.r.Name)+"?"+v.query(), nil, &desk)
	switch {
	case err == nil:
		p.Desk = &desk
	case !deniedTo(err):
		return err
	}
	if err := x.custody(p); err != nil {
		return err
	}
	return v.give("request", p)
}

// said gathers what crossed the line in the request of this page.
func (v *visit) said(more ...string) (*reader, *requestPage, error) {
	x, err := v.read(v.r.PathValue("name"), more...)
	if err != nil {
		return nil, nil, err
	}
	p := x.head()
	x.owing(p)
	p.Acts = x.acts()
	p.Course, p.Limits = x.course(), x.limits()
	return x, p, nil
}

// custody is through whose hands attachments went in our house.
func (x *reader) custody(p *requestPage) error {
	var held api.CustodyView
	err := x.client.Call(x.ctx(), "/v1/requests/"+pathEscape(x.r.Name)+"/custody?"+x.query(), nil, &held)
	if err != nil && !deniedTo(err) {
		return err
	}
	for _, one := range held.Attachments {
		if len(one.Steps) > 0 {
			p.Custody = append(p.Custody, one)
		}
	}
	return nil
}

// read asks for a request with all that was said.
func (v *visit) read(name string, more ...string) (*reader, error) {
	x := &reader{visit: v, r: &api.Request{}, names: wording.Names{Locale: v.locale}}
	if err := v.client.Call(v.ctx(), "/v1/requests/"+pathEscape(name)+"?"+v.query(more...), nil, x.r); err != nil {
		return nil, err
	}
	var err error
	if x.t, err = wording.View(x.r); err != nil {
		return nil, err
	}
	x.rules, err = v.rulesFor(x.r)
	return x, err
}

func (x *reader) head() *requestPage {
	p := &requestPage{Name: x.r.Name, Title: spoken(x.r.Title), Phase: x.names.Known("cli.phase.", x.r.Phase), Waiting: x.t.Waiting,
		Cut: cutOf(x.r), Priority: x.t.Course.Priority.Lower && x.t.Course.Priority.Higher}
	if q := x.t.Request; q != nil {
		code := cmp.Or(x.t.Course.Urgency, q.Urgency)
		p.Type, p.Urgency, p.Area = x.names.Type(x.rules, q.Type), x.names.Urgency(x.rules, code), x.names.Area(x.rules, q.Area)
		p.Loud = slices.Contains(x.rules.Survives.Urgencies, code)
		p.Marking = x.marking(q.Handling)
		p.From, p.To = x.unitName(x.r.Ours, q.FromUnit), x.unitName(!x.r.Ours, cmp.Or(x.t.Course.Unit, q.ToUnit))
		if q.Class != "" && q.Class != arrangement.ClassRequest {
			p.Class = x.names.Known("cli.class.", q.Class)
		}
	}
	for _, l := range x.t.Course.Links {
		name := wording.CodeOf(x.r, l.To.Side) + "-" + number(l.To.Position)
		p.Links = append(p.Links, template.HTML(template.HTMLEscapeString(x.names.Relation(l.Relation))+` <a href="`+template.HTMLEscapeString(x.path("requests", strings.ReplaceAll(name, "\u2009", "")))+`">`)+brief(name)+"</a>")
	}
	if m := x.t.Receipts.Accepted; m != nil {
		p.Has = append(p.Has, cmp.Or(m.By, strings.Join(m.Signed, ", ")))
	}
	for i := range x.r.Acts {
		if wording.OpensForm(x.r.Acts[i].Kind) {
			p.Asked = x.r.Acts[i].Officers
			break
		}
	}
	return p
}

// marking words a handling code; what is unmarked is treated as the most
// restrictive, and says so.
func (x *reader) marking(code string) handled { return x.handled(x.rules, code) }

func (v *visit) handled(rules *arrangement.Document, code string) (m handled) {
	m.Code = code
	h, ok := rules.HandlingCode(code)
	if !ok {
		m.Unmarked = code == ""
		h = rules.MostRestrictive()
	}
	if h != nil {
		m.Words = v.names().Worded(h.Names, true, "")
		m.Code = cmp.Or(m.Code, h.Code)
	}
	return m
}

// cutOf is the beginning of the digest of what both nodes computed the view of.
func cutOf(r *api.Request) string {
	var view struct {
		Cut string `json:"cut"`
	}
	json.Unmarshal(r.View, &view) // of our own node
	return view.Cut[:min(len(view.Cut), 16)]
}

// owing words what is owed now, what comes then, and every step.
func (x *reader) owing(p *requestPage) {
	p.Now = x.firstOwed(x.r, x.t, "")
	for _, side := range []string{x.r.Side, wording.Other(x.r.Side)} {
		for _, o := range pressingOf(x.t, side) {
			p.Then = append(p.Then, x.owedOf(x.r, o))
		}
	}
	slices.SortStableFunc(p.Then, func(a, b owed) int { return cmp.Compare(orLast(a.due), orLast(b.due)) })
	if p.Now != nil {
		now := *p.Now
		p.Then = slices.DeleteFunc(p.Then, func(o owed) bool { return o.Ours == now.Ours && o.Step == now.Step && o.due == now.due })
		if !now.Ours {
			p.Silence = x.silenceOf(x.t)
		}
	}
	for i := range x.t.Obligations {
		o := &x.t.Obligations[i]
		p.Steps = append(p.Steps, stepRow{Ours: o.Debtor == x.r.Side, Who: x.called(o.Debtor), Step: x.step(o.Step),
			State: x.names.Known("web.state.", string(o.State)), Due: x.at(int64(o.Due))})
	}
}

func orLast(due int64) int64 { return cmp.Or(due, int64(calendar.MaxInstant)) }

// called is what a side is called.
func (x *reader) called(side string) string {
	if side == x.r.Side {
		return x.frame.Us.Name
	}
	return x.frame.Them.Name
}

// unit is the other party's unit that has to do with this, and what time it is
// there.
func (x *reader) unit() (u unitView) {
	u.Clock, u.Known, u.Working = x.frame.Them.Clock, x.frame.Them.Known, x.frame.Them.Working
	q := x.t.Request
	in := x.partyIn(x.rules, false)
	if q == nil || in == nil {
		return u
	}
	code := q.FromUnit
	if x.r.Ours {
		code = cmp.Or(x.t.Course.Unit, q.ToUnit)
	}
	u.Name = x.unitName(false, code)
	if unit, ok := in.Unit(code); ok && unit.Hours != nil {
		u.Hours = x.names.Worded(*unit.Hours, true, "")
	}
	return u
}

// unitName is what a unit of one party is called: both may have one of the
// same code.
func (x *reader) unitName(ours bool, code string) string {
	return unitOf(x.names, x.rules, x.r, ours, code)
}

func unitOf(n wording.Names, rules *arrangement.Document, r *api.Request, ours bool, code string) string {
	side := r.Side
	if !ours {
		side = wording.Other(side)
	}
	return n.UnitAt(rules, side, code)
}

// moves lists what may be said now: what answers what is owed first, then the
// rest.
func (x *reader) moves(p *requestPage) {
	often := []string{act.RequestOpened, act.RequestAccept, act.RequestAsk, act.RequestReply, act.RequestAnswer, act.RequestPartial,
		act.RequestDecline, act.RequestExtend, act.RequestAmend, act.RequestRate, act.RequestClose, act.RequestAgree, act.RequestRefuse}
	for _, kind := range x.r.Moves {
		m := move{kind, x.names.Known("web.move.", kind), x.path("requests", x.r.Name, "say", kind)}
		if m.Text == kind {
			m.Text = x.names.Kind(kind)
		}
		if slices.Contains(often, kind) && (kind != act.RequestOpened || x.t.Receipts.Opened == nil) {
			p.Moves = append(p.Moves, m)
		} else {
			p.Lower = append(p.Lower, m)
		}
	}
	does := ""
	if p.Now != nil && p.Now.Ours {
		does = doing(p.Now.code)
	}
	slices.SortStableFunc(p.Moves, func(a, b move) int {
		return cmp.Or(before(a.Kind == does, b.Kind == does), slices.Index(often, a.Kind)-slices.Index(often, b.Kind))
	})
}

// doing is the act that does what is owed.
func doing(step string) string {
	return map[string]string{"acknowledge": act.RequestOpened, "decide": act.RequestAccept, "report": act.RequestPartial, "answer": act.RequestAnswer,
		"reply": act.RequestReply, "consent": act.RequestAgree, "promise": act.RequestAnswer, "hold": act.RequestHold}[step]
}

// lasted words a length of time.
func (v *visit) lasted(ms int64) string {
	return v.locale.Duration(time.Duration(ms) * time.Millisecond)
}

// why words a code of a fault.
func (v *visit) why(code string) string { return v.locale.Code(fault.Code(code)).Text }

// Kind is what an act of a kind is called.
func (v *visit) Kind(kind string) string { return wording.Names{Locale: v.locale}.Kind(kind) }

// Officer is who has a key, by the people whose keys our cards publish; the key
// itself where nobody is known.
func (v *visit) Officer(key string) string {
	if v.officers == nil {
		v.officers = map[string]string{}
		var list []api.Officer
		if err := v.client.Call(v.ctx(), "/v1/officers", nil, &list); err == nil {
			for _, o := range list {
				v.officers[o.KeyID] = o.Name
			}
		}
	}
	return cmp.Or(v.officers[key], key)
}
