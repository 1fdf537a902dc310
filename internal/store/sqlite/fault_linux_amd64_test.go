package sqlite

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"parley.example/internal/store/storetest"
)

// TestFaults lets every call that writes, syncs, shortens, renames or removes
// go wrong once, in a process of its own, from the making of the store to its
// close: what was acknowledged is there, whole and once, and it goes on.
func TestFaults(t *testing.T) {
	t.Parallel()
	run := func(at int, how storetest.How) (string, string, int) {
		return storetest.InjectSelf(t, faultFolder, at, how)
	}
	dir, said, calls := run(0, storetest.How{})
	if err := faulted(dir, said); err != nil || strings.Count(said, "stored") != faultActs || calls < 100 {
		t.Fatalf("without a fault: %v, %d calls\n%s", err, calls, said)
	}
	random := rand.New(rand.NewPCG(1, 2))
	points := 0
	for at := 1; at <= calls; at++ {
		for _, how := range storetest.Hows() {
			if os.Getenv("PARLEY_LONG") != "1" && random.IntN(calls*4) > 24 {
				continue
			}
			points++
			dir, said, _ := run(at, how)
			if err := faulted(dir, said); err != nil {
				t.Errorf("call %d of %d %s: %v\n%s", at, calls, how.Name, err, said)
			}
			os.RemoveAll(dir)
		}
	}
	t.Logf("%d calls, %d points", calls, points)
}
