package node

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"slices"

	"parley.example/internal/carrier"
	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/arrangement"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/probe"
	"parley.example/wire/rule"
	"parley.example/wire/withheld"
)

// carrierDirect is the name of the direct connection in hellos.
const carrierDirect = "https"

// Bounds of what is kept of one line.
const (
	maxWitnesses = 2 * 768 // of each side the first and the last of an hour, for 32 days
	maxDeclared  = 64
	maxAttempts  = 1024
	maxAlarms    = 64
	maxTold      = 256
)

// lineRecord is what is kept of a line as a whole.
type lineRecord struct {
	began        int64 // when it was first looked at: from then on it could be heard
	heard        int64 // when a hello of theirs last came
	changed      int64 // since when their hellos say the state they say
	witnesses    uint32
	witnessesOwn uint32
	declared     uint32
	attempts     uint32
	alarms       uint32
	told         uint32
	toldEver     uint32
	alarm        string // the silence that is alarmed of; empty: none
	since        int64  // from when it was silent
	raised       int64
}

func (x *lineRecord) layout(c *octet.Codec) {
	for _, v := range []*int64{&x.began, &x.heard, &x.changed, &x.since, &x.raised} {
		octet.Int(c, v)
	}
	for _, v := range []*uint32{&x.witnesses, &x.witnessesOwn, &x.declared, &x.attempts, &x.alarms, &x.told, &x.toldEver} {
		octet.Int(c, v)
	}
	c.Text(&x.alarm, 64)
}

func (l *Link) key() string { return hex.EncodeToString(l.id[:]) }

func (l *Link) line(r store.Reader) (x lineRecord, err error) {
	raw, err := r.Record(bucketLine, l.key())
	if store.Absent(err) {
		return lineRecord{began: l.node.Now()}, nil
	}
	if err == nil {
		err = octet.Read(raw, x.layout)
	}
	return x, err
}

func (l *Link) putLine(tx store.Tx, x *lineRecord) error {
	return tx.PutRecord(bucketLine, l.key(), octet.Write(x.layout))
}

// keepBounded puts a record of this link and drops the oldest beyond a bound;
// count is how many there are. Keys stand in the order of age.
func (l *Link) keepBounded(tx store.Tx, bucket, prefix, key string, value []byte, count *uint32, bound uint32) error {
	_, err := tx.Record(bucket, key)
	if store.Absent(err) {
		*count++
		err = tx.PutRecord(bucket, key, value)
	} else if err == nil {
		return tx.PutRecord(bucket, key, value)
	}
	for err == nil && *count > bound {
		oldest := ""
		err = tx.Records(bucket, prefix, "", func(rec store.Record) bool {
			oldest = rec.Key
			return false
		})
		if err == nil {
			*count--
			err = tx.DropRecord(bucket, oldest)
		}
	}
	return err
}

// orderly writes an instant so that keys stand in the order of time.
func orderly(at int64) string {
	const digits = 20
	text := fault.Int(max(at, 0))
	for len(text) < digits {
		text = "0" + text
	}
	return text
}

// Declared is what the other side declared of itself, from when on.
type Declared struct {
	Time     int64
	Software string
	Config   [32]byte
	Store    [16]byte
}

func (d *Declared) layout(c *octet.Codec) {
	octet.Int(c, &d.Time)
	c.Text(&d.Software, 64)
	c.Fixed(d.Config[:])
	c.Fixed(d.Store[:])
}

// keepDeclared records a change of what the other declares, and tells the log.
func (l *Link) keepDeclared(tx store.Tx, x *lineRecord, before, h *contact.Hello, now int64) error {
	if before != nil && before.Software == h.Software && before.Config == h.Config && before.Store == h.Store {
		return nil
	}
	d := Declared{now, h.Software, h.Config, h.Store}
	if before != nil {
		l.node.Log.Warn("the other side declares another software, configuration or store", "link", l.Code(), "software", h.Software,
			"before", before.Software, "configuration", hex.EncodeToString(h.Config[:4]))
	}
	return l.keepBounded(tx, bucketDeclared, l.key()+"/", l.key()+"/"+orderly(now), octet.Write(d.layout), &x.declared, maxDeclared)
}

// Heard is when a turn last came in by a carrier.
type Heard struct {
	Carrier string
	Time    int64
}

// heardBy notes that a turn came in by a carrier: from now on that one is up.
func (l *Link) heardBy(name string, now int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.lastTurn, l.meta.tried = now, nil
	for i := range l.meta.by {
		if l.meta.by[i].Carrier == name {
			l.meta.by[i].Time = now
			return
		}
	}
	l.meta.by = append(l.meta.by, Heard{name, now})
}

// carriersUp names the carriers by which a turn came in within the last hour:
// no other is known to be up.
func (l *Link) carriersUp(now int64) (up []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.meta.by {
		if now-h.Time <= hourMillis {
			up = append(up, h.Carrier)
		}
	}
	return up
}

// keepHeard makes durable by which carriers the line was heard.
func (l *Link) keepHeard(tx store.Tx) error {
	l.mu.Lock()
	by := slices.Clone(l.meta.by)
	l.mu.Unlock()
	for _, h := range by {
		if err := tx.PutRecord(bucketHeard, l.key()+"/"+h.Carrier, octetU64(uint64(h.Time))); err != nil {
			return err
		}
	}
	return nil
}

// heardOver lists when a turn last came in, by carrier.
func (l *Link) heardOver(r store.Reader) (list []Heard, err error) {
	err = r.Records(bucketHeard, l.key()+"/", "", func(rec store.Record) bool {
		list = append(list, Heard{rec.Key[len(l.key())+1:], int64(octet.NewReader(rec.Value).U64())})
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.meta.by {
		i := slices.IndexFunc(list, func(k Heard) bool { return k.Carrier == h.Carrier })
		if i < 0 {
			list = append(list, h)
		} else {
			list[i].Time = max(list[i].Time, h.Time)
		}
	}
	return list, err
}

// Line is all that a node knows of a line, at its own clock.
type Line struct {
	State    silence.State
	Limits   silence.Limits
	Heard    []Heard
	Up       []string       // carriers of ours that are up
	Hello    *contact.Hello // their newest; nil: none
	HelloAt  int64
	Nothing  bool           // by that hello all they had written is here
	Items    []silence.Item // of ours: what they were told of, without a receipt
	Owing    []silence.Item // of theirs: what we were told of, and they have no receipt for
	Declared []Declared
	Config   [32]byte // what we declare
	Attempts []Attempted
	Alarms   []Alarmed
	Told     []Told
	Tested   []probe.Result // the newest test of each carrier in two days
}

// Line reads what is known of a line.
func (n *Node) Line(ctx context.Context, l *Link) (line Line, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		if err := l.syncBook(r); err != nil {
			return err
		}
		line, err = n.lineAt(r, l, n.Now())
		if err == nil {
			line.Tested, err = l.newestTests(r, n.Now())
		}
		if err != nil {
			return err
		}
		for bucket, read := range map[string]func(c *octet.Codec){
			bucketDeclared: func(c *octet.Codec) { d := Declared{}; d.layout(c); line.Declared = append(line.Declared, d) },
			bucketAttempts: func(c *octet.Codec) { a := Attempted{}; a.Layout(c); line.Attempts = append(line.Attempts, a) },
			bucketAlarms:   func(c *octet.Codec) { a := Alarmed{}; a.layout(c); line.Alarms = append(line.Alarms, a) },
			bucketTold:     func(c *octet.Codec) { t := Told{}; t.layout(c); line.Told = append(line.Told, t) },
		} {
			if err := l.each(r, bucket, read); err != nil {
				return err
			}
		}
		return nil
	})
	return line, err
}

// each reads the records of a bucket that belong to this link, oldest first.
func (l *Link) each(r store.Reader, bucket string, read func(c *octet.Codec)) error {
	var inner error
	err := r.Records(bucket, l.key()+"/", "", func(rec store.Record) bool {
		inner = octet.Read(rec.Value, read)
		return inner == nil
	})
	return errors.Join(err, inner)
}

func (n *Node) lineAt(r store.Reader, l *Link, now int64) (line Line, err error) {
	x, err := l.line(r)
	if err != nil {
		return line, err
	}
	s, err := l.state(r)
	if err != nil {
		return line, err
	}
	if line.Heard, err = l.heardOver(r); err != nil {
		return line, err
	}
	if line.Hello, err = l.lastHello(r); err != nil {
		return line, err
	}
	const always = math.MaxInt64 // hellos name the instants of their own clock, not of ours
	if line.Items, err = l.unreceipted(r, s, line.Hello, always); err != nil {
		return line, err
	}
	if line.Owing, err = l.owing(r, s, line.Hello, always); err != nil {
		return line, err
	}
	line.Limits, line.Up, line.HelloAt, line.Config = l.limits(), l.carriersUp(now), x.heard, n.configOf(l)
	if line.Hello != nil {
		var stored [3]contact.Sized
		for i, log := range s.Theirs {
			stored[i] = contact.Sized{Size: log.Size(), Root: log.Tree.Root()}
		}
		line.Nothing = silence.NothingSince(line.Hello, stored)
	}
	known := silence.Known{Began: x.began, Hello: line.Hello, Changed: x.changed, Items: line.Items}
	for _, h := range line.Heard {
		known.Heard = max(known.Heard, h.Time)
	}
	l.mu.Lock()
	known.Tried = l.meta.tried
	l.mu.Unlock()
	line.State = silence.Judge(known, line.Limits, now)
	return line, nil
}

// limits are what the arrangement says, else what spec/silence.md does.
func (l *Link) limits() silence.Limits {
	limits := silence.Limits{Silent: silence.DefaultSilent, Withheld: silence.DefaultWithheld}
	ours, theirs := l.newestCards()
	byCourier := len(ours.Addresses) == 0 && len(theirs.Addresses) == 0
	if byCourier {
		limits.Silent = silence.DefaultCourier
	}
	if d := l.arrangementNow(); d != nil {
		limits.Withheld = d.Quotas.ReceiptWithheldSeconds * 1000
		if byCourier {
			limits.Silent = d.Quotas.LongestCourierHours * hourMillis
		}
	}
	return limits
}

// arrangementNow is the version in force by our clock; nil while there is none.
func (l *Link) arrangementNow() *arrangement.Document {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.At(l.bookSizesLocked()).Context(l.node.Now()).Arrangement
}

// Attempted is one outcome of attempts to deliver, within one hour.
type Attempted = withheld.Attempt

// tried keeps what became of a contact that we began: always if it failed, and
// otherwise while something of ours is without a receipt.
func (n *Node) tried(ctx context.Context, l *Link, cause error) {
	now, code := n.Now(), string(fault.CodeOf(cause))
	l.mu.Lock()
	if cause == nil {
		l.meta.tried, code = nil, string(l.meta.refusal)
	} else {
		away := fault.Is(cause, rule.ContactDown) || errors.Is(cause, carrier.ErrNotLeft)
		l.meta.tried = &silence.Attempt{Time: now, Reached: errors.Is(cause, carrier.ErrReached) || !away}
	}
	l.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	s, err := n.current(ctx, l)
	if err != nil || cause == nil && !owed(s) {
		return
	}
	count := l.countAttempt(now, code)
	if count == 0 {
		return
	}
	if err := n.update(ctx, func(tx store.Tx) error {
		return l.keepAttempt(tx, Attempted{First: now, Carrier: carrierDirect, Address: addressDigest(l.Peer().Addresses), Code: code, Count: count})
	}); err != nil {
		n.Log.Debug("keeping an attempt", "link", l.Code(), "error", err)
	}
}

// counted is the attempts of one outcome that are not in the store yet.
type counted struct {
	code  string
	hour  int64
	at    int64 // of the last one that is in the store
	count uint32
}

// countAttempt says how many attempts are to be written now; none while one of
// the same outcome was written within the minute.
func (l *Link) countAttempt(now int64, code string) (count uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.meta.counted
	if c.code != code || c.hour != now/hourMillis {
		*c = counted{code: code, hour: now / hourMillis, at: now - watchEvery}
	}
	if c.count++; now-c.at < watchEvery {
		return 0
	}
	count, c.count, c.at = c.count, 0, now
	return count
}

// keepAttempt adds attempts to those of the same hour, carrier and outcome, and
// keeps by which carriers was heard what: a start of the node must not make the
// direct line seem to have been up until then.
func (l *Link) keepAttempt(tx store.Tx, a Attempted) error {
	x, err := l.line(tx)
	if err == nil {
		err = l.keepHeard(tx)
	}
	if err != nil {
		return err
	}
	a.Last = a.First
	key := l.key() + "/" + orderly(a.First/hourMillis) + "/" + a.Carrier + "/" + a.Code
	raw, err := tx.Record(bucketAttempts, key)
	if err == nil {
		before := Attempted{}
		err = octet.Read(raw, before.Layout)
		a.First, a.Count = before.First, before.Count+a.Count
	} else if store.Absent(err) {
		err = nil
	}
	if err != nil {
		return err
	}
	if err := l.keepBounded(tx, bucketAttempts, l.key()+"/", key, octet.Write(a.Layout), &x.attempts, maxAttempts); err != nil {
		return err
	}
	return l.putLine(tx, &x)
}
