package node_test

import (
	"fmt"
	"strings"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// restoredByMail puts a backup of us back, after more was said by both; from then
// on there is only mail.
func (m *mailed) restoredByMail(lost func()) {
	m.t.Helper()
	us := m.sides[0]
	m.back(us, func() {
		us.start()
		m.connect()
		lost()
	})
	m.connect()
	m.cut()
}

// ready passes mail until us knows what it lost, and says after how many minutes.
func (m *mailed) ready(most int) int {
	m.t.Helper()
	for i := range most {
		if m.sides[0].state().State == "ready" {
			return i
		}
		m.minutes(1)
	}
	m.t.Fatalf("after %d minutes: %+v", most, m.sides[0].state())
	return 0
}

// A backup is put back while there is only mail: own entries come back, nothing
// that the partner said is missing in the end, and it goes on once the root says
// so. Spec: MAIL-8, MAIL-10, MAIL-24, MAIL-25, LNK-34 to LNK-37.
func TestRestoreByMail(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	us.ask("kept")
	m.talk()
	m.restoredByMail(func() {
		us.ask("lost")
		cn.ask("theirs")
		m.talk()
	})
	cn.ask("meanwhile") // nothing of it is delivered before it is ready
	t.Logf("ready after %d minutes, %d and %d files", m.ready(10), m.offices[0].Count, m.offices[1].Count)
	if st := us.state(); st.Modes[0][2] != 3 || st.Own[2] != cn.state().Theirs[2] || us.titles()["meanwhile"] {
		t.Fatalf("after the answer: %+v", st)
	}
	if _, err := us.tryAsk("under the old origin"); !fault.Is(err, rule.ContactFrozen) {
		t.Fatalf("writing to an ended log gives %v", err)
	}
	if _, err := us.node.Renew(m.ctx, us.link, node.RootSigning(us.root)); !fault.Is(err, rule.ContactRestore) {
		t.Fatalf("renewing before what was seen is there again gives %v", err)
	}
	m.minutes(3)
	if n, err := us.node.Recover(m.ctx, us.link, us.archive.PrivateKey); err != nil || n == 0 {
		t.Fatalf("%d acts recovered, %v", n, err)
	}
	if n, err := us.node.Renew(m.ctx, us.link, node.RootSigning(us.root)); err != nil || n == 0 {
		t.Fatalf("%d logs renewed, %v", n, err)
	}
	us.ask("afterwards")
	m.now += 31 * minute
	m.minutes(10)
	for _, s := range m.sides {
		for _, title := range []string{"kept", "lost", "theirs", "meanwhile", "afterwards"} {
			if !s.titles()[title] {
				t.Errorf("%s has no request %q", s.code, title)
			}
		}
	}
	m.verified()
	m.noIncidents()
	if files := m.minutes(20); files[0]+files[1] > 2 {
		t.Errorf("%v files when all had come", files)
	}
	m.restored()
	m.talk()
	m.verified()
}

// A node that stopped in order goes on by itself, and what it lost of the partner
// comes also when the partner is started anew meanwhile. Spec: MAIL-25, LNK-36.
func TestRestoreCleanByMail(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	us.ask("kept")
	m.talk()
	m.restoredByMail(func() {
		us.ask("lost")
		cn.ask("theirs")
		m.talk()
		m.must(us.node.Stop())
	})
	m.ready(10)
	if st := us.state(); st.Modes[0] != [3]uint8{} || st.Own[2].Generation != 0 {
		t.Fatalf("a clean note that agrees does not let it go on: %+v", st)
	}
	m.minutes(2) // it says so
	m.startsCut(cn)
	m.now += 31 * minute
	m.minutes(5)
	_, err := us.node.Recover(m.ctx, us.link, us.archive.PrivateKey)
	m.must(err)
	for _, title := range []string{"kept", "lost", "theirs"} {
		if !us.titles()[title] {
			t.Errorf("no request %q", title)
		}
	}
	m.verified()
	m.noIncidents()
}

// More is given back than goes at a time, mails are lost and come twice and in
// any order, and the restored node is killed in the middle.
// Spec: MAIL-24, LNK-34.
func TestRestoreMuchByMail(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	us.ask("kept")
	m.talk()
	long := strings.Repeat("字", 15_000)
	m.restoredByMail(func() {
		for i := range 170 {
			_, err := us.tryAskAbout(fmt.Sprint("lost ", i), long)
			m.must(err)
		}
		m.talk()
	})
	spoils := 0
	for minutes := 0; us.state().State != "ready"; minutes++ {
		if minutes > 120 {
			t.Fatalf("after two hours: %+v", us.state())
		}
		m.now += minute
		for i := range m.sides {
			m.post(i)
			m.offices[i].Waiting(func(files [][]byte) (out [][]byte) {
				for j, f := range files {
					switch (spoils + j) % 7 {
					case 3: // lost
					case 5:
						out = append(out, f, f)
					default:
						out = append(out, f)
					}
				}
				spoils++
				if len(out) > 1 {
					out[0], out[1] = out[1], out[0]
				}
				return out
			})
		}
		for i := range m.sides {
			m.bring(i)
		}
		if minutes == 10 {
			m.startsCut(us)
		}
	}
	if a, b := us.state().Own[2], cn.state().Theirs[2]; a != b {
		t.Errorf("us has %v, the partner %v", a, b)
	}
	t.Logf("%d files of the partner", m.offices[1].Count)
	m.noIncidents()
}

func none(*mail.Chunk) {}

// What only a restored node may say is refused of another, and what is given
// back to one that did not lose it is passed over. Spec: MAIL-6, MAIL-24.
func TestWantByMailOfTheReady(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	us.ask("one")
	m.talk()
	m.cut()
	m.now += minute
	turn := &contact.Turn{Realm: party.Real, From: us.link.Us, Want: [3]bool{false, false, true}, Hello: us.node.Hello(m.ctx, us.link)}
	for _, file := range us.node.Files(us.link, cn.link, turn, none) {
		m.must(m.offices[0].Post(m.ctx, carrier.Peer{}, file))
	}
	m.bring(1)
	if list := cn.incidents(); len(list) != 1 || !strings.Contains(list[0], string(fault.ContactTurn)) {
		t.Errorf("incidents: %v", list)
	}
	m.now += 10 * minute
	if n := m.post(1); n > 0 {
		t.Errorf("%d files are given back", n)
	}
	held := us.state().Own
	turn = &contact.Turn{Realm: party.Real, From: cn.link.Us, Hello: cn.node.Hello(m.ctx, cn.link),
		Push: &contact.Push{Own: true, Channel: statement.Routine, Entries: []contact.Entry{{Leaf: []byte("leaf")}}}}
	for _, file := range cn.node.Files(cn.link, us.link, turn, none) {
		m.must(m.offices[1].Post(m.ctx, carrier.Peer{}, file))
	}
	if m.bring(0); us.state().Own != held || len(us.incidents()) > 0 {
		t.Errorf("given back unasked: %v, %v", us.state().Own, us.incidents())
	}
}
