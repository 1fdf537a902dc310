package bench

import (
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func TestLatency(t *testing.T) {
	samples := make([]int64, 1000)
	for i := range samples {
		samples[i] = int64(999 - i)
	}
	if l := latency(samples); l != (Latency{P50: 500, P99: 990}) {
		t.Errorf("%+v", l)
	}
	if l := latency([]int64{7}); l != (Latency{P50: 7, P99: 7}) {
		t.Errorf("%+v", l)
	}
	if l := latency(nil); l != (Latency{}) {
		t.Errorf("%+v", l)
	}
}

// The two ends of the floor understand each other, at once too, and the writer
// refuses a receipt that another key signed.
func TestFloor(t *testing.T) {
	var ends [2]*Floor
	var keys [2][][]byte
	for i := range ends {
		var err error
		if ends[i], err = NewFloor(t.TempDir()); err != nil {
			t.Fatal(err)
		}
		a, err := ends[i].Do(Ask{Do: "keys"})
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = a.Keys
	}
	at, err := ends[1].Do(Ask{Do: "listen", Keys: keys[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, at1 := range []int{1, 8} {
		a, err := ends[0].Do(Ask{Do: "write", Address: at.Address, Keys: keys[1], At: at1, Acts: 20})
		if err != nil || a.Acts != 20 || len(a.Whole) != 20 || a.Micros == 0 {
			t.Fatalf("%d at once: %d exchanges, %v", at1, a.Acts, err)
		}
	}
	// Both journals have every exchange: a sealed message there, a receipt here.
	if w, r := ends[0].journal.durable, ends[1].journal.durable; w != 80 || r != 40 {
		t.Errorf("%d and %d writes are durable", w, r)
	}
	wrong := [][]byte{keys[0][0], keys[1][1]}
	if _, err := ends[0].Do(Ask{Do: "write", Address: at.Address, Keys: wrong, At: 1, Acts: 1}); err == nil {
		t.Error("a receipt under another key was taken")
	}
}

// A run ends by number, by time, or when nothing is left; the first failure is
// the answer.
func TestRunEnds(t *testing.T) {
	var calls atomic.Int64
	one := func(int) (whole, sent time.Duration, err error) {
		calls.Add(1)
		return time.Millisecond, time.Microsecond, nil
	}
	if a, err := run(Ask{At: 4, Acts: 50}, one); err != nil || a.Acts != 50 || calls.Load() != 50 {
		t.Errorf("%d acts, %d calls, %v", a.Acts, calls.Load(), err)
	}
	if a, err := run(Ask{At: 2, Millis: 1}, one); err != nil || a.Acts == 0 {
		t.Errorf("%d acts, %v", a.Acts, err)
	}
	calls.Store(0)
	a, err := run(Ask{At: 1}, func(int) (time.Duration, time.Duration, error) {
		if calls.Add(1) > 3 {
			return 0, 0, errSpent
		}
		return 1, 1, nil
	})
	if err != nil || a.Acts != 3 {
		t.Errorf("%d acts, %v", a.Acts, err)
	}
	if _, err := run(Ask{At: 1, Acts: 5}, func(int) (time.Duration, time.Duration, error) { return 0, 0, errFloor }); err != errFloor {
		t.Errorf("%v", err)
	}
}

// What is said has the length that is claimed, and is what its kind demands.
func TestBodies(t *testing.T) {
	raw, err := form()
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := act.Lookup(act.Newest, act.RequestOpen)
	if _, err := act.CheckBody(kind, raw); err != nil || len(raw) < ActBytes-16 || len(raw) > ActBytes {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}

// Every part is measured, and does what it is measured for: a batch whose last
// leaf was changed does not lead to its root.
func TestParts(t *testing.T) {
	list, err := parts(time.Millisecond)
	if err != nil || len(list) != 7 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, p := range list {
		if p.PerSecond <= 0 {
			t.Errorf("%+v", p)
		}
	}
	b, err := newBatch(3)
	if err != nil {
		t.Fatal(err)
	}
	b.leaves[2][len(b.leaves[2])-1] ^= 1
	if b.verify() == nil {
		t.Error("a changed leaf leads to the root")
	}
	b.sealed[40] ^= 1
	if b.open() == nil {
		t.Error("changed bytes open")
	}
	b.note = strings.Replace(b.note, "\n3\n", "\n4\n", 1)
	if b.head(onlyEd25519{}) == nil {
		t.Error("a changed head verifies")
	}
}

// A part that says nothing, or says that it failed, is told as a fault.
func TestPartFails(t *testing.T) {
	if _, err := NewPart(exec.Command("false")); fault.CodeOf(err) != rule.NodeBench {
		t.Errorf("%v", err)
	}
	p, err := NewPart(exec.Command("sh", "-c", `echo '{}'; read ask; echo '{"error":"no room"}'; cat >/dev/null`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Ask(Ask{Do: "say"}); fault.CodeOf(err) != rule.NodeBench || !strings.Contains(err.Error(), "no room") {
		t.Errorf("%v", err)
	}
	if err := p.Stop(); err != nil {
		t.Errorf("%v", err)
	}
}
