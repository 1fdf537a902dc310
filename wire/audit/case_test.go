package audit_test

import (
	"crypto/sha256"
	"slices"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// matter is a request that both have said something in, with all its places.
type matter struct {
	*wiretest.World
	thread *statement.Ref
	acts   []wiretest.Pick
	all    []wiretest.Pick // with the receipts
}

func (m *matter) say(side int, kind, body string) uint64 {
	d := m.Draft(side, routine, kind, m.thread, []byte(body))
	at := m.Say(side, routine, d, m.P[side].SignBy(d.ToSign()))
	if m.thread == nil {
		m.thread = &statement.Ref{Higher: side == 1, Position: at}
	}
	p := wiretest.Pick{Side: side, Channel: routine, Position: at}
	m.acts, m.all = append(m.acts, p), append(m.all, p, wiretest.Pick{Side: 1 - side, Channel: routine, Position: m.Receipt(1-side, routine)})
	return at
}

func open() *matter {
	m := &matter{World: wiretest.NewWorld()}
	m.say(0, act.RequestOpen, `{}`)
	return m
}

// shown finds an act in a finding.
func shown(f *audit.Finding, p wiretest.Pick) *audit.Act {
	for _, a := range f.Acts {
		if a.Side() == p.Side && a.Channel == p.Channel && a.Position == p.Position {
			return a
		}
	}
	return nil
}

// Spec: DIS-7, DIS-17. Whatever acts of a case are left out, in whatever way,
// the numbers that are missing before those shown are told, and no other; an
// act shown by its slip alone fills its place.
func TestGaps(t *testing.T) {
	m := open()
	for range 4 {
		m.say(0, act.RequestRemind, `{}`)
		m.say(1, act.RequestAsk, `{}`)
	}
	for mask := 1; mask < 1<<len(m.acts); mask++ {
		var picks []wiretest.Pick
		var missing, last [2]int
		for i, p := range m.acts {
			if mask>>i&1 == 1 {
				picks = append(picks, p)
				missing[p.Side] += last[p.Side]
				last[p.Side] = 0
			} else {
				last[p.Side]++
			}
		}
		f := check(t, m.Bundle(picks...))
		var told [2]int
		for _, g := range f.Gaps {
			told[sideOf(g.Higher)] += int(g.To-g.From) + 1
		}
		if told != missing {
			t.Errorf("%b: %v are missing, told are %v: %+v", mask, missing, told, f.Gaps)
		}
	}
	b := m.Bundle(m.acts...)
	for i := range b.Logs[0].Shown {
		wiretest.Withhold(&b.Logs[0].Shown[i], 1, 2, 3)
	}
	f := check(t, b)
	if len(f.Gaps) != 0 || f.Acts[0].Statement != nil || f.Acts[0].Thread != nil || f.Acts[0].Withheld != 3 {
		t.Errorf("%+v, %+v", f.Gaps, f.Acts[0])
	}
}

func sideOf(higher bool) int {
	if higher {
		return 1
	}
	return 0
}

// Spec: DIS-17. An act of another thread, shown by its slip alone, fills no
// gap, though its number would.
func TestGapNotFilled(t *testing.T) {
	m := open()
	hidden := m.say(0, act.RequestRemind, `{}`)
	last := m.say(0, act.RequestClose, `{}`)
	first := *m.thread
	m.thread = nil
	other := m.say(0, act.RequestOpen, `{}`)
	decoy := m.say(0, act.RequestRemind, `{}`)
	b := m.Bundle(ours(first.Position), ours(last), ours(other), ours(decoy))
	for i := range b.Logs[0].Shown[2:] {
		wiretest.Withhold(&b.Logs[0].Shown[2+i], 1, 2, 3)
	}
	f := check(t, b)
	if len(f.Gaps) != 1 || f.Gaps[0].From != 2 || f.Gaps[0].To != 2 || f.Gaps[0].Before != hidden {
		t.Errorf("%+v", f.Gaps)
	}
}

// Spec: DIS-13. Acts are told in the order that both parties compute.
func TestOrder(t *testing.T) {
	m := open()
	m.say(1, act.RequestAsk, `{}`)
	m.say(0, act.RequestReply, `{}`)
	m.say(1, act.RequestAnswer, `{}`)
	f := check(t, m.Bundle(m.all...))
	var kinds []string
	for _, a := range f.Acts {
		kinds = append(kinds, a.Statement.Kind)
	}
	if !slices.Equal(kinds, []string{act.RequestOpen, act.RequestAsk, act.RequestReply, act.RequestAnswer}) {
		t.Error(kinds)
	}
}

// Spec: DIS-19. What corrects, disputes or withdraws an act is told with it;
// the kinds are those of the vocabulary.
func TestAnswers(t *testing.T) {
	m := open()
	answer := m.say(1, act.RequestAnswer, `{}`)
	correct := m.say(1, act.RequestCorrect, `{"position":`+fault.Int(answer)+`}`)
	mark := m.say(0, act.RequestMark, `{"higher":true,"position":`+fault.Int(answer)+`}`)
	d := m.Draft(0, routine, act.RequestContest, m.thread, []byte(`{}`))
	d.Statement.Replies = []statement.Ref{{Higher: true, Position: answer}}
	contest := m.Say(0, routine, d, m.P[0].SignBy(d.ToSign()))
	withdraw := m.say(0, act.RequestWithdraw, `{}`)
	f := check(t, m.Bundle(append(m.all, ours(contest))...))
	place := func(higher bool, at uint64) audit.Place {
		return audit.Place{Channel: routine, Higher: higher, Position: at}
	}
	if got := shown(f, theirs(answer)).Answers; len(got) != 3 || !slices.Contains(got, place(true, correct)) || !slices.Contains(got, place(false, mark)) || !slices.Contains(got, place(false, contest)) {
		t.Errorf("%+v", got)
	}
	if got := shown(f, ours(m.thread.Position)).Answers; !slices.Equal(got, []audit.Place{place(false, withdraw)}) {
		t.Errorf("%+v", got)
	}
	for _, kind := range []string{act.RequestCorrect, act.RequestMark, act.RequestContest, act.RequestDispute, act.RequestRefuse, act.Disorder, act.RequestAmend, act.RequestWithdraw} {
		s := &statement.Statement{Kind: kind, Thread: &statement.Ref{}, Replies: []statement.Ref{{Position: 1}}}
		if len(audit.Concerns(&audit.Act{Place: place(false, 5), Statement: s, Body: []byte(`{"position":1}`)})) == 0 {
			t.Errorf("%s concerns nothing", kind)
		}
	}
}

// Spec: DIS-18. One statement put to use twice is told, at its second place.
func TestTwice(t *testing.T) {
	m := open()
	d := m.Draft(0, routine, act.RequestRemind, m.thread, []byte(`{}`))
	signature := m.P[0].SignBy(d.ToSign())
	first, second := m.Say(0, routine, d, signature), m.Say(0, routine, d, signature)
	f := check(t, m.Bundle(ours(first), ours(second)))
	if a := shown(f, ours(second)); a.Repeats == nil || a.Repeats.Position != first || shown(f, ours(first)).Repeats != nil {
		t.Errorf("%+v", a)
	}
}

// Spec: DIS-20, EVI-13, EVI-15. A declaration marks what it disowns, whoever
// shows it, and only a root makes one.
func TestDisowned(t *testing.T) {
	m := open()
	before, after := m.say(1, act.RequestAsk, `{}`), m.say(1, act.RequestAnswer, `{}`)
	declare := func(change func(*evidence.Compromise)) uint64 {
		c := &evidence.Compromise{Origin: m.Origin(1, routine), Key: m.P[1].Card.Officers[0].KeyID(), From: after}
		c.Signature = m.P[1].Root.Sign(c.ToSign())
		change(c)
		return m.Say(1, statement.Control, m.Draft(1, statement.Control, act.Compromise, nil, c.Encode()))
	}
	good := wiretest.Pick{Side: 1, Channel: statement.Control, Position: declare(func(*evidence.Compromise) {})}
	f := check(t, m.Bundle(append(m.all, good)...))
	if shown(f, theirs(before)).Disowned != nil || len(shown(f, theirs(after)).Disowned) != 1 || len(shown(f, ours(m.thread.Position)).Disowned) != 0 || len(f.Compromises) != 1 {
		t.Errorf("%+v", f.Acts)
	}
	for want, change := range map[fault.Code]func(*evidence.Compromise){
		fault.CardSignature: func(c *evidence.Compromise) { c.From = 0 },
		fault.CardOtherLink: func(c *evidence.Compromise) { c.Origin = m.Origin(0, routine) },
	} {
		_, err := audit.Verify(m.Bundle(wiretest.Pick{Side: 1, Channel: statement.Control, Position: declare(change)}).Encode())
		wiretest.Code(t, err, want)
	}
}

// Spec: DIS-5, DIS-8, DIS-16. A log that began anew shows where, and an act is
// of the generation it stands in; a receipt from before does not reach what was
// written after.
func TestGenerations(t *testing.T) {
	m := open()
	begun := m.Begin(0, routine)
	d := m.Draft(0, routine, act.RequestRemind, m.thread, []byte(`{}`))
	d.Statement.Generation = 1
	later := m.Say(0, routine, d, m.P[0].SignBy(d.ToSign()))
	f := check(t, m.Bundle(m.all[0], m.all[1], ours(begun), ours(later)))
	if shown(f, ours(later)).Generation != 1 || shown(f, m.all[0]).Generation != 0 || shown(f, m.all[0]).Receipt == nil || len(f.Generations) != 1 || f.Heads[0].Generation != 1 {
		t.Errorf("%+v", f)
	}
	_, err := audit.Verify(m.Bundle(m.all[0], ours(later)).Encode())
	wiretest.Code(t, err, fault.GenerationStatement)
	d = m.Draft(0, routine, act.RequestRemind, m.thread, []byte(`{}`)) // signed for the generation that has ended
	old := m.Say(0, routine, d, m.P[0].SignBy(d.ToSign()))
	_, err = audit.Verify(m.Bundle(ours(begun), ours(old)).Encode())
	wiretest.Code(t, err, fault.StatementElsewhere)
	if f = check(t, m.Bundle(ours(begun))); len(f.Generations) != 1 || len(f.Acts) != 0 {
		t.Errorf("%+v", f)
	}
}

// unread is a bundle that opens an act against a verdict.
func unread(reason uint16) (*wiretest.World, *audit.Bundle) {
	w := wiretest.NewWorld()
	d := w.Draft(0, routine, act.RequestOpen, nil, []byte(`{}`))
	at := w.Say(0, routine, d, w.P[0].SignBy(d.ToSign()))
	log := w.Log(0, routine)
	receipt := w.Receipt(1, routine, ledger.Verdict{Position: at, Reason: reason})
	b := w.Bundle(ours(log.EpochAt), ours(at), theirs(receipt))
	b.Unsealed = []audit.Unsealed{{Position: at, Secret: log.Epoch.Secret, Sealed: log.Blobs[at]}}
	return w, b
}

// Spec: DIS-22. A verdict is false when the sealed bytes open, under the secret
// committed to, to what was committed to. Nothing less proves it, and of
// verdicts 1 and 5 nothing does.
func TestFalseVerdict(t *testing.T) {
	for reason := ledger.ReasonEpoch; reason <= ledger.ReasonBytes; reason++ {
		_, b := unread(reason)
		f, err := audit.Verify(b.Encode())
		if can := reason >= ledger.ReasonSeal && reason <= ledger.ReasonParts; (err == nil) != can || !can && !fault.Is(err, fault.VerdictUnproved) || can && !f.Acts[0].False {
			t.Errorf("%d: %v", reason, err)
		}
	}
	for name, c := range map[string]struct {
		change func(w *wiretest.World, b *audit.Bundle)
		want   fault.Code
	}{
		"another secret": {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed[0].Secret[0] ^= 1 }, fault.VerdictUnproved},
		"other bytes":    {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed[0].Sealed = []byte("something") }, fault.VerdictUnproved},
		"no such log":    {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed[0].Log = 2 }, fault.DisclosureOrder},
		"another log":    {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed[0].Log = 1 }, fault.VerdictUnproved},
		"another place":  {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed[0].Position++ }, fault.VerdictUnproved},
		"twice":          {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed = append(b.Unsealed, b.Unsealed[0]) }, fault.DisclosureOrder},
		"no receipt": {func(w *wiretest.World, b *audit.Bundle) {
			b.Logs = []audit.Log{w.Shown(0, routine, 2, []uint64{0, 1}, nil)}
		}, fault.VerdictUnproved},
		"no epoch":          {func(w *wiretest.World, b *audit.Bundle) { b.Logs[0] = w.Shown(0, routine, 2, []uint64{1}, []uint64{0}) }, fault.VerdictUnproved},
		"not sealed anyhow": {func(_ *wiretest.World, b *audit.Bundle) { b.Unsealed[0].Sealed = nil }, fault.VerdictUnproved},
	} {
		w, b := unread(ledger.ReasonSeal)
		if name == "no epoch" {
			parts := b.Logs[0].Shown[1].Parts
			c.change(w, b)
			b.Logs[0].Shown[0].Parts = parts
		} else {
			c.change(w, b)
		}
		_, err := audit.Verify(b.Encode())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// Spec: DIS-22. An act that was really sealed badly is no false verdict, though
// its writer shows secret and bytes: the leaf committed to something else.
func TestTrueVerdict(t *testing.T) {
	w := wiretest.NewWorld()
	d := w.Draft(0, routine, act.RequestOpen, nil, []byte(`{}`))
	w.Say(0, routine, d, w.P[0].SignBy(d.ToSign()))
	log := w.Log(0, routine)
	other := act.NewDraft(d.Statement, []byte(`{"other":1}`), nil)
	sealed := log.Epoch.Seal(log.Origin.Tuple(), other.Parts(statement.Slip{Number: 1}, other.ToSign(), nil).Encode())
	leaf := w.Leaf(0, routine, ledger.TypeAct)
	good := log.Acts[1]
	leaf.Epoch, leaf.Hash, leaf.Commitment = log.EpochAt, sha256.Sum256(sealed), statement.Whole(good.Commitments())
	log.Acts[leaf.Position] = good
	at := w.Write(0, routine, leaf, sealed)
	receipt := w.Receipt(1, routine, ledger.Verdict{Position: at, Reason: ledger.ReasonCommitment})
	b := w.Bundle(ours(log.EpochAt), ours(at), theirs(receipt))
	b.Unsealed = []audit.Unsealed{{Position: at, Secret: log.Epoch.Secret, Sealed: sealed}}
	_, err := audit.Verify(b.Encode())
	wiretest.Code(t, err, fault.VerdictUnproved)
}

// Spec: DIS-23, DIS-24, EVI-17, EVI-19, EVI-20. Steps of custody are of an
// attachment shown, in their chain, each by an officer of the house.
func TestCustody(t *testing.T) {
	s := tell()
	file := &statement.Attachment{Name: "disk.img", Media: "application/octet-stream", Sealed: [32]byte{7}, Content: [32]byte{8}}
	d := s.Draft(1, routine, act.RequestAnswer, &statement.Ref{Position: 1}, []byte(`{}`), file)
	at := s.Say(1, routine, d, s.P[1].SignBy(d.ToSign()))
	receipt := s.Receipt(0, routine)
	stored := s.Leaf(0, routine, ledger.TypeReceipt)
	stored.Size, stored.From = s.Log(1, routine).Size(), s.Log(1, routine).Tree.Size
	stored.Hash, stored.Attached = s.Log(1, routine).Tree.Root(), [][32]byte{file.Sealed}
	there := s.Write(0, routine, stored, nil)
	var steps []*evidence.Custody
	for i := range 3 {
		one := &evidence.Custody{Realm: party.Real, Party: s.P[0].Card.Party, Link: s.P[1].Card.Party, Sealed: file.Sealed,
			Number: uint32(i + 1), Time: s.Now + int64(i), Step: evidence.StepTaken + uint8(i), To: "laboratory"}
		if i > 0 {
			one.Before = sha256.Sum256(steps[i-1].Encode())
		}
		one.By = s.P[0].SignBy(one.ToSign())
		steps = append(steps, one)
	}
	bundle := func(steps ...*evidence.Custody) *audit.Bundle {
		b := s.Bundle(theirs(at), ours(receipt), ours(there))
		b.Custody = steps
		return b
	}
	f := check(t, bundle(steps...))
	if len(f.Custody) != 3 || f.Custody[0].By.Name != s.P[0].Card.Officers[0].Name || f.Custody[1].Broken || f.Stored[file.Sealed].Position != there {
		t.Errorf("%+v, %+v", f.Custody, f.Stored)
	}
	if f = check(t, bundle(steps[0], steps[2])); f.Custody[0].Broken || !f.Custody[1].Broken {
		t.Errorf("%+v", f.Custody)
	}
	changed := func(i int, change func(*evidence.Custody)) *evidence.Custody {
		one := *steps[i]
		change(&one)
		one.By = s.P[0].SignBy(one.ToSign())
		return &one
	}
	for name, c := range map[string]struct {
		steps []*evidence.Custody
		want  fault.Code
	}{
		"another order":      {[]*evidence.Custody{steps[1], steps[0]}, fault.DisclosureOrder},
		"one twice":          {[]*evidence.Custody{steps[0], steps[0]}, fault.DisclosureOrder},
		"another attachment": {[]*evidence.Custody{changed(0, func(c *evidence.Custody) { c.Sealed[0]++ })}, fault.CustodyStep},
		"another party":      {[]*evidence.Custody{changed(0, func(c *evidence.Custody) { c.Party[0]++ })}, fault.CustodyStep},
		"another link":       {[]*evidence.Custody{changed(0, func(c *evidence.Custody) { c.Link[0]++ })}, fault.CustodyStep},
		"another realm":      {[]*evidence.Custody{changed(0, func(c *evidence.Custody) { c.Realm = party.Exercise })}, fault.CustodyStep},
		"another chain":      {[]*evidence.Custody{steps[0], changed(1, func(c *evidence.Custody) { c.Before[0]++ })}, fault.CustodyStep},
		"earlier":            {[]*evidence.Custody{steps[0], changed(1, func(c *evidence.Custody) { c.Time = 0 })}, fault.CustodyStep},
		"not signed so":      {[]*evidence.Custody{func() *evidence.Custody { one := *steps[0]; one.Note = "more"; return &one }()}, fault.StatementSignature},
		"by the other party": {[]*evidence.Custody{func() *evidence.Custody { one := *steps[0]; one.By = s.P[1].SignBy(one.ToSign()); return &one }()}, fault.StatementPerson},
	} {
		_, err := audit.Verify(bundle(c.steps...).Encode())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	b := bundle(steps...)
	wiretest.Withhold(&b.Logs[1].Shown[0], 4)
	_, err := audit.Verify(b.Encode())
	wiretest.Code(t, err, fault.CustodyStep)
}

// Spec: DIS-25, DIS-26, DIS-27. The vectors of proofs say against whom.
func TestProofs(t *testing.T) {
	good := 0
	for _, v := range wiretest.Vectors(t, "proof") {
		p, err := audit.VerifyProof(v.Body)
		wiretest.Code(t, err, v.Expect)
		if err != nil {
			continue
		}
		good++
		writer := p.Parties[sideOf(p.Higher)].ID
		if p.Origin.Writer != writer || (p.Fork != nil) == (p.Generation != nil || p.Compromise != nil) {
			t.Errorf("%s: %+v", v.File, p)
		}
	}
	if good < 3 {
		t.Errorf("%d good proofs", good)
	}
}

// Spec: DIS-14. One disclosure of a case costs less than one for each of its acts: the cards,
// the heads and the hashes are shared.
func TestSize(t *testing.T) {
	m := open()
	for range 9 {
		m.say(1, act.RequestAsk, body)
		m.say(0, act.RequestReply, body)
	}
	whole, alone := len(m.Bundle(m.all...).Encode()), 0
	for i := 0; i < len(m.all); i += 2 {
		alone += len(m.Bundle(m.all[i], m.all[i+1]).Encode())
	}
	if whole*4 > alone {
		t.Errorf("%d bytes, %d for the acts alone", whole, alone)
	}
	t.Logf("%d acts: %d bytes in one disclosure, %d in %d", len(m.acts), whole, alone, len(m.acts))
}
