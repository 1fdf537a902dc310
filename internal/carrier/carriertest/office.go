// Package carriertest implements what docs/carriers.md promises of files that are
// posted: the suite that every such carrier passes, and a post office in memory.
package carriertest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"

	"parley.example/internal/carrier"
	"parley.example/wire/mail"
)

// Office is a post office in memory: what is posted waits in one box.
type Office struct {
	Closed func() bool // nothing is taken at the counter; nil: it is open

	mu    sync.Mutex
	files [][]byte
	sizes []int
	Count int // of files that were posted
}

// Sizes are the lengths of the files that were posted.
func (o *Office) Sizes() []int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sizes)
}

// Post puts a file behind those that wait.
func (o *Office) Post(ctx context.Context, _ carrier.Peer, file []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.Closed != nil && o.Closed() {
		return errors.New("the counter is closed")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files, o.sizes, o.Count = append(o.files, bytes.Clone(file)), append(o.sizes, len(file)), o.Count+1
	return nil
}

// Waiting gives the files that wait, and has others wait in their place.
func (o *Office) Waiting(change func([][]byte) [][]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files = change(o.files)
}

// Collect hands over what waits.
func (o *Office) Collect(ctx context.Context, take func([]byte) error) (looked int, err error) {
	o.mu.Lock()
	files := o.files[:min(len(o.files), carrier.MaxCollected)]
	short := func(file []byte) bool { return len(file) < mail.MaxFile }
	slices.SortStableFunc(files, func(a, b []byte) int { return carrier.ShortFirst(short(a), short(b)) })
	rest := o.files[len(files):]
	o.files = nil
	o.mu.Unlock()
	var left [][]byte
	for i, file := range files {
		if err = ctx.Err(); err != nil {
			left = append(left, files[i:]...)
			break
		}
		looked++
		if terr := take(file); terr != nil && !errors.Is(terr, carrier.ErrForeign) {
			left = append(left, file)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files = append(append(left, rest...), o.files...)
	return looked, err
}
