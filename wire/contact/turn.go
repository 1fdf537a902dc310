package contact

import (
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// MaxTurn bounds a turn, in bytes: one delivery, its head and a hello.
const MaxTurn = ledger.MaxBytes + 256<<10

// Push is a delivery: entries of one log from a position on, and a signed head
// that they end at.
type Push struct {
	Origin  string // of the log, so that a stray delivery is known at once
	Channel uint8
	Own     bool // false: the sender's log; true: the receiver's own, given back to a restored node
	From    uint64
	Entries []Entry
	Head    string
	Cosign  string // the sender's cosignature lines on the newest head of the receiver's, or empty
	Cosigns uint64 // the size of that head
}

// Entry is a leaf and what lies beside it: wraps, sealed bytes, or nothing.
type Entry struct {
	Leaf []byte
	Blob []byte // empty also when the content was destroyed
}

// Outcome says what became of the delivery in the turn before.
type Outcome struct {
	Channel uint8
	Code    fault.Code // empty: stored
	Need    statement.Size
}

// Turn is one message. Turns alternate; a contact ends when neither side has
// anything to push.
type Turn struct {
	Realm   uint8
	From    party.ID
	Hello   []byte            // signed, or empty
	Stored  [3]statement.Size // of the receiver's logs, as the sender has them: a hint, the hello signs it
	Want    [3]bool           // a restored sender asks for its own log back, from Lost on
	Lost    [3]uint64
	Outcome *Outcome
	Push    *Push
}

// Idle reports whether the turn asks for no answer.
func (t *Turn) Idle() bool { return t.Push == nil && t.Want == [3]bool{} }

// Encode gives the turn's bytes.
func (t *Turn) Encode() []byte {
	w := octet.Writer{Bytes: append(make([]byte, 0, t.size()), "parley turn v1\n"...)}
	w.U8(t.Realm)
	w.Fixed(t.From[:])
	w.Vec(t.Hello)
	for i, s := range t.Stored {
		w.U32(s.Generation)
		w.U64(s.Size)
		w.U8(flag(t.Want[i]))
		w.U64(t.Lost[i])
	}
	w.U8(flag(t.Outcome != nil))
	if o := t.Outcome; o != nil {
		w.U8(o.Channel)
		w.Text(string(o.Code))
		w.U32(o.Need.Generation)
		w.U64(o.Need.Size)
	}
	w.U8(flag(t.Push != nil))
	if p := t.Push; p != nil {
		w.Text(p.Origin)
		w.U8(p.Channel)
		w.U8(flag(p.Own))
		w.U64(p.From)
		w.U16(uint16(len(p.Entries)))
		for _, e := range p.Entries {
			w.Vec(e.Leaf)
			w.Vec(e.Blob)
		}
		w.Text(p.Head)
		w.Text(p.Cosign)
		w.U64(p.Cosigns)
	}
	return w.Bytes
}

// size is at least what the turn takes.
func (t *Turn) size() int {
	n := 1<<10 + len(t.Hello)
	if p := t.Push; p != nil {
		n += len(p.Origin) + len(p.Head) + len(p.Cosign)
		for _, e := range p.Entries {
			n += 8 + len(e.Leaf) + len(e.Blob)
		}
	}
	return n
}

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

func readFlag(r *octet.Reader) bool {
	v := r.U8()
	if v > 1 {
		r.Fail(fault.New(fault.OctetsUnknown, "what", "flag"))
	}
	return v == 1
}

// DecodeTurn reads a turn and believes nothing of it.
func DecodeTurn(b []byte) (*Turn, error) {
	const tag = "parley turn v1\n"
	if len(b) > MaxTurn {
		return nil, fault.New(fault.ContactTooLarge, "bytes", fault.Int(len(b)), "limit", fault.Int(MaxTurn))
	}
	r := octet.NewReader(b)
	if string(r.Fixed(len(tag))) != tag {
		return nil, fault.New(fault.OctetsUnknown, "what", "turn")
	}
	t := &Turn{Realm: r.U8(), From: r.Hash(), Hello: r.Vec(16 << 10)}
	for i := range t.Stored {
		t.Stored[i], t.Want[i], t.Lost[i] = decodeSize(r), readFlag(r), r.U64()
	}
	if readFlag(r) {
		t.Outcome = &Outcome{Channel: r.U8(), Code: fault.Code(r.Text(64)), Need: decodeSize(r)}
	}
	if readFlag(r) {
		t.Push = decodePush(r)
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	if p, o := t.Push, t.Outcome; p != nil && !channel(p.Channel) || o != nil && !channel(o.Channel) {
		return nil, fault.New(fault.ContactTurn, "what", "channel")
	}
	return t, nil
}

func channel(c uint8) bool { return c >= statement.Control && c <= statement.Routine }

func decodePush(r *octet.Reader) *Push {
	p := &Push{Origin: r.Text(128), Channel: r.U8(), Own: readFlag(r), From: r.U64()}
	for range r.Count(ledger.MaxEntries) {
		p.Entries = append(p.Entries, Entry{Leaf: r.Vec(ledger.MaxLeaf), Blob: r.Vec(ledger.MaxBytes)})
	}
	p.Head, p.Cosign, p.Cosigns = r.Lines(16<<10), r.Lines(16<<10), r.U64()
	return p
}
