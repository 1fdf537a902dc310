package node_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// sealed lists the attachments that a side keeps whole.
func (s *side) sealed() map[[32]byte]bool {
	s.p.t.Helper()
	list := map[[32]byte]bool{}
	files, err := filepath.Glob(filepath.Join(s.folder, "??", "*"))
	s.p.must(err)
	for _, f := range files {
		raw, err := hex.DecodeString(filepath.Base(f))
		s.p.must(err)
		list[[32]byte(raw)] = true
	}
	return list
}

// loses puts a backup of a side back that was made before what is said in lost,
// the folder of attachments with the store.
func (p *pair) loses(s *side, lost func()) {
	p.t.Helper()
	before := s.sealed()
	p.back(s, func() {
		lost()
		for sealed := range s.sealed() {
			if !before[sealed] {
				p.must(s.files.Remove(sealed))
			}
		}
	})
}

// attached lists, by name, the attachments that a side's requests announce.
func (s *side) attached() map[string]*statement.Attachment {
	s.p.t.Helper()
	list := map[string]*statement.Attachment{}
	s.p.must(s.node.Requests(s.p.ctx, s.link, func(f *node.Folded) bool {
		for _, side := range f.Entries {
			for _, e := range side {
				for i := 0; e.Act != nil && i < len(e.Act.Attachments); i++ {
					list[e.Act.Attachments[i].Name] = e.Act.Attachments[i]
				}
			}
		}
		return true
	}))
	return list
}

// receipted counts the attachments that a side's receipts name.
func (s *side) receipted() (n int) {
	for _, leaf := range s.rows(true, statement.Routine) {
		n += len(leaf.Attached)
	}
	return n
}

// fetches has a side fetch what it expects, and both hear of it.
func (s *side) fetches() {
	s.p.t.Helper()
	s.p.must(s.node.FetchAll(s.p.ctx, s.link))
	s.p.talk()
}

// Own attachments that a restore lost come back from the other side, which gave
// a receipt for them, and are offered again; nobody is asked for one without a
// receipt, and none is receipted. Spec: LNK-41, LNK-42.
func TestOwnAttachmentsRegained(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		t.Run(fmt.Sprintf("its epoch lost %v", sealed), func(t *testing.T) {
			p := newPair(t)
			us, cn := p.sides[0], p.sides[1]
			want := map[string][]byte{"kept": us.sends("kept", 3000)}
			p.talk()
			cn.fetches()
			p.loses(us, func() {
				if sealed {
					us.start() // another process, which opens an epoch of its own
				}
				want["lost"] = us.sends("lost", 70_000)
				p.talk()
				cn.fetches()
				us.sends("known to nobody else", 100)
				p.talk()
				if !sealed {
					p.must(us.node.Stop()) // in order: nobody needs to do anything
				}
			})
			p.must(us.node.FetchAll(p.ctx, us.link)) // it knows of nothing to fetch yet
			if sealed {
				us.finish(t)
			}
			p.talk()
			list := us.attached()
			p.must(us.node.Expects(p.ctx, us.link, list["lost"])) // the other side announces it too
			us.fetches()
			if us.files.Has(list["known to nobody else"].Sealed) {
				t.Error("what nobody has is there")
			}
			if n := len(us.sealed()); n != 2 {
				t.Fatalf("%d attachments", n)
			}
			if us.receipted() != 0 {
				t.Error("own attachments are receipted")
			}
			content, err := us.node.Attachment(p.ctx, cn.link.Ours().TLS, list["lost"].Sealed)
			if err != nil {
				t.Fatalf("it is not offered again: %v", err)
			}
			p.must(content.Close())
			for name, plain := range want {
				var got bytes.Buffer
				if err := us.node.ReadAttachment(list[name], &got); err != nil || !bytes.Equal(got.Bytes(), plain) {
					t.Errorf("%s: %d bytes, %v", name, got.Len(), err)
				}
			}
			p.verified()
		})
	}
}

// A store that went back, and a folder that did not: what is there is offered.
// Spec: LNK-41.
func TestOwnAttachmentsOfferedAgain(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	p.back(us, func() {
		us.sends("lost", 3000)
		p.talk() // announced, and not fetched
	})
	us.finish(t)
	p.talk()
	cn.fetches()
	if n := len(cn.sealed()); n != 1 {
		t.Errorf("the other side has %d attachments", n)
	}
	p.verified()
}

// A node that cannot dial is handed what it lost. Spec: LNK-41, LNK-42, CON-17,
// CON-18.
func TestOwnAttachmentsHandedOver(t *testing.T) {
	p, us, cn := dialsAlone(t)
	contacts := func() {
		for range 4 {
			p.now += 1500
			p.must(us.node.Contact(p.ctx, us.link))
		}
	}
	cn.ask("kept")
	contacts()
	p.loses(cn, func() {
		cn.sends("lost", carrier.MaxPiece+70_000)
		contacts()
		p.must(us.node.FetchAll(p.ctx, us.link))
		contacts()
	})
	cn.node.Dial = func(*node.Link) carrier.Dialler { return nil }
	contacts()
	_, err := cn.node.Recover(p.ctx, cn.link, cn.archive.PrivateKey)
	p.must(err)
	_, err = cn.node.Renew(p.ctx, cn.link, node.RootSigning(cn.root))
	p.must(err)
	contacts()
	p.must(us.node.HandAll(p.ctx, us.link))
	if n := len(cn.sealed()); n != 1 {
		t.Errorf("it has %d attachments", n)
	}
	contacts()
	if wanted, err := cn.node.Wanted(p.ctx, us.link.Ours().TLS); err != nil || len(wanted) != 0 || cn.receipted() != 0 {
		t.Errorf("still wanted %v, %d receipts, %v", wanted, cn.receipted(), err)
	}
	p.verified()
}

// It comes back by mail while there is only mail. Spec: LNK-41, LNK-42, MAIL-21,
// MAIL-22.
func TestOwnAttachmentsByMail(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	us.ask("kept")
	m.talk()
	want := map[string][]byte{}
	m.restoredByMail(func() {
		want["lost"] = us.sends("lost", 300_000)
		m.talk()
		cn.fetches()
		for sealed := range us.sealed() {
			m.must(us.files.Remove(sealed))
		}
	})
	m.ready(10)
	m.minutes(3)
	_, err := us.node.Recover(m.ctx, us.link, us.archive.PrivateKey)
	m.must(err)
	_, err = us.node.Renew(m.ctx, us.link, node.RootSigning(us.root))
	m.must(err)
	m.now += 31 * minute
	m.minutes(10)
	us.reads(want)
	if us.receipted() != 0 {
		t.Error("own attachments are receipted")
	}
	if files := m.minutes(30); files[0]+files[1] > 2 {
		t.Errorf("%v files when all had come", files)
	}
	m.verified()
	m.noIncidents()
}

// What came on one link is given back on no other, whoever announces it there.
// Spec: LNK-42.
func TestOwnAttachmentsOfAnotherLink(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.sends("theirs alone", 3000)
	p.talk()
	a := us.attached()["theirs alone"]
	other, err := cn.node.Link("us", party.Exercise)
	p.must(err)
	theirs, err := us.node.Link("cn", party.Exercise)
	p.must(err)
	p.must(cn.node.Expects(p.ctx, other, a)) // before it has come
	cn.fetches()
	p.must(us.node.Contact(p.ctx, theirs))
	p.must(cn.node.FetchAll(p.ctx, other)) // it is there, and so is receipted
	gets := func(pin [32]byte) error {
		content, err := cn.node.Attachment(p.ctx, pin, a.Sealed)
		if err == nil {
			p.must(content.Close())
		}
		return err
	}
	if err := gets(theirs.Ours().TLS); !fault.Is(err, rule.StoreAbsent) {
		t.Errorf("on another link: %v", err)
	}
	if err := gets(us.link.Ours().TLS); err != nil {
		t.Errorf("on its writer's own: %v", err)
	}
	if err := gets([32]byte{9}); !fault.Is(err, rule.StoreAbsent) {
		t.Errorf("to a stranger: %v", err)
	}
	p.must(cn.files.Remove(a.Sealed))
	if err := gets(us.link.Ours().TLS); !fault.Is(err, rule.StoreAbsent) {
		t.Errorf("of what is gone: %v", err)
	}
}

// Bytes that are not those that were announced are not taken back, and those
// that are come later. Spec: LNK-41, CON-18.
func TestOwnAttachmentsForged(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	p.loses(us, func() {
		us.sends("lost", 3000)
		p.talk()
		cn.fetches()
	})
	us.finish(t)
	p.talk()
	sealed := us.attached()["lost"].Sealed
	flip := func() {
		name := hex.EncodeToString(sealed[:])
		path := filepath.Join(cn.folder, name[:2], name)
		raw, err := os.ReadFile(path)
		p.must(err)
		raw[7] ^= 1
		p.must(os.WriteFile(path, raw, 0o600))
	}
	flip()
	if err := us.node.FetchAll(p.ctx, us.link); !fault.Is(err, rule.NodeAttachment) || us.files.Has(sealed) || us.files.Begun(sealed) != 0 {
		t.Errorf("other bytes: %v", err)
	}
	flip()
	if us.fetches(); !us.files.Has(sealed) {
		t.Error("it did not come")
	}
}

// What both have destroyed is not wanted back. Spec: LNK-41.
func TestOwnAttachmentsDestroyed(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	p.loses(us, func() {
		us.sends("lost", 3000)
		p.talk()
		cn.fetches()
	})
	us.finish(t)
	p.talk()
	sealed := us.attached()["lost"].Sealed
	var id store.ThreadID
	p.must(us.node.Requests(p.ctx, us.link, func(f *node.Folded) bool {
		if id = f.ID; len(f.Entries[map[bool]int{true: 1}[us.link.Higher()]][0].Act.Attachments) > 0 {
			return false
		}
		return true
	}))
	ref := us.link.Place(true, 0, id.Position)
	_, err := us.node.Speak(p.ctx, us.link, act.RequestWithdraw, &ref, nil, say("no longer needed"), nil, us.officer)
	p.must(err)
	p.talk()
	tomb := us.submit(us.node.PrepareTombstone(p.ctx, us.link, id))
	p.talk()
	cn.submit(cn.node.PrepareAgree(p.ctx, cn.link, tomb.Position))
	p.talk()
	if n, err := us.node.Destroy(p.ctx, us.link); err != nil || n != 1 {
		t.Fatalf("%d threads are destroyed, %v", n, err)
	}
	if us.fetches(); us.files.Has(sealed) {
		t.Error("what was destroyed came back")
	}
}

// A folder of attachments that went back, and a store that did not: what was had
// comes again once somebody looks at its act, and is not receipted twice.
// Spec: LNK-43.
func TestAttachmentsGone(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.sends("ours", 3000)
	cn.sends("theirs", 3000)
	us.sends("known to nobody else", 3000)
	ours := us.attached()["known to nobody else"].Sealed
	p.talk()
	p.must(us.files.Remove(ours))
	for _, s := range p.sides {
		s.node.FetchAll(p.ctx, s.link)
	}
	p.talk()
	before := us.sealed()
	receipts := us.receipted() + cn.receipted()
	if len(before) != 2 || receipts != 2 {
		t.Fatalf("%d attachments, %d receipts", len(before), receipts)
	}
	for sealed := range before {
		p.must(us.files.Remove(sealed))
	}
	look := func() {
		var threads []*node.Folded
		p.must(us.node.Requests(p.ctx, us.link, func(f *node.Folded) bool {
			threads = append(threads, f)
			return true
		}))
		for _, f := range threads {
			p.must(us.node.Missing(p.ctx, us.link, &f.Gathered))
		}
	}
	p.must(us.node.FetchAll(p.ctx, us.link))
	look()
	if look(); !us.link.Hurries() {
		t.Error("nothing is to be moved")
	}
	if us.fetches(); len(us.sealed()) != 2 {
		t.Errorf("%d attachments came again", len(us.sealed()))
	}
	if look(); us.link.Hurries() {
		t.Error("when all is there something is to be moved")
	}
	if n := us.receipted() + cn.receipted(); n != receipts {
		t.Errorf("%d receipts, and %d before", n, receipts)
	}
	p.must(us.store.View(p.ctx, func(r store.Reader) error {
		return r.Records("kept.fetch", "", "", func(rec store.Record) bool {
			t.Errorf("still waits for %s", rec.Key)
			return true
		})
	}))
	p.verified()
}
