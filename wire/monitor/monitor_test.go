package monitor_test

import (
	"crypto/sha256"
	"reflect"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// facts is a record about other places, as a table.
type facts struct {
	epochs    map[uint64]bool
	substance func(from, to uint64) bool
	roots     map[uint64]tlog.Hash
	control   map[bool]map[uint64]uint64 // what the control leaf before a size has seen
}

func (f facts) ControlSeen(own bool, size uint64) (uint64, bool) {
	seen, ok := f.control[own][size]
	return seen, ok
}

func (f facts) Epoch(position uint64) bool     { return f.epochs[position] }
func (f facts) Substance(from, to uint64) bool { return f.substance(from, to) }
func (f facts) Root(size uint64) (tlog.Hash, bool) {
	h, ok := f.roots[size]
	return h, ok
}

var root20 = sha256.Sum256([]byte("the other's log at 20"))

// stand is a log with ten leaves in its second generation, which began at 4:
// an epoch at 5; its newest receipt covers 12 of the other's log, it has seen
// 20 of it, and the next leaf is the one of each row below.
func stand(channel uint8) (monitor.Log, facts, statement.Seen) {
	p := wiretest.Parties()
	l := monitor.Log{Origin: ledger.Origin{Realm: party.Real, Channel: channel, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Generation: 1},
		Start: 4, Time: 1000, Seen: statement.Seen{{Generation: 1, Size: 18}, {Size: 3}, {Size: 5}}, Covered: statement.Size{Generation: 1, Size: 12}}
	if channel == statement.Control {
		l.Seen[1], l.Seen[2] = statement.Size{}, statement.Size{}
	}
	for i := range 10 {
		l.Tree.Append(ledger.LeafHash([]byte{byte(i)}))
	}
	l.Substance = 10
	f := facts{epochs: map[uint64]bool{5: true, 2: true}, roots: map[uint64]tlog.Hash{20: root20, 12: root20, 19: {}},
		substance: func(from, to uint64) bool { return from <= 14 && to > 14 }}
	limits := statement.Seen{{Generation: 1, Size: 20}, {Size: 4}, {Size: 6}}
	return l, f, limits
}

func next(kind uint8) *ledger.Leaf {
	l := &ledger.Leaf{Type: kind, Position: 10, Time: 1000, Seen: statement.Seen{{Generation: 1, Size: 20}, {Size: 4}, {Size: 6}}, Epoch: 5, Target: 3}
	if kind == ledger.TypeReceipt {
		l.From, l.Size, l.Hash = 12, statement.Size{Generation: 1, Size: 20}, root20
	}
	return l
}

type leaf = ledger.Leaf

// row is one leaf that may or may not come next.
type row struct {
	name   string
	kind   uint8
	change func(*leaf)
	want   fault.Code
}

const act, receipt, restate, correction = ledger.TypeAct, ledger.TypeReceipt, ledger.TypeRestate, ledger.TypeCorrection

// rows keep every rule of a log once and break it once.
func rows() []row {
	return []row{
		{"an act", act, func(l *leaf) {}, ""},
		{"a position left out", act, func(l *leaf) { l.Position = 11 }, fault.LeafPosition},
		{"a position again", act, func(l *leaf) { l.Position = 9 }, fault.LeafPosition},
		{"a later time", act, func(l *leaf) { l.Time = 1001 }, ""},
		{"an earlier time", act, func(l *leaf) { l.Time = 999 }, fault.LeafTime},

		{"a correction", correction, func(l *leaf) { l.Old, l.New, l.Time = 1000, 900, 900 }, ""},
		{"a correction of another time", correction, func(l *leaf) { l.Old, l.New, l.Time = 1001, 900, 900 }, fault.LeafTime},
		{"a correction at another time", correction, func(l *leaf) { l.Old, l.New, l.Time = 1000, 900, 901 }, fault.LeafTime},
		{"a correction forwards", correction, func(l *leaf) { l.Old, l.New, l.Time = 1000, 1100, 1100 }, fault.LeafTime},
		{"a correction of nothing", correction, func(l *leaf) { l.Old, l.New = 1000, 1000 }, fault.LeafTime},

		{"a generation within one", ledger.TypeGeneration, func(l *leaf) {}, fault.GenerationStatement},

		{"nothing new seen", act, func(l *leaf) { l.Seen = statement.Seen{{Generation: 1, Size: 18}, {Size: 3}, {Size: 5}} }, ""},
		{"less of the log seen", act, func(l *leaf) { l.Seen[0].Size = 17 }, fault.LeafSeen},
		{"less of their control seen", act, func(l *leaf) { l.Seen[1].Size = 2 }, fault.LeafSeen},
		{"less of its control seen", act, func(l *leaf) { l.Seen[2].Size = 4 }, fault.LeafSeen},
		{"an earlier generation seen", act, func(l *leaf) { l.Seen[0].Generation = 0 }, fault.LeafSeen},
		{"more of the log than was signed", act, func(l *leaf) { l.Seen[0].Size = 21 }, fault.LeafSeen},
		{"more of their control than was signed", act, func(l *leaf) { l.Seen[1].Size = 5 }, fault.LeafSeen},
		{"more of its control than it signed", act, func(l *leaf) { l.Seen[2].Size = 7 }, fault.LeafSeen},
		{"a generation that nobody opened", act, func(l *leaf) { l.Seen[0].Generation = 2 }, fault.LeafSeen},

		{"no epoch", act, func(l *leaf) { l.Epoch = 6 }, fault.LeafEpoch},
		{"an epoch of an earlier generation", act, func(l *leaf) { l.Epoch = 2 }, fault.LeafEpoch},
		{"itself as epoch", act, func(l *leaf) { l.Epoch = 10 }, fault.LeafEpoch},
		{"a later epoch", act, func(l *leaf) { l.Epoch = 11 }, fault.LeafEpoch},

		{"a restatement", restate, func(l *leaf) {}, ""},
		{"itself stated again", restate, func(l *leaf) { l.Target = 10 }, fault.LeafEpoch},
		{"stated again under itself", restate, func(l *leaf) { l.Epoch = 10 }, fault.LeafEpoch},

		{"a receipt", receipt, func(l *leaf) {}, ""},
		{"a receipt that begins earlier", receipt, func(l *leaf) { l.From = 11 }, fault.LeafReceipt},
		{"a receipt that leaves some out", receipt, func(l *leaf) { l.From = 13 }, fault.LeafReceipt},
		{"a receipt of nothing", receipt, func(l *leaf) { l.Size.Size = 12 }, fault.LeafReceipt},
		{"a receipt backwards", receipt, func(l *leaf) { l.Size.Size = 11; l.Attached = make([][32]byte, 1) }, fault.LeafReceipt},
		{"a receipt of attachments alone", receipt, func(l *leaf) { l.Size.Size = 12; l.Attached = make([][32]byte, 1) }, ""},
		{"a receipt beyond what was seen", receipt, func(l *leaf) { l.Seen[0].Size = 19 }, fault.LeafReceipt},
		{"a receipt of another generation", receipt, func(l *leaf) { l.Size.Generation = 0 }, fault.LeafReceipt},
		{"a receipt with another root", receipt, func(l *leaf) { l.Hash[0] ^= 1 }, fault.LeafReceipt},
		{"a receipt of a size not known", receipt, func(l *leaf) { l.Size.Size = 17 }, fault.LeafReceipt},
		{"verdicts", receipt, func(l *leaf) { l.Verdicts = []ledger.Verdict{{Position: 12, Reason: 1}, {Position: 19, Reason: 2}} }, ""},
		{"a verdict before it", receipt, func(l *leaf) { l.Verdicts = []ledger.Verdict{{Position: 11, Reason: 1}} }, fault.LeafReceipt},
		{"a verdict beyond it", receipt, func(l *leaf) { l.Verdicts = []ledger.Verdict{{Position: 20, Reason: 1}} }, fault.LeafReceipt},
		{"two verdicts on one", receipt, func(l *leaf) { l.Verdicts = []ledger.Verdict{{Position: 12, Reason: 1}, {Position: 12, Reason: 2}} }, fault.LeafReceipt},
		{"verdicts out of order", receipt, func(l *leaf) { l.Verdicts = []ledger.Verdict{{Position: 13, Reason: 1}, {Position: 12, Reason: 1}} }, fault.LeafReceipt},

		{"a freeze in a routine log", ledger.TypeFreeze, func(l *leaf) { l.Channel = 3 }, fault.LeafUntrue},
		{"a digest in a routine log", ledger.TypeDigest, func(l *leaf) {}, fault.LeafUntrue},
		{"an epoch", ledger.TypeEpoch, func(l *leaf) {}, ""},
	}
}

// Spec: LED-8, LED-9, LED-10, LED-11, LED-12, LED-13, LED-15, LED-16, LED-17,
// LED-18, LED-19, LED-20, LED-21, LED-24. Who breaks a rule leaves the log as
// it was.
func TestNextRules(t *testing.T) {
	for _, c := range rows() {
		log, f, limits := stand(statement.Routine)
		before := log
		l := next(c.kind)
		c.change(l)
		done, err := log.Next(l, l.Encode(), limits, f)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
		}
		if err != nil {
			if !reflect.DeepEqual(log, before) {
				t.Errorf("%s: the log changed", c.name)
			}
			continue
		}
		if len(done) == 0 || log.Tree.Size != 11 || log.Time != l.Time || log.Seen != l.Seen {
			t.Errorf("%s: taken as %+v", c.name, log)
		}
		if covers := l.Type == receipt; covers != (log.Covered == l.Size && l.Size != statement.Size{}) || covers != (log.Substance == 10) {
			t.Errorf("%s: covered %v, substance %d", c.name, log.Covered, log.Substance)
		}
	}
}

// Spec: LED-14, LED-22, LED-23.
func TestNextControl(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   uint8
		change func(*ledger.Leaf)
		want   fault.Code
	}{
		{"an act", ledger.TypeAct, func(l *ledger.Leaf) {}, ""},
		{"two sizes", ledger.TypeAct, func(l *ledger.Leaf) { l.Seen[1].Size = 1 }, fault.LeafSeen},
		{"three sizes", ledger.TypeAct, func(l *ledger.Leaf) { l.Seen[2].Size = 1 }, fault.LeafSeen},
		{"a digest", ledger.TypeDigest, func(l *ledger.Leaf) {}, ""},
		{"a freeze", ledger.TypeFreeze, func(l *ledger.Leaf) { l.Channel = 1 }, ""},
		{"a freeze of no channel", ledger.TypeFreeze, func(l *ledger.Leaf) { l.Channel = 0 }, fault.LeafUntrue},
		{"a freeze of a fourth", ledger.TypeFreeze, func(l *ledger.Leaf) { l.Channel = 4 }, fault.LeafUntrue},
	} {
		log, f, limits := stand(statement.Control)
		l := next(c.kind)
		l.Seen[1], l.Seen[2] = statement.Size{}, statement.Size{}
		c.change(l)
		_, err := log.Next(l, l.Encode(), limits, f)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
		}
	}
}

// Spec: LED-11. The first leaf of a generation, and no other, is its statement.
func TestNextGeneration(t *testing.T) {
	for _, c := range []struct {
		generation uint32
		start      uint64
		kind       uint8
		want       fault.Code
	}{
		{1, 10, ledger.TypeGeneration, ""},
		{1, 10, ledger.TypeAct, fault.GenerationStatement},
		{1, 10, ledger.TypeEpoch, fault.GenerationStatement},
		{1, 4, ledger.TypeGeneration, fault.GenerationStatement},
		{0, 10, ledger.TypeGeneration, fault.GenerationStatement},
		{0, 10, ledger.TypeEpoch, ""},
	} {
		log, f, limits := stand(statement.Routine)
		log.Origin.Generation, log.Start = c.generation, c.start
		l := next(c.kind)
		_, err := log.Next(l, l.Encode(), limits, f)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("generation %d from %d, type %d: %q, want %q", c.generation, c.start, c.kind, got, c.want)
		}
	}
}

// Spec: LED-19. Receipts alone are never receipted: nothing of substance lies
// between, so the same leaf is refused.
func TestNoReceiptForReceipts(t *testing.T) {
	log, f, limits := stand(statement.Routine)
	f.substance = func(from, to uint64) bool {
		if from != 12 || to != 20 {
			t.Errorf("asked about %d to %d", from, to)
		}
		return false
	}
	l := next(ledger.TypeReceipt)
	_, err := log.Next(l, l.Encode(), limits, f)
	wiretest.Code(t, err, fault.LeafReceipt)
	l.Attached = make([][32]byte, 1)
	_, err = log.Next(l, l.Encode(), limits, f)
	wiretest.Code(t, err, "")
}

// Spec: LED-17, LED-25, LED-26. Two parties say and receipt in any order: a
// receipt is due exactly when the other's log has something else than receipts
// beyond what the last one covers, each entry is covered by one receipt at
// most, and the exchange ends.
func TestReceiptDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := wiretest.NewWorld()
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			side := rapid.IntRange(0, 1).Draw(t, "side")
			own, other := w.Log(side, statement.Routine), w.Log(1-side, statement.Routine)
			covered := own.Covered.Size
			want := false
			for _, l := range other.Leaves[min(covered, uint64(len(other.Leaves))):] {
				want = want || l.Type != ledger.TypeReceipt
			}
			if got := own.ReceiptDue(&other.Log); got != want {
				t.Fatalf("receipt due %v, want %v", got, want)
			}
			if rapid.Bool().Draw(t, "says") {
				leaf := w.Leaf(side, statement.Routine, ledger.TypeEpoch)
				w.Write(side, statement.Routine, leaf, nil)
			} else if want {
				w.Receipt(side, statement.Routine)
			}
		}
		for rounds := 0; ; rounds++ { // both deliver until nothing is due
			due := false
			for side := range 2 {
				if w.Log(side, statement.Routine).ReceiptDue(&w.Log(1-side, statement.Routine).Log) {
					due = true
					w.Receipt(side, statement.Routine)
				}
			}
			if !due {
				break
			}
			if rounds > 2 {
				t.Fatal("receipts answer receipts for ever")
			}
		}
		for side := range 2 {
			covers := map[uint64]int{}
			for _, l := range w.Log(side, statement.Routine).Leaves {
				for p := l.From; l.Type == ledger.TypeReceipt && p < l.Size.Size; p++ {
					covers[p]++
				}
			}
			for p, l := range w.Log(1-side, statement.Routine).Leaves {
				if n := covers[uint64(p)]; n > 1 || n == 0 && l.Type != ledger.TypeReceipt {
					t.Fatalf("entry %d has %d receipts", p, n)
				}
			}
		}
	})
}

// The two control sizes that a leaf names are a closed cut, each way; what is
// not known is left to whoever holds it.
//
// Spec: LED-37.
func TestControlCutIsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		control map[bool]map[uint64]uint64
		want    fault.Code
	}{
		"closed":            {map[bool]map[uint64]uint64{true: {6: 4}, false: {4: 6}}, ""},
		"own sees beyond":   {map[bool]map[uint64]uint64{true: {6: 5}, false: {4: 6}}, fault.LeafSeen},
		"other sees beyond": {map[bool]map[uint64]uint64{true: {6: 4}, false: {4: 7}}, fault.LeafSeen},
		"not known":         {nil, ""},
	} {
		l, f, limits := stand(statement.Routine)
		f.control = c.control
		leaf := next(ledger.TypeAct)
		_, err := l.Next(leaf, leaf.Encode(), limits, f)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
