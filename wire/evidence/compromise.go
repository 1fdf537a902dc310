package evidence

import (
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Compromise declares that a key was in other hands: acts of one log at
// positions From and on, made with that key, are disowned. It marks; it removes
// nothing, and it has effect in folds only from its own place in the merge.
// Receipt leaves are never disowned: what was received stays received.
type Compromise struct {
	Origin    ledger.Origin // of the log concerned
	Key       string        // of an officer; empty: the office's own
	From      uint64
	Signature party.Signature // the root's
}

const compromiseTag = "parley compromise v1\n"

// ToSign is what the root signs.
func (c *Compromise) ToSign() []byte {
	w := octet.Writer{Bytes: []byte(compromiseTag)}
	w.U8(party.Suite1)
	w.U8(c.Origin.Realm)
	w.U8(c.Origin.Channel)
	w.Fixed(c.Origin.Writer[:])
	w.Fixed(c.Origin.Reader[:])
	w.U32(c.Origin.Generation)
	w.Text(c.Key)
	w.U64(c.From)
	return w.Bytes
}

// Encode gives the declaration's bytes: the body of its act.
func (c *Compromise) Encode() []byte {
	w := octet.Writer{Bytes: c.ToSign()}
	c.Signature.Encode(&w)
	return w.Bytes
}

// DecodeCompromise reads a declaration; its signature is not checked.
func DecodeCompromise(b []byte) (*Compromise, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(len(compromiseTag))) != compromiseTag || r.U8() != party.Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "compromise")
	}
	c := &Compromise{Origin: ledger.Origin{Realm: r.U8(), Channel: r.U8()}}
	if c.Origin.Channel < statement.Control || c.Origin.Channel > statement.Routine {
		r.Fail(fault.New(fault.OctetsUnknown, "what", "channel"))
	}
	c.Origin.Writer, c.Origin.Reader, c.Origin.Generation = r.Hash(), r.Hash(), r.U32()
	c.Key, c.From, c.Signature = r.Text(16), r.U64(), party.DecodeSignature(r)
	return c, r.Done()
}

// Verify checks that it concerns a log of this writer and reader, and that the
// writer's root signed it.
func (c *Compromise) Verify(v party.Signatures, realm uint8, writer, reader party.ID, root party.PublicKey) error {
	if c.Origin.Realm != realm || c.Origin.Writer != writer || c.Origin.Reader != reader {
		return fault.New(fault.CardOtherLink, "party", c.Origin.Writer.String())
	}
	if !c.Signature.Verify(v, root, c.ToSign()) {
		return fault.New(fault.CardSignature, "party", c.Origin.Writer.String())
	}
	return nil
}

// Disowns reports whether an act at a position of a channel, signed by these
// keys, is disowned.
func (c *Compromise) Disowns(channel uint8, position uint64, keys []string) bool {
	if channel != c.Origin.Channel || position < c.From {
		return false
	}
	if c.Key == "" {
		return true
	}
	for _, k := range keys {
		if k == c.Key {
			return true
		}
	}
	return false
}
