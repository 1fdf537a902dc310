package sqltext

import (
	"context"
	"runtime"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// job is one call of Update.
type job struct {
	ctx    context.Context
	f      func(store.Tx) error
	chosen bool        // under Store.mu: it can no longer be given up
	turn   chan func() // what to do next, on its own goroutine; nil: read err
	err    error
}

// Update runs f and makes what it wrote durable before it returns nil.
func (st *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	j := &job{ctx: ctx, f: f, turn: make(chan func(), 1)}
	st.mu.Lock()
	if st.closed {
		st.mu.Unlock()
		return fault.New(rule.StoreClosed)
	}
	st.queue = append(st.queue, j)
	lead := !st.busy
	if lead {
		st.busy, j.chosen = true, true
	}
	st.mu.Unlock()
	if lead {
		st.lead(j)
		return j.err
	}
	select {
	case do := <-j.turn:
		return j.follow(do)
	case <-ctx.Done():
		if st.withdraw(j) {
			return fault.Wrap(ctx.Err(), rule.StoreUnrun)
		}
		return j.follow(<-j.turn)
	}
}

// follow does what the leader asks until the leader has no more to ask.
func (j *job) follow(do func()) error {
	for do != nil {
		do()
		do = <-j.turn
	}
	return j.err
}

// withdraw takes a job out of the queue, unless it was chosen already.
func (st *Store) withdraw(j *job) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	i := slices.Index(st.queue, j)
	if j.chosen || i < 0 {
		return false
	}
	st.queue = slices.Delete(st.queue, i, i+1)
	return true
}

// lead runs a batch. The rest of the batch is deferred since f may end its own
// goroutine (runtime.Goexit, which a failing test calls), and the others must
// not wait for ever.
func (st *Store) lead(own *job) {
	b := st.begin(own)
	defer b.finish()
	b.run(own)
}

// pass hands the lead to the first that waits.
func (st *Store) pass() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.queue) > 0 {
		next := st.queue[0]
		next.chosen = true
		next.turn <- func() {
			defer func() { next.turn <- nil }()
			st.lead(next)
		}
		return
	}
	st.busy = false
	if st.closed {
		close(st.quiet)
	}
}

// batch is one transaction and the jobs that share it, the leader's first.
type batch struct {
	st    *Store
	jobs  []*job
	layer *layer            // what jobs wrote that ended well
	lines map[lineKey]int64 // as this transaction has them
	noAct *actKey           // the last act that was asked for and is not there
	dead  error             // why nothing of this transaction can be stored
	back  chan struct{}     // closed when the last job has run
	spare *layer            // an empty one

	spilled bool // some of it is in the database already
	saved   bool // what the job writes there is behind a savepoint
}

func (st *Store) begin(own *job) *batch {
	st.gather()
	st.mu.Lock()
	n := min(len(st.queue), MaxBatch)
	b := &batch{st: st, jobs: slices.Clone(st.queue[:n]), layer: newLayer(), lines: map[lineKey]int64{}}
	if n == 0 { // Close emptied the queue after own was handed the lead
		b.jobs, b.dead = []*job{own}, fault.New(rule.StoreClosed)
	}
	for _, j := range b.jobs {
		j.chosen = true
	}
	st.queue = slices.Delete(st.queue, 0, n)
	st.shared = n
	st.mu.Unlock()
	if b.dead == nil {
		b.dead = st.ready()
	}
	return b
}

// gather lets those come in who were answered with the last batch, and are about
// to write again: else the first of them would have a commit to itself. Nobody
// is waited for: it ends when a turn of all that can run brings no more.
func (st *Store) gather() {
	if st.shared < 2 {
		return
	}
	for seen, turns := 0, 0; turns < 8; turns++ {
		runtime.Gosched()
		st.mu.Lock()
		n := len(st.queue)
		st.mu.Unlock()
		if n <= seen || n >= st.shared {
			return
		}
		seen = n
	}
}

// ready opens a transaction, after settling what an unknown commit left.
func (st *Store) ready() (err error) {
	if err := st.connect(); err != nil {
		return err
	}
	if st.unsettled.Load() {
		if err := st.settle(); err != nil {
			return err
		}
		st.unsettled.Store(false)
	}
	w := st.writer
	w.err = nil
	if err := w.exec(st.engine.BeginWrite); err != nil {
		st.writer = w.drop()
		return err
	}
	return nil
}

// connect opens the connection that writes, where there is none.
func (st *Store) connect() (err error) {
	if st.writer != nil {
		return nil
	}
	if st.writer, err = st.open(); err != nil || st.engine.Writer == "" {
		return err
	}
	if err = st.writer.exec(st.engine.Writer); err != nil {
		st.writer = st.writer.drop()
	}
	return err
}

// settle makes a small commit, after which it is known what became of the one
// before. Where there is no room even for that, it is made, once: until it is
// settled nobody can read.
func (st *Store) settle() error {
	err := st.commitSettling()
	if err == nil || st.engine.Room == "" {
		return err
	}
	if cerr := st.connect(); cerr != nil {
		return cerr
	}
	st.writer.err = nil
	if rerr := st.writer.exec(st.engine.Room); rerr != nil {
		st.writer = st.writer.drop()
		return err
	}
	return st.commitSettling()
}

func (st *Store) commitSettling() error {
	st.writer.err = nil
	for _, q := range []string{st.engine.BeginWrite, qSettle, "COMMIT"} {
		if err := st.writer.exec(q); err != nil {
			st.writer = st.writer.drop()
			return err
		}
	}
	return nil
}

// run runs one job on a layer of its own, on that job's goroutine.
func (b *batch) run(j *job) {
	if err := j.ctx.Err(); err != nil {
		j.err = fault.Wrap(err, rule.StoreUnrun)
		return
	}
	if b.dead != nil {
		return
	}
	t := &tx{reader: reader{s: b.st.writer, st: b.st, b: b}, own: b.spare}
	if b.spare = nil; t.own == nil {
		t.own = newLayer()
	}
	j.err = fault.New(fault.Internal, "update", "its goroutine was ended")
	defer func() {
		own := t.own
		t.s, t.own = nil, nil // what f kept of it must not write into the next job
		b.end(j, own)
	}()
	j.err = store.Guard(func() error { return j.f(t) })
}

// end keeps what a job wrote, or undoes it.
func (b *batch) end(j *job, own *layer) {
	w := b.st.writer
	if w.err != nil {
		// The database may have given up the whole transaction.
		j.err, b.dead = w.err, w.err // whatever f made of it
		return
	}
	b.noAct = nil
	switch {
	case j.err != nil:
	case len(b.jobs) == 1:
		b.layer = own
	default:
		b.layer.take(own)
		own.clear()
		b.spare = own
	}
	if !b.saved {
		return
	}
	b.saved = false
	ends := []string{"RELEASE SAVEPOINT job"}
	if j.err != nil {
		ends = []string{"ROLLBACK TO SAVEPOINT job", "RELEASE SAVEPOINT job"}
		b.st.forget()
		clear(b.lines)
	}
	for _, q := range ends {
		if err := w.end(q); err != nil {
			b.dead = w.failed(err)
			return
		}
	}
}

// forget drops what the writer remembers.
func (st *Store) forget() {
	st.known.forget()
	st.words.known = false
}

// finish runs the other jobs, commits, hands the lead on and answers.
func (b *batch) finish() {
	if len(b.jobs) > 1 {
		b.back = make(chan struct{})
		b.ask(1)
		<-b.back
	}
	b.commit()
	b.st.pass()
	for _, j := range b.jobs[1:] {
		j.turn <- nil
	}
}

// ask lets a job run, which then asks the next one itself; the last goes back to
// the leader.
func (b *batch) ask(n int) {
	b.jobs[n].turn <- func() {
		defer func() { // also when f ends its goroutine
			if n+1 < len(b.jobs) {
				b.ask(n + 1)
			} else {
				close(b.back)
			}
		}()
		b.run(b.jobs[n])
	}
}

// commit is the point from which on what the jobs wrote exists. A crash before
// it leaves nothing of any of them, a crash after it all of each.
func (b *batch) commit() {
	w := b.st.writer
	if w == nil {
		b.answer(b.dead)
		return
	}
	good := func(j *job) bool { return j.err == nil }
	some := slices.ContainsFunc(b.jobs, good)
	if b.dead == nil && some {
		b.dead = b.flush(b.layer)
	}
	if b.dead != nil || !some {
		b.st.forget()
		w.err = nil
		if w.end("ROLLBACK") != nil {
			b.st.writer = w.drop()
		}
		b.answer(b.dead)
		return
	}
	commit := func() error { return w.end("COMMIT") }
	var err error
	if hook := b.st.engine.TestingOnlyCommit; hook != nil {
		err = hook(commit)
	} else {
		err = commit()
	}
	if err == nil {
		b.st.known.absorb(b.layer)
		for key, line := range b.lines {
			b.st.lines.Store(key, line)
		}
		if done := b.st.engine.Committed; done != nil {
			w.conn.Raw(func(conn any) error { done(conn); return nil })
		}
		return
	}
	b.st.forget()
	code := b.st.engine.Code(err, true)
	if code == rule.StoreUnknown {
		b.st.unsettled.Store(true)
	}
	b.st.writer = w.drop()
	b.answer(fault.Wrap(err, code))
}

// answer gives every job that has no error of its own this one.
func (b *batch) answer(err error) {
	for _, j := range b.jobs {
		if j.err == nil {
			j.err = err
		}
	}
}
