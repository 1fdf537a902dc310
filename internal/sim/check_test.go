package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// The invariants, by the names under which a violation is reported.
const (
	nothingLost    = "nothing-lost"    // what was acknowledged is there for ever, also after a crash
	arrives        = "arrives"         // and on the other side in the end
	actOnce        = "act-once"        // no log holds an act twice
	foldsEqual     = "folds-equal"     // both sides compute the same bytes at every common cut
	receiptDurable = "receipt-durable" // a receipt means that what it covers is stored
	receiptThere   = "receipt-there"   // what is stored is receipted in the same commit
	receiptTime    = "receipt-time"    // an entry's receipt keeps its time for ever
	keysOnce       = "keys-once"       // no key, salt or random value is ever used twice
	noFork         = "no-fork"         // no log has two histories, and no two heads disagree
	headDurable    = "head-durable"    // no head is signed over what is not committed
	logVerifies    = "log-verifies"    // every leaf keeps the ledger's rules, every root is that of the leaves
	readable       = "readable"        // whatever an honest side seals the other can open
	clocksRight    = "clocks-right"    // who owes what by when is what the pages say, worked out the slow way
	callsRing      = "calls-ring"      // each node says each step of its ladder that is due, once, and no other
	falseAlarm     = "false-alarm"     // an honest side is never accused, and nothing panics
)

// violation is the first promise that was broken.
type violation struct{ invariant, detail string }

func (v *violation) Error() string { return v.invariant + ": " + v.detail }

// checker holds a world to the invariants. It keeps, for each side, all that
// the side's logs have ever been, and looks at each step only at what is new;
// after a machine starts again it looks at everything once more.
type checker struct {
	w        *world
	logs     [2][2][3]*shadow // by side; own, theirs; by channel
	once     map[[32]byte]string
	acts     [2]map[[16]byte]uint64
	heads    map[headKey]tlog.Hash
	noted    noted
	states   map[casework.State]int // that obligations were in
	lists    int                    // of suspensions, that both sides made alike
	compared int                    // obligations held against the reference
	dirty    bool                   // something is new since the folds were compared
	deferred bool                   // a restored side cannot read its own acts before the archive's key is brought: folds differ
	calm     bool                   // a scenario of accidents that the nodes cannot hide: alarms, unreadable entries, receipts ahead of a restored copy
	blind    bool                   // a scenario in which a log has two histories on purpose
	first    *violation
}

type headKey struct {
	origin string
	size   uint64
}

// shadow is what one log in one store has been seen to hold.
type shadow struct {
	log      monitor.Log
	tree     ledger.Tree
	leaves   [][32]byte
	types    []uint8
	roots    []tlog.Hash // by size
	state    []byte
	mode     uint8
	fresh    []store.Row // loaded, not yet verified
	receipts []receipted // by position
}

type receipted struct {
	time int64
	at   uint64
}

func (s *shadow) size() uint64 { return uint64(len(s.leaves)) }

func (s *shadow) root(size uint64) []byte { return s.roots[size][:] }

func newChecker(w *world) *checker {
	c := &checker{w: w, once: map[[32]byte]string{}, heads: map[headKey]tlog.Hash{}, noted: noted{delivered: map[[32]byte]delivery{}},
		states: map[casework.State]int{}}
	for i := range c.logs {
		c.acts[i] = map[[16]byte]uint64{}
		for own := range c.logs[i] {
			for channel := range c.logs[i][own] {
				empty := ledger.Tree{}
				c.logs[i][own][channel] = &shadow{roots: []tlog.Hash{empty.Root()}}
			}
		}
	}
	return c
}

// fail notes the first violation; what follows from it does not matter.
func (c *checker) fail(invariant, format string, args ...any) {
	if c.first == nil {
		c.first = &violation{invariant, fmt.Sprintf(format, args...)}
		c.w.say("!!!", "%s", c.first.Error())
	}
}

func index(own bool) int {
	if own {
		return 0
	}
	return 1
}

func (c *checker) shadow(s *side, own bool, channel uint8) *shadow {
	return c.logs[s.i][index(own)][channel-1]
}

// stateOf reads the state that a store keeps of a log.
func stateOf(r store.Reader, id store.LogID, origin ledger.Origin) link.Log {
	log := link.NewLog(origin)
	if raw, err := r.State(id); err == nil {
		if log, err = link.DecodeLog(raw, origin); err != nil {
			panic(err)
		}
	}
	return log
}

func (s *side) logID(own bool, channel uint8) store.LogID {
	return store.LogID{Link: s.link.ID(), Own: own, Channel: channel}
}

// read looks at a disk, whether or not its machine runs.
func (s *side) read(f func(r store.Reader) error) {
	if err := s.disk.Store.View(s.w.ctx, f); err != nil {
		s.w.check.fail(falseAlarm, "reading the disk of %s: %v", s.code, err)
	}
}

func (c *checker) state(s *side, own bool, channel uint8) (log link.Log) {
	s.read(func(r store.Reader) error {
		log = stateOf(r, s.logID(own, channel), s.origin(own, channel))
		return nil
	})
	return log
}

// each goes through the logs of both sides: what each wrote first, since the
// copies are held against it.
func (c *checker) each(f func(s *side, own bool, channel uint8, sh *shadow)) {
	for _, own := range []bool{true, false} {
		for _, s := range c.w.sides {
			for channel := statement.Control; channel <= statement.Routine; channel++ {
				f(s, own, channel, c.shadow(s, own, channel))
			}
		}
	}
}

// step is called after every step of a world.
func (c *checker) step() {
	if c.blind || c.w.sides[0].link == nil || c.w.sides[1].link == nil {
		return
	}
	c.each(c.load)
	if c.first == nil {
		c.each(c.verify)
	}
	if c.first == nil {
		c.each(c.receipted)
	}
	if c.first == nil && c.dirty && !c.deferred {
		c.dirty = false
		c.folds(false)
	}
}

// load takes in the rows that are new.
func (c *checker) load(s *side, own bool, channel uint8, sh *shadow) {
	s.read(func(r store.Reader) error {
		id, size := s.logID(own, channel), sh.size()
		raw, _ := r.State(id)
		if _, err := r.Row(id, size); store.Absent(err) && bytes.Equal(raw, sh.state) {
			return nil
		}
		log := stateOf(r, id, s.origin(own, channel))
		sh.state, sh.mode = raw, log.Mode
		if log.Tree.Size < size {
			c.fail(nothingLost, "%s held %d entries of %s, now %d", s.code, size, name(s, own, channel), log.Tree.Size)
			return nil
		}
		err := r.Rows(id, size, ^uint64(0), func(row store.Row) error {
			c.take(s, own, channel, sh, row)
			return nil
		})
		if sh.size() != log.Tree.Size || sh.tree.Root() != log.Tree.Root() {
			c.fail(logVerifies, "%s has %d rows of %s, its state says %d", s.code, sh.size(), name(s, own, channel), log.Tree.Size)
		}
		return err
	})
}

func (c *checker) take(s *side, own bool, channel uint8, sh *shadow, row store.Row) {
	c.dirty = true
	hash := ledger.LeafHash(row.Leaf)
	twin := c.shadow(s.other(), !own, channel)
	if at := sh.size(); at < twin.size() && twin.leaves[at] != hash {
		c.fail(noFork, "the two sides hold different entries at %s %d", name(s, own, channel), at)
	}
	sh.tree.Append(hash)
	sh.leaves, sh.types = append(sh.leaves, hash), append(sh.types, row.Type)
	sh.roots, sh.fresh = append(sh.roots, sh.tree.Root()), append(sh.fresh, row)
}

func name(s *side, own bool, channel uint8) string {
	writer := s.i
	if !own {
		writer = 1 - writer
	}
	return s.w.sides[writer].code + " " + channels[channel]
}

// holdings answers the ledger's questions from what a side was seen to hold.
type holdings struct{ this, other *shadow }

func (h holdings) Epoch(position uint64) bool {
	return position < h.this.size() && h.this.types[position] == ledger.TypeEpoch
}

func (h holdings) Substance(from, to uint64) bool {
	for ; from < min(to, h.other.size()); from++ {
		if h.other.types[from] != ledger.TypeReceipt {
			return true
		}
	}
	return false
}

// ControlSeen is left to the node: the checker compares what both hold.
func (h holdings) ControlSeen(bool, uint64) (uint64, bool) { return 0, false }

func (h holdings) Root(size uint64) (tlog.Hash, bool) {
	if size > h.other.size() {
		return tlog.Hash{}, false
	}
	return h.other.roots[size], true
}

// verify holds new leaves to the rules of logs.
func (c *checker) verify(s *side, own bool, channel uint8, sh *shadow) {
	writer := s
	if !own {
		writer = s.other()
	}
	if sh.log.Origin.Channel == 0 {
		sh.log.Origin = s.origin(own, channel)
	}
	counter := c.shadow(s, !own, channel)
	held := holdings{sh, counter}
	if c.calm {
		held.other = c.shadow(s.other(), own, channel) // a restored copy is still behind what was receipted
	}
	for _, row := range sh.fresh {
		leaf, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil {
			c.fail(logVerifies, "%v", err)
			return
		}
		if leaf.Type == ledger.TypeGeneration {
			sh.log.Origin.Generation, sh.log.Start = sh.log.Origin.Generation+1, leaf.Position
		}
		if leaf.Type == ledger.TypeReceipt {
			c.receipt(s, own, channel, leaf, counter)
		}
		if _, err := sh.log.Next(leaf, row.Leaf, c.limits(writer, channel), held); err != nil && c.first == nil {
			c.fail(logVerifies, "%s: %v", name(s, own, channel), err)
		}
		if own && leaf.Type == ledger.TypeAct {
			c.act(s, channel, leaf)
		}
		if own {
			c.noted.note(procedure.Side(s.link.Higher()), leaf)
		}
	}
	sh.fresh = nil
}

// limits is what a writer can have seen: what the other has really stored of
// its own, and what it has stored itself.
func (c *checker) limits(writer *side, channel uint8) (limits statement.Seen) {
	size := func(s *side, channel uint8) statement.Size {
		sh := c.shadow(s, true, channel)
		return statement.Size{Generation: ^uint32(0), Size: sh.size()}
	}
	limits[0] = size(writer.other(), channel)
	if channel != statement.Control {
		limits[1], limits[2] = size(writer.other(), statement.Control), size(writer, statement.Control)
	}
	return limits
}

// receipt holds a receipt leaf to what its writer has stored.
func (c *checker) receipt(s *side, own bool, channel uint8, leaf *ledger.Leaf, about *shadow) {
	writer := s
	if !own {
		writer = s.other()
	}
	if held := c.shadow(writer, false, channel).size(); leaf.Size.Size > held && !c.calm {
		c.fail(receiptDurable, "%s receipted %d entries of %s and holds %d", writer.code, leaf.Size.Size, name(writer, false, channel), held)
	}
	if len(leaf.Verdicts) > 0 && !c.calm {
		c.fail(readable, "%s could not read %s %d: reason %d", writer.code, name(writer, false, channel),
			leaf.Verdicts[0].Position, leaf.Verdicts[0].Reason)
	}
	for uint64(len(about.receipts)) < leaf.Size.Size {
		about.receipts = append(about.receipts, receipted{leaf.Time, leaf.Position})
	}
}

// receipted checks that nothing was stored without its receipt, and that a
// receipt is what it was: the newest ones, and one of before.
func (c *checker) receipted(s *side, own bool, channel uint8, sh *shadow) {
	if own {
		if sh.mode == link.Live && c.shadow(s, false, channel).log.Substance > sh.log.Covered.Size {
			c.fail(receiptThere, "%s stored %s up to %d and receipted %d", s.code, name(s, false, channel),
				c.shadow(s, false, channel).log.Substance, sh.log.Covered.Size)
		}
	}
	n := uint64(len(sh.receipts))
	if n == 0 || !s.up() {
		return
	}
	c.sameReceipt(s, own, channel, sh, n-1)
	c.sameReceipt(s, own, channel, sh, uint64(c.w.steps)%n)
}

func (c *checker) sameReceipt(s *side, own bool, channel uint8, sh *shadow, position uint64) {
	err := s.disk.View(c.w.ctx, func(r store.Reader) error {
		time, at, err := r.Receipt(s.logID(own, channel), position)
		if want := sh.receipts[position]; err != nil || want.time != time || want.at != at {
			c.fail(receiptTime, "%s gave %s %d the receipt at %d, time %d; now at %d, time %d: %v", s.code, name(s, own, channel),
				position, want.at, want.time, at, time, err)
		}
		return nil
	})
	if err != nil {
		c.fail(falseAlarm, "%v", err)
	}
}

// act opens an act of a log, and takes its identifier.
func (c *checker) act(s *side, channel uint8, leaf *ledger.Leaf) {
	origin := c.shadow(s, true, channel).log.Origin
	s.read(func(r store.Reader) error {
		id := s.logID(true, channel)
		key := hex.EncodeToString(id.Link[:]) + "/own/" + string('0'+rune(channel)) + "/" + fault.Int(leaf.Epoch)
		kept, err := r.Record("kept.secrets", key)
		if err != nil {
			return c.unreadable(s, channel, leaf, err)
		}
		secret, err := open{}.Open("kept.secrets/"+key, kept)
		if err != nil {
			return err
		}
		sealed, err := r.Blob(id, leaf.Position, store.BlobFirst)
		if err != nil {
			return err
		}
		epoch := envelope.Epoch{Secret: [32]byte(secret)}
		if row, err := r.Row(id, leaf.Epoch); err == nil {
			opened, _ := ledger.DecodeLeaf(row.Leaf)
			epoch.Commitment = opened.Commitment
		}
		_, act, verdict := link.OpenAct(origin, epoch, leaf.Commitment, sealed)
		if verdict != 0 {
			return c.unreadable(s, channel, leaf, fmt.Errorf("reason %d", verdict))
		}
		st := act.Statement
		if first, twice := c.acts[s.i][st.Act]; twice && first != leaf.Position {
			c.fail(actOnce, "%s says one act at %d and at %d", name(s, true, channel), first, leaf.Position)
		}
		c.acts[s.i][st.Act] = leaf.Position
		if th := (thread{side: s.i, position: leaf.Position}); channel == statement.Routine && st.Thread == nil && !strings.HasPrefix(st.Kind, "contact.") && !slices.Contains(c.w.threads, th) {
			c.w.threads = append(c.w.threads, th)
		} else if channel == statement.Hotline && st.Thread == nil && !strings.HasPrefix(st.Kind, "voice.") && !slices.Contains(c.w.calls, th) {
			c.w.calls = append(c.w.calls, th)
		}
		return nil
	})
}

func (c *checker) unreadable(s *side, channel uint8, leaf *ledger.Leaf, err error) error {
	if !c.calm {
		c.fail(readable, "%s %d cannot be read by its writer: %v", name(s, true, channel), leaf.Position, err)
	}
	return nil
}

// acked is told of every act that a node said was appended.
func (c *checker) acked(s *side, channel uint8, position uint64) {
	c.w.acts++
	if size := c.state(s, true, channel).Tree.Size; position >= size {
		c.fail(nothingLost, "%s acknowledged %s %d and holds %d", s.code, name(s, true, channel), position, size)
	}
}

// salted and sealed see all that a side writes to its own logs, committed or not.
func (c *checker) salted(s *side, id store.LogID, row store.Row) {
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		c.fail(logVerifies, "%v", err)
		return
	}
	place := fmt.Sprintf("%s %s %d, leaf %x", s.code, channels[id.Channel], row.Position, sha256.Sum256(row.Leaf))
	c.unique("salt", leaf.Salt, place)
	if leaf.Type == ledger.TypeEpoch {
		c.unique("epoch", leaf.Commitment, place)
	}
}

func (c *checker) sealed(s *side, id store.LogID, position uint64, blob []byte) {
	var random [32]byte
	copy(random[:], blob)
	c.unique("random", random, fmt.Sprintf("%s %s %d, blob %x", s.code, channels[id.Channel], position, sha256.Sum256(blob)))
}

// unique: the same bytes written again at the same place, as when they come
// back after a restore, are no second use.
func (c *checker) unique(what string, value [32]byte, place string) {
	w := octet.Writer{Bytes: []byte(what)}
	w.Fixed(value[:])
	key := sha256.Sum256(w.Bytes)
	if before, used := c.once[key]; used && before != place {
		c.fail(keysOnce, "%s used at %.24s and at %.24s", what, before, place)
	}
	c.once[key] = place
}

// sent sees every turn that leaves a side.
func (c *checker) sent(from *side, t *contact.Turn) {
	p := t.Push
	if p == nil {
		return
	}
	h, err := ledger.ParseHead(p.Head)
	if err != nil {
		c.fail(logVerifies, "%v", err)
		return
	}
	key := headKey{h.Origin, h.Size}
	if root, ok := c.heads[key]; ok && root != h.Root {
		c.fail(noFork, "%s signed two heads of %s at %d", from.code, name(from, !p.Own, p.Channel), h.Size)
	}
	c.heads[key] = h.Root
	if p.Own {
		return
	}
	if size := from.disk.durable(from.origin(true, p.Channel), from.logID(true, p.Channel)); h.Size > size {
		c.fail(headDurable, "%s signed a head of %s at %d and has committed %d", from.code, name(from, true, p.Channel), h.Size, size)
	}
}

// alarm sees what a node refuses and warns of.
func (c *checker) alarm(s *side, message string, err error) {
	if c.calm {
		return
	}
	switch fault.CodeOf(err) {
	case rule.ForkProved, fault.HeadSignature, fault.HeadUnsigned, fault.HeadMalformed, fault.LeafPosition, fault.LeafTime, fault.LeafSeen,
		fault.LeafEpoch, fault.LeafReceipt, fault.LeafUntrue, rule.LeafBytes, fault.ContactHello, rule.ContactFrozen, fault.Internal,
		rule.StoreDamaged, rule.StorePosition, fault.HeadOrigin, rule.HeadRealm, fault.OctetsUnknown, fault.OctetsShort:
		c.fail(falseAlarm, "%s: %s: %v", s.code, message, err)
	}
}

// reopened looks at a whole disk again: rows, blobs' leaves, receipts.
func (c *checker) reopened(s *side) {
	if c.blind {
		return
	}
	for _, own := range []bool{true, false} {
		for channel := statement.Control; channel <= statement.Routine; channel++ {
			c.rescan(s, own, channel)
		}
	}
}

func (c *checker) rescan(s *side, own bool, channel uint8) {
	sh := c.shadow(s, own, channel)
	s.read(func(r store.Reader) error {
		n := 0
		err := r.Rows(s.logID(own, channel), 0, sh.size(), func(row store.Row) error {
			if ledger.LeafHash(row.Leaf) != sh.leaves[n] {
				c.fail(nothingLost, "%s: entry %d of %s is another than it was", s.code, n, name(s, own, channel))
			}
			n++
			return nil
		})
		if n < len(sh.leaves) {
			c.fail(nothingLost, "%s held %d entries of %s, now %d", s.code, len(sh.leaves), name(s, own, channel), n)
		}
		return err
	})
	for position := range sh.receipts {
		c.sameReceipt(s, own, channel, sh, uint64(position))
	}
}

// restored takes note that a disk went back to a backup, which is no loss that
// a store could be blamed for: what is missing must come back from the other.
func (c *checker) restored(s *side) {
	for own := range c.logs[s.i] {
		for i, sh := range c.logs[s.i][own] {
			channel := uint8(i + 1)
			was := sh.leaves
			*sh = shadow{roots: sh.roots[:1]}
			c.load(s, own == 0, channel, sh)
			for j, leaf := range sh.leaves {
				if j >= len(was) || was[j] != leaf {
					c.fail(nothingLost, "a backup of %s holds another entry %d", s.code, j)
				}
			}
		}
	}
}
