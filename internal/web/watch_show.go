package web

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/wording"
)

// What the watch shows at most of each kind. There is always a way to all.
const (
	watchRead    = 200 // requests of each side that are counted
	watchRows    = 8
	watchChanges = 8
	watchShift   = 12 * time.Hour
)

// watchPage is what burns now.
type watchPage struct {
	Finding  []string
	Axis     *axis
	Us, Them side
	Line     *linePanel
	Office   *officePanel
	Ladder   *ladderPanel
	Calls    []callRow // that are open, ringing ones first
	Since    *times
	Changes  []change
	More     int // changes that are not shown
	Wall     bool
	// Recoveries are accounts that somebody who is no supervisor invited to be one.
	Recoveries []api.Account
	Tests      []testRow      // the last and the next, each way
	Contacts   []contactEntry // of ours, that somebody is to confirm or to change
}

// side is what one party owes.
type side struct {
	Items []item
	All   int
	Many  bool // there may be more than were counted
	Path  string
}

// watchShow shows what burns now.
func (s *Server) watchShow(v *visit) error {
	p := &watchPage{Wall: v.r.URL.Query().Get("wall") == "1"}
	us, err := v.sideOf("due", func(r *api.Request) string { return r.Side })
	if err != nil {
		return err
	}
	them, err := v.sideOf("awaited", func(r *api.Request) string { return wording.Other(r.Side) })
	if err != nil {
		return err
	}
	p.Axis = v.axisOf(us.Items, them.Items)
	if p.Calls, err = v.openCalls(); err != nil {
		return err
	}
	if p.Ladder, err = v.watchLadder(); err != nil {
		return err
	}
	if p.Line, err = v.linePanel(); err != nil {
		return err
	}
	p.Finding = v.finding(&us, &them, p)
	us.Items, them.Items = us.Items[:min(watchRows, us.All)], them.Items[:min(watchRows, them.All)]
	p.Us, p.Them = us, them
	if p.Recoveries, err = v.recoveries(); err != nil {
		return err
	}
	if p.Office, err = v.officePanel(); err != nil {
		return err
	}
	if p.Tests, err = v.watchTests(); err != nil {
		return err
	}
	points, err := v.contactPoints()
	if err != nil {
		return err
	}
	for _, c := range dueOf(points) {
		p.Contacts = append(p.Contacts, v.contactEntry(&c))
	}
	if err := v.sinceShift(p); err != nil {
		return err
	}
	return v.give("watch", p)
}

// sideOf reads what one party owes, soonest first.
func (v *visit) sideOf(only string, of func(*api.Request) string) (side, error) {
	list, err := v.requestsOf("only", only, "limit", strconv.Itoa(watchRead))
	if err != nil {
		return side{}, err
	}
	items, err := v.itemsOf(list, of)
	return side{Items: items, All: len(items), Many: len(items) == watchRead, Path: v.path("requests") + "?view=" + only}, err
}

// finding is the heading: what is so, and no more than is known. That everything
// holds is said of nothing but everything.
func (v *visit) finding(us, them *side, p *watchPage) (list []string) {
	say := func(key string, n int) {
		list = append(list, v.T(key, "n", strconv.Itoa(n)))
	}
	ringing := 0
	for _, c := range p.Calls {
		if c.Rings {
			ringing++
		}
	}
	if ringing > 0 {
		say("web.watch.ringing", ringing)
	}
	if v.frame.Link.Silence != "" {
		list = append(list, v.T("web.watch.silent"))
	}
	if p.Line != nil && p.Line.Relay != nil && !p.Line.Relay.Up {
		list = append(list, v.T("web.watch.relay"))
	}
	if p.Ladder != nil && p.Ladder.Red {
		list = append(list, v.T("web.watch.ladder"))
	}
	over, soon := v.countDue(us)
	theirs, _ := v.countDue(them)
	switch {
	case over > 0:
		say("web.watch.overdue", over)
		if soon > 0 {
			say("web.watch.soon-more", soon)
		}
	case soon > 0:
		list = append(list, v.T("web.watch.none-overdue"))
		say("web.watch.soon", soon)
	case us.All > 0:
		list = append(list, v.T("web.watch.later"))
	case len(list) > 0:
		list = append(list, v.T("web.watch.we-owe.none"))
	default:
		list = append(list, v.T("web.watch.holds"))
	}
	unopened := 0
	for _, one := range us.Items {
		if !one.Ours && one.Bars < 2 {
			unopened++
		}
	}
	if unopened > 0 {
		say("web.watch.unopened", unopened)
	}
	if theirs > 0 {
		say("web.watch.theirs-overdue", theirs)
	}
	return list
}

// openCalls lists the calls that are open, those that ring first.
func (v *visit) openCalls() (rows []callRow, err error) {
	var list []api.Call
	if err := v.client.Call(v.ctx(), "/v1/calls?"+v.query("open", "1"), nil, &list); err != nil {
		return nil, err
	}
	for i := range list {
		row, err := v.callRow(&list[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b callRow) int { return before(a.Rings, b.Rings) })
	return rows, nil
}

// countDue counts what is overdue, and what falls due within a shift.
func (v *visit) countDue(s *side) (over, soon int) {
	shift := v.now.Add(watchShift).UnixMilli()
	for _, one := range s.Items {
		switch o := one.Owed; {
		case o == nil:
		case o.State == boxOverdue:
			over++
		case o.due != 0 && o.due <= shift:
			soon++
		}
	}
	return over, soon
}

// change is an act that came or went.
type change struct {
	at   int64
	When string
	Ours bool
	Who  string
	Kind string
	Name string
	Path string
}

// sinceShift lists the acts since this person last said that they had seen
// what changed; of a day where they never did.
func (v *visit) sinceShift(p *watchPage) error {
	since := v.now.Add(-24 * time.Hour).UnixMilli()
	if v.me != nil && v.me.Seen != 0 {
		since = v.me.Seen
	}
	p.Since = v.at(since)
	list, err := v.requestsOf("limit", "50")
	if err != nil {
		return err
	}
	var all []change
	for i := range list {
		some, err := v.changesOf(&list[i], since)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b change) int { return cmp.Compare(b.at, a.at) })
	p.More = max(0, len(all)-watchChanges)
	p.Changes = all[:len(all)-p.More]
	return nil
}

func (v *visit) changesOf(r *api.Request, since int64) (list []change, err error) {
	t, err := wording.View(r)
	if err != nil {
		return nil, err
	}
	for _, a := range t.Acts {
		at := int64(cmp.Or(a.Receipt, a.Claimed))
		if at <= since || a.Kind == "" {
			continue
		}
		c := change{at: at, When: v.Clock(at), Ours: a.Side == r.Side, Kind: v.says(a.Kind), Name: r.Name, Path: v.path("requests", r.Name), Who: v.frame.Them.Name}
		if c.Ours {
			c.Who = v.frame.Us.Name
		}
		list = append(list, c)
	}
	return list, nil
}

// linePanel is how the line stands.
type linePanel struct {
	Silence     string
	Since       *times
	Alarm       bool
	Carriers    []carrierRow
	Relay       *carrierRow // our own; nil: there is none
	Outstanding int
	Withheld    bool
	Doubted     bool // somebody heard wrong words over a telephone
	Tested      []testedRow
}

// testedRow is the newest test of a carrier that the node made by itself.
type testedRow struct {
	Carrier, Came string
	Bad           bool
	Sent          *times
}

type carrierRow struct {
	Name  string
	Up    bool
	Heard *times
}

func (v *visit) linePanel() (*linePanel, error) {
	var l api.Line
	if err := v.client.Call(v.ctx(), "/v1/line?"+v.query(), nil, &l); err != nil {
		return nil, err
	}
	p := &linePanel{Since: v.at(l.Since), Alarm: l.Alarm}
	if l.Silence != "" {
		p.Silence = wording.Names{Locale: v.locale}.Known("cli.line.silence.", l.Silence)
	}
	for _, name := range l.Up {
		p.Carriers = append(p.Carriers, carrierRow{Name: name, Up: true})
	}
	for _, h := range l.Heard {
		i := slices.IndexFunc(p.Carriers, func(c carrierRow) bool { return c.Name == h.Carrier })
		if i < 0 {
			p.Carriers = append(p.Carriers, carrierRow{Name: h.Carrier})
			i = len(p.Carriers) - 1
		}
		p.Carriers[i].Heard = v.at(h.Time)
	}
	p.Relay, p.Doubted = v.relayRow(l.Relay), l.WordsDoubted
	for _, t := range l.Tested {
		p.Tested = append(p.Tested, v.testedRow(&t))
	}
	for _, o := range l.Outstanding {
		p.Outstanding += int(min(o.To-o.From, 1_000_000))
		p.Withheld = p.Withheld || o.Withheld
	}
	return p, nil
}

func (v *visit) testedRow(t *api.Tested) testedRow {
	names := wording.Names{Locale: v.locale}
	row := testedRow{Carrier: names.Known("reach.carrier.", t.Carrier), Sent: v.at(t.Sent), Bad: t.Silence != ""}
	switch {
	case row.Bad:
		row.Came = names.Known("reach.silence.", t.Silence)
	case t.Took < 1000:
		row.Came = v.T("reach.ms", "n", itoa(int(t.Took)))
	default:
		row.Came = v.locale.Duration(time.Duration(t.Took) * time.Millisecond)
	}
	return row
}

// relayRow says how our own relay stands, and since when; nil: there is none.
func (v *visit) relayRow(r *api.Relay) *carrierRow {
	if r == nil {
		return nil
	}
	return &carrierRow{Up: r.Up, Heard: v.at(r.Since)}
}

// officePanel is what waits in our own house. It never leaves.
type officePanel struct {
	Drafts, Tasks int
	Rows          []officeRow
}

type officeRow struct {
	Path, Text, Name string
	Draft            bool
}

func (v *visit) officePanel() (*officePanel, error) {
	p := &officePanel{}
	if !v.may("read") {
		return p, nil
	}
	var desks []api.Desk
	if err := v.client.Call(v.ctx(), "/v1/desk?"+v.query(), nil, &desks); err != nil {
		return nil, err
	}
	names := wording.Names{Locale: v.locale}
	for _, d := range desks {
		if d.Link != v.link {
			continue
		}
		for _, x := range d.Drafts {
			p.Drafts++
			p.Rows = append(p.Rows, officeRow{Path: v.path("drafts", strconv.Itoa(x.Number)), Text: names.Kind(x.Kind), Name: d.Request, Draft: true})
		}
		for _, t := range d.Tasks {
			if t.Done == 0 {
				p.Tasks++
				p.Rows = append(p.Rows, officeRow{Path: v.path("requests", d.Request), Text: t.Text, Name: d.Request})
			}
		}
	}
	p.Rows = p.Rows[:min(watchRows, len(p.Rows))]
	return p, nil
}

// CanSee tells whether the desk can keep up to when this person has seen what
// changed: it keeps that with an account.
func (v *visit) CanSee() bool { return v.me != nil && !v.me.Open }

// watchSeen keeps that this person has seen what changed until now.
func (s *Server) watchSeen(v *visit) error {
	if err := v.client.Call(v.ctx(), "/v1/me/settings", map[string]int64{"seen": v.now.UnixMilli()}, nil); err != nil {
		return err
	}
	return v.see(v.path("watch"))
}
