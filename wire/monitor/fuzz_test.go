package monitor_test

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"

	"parley.example/wire/ledger"
	"parley.example/wire/statement"
)

// leaves are written one behind the other, each with its length before it.
func leaves(list ...*ledger.Leaf) (b []byte) {
	for _, l := range list {
		raw := l.Encode()
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(raw))), raw...)
	}
	return b
}

// Whatever leaves come, a log takes one at a time or stays as it was, and what
// it took keeps the rules that can be seen from the leaves alone.
// Spec: LED-8, LED-9, LED-12, LED-13, LED-17, LED-21.
func FuzzNext(f *testing.F) {
	for _, c := range rows() {
		l := next(c.kind)
		c.change(l)
		behind := next(act)
		behind.Position = 11
		f.Add(leaves(l, behind), l.Type == receipt)
	}
	f.Fuzz(func(t *testing.T, b []byte, control bool) {
		channel := uint8(statement.Routine)
		if control {
			channel = statement.Control
		}
		log, known, limits := stand(channel)
		for len(b) > 2 {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			raw := b[2 : 2+n]
			b = b[2+n:]
			l, err := ledger.DecodeLeaf(raw)
			if err != nil {
				continue
			}
			before := log
			if _, err = log.Next(l, raw, limits, known); err != nil {
				if !reflect.DeepEqual(log, before) {
					t.Fatalf("%v, and the log changed", err)
				}
				continue
			}
			if l.Position != before.Tree.Size || log.Tree.Size != before.Tree.Size+1 || l.Time < before.Time && l.Type != correction {
				t.Fatalf("position %d at time %d is taken behind %d leaves, the last of time %d", l.Position, l.Time, before.Tree.Size, before.Time)
			}
			for i, s := range l.Seen {
				if s.Size < before.Seen[i].Size || s.Size > limits[i].Size {
					t.Fatalf("%v is seen, after %v and of %v", l.Seen, before.Seen, limits)
				}
			}
			if l.Type == receipt && (l.From != before.Covered.Size || l.Size.Size > l.Seen[0].Size) {
				t.Fatalf("a receipt from %d to %d, where %d are covered and %d seen", l.From, l.Size.Size, before.Covered.Size, l.Seen[0].Size)
			}
			if !bytes.Equal(l.Encode(), raw) {
				t.Fatal("a leaf is written otherwise than it was read")
			}
		}
	})
}
