package web

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// The states of a time box.
const (
	boxRunning  = "running"
	boxDue      = "due" // the last quarter of the limit has begun
	boxOverdue  = "overdue"
	boxPaused   = "paused"
	boxDisputed = "disputed"
	boxNone     = "none" // owed, without a time
)

// owed is one thing that one side owes: a row, a sentence, a mark on the axis.
type owed struct {
	Ours  bool
	code  string // of the step
	Step  string
	State string // of the time box
	Left  []amount
	Due   *times
	due   int64
	// Frozen: a suspension stopped the clock.
	Frozen bool
}

// owedOf words an obligation that stands.
func (v *visit) owedOf(r *api.Request, o *casework.Obligation) owed {
	x := owed{Ours: o.Debtor == r.Side, code: o.Step, Step: v.step(o.Step), State: boxRunning, due: int64(o.Due), Due: v.at(int64(o.Due))}
	left := time.Duration(int64(o.Due)-r.Instant) * time.Millisecond
	switch {
	case o.State == casework.Disputed:
		x.State = boxDisputed
	case o.State == casework.Paused, o.State == casework.Frozen:
		x.State, x.Frozen, x.Due, x.due = boxPaused, o.State == casework.Frozen, nil, 0
		return x
	case o.Due == 0 || o.State == casework.Unknown:
		x.State = boxNone
		return x
	case left < 0 || o.State == casework.Overdue:
		x.State, left = boxOverdue, left.Abs()
	case o.Starts != 0 && int64(left/time.Millisecond)*4 < int64(o.Due-o.Starts):
		x.State = boxDue
	}
	x.Left = v.left(left)
	return x
}

// step is what is owed, as a verb.
func (v *visit) step(code string) string {
	return wording.Names{Locale: v.locale}.Known("web.step.", code)
}

// pressingOf gives what stands on one side, most pressing first.
func pressingOf(t *casework.Thread, side string) (list []*casework.Obligation) {
	for i := range t.Obligations {
		if o := &t.Obligations[i]; wording.Pressing(o) > 0 && o.Debtor == side {
			list = append(list, o)
		}
	}
	slices.SortStableFunc(list, func(a, b *casework.Obligation) int {
		return cmp.Or(cmp.Compare(wording.Pressing(b), wording.Pressing(a)), cmp.Compare(a.Due, b.Due))
	})
	return list
}

// item is a request in a list.
type item struct {
	Name    string
	Path    string
	Title   template.HTML
	Ours    bool // we asked
	Owed    *owed
	Urgency string
	Loud    bool // of an urgency that a suspension does not stop
	Type    string
	Phase   string
	Bars    int // receipts reached, 0 to 4
	Receipt string
	Silence string // kind of mark; empty: bars
	Changed *times
	Acts    int
}

// itemOf makes a row of a request: what a side owes in it, or, with an empty
// side, what is owed first by either.
func (v *visit) itemOf(r *api.Request, side string) (item, error) {
	t, err := wording.View(r)
	if err != nil {
		return item{}, err
	}
	rules, err := v.rulesFor(r)
	if err != nil {
		return item{}, err
	}
	names := wording.Names{Locale: v.locale}
	x := item{Name: r.Name, Path: v.path("requests", r.Name), Title: spokenBrief(r.Title), Ours: r.Ours,
		Phase: names.Known("cli.phase.", r.Phase), Acts: len(t.Acts)}
	if q := t.Request; q != nil {
		code := cmp.Or(t.Course.Urgency, q.Urgency)
		x.Type, x.Urgency = names.Type(rules, q.Type), names.Urgency(rules, code)
		x.Loud = slices.Contains(rules.Survives.Urgencies, code)
	}
	x.Bars, x.Receipt = v.receiptOf(t)
	x.Owed = v.firstOwed(r, t, side)
	if x.Owed != nil && !x.Owed.Ours {
		x.Silence = v.silenceOf(t)
	}
	if n := len(t.Acts); n > 0 {
		last := t.Acts[n-1]
		x.Changed = v.at(int64(max(last.Claimed, last.Receipt)))
	}
	return x, nil
}

// firstOwed is what is most pressing of a side's, or of either side's.
func (v *visit) firstOwed(r *api.Request, t *casework.Thread, side string) *owed {
	sides := []string{side}
	if side == "" {
		sides = []string{r.Side, wording.Other(r.Side)}
	}
	var first *casework.Obligation
	for _, s := range sides {
		list := pressingOf(t, s)
		if len(list) == 0 || first != nil && (wording.Pressing(first) > wording.Pressing(list[0]) || wording.Pressing(first) == wording.Pressing(list[0]) && first.Due <= list[0].Due) {
			continue
		}
		first = list[0]
	}
	if first != nil {
		x := v.owedOf(r, first)
		return &x
	}
	if h := t.Course.Hold; h != nil && (side == "" || h.Turn == side) && (h.State == casework.Alarm || h.State == casework.Lapsed && !api.Ended(t.Phase)) {
		x := v.owedOf(r, &casework.Obligation{Step: "hold", Debtor: h.Turn, Due: h.Until, Starts: h.Alarm, State: casework.Running})
		return &x
	}
	return nil
}

// receiptOf gives how many receipts of a request are there, and the highest.
func (v *visit) receiptOf(t *casework.Thread) (int, string) {
	r := t.Receipts
	reached, word := 0, "sent"
	for i, m := range []*casework.Moment{r.Stored, r.Opened, r.Accepted, r.ActedOn} {
		if m != nil {
			reached, word = i+1, []string{"stored", "opened", "accepted", "acted-on"}[i]
		}
	}
	return reached, v.T("web.receipt." + word)
}

// silenceOf gives the mark of what holds them up. The mark stops where the
// silence begins.
func (v *visit) silenceOf(t *casework.Thread) string {
	r := t.Receipts
	switch v.frame.Link.Silence {
	case "no-carrier":
		return "carrier"
	case "no-answer", "restoring", "locked", "full":
		return "node"
	case "stores-nothing", "withheld":
		if r.Stored == nil {
			return "withheld"
		}
	}
	for _, d := range t.Course.Delays {
		if d.Kind == act.RequestPostpone && d.Ended == nil {
			return "postponed"
		}
	}
	switch {
	case r.Opened != nil, r.Accepted != nil:
		return "opened"
	case r.Stored != nil:
		return "stored"
	}
	return ""
}

// rulesFor reads the version of the arrangement that a request stands under.
func (v *visit) rulesFor(r *api.Request) (*arrangement.Document, error) {
	digest := wording.Version(r)
	if digest == "" {
		return v.rules, nil
	}
	return v.server.rules.get(digest, func() (*arrangement.Document, error) {
		a, err := v.arrangement(digest)
		if err != nil {
			return nil, err
		}
		return arrangement.Parse(a.Document)
	})
}

// requestsOf asks for a list of requests.
func (v *visit) requestsOf(more ...string) (list []api.Request, err error) {
	err = v.client.Call(v.ctx(), "/v1/requests?"+v.query(more...), nil, &list)
	return list, err
}

// itemsOf makes rows of requests.
func (v *visit) itemsOf(list []api.Request, side func(*api.Request) string) (rows []item, err error) {
	for i := range list {
		x, err := v.itemOf(&list[i], side(&list[i]))
		if err != nil {
			return nil, err
		}
		rows = append(rows, x)
	}
	return rows, nil
}
