package sim

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	seedFlag     = flag.Int64("sim.seed", -1, "reproduce this seed and print its transcript (with -v, also when it passes)")
	mutationFlag = flag.String("sim.mutation", "", "with this planted bug")
	longFlag     = flag.Bool("sim.long", false, "run as many seeds as -sim.seeds says")
	seedsFlag    = flag.Uint64("sim.seeds", 500, "how many seeds a long run has")
	fromFlag     = flag.Uint64("sim.from", 1, "the first seed")
	childFlag    = flag.String("sim.child", "", "used by the tests themselves: first seed, step, number of seeds")
)

// defaultSeeds are run by every `go test`.
const defaultSeeds = 40

// isReal says which seeds run with real signatures: a few.
func isReal(seed uint64) bool { return seed%20 == 0 }

// TestMain lets the heap grow: a world keeps little, and a quarter of the work
// of a year was collecting what it dropped.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}

// TestSeed reproduces one seed exactly.
func TestSeed(t *testing.T) {
	if *seedFlag < 0 {
		t.Skip("no -sim.seed was given")
	}
	seed := uint64(*seedFlag)
	w, v := run(t, seed, options{mutation: *mutationFlag, real: isReal(seed), name: arrangedFor(seed)})
	for _, line := range w.lines {
		fmt.Println(line)
	}
	fmt.Printf("%d acts, %d steps, %d turns, digest %x\n", w.acts, w.steps, w.net.trips, w.digest())
	if v != nil {
		t.Fatal(w.report(v))
	}
}

// TestSeeds lives through the seeds: two hostile worlds at a time, one a
// process, since the random source that makes a world deterministic belongs to
// a whole process.
func TestSeeds(t *testing.T) {
	t.Parallel()
	seeds := uint64(defaultSeeds)
	if *longFlag || os.Getenv("PARLEY_LONG") != "" {
		seeds = *seedsFlag
	} else if testing.Short() {
		seeds = 10
	}
	const shards = 2
	began := time.Now()
	var lock sync.Mutex
	covered := newCoverage()
	t.Cleanup(func() {
		if *fromFlag == 1 && seeds >= defaultSeeds && !t.Failed() {
			covered.check(t)
		}
		t.Logf("said, refused, crossed: %s", covered)
	})
	for shard := range uint64(shards) {
		t.Run(strconv.FormatUint(shard, 10), func(t *testing.T) {
			t.Parallel()
			for r := range children(t, "", *fromFlag+shard, shards, (seeds+shards-1-shard)/shards) {
				if r.invariant != "" {
					t.Errorf("%s", r.text)
				}
				lock.Lock()
				covered.add(r.covered)
				lock.Unlock()
			}
			t.Logf("%.1f seeds a second in each of %d processes", float64(seeds)/shards/time.Since(began).Seconds(), shards)
		})
	}
}

// TestSameAgain lives through one seed twice, and gets the same transcript.
func TestSameAgain(t *testing.T) {
	t.Parallel()
	var digests []string
	for range 2 {
		for r := range children(t, "", 7, 1, 1) {
			digests = append(digests, r.digest)
		}
	}
	if len(digests) != 2 || digests[0] != digests[1] {
		t.Errorf("one seed gave %q", digests)
	}
}

// result is what a child says of one seed.
type result struct {
	seed, invariant, digest, covered, text string
}

const marker = "\x01seed "

// children runs seeds in a process of their own and yields what becomes of each.
func children(t *testing.T, mutation string, from, step, count uint64) func(func(result) bool) {
	return func(yield func(result) bool) {
		if count == 0 {
			return
		}
		ctx := t.Context()
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestChild$", "-test.timeout=0",
			fmt.Sprintf("-sim.child=%d,%d,%d", from, step, count), "-sim.mutation="+mutation)
		var errors bytes.Buffer
		cmd.Stderr = &errors
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		all := true
		for r := range results(out) {
			if all = yield(r); !all {
				break
			}
			count--
		}
		if !all {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return
		}
		if err := cmd.Wait(); err != nil || count != 0 {
			t.Errorf("%d seeds from %d on did not end: %v\n%s", count, from, err, errors.String())
		}
	}
}

// results reads what a child prints: a line that begins with the marker, and
// the report of a violation behind it, up to the next.
func results(out interface{ Read([]byte) (int, error) }) func(func(result) bool) {
	return func(yield func(result) bool) {
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 16<<20)
		var r result
		for scanner.Scan() {
			line := scanner.Text()
			rest, begins := strings.CutPrefix(line, marker)
			switch {
			case begins && rest == "end":
				if !yield(r) {
					return
				}
				r = result{}
			case begins:
				fields := strings.Split(rest, " ")
				r.seed, r.digest, r.covered, r.invariant = fields[0], fields[1], fields[2], fields[3]
			case r.seed != "":
				r.text += line + "\n"
			}
		}
	}
}

// TestChild runs seeds for its parent and prints what became of them.
func TestChild(t *testing.T) {
	if *childFlag == "" {
		t.Skip("only run by the other tests")
	}
	var from, step, count uint64
	if _, err := fmt.Sscanf(*childFlag, "%d,%d,%d", &from, &step, &count); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		seed := from + i*step
		w, v := run(t, seed, options{mutation: *mutationFlag, real: isReal(seed) && *mutationFlag == "", name: arrangedFor(seed)})
		invariant, text := "", ""
		if v != nil {
			invariant, text = v.invariant, w.report(v)
		}
		fmt.Printf("%s%d %x %s %s\n%s\n%send\n", marker, seed, w.digest(), w.covered, invariant, text, marker)
	}
}
