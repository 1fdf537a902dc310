package node_test

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/internal/desk"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// rows lists the leaves of one log as a side has them.
func (s *side) rows(own bool, channel uint8) (leaves []*ledger.Leaf) {
	s.p.t.Helper()
	id := store.LogID{Link: s.link.ID(), Own: own, Channel: channel}
	s.p.must(s.store.View(s.p.ctx, func(r store.Reader) error {
		return r.Rows(id, 0, ^uint64(0), func(row store.Row) error {
			leaf, err := ledger.DecodeLeaf(row.Leaf)
			leaves = append(leaves, leaf)
			return err
		})
	}))
	return leaves
}

// blob reports whether something lies beside a leaf.
func (s *side) blob(own bool, channel uint8, position uint64) bool {
	err := s.store.View(s.p.ctx, func(r store.Reader) error {
		_, err := r.Blob(store.LogID{Link: s.link.ID(), Own: own, Channel: channel}, position, store.BlobFirst)
		return err
	})
	return err == nil
}

// submit signs a prepared act as the side's officer.
func (s *side) submit(p *node.Prepared, err error) node.Ref {
	s.p.t.Helper()
	s.p.must(err)
	signature, err := s.officer.SignPerson(p.Sign)
	s.p.must(err)
	ref, err := s.node.Submit(s.p.ctx, p, []statement.PersonSignature{{KeyID: s.officer.KeyID(), Algorithm: s.officer.Algorithm(), Signature: signature}})
	s.p.must(err)
	return ref
}

// closed opens a request and has it closed by its writer.
func (p *pair) closed(title string) (us, cn store.ThreadID) {
	p.t.Helper()
	asking := p.sides[0]
	opened := asking.ask(title)
	thread := asking.link.Place(true, 0, opened.Position)
	p.talk()
	_, err := asking.node.Speak(p.ctx, asking.link, act.RequestWithdraw, &thread, nil, say("no longer needed"), nil, asking.officer)
	p.must(err)
	p.talk()
	return store.ThreadID{Link: asking.link.ID(), Channel: statement.Routine, Own: true, Position: opened.Position},
		store.ThreadID{Link: asking.link.ID(), Channel: statement.Routine, Position: opened.Position}
}

// Content is destroyed when both have signed, on both sides, and not before;
// every proof still stands, and the view is taken from the residue. An act
// beside it under the same epoch stays readable.
func TestDestroy(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	gone, theirs := p.closed("to be destroyed")
	kept := us.ask("to be kept")
	p.talk()
	p.must(us.node.ChangeDossier(p.ctx, us.link, gone, func(d *desk.Dossier, now int64) error { return d.AddNote("key", "ours alone", now) }))
	before, err := us.node.Disclose(p.ctx, us.link, statement.Routine, []node.Shown{{Own: true, Position: gone.Position, Withhold: map[int]bool{statement.PartBody: true}}}, nil)
	p.must(err)
	tomb := us.submit(us.node.PrepareTombstone(p.ctx, us.link, gone))
	p.talk()
	for _, s := range p.sides {
		if n, err := s.node.Destroy(p.ctx, s.link); err != nil || n != 0 {
			t.Fatalf("with one signature %d threads are destroyed, %v", n, err)
		}
	}
	cn.submit(cn.node.PrepareAgree(p.ctx, cn.link, tomb.Position))
	p.talk()
	for i, s := range p.sides {
		if n, err := s.node.Destroy(p.ctx, s.link); err != nil || n != 1 {
			t.Fatalf("%s: %d threads are destroyed, %v", s.code, n, err)
		}
		if s.blob(s == us, statement.Routine, gone.Position) {
			t.Errorf("%s still has the sealed bytes", s.code)
		}
		if !s.blob(s == us, statement.Routine, kept.Position) || !s.titles()["to be kept"] || s.titles()["to be destroyed"] {
			t.Errorf("%s shows %v", s.code, s.titles())
		}
		f, err := s.node.Fold(p.ctx, s.link, []store.ThreadID{gone, theirs}[i])
		p.must(err)
		if !f.Thread.FromResidue || f.Thread.Phase != "withdrawn" {
			t.Errorf("%s: %+v", s.code, f.Thread)
		}
	}
	p.verified()
	if found, err := audit.Verify(before); err != nil || found.Acts[0].Body != nil {
		t.Errorf("a disclosure made before does not stand: %v", err)
	}
	p.must(us.node.Dossiers(p.ctx, us.link, func(request string, _ *desk.Dossier) bool {
		t.Errorf("the desk still has notes on %s", request)
		return false
	}))
	if n, err := us.node.Destroy(p.ctx, us.link); err != nil || n != 0 {
		t.Errorf("it is destroyed twice: %d, %v", n, err)
	}
}

// An epoch's secret and wraps go with the last act that needs them.
func TestDestroyRetiresTheEpoch(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	gone, _ := p.closed("alone in its epoch")
	epoch := us.rows(true, statement.Routine)[gone.Position].Epoch
	tomb := us.submit(us.node.PrepareTombstone(p.ctx, us.link, gone))
	p.talk()
	cn.submit(cn.node.PrepareAgree(p.ctx, cn.link, tomb.Position))
	p.talk()
	for _, s := range p.sides {
		_, err := s.node.Destroy(p.ctx, s.link)
		p.must(err)
		if s.blob(s == us, statement.Routine, epoch) {
			t.Errorf("%s still has the wraps", s.code)
		}
	}
}

// An act that is said again opens the same commitment and keeps its place; its
// clock starts at the restatement's receipt, on both sides.
func TestRestate(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	at := us.ask("said twice").Position
	p.talk()
	p.must(us.node.Restate(p.ctx, us.link, statement.Routine, at))
	p.talk()
	rows := us.rows(true, statement.Routine)
	restated := rows[len(rows)-1]
	if restated.Type != ledger.TypeRestate || restated.Target != at || rows[at].Hash == restated.Hash {
		t.Fatalf("the last leaf is %+v", restated)
	}
	for _, s := range p.sides {
		f, err := s.node.Fold(p.ctx, s.link, store.ThreadID{Link: s.link.ID(), Channel: statement.Routine, Own: s == us, Position: at})
		p.must(err)
		stored := f.Thread.Receipts.Stored
		if !s.titles()["said twice"] || stored == nil || int64(stored.Receipt) < restated.Time {
			t.Errorf("%s: stored %+v, restated at %d", s.code, stored, restated.Time)
		}
	}
	p.verified()
}

// Each finished day is one leaf in each side's control log, with the hours in
// which the other was heard; it makes no further leaf but its receipt.
func TestDigest(t *testing.T) {
	const day = 24 * 60 * 60 * 1000
	p := newPair(t)
	us := p.sides[0]
	p.must(us.node.Digest(p.ctx, us.link))
	before := len(us.rows(true, statement.Control))
	p.now += day
	p.must(us.node.Digest(p.ctx, us.link))
	p.must(us.node.Digest(p.ctx, us.link))
	rows := us.rows(true, statement.Control)
	if len(rows) != before+1 || rows[before].Type != ledger.TypeDigest || rows[before].Hours == 0 {
		t.Fatalf("%d leaves after %d", len(rows), before)
	}
	p.talk()
	p.talk()
	sizes := us.state()
	p.talk()
	if got := us.state(); got.Own != sizes.Own || got.Theirs != sizes.Theirs {
		t.Error("a digest keeps the exchange going")
	}
	p.verified()
}

// Cosignatures go with what goes anyway, and are kept.
func TestCosigned(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	us.ask("one")
	p.talk()
	us.ask("two")
	p.talk()
	for _, s := range p.sides {
		if s.state().Cosigned[statement.Control-1] == 0 {
			t.Errorf("%s holds no cosignature on its control log", s.code)
		}
	}
}

// An act larger than was agreed does not leave.
func TestActTooLarge(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	opened := us.ask("small")
	thread := us.link.Place(true, 0, opened.Position)
	p.talk()
	_, err := us.node.Speak(p.ctx, us.link, act.RequestWithdraw, &thread, nil, say(strings.Repeat("long ", 80<<10)), nil, us.officer)
	if !fault.Is(err, fault.ContactTooLarge) {
		t.Errorf("%v", err)
	}
	_, err = us.node.Attach(p.ctx, us.link, "big", "application/octet-stream", &endless{})
	if !fault.Is(err, fault.ContactTooLarge) && !fault.Is(err, rule.NodeAttachment) {
		t.Errorf("%v", err)
	}
}

// endless never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte{7}, len(p))), nil }

// A new card is used by its own side and believed by the other only once it
// was receipted; a new epoch is opened for it.
func TestCardUpdate(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	first := us.ask("under the first card")
	p.talk()
	profile := us.profile
	profile.Addresses = []string{"new.example:1"}
	for _, r := range us.node.DraftReissue(profile) {
		r.Card.Signature = us.root.Sign(r.Card.ToSign())
		p.must(us.node.Announce(p.ctx, r))
	}
	p.talk()
	if got := cn.link.Peer().Addresses; len(got) != 1 || got[0] != "new.example:1" {
		t.Errorf("the other side dials %v", got)
	}
	second := us.ask("under the second card")
	p.talk()
	rows := us.rows(true, statement.Routine)
	if rows[first.Position].Epoch == rows[second.Position].Epoch {
		t.Error("an epoch outlived its card")
	}
	if !cn.titles()["under the second card"] {
		t.Error("what was said under the new card is not shown")
	}
	p.verified()
}

// Wraps of an epoch are three and open with three keys: the receiver's, and
// both archives'.
func TestThreeWraps(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	at := us.ask("for three keys").Position
	leaf := us.rows(true, statement.Routine)[us.rows(true, statement.Routine)[at].Epoch]
	origin := us.link.Origin(true, statement.Routine, 0)
	var wraps []byte
	p.must(us.store.View(p.ctx, func(r store.Reader) (err error) {
		wraps, err = r.Blob(store.LogID{Link: us.link.ID(), Own: true, Channel: statement.Routine}, leaf.Position, store.BlobFirst)
		return err
	}))
	for place, key := range map[int]*side{envelope.ToReceiverArchive: cn, envelope.ToSenderArchive: us} {
		if _, err := envelope.Unwrap(origin.Tuple(), leaf.Commitment, place, key.archive.PrivateKey, wraps); err != nil {
			t.Errorf("place %d: %v", place, err)
		}
	}
}
