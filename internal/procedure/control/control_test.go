package control

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// world writes the two control logs of a link, and reads them into a book.
type world struct {
	*testing.T
	parties [2]*wiretest.Party
	book    *Book
	size    [2]uint64
	stored  [2]uint64 // how much of each side's log the other holds
	now     int64
}

func newWorld(t *testing.T) *world {
	parties := wiretest.Parties()
	return &world{T: t, parties: parties, now: wiretest.Start,
		book: NewBook(suite.Signatures{}, [2]*party.Card{parties[0].Card, parties[1].Card})}
}

// say adds an act of a side's control log, as its node would read it.
func (w *world) say(side int, kind string, thread *Fact, body any) *Fact {
	w.Helper()
	w.now += 1000
	k, ok := act.Lookup(1, kind)
	if !ok {
		w.Fatal(kind)
	}
	raw, isRaw := body.([]byte)
	if !isRaw {
		var err error
		if raw, err = act.WriteBody(body); err != nil {
			w.Fatal(err)
		}
	}
	st := &statement.Statement{Kind: kind}
	if thread != nil {
		st.Thread = &statement.Ref{Higher: thread.Higher, Position: thread.Position}
	}
	e := &procedure.Entry{Place: record.Place{Higher: side == 1, Position: w.size[side], Seen: w.stored[1-side]}, Time: w.now,
		Kind: k, Body: body, Act: &act.Act{Statement: st, Body: raw}}
	w.size[side]++
	return w.book.Add(e)
}

// receipt lets the other side receipt all that a side has said.
func (w *world) receipt(side int) {
	w.now += 1000
	w.stored[side] = w.size[side]
	w.book.Receipt(side == 1, w.size[side], w.size[1-side], w.now)
	w.size[1-side]++
}

func (w *world) state() *State { return w.book.At(w.size) }

// A card is in force once it stands in its party's log and its receipt in the
// other's; never before, whatever either node knows besides.
//
// Spec: CTL-3, CTL-4, CTL-5.
func TestCardInForceOnceReceipted(t *testing.T) {
	w := newWorld(t)
	second := wiretest.Successor(w.parties[0].Card, w.parties[1].Card.Party, w.parties[0].Root, func(c *party.Card) { c.Sign = wiretest.Key("new").Public() })
	w.say(0, act.Card, nil, w.parties[0].Card.Encode())
	f := w.say(0, act.Card, nil, second.Encode())
	if f.Fault != nil {
		t.Fatal(f.Fault)
	}
	if got := w.state().Cards()[0].Serial; got != 1 {
		t.Errorf("announced and unreceipted, card %d is in force", got)
	}
	before := w.size
	w.receipt(0)
	if got := w.state().Cards()[0].Serial; got != 2 {
		t.Errorf("receipted, card %d is in force", got)
	}
	if got := w.book.At(before).Cards()[0].Serial; got != 1 {
		t.Errorf("at the sizes before the receipt, card %d is in force now", got)
	}
	if got := len(w.book.Announced(0)); got != 2 {
		t.Errorf("%d cards are announced", got)
	}
}

// Spec: CTL-2, CTL-4. What is not in order is kept, listed and without effect.
func TestCardOutOfOrder(t *testing.T) {
	w := newWorld(t)
	me, other := w.parties[0], w.parties[1].Card.Party
	for name, bad := range map[string]struct {
		card *party.Card
		code fault.Code
	}{
		"serial":     {wiretest.Successor(me.Card, other, me.Root, func(c *party.Card) { c.Serial = 3 }), fault.CardSerial},
		"other link": {wiretest.Successor(me.Card, me.Card.Party, me.Root, nil), fault.CardOtherLink},
		"a stranger": {wiretest.Successor(me.Card, other, wiretest.Key("thief"), nil), fault.CardSignature},
		"a new root": {wiretest.Successor(me.Card, other, wiretest.Key("thief"), func(c *party.Card) { c.Root = wiretest.Key("thief").Public() }), fault.CardRoot},
	} {
		f := w.say(0, act.Card, nil, bad.card.Encode())
		if !fault.Is(f.Fault, bad.code) {
			t.Errorf("%s: %v, want %s", name, f.Fault, bad.code)
		}
		listed := w.state().Ignored()
		if last := listed[len(listed)-1]; last.Fact != f || !fault.Is(last.Err, bad.code) || w.book.Facts()[f.Position] != f {
			t.Errorf("%s: listed as %+v", name, last)
		}
	}
	w.receipt(0)
	if got := w.state().Cards()[0].Serial; got != 1 {
		t.Errorf("card %d is in force", got)
	}
	good := wiretest.Successor(me.Card, other, me.NextRoot, func(c *party.Card) { c.Root = me.NextRoot.Public() })
	if f := w.say(0, act.Card, nil, good.Encode()); f.Fault != nil {
		t.Errorf("the root that the card before committed to: %v", f.Fault)
	}
}

// rules is the small arrangement between the two test parties.
func (w *world) rules(change func(*arrangement.Document)) []byte {
	var d arrangement.Document
	if err := json.Unmarshal(proceduretest.BytesFor([2]party.ID{w.parties[0].Card.Party, w.parties[1].Card.Party}), &d); err != nil {
		w.Fatal(err)
	}
	if change != nil {
		change(&d)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		w.Fatal(err)
	}
	return raw
}

func digestOf(raw []byte) *act.DigestBody {
	d := arrangement.Digest(raw)
	return &act.DigestBody{Digest: hex.EncodeToString(d[:])}
}

// Two successors of one base that cross on the wire never both come into
// force, whichever arrives first.
//
// Spec: CTL-8, CTL-9.
func TestAmendmentsCross(t *testing.T) {
	w := newWorld(t)
	first := w.rules(nil)
	p := w.say(0, act.ArrangementPropose, nil, first)
	w.receipt(0)
	w.say(1, act.ArrangementSign, p, digestOf(first))
	w.receipt(1)
	in := w.state().Context(w.now)
	if in.Digest != arrangement.Digest(first) || in.Rules != 1 {
		t.Fatalf("the signed version is not in force: %x", in.Digest)
	}
	base := arrangement.Digest(first)
	next := func(tolerance int) []byte {
		return w.rules(func(d *arrangement.Document) {
			d.Version, d.Base, d.Tolerance = 2, hex.EncodeToString(base[:]), tolerance
		})
	}
	a, b := next(60), next(90)
	pa, pb := w.say(0, act.ArrangementPropose, nil, a), w.say(1, act.ArrangementPropose, nil, b)
	w.receipt(0)
	w.receipt(1)
	w.say(1, act.ArrangementSign, pa, digestOf(a))
	w.say(0, act.ArrangementSign, pb, digestOf(b))
	w.receipt(0)
	w.receipt(1)
	s := w.state()
	if got := len(s.Amendments().Signed()); got != 1 {
		t.Errorf("%d versions are signed by both", got)
	}
	if got := len(s.Ignored()); got != 2 {
		t.Errorf("%d signatures are barred, want both", got)
	}
	if s.Context(w.now).Digest != base {
		t.Error("another version than the first is in force")
	}
}

// Spec: ARR-7. A document with a breach is no proposal, and is not in
// force when both have signed it.
func TestBreachIsNoProposal(t *testing.T) {
	w := newWorld(t)
	raw := w.rules(func(d *arrangement.Document) { d.Areas[1].Code, d.Tolerance = "-", -1 })
	p := w.say(0, act.ArrangementPropose, nil, raw)
	if !fault.Is(p.Fault, rule.ArrangementCode) {
		t.Errorf("%v: of two breaches the one whose path comes first", p.Fault)
	}
	w.receipt(0)
	w.say(1, act.ArrangementSign, p, digestOf(raw))
	w.receipt(1)
	s := w.state()
	if s.InForce(calendar.Instant(w.now)) != nil || len(s.Ignored()) != 2 || !fault.Is(s.Ignored()[1].Err, rule.AmendUnknown) {
		t.Errorf("in force, or without effect only %v", s.Ignored())
	}
}

// Spec: CTL-18. Nor is one between others, though nothing else is wrong with it.
func TestForOthersIsNoProposal(t *testing.T) {
	w := newWorld(t)
	raw := proceduretest.Bytes()
	p := w.say(0, act.ArrangementPropose, nil, raw)
	if !fault.Is(p.Fault, rule.ArrangementParty) {
		t.Error(p.Fault)
	}
	w.receipt(0)
	w.say(1, act.ArrangementSign, p, digestOf(raw))
	w.receipt(1)
	if w.state().InForce(calendar.Instant(w.now)) != nil {
		t.Error("it is in force")
	}
}

// A suspension works from its receipt, never from when it was written, and
// only its author lifts it.
//
// Spec: CTL-10, CTL-11.
func TestSuspensionFromItsReceipt(t *testing.T) {
	w := newWorld(t)
	matter := arrangement.Matter{Channel: "routine", Type: "incident", Area: "email-compromise", Urgency: "routine"}
	f := w.say(0, act.Suspend, nil, &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"})
	written := calendar.Instant(w.now)
	if w.state().Status().Frozen(written, matter) {
		t.Error("it works before its receipt")
	}
	w.receipt(0)
	receipted := calendar.Instant(w.now)
	s := w.state().Status()
	if s.Frozen(written, matter) || !s.Frozen(receipted, matter) {
		t.Errorf("frozen when written %v, from the receipt on %v", s.Frozen(written, matter), s.Frozen(receipted, matter))
	}
	if s.Frozen(receipted, arrangement.Matter{Channel: "hotline"}) {
		t.Error("the hotline is suspended")
	}
	w.say(1, act.Resume, f, &act.ResumeBody{})
	w.receipt(1)
	if !w.state().Status().Frozen(calendar.Instant(w.now), matter) {
		t.Error("the other party lifted it")
	}
	w.say(0, act.Resume, f, &act.ResumeBody{})
	w.receipt(0)
	if w.state().Status().Frozen(calendar.Instant(w.now), matter) {
		t.Error("its author lifted it, and it goes on")
	}
}

// A declaration marks from its own place on, by position, and removes nothing. Spec: EVI-15.
func TestCompromiseMarks(t *testing.T) {
	w := newWorld(t)
	origin := ledger.Origin{Realm: party.Real, Channel: statement.Routine, Writer: w.parties[0].Card.Party, Reader: w.parties[1].Card.Party}
	declare := &evidence.Compromise{Origin: origin, From: 7}
	entry := func(position uint64) *procedure.Entry {
		return &procedure.Entry{Place: record.Place{Position: position}, Act: &act.Act{Statement: &statement.Statement{}}}
	}
	declare.Signature = wiretest.Key("thief").Sign(declare.ToSign())
	if f := w.say(0, act.Compromise, nil, declare.Encode()); f.Fault == nil {
		t.Error("a thief may declare")
	}
	before := w.size
	declare.Signature = w.parties[0].Root.Sign(declare.ToSign())
	if f := w.say(0, act.Compromise, nil, declare.Encode()); f.Fault != nil {
		t.Fatal(f.Fault)
	}
	if s := w.state(); s.Disowned(statement.Routine, entry(6)) || !s.Disowned(statement.Routine, entry(7)) || s.Disowned(statement.Hotline, entry(7)) {
		t.Error("it marks other entries than it names")
	}
	if w.book.At(before).Disowned(statement.Routine, entry(7)) {
		t.Error("it marks before its own place")
	}
}

// A thread is taken from its residue only when both have signed.
// Spec: LNK-19. Spec: REV-34.
func TestTombstoneNeedsBoth(t *testing.T) {
	w := newWorld(t)
	body := &act.TombstoneBody{Channel: statement.Routine, Thread: 4, Positions: [2][]uint64{{4}, {}}, Residue: []byte(`{}`)}
	f := w.say(0, act.Tombstone, nil, body)
	w.receipt(0)
	if _, ok := w.state().Tombstone(statement.Routine, false, 4); ok {
		t.Error("one signature is enough")
	}
	w.say(0, act.TombstoneAgree, f, &act.AgreeBody{Position: f.Position})
	if _, ok := w.state().Tombstone(statement.Routine, false, 4); ok {
		t.Error("its author agrees with itself")
	}
	w.say(1, act.TombstoneAgree, f, &act.AgreeBody{Position: f.Position})
	if _, ok := w.state().Tombstone(statement.Routine, false, 4); !ok {
		t.Error("both have signed, and it is not there")
	}
}

// Spec: CTL-13. Two that were proposed at one position of both logs stand in one
// order, whoever computes it.
func TestTombstonesInOrder(t *testing.T) {
	w := newWorld(t)
	body := func(residue string) *act.TombstoneBody {
		return &act.TombstoneBody{Channel: statement.Routine, Thread: 4, Positions: [2][]uint64{{4}, {}}, Residue: []byte(residue)}
	}
	a, b := w.say(0, act.Tombstone, nil, body(`{"by":0}`)), w.say(1, act.Tombstone, nil, body(`{"by":1}`))
	w.receipt(0)
	w.receipt(1)
	w.say(1, act.TombstoneAgree, a, &act.AgreeBody{Position: a.Position})
	w.say(0, act.TombstoneAgree, b, &act.AgreeBody{Position: b.Position})
	for range 50 {
		list := w.state().Tombstones()
		if len(list) != 2 || string(list[0].Residue) != `{"by":0}` {
			t.Fatalf("%d of them, the lower's not first", len(list))
		}
	}
}

// An hour absent from a digest is an outage on that side's record alone.
// Spec: CW-35.
func TestOutages(t *testing.T) {
	const hour = 60 * 60 * 1000
	w := newWorld(t)
	w.book.Digest(false, 0, 20000, (1<<24-1)&^(1<<5))
	w.book.Digest(true, 0, 20000, 1<<24-1)
	w.size = [2]uint64{1, 1}
	day := calendar.Instant(20000) * 24 * hour
	out := w.book.Outages(w.size, day, day+24*hour)
	want := calendar.Span{From: day + 5*hour, To: day + 6*hour}
	if len(out[0]) != 1 || out[0][0] != want || len(out[1]) != 0 {
		t.Errorf("outages %v, want %v on one side", out, want)
	}
	if out := w.book.Outages([2]uint64{0, 0}, day, day+24*hour); len(out[0]) != 0 {
		t.Error("a digest beyond the sizes is counted")
	}
}

// Whatever order the logs became known in, the same sizes give the same state.
//
// Spec: CTL-13.
func TestSameSizesSameState(t *testing.T) {
	w := newWorld(t)
	w.say(0, act.Card, nil, w.parties[0].Card.Encode())
	w.say(1, act.Card, nil, w.parties[1].Card.Encode())
	w.receipt(1)
	w.receipt(0)
	f := w.say(1, act.Suspend, nil, &act.SuspendBody{Types: []string{"incident"}, Areas: []string{}, Reason: "other"})
	w.receipt(1)
	w.say(1, act.Resume, f, &act.ResumeBody{})
	again := newWorld(t)
	for _, side := range []int{1, 0} {
		for _, f := range w.book.facts[side] {
			e := *f.Entry
			e.Fault = nil
			again.book.Add(&e)
		}
		for _, r := range w.book.receipts[1-side] {
			again.book.Receipt(side == 0, r.size, r.at, w.now)
		}
	}
	for a := range w.size[0] + 1 {
		for b := range w.size[1] + 1 {
			x, y := w.book.At([2]uint64{a, b}), again.book.At([2]uint64{a, b})
			if x.Cards() != y.Cards() || len(x.Ignored()) != len(y.Ignored()) {
				t.Errorf("at %d and %d the states differ", a, b)
			}
		}
	}
}

// Spec: CTL-7. Of three cards announced, the keys of the last two may prove a
// connection or a hello; one that was out of order adds no key.
func TestAnnounced(t *testing.T) {
	w := newWorld(t)
	me, other := w.parties[0], w.parties[1].Card.Party
	card := me.Card
	w.say(0, act.Card, nil, card.Encode())
	for _, name := range []string{"second", "third"} {
		card = wiretest.Successor(card, other, me.Root, func(c *party.Card) { c.Sign = wiretest.Key(name).Public() })
		if f := w.say(0, act.Card, nil, card.Encode()); f.Fault != nil {
			t.Fatal(f.Fault)
		}
	}
	w.say(0, act.Card, nil, wiretest.Successor(card, other, wiretest.Key("thief"), nil).Encode())
	var keys []party.PublicKey
	for _, c := range w.book.Announced(0) {
		keys = append(keys, c.Sign)
	}
	if want := []party.PublicKey{wiretest.Key("second").Public(), wiretest.Key("third").Public()}; !slices.Equal(keys, want) {
		t.Errorf("%d keys, or others than the last two", len(keys))
	}
	if first := w.book.Announced(1); len(first) != 1 || first[0] != w.parties[1].Card {
		t.Errorf("of a party that announced nothing: %d cards", len(first))
	}
}

// Spec: CTL-12. A version that lets other types survive takes effect for what is
// suspended already, from its own instant on and not before.
func TestAmendmentOfWhatSurvives(t *testing.T) {
	w := newWorld(t)
	signed := func(raw []byte) {
		p := w.say(0, act.ArrangementPropose, nil, raw)
		w.receipt(0)
		w.say(1, act.ArrangementSign, p, digestOf(raw))
		w.receipt(1)
	}
	first := w.rules(func(d *arrangement.Document) {
		d.Survives = arrangement.Survives{Types: []string{}, Areas: []string{}, Urgencies: []string{}}
	})
	signed(first)
	w.say(0, act.Suspend, nil, &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"})
	w.receipt(0)
	suspended := calendar.Instant(w.now)
	matter := arrangement.Matter{Channel: "routine", Type: "incident", Area: "email-compromise", Urgency: "routine"}
	if !w.state().Status().Frozen(suspended, matter) {
		t.Fatal("nothing is suspended")
	}
	base := arrangement.Digest(first)
	signed(w.rules(func(d *arrangement.Document) {
		d.Version, d.Base, d.InForce, d.Survives = 2, hex.EncodeToString(base[:]), suspended+calendar.Day, arrangement.Survives{Types: []string{"incident"}, Areas: []string{}, Urgencies: []string{}}
	}))
	s := w.state()
	versions := s.Amendments().Signed()
	if len(versions) != 2 {
		t.Fatalf("%d versions, %v", len(versions), s.Ignored())
	}
	from := versions[1].InForce
	if !s.Status().Frozen(from-1, matter) || s.Status().Frozen(from, matter) {
		t.Errorf("just before the amendment frozen %v, from it on %v", s.Status().Frozen(from-1, matter), s.Status().Frozen(from, matter))
	}
}

// Spec: CTL-12, ARR-34. What both have signed before its base is no document in
// force, and neither freezes nor saves anything until the base is agreed.
func TestSurvivorsOfWhatIsInForce(t *testing.T) {
	w := newWorld(t)
	first := w.rules(func(d *arrangement.Document) {
		d.Survives = arrangement.Survives{Types: []string{}, Areas: []string{}, Urgencies: []string{}}
	})
	base := arrangement.Digest(first)
	next := w.rules(func(d *arrangement.Document) {
		d.Version, d.Base, d.InForce = 2, hex.EncodeToString(base[:]), calendar.Instant(w.now)+calendar.Day
		d.Survives = arrangement.Survives{Types: []string{"incident"}, Areas: []string{}, Urgencies: []string{}}
	})
	w.say(0, act.Suspend, nil, &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"})
	matter := arrangement.Matter{Channel: "routine", Type: "incident"}
	for i, raw := range [][]byte{next, first} {
		p := w.say(0, act.ArrangementPropose, nil, raw)
		w.receipt(0)
		w.say(1, act.ArrangementSign, p, digestOf(raw))
		w.receipt(1)
		in := calendar.Instant(w.now)
		if s := w.state().Status(); !s.Frozen(in, matter) || s.Frozen(in+2*calendar.Day, matter) != (i == 0) {
			t.Errorf("after %d: now %v, in two days %v", i+1, s.Frozen(in, matter), s.Frozen(in+2*calendar.Day, matter))
		}
	}
}

// Spec: EVI-16. A party that disowns its whole control log takes none of its
// receipts back: the card they put in force stays in force.
func TestReceiptsAreNotDisowned(t *testing.T) {
	w := newWorld(t)
	second := wiretest.Successor(w.parties[0].Card, w.parties[1].Card.Party, w.parties[0].Root, nil)
	w.say(0, act.Card, nil, second.Encode())
	w.receipt(0)
	c := &evidence.Compromise{Origin: ledger.Origin{Realm: party.Real, Channel: statement.Control, Writer: w.parties[1].Card.Party, Reader: w.parties[0].Card.Party}}
	c.Signature = w.parties[1].Root.Sign(c.ToSign())
	f := w.say(1, act.Compromise, nil, c.Encode())
	if f.Fault != nil {
		t.Fatal(f.Fault)
	}
	s := w.state()
	if !s.Disowned(statement.Control, f.Entry) {
		t.Error("the acts of the log are not disowned")
	}
	if got := s.Cards()[0].Serial; got != 2 {
		t.Errorf("card %d is in force", got)
	}
}
