package link

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

const (
	control = statement.Control
	hotline = statement.Hotline
	routine = statement.Routine
)

// Spec: LNK-1.
func TestIdentity(t *testing.T) {
	a, b := pair()
	if a.ID() != b.ID() || a.Higher() || !b.Higher() {
		t.Error("the two ends do not name one link, or both are the higher")
	}
	other := a.Identity
	other.Realm = party.Exercise
	if other.ID() == a.ID() {
		t.Error("two realms are one link")
	}
	if a.Origin(true, 2, 3) != b.Origin(false, 2, 3) || a.Origin(true, 2, 3) == a.Origin(false, 2, 3) {
		t.Error("a log has not one origin on both ends")
	}
}

// Spec: LNK-18, LNK-21, LED-24, LED-25. What is good is stored, opened and receipted
// in one step; the receipt itself is not receipted, and the exchange ends.
func TestAcceptGood(t *testing.T) {
	a, b := pair()
	a.say(t, routine, nil)
	at := a.say(t, routine, nil)
	got := deliver(t, a, b, routine)
	if len(got.Entries) != 3 || got.Held != nil || got.Receipt == nil {
		t.Fatalf("%+v", got)
	}
	if e := got.Entries[at]; e.Verdict != 0 || e.Act == nil || string(e.Act.Body) != "{}" || e.Parts == nil {
		t.Errorf("%+v", e)
	}
	if e := got.Entries[0]; e.Epoch == nil || e.Opens != 0 {
		t.Errorf("the epoch is not kept: %+v", e)
	}
	r := got.Receipt.Leaf
	if r.From != 0 || r.Size.Size != 3 || r.Hash != a.OwnLog(routine).Tree.Root() || len(r.Verdicts) != 0 || r.Seen[0].Size != 3 {
		t.Errorf("%+v", r)
	}
	back := deliver(t, b, a, routine)
	if back.Receipt != nil || len(back.Entries) != 1 {
		t.Errorf("a receipt is receipted: %+v", back)
	}
	if a.TheirLog(routine).Covered.Size != 3 || b.OwnLog(routine).Covered.Size != 3 {
		t.Error("both do not know what is receipted")
	}
}

// Spec: LNK-12. A repeat, a stale head and an overlap are accepted, store
// nothing twice and make no second receipt.
func TestRepeats(t *testing.T) {
	a, b := pair()
	a.say(t, routine, nil)
	a.say(t, routine, nil)
	deliver(t, a, b, routine)
	for name, p := range map[string]*contact.Push{"again": a.all(routine), "stale": a.push(routine, 0, 2), "a head alone": a.push(routine, 3, 3),
		"an old head alone": a.push(routine, 2, 2), "an empty head": a.push(routine, 0, 0)} {
		got, err := b.accept(p)
		if err != nil || len(got.Entries) != 0 || got.Receipt != nil || got.Held != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	a.say(t, routine, nil)
	got, err := b.accept(a.push(routine, 1, 4))
	if err != nil || len(got.Entries) != 1 || got.Entries[0].Leaf.Position != 3 || got.Receipt == nil || got.Receipt.Leaf.From != 3 {
		t.Errorf("an overlap: %+v, %v", got, err)
	}
}

// resign gives a push another head.
func resign(n *node, p *contact.Push, size uint64, root [32]byte) {
	p.Head = suite.SignHead(ledger.Head{Origin: p.Origin, Size: size, Root: root}, n.me.Sign)
}

// spoiled changes one base64 digit within the ML-DSA-44 signature.
func spoiled(head string) string {
	i := strings.LastIndex(head, "\n— ") + 400
	digit := "A"
	if head[i] == 'A' {
		digit = "B"
	}
	return head[:i] + digit + head[i+1:]
}

// Spec: LNK-9, LNK-10, LNK-11, LNK-13, LNK-14, LNK-16, LNK-17,
// LNK-20. What is wrong at
// head or header level is refused with its code, and leaves nothing behind.
func TestRefused(t *testing.T) {
	leaf := func(change func(*ledger.Leaf)) func(a, b *node, p *contact.Push) {
		return func(a, b *node, p *contact.Push) {
			l := *a.rows[true][2][2].leaf
			change(&l)
			p.Entries[2].Leaf = l.Encode()
		}
	}
	for name, c := range map[string]struct {
		change func(a, b *node, p *contact.Push)
		want   fault.Code
	}{
		"nothing": {func(a, b *node, p *contact.Push) {}, ""},
		"the other realm": {func(a, b *node, p *contact.Push) {
			o := a.OwnLog(routine).Origin
			o.Realm = party.Exercise
			p.Origin = o.String()
		}, rule.HeadRealm},
		"another channel":     {func(a, b *node, p *contact.Push) { p.Origin = a.OwnLog(hotline).Origin.String() }, fault.HeadOrigin},
		"the other direction": {func(a, b *node, p *contact.Push) { p.Origin = b.OwnLog(routine).Origin.String() }, fault.HeadOrigin},
		"another generation": {func(a, b *node, p *contact.Push) {
			o := a.OwnLog(routine).Origin
			o.Generation++
			p.Origin = o.String()
		}, fault.HeadOrigin},
		"said to be another": {func(a, b *node, p *contact.Push) { p.Channel = hotline }, fault.HeadOrigin},
		"a frozen log":       {func(a, b *node, p *contact.Push) { b.TheirLog(routine).Mode = Frozen }, rule.ContactFrozen},
		"a gap":              {func(a, b *node, p *contact.Push) { p.From, p.Entries = 1, p.Entries[1:] }, rule.ContactGap},
		"no head":            {func(a, b *node, p *contact.Push) { p.Head = "" }, fault.HeadMalformed},
		"a head of another log": {func(a, b *node, p *contact.Push) {
			p.Head = strings.ReplaceAll(p.Head, p.Origin, a.OwnLog(hotline).Origin.String())
		}, fault.HeadOrigin},
		"a head of more":         {func(a, b *node, p *contact.Push) { resign(a, p, 4, a.OwnLog(routine).Tree.Root()) }, rule.HeadRoot},
		"a head of another root": {func(a, b *node, p *contact.Push) { resign(a, p, 3, [32]byte{1}) }, rule.HeadRoot},
		"an entry missing":       {func(a, b *node, p *contact.Push) { p.Entries = p.Entries[:2] }, rule.HeadRoot},
		"an entry too many":      {func(a, b *node, p *contact.Push) { resign(a, p, 2, [32]byte{}) }, rule.HeadRoot},
		"no signatures":          {func(a, b *node, p *contact.Push) { p.Head = p.Head[:strings.Index(p.Head, "\n\n")+2] }, fault.HeadUnsigned},
		"signed by the reader":   {func(a, b *node, p *contact.Push) { resign(b, p, 3, a.OwnLog(routine).Tree.Root()) }, fault.HeadUnsigned},
		"ML-DSA-44 stripped": {func(a, b *node, p *contact.Push) {
			l := strings.SplitAfter(p.Head, "\n")
			p.Head = strings.Join(l[:5], "")
		}, fault.HeadUnsigned},
		"a signature spoiled": {func(a, b *node, p *contact.Push) { p.Head = spoiled(p.Head) }, fault.HeadSignature},
		"no card": {func(a, b *node, p *contact.Push) {
			b.card = func(party.ID, statement.Size, statement.Size) *party.Card { return nil }
		}, fault.HeadUnsigned},
		"a leaf that does not read": {func(a, b *node, p *contact.Push) { p.Entries[1].Leaf = append(bytes.Clone(p.Entries[1].Leaf), 0) }, fault.OctetsLeftOver},
		"an unknown leaf type":      {leaf(func(l *ledger.Leaf) { l.Type = 9 }), fault.OctetsUnknown},
		"a time that falls":         {leaf(func(l *ledger.Leaf) { l.Time = 0 }), fault.LeafTime},
		"a position left out":       {leaf(func(l *ledger.Leaf) { l.Position = 3 }), fault.LeafPosition},
		"more seen than signed":     {leaf(func(l *ledger.Leaf) { l.Seen[0].Size = 1 }), fault.LeafSeen},
		"an epoch never opened":     {leaf(func(l *ledger.Leaf) { l.Epoch = 1 }), fault.LeafEpoch},
		"another leaf than signed":  {leaf(func(l *ledger.Leaf) { l.Salt[0] ^= 1 }), rule.HeadRoot},
		"other sealed bytes":        {func(a, b *node, p *contact.Push) { p.Entries[2].Blob = []byte("x") }, rule.LeafBytes},
		"other wraps":               {func(a, b *node, p *contact.Push) { p.Entries[0].Blob = p.Entries[1].Blob }, rule.LeafBytes},
		"over the quota": {func(a, b *node, p *contact.Push) {
			b.quota = func(int, int) error { return fault.New(rule.ContactQuota) }
		}, rule.ContactQuota},
		"a store that fails":  {func(a, b *node, p *contact.Push) { b.quota = func(int, int) error { return errors.New("disk") } }, fault.Internal},
		"the keys are locked": {func(a, b *node, p *contact.Push) { b.locked = true }, rule.VaultLocked},
	} {
		a, b := pair()
		a.say(t, routine, nil)
		a.say(t, routine, nil)
		p := a.all(routine)
		c.change(a, b, p)
		mode := b.TheirLog(routine).Mode
		_, err := b.accept(p)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
		if c.want != "" && (b.TheirLog(routine).Tree.Size != 0 || b.OwnLog(routine).Tree.Size != 0 || b.TheirLog(routine).Mode != mode) {
			t.Errorf("%s: something was kept", name)
		}
	}
}

// Spec: LNK-13, LED-36.
func TestBounds(t *testing.T) {
	a, b := pair()
	for range ledger.MaxEntries + 1 {
		a.write(t, control, a.leaf(control, ledger.TypeDigest), nil)
	}
	_, err := b.accept(a.push(control, 0, ledger.MaxEntries+1))
	wiretest.Code(t, err, fault.ContactTooLarge)
	got, err := b.accept(a.push(control, 0, ledger.MaxEntries))
	if err != nil || len(got.Entries) != ledger.MaxEntries || got.Receipt == nil {
		t.Fatalf("%v", err)
	}
	// What is stored already does not count.
	got, err = b.accept(a.push(control, 0, ledger.MaxEntries+1))
	if err != nil || len(got.Entries) != 1 {
		t.Errorf("%v", err)
	}
	big := a.push(control, 0, 0)
	resign(a, big, ledger.MaxEntries+5, [32]byte{})
	big.From = ledger.MaxEntries + 1
	for range 3 {
		big.Entries = append(big.Entries, contact.Entry{Blob: make([]byte, ledger.MaxBytes/3+1)})
	}
	_, err = b.accept(big)
	wiretest.Code(t, err, fault.ContactTooLarge)
}

// Spec: LNK-15. An entry waits for the control record that it was written
// under; nothing of its delivery is stored before, all of it after.
func TestHeld(t *testing.T) {
	a, b := pair()
	a.say(t, hotline, nil) // names nothing of control yet
	a.say(t, control, nil)
	a.say(t, hotline, nil)
	got, err := b.accept(a.all(hotline))
	if err != nil || got.Held == nil || *got.Held != (statement.Size{Size: 2}) || len(got.Entries) != 0 || got.Receipt != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if b.TheirLog(hotline).Tree.Size != 0 || b.OwnLog(hotline).Tree.Size != 0 {
		t.Error("something of a held delivery was stored")
	}
	if got := b.must(t, a.push(hotline, 0, 2)); got.Held != nil || len(got.Entries) != 2 {
		t.Errorf("what does not depend on it waits too: %+v", got)
	}
	deliver(t, a, b, control)
	if got := deliver(t, a, b, hotline); got.Held != nil || len(got.Entries) != 1 || got.Receipt == nil {
		t.Errorf("it still waits: %+v", got)
	}
	// A generation of the control log that is not known yet is waited for too.
	l := &ledger.Leaf{Seen: statement.Seen{2: {Generation: 1, Size: 1}}}
	if need := b.held(l, routine); need == nil || need.Generation != 1 {
		t.Errorf("%v", need)
	}
	if b.held(l, control) != nil {
		t.Error("control waits for control")
	}
}

// Spec: LNK-15, LNK-26. A frozen control log stops neither hotline nor routine:
// what they name beyond it never comes, and is not waited for.
func TestFrozenControlHoldsNothing(t *testing.T) {
	a, b := pair()
	a.say(t, control, nil)
	deliver(t, a, b, control)
	b.TheirLog(control).Mode = Frozen
	a.say(t, control, nil)
	a.say(t, hotline, nil)
	if got := deliver(t, a, b, hotline); got.Held != nil || len(got.Entries) != 2 || got.Receipt == nil {
		t.Errorf("%+v", got)
	}
	_, err := b.accept(a.all(control))
	wiretest.Code(t, err, rule.ContactFrozen)
}

// Spec: LNK-18, LNK-19, LED-6, LED-21. What cannot be read is stored, receipted
// with its verdict, and stops nothing behind it.
func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(l *ledger.Leaf, sealed []byte, p *statement.Parts, a *node) []byte
		want  uint16
	}{
		"good":                 {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte { return s }, 0},
		"sealed bytes spoiled": {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte { s[40] ^= 1; return s }, ledger.ReasonSeal},
		"noise":                {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte { return []byte("noise") }, ledger.ReasonSeal},
		"another commitment":   {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte { l.Commitment[0] ^= 1; return s }, ledger.ReasonCommitment},
		"no act inside": {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte {
			return a.epoch[2].Seal(a.OwnLog(routine).Origin.Tuple(), []byte("hello"))
		}, ledger.ReasonParts},
		"another body than stated": {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte {
			p.List[statement.PartBody] = []byte("[]")
			l.Commitment = statement.Whole(p.Commitments())
			return a.epoch[2].Seal(a.OwnLog(routine).Origin.Tuple(), p.Encode())
		}, ledger.ReasonParts},
		"sealed for another log": {func(l *ledger.Leaf, s []byte, p *statement.Parts, a *node) []byte {
			return a.epoch[2].Seal(a.OwnLog(hotline).Origin.Tuple(), p.Encode())
		}, ledger.ReasonSeal},
	} {
		a, b := pair()
		at := a.say(t, routine, func(l *ledger.Leaf, s []byte, p *statement.Parts) []byte { return c.spoil(l, s, p, a) })
		behind := a.say(t, routine, nil)
		got := deliver(t, a, b, routine)
		e := got.Entries[at]
		if e.Verdict != c.want || (e.Act == nil) != (c.want != 0) || got.Entries[behind].Act == nil || got.Receipt == nil {
			t.Errorf("%s: verdict %d, want %d", name, e.Verdict, c.want)
			continue
		}
		var want []ledger.Verdict
		if c.want != 0 {
			want = []ledger.Verdict{{Position: at, Reason: c.want}}
		}
		if v := got.Receipt.Leaf.Verdicts; len(v) != len(want) || len(v) == 1 && v[0] != want[0] {
			t.Errorf("%s: receipted as %v", name, v)
		}
	}
}

// Spec: LNK-19. An epoch whose wrap does not open takes its acts with it, and
// nothing else; bytes that never came are said to be absent.
func TestVerdictsOfEpochs(t *testing.T) {
	a, b := pair()
	a.open(t, routine, func(wraps []byte) { wraps[100] ^= 1 })
	a.say(t, routine, nil)
	a.epoch[2] = nil
	a.say(t, routine, nil)
	p := a.all(routine)
	got := b.must(t, p)
	var reasons [4]uint16
	for i, e := range got.Entries {
		reasons[i] = e.Verdict
	}
	if reasons != [4]uint16{ledger.ReasonEpoch, ledger.ReasonEpoch, 0, 0} || got.Entries[3].Act == nil {
		t.Errorf("%v", reasons)
	}
	_, b = pair()
	p = a.all(routine)
	p.Entries[3].Blob = nil
	if _, err := b.accept(p); !fault.Is(err, rule.LeafBytes) {
		t.Errorf("bytes that were lost on the way: %v", err)
	}
	b.gone = func(l *ledger.Leaf) bool { return l.Position == 3 }
	got = b.must(t, p)
	if got.Entries[3].Verdict != ledger.ReasonBytes || got.Entries[2].Verdict != 0 {
		t.Errorf("%+v", got.Receipt.Leaf.Verdicts)
	}
}

// Spec: LNK-14, CON-8. What lies beside a leaf that has nothing is refused.
func TestBlobBesideAReceipt(t *testing.T) {
	a, b := pair()
	b.say(t, routine, nil)
	deliver(t, b, a, routine)
	p := a.all(routine)
	p.Entries[0].Blob = []byte("x")
	_, err := b.accept(p)
	wiretest.Code(t, err, rule.LeafBytes)
}

// Spec: LNK-23, LED-16. A restatement opens what did not open before: new wraps
// of an epoch, new sealed bytes of an act; never to something else.
func TestRestatement(t *testing.T) {
	a, b := pair()
	var parts *statement.Parts
	at := a.say(t, routine, func(l *ledger.Leaf, s []byte, p *statement.Parts) []byte { parts = p; s[40] ^= 1; return s })
	deliver(t, a, b, routine)
	restate := func(target uint64, blob []byte) *Accepted {
		l := a.leaf(routine, ledger.TypeRestate)
		l.Target, l.Epoch, l.Hash = target, a.epochAt[2], sha256.Sum256(blob)
		a.write(t, routine, l, blob)
		return deliver(t, a, b, routine)
	}
	origin := a.OwnLog(routine).Origin.Tuple()
	other := *parts
	other.List = append([][]byte(nil), parts.List...)
	other.List[0] = statement.Slip{Number: 9}.Encode()
	if got := restate(at, a.epoch[2].Seal(origin, other.Encode())); got.Entries[0].Verdict != ledger.ReasonCommitment {
		t.Errorf("other words are taken for the same: %+v", got.Entries[0])
	}
	if got := restate(at, a.epoch[2].Seal(origin, parts.Encode())); got.Entries[0].Verdict != 0 || got.Entries[0].Act == nil {
		t.Errorf("%+v", got.Entries[0])
	}
	wraps := a.rows[true][2][a.epochAt[2]].blob
	if got := restate(a.epochAt[2], wraps); got.Entries[0].Epoch == nil || got.Entries[0].Opens != a.epochAt[2] {
		t.Errorf("%+v", got.Entries[0])
	}
}

// Spec: LNK-24, LNK-25, LNK-39, LNK-12. Another history is a fork only when its writer
// signed it under the card in force; entries that do not fit prove nothing.
func TestForks(t *testing.T) {
	a, b := pair()
	a.say(t, routine, nil)
	a.say(t, routine, nil)
	deliver(t, a, b, routine)
	twin, _ := pair()
	twin.say(t, routine, nil)
	twin.say(t, routine, nil)
	twin.say(t, routine, nil)
	origin, key := a.OwnLog(routine).Origin.String(), a.me.Sign.Public()
	for _, size := range []uint64{3, 2, 4} { // as large, smaller, larger: apart all the same
		got, err := b.accept(twin.push(routine, 0, size))
		wiretest.Code(t, err, rule.ForkProved)
		if err := got.Fork.Verify(suite.Signatures{}, key, key, origin); err != nil {
			t.Errorf("the proof at %d: %v", size, err)
		}
	}
	_, err := b.accept(twin.push(routine, 3, 4)) // entries that do not give their head
	wiretest.Code(t, err, rule.HeadRoot)
	larger := twin.push(routine, 0, 4)
	resign(b, larger, 4, twin.OwnLog(routine).Tree.Root())
	_, err = b.accept(larger)
	wiretest.Code(t, err, fault.HeadUnsigned)
	unsigned := twin.push(routine, 0, 3)
	resign(b, unsigned, 3, twin.OwnLog(routine).Tree.Root())
	_, err = b.accept(unsigned)
	wiretest.Code(t, err, fault.HeadUnsigned)
	liar := a.push(routine, 0, 3) // the right head over other entries
	liar.Entries[1] = twin.push(routine, 0, 3).Entries[1]
	_, err = b.accept(liar)
	wiretest.Code(t, err, rule.HeadRoot)
	replaced := *a.me.Card
	replaced.Sign = wiretest.Key("the next office").Public()
	b.card = func(party.ID, statement.Size, statement.Size) *party.Card { return &replaced }
	_, err = b.accept(twin.push(routine, 0, 3)) // signed by a key that was replaced
	wiretest.Code(t, err, fault.HeadUnsigned)
	if b.TheirLog(routine).Mode != Live {
		t.Error("judging froze the log: only who stores the proof does")
	}
}

// Spec: LNK-4, LNK-22. With the own log frozen or ended, good entries are
// stored and wait for their receipt; a verdict is never lost.
func TestNoReceiptPossible(t *testing.T) {
	for _, mode := range []uint8{Frozen, Ended} {
		a, b := pair()
		a.say(t, routine, nil)
		b.OwnLog(routine).Mode = mode
		if got := deliver(t, a, b, routine); got.Receipt != nil || len(got.Entries) != 2 {
			t.Errorf("%+v", got)
		}
		if !b.OwnLog(routine).ReceiptDue(&b.TheirLog(routine).Log) {
			t.Error("the receipt is not due any more")
		}
		a.say(t, routine, func(l *ledger.Leaf, s []byte, p *statement.Parts) []byte { return []byte("noise") })
		_, err := b.accept(a.push(routine, 2, 3))
		wiretest.Code(t, err, rule.ContactRestore)
		_, err = b.Write(routine, b.leaf(routine, ledger.TypeEpoch), nil, record{b, true, routine})
		wiretest.Code(t, err, rule.ContactFrozen)
	}
}

// Spec: CTL-6, LNK-17. A head is held against the card in force at the control
// sizes of its last leaf.
func TestWhichCard(t *testing.T) {
	a, b := pair()
	b.say(t, control, nil)
	deliver(t, b, a, control)
	deliver(t, a, b, control)
	a.say(t, routine, nil)
	asked := map[[2]uint64]bool{}
	card := b.card
	b.card = func(of party.ID, own, other statement.Size) *party.Card {
		if of != a.Us {
			t.Error("asked for the card of somebody else")
		}
		asked[[2]uint64{own.Size, other.Size}] = true
		return card(of, own, other)
	}
	deliver(t, a, b, routine)
	if want := [2]uint64{a.OwnLog(control).Tree.Size, b.OwnLog(control).Tree.Size}; !asked[want] || len(asked) != 1 || want != [2]uint64{1, 2} {
		t.Errorf("asked for %v, want %v", asked, want)
	}
	clear(asked)
	a.say(t, control, nil)
	deliver(t, a, b, control)
	if !asked[[2]uint64{3, 2}] || len(asked) != 1 {
		t.Errorf("asked for %v", asked)
	}
}
