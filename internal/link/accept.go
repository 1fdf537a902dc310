package link

import (
	"crypto/sha256"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Cards finds the card of a party that is in force at two control sizes: the
// party's own control log and the other's. Nil when there is none.
type Cards func(of party.ID, own, other statement.Size) *party.Card

// Secrets finds the secret of an epoch that was opened before.
type Secrets func(position uint64) (envelope.Epoch, bool)

// Reader is what taking a delivery needs from the node.
type Reader struct {
	Signatures party.Signatures
	Cards      Cards
	Record     monitor.Record // of the log the delivery is for
	Row        func(position uint64) (raw []byte, err error)
	Root       func(size uint64) (tlog.Hash, bool) // of the log the delivery is for
	// Nodes are the edge of that log's tree at n, and the complete subtrees that
	// lead from there to m.
	Nodes   func(n, m uint64) ([]tlog.Hash, error)
	Secrets Secrets
	// Unwrap opens an epoch's wraps with the key they name.
	Unwrap func(commitment [32]byte, wraps []byte) (envelope.Epoch, error)
	Now    int64
	Quota  func(acts, bytes int) error // nil: none
	MaxAct int                         // of sealed bytes; 0: the format's own bound
	// Gone reports whether what lay beside a leaf may be missing, because both
	// parties destroyed it; nil: never. Anything else that is missing was lost or
	// taken on the way, and is asked for again.
	Gone func(leaf *ledger.Leaf) bool
}

// Taken is one entry of a delivery that is to be stored.
type Taken struct {
	Written
	Epoch   *envelope.Epoch  // of an epoch that could be opened
	Opens   uint64           // where that epoch stands
	Parts   *statement.Parts // of an act that could be opened
	Act     *act.Act
	Verdict uint16
}

// Accepted is what became of a delivery: what to store, all of it together,
// before anything is answered.
type Accepted struct {
	Channel uint8
	Entries []Taken
	Receipt *Written // leaf of ours; nil when none is due
	Held    *statement.Size
	Fork    *evidence.Fork // beside fork.proved: the proof, to be kept
}

// Accept judges a delivery of their log. It changes the state it is given, as
// far as the caller must then store; on an error the caller drops the state.
// A repeat is accepted with nothing to store.
func (s *State) Accept(p *contact.Push, r Reader) (*Accepted, error) {
	log := s.TheirLog(p.Channel)
	if err := s.checkOrigin(p, log); err != nil {
		return nil, err
	}
	if log.Mode == Frozen {
		return nil, fault.New(rule.ContactFrozen, "channel", fault.Int(p.Channel))
	}
	if p.From > log.Tree.Size {
		return nil, fault.New(rule.ContactGap, "from", fault.Int(p.From), "stored", fault.Int(log.Tree.Size))
	}
	head, err := ledger.ParseHead(p.Head)
	if err != nil {
		return nil, err
	}
	fresh, differs, err := s.overlap(p, log, r)
	if err != nil {
		return nil, err
	}
	if head.Size <= log.Tree.Size || differs {
		return s.old(p, head, log, r, differs)
	}
	return s.take(p, head, fresh, log, r)
}

// checkOrigin refuses a delivery for another log, and says which it is.
func (s *State) checkOrigin(p *contact.Push, log *Log) error {
	if p.Origin == log.Origin.String() {
		return nil
	}
	other := log.Origin
	other.Realm = party.Real + party.Exercise - other.Realm
	if p.Origin == other.String() {
		return fault.New(rule.HeadRealm, "want", fault.Int(log.Origin.Realm))
	}
	return fault.New(fault.HeadOrigin, "have", p.Origin, "want", log.Origin.String())
}

// overlap drops the entries that are stored already. differs says that one of
// them is not what is stored.
func (s *State) overlap(p *contact.Push, log *Log, r Reader) (fresh []contact.Entry, differs bool, err error) {
	known := min(log.Tree.Size-p.From, uint64(len(p.Entries)))
	for i := range known {
		raw, err := r.Row(p.From + i)
		if err != nil {
			return nil, false, err
		}
		if string(raw) != string(p.Entries[i].Leaf) {
			differs = true
			break
		}
	}
	return p.Entries[known:], differs, nil
}

// old judges a head that is not beyond what is stored: a prefix is stale and
// ignored; another history, validly signed, proves a fork.
func (s *State) old(p *contact.Push, head ledger.Head, log *Log, r Reader, differs bool) (*Accepted, error) {
	if head.Size > log.Tree.Size {
		return s.rewritten(p, head, log, r)
	}
	card := s.cardAt(log, log.Seen, r)
	if card == nil {
		return nil, fault.New(fault.HeadUnsigned, "name", log.Origin.String(), "lines", "0")
	}
	if _, err := ledger.VerifyHead(r.Signatures, card.Sign, log.Origin.String(), p.Head); err != nil {
		return nil, err
	}
	root, ok := r.Root(head.Size)
	if !ok || root == head.Root && !differs {
		return &Accepted{Channel: p.Channel}, nil
	}
	if root == head.Root {
		return nil, fault.New(rule.HeadRoot, "size", fault.Int(head.Size))
	}
	return s.forked(p, head, log, r)
}

// cardAt is the card that must have signed a head of their log whose last
// leaf has seen this much.
func (s *State) cardAt(log *Log, seen statement.Seen, r Reader) *party.Card {
	if log.Origin.Channel == statement.Control {
		return r.Cards(s.Them, log.Size(), seen[0])
	}
	return r.Cards(s.Them, seen[2], seen[1])
}

// take checks and opens what is new, and prepares the receipt.
func (s *State) take(p *contact.Push, head ledger.Head, fresh []contact.Entry, log *Log, r Reader) (*Accepted, error) {
	total, acts := 0, 0
	for _, e := range fresh {
		if TypeOf(e) == ledger.TypeAct {
			acts++
		}
		total += len(e.Leaf) + len(e.Blob)
		if r.MaxAct > 0 && len(e.Blob) > r.MaxAct {
			return nil, fault.New(fault.ContactTooLarge, "bytes", fault.Int(len(e.Blob)), "limit", fault.Int(r.MaxAct))
		}
	}
	if len(fresh) > ledger.MaxEntries || total > ledger.MaxBytes {
		return nil, fault.New(fault.ContactTooLarge, "bytes", fault.Int(total), "limit", fault.Int(ledger.MaxBytes))
	}
	if r.Quota != nil {
		if err := r.Quota(acts, total); err != nil {
			return nil, err
		}
	}
	a := &Accepted{Channel: p.Channel}
	for _, e := range fresh {
		leaf, err := ledger.DecodeLeaf(e.Leaf)
		if err != nil {
			return nil, err
		}
		if need := s.held(leaf, p.Channel); need != nil {
			return &Accepted{Channel: p.Channel, Held: need}, nil
		}
		hashes, err := log.Next(leaf, e.Leaf, s.limits(p.Channel), within{r.Record, a})
		if err != nil {
			return nil, err
		}
		a.Entries = append(a.Entries, Taken{Written: Written{leaf, e.Leaf, hashes, e.Blob}})
	}
	if log.Tree.Size != head.Size || log.Tree.Root() != head.Root {
		return nil, fault.New(rule.HeadRoot, "size", fault.Int(head.Size), "entries", fault.Int(log.Tree.Size))
	}
	card := s.cardAt(log, log.Seen, r)
	if card == nil {
		return nil, fault.New(fault.HeadUnsigned, "name", log.Origin.String(), "lines", "0")
	}
	if _, err := ledger.VerifyHead(r.Signatures, card.Sign, log.Origin.String(), p.Head); err != nil {
		return nil, err
	}
	log.Signed = p.Head
	if err := s.open(a, log.Origin, r); err != nil {
		return nil, err
	}
	return a, s.receipt(a, r)
}

// held says which control size must be stored first; nothing in a channel is
// stored before the rules and keys it was written under.
func (s *State) held(leaf *ledger.Leaf, channel uint8) *statement.Size {
	if channel == statement.Control || s.TheirLog(statement.Control).Mode == Frozen {
		return nil // what lies beyond a frozen control log never comes
	}
	have := s.TheirLog(statement.Control).Size()
	if need := leaf.Seen[2]; need.Generation > have.Generation || need.Size > have.Size {
		return &need
	}
	return nil
}

// within answers for entries of the delivery itself as well as stored ones.
type within struct {
	monitor.Record
	a *Accepted
}

// Epoch finds epochs opened in this very delivery too.
func (w within) Epoch(position uint64) bool {
	for _, e := range w.a.Entries {
		if e.Leaf.Position == position {
			return e.Leaf.Type == ledger.TypeEpoch
		}
	}
	return w.Record.Epoch(position)
}

// open opens what can be opened. What cannot is stored all the same, with a
// verdict, and blocks nothing.
func (s *State) open(a *Accepted, origin ledger.Origin, r Reader) error {
	epochs := map[uint64]envelope.Epoch{}
	for i := range a.Entries {
		e := &a.Entries[i]
		switch e.Leaf.Type {
		case ledger.TypeEpoch, ledger.TypeAct, ledger.TypeRestate:
			if len(e.Blob) == 0 && r.Gone != nil && r.Gone(e.Leaf) {
				// Destroyed by both: there is a leaf and nothing to read.
				e.Verdict = ledger.ReasonBytes
				continue
			}
			if sha256.Sum256(e.Blob) != e.Leaf.Hash {
				return fault.New(rule.LeafBytes, "position", fault.Int(e.Leaf.Position))
			}
		default:
			if len(e.Blob) != 0 {
				return fault.New(rule.LeafBytes, "position", fault.Int(e.Leaf.Position))
			}
		}
		if err := s.openOne(a, e, epochs, origin, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *State) openOne(a *Accepted, e *Taken, epochs map[uint64]envelope.Epoch, origin ledger.Origin, r Reader) error {
	kind, commitment, opens := e.Leaf.Type, e.Leaf.Commitment, e.Leaf.Position
	if kind == ledger.TypeRestate {
		target, err := a.leaf(e.Leaf.Target, r)
		if err != nil {
			return err
		}
		kind, commitment, opens = target.Type, target.Commitment, e.Leaf.Target
	}
	switch kind {
	case ledger.TypeEpoch:
		epoch, err := r.Unwrap(commitment, e.Blob)
		if fault.Is(err, rule.VaultLocked) {
			return err
		}
		if err != nil {
			e.Verdict = ledger.ReasonEpoch
			return nil
		}
		e.Epoch, e.Opens, epochs[opens] = &epoch, opens, epoch
	case ledger.TypeAct:
		epoch, ok := epochs[e.Leaf.Epoch]
		if !ok {
			epoch, ok = r.Secrets(e.Leaf.Epoch)
		}
		if !ok {
			e.Verdict = ledger.ReasonEpoch
			return nil
		}
		e.Parts, e.Act, e.Verdict = OpenAct(origin, epoch, commitment, e.Blob)
	}
	return nil
}

// leaf finds a leaf of the delivery or of what is stored.
func (a *Accepted) leaf(position uint64, r Reader) (*ledger.Leaf, error) {
	for _, e := range a.Entries {
		if e.Leaf.Position == position {
			return e.Leaf, nil
		}
	}
	raw, err := r.Row(position)
	if err != nil {
		return nil, err
	}
	return ledger.DecodeLeaf(raw)
}

// OpenAct opens sealed bytes and holds them against the leaf's commitment. A
// verdict other than zero says why there is nothing to show.
func OpenAct(origin ledger.Origin, epoch envelope.Epoch, commitment [32]byte, sealed []byte) (*statement.Parts, *act.Act, uint16) {
	plain, err := epoch.Open(origin.Tuple(), sealed)
	if err != nil {
		return nil, nil, ledger.ReasonSeal
	}
	parts, err := statement.DecodeParts(plain)
	if err != nil {
		return nil, nil, ledger.ReasonParts
	}
	commitments := parts.Commitments()
	if statement.Whole(commitments) != commitment {
		return nil, nil, ledger.ReasonCommitment
	}
	read, err := act.DecodeCommitted(parts, commitments)
	if err != nil {
		return nil, nil, ledger.ReasonParts
	}
	return parts, read, 0
}

// receipt writes the receipt leaf that is due for what was taken.
func (s *State) receipt(a *Accepted, r Reader) error {
	own, log := s.OwnLog(a.Channel), s.TheirLog(a.Channel)
	if !own.ReceiptDue(&log.Log) {
		return nil
	}
	if own.Mode == Frozen || own.Mode == Ended {
		// Good entries are stored and receipted when our log goes on; a verdict
		// would be forgotten by then.
		if slices.ContainsFunc(a.Entries, func(e Taken) bool { return e.Verdict != 0 }) {
			return fault.New(rule.ContactRestore)
		}
		return nil
	}
	leaf := s.Leaf(a.Channel, ledger.TypeReceipt, r.Now)
	leaf.Size, leaf.Hash = log.Size(), log.Tree.Root()
	for _, e := range a.Entries {
		if e.Verdict != 0 {
			leaf.Verdicts = append(leaf.Verdicts, ledger.Verdict{Position: e.Leaf.Position, Reason: e.Verdict})
		}
	}
	written, err := s.Write(a.Channel, leaf, nil, justTaken{log})
	if err != nil {
		return err
	}
	a.Receipt = &written
	return nil
}

// justTaken answers for the log that a receipt of ours is about: we computed
// its root ourselves a moment ago.
type justTaken struct{ log *Log }

func (justTaken) Epoch(uint64) bool                       { return false }
func (j justTaken) Substance(from, _ uint64) bool         { return j.log.Substance > from }
func (justTaken) ControlSeen(bool, uint64) (uint64, bool) { return 0, false }
func (j justTaken) Root(size uint64) (tlog.Hash, bool) {
	return j.log.Tree.Root(), size == j.log.Tree.Size
}
