package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"parley.example/internal/carrier"
	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/probe"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Bounds of the tests that a node makes of a line by itself.
const (
	probeDays      = 400            // of which single results are kept
	probeHelloDays = 92             // and the hellos that answered
	probePatience  = 2 * hourMillis // behind which no answer is waited for: a mail may take its time
	maxProbing     = 32
)

// probing is a probe that waits for its answer.
type probing struct {
	probe.Result
	done chan struct{} // closed when it is answered, or given up
}

// probes are those of a link that are under way; under the link's lock.
type probes struct {
	waiting []*probing
	last    map[string]int64 // when the last that counts was sent, by carrier
	asked   [16]byte         // of theirs by mail, which waits for an answer by mail
	replied int64            // when we last answered one
	now     bool             // somebody wants one by mail at once
}

// way is what the direct connection of this node is called.
func (n *Node) way() string {
	if n.Way != "" {
		return n.Way
	}
	return carrierDirect
}

// probeEvery is how often each carrier is tested.
func (l *Link) probeEvery() int64 {
	if d := l.arrangementNow(); d != nil && d.Quotas.MachineMinutes > 0 {
		return d.Quotas.MachineMinutes * 60 * 1000
	}
	return hourMillis
}

// probeDue tells whether a hello that goes by a carrier now is a test of it.
func (l *Link) probeDue(name string, now int64) bool {
	every := l.probeEvery()
	l.mu.Lock()
	defer l.mu.Unlock()
	last, was := l.probes.last[name]
	return !was || now-last >= every || now < last
}

// probing notes a hello of ours that tests a carrier.
func (l *Link) probing(name string, h *contact.Hello) *probing {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probes.last == nil {
		l.probes.last = map[string]int64{}
	}
	l.probes.last[name] = h.Time
	p := &probing{Result: probe.Result{Carrier: name, Sent: h.Time, Nonce: h.Nonce, Silence: string(silence.Answer)}, done: make(chan struct{})}
	if len(l.probes.waiting) == maxProbing {
		close(l.probes.waiting[0].done)
		l.probes.waiting = l.probes.waiting[1:]
	}
	l.probes.waiting = append(l.probes.waiting, p)
	return p
}

// settleProbes takes those under way that a choice is of; whoever waits for one
// is told behind the result's being kept.
func (l *Link) settleProbes(which func(*probing) bool) (list []*probing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.probes.waiting = slices.DeleteFunc(l.probes.waiting, func(p *probing) bool {
		if which(p) {
			list = append(list, p)
			return true
		}
		return false
	})
	return list
}

// probed keeps the result of a probe that a hello of theirs answers.
func (n *Node) probed(ctx context.Context, l *Link, h *contact.Hello) {
	raw := h.Encode()
	for _, p := range l.settleProbes(func(p *probing) bool { return p.Nonce == h.Answers }) {
		p.Took, p.Silence, p.Answer = min(1<<53-1, max(0, n.Now()-p.Sent)), "", sha256.Sum256(raw)
		if h.State != contact.Ready {
			p.Took, p.Silence = 0, string(silence.SaysItself(h.State))
		}
		n.keepProbe(ctx, l, p, raw)
	}
}

// unanswered keeps the results of the probes by the direct connection after a
// contact that ended: what it did not answer, it does not any more.
func (n *Node) unanswered(ctx context.Context, l *Link, cause error) {
	name := n.way()
	for _, p := range l.settleProbes(func(p *probing) bool { return p.Carrier == name }) {
		if ctx.Err() != nil {
			close(p.done)
			continue // we stopped, and nobody was silent
		}
		if fault.Is(cause, rule.ContactDown) && !errors.Is(cause, carrier.ErrReached) || errors.Is(cause, carrier.ErrNotLeft) {
			p.Silence = string(silence.Carrier)
		}
		n.keepProbe(ctx, l, p, nil)
	}
}

// overdueProbes gives up what was not answered in time.
func (n *Node) overdueProbes(ctx context.Context, l *Link) {
	now := n.Now()
	for _, p := range l.settleProbes(func(p *probing) bool { return now-p.Sent >= probePatience }) {
		n.keepProbe(ctx, l, p, nil)
	}
}

func (l *Link) probeKey(r *probe.Result) string {
	return l.key() + "/" + orderly(r.Sent) + "/" + r.Carrier + "/" + hex.EncodeToString(r.Nonce[:])
}

// keepProbe keeps a result, and the hello that answered.
func (n *Node) keepProbe(ctx context.Context, l *Link, p *probing, hello []byte) {
	defer close(p.done)
	err := n.update(ctx, func(tx store.Tx) error {
		if hello != nil {
			if err := tx.PutRecord(bucketProbeHellos, l.key()+"/"+orderly(p.Sent)+"/"+hex.EncodeToString(p.Answer[:]), hello); err != nil {
				return err
			}
		}
		return tx.PutRecord(bucketProbes, l.probeKey(&p.Result), octet.Write(p.Layout))
	})
	if err != nil && ctx.Err() == nil {
		n.Log.Error("keeping a test of the line", "link", l.Code(), "error", err)
	}
}

// probesOf reads the results of the day that begins at an instant, in order.
func (l *Link) probesOf(r store.Reader, day int64) (list []probe.Result, err error) {
	var inner error
	err = r.Records(bucketProbes, l.key()+"/", l.key()+"/"+orderly(day), func(rec store.Record) bool {
		var one probe.Result
		if inner = octet.Read(rec.Value, one.Layout); inner != nil || one.Sent >= day+dayMillis {
			return false
		}
		if one.Sent >= day && len(list) < probe.MaxResults {
			list = append(list, one)
		}
		return true
	})
	probe.Sort(list)
	return list, errors.Join(err, inner)
}

// newestTests are the newest results of each carrier, of today and yesterday, by
// the carrier's name.
func (l *Link) newestTests(r store.Reader, now int64) (list []probe.Result, err error) {
	newest := map[string]probe.Result{}
	today := now - now%dayMillis
	for _, day := range []int64{today - dayMillis, today} {
		of, err := l.probesOf(r, day)
		if err != nil {
			return nil, err
		}
		for _, one := range of {
			newest[one.Carrier] = one
		}
	}
	for _, name := range slices.Sorted(maps.Keys(newest)) {
		list = append(list, newest[name])
	}
	return list, nil
}

// Probes gives the file of a day's results, with the hellos that answered as far
// as they are kept.
func (n *Node) Probes(ctx context.Context, l *Link, day calendar.Instant) (f *probe.File, err error) {
	day -= day % calendar.Day
	err = n.Store.View(ctx, func(r store.Reader) error {
		list, err := l.probesOf(r, int64(day))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(rule.ProbeDay, "day", day.String()[:len("2006-01-02")])
		}
		hellos := map[[32]byte][]byte{}
		for i := range list {
			raw, err := r.Record(bucketProbeHellos, l.key()+"/"+orderly(list[i].Sent)+"/"+hex.EncodeToString(list[i].Answer[:]))
			if err != nil && !store.Absent(err) {
				return err
			}
			hellos[list[i].Answer] = raw
		}
		f = probe.NewFile(l.probeDay(day), list, func(answer [32]byte) []byte { return hellos[answer] })
		return nil
	})
	return f, err
}

// DayNamed names the entry of ours in which a day's digest stands; "" while it
// is not said.
func (n *Node) DayNamed(ctx context.Context, l *Link, day calendar.Instant) (name string, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		at, err := r.ActAt(l.logID(true, statement.Hotline), act.TestIdentifier(act.TestDay, "", day-day%calendar.Day))
		if err == nil {
			name = l.ThreadName(store.ThreadID{Link: l.id, Channel: statement.Hotline, Own: true, Position: at})
		} else if store.Absent(err) {
			err = nil
		}
		return err
	})
	return name, err
}

func (l *Link) probeDay(day calendar.Instant) probe.Day {
	return probe.Day{Realm: l.Realm, Writer: l.Us, Reader: l.Them, Begins: probe.Instant(day)}
}

// JudgeProbes judges a file of results, ours or the other side's, by the keys of
// the cards that the record holds.
func (n *Node) JudgeProbes(l *Link, f *probe.File) (*probe.Found, error) {
	var keys []party.PublicKey
	for _, card := range l.chain((f.Reader == l.Us.String()) == l.Higher()) {
		keys = append(keys, card.Sign)
	}
	return f.Check(n.Signatures, keys)
}

// ProbeDay says in the record what the tests of each day that is over came to,
// once, and lets go of results that are too old. A day is said when no answer
// to a test of it is waited for any more.
func (n *Node) ProbeDay(ctx context.Context, l *Link) error {
	n.overdueProbes(ctx, l)
	if l.restoring() {
		return nil
	}
	today := (n.Now() - probePatience - 60*1000) / dayMillis
	if l.probedDay.Load() == today {
		return nil
	}
	var days []int64
	err := n.Store.View(ctx, func(r store.Reader) (err error) {
		days, err = l.unsaidDays(r, today)
		return err
	})
	for _, day := range days {
		if err == nil {
			err = n.sayDay(ctx, l, day)
		}
	}
	if err == nil {
		err = n.forgetProbes(ctx, l, today)
	}
	if err == nil {
		l.probedDay.Store(today)
	}
	return err
}

// unsaidDays lists the days with results behind the last that was said.
func (l *Link) unsaidDays(r store.Reader, today int64) (days []int64, err error) {
	from := today - maxDigests
	if raw, err := r.Record(bucketProbed, l.key()); err == nil {
		from = max(from, int64(octet.NewReader(raw).U64())+1)
	} else if !store.Absent(err) {
		return nil, err
	}
	err = r.Records(bucketProbes, l.key()+"/", l.key()+"/"+orderly(from*dayMillis), func(rec store.Record) bool {
		var one probe.Result
		if octet.Read(rec.Value, one.Layout) != nil {
			return true // damaged: it is in no day
		}
		if day := one.Sent / dayMillis; day < today && day >= from && (len(days) == 0 || days[len(days)-1] != day) {
			days = append(days, day)
		}
		return one.Sent < today*dayMillis
	})
	return days, err
}

// sayDay says one day's digest. Said twice, it repeats an identifier (ACT-14).
func (n *Node) sayDay(ctx context.Context, l *Link, day int64) error {
	body := &act.TestDayBody{Day: calendar.Instant(day * dayMillis), Carriers: []act.TestedCarrier{}}
	err := n.Store.View(ctx, func(r store.Reader) error {
		list, err := l.probesOf(r, day*dayMillis)
		digest := l.probeDay(body.Day).Digest(list)
		body.Digest = hex.EncodeToString(digest[:])
		for _, s := range probe.Sums(list) {
			body.Carriers = append(body.Carriers, act.TestedCarrier{Carrier: s.Carrier, Tried: s.Tried, Answered: s.Answered, Median: s.Median, Worst: s.Worst})
		}
		return err
	})
	if err != nil {
		return err
	}
	kind, _ := act.Lookup(act.Newest, act.TestDay)
	raw, err := act.WriteBody(body)
	if err != nil {
		return err
	}
	draft, err := n.Draft(ctx, l, kind, nil, nil, raw, nil)
	if err != nil || draft.Statement.Arrangement == [32]byte{} {
		return err // not before there is an arrangement
	}
	draft.Statement.Act = act.TestIdentifier(act.TestDay, "", body.Day)
	said := func(tx store.Tx, _ Ref) error { return tx.PutRecord(bucketProbed, l.key(), octetU64(uint64(day))) }
	_, err = n.Append(ctx, l, Say{Draft: draft, Signed: draft.ToSign(), Judge: l.judge(draft, 0), After: said})
	if fault.Is(err, rule.ActRepeated) {
		return n.update(ctx, func(tx store.Tx) error { return said(tx, Ref{Channel: statement.Hotline}) })
	}
	return err
}

// forgetProbes drops what is older than it is kept, so many at a time.
func (n *Node) forgetProbes(ctx context.Context, l *Link, today int64) error {
	for bucket, days := range map[string]int64{bucketProbes: probeDays, bucketProbeHellos: probeHelloDays} {
		until, old := l.key()+"/"+orderly((today-days)*dayMillis), []string{}
		err := n.update(ctx, func(tx store.Tx) error {
			old = old[:0]
			err := tx.Records(bucket, l.key()+"/", "", func(rec store.Record) bool {
				if rec.Key >= until || len(old) == maxAttempts {
					return false
				}
				old = append(old, rec.Key)
				return true
			})
			for _, key := range old {
				if err == nil {
					err = tx.DropRecord(bucket, key)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
