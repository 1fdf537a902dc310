// Package audit implements spec/disclosure.md: one act shown alone, with what
// proves that its writer said it and its reader stored it, checked offline and
// with neither party's node. It is meant to be read whole, and trusts nothing
// but the two founding fingerprints that the person who runs it compares.
package audit

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

const tag = "parley disclosure v1\n"

// Proved is a leaf with its place under a signed head.
type Proved struct {
	Head string      // signed checkpoint
	Leaf []byte      // exact bytes
	Path []tlog.Hash // RFC 6962 audit path
}

// Opened is one part of the act, shown.
type Opened struct {
	Index uint16
	Salt  [32]byte
	Part  []byte
}

// Bundle is a disclosure.
type Bundle struct {
	Origin      ledger.Origin // of the writer's log
	Cards       [2][][]byte   // writer's and reader's: founding card, then each that followed
	Act         Proved
	Receipt     *Proved     // nil: no receipt is shown
	Consistency []tlog.Hash // between the size receipted and the writer's head; empty when they are one
	Commitments [][32]byte  // of all parts
	Opened      []Opened
}

func writeHashes(w *octet.Writer, list []tlog.Hash) {
	w.U16(uint16(len(list)))
	for _, h := range list {
		w.Fixed(h[:])
	}
}

func readHashes(r *octet.Reader) (list []tlog.Hash) {
	for range r.Count(128) {
		list = append(list, r.Hash())
	}
	return list
}

func (p *Proved) encode(w *octet.Writer) {
	w.Text(p.Head)
	w.Vec(p.Leaf)
	writeHashes(w, p.Path)
}

func readProved(r *octet.Reader) *Proved {
	return &Proved{Head: r.Lines(16 << 10), Leaf: r.Vec(ledger.MaxLeaf), Path: readHashes(r)}
}

// Encode gives the bundle's bytes.
func (b *Bundle) Encode() []byte {
	w := octet.Writer{Bytes: []byte(tag)}
	o := b.Origin
	w.U8(o.Realm)
	w.U8(o.Channel)
	w.Fixed(o.Writer[:])
	w.Fixed(o.Reader[:])
	w.U32(o.Generation)
	for _, cards := range b.Cards {
		w.U16(uint16(len(cards)))
		for _, c := range cards {
			w.Vec(c)
		}
	}
	b.Act.encode(&w)
	if b.Receipt == nil {
		w.U8(0)
	} else {
		w.U8(1)
		b.Receipt.encode(&w)
	}
	writeHashes(&w, b.Consistency)
	w.U16(uint16(len(b.Commitments)))
	for _, c := range b.Commitments {
		w.Fixed(c[:])
	}
	w.U16(uint16(len(b.Opened)))
	for _, o := range b.Opened {
		w.U16(o.Index)
		w.Fixed(o.Salt[:])
		w.Vec(o.Part)
	}
	return w.Bytes
}

// Decode reads a bundle and believes nothing of it.
func Decode(data []byte) (*Bundle, error) {
	r := octet.NewReader(data)
	if string(r.Fixed(len(tag))) != tag {
		return nil, fault.New(fault.OctetsUnknown, "what", "disclosure")
	}
	b := &Bundle{Origin: ledger.Origin{Realm: r.U8(), Channel: r.U8(), Writer: r.Hash(), Reader: r.Hash(), Generation: r.U32()}}
	for side := range b.Cards {
		for range r.Count(1024) {
			b.Cards[side] = append(b.Cards[side], r.Vec(party.MaxCard))
		}
	}
	b.Act = *readProved(r)
	switch r.U8() {
	case 0:
	case 1:
		b.Receipt = readProved(r)
	default:
		r.Fail(fault.New(fault.OctetsUnknown, "what", "flag"))
	}
	b.Consistency = readHashes(r)
	for range r.Count(statement.MaxParts) {
		b.Commitments = append(b.Commitments, r.Hash())
	}
	for range r.Count(statement.MaxParts) {
		b.Opened = append(b.Opened, Opened{Index: r.U16(), Salt: r.Hash(), Part: r.Vec(statement.MaxPart)})
	}
	return b, r.Done()
}
