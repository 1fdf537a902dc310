package audit

import (
	"crypto/ed25519"

	"filippo.io/mldsa"

	"parley.example/wire/evidence"
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
	return len(key) == ed25519.PublicKeySize && len(signature) == ed25519.SignatureSize &&
		!party.WeakPoint(key) && !party.WeakPoint(signature[:32]) && ed25519.Verify(key, message, signature)
}

// MLDSA44 reports whether the signature is good.
func (Signatures) MLDSA44(key, message, signature []byte) bool {
	public, err := mldsa.NewPublicKey(mldsa.MLDSA44(), key)
	return err == nil && mldsa.Verify(public, message, signature, nil) == nil
}

// Person is an officer whose signature is good. Card is the serial of the
// newest card shown that names the officer; which card was in force where the
// act stands, the file does not prove.
type Person struct {
	Name, Role, Key string
	Card            uint32
	Lost            *Place // the act before this one that says that the key counts no more
}

// Place is an entry of one of the logs.
type Place struct {
	Channel  uint8
	Higher   bool // the higher party's log
	Position uint64
}

// Side is the index of the party whose log it is.
func (p Place) Side() int { return side(p.Higher) }

func side(higher bool) int {
	if higher {
		return 1
	}
	return 0
}

// Head is how far one log is shown: nothing after it is excluded.
type Head struct {
	Channel    uint8
	Higher     bool
	Generation uint32
	Size       uint64
	Card       uint32 // serial of the card whose key signed it
}

// Receipt is a leaf by which the other party said that it stored something.
type Receipt struct {
	Place
	Time int64 // claimed by it, milliseconds
}

// Act is one act that is shown, or of which a part is.
type Act struct {
	Place
	Generation uint32
	Time       int64    // claimed by the writer, milliseconds
	Receipt    *Receipt // nil: none is shown
	Verdict    uint16   // the reader's, when it could not read the entry
	False      bool     // and that verdict is proved false
	Again      *Receipt // of its restatement, after a verdict
	Slip       *statement.Slip
	Statement  *statement.Statement
	Short      string // digest of the statement, to compare by telephone
	Persons    []Person
	Body       []byte // nil: withheld, its commitment is valid
	Attached   []*statement.Attachment
	Thread     *Place // where its thread was opened, if that can be known
	Parts      int
	Withheld   int     // parts that are not shown
	Repeats    *Place  // an earlier act with the same identifier: this one does not count
	Disowned   []Place // declarations of compromise that name it
	Answers    []Place // acts shown that correct, dispute, contest or withdraw it
	seen       uint64
	control    uint64 // of its writer's control log, as far as it stands behind that
}

// Finding is what a disclosure proves.
type Finding struct {
	Realm       uint8
	Parties     [2]Party
	Heads       []Head
	Acts        []*Act // by channel, in the order both parties compute
	Gaps        []Gap
	Generations []Generation
	Compromises []Compromise
	Replaced    []Replaced
	Stored      map[[32]byte]Receipt // attachments, by the hash of their sealed bytes
	Custody     []Step
}

// Party is one side.
type Party struct {
	ID       party.ID
	Code     string
	Names    [2]string         // English, Chinese
	Card     uint32            // serial of the last card shown
	Compared bool              // its fingerprint was given by the person who verifies
	Signs    []party.PublicKey // of the cards shown, oldest first
}

// verifier is a disclosure while it is checked.
type verifier struct {
	*Finding
	chains   [2][]*party.Card
	officers [2]map[string]*party.Card // by key, the newest card that names it
	logs     []*shownLog
}

// shownLog is one log, as far as it is shown.
type shownLog struct {
	*Log
	origin ledger.Origin
	head   ledger.Head
	leaves []*ledger.Leaf
	tree   *tree
	starts []uint64 // where the generations after the first begin
}

func (l *shownLog) side() int { return side(l.Higher) }

// generation is that which a position was written in.
func (l *shownLog) generation(position uint64) (g uint32) {
	for _, start := range l.starts {
		if start <= position {
			g++
		}
	}
	return g
}

// leaf finds a leaf that is shown.
func (l *shownLog) leaf(position uint64, kind uint8) *ledger.Leaf {
	for _, leaf := range l.leaves {
		if leaf.Position == position && leaf.Type == kind {
			return leaf
		}
	}
	return nil
}

// Verify checks a disclosure from the founding roots down: roots, cards,
// heads, leaves, generations, receipts, parts, statements, custody. known are
// founding fingerprints that the person who asks has from elsewhere; a party
// whose fingerprint is not among them was not compared, and whoever reports
// must say so.
func Verify(data []byte, known ...party.ID) (*Finding, error) {
	b, err := Decode(data)
	if err != nil {
		return nil, err
	}
	v := &verifier{Finding: &Finding{Realm: b.Realm, Stored: map[[32]byte]Receipt{}}}
	if v.chains, v.Parties, err = b.Parties.Chains(known); err != nil {
		return nil, err
	}
	v.officers = officers(v.chains)
	order := func(l *Log) int { return 2*int(l.Channel) + side(l.Higher) }
	for i := range b.Logs {
		l := &b.Logs[i]
		if l.Channel < statement.Control || l.Channel > statement.Routine || i > 0 && order(l) <= order(&b.Logs[i-1]) {
			return nil, fault.New(fault.DisclosureOrder, "what", "logs")
		}
		log, err := v.open(b, l)
		if err != nil {
			return nil, err
		}
		v.logs = append(v.logs, log)
	}
	for _, check := range []func() error{v.trees, v.receipts, v.acts, func() error { return v.unsealed(b.Unsealed) },
		v.compromises, func() error { return v.custody(b.Custody) }} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if len(v.Acts)+len(v.Generations) == 0 {
		return nil, fault.New(fault.DisclosureOrder, "what", "nothing is shown")
	}
	v.thread()
	return v.Finding, nil
}

// Chains verifies both parties' cards, each from the founding one on, and says
// who they are; known is as for Verify.
func (p *Parties) Chains(known []party.ID) (chains [2][]*party.Card, found [2]Party, err error) {
	compared := map[party.ID]bool{}
	for _, id := range known {
		if id != p.IDs[0] && id != p.IDs[1] {
			return chains, found, fault.New(fault.CardFounding, "party", id.String())
		}
		compared[id] = true
	}
	if !p.IDs[0].Less(p.IDs[1]) {
		return chains, found, fault.New(fault.DisclosureOrder, "what", "parties")
	}
	for i, id := range p.IDs {
		if chains[i], err = chain(p.Cards[i], p.Realm, id, p.IDs[1-i]); err != nil {
			return chains, found, err
		}
		last := chains[i][len(chains[i])-1]
		found[i] = Party{ID: id, Code: last.Code, Names: last.Names, Card: last.Serial, Compared: compared[id]}
		for _, c := range chains[i] {
			found[i].Signs = append(found[i].Signs, c.Sign)
		}
	}
	return chains, found, nil
}

// chain verifies a party's cards from the founding one on.
func chain(raws [][]byte, realm uint8, id, link party.ID) (cards []*party.Card, err error) {
	for i, raw := range raws {
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
		if next.Party != id || next.Realm != realm {
			return nil, fault.New(fault.CardOtherLink, "party", next.Party.String())
		}
		cards = append(cards, next)
	}
	if cards == nil {
		return nil, fault.New(fault.CardFounding, "party", id.String())
	}
	return cards, nil
}

// SignedBy finds, from the newest on, the card whose key signed a head. A key
// is named by its head's lines, so the others are dismissed without a check.
func SignedBy(cards []*party.Card, origin, note string) (head ledger.Head, serial uint32, err error) {
	for i := len(cards) - 1; i >= 0; i-- {
		head, err = ledger.VerifyHead(Signatures{}, cards[i].Sign, origin, note)
		if err == nil || !fault.Is(err, fault.HeadUnsigned) {
			return head, cards[i].Serial, err
		}
	}
	return head, 0, err
}

// open checks a log's head and reads its leaves.
func (v *verifier) open(b *Bundle, l *Log) (*shownLog, error) {
	log := &shownLog{Log: l, origin: ledger.Origin{Realm: b.Realm, Channel: l.Channel, Writer: b.IDs[side(l.Higher)],
		Reader: b.IDs[side(!l.Higher)], Generation: l.Generation}}
	var serial uint32
	var err error
	if log.head, serial, err = SignedBy(v.chains[log.side()], log.origin.String(), l.Head); err != nil {
		return nil, err
	}
	for i, s := range l.Shown {
		leaf, err := ledger.DecodeLeaf(s.Leaf)
		if err == nil {
			err = leaf.Check(log.origin)
		}
		if err != nil {
			return nil, err
		}
		if i > 0 && leaf.Position <= log.leaves[i-1].Position {
			return nil, fault.New(fault.DisclosureOrder, "what", "leaves")
		}
		if leaf.Type == ledger.TypeGeneration {
			log.starts = append(log.starts, leaf.Position)
		} else if leaf.Type != ledger.TypeAct && len(s.Parts) > 0 {
			return nil, fault.New(fault.PartsCommitment)
		}
		log.leaves = append(log.leaves, leaf)
	}
	v.Heads = append(v.Heads, Head{l.Channel, l.Higher, l.Generation, log.head.Size, serial})
	return log, nil
}

// back is the other party's log of the same channel.
func (v *verifier) back(l *shownLog) *shownLog {
	for _, other := range v.logs {
		if other.Channel == l.Channel && other.Higher != l.Higher {
			return other
		}
	}
	return nil
}

// trees checks that all leaves stand under their heads, and makes the roots at
// the sizes that receipts and generations name.
func (v *verifier) trees() error {
	for _, l := range v.logs {
		known, marks := map[uint64][32]byte{}, l.starts
		for i, leaf := range l.leaves {
			known[leaf.Position] = ledger.LeafHash(l.Shown[i].Leaf)
		}
		if back := v.back(l); back != nil {
			for _, leaf := range back.leaves {
				if leaf.Type == ledger.TypeReceipt {
					if leaf.Size.Size > l.head.Size {
						return leaf.Broken(back.origin, fault.LeafReceipt, "it goes beyond the head shown")
					}
					marks = append(marks[:len(marks):len(marks)], leaf.Size.Size)
				}
			}
		}
		l.tree = newTree(l.head.Size, known, marks)
		if err := l.tree.check(l.Nodes, l.head.Root); err != nil {
			return err
		}
		if err := v.generations(l); err != nil {
			return err
		}
	}
	return nil
}

// maxGenerations bounds how often a log can have begun anew.
const maxGenerations = 64

// Generation is the beginning of a new one, which the writer's root signed.
type Generation struct {
	Place
	evidence.Generation
	Time int64
}

// generations checks that all beginnings up to the head's generation are
// shown, so that it is known in which one each position was written.
func (v *verifier) generations(l *shownLog) error {
	if l.Generation > maxGenerations || len(l.starts) != int(l.Generation) {
		return fault.New(fault.GenerationStatement, "rule", "each generation up to the head's is shown from its beginning")
	}
	before := l.origin
	before.Generation = 0
	for _, start := range l.starts {
		leaf := l.leaf(start, ledger.TypeGeneration)
		g, err := evidence.DecodeGeneration(leaf.Statement)
		if err == nil {
			err = rooted(v.chains, l.side(), g, before)
		}
		if err != nil {
			return err
		}
		if g.Size != start || g.Root != l.tree.root(start) {
			return fault.New(fault.GenerationStatement, "rule", "it is of another size or root")
		}
		v.Generations = append(v.Generations, Generation{Place{l.Channel, l.Higher, start}, *g, leaf.Time})
		before.Generation++
	}
	return nil
}

// rooted checks a generation's signatures, by roots of the cards shown.
func rooted(chains [2][]*party.Card, writer int, g *evidence.Generation, before ledger.Origin) error {
	root := func(side int, signature *party.Signature) (key party.PublicKey) {
		for _, card := range chains[side] {
			if key = card.Root; signature != nil && signature.Verify(Signatures{}, key, g.ToSign()) {
				break
			}
		}
		return key
	}
	return g.Verify(Signatures{}, before, root(writer, &g.Writer), root(1-writer, g.Reader))
}

// receipts checks each receipt leaf shown against the log that it receipts.
func (v *verifier) receipts() error {
	for _, l := range v.logs {
		about := v.back(l)
		for _, leaf := range l.leaves {
			if leaf.Type != ledger.TypeReceipt {
				continue
			}
			if about == nil || leaf.Size.Generation > about.Generation || about.tree.root(leaf.Size.Size) != leaf.Hash {
				return leaf.Broken(l.origin, fault.LeafReceipt, "it receipts another log than the one shown")
			}
			at := Receipt{Place{l.Channel, l.Higher, leaf.Position}, leaf.Time}
			for _, sealed := range leaf.Attached {
				if _, ok := v.Stored[sealed]; !ok {
					v.Stored[sealed] = at
				}
			}
		}
	}
	return nil
}

// receipt finds the one receipt that covers a position, and its verdict.
func (v *verifier) receipt(l *shownLog, position uint64) (*Receipt, uint16) {
	back := v.back(l)
	if back == nil {
		return nil, 0
	}
	for _, leaf := range back.leaves {
		if leaf.Type != ledger.TypeReceipt || leaf.From > position || leaf.Size.Size <= position || leaf.Size.Generation < l.generation(position) {
			continue
		}
		r := &Receipt{Place{back.Channel, back.Higher, leaf.Position}, leaf.Time}
		for _, verdict := range leaf.Verdicts {
			if verdict.Position == position {
				return r, verdict.Reason
			}
		}
		return r, 0
	}
	return nil, 0
}
