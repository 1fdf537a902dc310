package node_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/carrier/carriertest"
	"parley.example/internal/node"
	"parley.example/wire/arrangement"
	"parley.example/wire/contact"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// mailed is a pair with a post office each, which hold what is for the other.
type mailed struct {
	*pair
	offices [2]*carriertest.Office
}

func newMailed(t *testing.T) *mailed {
	t.Helper()
	return newMailedUnder(t, func(*arrangement.Document) {})
}

// newMailedUnder has mail tested but once a week, under a changed arrangement.
func newMailedUnder(t *testing.T, change func(*arrangement.Document)) *mailed {
	t.Helper()
	m := &mailed{pair: newPairUnder(t, func(d *arrangement.Document) { d.Quotas.MachineMinutes = 7 * 24 * 60; change(d) })}
	for i := range m.sides {
		m.offices[i] = &carriertest.Office{}
	}
	m.connect()
	return m
}

// connect gives the running nodes their mail.
func (m *mailed) connect() {
	for i, s := range m.sides {
		s.node.Post = func(*node.Link) carrier.Poster { return m.offices[i] }
		s.node.Box = m.offices[1-i]
		s.node.MailContent = 8 << 20
	}
}

// cut has nobody hear anybody, and both notice.
func (m *mailed) cut() {
	m.t.Helper()
	for _, s := range m.sides {
		s.deaf = true
	}
	for _, s := range m.sides {
		if s.node.Contact(m.ctx, s.link) == nil {
			m.t.Fatal("the line is cut, and somebody answered")
		}
	}
}

func (m *mailed) restored() {
	for _, s := range m.sides {
		s.deaf = false
	}
}

// post has a side post what is due, and says how many files it were.
func (m *mailed) post(i int) int {
	m.t.Helper()
	before := m.offices[i].Count
	_, err := m.sides[i].node.PostDue(m.ctx, m.sides[i].link)
	m.must(err)
	_, err = m.sides[i].node.PostContent(m.ctx, m.sides[i].link)
	m.must(err)
	return m.offices[i].Count - before
}

// bring has a side take in what waits for it.
func (m *mailed) bring(i int) int {
	m.t.Helper()
	all := 0
	for range 4 { // what was overtaken is left there
		looked, err := m.sides[i].node.Collect(m.ctx)
		m.must(err)
		all += looked
	}
	return all
}

// pass is both posting and both taking in, with some time between.
func (m *mailed) pass(step int64) {
	m.t.Helper()
	m.now += step
	for i := range m.sides {
		m.post(i)
	}
	for i := range m.sides {
		m.bring(i)
	}
}

func (m *mailed) noIncidents() {
	m.t.Helper()
	for _, s := range m.sides {
		if list := s.incidents(); len(list) > 0 {
			m.t.Errorf("%s: %v", s.code, list)
		}
	}
}

// Spec: MAIL-6, MAIL-11, MAIL-13, MAIL-14. Routine waits for half an hour, goes
// by mail with its receipt, several acts in one, and stops with the direct line.
func TestRoutineByMail(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	if m.post(0) != 0 {
		t.Error("something is posted though the line is up")
	}
	m.cut()
	us.ask("one")
	for m.now += 20 * minute; m.post(0) != 0; {
		t.Fatal("posted after twenty minutes")
	}
	us.ask("two")
	m.now += 15 * minute
	if n := m.post(0); n != 1 {
		t.Errorf("two acts in %d files", n)
	}
	m.bring(1)
	if got := cn.titles(); !got["one"] || !got["two"] {
		t.Fatalf("they have %v", got)
	}
	m.now += minute
	if m.post(1) == 0 {
		t.Fatal("no receipt goes back")
	}
	m.bring(0)
	if st := us.state(); st.Held[2] != st.Own[2].Size || st.Own[2].Size == 0 {
		t.Errorf("they hold %v of %v", st.Held, st.Own)
	}
	for range 5 { // receipts alone get no receipts
		m.pass(2 * minute)
	}
	sent := m.offices[0].Count + m.offices[1].Count
	for range 20 {
		m.pass(2 * minute)
	}
	if more := m.offices[0].Count + m.offices[1].Count - sent; more > 2 {
		t.Errorf("%d files in forty minutes in which nobody said anything", more)
	}
	m.restored()
	m.talk()
	us.ask("three")
	sent = m.offices[0].Count + m.offices[1].Count
	for range 3 {
		m.pass(20 * minute)
		m.talk()
	}
	if more := m.offices[0].Count + m.offices[1].Count - sent; more != 0 || !cn.titles()["three"] {
		t.Errorf("%d files after the line was back", more)
	}
	m.verified()
	m.noIncidents()
}

// Spec: MAIL-12. A call does not wait for the half hour; routine does.
func TestHotlineByMail(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	us.ask("routine")
	m.must(us.node.OpenHotline(m.ctx, us.link))
	if m.post(0) == 0 {
		t.Fatal("nothing is posted at once")
	}
	m.post(0)
	m.bring(1)
	if theirs := cn.state().Theirs; theirs[1].Size == 0 || cn.titles()["routine"] {
		t.Errorf("they have %v", theirs)
	}
	if m.post(1) == 0 {
		t.Error("the receipt waits")
	}
	m.bring(0)
	if st := us.state(); st.Held[1] != st.Own[1].Size {
		t.Errorf("they hold %v of %v", st.Held, st.Own)
	}
	m.noIncidents()
}

// Spec: MAIL-12. A line that is up, and on which a call does not get through.
func TestHotlineBesideALineThatHangs(t *testing.T) {
	m := newMailed(t)
	us := m.sides[0]
	m.must(us.node.OpenHotline(m.ctx, us.link))
	if m.post(0) != 0 {
		t.Error("posted at once, though the line is up")
	}
	m.now += 6000
	if m.post(0) == 0 {
		t.Error("not posted after six seconds without a receipt")
	}
	m.bring(1)
	m.talk()
	m.now += 3600_000
	if n := m.post(0) + m.post(1); n != 0 {
		t.Errorf("%d files after it was receipted", n)
	}
	m.verified()
}

// Spec: MAIL-5, MAIL-9, MAIL-14. Mails are lost, repeated and shuffled; all that
// was said arrives once, and mail ends.
func TestHostilePostOffice(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	m.now += 31 * minute
	random := rand.New(rand.NewPCG(6, 11))
	spoil := func(files [][]byte) (out [][]byte) {
		for _, f := range files {
			for range []int{0, 1, 1, 2}[random.IntN(4)] {
				out = append(out, f)
			}
		}
		random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	said := 0
	long := string(bytes.Repeat([]byte("x"), 3000))
	for round := range 90 {
		if round < 10 {
			for range 80 {
				said++
				_, err := us.tryAskAbout(fmt.Sprint("us ", said), long)
				m.must(err)
			}
			cn.ask(fmt.Sprint("cn ", round))
		}
		m.now += 7 * minute
		for i := range m.sides {
			m.post(i)
			m.offices[i].Waiting(spoil)
			m.bring(1 - i)
		}
	}
	for i, s := range m.sides {
		st := s.state()
		if st.Held != [3]uint64{st.Own[0].Size, st.Own[1].Size, st.Own[2].Size} {
			t.Errorf("%s: they hold %v of %v", s.code, st.Held, st.Own)
		}
		t.Logf("%s posted %d files", s.code, m.offices[i].Count)
	}
	if n := len(cn.titles()); n != said+10 {
		t.Errorf("%d requests of %d", n, said+10)
	}
	m.verified()
	m.noIncidents()
}

// Spec: MAIL-7, MAIL-8. An old mail makes nobody seem alive, and takes nothing
// back of what was known.
func TestOldMailIsNotHeard(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	m.now += 31 * minute
	us.ask("one")
	m.post(0)
	m.now += 2 * minute
	m.post(0)
	var kept [][]byte
	m.offices[0].Waiting(func(files [][]byte) [][]byte { kept = slices.Clone(files); return files })
	m.bring(1)
	heard := func() int64 {
		line, err := cn.node.Line(m.ctx, cn.link)
		m.must(err)
		for _, h := range line.Heard {
			if h.Carrier == "mail" {
				return h.Time
			}
		}
		return 0
	}
	first := heard()
	m.now += 5 * 60 * minute
	m.offices[0].Waiting(func([][]byte) [][]byte { return kept })
	if m.bring(1) == 0 || first == 0 || heard() != first {
		t.Errorf("heard at %d, and again at %d", first, heard())
	}
	line, err := cn.node.Line(m.ctx, cn.link)
	m.must(err)
	if slices.Contains(line.Up, "mail") {
		t.Errorf("up: %v", line.Up)
	}
	m.noIncidents()
}

// Spec: MAIL-4, MAIL-6. Files that strangers seal to us, and what the partner
// may not say by mail.
func TestWhatMailMayNotSay(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	good := &contact.Turn{Realm: party.Real, From: us.link.Us, Stored: [3]statement.Size{{Size: 1 << 40}, {Size: 1 << 40}, {Size: 1 << 40}}}
	stranger := newPair(t).sides[0]
	put := func(s *side, t *contact.Turn, change func(*mail.Chunk)) {
		for _, file := range s.node.Files(s.link, cn.link, t, change) {
			m.must(m.offices[0].Post(m.ctx, carrier.Peer{}, file))
		}
	}
	put(stranger, good, none)
	put(stranger, good, func(c *mail.Chunk) { c.Writer, c.Reader = us.link.Us, us.link.Them })
	put(us, good, func(c *mail.Chunk) { c.Realm = party.Exercise })
	put(us, good, func(c *mail.Chunk) { c.Writer, c.Reader = c.Reader, c.Writer })
	m.must(m.offices[0].Post(m.ctx, carrier.Peer{}, []byte("a letter")))
	if m.bring(1) != 5 || len(cn.incidents()) != 0 {
		t.Fatalf("what anybody can make is kept: %v", cn.incidents())
	}
	line, err := cn.node.Line(m.ctx, cn.link)
	m.must(err)
	for _, h := range line.Heard {
		if h.Carrier == "mail" {
			t.Error("strangers are heard")
		}
	}
	for name, change := range map[string]func(*contact.Turn){
		"no hello": func(*contact.Turn) {},
		"outcome":  func(t *contact.Turn) { t.Hello, t.Outcome = []byte{1}, &contact.Outcome{Channel: 1} },
		"own":      func(t *contact.Turn) { t.Hello, t.Push = []byte{1}, &contact.Push{Channel: 1, Own: true} },
		"party":    func(t *contact.Turn) { t.From = us.link.Them },
		"hello":    func(t *contact.Turn) { t.Hello = []byte{1} },
	} {
		turn := *good
		change(&turn)
		put(us, &turn, none)
		before := len(cn.incidents())
		m.bring(1)
		if st := cn.state(); st.Held[2] > st.Own[2].Size || len(cn.incidents()) < before {
			t.Errorf("%s: they are believed to hold %v", name, st.Held)
		}
	}
	if len(cn.incidents()) == 0 {
		t.Error("what the partner signed and may not say is no incident")
	}
	cn.ask("still")
	m.talk()
	if !us.titles()["still"] {
		t.Error("the line is hurt")
	}
}

// Spec: MAIL-14, MAIL-15. A server that takes nothing is asked ever more seldom;
// with nothing to say a mail goes once an hour.
func TestMailRhythm(t *testing.T) {
	m := newMailed(t)
	us := m.sides[0]
	m.cut()
	us.ask("one")
	m.now += 31 * minute
	asked, closed := 0, true
	m.offices[0].Closed = func() bool { asked++; return closed }
	for range 60 * 6 {
		m.now += 10_000
		us.node.PostDue(m.ctx, us.link)
	}
	if asked < 5 || asked > 12 {
		t.Errorf("asked %d times in an hour", asked)
	}
	closed = false
	for range 24 * 60 {
		m.now += minute
		m.post(0)
		m.bring(1)
		m.post(1)
		m.bring(0)
	}
	if n := m.offices[0].Count; n < 24 || n > 32 {
		t.Errorf("%d files in a day on which little was said", n)
	}
	if list, err := us.node.Line(m.ctx, us.link); err != nil || !slices.ContainsFunc(list.Attempts, func(a node.Attempted) bool { return a.Carrier == "mail" && a.Code != "" }) {
		t.Errorf("the attempts are not kept: %v", err)
	}
	if state, err := us.node.Line(m.ctx, us.link); err != nil || state.State.Alarm || !slices.Contains(state.Up, "mail") {
		t.Errorf("%+v, up %v, %v", state.State, state.Up, err)
	}
}

// Spec: MAIL-13, ARR-14. The arrangement may name another time.
func TestMailAfterTheAgreedTime(t *testing.T) {
	m := &mailed{pair: newPairUnder(t, func(d *arrangement.Document) { d.Quotas.MailAfterMinutes, d.Quotas.MachineMinutes = 90, 7*24*60 })}
	m.offices = [2]*carriertest.Office{{}, {}}
	m.connect()
	m.cut()
	m.sides[0].ask("one")
	m.now += 80 * minute
	early := m.post(0)
	m.now += 11 * minute
	if m.post(0) == 0 || early != 0 {
		t.Errorf("%d files before the agreed time", early)
	}
}
