package audit

import (
	"crypto/ed25519"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Signatures checks with the standard library and filippo.io/mldsa: another
// implementation than the node signs with.
type Signatures struct{}

// Ed25519 reports whether the signature is good.
func (Signatures) Ed25519(key, message, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, signature)
}

// MLDSA44 reports whether the signature is good.
func (Signatures) MLDSA44(key, message, signature []byte) bool {
	public, err := mldsa.NewPublicKey(mldsa.MLDSA44(), key)
	return err == nil && mldsa.Verify(public, message, signature, nil) == nil
}

// Person is an officer whose signature over the statement is good. Card is the
// serial of the newest card shown that names the officer; which card was in
// force at the position, the bundle does not prove.
type Person struct {
	Name, Role, Key string
	Card            uint32
}

// Finding is what a bundle proves.
type Finding struct {
	Origin    ledger.Origin
	Names     [2]string // of writer and reader, as their cards say
	Position  uint64
	Head      ledger.Head // of the writer's log: nothing after it is excluded
	Time      int64       // claimed by the writer, milliseconds
	Receipted int64       // claimed by the reader; 0 when no receipt is shown
	Verdict   uint16      // the reader's, when it could not read the entry
	Slip      *statement.Slip
	Statement *statement.Statement
	Short     string // digest of the statement, to compare by telephone
	Persons   []Person
	Body      []byte // nil: withheld, its commitment is valid
	Attached  []*statement.Attachment
	Withheld  int // parts that are not shown
}

// Verify checks a bundle from the founding roots down: roots, cards, heads,
// inclusion, receipt, parts, statement. founding gives the fingerprints of
// writer and reader that the person who asks has compared; a zero one is not
// checked, and whoever reports must say so.
func Verify(data []byte, founding [2]party.ID) (*Finding, error) {
	b, err := Decode(data)
	if err != nil {
		return nil, err
	}
	f := &Finding{Origin: b.Origin}
	var chains [2][]*party.Card
	var cards [2]*party.Card
	for side, id := range [2]party.ID{b.Origin.Writer, b.Origin.Reader} {
		if founding[side] != (party.ID{}) && founding[side] != id {
			return nil, fault.New(fault.CardFounding, "party", id.String())
		}
		if chains[side], err = chain(b, side, id); err != nil {
			return nil, err
		}
		cards[side] = chains[side][len(chains[side])-1]
		f.Names[side] = cards[side].Names[0] + " · " + cards[side].Names[1]
	}
	if err := f.entry(b, cards[0]); err != nil {
		return nil, err
	}
	if err := f.receipt(b, cards[1]); err != nil {
		return nil, err
	}
	return f, f.parts(b, chains[0])
}

// chain verifies a party's cards from the founding one on; the last is the
// delegation that the bundle stands on.
func chain(b *Bundle, side int, id party.ID) (cards []*party.Card, err error) {
	link := [2]party.ID{b.Origin.Reader, b.Origin.Writer}[side]
	for i, raw := range b.Cards[side] {
		next, err := party.DecodeCard(raw)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			err = next.VerifyFounding(Signatures{})
		} else {
			err = next.VerifySuccessor(Signatures{}, cards[i-1], link)
		}
		if err != nil {
			return nil, err
		}
		if next.Party != id || next.Realm != b.Origin.Realm {
			return nil, fault.New(fault.CardOtherLink, "party", next.Party.String())
		}
		cards = append(cards, next)
	}
	if cards == nil {
		return nil, fault.New(fault.CardFounding, "party", id.String())
	}
	return cards, nil
}

// under checks a leaf's place under a signed head of an origin, in its
// generation or, since the leaves of a log stay, one of the 64 after it.
func under(p *Proved, card *party.Card, origin ledger.Origin) (*ledger.Leaf, ledger.Head, error) {
	head, err := ledger.ParseHead(p.Head)
	for last := origin.Generation + 64; err == nil && origin.String() != head.Origin && origin.Generation < last; {
		origin.Generation++
	}
	if err == nil {
		head, err = ledger.VerifyHead(Signatures{}, card.Sign, origin.String(), p.Head)
	}
	if err != nil {
		return nil, head, err
	}
	leaf, err := ledger.DecodeLeaf(p.Leaf)
	if err == nil {
		err = leaf.Check(origin)
	}
	if err != nil {
		return nil, head, err
	}
	if leaf.Position >= head.Size || head.Size > 1<<62 ||
		tlog.CheckRecord(tlog.RecordProof(p.Path), int64(head.Size), head.Root, int64(leaf.Position), ledger.LeafHash(p.Leaf)) != nil {
		return nil, head, fault.New(fault.LeafProof, "position", fault.Int(leaf.Position), "size", fault.Int(head.Size))
	}
	return leaf, head, nil
}

func (f *Finding) entry(b *Bundle, card *party.Card) error {
	leaf, head, err := under(&b.Act, card, b.Origin)
	if err != nil {
		return err
	}
	if leaf.Type != ledger.TypeAct || statement.Whole(b.Commitments) != leaf.Commitment {
		return fault.New(fault.PartsCommitment)
	}
	f.Position, f.Head, f.Time = leaf.Position, head, leaf.Time
	return nil
}

// receipt checks the reader's signed statement that it stored the entry: a
// receipt leaf, whose root must be that of the very log the head is of.
func (f *Finding) receipt(b *Bundle, card *party.Card) error {
	if b.Receipt == nil {
		if len(b.Consistency) > 0 {
			return fault.New(fault.LeafProof, "position", fault.Int(f.Position))
		}
		return nil
	}
	back := ledger.Origin{Realm: b.Origin.Realm, Channel: b.Origin.Channel, Writer: b.Origin.Reader, Reader: b.Origin.Writer}
	receipt, _, err := under(b.Receipt, card, back)
	if err != nil {
		return err
	}
	covers := receipt.Type == ledger.TypeReceipt && receipt.Size.Generation >= b.Origin.Generation && receipt.From <= f.Position && receipt.Size.Size > f.Position
	same := receipt.Size.Size == f.Head.Size && receipt.Hash == [32]byte(f.Head.Root) && len(b.Consistency) == 0
	earlier := covers && receipt.Size.Size < f.Head.Size && tlog.CheckTree(tlog.TreeProof(b.Consistency), int64(f.Head.Size), f.Head.Root,
		int64(receipt.Size.Size), tlog.Hash(receipt.Hash)) == nil
	if !covers || !same && !earlier {
		return fault.New(fault.LeafReceipt, "log", b.Origin.String(), "position", fault.Int(receipt.Position), "rule", "it does not receipt this entry")
	}
	f.Receipted = receipt.Time
	for _, v := range receipt.Verdicts {
		if v.Position == f.Position {
			f.Verdict = v.Reason
		}
	}
	return nil
}

// parts checks every part that is shown, and the statement's people.
func (f *Finding) parts(b *Bundle, cards []*party.Card) error {
	shown := map[int][]byte{}
	last := -1
	for _, o := range b.Opened {
		i := int(o.Index)
		if i <= last || i >= len(b.Commitments) || statement.Commit(i, o.Salt, o.Part) != b.Commitments[i] {
			return fault.New(fault.PartsCommitment, "part", fault.Int(i))
		}
		shown[i], last = o.Part, i
	}
	f.Withheld = len(b.Commitments) - len(shown)
	if part, ok := shown[statement.PartSlip]; ok {
		slip, err := statement.DecodeSlip(part)
		if err != nil {
			return err
		}
		f.Slip = &slip
	}
	f.Body = shown[statement.PartBody]
	for i := statement.PartAttachment; i < len(b.Commitments); i++ {
		if part, ok := shown[i]; ok {
			a, err := statement.DecodeAttachment(part)
			if err != nil {
				return err
			}
			f.Attached = append(f.Attached, a)
		}
	}
	signed, ok := shown[statement.PartStatement]
	if !ok {
		return nil
	}
	return f.statement(signed, shown[statement.PartSignatures], b, cards)
}

func (f *Finding) statement(signed, signatures []byte, b *Bundle, cards []*party.Card) error {
	s, err := statement.Decode(signed)
	if err != nil {
		return err
	}
	o := b.Origin
	if s.Realm != o.Realm || s.Channel != o.Channel || s.Writer != o.Writer || s.Reader != o.Reader ||
		s.Generation != o.Generation || s.Content != statement.Content(b.Commitments) || s.NotAfter <= f.Time {
		return fault.New(fault.StatementElsewhere, "kind", s.Kind)
	}
	f.Statement, f.Short = s, statement.Short(signed)
	if signatures == nil {
		return nil
	}
	list, err := statement.DecodeSignatures(signatures)
	if err != nil {
		return err
	}
	for _, signature := range list {
		card := cards[len(cards)-1] // an officer may have left since
		for i := len(cards) - 1; i >= 0; i-- {
			if _, ok := cards[i].Officer(signature.KeyID); ok {
				card = cards[i]
				break
			}
		}
		officer, err := statement.VerifyPerson(Signatures{}, card, signed, signature)
		if err != nil {
			return err
		}
		f.Persons = append(f.Persons, Person{officer.Name, officer.Role, signature.KeyID, card.Serial})
	}
	return nil
}
