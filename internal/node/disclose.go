package node

import (
	"context"
	"maps"
	"slices"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

func identityOf(realm uint8, us, them [32]byte) link.Identity {
	return link.Identity{Realm: realm, Us: us, Them: them}
}

// Shown is an act that a disclosure shows, whole but for the parts withheld;
// their commitments are shown.
type Shown struct {
	Own      bool
	Position uint64
	Withhold map[int]bool
}

// Disclose makes the file that shows acts of one channel to a third person,
// with their receipts, what was stated again, and what disowns them.
func (n *Node) Disclose(ctx context.Context, l *Link, channel uint8, acts []Shown, custody []*evidence.Custody) (out []byte, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		d, err := l.discloser(r)
		if err != nil {
			return err
		}
		for _, a := range acts {
			if err := d.act(channel, a); err != nil {
				return err
			}
		}
		if err := d.compromises(); err != nil {
			return err
		}
		if err := d.replacements(custody); err != nil {
			return err
		}
		b, err := d.bundle()
		if err == nil {
			b.Custody = custody
			out = b.Encode()
		}
		return err
	})
	if err == nil {
		_, err = audit.Verify(out, l.Us, l.Them) // what does not convince us leaves for nobody
	}
	if err == nil {
		err = n.leaves(l)
	}
	return out, err
}

// leaves writes down the own heads because a file with one of them is about to
// leave. A node that is restoring may not know what it showed, and shows none.
func (n *Node) leaves(l *Link) error {
	if l.restoring() {
		return fault.New(rule.ContactRestore)
	}
	return n.shown(l)
}

// spot is a log of the link.
type spot struct {
	channel uint8
	own     bool
}

// discloser gathers what a disclosure shows.
type discloser struct {
	*Link
	r     store.Reader
	s     *link.State
	shown map[spot]map[uint64]audit.Shown
}

func (l *Link) discloser(r store.Reader) (*discloser, error) {
	s, err := l.state(r)
	if err != nil {
		return nil, err
	}
	return &discloser{l, r, s, map[spot]map[uint64]audit.Shown{}}, l.syncBook(r)
}

func (d *discloser) log(at spot) *link.Log {
	if at.own {
		return d.s.OwnLog(at.channel)
	}
	return d.s.TheirLog(at.channel)
}

// add shows a leaf without parts.
func (d *discloser) add(at spot, position uint64) (*ledger.Leaf, error) {
	row, err := d.r.Row(d.logID(at.own, at.channel), position)
	if err != nil {
		return nil, err
	}
	if d.shown[at] == nil {
		d.shown[at] = map[uint64]audit.Shown{}
	}
	if _, ok := d.shown[at][position]; !ok {
		d.shown[at][position] = audit.Shown{Leaf: row.Leaf}
	}
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		return nil, fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
	}
	return leaf, nil
}

// act shows an act, its receipt, its restatement and the receipts of its
// attachments.
func (d *discloser) act(channel uint8, a Shown) error {
	f, err := d.find(d.r, a.Own, channel, a.Position)
	if err != nil {
		return err
	}
	if f.Parts == nil || f.Leaf.Type != ledger.TypeAct {
		return fault.New(rule.ActUnreadable, "reason", fault.Int(f.Unreadable))
	}
	at := spot{channel, a.Own}
	if _, err := d.add(at, a.Position); err != nil {
		return err
	}
	one := d.shown[at][a.Position]
	one.Parts = nil
	for i, part := range f.Parts.List {
		p := audit.Part{Shown: true, Salt: f.Parts.Salt(i), Content: part}
		if a.Withhold[i] {
			p = audit.Part{Commitment: statement.Commit(i, p.Salt, part)}
		} else if i >= statement.PartAttachment {
			if err := d.stored(at, part); err != nil {
				return err
			}
		}
		one.Parts = append(one.Parts, p)
	}
	d.shown[at][a.Position] = one
	if again, err := d.restatement(d.r, d.logID(a.Own, channel), a.Position); err == nil {
		if _, err := d.add(at, again); err != nil {
			return err
		}
		if err := d.receipt(at, again); err != nil {
			return err
		}
	}
	return d.receipt(at, a.Position)
}

// receipt shows the receipt of an entry, if there is one.
func (d *discloser) receipt(at spot, position uint64) error {
	_, where, err := d.r.Receipt(d.logID(at.own, at.channel), position)
	if err == nil {
		err = d.receiptAt(at, where)
	}
	if store.Absent(err) {
		return nil
	}
	return err
}

// receiptAt shows a receipt leaf of a log. One that names what was cut off with
// a fork proves nothing of the log as it is, and is not shown.
func (d *discloser) receiptAt(at spot, where uint64) error {
	back, id := spot{at.channel, !at.own}, d.logID(at.own, at.channel)
	leaf, err := d.add(back, where)
	if err != nil {
		return err
	}
	if root, ok := rootAt(d.r, id, leaf.Size.Size); !ok || leaf.Size.Size > d.log(at).Tree.Size || root != leaf.Hash {
		delete(d.shown[back], where)
	}
	return nil
}

// stored shows the receipt of an attachment, if there is one.
func (d *discloser) stored(at spot, descriptor []byte) error {
	a, err := statement.DecodeAttachment(descriptor)
	if err != nil {
		return err
	}
	raw, err := d.r.Record(bucketVerdicts, attachedKey(d.logID(at.own, at.channel), a.Sealed))
	if err == nil {
		reader := octet.NewReader(raw)
		reader.U64() // its time, which the leaf says too
		err = d.receiptAt(at, reader.U64())
	}
	if store.Absent(err) {
		return nil
	}
	return err
}

// compromises shows every declaration of either party that names a log of
// which something is shown.
func (d *discloser) compromises() error {
	return d.eachCompromise(func(own bool, position uint64, channel uint8) error {
		if d.shown[spot{channel, own}] == nil {
			return nil
		}
		return d.act(statement.Control, Shown{Own: own, Position: position})
	})
}

// replacements shows every replacement of a key that signed something shown, or
// was lost by whoever did: without it the new key is nobody's.
func (d *discloser) replacements(custody []*evidence.Custody) error {
	for _, own := range []bool{true, false} {
		keys, err := d.signers(own)
		if err != nil {
			return err
		}
		for _, step := range custody {
			if own { // steps are of our own house
				keys[step.By.KeyID] = true
			}
		}
		acts, err := d.control(own, act.OfficerReplace)
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(acts) { // those that signed it may have been replaced before
			r, err := party.DecodeReplacement(e.Act.Body)
			if err != nil {
				return err
			}
			if !keys[r.Lost] && !keys[r.KeyID()] {
				continue
			}
			for _, s := range e.Act.Signatures {
				keys[s.KeyID] = true
			}
			if err := d.act(statement.Control, Shown{Own: own, Position: e.Position}); err != nil {
				return err
			}
		}
	}
	return nil
}

// signers are the keys that signed what is shown of a side.
func (d *discloser) signers(own bool) (map[string]bool, error) {
	keys := map[string]bool{}
	for at, shown := range d.shown {
		for _, one := range shown {
			if at.own != own || len(one.Parts) <= statement.PartSignatures || !one.Parts[statement.PartSignatures].Shown {
				continue
			}
			list, err := statement.DecodeSignatures(one.Parts[statement.PartSignatures].Content)
			if err != nil {
				return nil, err
			}
			for _, s := range list {
				keys[s.KeyID] = true
			}
		}
	}
	return keys, nil
}

// eachCompromise finds the declarations in both control logs, each with the
// channel that it concerns.
func (d *discloser) eachCompromise(each func(own bool, position uint64, channel uint8) error) error {
	for _, own := range []bool{true, false} {
		acts, err := d.control(own, act.Compromise)
		if err != nil {
			return err
		}
		for _, e := range acts {
			c, err := evidence.DecodeCompromise(e.Act.Body)
			if err == nil {
				err = each(own, e.Position, c.Origin.Channel)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// control finds the acts of a kind that stand in order in a control log.
func (d *discloser) control(own bool, kind string) (acts []*procedure.Entry, err error) {
	var at []uint64
	err = d.r.Rows(d.logID(own, statement.Control), 0, d.log(spot{statement.Control, own}).Tree.Size, func(row store.Row) error {
		if row.Type == ledger.TypeAct {
			at = append(at, row.Position)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, position := range at {
		e, err := d.entry(d.r, own, statement.Control, position)
		if err != nil {
			return nil, err
		}
		if e.Act != nil && e.Act.Statement.Kind == kind && d.inOrder(own, e) {
			acts = append(acts, e)
		}
	}
	return acts, nil
}

// inOrder asks the book, which judges what a control act says besides.
func (d *discloser) inOrder(own bool, e *procedure.Entry) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return e.Fault == nil && !slices.ContainsFunc(d.book.Facts(), func(f *control.Fact) bool {
		return f.Higher == (own == d.Higher()) && f.Position == e.Position && f.Fault != nil
	})
}

// bundle proves all that was gathered under the newest heads.
func (d *discloser) bundle() (*audit.Bundle, error) {
	b := &audit.Bundle{Parties: d.auditParties()}
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		for _, higher := range []bool{false, true} {
			own := spot{channel, higher == d.Higher()}
			back := spot{channel, !own.own}
			if d.shown[own] == nil && d.shown[back] == nil || d.log(own).Tree.Size == 0 {
				continue
			}
			log, err := d.proved(own, higher, d.shown[back])
			if err != nil {
				return nil, err
			}
			b.Logs = append(b.Logs, *log)
		}
	}
	return b, nil
}

// auditParties are both parties with all their cards.
func (l *Link) auditParties() audit.Parties {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := audit.Parties{Realm: l.Realm, IDs: [2]party.ID{l.Us, l.Them}}
	if l.Higher() {
		p.IDs = [2]party.ID{l.Them, l.Us}
	}
	for side := range p.Cards {
		for _, card := range l.book.Chain(side) {
			p.Cards[side] = append(p.Cards[side], card.Encode())
		}
	}
	return p
}

// proved is what is shown of one log, with the roots that the receipts shown of
// the other name.
func (d *discloser) proved(at spot, higher bool, others map[uint64]audit.Shown) (*audit.Log, error) {
	head, size, err := d.headFor(d.log(at), at.own)
	if err != nil {
		return nil, err
	}
	starts, err := d.generations(d.r, at.own, at.channel)
	if err != nil {
		return nil, err
	}
	marks := slices.Clone(starts)
	for _, start := range starts {
		if _, err := d.add(at, start); err != nil {
			return nil, err
		}
	}
	for _, one := range others {
		leaf, err := ledger.DecodeLeaf(one.Leaf)
		if err != nil {
			return nil, err
		}
		if leaf.Type == ledger.TypeReceipt {
			marks = append(marks, leaf.Size.Size)
		}
	}
	log := &audit.Log{Channel: at.channel, Higher: higher, Generation: d.log(at).Origin.Generation, Head: head}
	positions := slices.Sorted(maps.Keys(d.shown[at]))
	for _, position := range positions {
		if position >= size {
			return nil, fault.New(fault.LeafProof, "position", fault.Int(position), "size", fault.Int(size))
		}
		log.Shown = append(log.Shown, d.shown[at][position])
	}
	if len(log.Shown) > audit.MaxShown {
		return nil, fault.New(fault.OctetsLong, "length", fault.Int(len(log.Shown)), "limit", fault.Int(audit.MaxShown))
	}
	log.Nodes, err = audit.Prove(size, positions, marks, hashes{d.r, d.logID(at.own, at.channel)})
	if err == nil && len(log.Nodes) > audit.MaxNodes {
		err = fault.New(fault.OctetsLong, "length", fault.Int(len(log.Nodes)), "limit", fault.Int(audit.MaxNodes))
	}
	return log, err
}

// headFor is a signed head of a log: ours signed now, theirs the newest kept.
func (l *Link) headFor(log *link.Log, own bool) (string, uint64, error) {
	if !own {
		h, err := ledger.ParseHead(log.Signed)
		return log.Signed, h.Size, err
	}
	h := log.Head()
	return suite.SignHead(h, l.office.Sign), h.Size, nil
}
