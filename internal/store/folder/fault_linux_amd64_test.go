package folder

import (
	"os"
	"strings"
	"testing"

	"parley.example/internal/store/storetest"
)

// TestFaults lets every call that writes, syncs, renames or removes go wrong
// once, in a process of its own: what was kept is there and whole, the note is
// never older than the last that was kept, and never torn.
func TestFaults(t *testing.T) {
	t.Parallel()
	run := func(at int, how storetest.How) (string, string, int) {
		return storetest.InjectSelf(t, faultFolder, at, how)
	}
	dir, said, calls := run(0, storetest.How{})
	if err := faulted(dir, said); err != nil || strings.Count(said, "kept") != 8 || calls < 20 {
		t.Fatalf("without a fault: %v, %d calls\n%s", err, calls, said)
	}
	points := 0
	for at := 1; at <= calls; at++ {
		for _, how := range storetest.Hows() {
			if os.Getenv("PARLEY_LONG") != "1" && (at+points)%4 != 0 {
				points++
				continue
			}
			points++
			dir, said, _ := run(at, how)
			if err := faulted(dir, said); err != nil {
				t.Errorf("call %d of %d %s: %v\n%s", at, calls, how.Name, err, said)
			}
		}
	}
	t.Logf("%d calls", calls)
}
