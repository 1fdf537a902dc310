package node_test

import (
	"context"
	"sync"
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/envelope"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// epochOf is the epoch that an act of a side's stands under.
func (s *side) epochOf(at node.Ref) uint64 { return s.rows(true, at.Channel)[at.Position].Epoch }

// Spec: ENV-8. An epoch is opened with the first act that needs it, serves the
// next ones, and no longer than its acts, its day, its process and both cards.
func TestEpochEnds(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	if rows := us.rows(true, statement.Routine); len(rows) != 0 {
		t.Fatalf("%d leaves before anything was said", len(rows))
	}
	thread := us.link.Place(true, 0, 7)
	if _, err := us.node.Speak(p.ctx, us.link, act.RequestWithdraw, &thread, nil, say("of nothing"), nil, us.officer); err == nil {
		t.Fatal("a thread that is not there can be withdrawn")
	}
	if rows := us.rows(true, statement.Routine); len(rows) != 0 {
		t.Errorf("an act that was refused left %d leaves", len(rows))
	}
	first := us.epochOf(us.ask("the first"))
	if again := us.epochOf(us.ask("the second")); again != first {
		t.Errorf("under epochs %d and %d", first, again)
	}
	before := first
	for _, c := range []struct {
		name string
		end  func()
	}{
		{"a day", func() { p.now += envelope.MaxAge }},
		{"65,536 acts", func() { us.link.Spend(statement.Routine, envelope.MaxActs-1) }},
		{"a start", func() { us.start() }},
		{"their newer card", func() {
			for _, r := range cn.node.DraftReissue(cn.profile) {
				r.Card.Signature = cn.root.Sign(r.Card.ToSign())
				p.must(cn.node.Announce(p.ctx, r))
			}
			p.talk()
		}},
	} {
		c.end()
		if c.name == "65,536 acts" { // one was said, one more may be
			if at := us.epochOf(us.ask("the last")); at != before {
				t.Errorf("the 65,536th act is under %d, not %d", at, before)
			}
		}
		now := us.epochOf(us.ask("after " + c.name))
		if now == before {
			t.Errorf("after %s under epoch %d still", c.name, now)
		}
		before = now
	}
}

// meanwhile is a store before whose next update something happens.
type meanwhile struct {
	store.Store
	once sync.Once
	do   func()
}

func (m *meanwhile) Update(ctx context.Context, f func(store.Tx) error) error {
	m.once.Do(m.do)
	return m.Store.Update(ctx, f)
}

// Spec: ENV-8. An epoch that ends while an act waits for the write lock serves
// that act no more, and the act is said under another one.
func TestEpochEndsMeanwhile(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	before := us.epochOf(us.ask("the first"))
	kept := us.node.Store
	us.node.Store = &meanwhile{Store: kept, do: func() { us.link.Spend(statement.Routine, envelope.MaxActs) }}
	now := us.epochOf(us.ask("the one too many"))
	us.node.Store = kept
	if now == before {
		t.Errorf("under epoch %d still", now)
	}
	if again := us.epochOf(us.ask("the next")); again != now {
		t.Errorf("under epochs %d and %d", now, again)
	}
	p.talk()
	p.verified()
}

// Spec: ENV-8. Acts that share a commit are counted before it: none of them is
// one too many.
func TestEpochIsCountedBeforehand(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	first := us.epochOf(us.ask("the first"))
	us.link.Spend(statement.Routine, envelope.MaxActs-3)
	var all sync.WaitGroup
	said := make(chan node.Ref, 16)
	for range cap(said) {
		all.Go(func() {
			at, err := us.askNow("one of many at once")
			if err != nil {
				t.Error(err)
			}
			said <- at
		})
	}
	all.Wait()
	close(said)
	under := 0
	for at := range said {
		if us.epochOf(at) == first {
			under++
		}
	}
	if under != 3 {
		t.Errorf("%d acts under the first epoch, which had three left", under)
	}
	p.talk()
	p.verified()
}

// Spec: PAR-15. Of two counterparts and two realms, no card has a key to sign,
// to seal or to connect with that another card has.
func TestKeysAreDrawnAnew(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	drawn := byte(0)
	connect := func() ([]byte, [32]byte, error) {
		drawn++
		return []byte{drawn}, [32]byte{drawn}, nil
	}
	sign, seal, tls := map[party.PublicKey]bool{}, map[[party.SealKeySize]byte]bool{}, map[[32]byte]bool{}
	for _, to := range []string{"third", "fourth"} {
		file, err := us.node.ExportCard(p.ctx, to, us.profile, us.root, connect)
		p.must(err)
		cards, err := node.ReadCards(suite.Signatures{}, file)
		p.must(err)
		for _, c := range cards {
			sign[c.Sign], seal[c.Seal], tls[c.TLS] = true, true, true
		}
	}
	if len(sign) != 4 || len(seal) != 4 || len(tls) != 4 {
		t.Errorf("four cards have %d, %d and %d keys", len(sign), len(seal), len(tls))
	}
}

// watched tells whether a transaction is open.
type watched struct {
	store.Store
	open bool
}

func (w *watched) Update(ctx context.Context, f func(store.Tx) error) error {
	w.open = true
	defer func() { w.open = false }()
	return w.Store.Update(ctx, f)
}

// witness looks at every message before it is signed.
type witness struct {
	*suite.SigningKey
	saw func(message []byte)
}

func (w witness) Ed25519(message []byte) []byte {
	w.saw(message)
	return w.SigningKey.Ed25519(message)
}

// Spec: LNK-5. Whenever a head is signed no transaction is open, and the store
// holds the leaves that it is over, with what lies beside them.
func TestHeadsAreOverWhatIsStored(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	w, heads := &watched{Store: us.store}, 0
	us.wrap = w
	us.signer = func(seed [64]byte) suite.Signer {
		return witness{suite.SigningKeyFrom(seed), func(message []byte) {
			h, err := ledger.ParseHead(string(message) + "\n")
			if err != nil {
				return // a hello
			}
			heads++
			if w.open {
				t.Errorf("a head of size %d is signed within a transaction", h.Size)
				return
			}
			us.holds(h)
		}}
	}
	us.start()
	for range 3 {
		us.ask("said")
		p.talk()
		p.sides[1].ask("of theirs")
		p.talk()
	}
	if heads < 3 {
		t.Errorf("%d heads were signed", heads)
	}
}

// holds fails unless the store has the leaves that a head of one's own is over.
func (s *side) holds(h ledger.Head) {
	for channel := uint8(statement.Control); channel <= statement.Routine; channel++ {
		if s.link.Origin(true, channel, 0).String() != h.Origin {
			continue
		}
		var tree ledger.Tree
		for i, leaf := range s.rows(true, channel) {
			if uint64(i) == h.Size {
				break
			}
			tree.Append(ledger.LeafHash(leaf.Encode()))
			if (leaf.Type == ledger.TypeAct || leaf.Type == ledger.TypeEpoch) && !s.blob(true, channel, uint64(i)) {
				s.p.t.Errorf("nothing lies beside leaf %d", i)
			}
		}
		if tree.Size != h.Size || tree.Root() != h.Root {
			s.p.t.Errorf("a head is signed over %d leaves of channel %d, and %d are stored", h.Size, channel, tree.Size)
		}
		return
	}
	s.p.t.Errorf("a head of no log of ours: %s", h.Origin)
}
