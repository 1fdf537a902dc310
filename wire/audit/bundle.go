// Package audit implements spec/disclosure.md: acts shown to a third person,
// one or a whole case, with what proves that their writers said them and their
// readers stored them, and proofs that a log went wrong; all checked offline
// and with neither party's node. It is meant to be read whole, and trusts
// nothing but the two founding fingerprints that the person who runs it
// compares.
package audit

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Tags by which a file says what it is.
const (
	TagDisclosure = "parley disclosure v1\n"
	TagProof      = "parley proof v1\n"
)

// Bounds of a disclosure.
const (
	MaxBundle  = 256 << 20
	MaxShown   = 4096
	MaxNodes   = 65535
	MaxCustody = 1024
	maxProof   = 64 << 10
	maxSealed  = 2 << 20
)

// Parties are both sides of a link, the lower first, with the cards that lead
// from their founding roots to the keys that signed.
type Parties struct {
	Realm uint8
	IDs   [2]party.ID
	Cards [2][][]byte // founding card, then each that followed
}

func (p *Parties) layout(c *octet.Codec) {
	octet.Int(c, &p.Realm)
	for side := range p.IDs {
		c.Fixed(p.IDs[side][:])
	}
	for side := range p.Cards {
		octet.List(c, &p.Cards[side], 1024, func(card *[]byte) { c.Vec(card, party.MaxCard) })
	}
}

// Part is one part of an act: shown with its salt, or withheld behind its
// commitment.
type Part struct {
	Shown      bool
	Commitment [32]byte // withheld
	Salt       [32]byte // shown
	Content    []byte   // shown
}

func (p *Part) layout(c *octet.Codec) {
	var shown uint8
	if p.Shown {
		shown = 1
	}
	octet.Int(c, &shown)
	if shown > 1 {
		c.Fail(fault.New(fault.OctetsUnknown, "what", "flag"))
	}
	if p.Shown = shown == 1; !p.Shown {
		c.Fixed(p.Commitment[:])
		return
	}
	c.Fixed(p.Salt[:])
	c.Vec(&p.Content, statement.MaxPart)
}

// Shown is a leaf with, if it is an act, its parts.
type Shown struct {
	Leaf  []byte
	Parts []Part
}

// Log is what is shown of one log, under one head.
type Log struct {
	Channel    uint8
	Higher     bool // the higher party's log
	Generation uint32
	Head       string
	Shown      []Shown     // in the order of their positions
	Nodes      []tlog.Hash // what else the tree is made of, from left to right
}

func (l *Log) layout(c *octet.Codec) {
	side := uint8(1)
	if l.Higher {
		side = 2
	}
	octet.Int(c, &l.Channel)
	octet.Int(c, &side)
	if side != 1 && side != 2 {
		c.Fail(fault.New(fault.OctetsUnknown, "what", "side"))
	}
	l.Higher = side == 2
	octet.Int(c, &l.Generation)
	head := []byte(l.Head) // of several lines, and verified byte for byte
	c.Vec(&head, 16<<10)
	l.Head = string(head)
	octet.List(c, &l.Shown, MaxShown, func(s *Shown) {
		c.Vec(&s.Leaf, ledger.MaxLeaf)
		octet.List(c, &s.Parts, statement.MaxParts, func(p *Part) { p.layout(c) })
	})
	octet.List(c, &l.Nodes, MaxNodes, func(h *tlog.Hash) { c.Fixed(h[:]) })
}

// Unsealed opens an act from its sealed bytes, against a verdict that nobody
// could.
type Unsealed struct {
	Log      uint8 // index among the logs shown
	Position uint64
	Secret   [32]byte // of its epoch
	Sealed   []byte
}

// Bundle is a disclosure.
type Bundle struct {
	Parties
	Logs     []Log
	Unsealed []Unsealed
	Custody  []*evidence.Custody
}

func (b *Bundle) layout(c *octet.Codec) {
	c.Tag(TagDisclosure, "disclosure")
	b.Parties.layout(c)
	octet.List(c, &b.Logs, 6, func(l *Log) { l.layout(c) })
	octet.List(c, &b.Unsealed, 16, func(u *Unsealed) {
		octet.Int(c, &u.Log)
		octet.Int(c, &u.Position)
		c.Fixed(u.Secret[:])
		c.Vec(&u.Sealed, maxSealed)
	})
	octet.List(c, &b.Custody, MaxCustody, func(step **evidence.Custody) {
		if *step == nil {
			*step = &evidence.Custody{}
		}
		(*step).Layout(c)
	})
}

// Encode gives the bundle's bytes.
func (b *Bundle) Encode() []byte { return octet.Write(b.layout) }

// Decode reads a bundle and believes nothing of it.
func Decode(data []byte) (*Bundle, error) {
	if len(data) > MaxBundle {
		return nil, fault.New(fault.OctetsLong, "length", fault.Int(len(data)), "limit", fault.Int(MaxBundle))
	}
	b := &Bundle{}
	return b, octet.Read(data, b.layout)
}
