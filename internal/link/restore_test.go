package link

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"parley.example/wire/contact"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// Spec: LNK-6, LNK-7. Control before hotline before routine, whatever lies
// below; a refused, frozen or ended log is passed over.
func TestChoose(t *testing.T) {
	at := func(n uint64) statement.Size { return statement.Size{Size: n} }
	for name, c := range map[string]struct {
		sizes   [3]int
		stored  [3]statement.Size
		refused [3]bool
		mode    [3]uint8
		channel uint8
		from    uint64
		ok      bool
	}{
		"nothing said":          {ok: false},
		"all stored":            {sizes: [3]int{2, 2, 2}, stored: [3]statement.Size{at(2), at(2), at(2)}},
		"control first":         {sizes: [3]int{1, 2, 9}, channel: control, ok: true},
		"hotline next":          {sizes: [3]int{1, 2, 9}, stored: [3]statement.Size{at(1), at(1)}, channel: hotline, from: 1, ok: true},
		"routine last":          {sizes: [3]int{1, 2, 9}, stored: [3]statement.Size{at(1), at(2), at(5)}, channel: routine, from: 5, ok: true},
		"control refused":       {sizes: [3]int{1, 2, 9}, refused: [3]bool{true}, channel: hotline, ok: true},
		"control frozen":        {sizes: [3]int{1, 2, 9}, mode: [3]uint8{Frozen}, channel: hotline, ok: true},
		"of an ended one":       {sizes: [3]int{1, 2, 9}, mode: [3]uint8{Ended, Ended}, channel: control, ok: true},
		"all of an ended one":   {sizes: [3]int{1, 2, 9}, mode: [3]uint8{Ended, Ended}, stored: [3]statement.Size{at(1), at(2), at(9)}},
		"all refused":           {sizes: [3]int{1, 2, 9}, refused: [3]bool{true, true, true}},
		"more stored than said": {sizes: [3]int{1, 0, 0}, stored: [3]statement.Size{at(5)}},
		"an unknown generation": {sizes: [3]int{3, 0, 0}, stored: [3]statement.Size{{Generation: 7, Size: 2}}, channel: control, from: 0, ok: true},
	} {
		a, _ := pair()
		for i, n := range c.sizes {
			for range n {
				a.write(t, uint8(i+1), a.leaf(uint8(i+1), ledger.TypeEpoch), nil)
			}
			a.Own[i].Mode = c.mode[i]
		}
		channel, from, ok := a.Choose(c.stored, c.refused)
		if channel != c.channel || from != c.from || ok != c.ok {
			t.Errorf("%s: %d from %d, %v", name, channel, from, ok)
		}
	}
}

// Spec: LNK-8.
func TestBatch(t *testing.T) {
	var b Batch
	leaf := &ledger.Leaf{}
	for i := range ledger.MaxEntries {
		if !b.Add(leaf, []byte{1}, nil) {
			t.Fatalf("entry %d does not fit", i)
		}
	}
	if b.Add(leaf, []byte{1}, nil) || len(b.Entries) != ledger.MaxEntries {
		t.Error("1025 entries fit")
	}
	b = Batch{}
	half := make([]byte, ledger.MaxBytes/2)
	if !b.Add(leaf, half, nil) || !b.Add(leaf, nil, half) || b.Add(leaf, []byte{1}, nil) {
		t.Error("the bound in bytes does not hold")
	}
	b = Batch{}
	if !b.Add(leaf, nil, make([]byte, ledger.MaxBytes+1)) || b.Add(leaf, nil, nil) || b.Last != leaf {
		t.Error("one entry always goes, and nothing with a large one")
	}
}

// Spec: LNK-3, LED-9. A clock behind the log uses the log's last time; a leaf
// names what is stored.
func TestLeaf(t *testing.T) {
	a, b := pair()
	b.say(t, control, nil)
	b.say(t, routine, nil)
	deliver(t, b, a, control)
	deliver(t, b, a, routine)
	l := a.Leaf(routine, ledger.TypeReceipt, 5)
	if l.Time != a.OwnLog(routine).Time || l.Position != 1 || l.From != 2 {
		t.Errorf("%+v", l)
	}
	if want := (statement.Seen{{Size: 2}, {Size: 2}, {Size: 1}}); l.Seen != want {
		t.Errorf("seen %v, want %v", l.Seen, want)
	}
	if c := a.Leaf(control, ledger.TypeDigest, 5); c.Seen != (statement.Seen{{Size: 2}}) || c.Salt == l.Salt {
		t.Errorf("%+v", c)
	}
	if a.Stored() != [3]statement.Size{{Size: 2}, {}, {Size: 2}} {
		t.Errorf("stored %v", a.Stored())
	}
}

func (n *node) note(clean bool) *Note {
	note := &Note{Clean: clean}
	for i, own := range n.Own {
		note.Heads[i] = contact.Sized{Size: own.Size(), Root: own.Tree.Root()}
	}
	return note
}

func (n *node) rootAt(channel uint8, size uint64) (tlog.Hash, bool) {
	return rootOf(n.rows[true][channel-1], size)
}

// Spec: LNK-31, LNK-33.
func TestBehind(t *testing.T) {
	a, _ := pair()
	if a.Behind(nil, a.rootAt) || a.Behind(&Note{}, a.rootAt) {
		t.Error("a new node is behind a note that there is not")
	}
	a.say(t, routine, nil)
	early := a.note(false)
	a.say(t, routine, nil)
	for name, c := range map[string]struct {
		note *Note
		want bool
	}{
		"its own note":       {a.note(false), false},
		"an earlier note":    {early, false},
		"an empty note":      {&Note{}, false},
		"no note":            {nil, true},
		"a larger size":      {&Note{Heads: [3]contact.Sized{2: {Size: statement.Size{Size: 4}}}}, true},
		"a later generation": {&Note{Heads: [3]contact.Sized{2: {Size: statement.Size{Generation: 1}}}}, true},
		"another root":       {&Note{Heads: [3]contact.Sized{2: {Size: statement.Size{Size: 2}, Root: tlog.Hash{1}}}}, true},
		"another log":        {&Note{Heads: [3]contact.Sized{0: {Size: statement.Size{Size: 1}}}}, true},
	} {
		if got := a.Behind(c.note, a.rootAt); got != c.want {
			t.Errorf("%s: behind %v", name, got)
		}
	}
}

// Spec: LNK-35, LNK-36, CON-4.
func TestContinue(t *testing.T) {
	a, b := pair()
	a.say(t, routine, nil)
	deliver(t, a, b, routine)
	nonce := [16]byte{9}
	answer := func(change func(*contact.Hello)) *contact.Hello {
		h := b.Hello(b.now, nonce, Instance{})
		change(h)
		return h
	}
	same := func(*contact.Hello) {}
	for name, c := range map[string]struct {
		note   *Note
		answer *contact.Hello
		want   [3]bool
	}{
		"note, answer and log agree":                  {a.note(true), answer(same), [3]bool{}},
		"the note is not clean":                       {a.note(false), answer(same), [3]bool{2: true}},
		"no note":                                     {nil, answer(same), [3]bool{2: true}},
		"the note is older":                           {&Note{Clean: true}, answer(same), [3]bool{2: true}},
		"they were shown more":                        {a.note(true), answer(func(h *contact.Hello) { h.Shown[2].Size.Size++ }), [3]bool{2: true}},
		"they were shown less":                        {a.note(true), answer(func(h *contact.Hello) { h.Shown[2] = contact.Sized{} }), [3]bool{2: true}},
		"they were shown another root":                {a.note(true), answer(func(h *contact.Hello) { h.Shown[2].Root[0] ^= 1 }), [3]bool{2: true}},
		"another generation":                          {a.note(true), answer(func(h *contact.Hello) { h.Shown[2].Generation++ }), [3]bool{2: true}},
		"an empty log that they have seen entries of": {a.note(true), answer(func(h *contact.Hello) { h.Shown[1].Size.Size = 3 }), [3]bool{1: true}},
		"an empty log that the note has entries of":   {&Note{Clean: true, Heads: [3]contact.Sized{0: {Size: statement.Size{Size: 5}}, 2: a.note(true).Heads[2]}}, answer(same), [3]bool{0: true}},
	} {
		got, err := a.Continue(c.note, c.answer, nonce)
		if err != nil || got != c.want {
			t.Errorf("%s: ended %v, %v", name, got, err)
		}
	}
	_, err := a.Continue(a.note(true), answer(func(h *contact.Hello) { h.Answers[0]++ }), nonce)
	wiretest.Code(t, err, rule.ContactRestore)
}

// Spec: LNK-27, LNK-28, LNK-29, LNK-30.
func TestMeet(t *testing.T) {
	a, b := pair()
	keys := []party.PublicKey{wiretest.Key("old").Public(), b.me.Sign.Public()}
	hello := func(signer *suite.SigningKey, change func(*contact.Hello)) *contact.Hello {
		h := b.Hello(5000, [16]byte{2}, Instance{Store: [16]byte{3}, Start: 4, Process: [16]byte{5}, Rules: []uint16{1}})
		change(h)
		contact.SignHello(h, signer)
		return h
	}
	same := func(*contact.Hello) {}
	for name, c := range map[string]struct {
		h    *contact.Hello
		want fault.Code
	}{
		"as it is":            {hello(b.me.Sign, same), ""},
		"the other realm":     {hello(b.me.Sign, func(h *contact.Hello) { h.Realm = party.Exercise }), rule.ContactRealm},
		"of ourselves":        {hello(b.me.Sign, func(h *contact.Hello) { h.Writer, h.Reader = h.Reader, h.Writer }), rule.ContactPeer},
		"for another":         {hello(b.me.Sign, func(h *contact.Hello) { h.Reader[0] ^= 1 }), rule.ContactPeer},
		"by another key":      {hello(a.me.Sign, same), fault.ContactHello},
		"by a key not pinned": {hello(wiretest.Key("thief"), same), fault.ContactHello},
		"by the key before":   {hello(wiretest.Key("old"), same), ""},
	} {
		_, err := a.Meet(suite.Signatures{}, keys, c.h, nil, 2000)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	_, err := a.Meet(suite.Signatures{}, nil, hello(b.me.Sign, same), nil, 0)
	wiretest.Code(t, err, fault.ContactHello)
	met, err := a.Meet(suite.Signatures{}, keys, hello(b.me.Sign, same), nil, 2000)
	if err != nil || met != (Met{Skew: 3000}) {
		t.Errorf("%+v, %v", met, err)
	}
	before := hello(b.me.Sign, same)
	// Spec: CON-5. Whatever software and configuration are declared, the same
	// hello is met in the same way.
	for _, declare := range []func(*contact.Hello){
		func(h *contact.Hello) { h.Software = "other 9" }, func(h *contact.Hello) { h.Config[7]++ },
	} {
		if got, err := a.Meet(suite.Signatures{}, keys, hello(b.me.Sign, declare), before, 2000); err != nil || got != met {
			t.Errorf("declared otherwise: %+v, %v", got, err)
		}
	}
	for name, c := range map[string]struct {
		change func(*contact.Hello)
		clone  bool
	}{
		"the same process": {same, false},
		"a copy":           {func(h *contact.Hello) { h.Process[0]++ }, true},
		"a new start":      {func(h *contact.Hello) { h.Process[0]++; h.Start++ }, false},
		"a second node":    {func(h *contact.Hello) { h.Process[0]++; h.Store[0]++ }, false},
	} {
		met, err := a.Meet(suite.Signatures{}, keys, hello(b.me.Sign, c.change), before, 0)
		if err != nil || met.Clone != c.clone {
			t.Errorf("%s: clone %v, %v", name, met.Clone, err)
		}
	}
	for name, c := range map[string]struct {
		size statement.Size
		want bool
	}{
		"what we hold": {statement.Size{}, false}, "more": {statement.Size{Size: 1}, true}, "a later generation": {statement.Size{Generation: 1}, true},
	} {
		met, err := a.Meet(suite.Signatures{}, keys, hello(b.me.Sign, func(h *contact.Hello) { h.Shown[1].Size = c.size }), nil, 0)
		if err != nil || met.Behind != [3]bool{1: c.want} {
			t.Errorf("%s: %+v, %v", name, met, err)
		}
	}
}

// Spec: LNK-34. A restored node takes back its own entries, and only those: as
// it signed them, whole, in order, with their own bytes or none.
func TestRegain(t *testing.T) {
	a, b := pair()
	a.say(t, routine, nil)
	deliver(t, a, b, routine)
	deliver(t, b, a, routine)
	a.say(t, routine, nil)
	l := a.leaf(routine, ledger.TypeReceipt)
	l.Size, l.Hash, l.Attached = a.TheirLog(routine).Size(), a.TheirLog(routine).Tree.Root(), make([][32]byte, 1)
	a.write(t, routine, l, nil)
	roots := [2]party.PublicKey{a.me.Root.Public(), b.me.Root.Public()}
	regain := func(change func(p *contact.Push)) (*node, error) {
		lost, _ := pair()
		for _, x := range a.rows[true][2][:2] {
			lost.write(t, routine, x.leaf, x.blob)
		}
		p := a.push(routine, 2, 4)
		p.Own = true
		change(p)
		r := lost.reader(routine)
		r.Record = record{lost, true, routine}
		taken, err := lost.Regain(p, r, a.me.Sign.Public(), roots)
		if err == nil && len(taken) != 2 {
			t.Errorf("%d entries taken", len(taken))
		}
		return lost, err
	}
	for name, c := range map[string]struct {
		change func(p *contact.Push)
		want   fault.Code
	}{
		"as it was":             {func(p *contact.Push) {}, ""},
		"destroyed content":     {func(p *contact.Push) { p.Entries[0].Blob = nil }, ""},
		"other bytes":           {func(p *contact.Push) { p.Entries[0].Blob = []byte("x") }, rule.LeafBytes},
		"from elsewhere":        {func(p *contact.Push) { p.From = 1 }, rule.ContactGap},
		"another log":           {func(p *contact.Push) { p.Origin = a.OwnLog(hotline).Origin.String() }, fault.HeadOrigin},
		"a head of the partner": {func(p *contact.Push) { resign(b, p, 4, a.OwnLog(routine).Tree.Root()) }, fault.HeadUnsigned},
		"an entry less":         {func(p *contact.Push) { p.Entries = p.Entries[:1] }, rule.HeadRoot},
		"an entry changed":      {func(p *contact.Push) { l := *a.rows[true][2][2].leaf; l.Salt[0] ^= 1; p.Entries[0].Leaf = l.Encode() }, rule.HeadRoot},
		"no leaf":               {func(p *contact.Push) { p.Entries[0].Leaf = nil }, fault.OctetsUnknown},
		"entries swapped":       {func(p *contact.Push) { p.Entries[0], p.Entries[1] = p.Entries[1], p.Entries[0] }, fault.LeafPosition},
	} {
		lost, err := regain(c.change)
		if got := fault.CodeOf(err); got != c.want && !(name == "no leaf" && got == fault.OctetsShort) {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
		if err == nil && lost.OwnLog(routine).Tree.Root() != a.OwnLog(routine).Tree.Root() {
			t.Errorf("%s: another log came back", name)
		}
	}
}

// renewal is a statement of a node's own root that continues a log of its own.
func (n *node) renewal(channel uint8, change func(*evidence.Generation)) *evidence.Generation {
	own := n.OwnLog(channel)
	g := &evidence.Generation{Origin: own.Origin, Size: own.Tree.Size, Root: own.Tree.Root(), Cause: evidence.AfterRestore}
	g.Origin.Generation++
	change(g)
	g.Writer = n.me.Root.Sign(g.ToSign())
	if g.Cause == evidence.AfterFreeze {
		s := n.peer.Root.Sign(g.ToSign())
		g.Reader = &s
	}
	return g
}

func (n *node) replay(channel uint8) func(uint64) (monitor.Log, bool) {
	return func(size uint64) (monitor.Log, bool) {
		log := monitor.Log{Origin: n.TheirLog(channel).Origin}
		log.Origin.Generation = 0
		for _, x := range n.rows[false][channel-1][:size] {
			if _, err := log.Next(x.leaf, x.raw, x.leaf.Seen, record{n, false, channel}); err != nil {
				return log, false
			}
		}
		return log, true
	}
}

// Spec: LNK-37, LNK-38, EVI-12, LED-11. A log that ended goes on under a new
// origin, and what is said there is taken by the other.
func TestRenew(t *testing.T) {
	a, b := pair()
	a.say(t, routine, nil)
	deliver(t, a, b, routine)
	a.OwnLog(routine).Mode = Ended
	wrong := a.renewal(routine, func(g *evidence.Generation) { g.Size-- })
	_, err := a.Renew(wrong, a.now, record{a, true, routine})
	wiretest.Code(t, err, fault.GenerationStatement)
	g := a.renewal(routine, func(*evidence.Generation) {})
	w, err := a.Renew(g, a.now, record{a, true, routine})
	if err != nil || w.Leaf.Position != 2 || !bytes.Equal(w.Leaf.Statement, g.Encode()) {
		t.Fatalf("%+v, %v", w, err)
	}
	a.put(true, routine, w)
	a.epoch[2] = nil
	a.say(t, routine, nil)
	_, err = b.accept(a.push(routine, 2, 5))
	wiretest.Code(t, err, fault.HeadOrigin)
	surfaced, err := b.Renewed(g, suite.Signatures{}, a.me.Root.Public(), b.me.Root.Public(), b.replay(routine))
	if err != nil || surfaced != 0 {
		t.Fatalf("%d, %v", surfaced, err)
	}
	got := deliver(t, a, b, routine)
	if len(got.Entries) != 3 || got.Entries[2].Act == nil || got.Receipt == nil || got.Receipt.Leaf.Size.Generation != 1 {
		t.Errorf("%+v", got)
	}
}

// Spec: LNK-38, EVI-10, EVI-11, EVI-12.
func TestRenewedRefused(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(a, b *node)
		change  func(*evidence.Generation)
		channel uint8
		want    fault.Code
	}{
		"beyond what is held":             {nil, func(g *evidence.Generation) { g.Size++ }, routine, fault.GenerationStatement},
		"another root hash":               {nil, func(g *evidence.Generation) { g.Root[0] ^= 1 }, routine, fault.GenerationStatement},
		"before what we named":            {nil, func(g *evidence.Generation) { g.Size-- }, routine, fault.GenerationStatement},
		"a generation left out":           {nil, func(g *evidence.Generation) { g.Origin.Generation++ }, routine, fault.GenerationStatement},
		"a frozen log after a restore":    {func(a, b *node) { b.TheirLog(routine).Mode = Frozen }, func(*evidence.Generation) {}, routine, fault.GenerationStatement},
		"a frozen log with both roots":    {func(a, b *node) { b.TheirLog(routine).Mode = Frozen }, func(g *evidence.Generation) { g.Cause = evidence.AfterFreeze }, routine, ""},
		"control, named by hotline alone": {func(a, b *node) { b.OwnLog(control).Seen[0].Size = 0 }, func(g *evidence.Generation) { g.Size = 1 }, control, fault.GenerationStatement},
	} {
		a, b := pair()
		a.say(t, c.channel, nil)
		deliver(t, a, b, c.channel)
		b.say(t, hotline, nil)
		if c.prepare != nil {
			c.prepare(a, b)
		}
		g := a.renewal(c.channel, func(g *evidence.Generation) {
			c.change(g)
			if root, ok := rootOf(a.rows[true][c.channel-1], g.Size); ok && name != "another root hash" {
				g.Root = root
			}
		})
		_, err := b.Renewed(g, suite.Signatures{}, a.me.Root.Public(), b.me.Root.Public(), b.replay(c.channel))
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

func recodeNote(b []byte) ([]byte, error) {
	n, err := DecodeNote(b)
	if err != nil {
		return nil, err
	}
	return n.Encode(), nil
}

// Spec: LNK-32, OCT-7.
func TestNote(t *testing.T) {
	n := &Note{Clean: true, Heads: [3]contact.Sized{{Size: statement.Size{Generation: 1, Size: 2}, Root: tlog.Hash{3}}}}
	wiretest.Strict(t, n.Encode(), recodeNote)
	bad := n.Encode()
	bad[15] = 2
	_, err := DecodeNote(bad)
	wiretest.Code(t, err, fault.OctetsUnknown)
}

// A state comes back from the store as it was; a damaged one is said to be so.
// Spec: LNK-2.
func TestLogState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := pair()
		l := a.OwnLog(routine)
		for range rapid.IntRange(0, 70).Draw(t, "leaves") {
			l.Tree.Append(tlog.Hash{1})
		}
		l.Origin.Generation, l.Start, l.Time = rapid.Uint32().Draw(t, "generation"), rapid.Uint64().Draw(t, "start"), rapid.Int64Min(0).Draw(t, "time")
		l.Mode, l.Signed, l.Substance = rapid.Uint8Range(0, Ended).Draw(t, "mode"), rapid.StringMatching("[a-z\n]{0,50}").Draw(t, "signed"), rapid.Uint64().Draw(t, "substance")
		l.Covered, l.At = statement.Size{Generation: 1, Size: rapid.Uint64().Draw(t, "covered")}, rapid.Uint64().Draw(t, "at")
		b := l.Encode()
		got, err := DecodeLog(b, a.OwnLog(routine).Origin)
		if err != nil || !bytes.Equal(got.Encode(), b) || got.Tree.Root() != l.Tree.Root() || got.Origin != l.Origin {
			t.Fatalf("%+v, %v", got, err)
		}
		for n := range b {
			if _, err := DecodeLog(b[:n], l.Origin); !fault.Is(err, rule.StoreDamaged) {
				t.Fatalf("the first %d bytes: %v", n, err)
			}
		}
	})
	l := NewLog(ledger.Origin{})
	l.Tree.Size = 3 // two subtrees that are not there
	_, err := DecodeLog(l.Encode(), ledger.Origin{})
	wiretest.Code(t, err, rule.StoreDamaged)
	l = NewLog(ledger.Origin{})
	l.Mode = 4
	_, err = DecodeLog(l.Encode(), ledger.Origin{})
	wiretest.Code(t, err, rule.StoreDamaged)
}

// Spec: none, how a log is stored is one's own.
func FuzzDecodeLog(f *testing.F) {
	l := NewLog(ledger.Origin{})
	l.Tree.Append(tlog.Hash{1})
	f.Add(l.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := DecodeLog(b, ledger.Origin{})
		if err != nil {
			return
		}
		got.Tree.Root() // a state that was taken can be used
		if !bytes.Equal(got.Encode(), b) {
			t.Errorf("%x is taken, and written otherwise", b)
		}
	})
}

// Spec: LNK-32, OCT-11.
func FuzzDecodeNote(f *testing.F) {
	wiretest.Seeds(f, "note")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeNote) })
}

// Whatever a delivery holds, judging it neither panics nor takes anything that
// its writer did not sign. Spec: LNK-14, LNK-17.
func FuzzAccept(f *testing.F) {
	var seeds [][]byte // the same in every process of a fuzzing run
	for _, v := range wiretest.Vectors(f, "turn") {
		seeds = append(seeds, v.Body)
	}
	taken := func(b []byte) (root tlog.Hash, ok bool) {
		turn, err := contact.DecodeTurn(b)
		if err != nil || turn.Push == nil {
			return root, false
		}
		_, reader := pair()
		got, err := reader.accept(turn.Push)
		return reader.TheirLog(routine).Tree.Root(), err == nil && len(got.Entries) > 0
	}
	signed := map[tlog.Hash]bool{}
	for _, b := range seeds {
		f.Add(b)
		if root, ok := taken(b); ok {
			signed[root] = true
		}
	}
	if len(signed) != 1 {
		f.Fatalf("%d of the seeds are good", len(signed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if root, ok := taken(b); ok && !signed[root] {
			t.Error("entries are taken that nobody signed")
		}
	})
}
