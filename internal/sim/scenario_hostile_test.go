package sim

import (
	"crypto/sha256"
	"maps"
	"strings"
	"testing"

	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// keepBackup and comeBack are a machine's life with backups: the disk goes
// back, the note outside it does not.
func (s *side) keepBackup() {
	s.backup = &backup{s.disk.Snapshot(), s.notes.clone(), maps.Clone(s.files.kept)}
	s.say("makes a backup")
}

func (s *side) comeBack() {
	s.disk.Restore(s.backup.disk)
	s.files.kept = maps.Clone(s.backup.files)
	s.say("comes back from the backup")
	s.w.check.restored(s)
	s.start()
}

// bringArchive has the archive's key open what came back.
func (w *world) bringArchive(s *side) {
	opened, err := s.node.Recover(w.ctx, s.link, s.archive.PrivateKey)
	w.must(err)
	s.say("brings the archive's key, and reads %d acts of its own again", opened)
	w.check.deferred = false
}

// refusedWhileRestoring has a restored side try to speak, which it may not.
func (w *world) refusedWhileRestoring(s *side) {
	_, err := s.node.Speak(w.ctx, s.link, act.RequestOpen, nil, nil, w.opening(s), nil, s.officer)
	w.want(rule.ContactRestore, err)
	s.say("may not say request.open: %s", brief(err))
}

// lose makes a history in which a backup is behind what was shown.
func (w *world) lose() (before, after thread) {
	before = w.matter(0)
	w.talk(0)
	w.sides[0].keepBackup()
	w.pass(25 * hour) // what follows is under an epoch that the backup does not have
	after = w.matter(0, node.File{Name: "file", Media: "text/plain", Content: strings.NewReader("the mail, whole")})
	_ = w.move(0, before, act.RequestWithdraw)
	w.talk(0)
	w.must(w.sides[1].node.FetchAll(w.ctx, w.sides[1].link))
	other := w.matter(1)
	w.talk(1)
	w.look(other)
	return before, after
}

// TestRestoredUnclean: a machine stops dead and comes back from a backup. It
// writes nothing before the partner answered; what it lost comes back; its logs
// have ended, and go on under new generations that its root opens.
func TestRestoredUnclean(t *testing.T) {
	scenario(t, "restored-unclean", func(w *world) {
		w.check.calm, w.check.deferred = true, true
		before, after := w.lose()
		s := w.sides[0]
		s.crash()
		s.comeBack()
		w.refusedWhileRestoring(s)
		w.talk(0)
		w.refusedWhileRestoring(s)
		w.talk(0)
		_, err := s.node.Speak(w.ctx, s.link, act.RequestOpen, nil, nil, w.opening(s), nil, s.officer)
		w.want(rule.ContactFrozen, err)
		s.say("may not say request.open: %s: the log has ended", brief(err))
		w.bringArchive(s)
		renewed, err := s.node.Renew(w.ctx, s.link, node.RootSigning(s.root))
		w.must(err)
		s.say("opens new generations of %d logs, signed by its root", renewed)
		w.talk(0)
		third := w.matter(0)
		w.talk(0)
		for _, th := range []thread{before, after, third} {
			w.look(th)
		}
		w.settle()
	})
}

// TestRestoredClean: it had stopped in order, and the note says so: when note,
// statement and entries agree the same log goes on.
func TestRestoredClean(t *testing.T) {
	scenario(t, "restored-clean", func(w *world) {
		w.check.calm, w.check.deferred = true, true
		before, _ := w.lose()
		s := w.sides[0]
		s.stop()
		s.comeBack()
		w.refusedWhileRestoring(s)
		w.talk(0)
		w.talk(0)
		w.bringArchive(s)
		next := w.matter(0)
		w.talk(0)
		w.look(before)
		w.look(next)
		w.wantTrue(w.generation(s, statement.Routine) == 0, "the same log goes on")
		w.settle()
	})
}

// TestRestoredWithoutNote: no note is as good as one that is ahead.
func TestRestoredWithoutNote(t *testing.T) {
	scenario(t, "restored-without-note", func(w *world) {
		w.check.calm, w.check.deferred = true, true
		w.lose()
		s := w.sides[0]
		s.crash()
		s.notes = newNotes(s)
		s.comeBack()
		w.refusedWhileRestoring(s)
		w.talk(0)
		w.talk(0)
		w.bringArchive(s)
		renewed, err := s.node.Renew(w.ctx, s.link, node.RootSigning(s.root))
		w.must(err)
		s.say("opens new generations of %d logs, signed by its root", renewed)
		w.matter(0)
		w.talk(0)
		w.wantTrue(w.generation(s, statement.Routine) == 1, "a new generation")
		w.settle()
	})
}

// TestFork: a machine comes back with its note, writes another history, and
// shows it. That is proof: the one log is frozen, and everything else goes on.
func TestFork(t *testing.T) {
	scenario(t, "forked-log", func(w *world) {
		w.check.calm = true
		w.matter(1)
		w.talk(1)
		cn, us := w.sides[1], w.sides[0]
		cn.keepBackup()
		w.matter(1)
		w.matter(1)
		w.talk(1)
		cn.crash()
		cn.notes = cn.backup.note.clone()
		w.check.blind = true
		cn.disk.Restore(cn.backup.disk)
		cn.start()
		w.net.tamper = func(from *side, turn *contact.Turn) {
			if from == us && len(turn.Hello) > 0 {
				turn.Hello = nil // somebody on the wire keeps it from learning the truth
			}
		}
		w.hostile(cn)
		_ = w.meet(1)
		w.net.tamper = nil
		st, err := us.node.LinkStatus(w.ctx, us.link)
		w.must(err)
		w.wantTrue(st.Modes[1][statement.Routine-1] == link.Frozen, "frozen on proof")
		us.say("has frozen the routine log of cn, and that log only")
		_, err = us.node.Speak(w.ctx, us.link, act.Suspend, nil, nil,
			&act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other", Note: w.words()}, nil, us.officer)
		w.must(err)
		us.say("says suspend in the control log")
		_ = w.meet(0)
		st, err = cn.node.LinkStatus(w.ctx, cn.link)
		w.must(err)
		own, err := us.node.LinkStatus(w.ctx, us.link)
		w.must(err)
		w.wantTrue(st.Theirs[0] == own.Own[0], "the control log goes on")
	})
}

// hostile says an act without telling the checker, which would call it a fork.
func (w *world) hostile(s *side) {
	ref, err := s.node.Speak(w.ctx, s.link, act.RequestOpen, nil, nil, w.opening(s), nil, s.officer)
	w.must(err)
	s.say("writes another history: request.open, routine %d", ref.Position)
}

// anything lets a hostile writer write what it likes.
type anything struct{ monitor.Record }

func (anything) Epoch(uint64) bool { return true }

// TestUnreadable: an epoch sealed to a wrong key is stored and receipted as
// unreadable, blocks nothing, and both sides know it from the record.
func TestUnreadable(t *testing.T) {
	scenario(t, "unreadable-entry", func(w *world) {
		w.check.calm = true
		us := w.sides[0]
		first := w.matter(0)
		w.talk(0)
		w.forge(us, first)
		next := w.matter(0)
		w.talk(0)
		w.verdicts(w.sides[1])
		w.look(first)
		w.look(next)
		w.settled()
	})
}

// forge writes, past the node, an act whose epoch is sealed to nobody.
func (w *world) forge(s *side, th thread) {
	ref := s.link.Place(true, 0, th.position)
	p, err := s.node.Prepare(w.ctx, s.link, act.RequestWithdraw, &ref, nil, w.plain(s, act.RequestWithdraw), nil)
	w.must(err)
	signature, err := s.officer.SignPerson(p.Sign)
	w.must(err)
	id, channel := s.logID(true, statement.Routine), statement.Routine
	stranger := suite.NewSealingKey().Public()
	err = s.disk.Store.Update(w.ctx, func(tx store.Tx) error {
		state := w.stateOf(tx, s)
		origin := state.OwnLog(channel).Origin
		e, wraps, err := envelope.NewEpoch(origin.Tuple(), [3][]byte{stranger[:], stranger[:], stranger[:]})
		if err != nil {
			return err
		}
		opens := state.Leaf(channel, ledger.TypeEpoch, s.clock())
		opens.Hash, opens.Commitment = sha256.Sum256(wraps), e.Commitment
		parts := p.Draft.Parts(statement.Slip{Number: 2, Predecessor: th.position}, p.Sign,
			[]statement.PersonSignature{{KeyID: s.officer.KeyID(), Algorithm: s.officer.Algorithm(), Signature: signature}})
		sealed := e.Seal(origin.Tuple(), parts.Encode())
		for _, written := range []struct {
			leaf *ledger.Leaf
			blob []byte
		}{{opens, wraps}, {nil, sealed}} {
			leaf := written.leaf
			if leaf == nil {
				leaf = state.Leaf(channel, ledger.TypeAct, s.clock())
				leaf.Epoch, leaf.Hash, leaf.Commitment = opens.Position, sha256.Sum256(sealed), statement.Whole(parts.Commitments())
			}
			row, err := state.Write(channel, leaf, written.blob, anything{})
			if err != nil {
				return err
			}
			if err := putRow(tx, id, row); err != nil {
				return err
			}
		}
		return tx.PutState(id, state.OwnLog(channel).Encode())
	})
	w.must(err)
	s.say("writes an epoch sealed to a key that nobody has, and an act under it")
	w.check.step()
}

// verdicts writes what a side's receipts say could not be read.
func (w *world) verdicts(s *side) {
	s.read(func(r store.Reader) error {
		return r.Rows(s.logID(true, statement.Routine), 0, ^uint64(0), func(row store.Row) error {
			leaf, err := ledger.DecodeLeaf(row.Leaf)
			for _, v := range leaf.Verdicts {
				s.say("has receipted entry %d as unreadable, reason %d", v.Position, v.Reason)
			}
			return err
		})
	})
}

func putRow(tx store.Tx, id store.LogID, written link.Written) error {
	row := store.Row{Position: written.Leaf.Position, Type: written.Leaf.Type, Time: written.Leaf.Time, Leaf: written.Raw}
	for _, h := range written.Hashes {
		row.Hashes = append(row.Hashes, h)
	}
	if err := tx.Append(id, []store.Row{row}); err != nil {
		return err
	}
	return tx.PutBlob(id, row.Position, store.BlobFirst, written.Blob)
}

// stateOf reads the six logs as the link's own functions take them.
func (w *world) stateOf(r store.Reader, s *side) *link.State {
	state := &link.State{Identity: s.link.Identity}
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		own, theirs := stateOf(r, s.logID(true, channel), s.origin(true, channel)), stateOf(r, s.logID(false, channel), s.origin(false, channel))
		state.Own[channel-1], state.Theirs[channel-1] = &own, &theirs
	}
	return state
}

// TestCardInFlight: a card is announced while acts are on the way. It is used
// once it is receipted; an epoch ends when it is; nothing that was written
// under the one before is refused.
func TestCardInFlight(t *testing.T) {
	scenario(t, "card-in-flight", func(w *world) {
		s := w.sides[0]
		first := w.matter(0)
		w.net.dial[0] = false
		w.talk(0)
		w.reissue(s)
		w.check.step()
		second := w.matter(0)
		w.net.dial[0] = true
		w.talk(0)
		third := w.matter(0)
		w.talk(0)
		_ = w.move(1, third, act.RequestAccept)
		w.talk(1)
		for _, th := range []thread{first, second, third} {
			w.look(th)
		}
		epochs := 0
		for _, kind := range w.check.shadow(s, true, statement.Routine).types {
			if kind == ledger.TypeEpoch {
				epochs++
			}
		}
		s.say("has opened %d epochs", epochs)
		w.settled()
	})
}

// TestClone: two processes under one start number are a copied machine.
func TestClone(t *testing.T) {
	scenario(t, "cloned-machine", func(w *world) {
		w.check.calm = true
		cn, us := w.sides[1], w.sides[0]
		w.matter(1)
		w.talk(1)
		cn.stop()
		image, noted := cn.disk.Snapshot(), cn.notes.clone()
		cn.start()
		w.pass(2 * hour)
		w.talk(1)
		cn.stop()
		cn.disk.Restore(image)
		cn.notes = noted
		cn.say("is started a second time, from a copy of its disk")
		w.check.restored(cn)
		cn.start()
		w.talk(1)
		list, err := us.node.Incidents(w.ctx)
		w.must(err)
		w.wantTrue(len(list) == 1, "one incident")
		us.say("keeps %d incident", len(list))
	})
}
