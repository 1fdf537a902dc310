// Package node implements docs/node.md: the clerk. It has the only clock that
// decisions see and starts every goroutine; it joins the treaty, the
// procedures, the cupboard and the couriers, and adds no rule of its own.
//
// Its one law: what is acknowledged is stored. Leaves, bytes and receipts are
// committed first; a head is signed only over what the store holds after the
// commit was confirmed; a turn is answered after that.
package node

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/desk"
	"parley.example/internal/duty"
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

// Version is what this software declares itself to be.
const Version = "parley 0.1"

// Vault seals what is at rest; see internal/vault.
type Vault interface {
	Seal(label string, plaintext []byte) []byte
	Open(label string, sealed []byte) ([]byte, error)
	Tokens(text string) [][16]byte
}

// Attachments keeps sealed attachments, which the store's rows only name.
type Attachments interface {
	// Begun is how many bytes are kept of an attachment that is not whole yet.
	Begun(want [32]byte) int64
	// Continue keeps a piece of one that has size bytes; what is kept already is
	// passed over, and a piece that begins behind it is contact.gap. With the
	// last piece it is whole and durable if it has this SHA-256; otherwise
	// nothing of it is kept, and the error is node.attachment.
	Continue(want [32]byte, size, offset int64, piece []byte) (whole bool, err error)
	// Add keeps bytes, durably, and says their SHA-256.
	Add(sealed io.Reader) ([32]byte, error)
	Open(sealed [32]byte) (io.ReadSeekCloser, error)
	Has(sealed [32]byte) bool
	// Remove deletes the bytes, if they are kept.
	Remove(sealed [32]byte) error
	// Sweep removes what is not whole, but for what is to be continued.
	Sweep(continued func(sealed [32]byte) bool) error
}

// Notes keeps the note of own heads outside the store and its backups. Several
// links write theirs at once, one link never does.
type Notes interface {
	Read(link [32]byte) (*link.Note, error) // nil and no error: there is none
	Write(link [32]byte, note *link.Note, sync bool) error
}

// Options are a node's surroundings.
type Options struct {
	Store       store.Store
	Vault       Vault
	Signatures  party.Signatures
	Signer      func(seed [64]byte) suite.Signer // makes the signing keys of a link's seed; nil: suite 1's own
	Attachments Attachments
	Notes       Notes
	Now         func() int64 // milliseconds
	Log         *slog.Logger
	Dial        func(*Link) carrier.Dialler // nil: this node is never the one to dial
	Way         string                      // what dialling goes by, as tests of the line name it; empty: the direct connection
	Post        func(*Link) carrier.Poster  // nil, or nil for a link: nothing of it goes by mail
	Box         carrier.Box                 // where mail comes in; nil: nowhere
	BoxEvery    time.Duration               // how often it is looked into
	MailContent int64                       // attachments of more sealed bytes do not go by mail
	Config      [32]byte                    // keyed fingerprint of the configuration; hellos declare it keyed once more, by link
	Alarm       func(AlarmEvent)            // told of every alarm that begins or ends; must not block; nil: nobody
	HideWriting bool                        // that somebody of ours writes is not told
	Gate        *desk.Rules                 // our own release rules; nil: none

	Ringing       duty.Ringing                         // what rings on our side; nil: the calls of the hotline
	Tell          func(context.Context, Telling) error // sends one along its path; nil: none can
	Kinds         []string                             // of paths that Tell knows
	Administrator Administrator                        // is told of what the self-check finds
}

// Node is a running node.
type Node struct {
	Options
	instance   link.Instance
	running    running
	reach      reach
	called     signal        // something was said in a call, or a ladder moved
	unscrubbed atomic.Bool   // rows of words that were said may still be in the store's log
	undrafted  atomic.Bool   // there is neither a gate nor a draft
	turns      atomic.Uint64 // updates so far that changed a link
	maxTurns   int           // of one contact
	started    int64

	mu    sync.Mutex
	links map[[32]byte]*Link
}

// Open reads the links from the store and is ready to speak; it starts no
// goroutine before Serve.
func Open(ctx context.Context, o Options) (*Node, error) {
	n := &Node{Options: o, links: map[[32]byte]*Link{}, maxTurns: maxTurns, started: o.Now()}
	n.Signatures = newProven(o.Signatures)
	if n.Ringing == nil {
		n.Ringing = ladders{n}
	}
	if err := checkGate(o.Gate); err != nil {
		return nil, err
	}
	start, err := o.Store.Start(ctx)
	if err != nil {
		return nil, err
	}
	n.instance = link.Instance{Store: o.Store.Identity(), Start: start, Software: Version, Rules: []uint16{act.Newest}}
	rand.Read(n.instance.Process[:])
	var defined []store.Record
	err = o.Store.View(ctx, func(r store.Reader) error {
		return r.Records(bucketLinks, "", "", func(rec store.Record) bool {
			defined = append(defined, rec)
			return true
		})
	})
	if err != nil {
		return nil, err
	}
	for _, rec := range defined {
		d, err := n.openDefinition(rec)
		if err != nil {
			return nil, err
		}
		if _, err := n.addLink(ctx, d); err != nil {
			return nil, err
		}
	}
	if err := n.Attachments.Sweep(func(sealed [32]byte) bool { return n.continues(ctx, sealed) }); err != nil {
		n.Log.Warn("clearing the folder of attachments", "error", err) // it takes room, and nothing else
	}
	return n, nil
}

// Links lists the links, by counterpart and realm, always in the same order.
func (n *Node) Links() (list []*Link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.links {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b *Link) int {
		return cmp.Or(cmp.Compare(a.Code(), b.Code()), bytes.Compare(a.Them[:], b.Them[:]), cmp.Compare(a.Realm, b.Realm))
	})
	return list
}

// Link finds a link by the counterpart's code; an empty code finds the only
// one there is.
func (n *Node) Link(code string, realm uint8) (*Link, error) {
	var found *Link
	for _, l := range n.Links() {
		if l.Realm != realm || code != "" && l.Code() != code {
			continue
		}
		if found != nil {
			return nil, fault.New(rule.NodeWhichLink, "code", code)
		}
		found = l
	}
	if found == nil {
		return nil, fault.New(rule.NodeNoLink, "code", code)
	}
	return found, nil
}

// update runs a transaction; an unknown commit is told apart from a failed
// one by the caller, who reads back.
//
// Updates that share a commit see each other's rows before they are durable.
// When the store itself fails, what was remembered of them may not be there:
// all of it is dropped, and the epochs with it, since a key must never serve
// at a position twice.
func (n *Node) update(ctx context.Context, f func(store.Tx) error) error {
	var t *watched
	err := n.Store.Update(ctx, func(tx store.Tx) error {
		t = &watched{Tx: tx, logs: map[store.LogID]link.Log{}}
		err := f(t)
		t.turn = n.turns.Add(1)
		return err
	})
	switch fault.CodeOf(err) {
	case rule.StoreUnknown, rule.StoreFull, rule.StoreIO, rule.StoreDamaged:
		for _, l := range n.Links() {
			l.forget()
			l.tell() // what was stored after all is answered, and fetched
		}
	}
	if err != nil || t == nil {
		return err
	}
	for id, g := range t.links {
		n.mu.Lock()
		l := n.links[id]
		n.mu.Unlock()
		if l != nil {
			l.remember(t.turn, g)
		}
	}
	return nil
}

// State of the node as its hellos say it.
func (n *Node) hello(l *Link, s *link.State) *contact.Hello { return n.helloTo(l, s, l.lastNonce()) }

// helloTo answers one of theirs, by its nonce.
func (n *Node) helloTo(l *Link, s *link.State, answers [16]byte) *contact.Hello {
	in := n.instance
	in.State, in.Carriers, in.Config = l.condition(), l.carriersUp(n.Now()), n.configOf(l)
	h := s.Hello(n.Now(), answers, in)
	contact.SignHello(h, l.office.Sign)
	l.sentHello(h)
	return h
}
