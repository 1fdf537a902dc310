package sim

import (
	"flag"
	"fmt"
	"testing"
)

var (
	seedFlag     = flag.Int64("sim.seed", -1, "reproduce this seed and print its transcript")
	mutationFlag = flag.String("sim.mutation", "", "with this planted bug")
)

// TestSeed reproduces one seed exactly.
func TestSeed(t *testing.T) {
	if *seedFlag < 0 {
		t.Skip("no -sim.seed was given")
	}
	w, v := run(t, uint64(*seedFlag), options{mutation: *mutationFlag, real: isReal(uint64(*seedFlag))})
	for _, line := range w.lines {
		fmt.Println(line)
	}
	fmt.Printf("%d acts, %d steps, %d turns, digest %x\n", w.acts, w.steps, w.net.trips, w.digest())
	if v != nil {
		t.Fatal(w.report(v))
	}
}

// isReal says which seeds run with real signatures: a few.
func isReal(seed uint64) bool { return seed%50 == 0 }
