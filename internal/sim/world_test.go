package sim

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/cryptotest"

	"parley.example/arrangements"
	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/internal/store/memory"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

const (
	second int64 = 1000
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
)

// small is the arrangement of two parties with plain calendars, as everybody
// begins with; the others come with parley.
const small = "small"

// arrangedFor says under which arrangement a seed lives: each in turn.
func arrangedFor(seed uint64) string { return append(arrangements.Names(), small)[seed%3] }

// morning is when a world begins: on a Monday that the calendars know.
func morning(name string) int64 {
	from := 1_800_000_000_000 - 35*day
	if name != small {
		codes := partyCodes(name)
		raw, err := arrangements.For(name, [2]arrangements.Party{{ID: strings.Repeat("1", 64), Code: codes[0]}, {ID: strings.Repeat("2", 64), Code: codes[1]}})
		if err != nil {
			panic(err)
		}
		d, err := arrangement.Parse(raw)
		if err != nil {
			panic(err)
		}
		from = int64(max(d.InForce, d.Parties[0].Calendar.From, d.Parties[1].Calendar.From))
	}
	from += 35 * day
	return from - from%(7*day) + 4*day + 8*hour
}

// partyCodes are the codes of the two parties of an arrangement.
func partyCodes(name string) [2]string {
	codes, err := arrangements.Codes(name)
	if err != nil {
		return [2]string{"us", "cn"}
	}
	return codes
}

// hashes are left out of transcripts, so that they stay the same when only
// keys change.
var hashes = regexp.MustCompile(`\b([0-9a-f]{4})[0-9a-f]{8,}\b`)

// world is one run: two sides, what lies between them, and who watches.
type world struct {
	t        *testing.T
	ctx      context.Context
	seed     uint64
	name     string // of the arrangement
	began    int64
	pace     int64
	rng      *mathrand.Rand
	now      int64 // virtual time
	sides    [2]*side
	net      *network
	check    *checker
	lines    []string
	mutation string
	signer   func([64]byte) suite.Signer
	verifier party.Signatures
	fates    func(*side) fate // nil: every commit passes
	threads  []thread
	calls    []thread
	hung     int      // of the calls, that people have gone through to end them
	unended  []thread // of these, that are not over
	open     []thread // of the first so many, those that are not over
	known    int
	last     thread // that somebody said something in
	mended   int64  // when the lines are up again
	proposed int    // versions of the arrangement drawn up so far
	covered  coverage
	almanac  *almanac
	acts     int // acknowledged
	steps    int
	depth    int  // of events within an exchange
	wordless bool // transcripts that are kept do not depend on how a warning is worded
}

// side is one party's machine.
type side struct {
	w       *world
	i       int
	disk    *disk
	notes   *notes
	files   *folder
	code    string     // of the party
	node    *node.Node // nil while the machine stands still
	link    *node.Link
	skew    int64 // of its clock
	root    suite.Signer
	archive suite.SealingKey
	officer node.FileSigning
	ladder  []colleague // who stands on it
	profile node.Profile
	pin     [32]byte
	desk    []*node.Prepared // approved, and not known to be appended
	froze   []statement.Ref  // suspensions of ours that stand
	backup  *backup
}

// backup is a copy of a disk, with the note and the attachments as they were then.
type backup struct {
	disk  *memory.Snapshot
	note  *notes
	files map[[32]byte][]byte
}

// options of a world.
type options struct {
	mutation string
	real     bool   // real signatures
	name     string // of the arrangement; small where absent
	began    int64  // virtual time; a morning within the calendars where absent
	pace     int64  // about how long the terms are that officers set; hours where absent
}

// newWorld draws keys, compares cards, and agrees on an arrangement, all before
// the first accident.
func newWorld(t *testing.T, seed uint64, o options) *world {
	cryptotest.SetGlobalRandom(t, seed)
	w := &world{t: t, ctx: context.Background(), seed: seed, rng: mathrand.New(mathrand.NewPCG(seed, 0)),
		name: cmp.Or(o.name, small), mutation: o.mutation, signer: cheapKey, verifier: cheapSignatures{}}
	w.began, w.pace = o.began, cmp.Or(o.pace, 4*hour)
	if w.began == 0 {
		w.began = morning(w.name)
	}
	w.now, w.almanac = w.began, newAlmanac(w.began)
	if o.real {
		w.signer, w.verifier = nil, suite.Signatures{}
	}
	w.covered, w.net = newCoverage(), newNetwork(w)
	w.check = newChecker(w)
	for i := range w.sides {
		w.sides[i] = newSide(w, i)
	}
	return w
}

func newSide(w *world, i int) *side {
	s := &side{w: w, i: i, code: partyCodes(w.name)[i], files: &folder{map[[32]byte][]byte{}, map[[32]byte][]byte{}}}
	s.disk = newDisk(s, byte(i+1))
	s.notes = newNotes(s)
	s.root, s.archive = drawKey(w.signer), suite.NewSealingKey()
	personal := drawKey(w.signer)
	public := personal.Public().Ed25519
	s.officer = node.FileSigning{Key: public[:], Message: personal.Ed25519}
	s.profile = node.Profile{Code: s.code, Names: [2]string{s.code, s.code}, Archive: s.archive.Public(),
		NextRoot: drawKey(w.signer).Public().Hash(),
		Officers: []party.Officer{{Algorithm: party.PersonEd25519, Key: public[:], Role: "duty", Name: "Officer " + s.code}}}
	for n, role := range ladderRoles(w.name) {
		key := drawKey(w.signer)
		public := key.Public().Ed25519
		one := colleague{node.FileSigning{Key: public[:], Message: key.Ed25519}, fmt.Sprintf("%s %s %d", s.code, role, n), role}
		s.ladder = append(s.ladder, one)
		s.profile.Officers = append(s.profile.Officers, party.Officer{Algorithm: party.PersonEd25519, Key: one.Key, Role: role, Name: one.name})
	}
	return s
}

// found makes the link, and puts the arrangement in force.
func (w *world) found() {
	var cards [2][]byte
	for i, s := range w.sides {
		s.start()
		drawn := byte(0)
		var err error
		cards[i], err = s.node.ExportCard(w.ctx, w.sides[1-i].code, s.profile, s.root, func() ([]byte, [32]byte, error) {
			drawn++
			return []byte{drawn}, sha256.Sum256([]byte{byte(i), drawn}), nil
		})
		w.must(err)
	}
	for i, s := range w.sides {
		ceremony := node.Ceremony{Fingerprint: party.ID(w.sides[1-i].root.Public().Hash()), Path: "in person", With: w.sides[1-i].code}
		link, err := s.node.ImportCard(w.ctx, cards[1-i], ceremony, s.officer)
		w.must(err)
		s.link, s.pin = link, link.Ours().TLS
	}
	w.meet(0)
	w.meet(1)
	document, err := w.document()
	w.must(err)
	digest, err := w.sides[0].node.Propose(w.ctx, w.sides[0].link, document, w.sides[0].officer)
	w.must(err)
	w.meet(0)
	w.must(w.sides[1].node.Sign(w.ctx, w.sides[1].link, digest, w.sides[1].officer))
	w.meet(1)
	w.meet(0)
	w.check.step()
}

// document is the arrangement filled in for the two.
func (w *world) document() ([]byte, error) {
	if w.name == small {
		return arrangement.Small(w.sides[0].info(), w.sides[1].info())
	}
	var parties [2]arrangements.Party
	for i, s := range w.sides {
		parties[i] = arrangements.Party{ID: s.link.Us.String(), Code: s.code}
	}
	return arrangements.For(w.name, parties)
}

func (w *world) must(err error) {
	if err != nil {
		w.check.fail("founding", "%v", err)
	}
}

func (s *side) info() arrangement.PartyInfo {
	nine := []calendar.Interval{{9 * 60, 17 * 60}}
	from, _ := calendar.ParseInstant("2020-01-01T00:00:00Z")
	until, _ := calendar.ParseInstant("2040-01-01T00:00:00Z")
	return arrangement.PartyInfo{ID: s.link.Us.String(), Code: s.code, Names: arrangement.Words{En: s.code, Zh: s.code},
		Units: []arrangement.Unit{{Code: "unit", Names: arrangement.Words{En: "Unit", Zh: "单位"}}},
		Roles: []arrangement.Role{{Code: "duty", Names: arrangement.Words{En: "Duty officer", Zh: "值班员"}}},
		Calendar: calendar.Calendar{From: from, Until: until, Offsets: []calendar.Offset{{At: from}},
			Week: calendar.Week{Monday: nine, Tuesday: nine, Wednesday: nine, Thursday: nine, Friday: nine}}}
}

func (s *side) other() *side { return s.w.sides[1-s.i] }
func (s *side) up() bool     { return s.node != nil && !s.disk.down }
func (s *side) clock() int64 { return s.w.now + s.skew }

// logID names a log as this side's store does.
func (s *side) origin(own bool, channel uint8) ledger.Origin { return s.link.Origin(own, channel, 0) }

// start starts the machine.
func (s *side) start() {
	if s.w.mutation == sameRandom {
		cryptotest.SetGlobalRandom(s.w.t, s.w.seed)
	}
	s.disk.down = false
	n, err := node.Open(s.w.ctx, node.Options{Store: s.disk, Vault: open{}, Signatures: s.w.verifier, Signer: s.w.signer,
		Attachments: s.files, Notes: s.notes, Now: s.clock, Log: slog.New(listener{s}),
		Dial: func(*node.Link) carrier.Dialler { return dialler{s} }})
	if err != nil {
		s.w.check.fail("starts-again", "%s: %v", s.code, err)
		return
	}
	s.node = n
	if s.link != nil {
		link, err := n.Link(s.other().code, party.Real)
		if err != nil {
			s.w.check.fail("starts-again", "%s: %v", s.code, err)
			return
		}
		s.link = link
		s.say("starts")
		s.w.check.reopened(s)
	}
}

// crash stops the machine as a power cut does.
func (s *side) crash() {
	s.disk.halt()
	s.notes.cut()
	s.say("stops dead")
}

// stop stops it in order.
func (s *side) stop() {
	if err := s.node.Stop(); err == nil {
		s.say("stops in order")
	}
	s.disk.halt()
}

// meet has a side dial, as the node's own goroutine would.
func (w *world) meet(i int) error {
	s := w.sides[i]
	s.say("dials")
	err := s.node.Contact(w.ctx, s.link)
	if err != nil {
		s.say("  contact: %s", brief(err))
	}
	return err
}

func brief(err error) string {
	if f := fault.CodeOf(err); f != fault.Internal && f != "" {
		return string(f)
	}
	return err.Error()
}

// chance is true so many times in a hundred.
func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

// between draws a duration.
func (w *world) between(from, to int64) int64 { return from + w.rng.Int64N(to-from) }

func pick[T any](w *world, list []T) T { return list[w.rng.IntN(len(list))] }

func (w *world) pass(d int64) { w.now += d }

func (w *world) fate(s *side) fate {
	if w.fates == nil {
		return pass
	}
	return w.fates(s)
}

// say writes a line of the transcript: when, who, what.
func (s *side) say(format string, args ...any) { s.w.say(s.code, format, args...) }

func (w *world) say(who, format string, args ...any) {
	at := w.now - w.began
	w.lines = append(w.lines, fmt.Sprintf("day %d %02d:%02d:%02d.%03d  %-3s %s", at/day, at/hour%24, at/minute%60, at/second%60, at%1000,
		who, fmt.Sprintf(format, args...)))
}

// digest names a run by its transcript and the logs it left.
func (w *world) digest() [32]byte {
	h := sha256.New()
	for _, line := range w.lines {
		h.Write([]byte(line + "\n"))
	}
	for _, logs := range w.check.logs {
		for _, pair := range logs {
			for _, s := range pair {
				h.Write(s.root(s.size()))
			}
		}
	}
	var r [32]byte
	rand.Read(r[:]) // nobody may have drawn more or less than last time
	h.Write(r[:])
	return [32]byte(h.Sum(nil))
}
