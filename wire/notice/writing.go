// Package notice implements spec/contact.md, "Somebody writes": what one node
// tells the other that is no act, is not kept, and proves nothing.
package notice

import (
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

// Times of the sign, in milliseconds: how often it is told of a call at most,
// and how long it holds once it was heard.
const (
	Every = 3_000
	Holds = 6_000
)

// Most is how many calls of one line the sign is held for at a time.
const Most = 16

const tag = "parley writing v1\n"

// Size is how many bytes a notice has.
const Size = len(tag) + 1 + 32 + 1 + 8

// Writing says that somebody of the sender's types in a call.
type Writing struct {
	Realm    uint8
	From     party.ID // the sender
	Own      bool     // the sender opened the call
	Position uint64   // of its opening
}

// Encode gives the notice's bytes.
func (x Writing) Encode() []byte {
	w := octet.Writer{Bytes: []byte(tag)}
	w.U8(x.Realm)
	w.Fixed(x.From[:])
	w.U8(map[bool]uint8{true: 1}[x.Own])
	w.U64(x.Position)
	return w.Bytes
}

// Decode reads a notice and believes nothing of it.
func Decode(b []byte) (Writing, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(len(tag))) != tag {
		return Writing{}, fault.New(fault.OctetsUnknown, "what", "notice")
	}
	x := Writing{Realm: r.U8(), From: r.Hash()}
	own := r.U8()
	if own > 1 {
		r.Fail(fault.New(fault.OctetsUnknown, "what", "flag"))
	}
	x.Own, x.Position = own == 1, r.U64()
	if err := r.Done(); err != nil {
		return Writing{}, err
	}
	if x.Realm != party.Real && x.Realm != party.Exercise {
		return Writing{}, fault.New(fault.ContactTurn, "what", "realm")
	}
	return x, nil
}
