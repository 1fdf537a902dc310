package node_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/mail"
)

// minutes passes mail to and fro for so many minutes, and says how many files
// each side posted.
func (m *mailed) minutes(n int) (files [2]int) {
	m.t.Helper()
	before := [2]int{m.offices[0].Count, m.offices[1].Count}
	for range n {
		m.pass(minute)
	}
	return [2]int{m.offices[0].Count - before[0], m.offices[1].Count - before[1]}
}

// sends has a side open a request with a file of so many bytes.
func (s *side) sends(title string, size int) []byte {
	s.p.t.Helper()
	content := make([]byte, size)
	random := rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%-32s", title))))
	_, err := io.ReadFull(random, content)
	s.p.must(err)
	_, err = s.askWith(title, node.File{Name: title, Media: "application/octet-stream", Content: bytes.NewReader(content)})
	s.p.must(err)
	return content
}

// whole lists the attachments that a side keeps, by their length, and begun how
// many bytes of others.
func (s *side) whole() (count int, begun int64) {
	s.p.t.Helper()
	s.p.must(filepath.WalkDir(s.folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if strings.HasPrefix(d.Name(), "begun-") {
			begun += info.Size()
		} else {
			count++
		}
		return err
	}))
	return count, begun
}

// pieces counts the files of the largest size that the first side posted.
func (m *mailed) pieces() (n int) {
	for _, size := range m.offices[0].Sizes() {
		if size == mail.MaxFile {
			n++
		}
	}
	return n
}

// reads checks that a side can read the one file of each request.
func (s *side) reads(want map[string][]byte) {
	s.p.t.Helper()
	read := 0
	err := s.node.Requests(s.p.ctx, s.link, func(f *node.Folded) bool {
		for _, list := range f.Entries {
			for _, e := range list {
				if e.Act == nil {
					continue
				}
				for _, a := range e.Act.Attachments {
					var got bytes.Buffer
					if err := s.node.ReadAttachment(a, &got); err != nil || !bytes.Equal(got.Bytes(), want[a.Name]) {
						s.p.t.Errorf("%s: %d bytes, %v", a.Name, got.Len(), err)
					}
					read++
				}
			}
		}
		return true
	})
	s.p.must(err)
	if read != len(want) {
		s.p.t.Errorf("%d attachments of %d", read, len(want))
	}
}

// Attachments of several pieces go by mail, behind the act that announces them,
// each piece once; more is asked for when what was asked for has come, and the
// receipt goes back. Spec: MAIL-16, MAIL-19 to MAIL-23.
func TestAttachmentByMail(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	want := map[string][]byte{"large": us.sends("large", 10*mail.Part), "small": us.sends("small", 9)}
	if n := m.minutes(20); n != [2]int{} {
		t.Errorf("%v files in twenty minutes", n)
	}
	m.now += 15 * minute
	n := m.minutes(12)
	cn.reads(want)
	if n[0] < 12 || n[0] > 16 {
		t.Errorf("eleven pieces and little besides in %d files", n[0])
	}
	t.Logf("by mail: us %d files, cn %d", n[0], n[1])
	if st := us.state(); st.Held[2] != st.Own[2].Size || st.Theirs[2] != cn.state().Own[2] {
		t.Errorf("the receipts did not come back: %+v", st)
	}
	if n := m.minutes(30); n[0]+n[1] > 2 {
		t.Errorf("%v files when all had come", n)
	}
	m.restored()
	m.talk()
	m.must(cn.node.FetchAll(m.ctx, cn.link))
	if whole, begun := cn.whole(); whole != 2 || begun != 0 {
		t.Errorf("%d attachments, %d bytes of others", whole, begun)
	}
	m.verified()
	m.noIncidents()
}

// startsCut has a node that was killed start again, with the line still cut.
func (m *mailed) startsCut(s *side) {
	m.t.Helper()
	s.start()
	m.connect()
	if s.node.Contact(m.ctx, s.link) == nil {
		m.t.Fatal("the line is not cut")
	}
}

// A mail of each kind is lost, and the receiver killed in the middle: what is
// kept is not asked for again. Spec: MAIL-21, MAIL-22.
func TestAttachmentByMailResumed(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	m.now += 31 * minute
	want := map[string][]byte{"file": us.sends("file", 10*mail.Part-100)}
	m.post(0)
	m.bring(1)
	m.post(1) // the question
	m.offices[1].Waiting(func([][]byte) [][]byte { return nil })
	if m.now += 5 * minute; m.post(1) > 0 {
		t.Error("asked again after five minutes")
	}
	m.now += 6 * minute
	m.post(1)
	m.bring(0)
	if n := m.post(0); n != 8 {
		t.Fatalf("%d files for a question", n)
	}
	var rest [][]byte
	m.offices[0].Waiting(func(files [][]byte) [][]byte {
		rest = files[5:]
		return append(slices.Clone(files[:2]), files[3:5]...) // the third is lost
	})
	m.bring(1)
	if whole, begun := cn.whole(); whole != 0 || begun != 2*mail.Part {
		t.Fatalf("%d whole, %d bytes begun", whole, begun)
	}
	m.startsCut(cn) // killed: what came ahead is gone
	m.offices[0].Waiting(func([][]byte) [][]byte { return rest })
	m.bring(1)
	m.now += 1000
	m.post(1)
	m.bring(0)
	m.post(0)
	if n := m.pieces(); n != 8+5 {
		t.Errorf("%d pieces were posted, not ten, the lost one, and two that were not kept", n)
	}
	m.bring(1)
	cn.reads(want)
	m.now += minute
	m.minutes(5)
	if st := us.state(); st.Theirs[2] != cn.state().Own[2] {
		t.Error("the receipt did not come back")
	}
	m.noIncidents()
}

// A call, and an act, do not wait for pieces; what a call announces does not wait
// for routine; and nothing is posted once the direct line is back.
// Spec: MAIL-12, MAIL-23.
func TestAttachmentByMailGivesWay(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	m.now += 31 * minute
	us.sends("file", 12*mail.Part)
	m.post(0)
	m.bring(1)
	m.post(1)
	m.bring(0)
	posted := 0
	m.offices[0].Closed = func() bool { // a piece is under way
		if posted++; posted == 3 {
			m.must(us.node.OpenHotline(m.ctx, us.link))
			m.offices[0].Closed = nil
			if _, err := us.node.PostDue(m.ctx, us.link); err != nil {
				t.Error(err)
			}
			sizes := m.offices[0].Sizes()
			if got := sizes[len(sizes)-1]; got == mail.MaxFile || len(sizes) < 4 {
				t.Errorf("a call waits behind pieces: %v", sizes)
			}
			m.restored()
			m.must(us.node.Contact(m.ctx, us.link))
		}
		return false
	}
	m.post(0)
	if n := m.pieces(); n != 3 { // with the one that was under way
		t.Errorf("%d pieces: %v", n, m.offices[0].Sizes())
	}
	m.bring(1)
	m.bring(0)
	if n := m.minutes(20); n != [2]int{} {
		t.Errorf("%v files when the line was back", n)
	}
	m.must(cn.node.FetchAll(m.ctx, cn.link))
	if whole, _ := cn.whole(); whole != 1 {
		t.Error("the direct line does not bring the rest")
	}
	m.noIncidents()
}

// What is attached in a call goes at once, before what a request announced
// earlier. Spec: MAIL-22.
func TestAttachmentOfACallByMail(t *testing.T) {
	t.Parallel()
	m := newMailedUnder(t, withHotline)
	us, cn := m.sides[0], m.sides[1]
	us.call()
	m.talk()
	us.sends("of a request", 3*mail.Part)
	m.talk() // announced, and not fetched
	cn.climb()
	cn.tell(act.CallAccept, cn.accept())
	m.talk()
	m.cut()
	ref := us.theCall().Ref(us.link)
	_, err := us.node.Speak(m.ctx, us.link, act.CallSay, &ref, nil, say("look"),
		[]node.File{{Name: "shot", Media: "image/png", Content: bytes.NewReader(make([]byte, mail.Part))}}, us.officer)
	m.must(err)
	m.post(0)
	m.bring(1)
	m.post(1)
	m.bring(0)
	m.post(0)
	m.bring(1)
	if whole, begun := cn.whole(); whole != 1 || begun != 0 {
		t.Fatalf("%d whole, %d bytes of others", whole, begun)
	}
	m.minutes(10)
	if whole, _ := cn.whole(); whole != 1 {
		t.Error("what a request announced did not wait")
	}
	m.now += 25 * minute
	m.minutes(5)
	if whole, _ := cn.whole(); whole != 2 {
		t.Error("what a request announced did not come")
	}
	m.noIncidents()
}

// More than goes by mail waits for the direct line; so does what is not asked
// for, and a question that is repeated has nothing posted. Spec: MAIL-16, MAIL-21.
func TestAttachmentByMailBounds(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	m.now += 31 * minute
	cn.node.MailContent = 3 * mail.Part
	us.sends("more", 3*mail.Part)
	m.minutes(15)
	if whole, begun := cn.whole(); whole != 0 || begun != 0 {
		t.Errorf("%d whole, %d begun of what is too large", whole, begun)
	}
	us.sends("some", 2*mail.Part)
	m.now += minute
	m.post(0)
	m.bring(1)
	m.post(1)
	var question [][]byte
	m.offices[1].Waiting(func(files [][]byte) [][]byte { question = slices.Clone(files); return files })
	m.bring(0)
	if m.post(0) == 0 || m.bring(1) == 0 {
		t.Fatal("nothing was asked for")
	}
	if whole, _ := cn.whole(); whole != 1 {
		t.Errorf("%d whole", whole)
	}
	m.minutes(3)
	m.offices[1].Waiting(func([][]byte) [][]byte { return question })
	m.bring(0)
	if n := m.post(0); n > 0 {
		t.Errorf("%d files for a question of before", n)
	}
	m.startsCut(us)
	m.offices[1].Waiting(func([][]byte) [][]byte { return question })
	m.bring(0)
	before := m.pieces()
	if m.post(0); m.pieces() != before {
		t.Error("a question of before the start has pieces posted")
	}
	m.noIncidents()
}

// A partner that sends other bytes than it announced is not asked again by mail,
// and hides nothing that is good. Spec: MAIL-19, MAIL-21, CON-18.
func TestAttachmentByMailSpoilt(t *testing.T) {
	m := newMailed(t)
	us, cn := m.sides[0], m.sides[1]
	m.cut()
	m.now += 31 * minute
	us.sends("bad", 2*mail.Part)
	m.post(0)
	m.bring(1)
	m.must(filepath.WalkDir(us.folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var raw []byte
			if raw, err = os.ReadFile(path); err == nil {
				raw[7] ^= 1
				err = os.WriteFile(path, raw, 0o600)
			}
		}
		return err
	}))
	m.minutes(5)
	if whole, begun := cn.whole(); whole != 0 || begun != 0 {
		t.Errorf("%d whole, %d begun", whole, begun)
	}
	if list := cn.incidents(); len(list) != 1 {
		t.Errorf("incidents: %v", list)
	}
	sent := m.offices[0].Count
	good := us.sends("good", 2*mail.Part)
	m.minutes(60)
	if whole, _ := cn.whole(); whole != 1 {
		t.Error("what is good did not come")
	}
	if n := m.offices[0].Count - sent; n > 8 {
		t.Errorf("%d files (%d bytes of them good)", n, len(good))
	}
}
