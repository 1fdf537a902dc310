package sqlite

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"sync"
	"testing"

	"parley.example/internal/store"
	"parley.example/internal/store/storetest"
)

// childFolder names the variable by which the test binary, run again, learns
// that it is the process to be killed.
const childFolder = "PARLEY_TEST_STORE_CHILD"

const childLogs = 3

func childLog(n int) store.LogID { return store.LogID{Link: [32]byte{byte(n)}, Own: true} }

// child appends to several logs at once, each row with its blob and state in
// one update, and prints what was acknowledged, until it is killed.
func child(dir string) {
	s, err := Open(ctx, dir, Options{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var all sync.WaitGroup
	for n := range childLogs {
		all.Go(func() {
			for {
				var position uint64
				err := s.Update(ctx, func(tx store.Tx) error {
					position = size(tx, childLog(n))
					if err := tx.PutBlob(childLog(n), position, store.BlobFirst, storetest.MakeRow(position).Leaf); err != nil {
						return err
					}
					if err := tx.PutState(childLog(n), fmt.Append(nil, position+1)); err != nil {
						return err
					}
					return tx.Append(childLog(n), []store.Row{storetest.MakeRow(position)})
				})
				if err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				fmt.Println("stored", n, position)
			}
		})
	}
	all.Wait()
}

// size is what the log's state says.
func size(r store.Reader, id store.LogID) (n uint64) {
	state, err := r.State(id)
	if err == nil {
		_, err = fmt.Sscan(string(state), &n)
	}
	if err != nil && !store.Absent(err) {
		panic(err)
	}
	return n
}

// TestKilled kills a writing process at random moments: every append that it
// acknowledged is there, whole, without gaps, and goes with its blob and state.
func TestKilled(t *testing.T) {
	t.Parallel()
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	if os.Getenv("PARLEY_LONG") == "1" {
		rounds = 300
	}
	dir := folder(t)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		var acked [childLogs]uint64
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		left := 1 + random.IntN(120)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var n int
			var position uint64
			if _, err := fmt.Sscanf(lines.Text(), "stored %d %d", &n, &position); err != nil {
				t.Errorf("round %d: the child said %q", round, lines.Text())
			}
			acked[n] = max(acked[n], position+1)
			if left--; left == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := lines.Err(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || left > 0 {
			t.Fatalf("round %d: the child ended by itself: %v", round, err)
		}
		survived(t, dir, acked)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

func survived(t *testing.T, dir string, acked [childLogs]uint64) {
	t.Helper()
	s, err := Open(ctx, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := s.View(ctx, func(r store.Reader) error {
		for n := range childLogs {
			next := uint64(0)
			if err := r.Rows(childLog(n), 0, 1<<40, func(row store.Row) error {
				want := storetest.MakeRow(next)
				if !reflect.DeepEqual(row, want) {
					return fmt.Errorf("log %d: row %d is %v", n, next, row)
				}
				blob, err := r.Blob(childLog(n), next, store.BlobFirst)
				if err != nil || string(blob) != string(want.Leaf) {
					return fmt.Errorf("log %d: blob %d: %x, %v", n, next, blob, err)
				}
				next++
				return nil
			}); err != nil {
				return err
			}
			if next < acked[n] || next != size(r, childLog(n)) {
				t.Errorf("log %d: %d rows, %d acknowledged, state says %d", n, next, acked[n], size(r, childLog(n)))
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
