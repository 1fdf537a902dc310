package hostile

import (
	"crypto/ed25519"
	"testing"

	"parley.example/internal/carrier/https"
	"parley.example/internal/store"
	"parley.example/internal/store/memory"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

const channel = statement.Routine

// officer signs with a key file.
type officer struct{ key ed25519.PrivateKey }

func (o officer) KeyID() string                            { return o.sign(nil).KeyID }
func (o officer) Algorithm() uint8                         { return party.PersonEd25519 }
func (o officer) SignPerson(signed []byte) ([]byte, error) { return o.sign(signed).Signature, nil }
func (o officer) sign(signed []byte) statement.PersonSignature {
	return wiretest.SignWith(o.key, signed)
}

// member is a party whose machine went bad.
type member struct {
	keys *wiretest.Party
	card *party.Card
	kept Definition
}

// taken has both ends of a link taken over: nothing was said before.
func taken(t *testing.T) (members [2]member, partners [2]*Partner) {
	t.Helper()
	for i, keys := range wiretest.Parties() {
		office := suite.NewOffice(nil)
		connect, err := https.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		card := *keys.Card
		card.Sign, card.Seal = office.Sign.Public(), office.Seal.Public()
		if _, card.TLS, err = https.Certificate(connect); err != nil {
			t.Fatal(err)
		}
		card.Signature = keys.Root.Sign(card.ToSign())
		private, err := office.Encode()
		if err != nil {
			t.Fatal(err)
		}
		members[i] = member{keys, &card, Definition{Realm: party.Real, Office: private, Connect: connect}}
	}
	for i := range members {
		m := &members[i]
		m.kept.Ours, m.kept.Theirs = m.card.Encode(), members[1-i].card.Encode()
		partners[i] = m.open(t, memory.New([16]byte{byte(i)}, memory.Faults{}))
	}
	return members, partners
}

func (m *member) open(t *testing.T, kept store.Store) *Partner {
	t.Helper()
	p, err := New(t.Context(), kept, m.kept, officer{m.keys.Officer})
	if err != nil {
		t.Fatal(err)
	}
	now := int64(wiretest.Start)
	p.Now = func() int64 { now++; return now }
	return p
}

// meet has two talk until neither has anything to deliver, as over a line.
func meet(t *testing.T, a, b *Partner) {
	t.Helper()
	turn := a.Turn()
	turn.Hello = a.Hello(nil)
	for range 20 {
		raw, err := station{b}.Turn(t.Context(), [32]byte{}, turn.Encode())
		if err != nil {
			t.Fatal(err)
		}
		answer, err := contact.DecodeTurn(raw)
		if err != nil {
			t.Fatal(err)
		}
		a.take(answer)
		if turn = a.honest(answer, [3]bool{}); turn.Push == nil && answer.Push == nil {
			return
		}
	}
	t.Fatal("the exchange does not end")
}

func asks(p *Partner, text string) uint64 {
	return p.Say(act.RequestAsk, channel, p.Ref(true, 0), &act.SayBody{Said: act.Text{Lang: "en", Text: text}})
}

// What the partner does honestly holds: its heads are signed, the other side has
// the same log, reads what was said, and receipts it.
func TestHonestHalf(t *testing.T) {
	members, partners := taken(t)
	a, b := partners[0], partners[1]
	at := asks(a, "one")
	meet(t, a, b)
	size := a.Size(true, channel)
	if at != 1 || b.Size(false, channel) != size || a.Size(false, channel) != b.Size(true, channel) {
		t.Fatalf("%d entries there, %d here", b.Size(false, channel), size)
	}
	head, err := ledger.VerifyHead(suite.Signatures{}, members[0].card.Sign, a.Origin(true, channel, 0).String(), a.Head(channel, size))
	if err != nil || head.Size != size || head.Root != b.theirs[channel-1].root(size) {
		t.Errorf("the head says %d, %v", head.Size, err)
	}
	heard := b.Heard(channel, act.RequestAsk)
	if len(heard) != 1 {
		t.Fatalf("%d acts were read", len(heard))
	}
	var body act.SayBody
	if err := act.ReadBody(heard[0].Body, &body); err != nil || body.Said.Text != "one" {
		t.Errorf("%+v, %v", body, err)
	}
	if _, err := statement.VerifyPerson(suite.Signatures{}, members[0].card, heard[0].Signed, heard[0].Signatures[0]); err != nil {
		t.Error(err)
	}
	if receipts := a.Theirs(channel, 0); len(receipts) != 1 || receipts[0].Type != ledger.TypeReceipt || receipts[0].Size.Size != size || receipts[0].Hash != a.Root(channel, size) {
		t.Errorf("%+v", receipts)
	}
	meet(t, b, a)
	if a.Size(true, channel) != size || b.Size(false, channel) != size {
		t.Error("meeting again said something")
	}
}

// Two futures of one partner are the two halves of a fork: what the one writes
// is not in the other, and both heads are signed by the same key.
func TestClone(t *testing.T) {
	members, partners := taken(t)
	a := partners[0]
	asks(a, "before")
	before, root := a.Size(true, channel), a.Root(channel, a.Size(true, channel))
	c := a.Clone()
	asks(c, "one thing")
	if a.Size(true, channel) != before || a.Root(channel, before) != root || c.Root(channel, before) != root {
		t.Fatal("what a clone writes stands in the first as well")
	}
	asks(a, "another")
	size := a.Size(true, channel)
	if c.Size(true, channel) != size || a.Root(channel, size) == c.Root(channel, size) {
		t.Fatal("no fork")
	}
	for i, p := range []*Partner{a, c} {
		if _, err := ledger.VerifyHead(suite.Signatures{}, members[0].card.Sign, p.Origin(true, channel, 0).String(), p.Head(channel, size)); err != nil {
			t.Errorf("history %d: %v", i, err)
		}
		if leaf := p.own[channel-1].leaves[size-1]; p.state.OwnLog(channel).Tree.Root() != p.Root(channel, size) || leaf.Position != size-1 {
			t.Errorf("history %d is not a log: %+v", i, leaf)
		}
	}
}

// A lie takes the place of an answer, until it gives none; a dull partner takes
// what comes and receipts nothing; and what is no turn is refused.
func TestLies(t *testing.T) {
	_, partners := taken(t)
	a, b := partners[0], partners[1]
	asks(a, "one")
	lies := 0
	b.Lie(func(came *contact.Turn) *contact.Turn {
		if lies++; lies > 1 {
			return nil
		}
		return &contact.Turn{Realm: b.Realm, From: a.Us}
	})
	for i, want := range []party.ID{a.Us, b.Us} {
		raw, err := station{b}.Turn(t.Context(), [32]byte{}, a.Turn().Encode())
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := contact.DecodeTurn(raw); err != nil || answer.From != want {
			t.Errorf("answer %d: %+v, %v", i, answer, err)
		}
	}
	b.Dull = true
	meet(t, a, b)
	if b.Size(false, channel) != a.Size(true, channel) || b.Size(true, channel) != 0 {
		t.Errorf("it took %d and said %d", b.Size(false, channel), b.Size(true, channel))
	}
	if _, err := (station{b}).Turn(t.Context(), [32]byte{}, []byte("no turn")); err == nil {
		t.Error("no turn was answered")
	}
}

// A folder that is taken over goes on from what was said before.
func TestTakenOver(t *testing.T) {
	members, partners := taken(t)
	a := partners[0]
	asks(a, "before")
	size := a.Size(true, channel)
	kept := memory.New([16]byte{9}, memory.Faults{})
	id := store.LogID{Link: a.ID(), Own: true, Channel: channel}
	err := kept.Update(t.Context(), func(tx store.Tx) error {
		log := *a.state.OwnLog(channel)
		var rows []store.Row
		for at, leaf := range a.own[channel-1].leaves {
			rows = append(rows, store.Row{Position: uint64(at), Type: leaf.Type, Time: leaf.Time, Leaf: leaf.Encode(), Hashes: hashesAt(uint64(at))})
		}
		if err := tx.Append(id, rows); err != nil {
			return err
		}
		for at, e := range a.own[channel-1].entries {
			if err := tx.PutBlob(id, uint64(at), store.BlobFirst, e.Blob); err != nil {
				return err
			}
		}
		return tx.PutState(id, log.Encode())
	})
	if err != nil {
		t.Fatal(err)
	}
	next := members[0].open(t, kept)
	if next.Size(true, channel) != size || next.Root(channel, size) != a.Root(channel, size) {
		t.Fatalf("%d entries were taken over, want %d", next.Size(true, channel), size)
	}
	at := asks(next, "after")
	meet(t, next, partners[1])
	if heard := partners[1].Heard(channel, act.RequestAsk); len(heard) != 2 || partners[1].Size(false, channel) != at+1 {
		t.Errorf("%d acts were read", len(heard))
	}
	broken := members[0].kept
	broken.Office = broken.Office[1:]
	if _, err := New(t.Context(), kept, broken, nil); err == nil {
		t.Error("a folder without keys was taken over")
	}
}

// hashesAt is as many hashes as a leaf completes subtrees; the partner computes
// its own.
func hashesAt(position uint64) (list [][32]byte) {
	for list = [][32]byte{{}}; position&1 == 1; position >>= 1 {
		list = append(list, [32]byte{})
	}
	return list
}
