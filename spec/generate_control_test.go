package spec

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/cryptotest"

	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/evidence"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// controlStory writes the two control logs of a link, and looks at them.
type controlStory struct {
	*wiretest.World
	t     *testing.T
	lines []string
	told  [2]int
}

// newControlStory begins one; the lower party has these officers besides.
func newControlStory(t *testing.T, officers ...string) *controlStory {
	s := &controlStory{World: wiretest.NewWorld(), t: t}
	s.P[0] = s.P[0].Hired(officers...)
	for _, p := range s.P {
		s.lines = append(s.lines, "founding "+hex.EncodeToString(p.Card.Encode()))
	}
	return s
}

// tell writes the lines of what a side has added.
func (s *controlStory) tell(side int) {
	log := s.Log(side, statement.Control)
	for ; s.told[side] < len(log.Raws); s.told[side]++ {
		line := sideNames[side] + " " + hex.EncodeToString(log.Raws[s.told[side]])
		if parts := log.Acts[uint64(s.told[side])]; parts != nil {
			line += " " + hex.EncodeToString(parts.Encode())
		}
		s.lines = append(s.lines, line)
	}
}

// said is one act that a side says, and how it is spoilt.
type said struct {
	kind   string
	thread *statement.Ref
	body   any // raw bytes, or a body
	change func(*statement.Statement)
	sign   func([]byte) []statement.PersonSignature // nil: the officer with the key file
}

// say adds an act and gives its place.
func (s *controlStory) say(side int, a said) *statement.Ref {
	s.t.Helper()
	raw, isRaw := a.body.([]byte)
	if !isRaw {
		var err error
		if raw, err = act.WriteBody(a.body); err != nil {
			s.t.Fatal(err)
		}
	}
	d := s.Draft(side, statement.Control, a.kind, a.thread, raw)
	if a.change != nil {
		a.change(&d.Statement)
	}
	signatures := []statement.PersonSignature{s.P[side].SignBy(d.ToSign())}
	if a.sign != nil {
		signatures = a.sign(d.ToSign())
	}
	at := s.Say(side, statement.Control, d, signatures...)
	s.tell(side)
	return &statement.Ref{Higher: side == 1, Position: at}
}

// receipt has the other side store and receipt all that a side has said.
func (s *controlStory) receipt(side int) {
	s.Receipt(1-side, statement.Control)
	s.tell(1 - side)
}

// stores has a side store all of the other's log, and receipt nothing.
func (s *controlStory) stores(side int) {
	s.Stored[1-side][0] = s.Log(1-side, statement.Control).Tree.Size
}

// look asks at the sizes of now less some entries, at an instant.
func (s *controlStory) look(lessLower, lessHigher uint64, at int64) {
	s.lines = append(s.lines, fmt.Sprintf("look %d %d %d", s.Log(0, statement.Control).Tree.Size-lessLower, s.Log(1, statement.Control).Tree.Size-lessHigher, at))
}

func (s *controlStory) put(name string) {
	s.look(0, 0, s.Now)
	out, err := readControl(wiretest.Vector{Body: []byte(strings.Join(s.lines, "\n") + "\n")})
	if err != nil {
		s.t.Fatal(err)
	}
	maker{t: s.t, kind: "control"}.put(name, "", out)
}

// rules is a small arrangement between the two parties, changed.
func (s *controlStory) rules(change func(*arrangement.Document)) []byte {
	var d arrangement.Document
	if err := json.Unmarshal(proceduretest.BytesFor([2]party.ID{s.P[0].Card.Party, s.P[1].Card.Party}), &d); err != nil {
		s.t.Fatal(err)
	}
	d.Text, d.Conditions, d.Actions, d.Grades = nil, nil, nil, nil
	if change != nil {
		change(&d)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

func digestOf(raw []byte) *act.DigestBody {
	d := arrangement.Digest(raw)
	return &act.DigestBody{Digest: hex.EncodeToString(d[:])}
}

func successorOf(base []byte, tolerance int) func(*arrangement.Document) {
	return func(d *arrangement.Document) { d.Version, d.Base, d.Tolerance = 2, digestOf(base).Digest, tolerance }
}

// agree has the lower propose a version and the higher sign it.
func (s *controlStory) agree(raw []byte) *statement.Ref {
	p := s.say(0, said{kind: act.ArrangementPropose, body: raw})
	s.receipt(0)
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: digestOf(raw)})
	s.receipt(1)
	return p
}

// TestUpdateControlVectors writes the vectors of kind control anew with -update.
func TestUpdateControlVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	cryptotest.SetGlobalRandom(t, 20160103)
	putCards(newControlStory(t))
	putOfficers(newControlStory(t))
	putVersions(newControlStory(t))
	putCrossing(newControlStory(t))
	putWithdrawals(newControlStory(t))
	putSuspensions(newControlStory(t))
	putSurvivors(newControlStory(t))
	putShared(newControlStory(t))
	putBodies(newControlStory(t))
	putReplacements(newControlStory(t, "Zhao", "Chen"))
	putTerminations(newControlStory(t, "Zhao"))
	putRoles(newControlStory(t, "Zhao"))
}

// stopRules is an arrangement that says who may suspend and terminate.
func (s *controlStory) stopRules(persons, days int, role string) []byte {
	return s.rules(func(d *arrangement.Document) {
		d.Suspension = &arrangement.Suspension{Persons: persons, Notice: days}
		for i := range d.Parties {
			if role != "" {
				d.Parties[i].Roles = append(d.Parties[i].Roles, arrangement.Role{Code: role, Names: d.Parties[i].Names})
				d.Suspension.Roles = append(d.Suspension.Roles, arrangement.PartyRole{Party: d.Parties[i].ID, Role: role})
			}
		}
	})
}

// putTerminations has two persons suspend and terminate, one of them in vain, a
// termination taken back, and another have effect.
func putTerminations(s *controlStory) {
	two := signedBy(s.P[0].Officer, wiretest.OfficerKey("Zhao"))
	until := func(days int) *act.TerminateBody {
		return &act.TerminateBody{On: calendar.Instant(s.Now) + calendar.Instant(days)*calendar.Day + calendar.Minute, Reason: "other"}
	}
	s.say(0, said{kind: act.Terminate, body: until(3), sign: two}) // nothing is in force
	s.agree(s.stopRules(2, 2, ""))
	everything := &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}
	s.say(0, said{kind: act.Suspend, body: everything})
	suspended := s.say(0, said{kind: act.Suspend, body: everything, sign: two})
	s.say(1, said{kind: act.Terminate, body: until(9)})
	s.say(0, said{kind: act.Terminate, body: until(1), sign: two}) // no notice
	first := s.say(0, said{kind: act.Terminate, body: until(3), sign: two})
	s.look(0, 0, s.Now)
	s.receipt(0)
	s.look(0, 0, s.Now)
	s.say(1, said{kind: act.Resume, thread: first, body: &act.ResumeBody{}, sign: signedBy(s.P[1].Officer)})
	s.say(0, said{kind: act.Narrow, thread: first, body: everything, sign: two})
	s.say(0, said{kind: act.Resume, thread: first, body: &act.ResumeBody{}}) // by one
	s.say(0, said{kind: act.Resume, thread: first, body: &act.ResumeBody{}, sign: two})
	s.receipt(0)
	s.say(0, said{kind: act.Resume, thread: first, body: &act.ResumeBody{}, sign: two}) // once more
	second := s.say(0, said{kind: act.Terminate, body: until(2), sign: two})
	s.receipt(0)
	s.say(0, said{kind: act.Terminate, body: until(4), sign: two})
	s.receipt(0)
	s.look(0, 0, s.Now)
	s.Now += int64(2*calendar.Day + calendar.Hour)
	s.say(0, said{kind: act.Suspend, body: everything, sign: two}) // it has not seen that receipt
	s.stores(0)
	for _, k := range []said{{kind: act.Suspend, body: everything}, {kind: act.Terminate, body: until(3)}, {kind: act.Narrow, thread: suspended, body: everything},
		{kind: act.Resume, thread: second, body: &act.ResumeBody{}}, {kind: act.Resume, thread: suspended, body: &act.ResumeBody{}},
		{kind: act.ArrangementPropose, body: s.rules(nil)}} {
		k.sign = two
		s.say(0, k)
	}
	s.receipt(0)
	s.put("terminations")
}

// putRoles has officers suspend who do not hold the role.
func putRoles(s *controlStory) {
	s.agree(s.stopRules(1, 0, "supervisor"))
	s.say(0, said{kind: act.Suspend, body: &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}})
	s.receipt(0)
	s.look(0, 0, s.Now)
	s.stores(0)
	s.agree(s.rules(func(d *arrangement.Document) { d.Tolerance = 1 })) // another first version, which never counts
	s.say(0, said{kind: act.Terminate, body: &act.TerminateBody{On: calendar.Instant(s.Now) + calendar.Day, Reason: "other"}})
	s.receipt(0)
	s.put("roles")
}

func putCards(s *controlStory) {
	me, other := s.P[0], s.P[1].Card.Party
	s.look(0, 0, s.Now)
	s.say(0, said{kind: act.Card, body: me.Card.Encode()})
	s.say(1, said{kind: act.Card, body: s.P[1].Card.Encode()})
	s.receipt(0)
	second := wiretest.Successor(me.Card, other, me.Root, func(c *party.Card) { c.Sign = wiretest.Key("alpha sign").Public() })
	s.say(0, said{kind: act.Card, body: second.Encode()})
	s.look(0, 0, s.Now)
	for _, c := range []*party.Card{
		wiretest.Successor(second, other, me.Root, func(c *party.Card) { c.Serial = 4 }),
		wiretest.Successor(second, me.Card.Party, me.Root, nil),
		wiretest.Successor(second, other, me.NextRoot, func(c *party.Card) { c.NextRoot = [32]byte{1} }),
		me.Card,
	} {
		s.say(0, said{kind: act.Card, body: c.Encode()})
	}
	s.say(0, said{kind: act.Card, body: second.Encode()[:900]})
	s.receipt(0)
	s.look(0, 1, s.Now)
	s.look(6, 0, s.Now)
	third := wiretest.Successor(second, other, me.NextRoot, func(c *party.Card) {
		c.Root, c.NextRoot = me.NextRoot.Public(), wiretest.Key("third root").Public().Hash()
	})
	s.say(0, said{kind: act.Card, body: third.Encode()})
	s.look(0, 0, s.Now)
	s.receipt(0)
	s.put("cards")
}

// putOfficers has an officer leave: what he signs is good until both know.
func putOfficers(s *controlStory) {
	suspend := func() {
		s.say(0, said{kind: act.Suspend, body: &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}})
	}
	suspend()
	second := wiretest.Successor(s.P[0].Card, s.P[1].Card.Party, s.P[0].Root, func(c *party.Card) { c.Officers = c.Officers[1:] })
	s.say(0, said{kind: act.Card, body: second.Encode()})
	suspend()
	s.receipt(0)
	suspend() // it has not seen the receipt
	s.stores(0)
	suspend()
	s.receipt(0)
	s.put("officers")
}

// replace has the lower say that a key is another, signed by key files.
func (s *controlStory) replace(lost, key ed25519.PrivateKey, by ...ed25519.PrivateKey) {
	s.say(0, said{kind: act.OfficerReplace, body: wiretest.Replace(lost, key).Encode(), sign: signedBy(by...)})
}

func signedBy(keys ...ed25519.PrivateKey) func([]byte) []statement.PersonSignature {
	return func(signed []byte) (list []statement.PersonSignature) {
		for _, key := range keys {
			list = append(list, wiretest.SignWith(key, signed))
		}
		return list
	}
}

// putReplacements has officers' keys replaced: what counts, from where on, and
// across cards that are announced before and behind.
func putReplacements(s *controlStory) {
	li, zhao, chen := s.P[0].Officer, wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("Chen")
	fresh, other := wiretest.OfficerKey("Zhao again"), wiretest.OfficerKey("Chen again")
	suspend := func(key ed25519.PrivateKey) {
		s.say(0, said{kind: act.Suspend, body: &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}, sign: signedBy(key)})
	}
	for _, by := range [][]ed25519.PrivateKey{nil, {li}, {li, zhao}, {li, fresh}, {li, chen, zhao}} {
		s.replace(zhao, fresh, by...)
	}
	for _, key := range []ed25519.PrivateKey{zhao, chen} {
		s.replace(zhao, key, li, chen)
	}
	s.replace(fresh, other, li, chen)
	s.say(0, said{kind: act.OfficerReplace, body: wiretest.Replace(zhao, fresh).Encode()[:40], sign: signedBy(li, chen)})
	s.say(0, said{kind: act.OfficerReplace, body: []byte(`{}`), sign: signedBy(li, chen)})
	suspend(zhao)
	suspend(fresh)
	s.replace(zhao, fresh, li, chen) // nobody has receipted it
	suspend(zhao)
	suspend(fresh)
	s.look(0, 0, s.Now)
	second := wiretest.Successor(s.P[0].Card, s.P[1].Card.Party, s.P[0].Root, nil) // with the lost key, and Chen's
	s.say(0, said{kind: act.Card, body: second.Encode()})
	s.replace(chen, nil, li, fresh) // the card is not in force
	suspend(chen)
	s.receipt(0)
	s.stores(0)
	suspend(zhao)  // a card that is announced behind counts as it is
	suspend(fresh) // and
	suspend(chen)  // one that is announced before does not
	s.receipt(0)
	s.look(4, 1, s.Now)
	s.put("replacements")
}

func putVersions(s *controlStory) {
	first := s.rules(nil)
	p := s.say(0, said{kind: act.ArrangementPropose, body: first})
	s.look(0, 0, s.Now)
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: digestOf(first)}) // it has not seen it
	s.receipt(0)
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: digestOf(first)})
	s.look(0, 1, s.Now)
	s.look(0, 0, s.Now)
	s.look(0, 0, int64(proceduretest.At("2015-12-31T23:59:59.999Z")))
	s.look(0, 0, int64(proceduretest.At("2016-01-01T00:00:00Z")))
	s.receipt(1)
	later := calendar.Instant(s.Now) + calendar.Day
	second := s.rules(func(d *arrangement.Document) { successorOf(first, 60)(d); d.InForce = later })
	s.agree(second)
	third := s.rules(func(d *arrangement.Document) { d.Version, d.Base, d.Tolerance = 3, digestOf(second).Digest, 30 })
	s.agree(third) // of an instant long gone, behind one that has not come
	s.say(0, said{kind: act.ArrangementPropose, body: s.rules(successorOf(first, 90))})
	s.say(0, said{kind: act.ArrangementDrop, thread: p, body: digestOf(third)})
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: digestOf(third)})
	s.look(0, 0, int64(later)-1)
	s.look(0, 0, int64(later))
	s.put("versions")
}

// putCrossing has two successors of one base cross; and one proposal by both.
func putCrossing(s *controlStory) {
	first := s.rules(nil)
	s.say(0, said{kind: act.ArrangementPropose, body: first})
	s.say(1, said{kind: act.ArrangementPropose, body: first})
	s.look(0, 0, s.Now)
	s.receipt(0)
	s.receipt(1)
	a, b := s.rules(successorOf(first, 60)), s.rules(successorOf(first, 90))
	pa, pb := s.say(0, said{kind: act.ArrangementPropose, body: a}), s.say(1, said{kind: act.ArrangementPropose, body: b})
	s.receipt(0)
	s.receipt(1)
	s.say(1, said{kind: act.ArrangementSign, thread: pa, body: digestOf(a)})
	s.say(0, said{kind: act.ArrangementSign, thread: pb, body: digestOf(b)})
	s.look(0, 0, s.Now)
	s.say(1, said{kind: act.ArrangementDrop, thread: pb, body: digestOf(b)})
	s.say(1, said{kind: act.ArrangementSign, thread: pa, body: digestOf(a)}) // nobody has receipted that
	s.receipt(1)
	s.say(1, said{kind: act.ArrangementSign, thread: pa, body: digestOf(a)}) // it has not seen the receipt
	s.stores(1)
	s.say(1, said{kind: act.ArrangementSign, thread: pa, body: digestOf(a)})
	s.put("amendments-cross")
}

func putWithdrawals(s *controlStory) {
	first := s.rules(nil)
	drop := func(side int, p *statement.Ref, raw []byte) {
		s.say(side, said{kind: act.ArrangementDrop, thread: p, body: digestOf(raw)})
	}
	p := s.say(0, said{kind: act.ArrangementPropose, body: first})
	drop(1, p, first)
	s.receipt(0)
	drop(0, p, first)
	s.look(0, 0, s.Now)
	drop(0, p, first)
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: digestOf(first)}) // it has not seen the withdrawal
	s.look(0, 0, s.Now)
	s.receipt(0)
	s.receipt(1)
	drop(1, p, first)
	a := s.rules(successorOf(first, 60))
	pa := s.say(0, said{kind: act.ArrangementPropose, body: a})
	s.say(0, said{kind: act.ArrangementSign, thread: pa, body: digestOf(a)})
	drop(0, pa, a)
	s.receipt(0)
	s.say(1, said{kind: act.ArrangementSign, thread: pa, body: digestOf(a)}) // it has seen the withdrawal
	s.say(0, said{kind: act.ArrangementPropose, body: a})
	s.say(1, said{kind: act.ArrangementSign, thread: pa, body: digestOf([]byte("nothing"))})
	s.put("withdrawals")
}

func putSuspensions(s *controlStory) {
	s.agree(s.rules(nil))
	body := func(types, areas []string) *act.SuspendBody {
		return &act.SuspendBody{Types: append([]string{}, types...), Areas: append([]string{}, areas...), Reason: "other"}
	}
	all := s.say(0, said{kind: act.Suspend, body: body(nil, nil)})
	s.say(0, said{kind: act.Narrow, thread: all, body: body([]string{"incident", "mitigation"}, nil)}) // both are known at once
	s.look(0, 0, s.Now)
	s.receipt(0)
	s.look(0, 0, s.Now)
	s.look(0, 0, s.Now-1)
	s.look(0, 1, s.Now)
	other := s.say(1, said{kind: act.Suspend, body: body(nil, []string{"ddos"})})
	s.say(1, said{kind: act.Resume, thread: all, body: &act.ResumeBody{}})
	s.say(1, said{kind: act.Narrow, thread: other, body: body([]string{"incident"}, nil)})
	s.say(1, said{kind: act.Narrow, thread: other, body: body(nil, []string{"ddos"})})
	s.say(1, said{kind: act.Narrow, thread: other, body: body(nil, nil)})
	s.say(1, said{kind: act.Resume, thread: &statement.Ref{Higher: true, Position: 99}, body: &act.ResumeBody{}})
	s.look(0, 0, s.Now) // not judged before they are receipted
	s.receipt(1)
	s.look(0, 0, s.Now)
	s.say(0, said{kind: act.Narrow, thread: all, body: body([]string{"incident"}, nil)})
	s.receipt(0)
	s.look(0, 0, s.Now)
	s.say(0, said{kind: act.Resume, thread: all, body: &act.ResumeBody{}})
	s.say(0, said{kind: act.Resume, thread: all, body: &act.ResumeBody{}})
	s.look(0, 0, s.Now)
	s.receipt(0)
	s.put("suspensions")
}

// putSurvivors amends what survives while something is suspended.
func putSurvivors(s *controlStory) {
	first := s.rules(func(d *arrangement.Document) {
		d.Survives = arrangement.Survives{Types: []string{}, Areas: []string{}, Urgencies: []string{}}
	})
	s.agree(first)
	s.say(1, said{kind: act.Suspend, body: &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}})
	s.receipt(1)
	later := calendar.Instant(s.Now) + calendar.Day
	s.agree(s.rules(func(d *arrangement.Document) {
		successorOf(first, 300)(d)
		d.InForce, d.Survives = later, arrangement.Survives{Types: []string{"incident"}, Areas: []string{}, Urgencies: []string{}}
	}))
	s.look(0, 0, int64(later)-1)
	s.look(0, 0, int64(later))
	s.put("survivors")
}

// putShared breaks each rule that all kinds share.
func putShared(s *controlStory) {
	suspend := &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}
	good := s.say(0, said{kind: act.Suspend, body: suspend})
	id := [16]byte{7}
	for _, change := range []func(*statement.Statement){
		func(st *statement.Statement) { st.Realm = party.Exercise },
		func(st *statement.Statement) { st.Writer, st.Reader = st.Reader, st.Writer },
		func(st *statement.Statement) { st.Channel = statement.Routine },
		func(st *statement.Statement) { st.Generation = 1 },
		func(st *statement.Statement) { st.Kind = "shout" },
		func(st *statement.Statement) { st.Kind = act.RequestOpen },
		func(st *statement.Statement) { st.Act = id },
		func(st *statement.Statement) { st.Act = id },
		func(st *statement.Statement) { st.NotAfter = s.Now },
		func(st *statement.Statement) { st.Thread = good },
		func(st *statement.Statement) { st.Kind = act.Resume },
		func(st *statement.Statement) { st.Seen[0].Size = 40 },
		func(st *statement.Statement) { st.Arrangement[0] = 1 }, // not asked in the control channel
		func(st *statement.Statement) { st.Content[0] ^= 1 },
	} {
		s.say(0, said{kind: act.Suspend, body: suspend, change: change})
	}
	stranger := func(signed []byte) []statement.PersonSignature {
		return []statement.PersonSignature{s.P[1].SignBy(signed)}
	}
	wrong := func(signed []byte) []statement.PersonSignature {
		x := s.P[0].SignBy(signed)
		x.Signature[0] ^= 1
		return []statement.PersonSignature{x}
	}
	nobody := func([]byte) []statement.PersonSignature { return nil }
	for _, sign := range []func([]byte) []statement.PersonSignature{stranger, wrong, nobody} {
		s.say(0, said{kind: act.Suspend, body: suspend, sign: sign})
	}
	s.say(0, said{kind: act.Card, body: s.P[0].Card.Encode(), sign: nobody})
	s.say(0, said{kind: act.Card, body: s.P[0].Card.Encode(), sign: wrong})
	s.receipt(0)
	s.put("disorder")
}

// putBodies breaks what the bodies of control acts have to hold.
func putBodies(s *controlStory) {
	p := s.say(0, said{kind: act.ArrangementPropose, body: s.rules(nil)})
	for _, change := range []func(*arrangement.Document){
		func(d *arrangement.Document) { d.Format = "parley arrangement 2" },
		func(d *arrangement.Document) { d.Areas[1].Code, d.Tolerance = "-", -1 }, // of two the one whose path comes first
		func(d *arrangement.Document) { d.Urgencies[2].FallsTo = d.Urgencies[2].Code },
	} {
		s.say(1, said{kind: act.ArrangementPropose, body: s.rules(change)})
	}
	s.say(1, said{kind: act.ArrangementPropose, body: proceduretest.Bytes()}) // between others, and nothing else is wrong
	s.say(1, said{kind: act.ArrangementPropose, body: []byte(`{"format":"parley arrangement 1"}`)})
	s.say(1, said{kind: act.ArrangementPropose, body: []byte(`{`)})
	s.receipt(0)
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: &act.DigestBody{Digest: strings.ToUpper(digestOf(s.rules(nil)).Digest)}})
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: []byte(`{"digest": ""}`)})
	s.say(1, said{kind: act.ArrangementSign, thread: p, body: []byte(`{}`)})
	c := &evidence.Compromise{Origin: ledger.Origin{Realm: party.Real, Channel: statement.Routine, Writer: s.P[1].Card.Party, Reader: s.P[0].Card.Party}, From: 7}
	for _, root := range []*suite.SigningKey{s.P[1].Root, s.P[1].NextRoot} {
		c.Signature = root.Sign(c.ToSign())
		s.say(1, said{kind: act.Compromise, body: c.Encode()})
	}
	s.put("bodies")
}
