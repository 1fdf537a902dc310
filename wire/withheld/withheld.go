// Package withheld implements the bundle of spec/withheld.md: what the writer of
// an act can show when its reader gives no receipt for it. It proves that the
// act stands in the writer's log and that the reader, by its own signed hellos,
// was told of it; the attempts to deliver it are the writer's claim.
package withheld

import (
	"crypto/sha256"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/audit"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Tag is what a bundle begins with.
const Tag = "parley withheld v1\n"

// Bounds of a bundle.
const (
	MaxHellos   = 64
	MaxAttempts = 1024
	maxHello    = 16384
)

// Attempt is one outcome of attempts to deliver, within one hour.
type Attempt struct {
	First, Last int64
	Count       uint32
	Carrier     string
	Address     [32]byte // SHA-256 over the addresses tried
	Code        string   // the fault; empty: the other side was heard
}

// Layout is the attempt's form.
func (a *Attempt) Layout(c *octet.Codec) {
	octet.Int(c, &a.First)
	octet.Int(c, &a.Last)
	octet.Int(c, &a.Count)
	c.Text(&a.Carrier, 32)
	c.Fixed(a.Address[:])
	c.Text(&a.Code, 64)
}

// Proved is a leaf with its place under a signed head.
type Proved struct {
	Head string      // signed checkpoint
	Leaf []byte      // exact bytes
	Path []tlog.Hash // RFC 6962 audit path
}

func (p *Proved) layout(c *octet.Codec) {
	head := []byte(p.Head) // of several lines, and verified byte for byte
	c.Vec(&head, 16<<10)
	p.Head = string(head)
	c.Vec(&p.Leaf, ledger.MaxLeaf)
	octet.List(c, &p.Path, 128, func(h *tlog.Hash) { c.Fixed(h[:]) })
}

// Bundle is what the writer shows.
type Bundle struct {
	Origin   ledger.Origin // of the writer's log
	Cards    [2][][]byte   // writer's and reader's: founding card, then each that followed
	Act      Proved        // under the very head that the reader was told of
	Sealed   []byte        // the sealed bytes, or none
	Told     []byte        // the writer's hello that named that head; empty when the first of the reader's says that it was shown
	Hellos   [][]byte      // the reader's: first the one that shows it knew, then later ones
	Attempts []Attempt
	Time     int64
	Claim    party.Signature // the writer's, over all of the above
}

func (b *Bundle) layout(c *octet.Codec) {
	c.Tag(Tag, "withheld")
	octet.Int(c, &b.Origin.Realm)
	octet.Int(c, &b.Origin.Channel)
	c.Fixed(b.Origin.Writer[:])
	c.Fixed(b.Origin.Reader[:])
	octet.Int(c, &b.Origin.Generation)
	for side := range b.Cards {
		octet.List(c, &b.Cards[side], 1024, func(card *[]byte) { c.Vec(card, party.MaxCard) })
	}
	b.Act.layout(c)
	c.Vec(&b.Sealed, ledger.MaxBytes)
	c.Vec(&b.Told, maxHello)
	octet.List(c, &b.Hellos, MaxHellos, func(h *[]byte) { c.Vec(h, maxHello) })
	octet.List(c, &b.Attempts, MaxAttempts, func(a *Attempt) { a.Layout(c) })
	octet.Int(c, &b.Time)
}

// ToSign is what the writer's office signs.
func (b *Bundle) ToSign() []byte { return octet.Write(b.layout) }

// Encode gives the bundle's bytes.
func (b *Bundle) Encode() []byte {
	w := octet.Writer{Bytes: b.ToSign()}
	b.Claim.Encode(&w)
	return w.Bytes
}

// Decode reads a bundle and believes nothing of it.
func Decode(data []byte) (*Bundle, error) {
	b := &Bundle{}
	return b, octet.Read(data, func(c *octet.Codec) {
		b.layout(c)
		c.Fixed(b.Claim.Ed25519[:])
		c.Fixed(b.Claim.MLDSA44[:])
	})
}

// beyond says that a time of the writer's claim is 2^63 or more.
func (b *Bundle) beyond() bool {
	return b.Time < 0 || slices.ContainsFunc(b.Attempts, func(a Attempt) bool { return a.First < 0 || a.Last < 0 })
}

// Finding is what a bundle proves.
type Finding struct {
	Parties  [2]audit.Party // writer, reader
	Origin   ledger.Origin
	Position uint64
	Head     ledger.Head // that the reader was told of
	Time     int64       // of the entry, claimed by the writer
	Made     int64       // of the bundle, claimed by the writer
	Sealed   bool        // the sealed bytes are in the bundle, and are those of the leaf
	Knew     int64       // the reader's hello by which it knew, by its own clock
	Last     int64       // the reader's last hello that is shown
	Stored   bool        // by that it has stored the entry; else it says it has not
	State    uint8       // of the reader's node, as it said last
	Hellos   int
	Attempts []Attempt // the writer's claim
}

// Verify checks a bundle from the founding roots down. known are founding
// fingerprints that the person who asks has from elsewhere; a party whose
// fingerprint is not among them was not compared, and whoever reports must say
// so.
func Verify(data []byte, known ...party.ID) (*Finding, error) {
	b, err := Decode(data)
	if err != nil {
		return nil, err
	}
	f := &Finding{Origin: b.Origin, Made: b.Time, Hellos: len(b.Hellos), Attempts: b.Attempts}
	// The parties as a disclosure has them, the lower first.
	p := audit.Parties{Realm: b.Origin.Realm, IDs: [2]party.ID{b.Origin.Writer, b.Origin.Reader}, Cards: b.Cards}
	higher := b.Origin.Reader.Less(b.Origin.Writer)
	if higher {
		p.IDs[0], p.IDs[1], p.Cards[0], p.Cards[1] = p.IDs[1], p.IDs[0], p.Cards[1], p.Cards[0]
	}
	chains, parties, err := p.Chains(known)
	if err != nil {
		return nil, err
	}
	if higher {
		chains[0], chains[1], parties[0], parties[1] = chains[1], chains[0], parties[1], parties[0]
	}
	f.Parties = parties
	writer := chains[0][len(chains[0])-1]
	if b.beyond() || !b.Claim.Verify(audit.Signatures{}, writer.Sign, b.ToSign()) {
		return nil, fault.New(fault.WithheldClaim, "party", b.Origin.Writer.String())
	}
	if err := f.entry(b, chains[0]); err != nil {
		return nil, err
	}
	if err := f.knew(b, chains); err != nil {
		return nil, err
	}
	return f, nil
}

// entry checks the leaf's place under its signed head, in its generation or,
// since the leaves of a log stay, one of the 64 after it.
func (f *Finding) entry(b *Bundle, cards []*party.Card) error {
	origin := b.Origin
	head, err := ledger.ParseHead(b.Act.Head)
	for last := origin.Generation + 64; err == nil && origin.String() != head.Origin && origin.Generation < last; {
		origin.Generation++
	}
	if err == nil {
		f.Head, _, err = audit.SignedBy(cards, origin.String(), b.Act.Head)
	}
	if err != nil {
		return err
	}
	leaf, err := ledger.DecodeLeaf(b.Act.Leaf)
	if err == nil {
		err = leaf.Check(origin)
	}
	if err != nil {
		return err
	}
	f.Position, f.Time = leaf.Position, leaf.Time
	if f.Position >= f.Head.Size || f.Head.Size > 1<<62 ||
		tlog.CheckRecord(tlog.RecordProof(b.Act.Path), int64(f.Head.Size), f.Head.Root, int64(f.Position), ledger.LeafHash(b.Act.Leaf)) != nil {
		return fault.New(fault.LeafProof, "position", fault.Int(f.Position), "size", fault.Int(f.Head.Size))
	}
	if f.Sealed = len(b.Sealed) > 0; f.Sealed && (leaf.Type != ledger.TypeAct || sha256.Sum256(b.Sealed) != leaf.Hash) {
		return fault.New(fault.PartsCommitment)
	}
	return nil
}

// knew checks, by the reader's own hellos, from when on it knew of the head
// that the entry stands under, and what it said of it since.
func (f *Finding) knew(b *Bundle, chains [2][]*party.Card) error {
	if b.Origin.Channel < statement.Control || b.Origin.Channel > statement.Routine || len(b.Hellos) == 0 {
		return fault.New(fault.WithheldTold, "position", fault.Int(f.Position))
	}
	i := b.Origin.Channel - 1
	var told *contact.Hello
	var stored statement.Size
	for n, raw := range b.Hellos {
		h, err := heard(raw, b.Origin.Realm, b.Origin.Reader, b.Origin.Writer, chains[1])
		if err != nil {
			return err
		}
		if n == 0 {
			f.Knew, told = h.Time, h
		}
		if h.Time < f.Last {
			return fault.New(fault.WithheldHello, "party", b.Origin.Reader.String())
		}
		f.Last, f.State, stored = h.Time, h.State, h.Stored[i]
	}
	named := told.Shown[i]
	if len(b.Told) > 0 {
		h, err := heard(b.Told, b.Origin.Realm, b.Origin.Writer, b.Origin.Reader, chains[0])
		if err != nil {
			return err
		}
		if h.Nonce != told.Answers || h.Nonce != h.Commitment() {
			return fault.New(fault.WithheldTold, "position", fault.Int(f.Position))
		}
		named = h.Own[i]
	}
	origin := b.Origin
	origin.Generation = named.Generation
	if named.Generation < b.Origin.Generation || origin.String() != f.Head.Origin || named.Size.Size != f.Head.Size || named.Root != tlog.Hash(f.Head.Root) {
		return fault.New(fault.WithheldTold, "position", fault.Int(f.Position))
	}
	// Of an older generation another entry may have stood there.
	f.Stored = stored.Generation >= named.Generation && stored.Size > f.Position
	return nil
}

// heard reads a hello of one party to another, signed by a key of its cards.
func heard(raw []byte, realm uint8, writer, reader party.ID, cards []*party.Card) (*contact.Hello, error) {
	h, err := contact.DecodeHello(raw)
	if err != nil {
		return nil, err
	}
	if h.Realm == realm && h.Writer == writer && h.Reader == reader {
		for _, card := range cards {
			if h.Verify(audit.Signatures{}, card.Sign) == nil {
				return h, nil
			}
		}
	}
	return nil, fault.New(fault.WithheldHello, "party", writer.String())
}
