package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/procedure/reachability"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// How a node keeps the timetable. None of it is agreed: what is agreed is
// judged by both (spec/tests.md).
const (
	planLead    = int64(calendar.Hour) // a window opens no sooner behind its plan, so that the other side has that first
	noticeFor   = calendar.Day         // an announced test is announced so long before, where its window lets it
	stillTalked = calendar.Hour        // how long a call counts as under way in which nothing is said,
	stillRings  = 6 * calendar.Hour    // and one that nobody takes
	workingTry  = 64                   // draws of an announced instant in search of the called side's working time
)

// Test keeps the timetable of tests on a link: it plans what is to be planned,
// makes the calls whose instant has come, and says what came of them. It says
// when there will be more to do by itself; 0: not before something new comes.
//
// All of it is computed from the record and the clock. A plan that was said
// cannot be said again, since its identifier follows from its period; a call
// and an outcome are said once because the record has them: so neither a kill
// nor a clock that is set skips one or repeats one.
func (n *Node) Test(ctx context.Context, l *Link) (next int64, err error) {
	if l.restoring() {
		return 0, nil
	}
	look := testsLook{at: calendar.Instant(n.Now())}
	err = n.Store.View(ctx, func(r store.Reader) error {
		look = testsLook{at: look.at}
		return n.lookAtTests(once(r), l, &look)
	})
	if err != nil {
		return 0, err
	}
	said := false
	for _, p := range look.plans {
		one, err := n.planTest(ctx, l, p)
		if err != nil {
			return 0, err
		}
		said = said || one
	}
	for _, x := range look.owed {
		one, err := n.sayTest(ctx, l, x)
		if err != nil {
			return 0, err
		}
		said = said || one
	}
	if said {
		look.soon(look.at + calendar.Second) // it may ask for more
	} else if len(look.plans) > 0 || len(look.owed) > 0 {
		look.soon(look.at + calendar.Minute) // a clock that is behind the log has to come up with it first
	}
	return int64(look.next), nil
}

// testsLook is what is to be done about the tests of a link.
type testsLook struct {
	at    calendar.Instant
	next  calendar.Instant
	plans []toPlan
	owed  []testSaid
}

// toPlan is a period of a test that has no plan of ours.
type toPlan struct {
	test    *arrangement.Test
	period  arrangement.Period
	opens   calendar.Instant
	working *calendar.Calendar // of the party that is called
}

// testSaid is what is to be said of a test that we planned or are called by.
type testSaid struct {
	id     [16]byte // of its plan
	thread statement.Ref
	kind   string
	body   any
	last   bool // it concludes a test of ours: its secret, if it had one, has been told
}

func (k *testsLook) soon(at calendar.Instant) {
	if at > k.at && (k.next == 0 || at < k.next) {
		k.next = at
	}
}

func (n *Node) lookAtTests(r store.Reader, l *Link, look *testsLook) error {
	if err := l.syncBook(r); err != nil {
		return err
	}
	s, err := l.state(r)
	if err != nil {
		return err
	}
	current := l.view(s, statement.Hotline, int64(look.at)).Current
	if d := current.Arrangement; d != nil && d.Hotline != nil && !current.Status.EndedAt(look.at) {
		if err := n.lookForPlans(r, l, d, look); err != nil {
			return err
		}
	}
	var planned []*Called
	var real *Called
	err = n.openCalls(r, l, func(_ store.Record, c *Called) bool {
		switch {
		case c.Call.Plan() != nil:
			planned = append(planned, c)
		case c.underWay(look.at):
			real = c
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, c := range planned {
		if err := n.lookAtTest(r, l, c, real, look); err != nil {
			return err
		}
	}
	return nil
}

// lookForPlans finds the periods that are to be planned: what is left of this
// one, and the next.
func (n *Node) lookForPlans(r store.Reader, l *Link, d *arrangement.Document, look *testsLook) error {
	called, _ := d.Party(l.Them.String())
	for i := range d.Hotline.Tests {
		t := &d.Hotline.Tests[i]
		for _, at := range []calendar.Instant{look.at, look.at + t.Length()} {
			p, ok := t.PeriodAt(at)
			if !ok {
				continue
			}
			if next, more := t.Period(p.Number + 1); more {
				look.soon(next.Opens)
			}
			opens := max(p.Opens, look.at+calendar.Instant(planLead))
			if opens+calendar.Instant(t.Minutes)*calendar.Minute >= p.Closes {
				continue // too little of it is left
			}
			_, err := r.ActAt(l.logID(true, statement.Hotline), act.TestIdentifier(act.TestPlan, t.Code, p.Closes))
			if store.Absent(err) {
				look.plans = append(look.plans, toPlan{t, p, opens, &called.Calendar})
			} else if err != nil {
				return err
			}
			if t.Length() == 0 {
				break
			}
		}
	}
	return nil
}

// uncalled tells of a test that was planned and not called: it is no call yet.
func (c *Called) uncalled() bool { return c.Call.Plan() != nil && c.Call.Head == nil }

// underWay tells of a real call whether people wait for it, or talk in it.
func (c *Called) underWay(at calendar.Instant) bool {
	if c.Call.Head == nil || c.Call.Head.Purpose != act.PurposeReal {
		return false
	}
	var last calendar.Instant
	for _, a := range c.Call.Acts {
		last = max(last, a.Claimed, a.Receipt)
	}
	switch {
	case c.Call.Phase == hotline.Open:
		return last+stillTalked > at
	case c.Call.Phase == hotline.Deferred, c.Call.Waits():
		return last+stillRings > at
	}
	return false
}

// lookAtTest notes what is to be said of one test now, and when there is more.
func (n *Node) lookAtTest(r store.Reader, l *Link, c, real *Called, look *testsLook) error {
	e := c.Call.Plan()
	x := testSaid{id: e.Act.Statement.Act, thread: c.Ref(l)}
	var secret *[32]byte
	if c.ID.Own { // plans of both sides for one period have one identifier, each in its own log
		var err error
		if secret, err = l.draw(r, x.id); err != nil {
			return err
		}
	}
	if plan := c.Call.Planned(l.Higher()); plan != nil && look.at < plan.Closes {
		at, known := plan.Instant, plan.Instant != nil
		if secret != nil {
			drawn := hotline.Binding(e, plan).Instant(*secret)
			at, known = &drawn, true
		}
		if !known {
			return nil // the secret went with an older store: the window passes
		}
		look.soon(*at)
		look.soon(plan.Closes)
		if look.at < *at {
			return nil
		}
		if real != nil {
			look.soon(look.at + calendar.Minute)
			if c.Call.Postponed() {
				return nil
			}
			ref := real.Ref(l)
			x.kind, x.body = act.TestOutcome, tell(&act.TestOutcomeBody{Result: act.ResultPostponed, Call: &act.Place{Higher: ref.Higher, Position: ref.Position}}, secret)
		} else {
			x.kind, x.body = act.TestCall, testCall(l, c.Call.Rules(), plan)
		}
		look.owed = append(look.owed, x)
		return nil
	}
	b := c.Call.Conclusion(l.Higher())
	if b == nil {
		look.soon(c.Call.ConcludesAt(l.Higher()))
		return nil
	}
	if plan := e.Body.(*act.TestPlanBody); c.ID.Own && plan.Commitment != "" && !c.Call.Postponed() {
		if secret == nil {
			return nil
		}
		tell(b, secret)
	}
	if b.Result == act.ResultSilent && c.ID.Own {
		line, err := n.lineAt(r, l, int64(look.at))
		if err != nil {
			return err
		}
		b.Silence = string(line.State.Kind)
	}
	x.kind, x.body, x.last = act.TestOutcome, b, c.ID.Own
	look.owed = append(look.owed, x)
	return nil
}

// tell reveals a secret, where there is one.
func tell(b *act.TestOutcomeBody, secret *[32]byte) *act.TestOutcomeBody {
	if secret != nil {
		b.Secret = hex.EncodeToString(secret[:])
	}
	return b
}

// testCall is what the call of a plan says: one of our texts, in turn.
func testCall(l *Link, d *arrangement.Document, plan *act.TestPlanBody) *act.CallBody {
	said := act.Text{Lang: "en", Text: plan.Test}
	if t, ok := d.Test(plan.Test); ok {
		said.Text = t.Names.En
	}
	var ours []act.Text
	for _, x := range d.Hotline.Texts {
		if x.Party == l.Us.String() {
			ours = append(ours, act.Text{Lang: x.Lang, Text: x.Text})
		}
	}
	if len(ours) > 0 {
		said = ours[plan.Period%int64(len(ours))]
	}
	return &act.CallBody{Purpose: act.PurposeTest, Test: plan.Test, Rung: d.Hotline.Rungs[0].Code, Subject: said, Reason: said}
}

// planTest says the plan of a period, and keeps what it is bound to in the
// same transaction: there is no plan without its secret, nor the reverse.
func (n *Node) planTest(ctx context.Context, l *Link, p toPlan) (bool, error) {
	plan := &act.TestPlanBody{Test: p.test.Code, Period: p.period.Number, Opens: p.opens, Closes: p.period.Closes}
	var secret [32]byte
	if p.test.Announced {
		at := announced(p)
		plan.Instant = &at
	} else {
		rand.Read(secret[:])
		sum := act.TestBinding{Realm: l.Realm, Writer: l.Us, Reader: l.Them, Plan: plan}.Commitment(secret)
		plan.Commitment = hex.EncodeToString(sum[:])
	}
	id := act.TestIdentifier(act.TestPlan, p.test.Code, p.period.Closes)
	return n.sayOfTest(ctx, l, act.TestPlan, plan, nil, &id, func(tx store.Tx, _ Ref) error {
		if p.test.Announced {
			return nil
		}
		key := l.drawKey(id)
		return tx.PutRecord(bucketDraws, key, n.Vault.Seal(bucketDraws+"/"+key, secret[:]))
	})
}

// announced draws the instant of an announced test: with notice, and in the
// called side's working time where that is to be had.
func announced(p toPlan) calendar.Instant {
	opens := p.opens
	if notice := opens + noticeFor; notice+calendar.Instant(p.test.Minutes)*calendar.Minute < p.period.Closes {
		opens = notice
	}
	var first calendar.Instant
	for i := range workingTry {
		var b [8]byte
		rand.Read(b[:])
		within, _ := bits.Mul64(binary.BigEndian.Uint64(b[:]), uint64(p.period.Closes-opens))
		at := (opens + calendar.Instant(within)) / calendar.Minute * calendar.Minute // people read it
		if at < opens {
			at = opens
		}
		if works, err := p.working.Working(at); err == nil && works {
			return at
		}
		if i == 0 {
			first = at
		}
	}
	return first
}

// sayTest says what is to be said of a test; what was said meanwhile is not
// said again.
func (n *Node) sayTest(ctx context.Context, l *Link, x testSaid) (bool, error) {
	return n.sayOfTest(ctx, l, x.kind, x.body, &x.thread, nil, func(tx store.Tx, _ Ref) error {
		if !x.last {
			return nil
		}
		return tx.DropRecord(bucketDraws, l.drawKey(x.id))
	})
}

// sayOfTest appends an act of a test, and tells whether it did. One that the
// record has already, or that has no place any more, was overtaken: that is no
// failure.
func (n *Node) sayOfTest(ctx context.Context, l *Link, kind string, body any, thread *statement.Ref, id *[16]byte, after func(store.Tx, Ref) error) (bool, error) {
	raw, err := act.WriteBody(body)
	if err != nil {
		return false, err
	}
	of, _ := act.Lookup(act.Newest, kind)
	draft, err := n.Draft(ctx, l, of, thread, nil, raw, nil)
	if err != nil {
		return false, err
	}
	if id != nil {
		draft.Statement.Act = *id
	}
	_, err = n.Append(ctx, l, Say{Draft: draft, Signed: draft.ToSign(), Judge: l.judge(draft, 0), After: after})
	for _, over := range []fault.Code{rule.ActRepeated, rule.ActAutomatic, rule.ActThread, rule.ActTerm} {
		if fault.Is(err, over) {
			return false, nil
		}
	}
	return err == nil, err
}

func (l *Link) drawKey(id [16]byte) string {
	return hex.EncodeToString(l.id[:]) + "/" + hex.EncodeToString(id[:])
}

// draw is the secret of a test that we planned; nil where there is none.
func (l *Link) draw(r store.Reader, id [16]byte) (*[32]byte, error) {
	key := l.drawKey(id)
	sealed, err := r.Record(bucketDraws, key)
	if store.Absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	raw, err := l.node.Vault.Open(bucketDraws+"/"+key, sealed)
	if err != nil || len(raw) != 32 {
		return nil, fault.New(rule.StoreDamaged, "what", "secret of a test")
	}
	secret := [32]byte(raw)
	return &secret, nil
}

// judgeDay is the fold's judgement of a digest of machine tests.
func (l *Link) judgeDay(r store.Reader, draft *act.Draft, e *procedure.Entry) error {
	s, err := l.state(r)
	if err != nil {
		return err
	}
	if draft.Statement.Thread != nil {
		return fault.New(rule.ActThread, "kind", draft.Statement.Kind, "phase", "day")
	}
	return reachability.Fold(nil, nil, l.view(s, statement.Hotline, l.node.Now())).Check(reachability.Draft{Higher: l.Higher(), Kind: draft.Statement.Kind, Body: e.Body})
}

// Tests calls f with the tests of a link that were planned, by either side,
// newest change first, until it returns false.
func (n *Node) Tests(ctx context.Context, l *Link, f func(*Called) bool) error {
	return n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		var inner error
		err := r.Threads(l.id, statement.Hotline, nil, func(row store.ThreadRow) bool {
			var of string
			if of, inner = procedureAt(r, row.ID); inner != nil || of != ofTests {
				return inner == nil
			}
			var c *Called
			if c, inner = l.foldCall(r, row.ID, n.Now()); inner != nil {
				return false
			}
			return c.Call.Plan() == nil || f(c)
		})
		if err == nil {
			err = inner
		}
		return err
	})
}
