package spec

import (
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// writtenLog is one log of a vector of kind log, as far as it was taken.
type writtenLog struct {
	monitor.Log
	leaves []*ledger.Leaf
	hashes []tlog.Hash
}

func (l *writtenLog) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, i := range indexes {
		out = append(out, l.hashes[i])
	}
	return out, nil
}

// sixLogs is a link as somebody sees it who reads all leaves as they are written.
type sixLogs struct {
	logs  [2][3]*writtenLog
	lines []string
}

var sideNames = [2]string{"lower", "higher"}

func newLogs() *sixLogs {
	s, w := &sixLogs{}, wiretest.NewWorld()
	for side := range s.logs {
		for i := range s.logs[side] {
			s.logs[side][i] = &writtenLog{Log: monitor.Log{Origin: w.Origin(side, uint8(i+1))}}
		}
	}
	return s
}

// place is a leaf's log among the six, and answers what it says of the others.
type place struct {
	s       *sixLogs
	side    int
	channel int
}

func (p place) own() *writtenLog   { return p.s.logs[p.side][p.channel-1] }
func (p place) other() *writtenLog { return p.s.logs[1-p.side][p.channel-1] }

func (p place) Epoch(position uint64) bool {
	leaves := p.own().leaves
	return position < uint64(len(leaves)) && leaves[position].Type == ledger.TypeEpoch
}

func (p place) Substance(from, to uint64) bool {
	leaves := p.other().leaves
	return slices.ContainsFunc(leaves[min(from, uint64(len(leaves))):max(from, min(to, uint64(len(leaves))))], func(l *ledger.Leaf) bool { return l.Type != ledger.TypeReceipt })
}

func (p place) ControlSeen(own bool, size uint64) (uint64, bool) {
	side := 1 - p.side
	if own {
		side = p.side
	}
	leaves := p.s.logs[side][0].leaves
	if size == 0 || size > uint64(len(leaves)) {
		return 0, false
	}
	return leaves[size-1].Seen[0].Size, true
}

func (p place) Root(size uint64) (tlog.Hash, bool) {
	if size > p.other().Tree.Size {
		return tlog.Hash{}, false
	}
	root, err := tlog.TreeHash(int64(size), p.other())
	return root, err == nil
}

// take holds a leaf against the rules of its log and, if it keeps them, takes it.
func (s *sixLogs) take(side, channel int, raw []byte) error {
	p := place{s, side, channel}
	s.lines = append(s.lines, fmt.Sprintf("%s %d %x", sideNames[side], channel, raw))
	leaf, err := ledger.DecodeLeaf(raw)
	if err != nil {
		return err
	}
	limits := statement.Seen{p.other().Size(), s.logs[1-side][0].Size(), s.logs[side][0].Size()}
	frozen := func(l *ledger.Leaf) bool { return l.Type == ledger.TypeFreeze && l.Channel == statement.Control }
	if channel != 1 && slices.ContainsFunc(s.logs[1-side][0].leaves, frozen) {
		limits[2] = statement.Size{Generation: math.MaxUint32, Size: math.MaxUint64} // LNK-15
	}
	hashes, err := p.own().Next(leaf, raw, limits, p)
	if err != nil {
		return err
	}
	p.own().leaves, p.own().hashes = append(p.own().leaves, leaf), append(p.own().hashes, hashes...)
	return nil
}

func (s *sixLogs) body() []byte { return []byte(strings.Join(s.lines, "\n") + "\n") }

// readLog takes the leaves of a vector in their order; only the last may be refused.
func readLog(v wiretest.Vector) ([]byte, error) {
	s := newLogs()
	lines := strings.Split(strings.TrimSuffix(string(v.Body), "\n"), "\n")
	for i, line := range lines {
		var name, digits string
		var channel int
		if _, err := fmt.Sscanf(line, "%s %d %s", &name, &channel, &digits); err != nil {
			return nil, err
		}
		raw, err := hex.DecodeString(digits)
		if err != nil {
			return nil, err
		}
		if err := s.take(slices.Index(sideNames[:], name), channel, raw); err != nil {
			if i < len(lines)-1 {
				return nil, fault.Wrap(err, fault.Internal)
			}
			return nil, err
		}
	}
	return s.body(), nil
}

// next is a leaf that keeps the rules: it has seen all that there is.
func (s *sixLogs) next(side, channel int, kind uint8, at int64) *ledger.Leaf {
	p := place{s, side, channel}
	l := &ledger.Leaf{Type: kind, Position: p.own().Tree.Size, Time: max(p.own().Time, at)}
	l.Seen[0] = p.other().Size()
	if channel != 1 {
		l.Seen[1], l.Seen[2] = s.logs[1-side][0].Size(), s.logs[side][0].Size()
	}
	for i, leaf := range slices.Backward(p.own().leaves) {
		if leaf.Type == ledger.TypeEpoch {
			l.Epoch = uint64(i)
			break
		}
	}
	switch kind {
	case ledger.TypeReceipt:
		l.From, l.Size, l.Hash = p.own().Covered.Size, p.other().Size(), p.other().Tree.Root()
	case ledger.TypeFreeze:
		l.Channel = 3
	case ledger.TypeCorrection:
		l.Old, l.New = p.own().Time, max(0, p.own().Time-500)
		l.Time = l.New
	}
	return l
}

// spoil breaks, perhaps, one rule.
func spoil(rng *rand.Rand, l *ledger.Leaf) {
	size := &l.Seen[rng.IntN(3)]
	near := func(n *uint64) { *n += []uint64{1, 2, ^uint64(0), ^uint64(1), 1 << 40}[rng.IntN(5)] }
	switch rng.IntN(13) {
	case 0:
		near(&l.Position)
	case 1:
		l.Time -= int64(rng.IntN(3000))
	case 2, 3:
		near(&size.Size)
	case 4:
		size.Generation++
	case 5:
		near(&l.Epoch)
	case 6:
		near(&l.Target)
	case 7:
		near(&l.From)
	case 8:
		near(&l.Size.Size)
	case 9:
		l.Size.Generation++
	case 10:
		l.Hash[rng.IntN(32)] ^= 1
	case 11:
		for range 1 + rng.IntN(2) {
			l.Verdicts = append(l.Verdicts, ledger.Verdict{Position: l.From + uint64(rng.IntN(4)), Reason: 2})
		}
	case 12:
		l.Attached = append(l.Attached, [32]byte{1})
		l.Channel = uint8(rng.IntN(5))
		l.Old += int64(rng.IntN(2))
	}
	l.Time = max(l.Time, 0)
}

// TestSecondMonitor has both implementations hold the same leaves against the
// rules of a log, many of them broken: both take or refuse with the same code.
// Spec: LED-8, LED-9, LED-10, LED-11, LED-12, LED-13, LED-14, LED-15, LED-16, LED-17, LED-18, LED-19, LED-20, LED-21, LED-22, LED-23, LED-37, LED-39
func TestSecondMonitor(t *testing.T) {
	seed, histories := uint64(time.Now().UnixNano()), 12
	if os.Getenv("PARLEY_LONG") != "" {
		histories = 300
	}
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		fmt.Sscan(text, &seed)
	}
	t.Logf("PARLEY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	dir, codes, written := t.TempDir(), map[fault.Code]int{}, 0
	if err := os.Mkdir(filepath.Join(dir, "log"), 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(s *sixLogs, err error) {
		v := wiretest.Vector{Kind: "log", Expect: fault.CodeOf(err), Body: s.body()}
		codes[v.Expect]++
		written++
		if err := os.WriteFile(filepath.Join(dir, "log", fmt.Sprintf("%d.txt", written)), v.Format(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kinds := []uint8{ledger.TypeEpoch, ledger.TypeAct, ledger.TypeAct, ledger.TypeReceipt, ledger.TypeReceipt, ledger.TypeReceipt,
		ledger.TypeRestate, ledger.TypeFreeze, ledger.TypeCorrection, ledger.TypeDigest, ledger.TypeGeneration}
	for range histories {
		s := newLogs()
		for step := range 60 {
			side, channel, kind := rng.IntN(2), []int{1, 1, 2, 3, 3}[rng.IntN(5)], kinds[rng.IntN(len(kinds))]
			l := s.next(side, channel, kind, int64(wiretest.Start+1000*step))
			if spoilt := rng.IntN(3) == 0; spoilt {
				spoil(rng, l)
			}
			err := s.take(side, channel, l.Encode())
			if err != nil {
				put(s, err)
				s.lines = s.lines[:len(s.lines)-1]
			}
		}
		put(s, nil)
	}
	files, differ := second(t, dir)
	t.Logf("%d histories that end in a leaf, codes: %v", written, codes)
	for _, code := range []fault.Code{fault.LeafPosition, fault.LeafUntrue, fault.LeafTime, fault.LeafSeen, fault.LeafEpoch, fault.LeafReceipt, fault.GenerationStatement} {
		if codes[code] == 0 {
			t.Errorf("no leaf was refused with %s: %v", code, slices.Collect(maps.Keys(codes)))
		}
	}
	if files != written {
		t.Errorf("%d files read, %d written", files, written)
	}
	for _, d := range differ {
		t.Error(d)
	}
}
