// Package audit implements spec/disclosure.md: one act shown alone, with what
// proves that its writer said it and its reader stored it, checked offline and
// with neither party's node. It is meant to be read whole, and trusts nothing
// but the two founding fingerprints that the person who runs it compares.
package audit

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

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

func (p *Proved) layout(c *octet.Codec) {
	head := []byte(p.Head) // of several lines, and verified byte for byte
	c.Vec(&head, 16<<10)
	p.Head = string(head)
	c.Vec(&p.Leaf, ledger.MaxLeaf)
	octet.List(c, &p.Path, 128, func(h *tlog.Hash) { c.Fixed(h[:]) })
}

func (b *Bundle) layout(c *octet.Codec) {
	c.Tag("parley disclosure v1\n", "disclosure")
	octet.Int(c, &b.Origin.Realm)
	octet.Int(c, &b.Origin.Channel)
	c.Fixed(b.Origin.Writer[:])
	c.Fixed(b.Origin.Reader[:])
	octet.Int(c, &b.Origin.Generation)
	for side := range b.Cards {
		octet.List(c, &b.Cards[side], 1024, func(card *[]byte) { c.Vec(card, party.MaxCard) })
	}
	b.Act.layout(c)
	var receipt []Proved // none or one
	if b.Receipt != nil {
		receipt = []Proved{*b.Receipt}
	}
	octet.List(c, &receipt, 1, func(p *Proved) { p.layout(c) })
	if len(receipt) == 1 {
		b.Receipt = &receipt[0]
	}
	octet.List(c, &b.Consistency, 128, func(h *tlog.Hash) { c.Fixed(h[:]) })
	octet.List(c, &b.Commitments, statement.MaxParts, func(h *[32]byte) { c.Fixed(h[:]) })
	octet.List(c, &b.Opened, statement.MaxParts, func(o *Opened) {
		octet.Int(c, &o.Index)
		c.Fixed(o.Salt[:])
		c.Vec(&o.Part, statement.MaxPart)
	})
}

// Encode gives the bundle's bytes.
func (b *Bundle) Encode() []byte { return octet.Write(b.layout) }

// Decode reads a bundle and believes nothing of it.
func Decode(data []byte) (*Bundle, error) {
	b := &Bundle{}
	return b, octet.Read(data, b.layout)
}
