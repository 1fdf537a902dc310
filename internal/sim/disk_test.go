package sim

import (
	"context"
	"strconv"

	"parley.example/internal/store"
	"parley.example/internal/store/memory"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
)

// fate is what befalls a commit.
type fate uint8

const (
	pass        fate = iota
	full             // nothing is stored, and it is said so
	lost             // nothing is stored, and nobody knows
	hidden           // it is stored, and nobody knows: failed but stored
	crashBefore      // the machine stops, nothing is stored
	crashAfter       // the machine stops, it is stored
)

func (f fate) String() string {
	return [...]string{"pass", "full", "lost, unknown", "stored, unknown", "crash before the commit", "crash after the commit"}[f]
}

// disk is a side's store. Each commit has its fate; what is written, committed
// or not, is shown to the checker; and the mutations of disks are here.
type disk struct {
	*memory.Store
	s    *side
	next fate // of the commit that is under way
	down bool // the machine stands still

	before *memory.Snapshot            // mutations: what is really durable
	lag    map[store.LogID][]byte      // mutations: states as they were one write ago
	newest map[store.LogID]newestCover // mutations: the newest receipt
}

type newestCover struct {
	time int64
	at   uint64
}

func newDisk(s *side, identity byte) *disk {
	d := &disk{s: s, lag: map[store.LogID][]byte{}, newest: map[store.LogID]newestCover{}}
	ask := func(outcomes map[fate]memory.Outcome) func(uint64) memory.Outcome {
		return func(uint64) memory.Outcome { return outcomes[d.next] }
	}
	d.Store = memory.New([16]byte{identity}, memory.Faults{
		BeforeCommit: ask(map[fate]memory.Outcome{full: memory.Full, lost: memory.Unknown, crashBefore: memory.Crash}),
		AfterCommit:  ask(map[fate]memory.Outcome{hidden: memory.Unknown, crashAfter: memory.Crash}),
	})
	return d
}

// View reads what the running node reads.
func (d *disk) View(ctx context.Context, f func(store.Reader) error) error {
	if d.down {
		return fault.New(rule.StoreClosed)
	}
	return d.Store.View(ctx, func(r store.Reader) error {
		if d.s.w.mutation == "" {
			return f(r)
		}
		return f(bent{r, d})
	})
}

// Update runs one transaction to its fate.
func (d *disk) Update(ctx context.Context, f func(store.Tx) error) error {
	if d.down {
		return fault.New(rule.StoreClosed)
	}
	d.next = d.s.w.fate(d.s)
	half, dirty := d.mutate()
	err := d.Store.Update(ctx, func(tx store.Tx) error {
		var t store.Tx = probe{tx, d}
		if d.s.w.mutation != "" {
			t = &crooked{probe: probe{tx, d}, bent: bent{tx, d}, half: half}
		}
		return f(t)
	})
	reached := err == nil || fault.Is(err, rule.StoreUnknown) || fault.Is(err, rule.StoreFull)
	if d.next != pass && reached {
		d.s.say("  (disk: %s)", d.next)
	}
	if (d.next == crashBefore || d.next == crashAfter) && reached {
		d.s.crash()
	}
	if d.next = pass; dirty && err == nil {
		return fault.New(rule.StoreFull)
	}
	return err
}

// halt stops the machine: what was committed is there when it starts again.
func (d *disk) halt() {
	d.down = true
	d.Store.Reopen()
	if m := d.s.w.mutation; (m == ackEarly || m == dirtyHead) && d.before != nil {
		d.Store.Restore(d.before)
		d.before = nil
	}
}

// probe shows the checker every key that is used, also in a transaction that
// never commits: the bytes may have reached a disk all the same.
type probe struct {
	store.Tx
	d *disk
}

func (p probe) Append(id store.LogID, rows []store.Row) error {
	if id.Own {
		for _, row := range rows {
			p.d.s.w.check.salted(p.d.s, id, row)
		}
	}
	return p.Tx.Append(id, rows)
}

func (p probe) PutBlob(id store.LogID, position uint64, kind uint8, blob []byte) error {
	if id.Own {
		p.d.s.w.check.sealed(p.d.s, id, position, blob)
	}
	return p.Tx.PutBlob(id, position, kind, blob)
}

// mutate prepares a disk's own planted bugs. half: the transaction loses what
// it writes to own logs; dirty: what it wrote is seen, and said to have failed.
func (d *disk) mutate() (half, dirty bool) {
	switch d.s.w.mutation {
	case ackEarly:
		d.before = d.Snapshot()
	case tornReceipt:
		if d.next == crashBefore {
			d.next, half = crashAfter, true
		}
	case dirtyHead:
		if d.next == full {
			d.next, dirty = pass, true
			if d.before == nil {
				d.before = d.Snapshot()
			}
		}
	}
	return half, dirty
}

// bent reads wrongly.
type bent struct {
	store.Reader
	d *disk
}

func (b bent) ActAt(id store.LogID, act [16]byte) (uint64, error) {
	if b.d.s.w.mutation == noActIndex {
		return 0, fault.New(rule.StoreAbsent)
	}
	return b.Reader.ActAt(id, act)
}

func (b bent) Receipt(id store.LogID, position uint64) (time int64, at uint64, err error) {
	time, at, err = b.Reader.Receipt(id, position)
	if newest, ok := b.d.newest[id]; ok && err == nil && b.d.s.w.mutation == lateReceipt {
		return newest.time, newest.at, nil
	}
	return time, at, err
}

// crooked writes wrongly.
type crooked struct {
	probe
	bent bent
	half bool // loses what it writes to own logs, once it has written to theirs
	came bool
}

func (c *crooked) ActAt(id store.LogID, act [16]byte) (uint64, error) { return c.bent.ActAt(id, act) }
func (c *crooked) Receipt(id store.LogID, position uint64) (int64, uint64, error) {
	return c.bent.Receipt(id, position)
}

// State of a log of theirs, from a replica that lags one write behind.
func (c *crooked) State(id store.LogID) ([]byte, error) {
	if c.d.s.w.mutation == twiceAppended && !id.Own && c.d.s.w.chance(20) {
		if old, ok := c.d.lag[id]; ok {
			return old, nil
		}
	}
	return c.probe.State(id)
}

func (c *crooked) PutState(id store.LogID, state []byte) error {
	if c.half && c.came && id.Own {
		return nil
	}
	if old, err := c.Tx.State(id); err == nil {
		c.d.lag[id] = old
	}
	return c.probe.PutState(id, state)
}

func (c *crooked) Append(id store.LogID, rows []store.Row) error {
	c.came = c.came || !id.Own
	if c.half && c.came && id.Own {
		return nil
	}
	err := c.probe.Append(id, rows)
	if f, ok := err.(*fault.Fault); ok && f.Code == rule.StorePosition && c.d.s.w.mutation == twiceAppended {
		next, _ := strconv.ParseUint(f.Args[3], 10, 64)
		for i := range rows {
			rows[i].Position = next + uint64(i)
		}
		return c.probe.Append(id, rows)
	}
	return err
}

func (c *crooked) PutBlob(id store.LogID, position uint64, kind uint8, blob []byte) error {
	if c.half && c.came && id.Own {
		return nil
	}
	return c.probe.PutBlob(id, position, kind, blob)
}

func (c *crooked) PutReceipt(id store.LogID, size uint64, time int64, at uint64) error {
	if c.half && !id.Own {
		return nil
	}
	c.d.newest[id] = newestCover{time, at}
	return c.probe.PutReceipt(id, size, time, at)
}

// durable is how much of a side's own log would be there after a power cut.
func (d *disk) durable(origin ledger.Origin, id store.LogID) uint64 {
	from := d.Store
	if d.s.w.mutation == dirtyHead && d.before != nil {
		from = memory.New([16]byte{}, memory.Faults{})
		from.Restore(d.before)
	}
	size := uint64(0)
	_ = from.View(context.Background(), func(r store.Reader) error {
		size = stateOf(r, id, origin).Tree.Size
		return nil
	})
	return size
}
