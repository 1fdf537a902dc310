package node_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/internal/store/folder"
	"parley.example/internal/store/memory"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/contact"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// pair is two nodes with nothing between them but function calls, and a clock
// that only tests move.
type pair struct {
	t        testing.TB
	ctx      context.Context
	now      int64
	sides    [2]*side
	document []byte                      // the arrangement in force
	change   func(*arrangement.Document) // of the small arrangement, before it is signed
}

type side struct {
	p       *pair
	code    string
	store   *memory.Store
	notes   *noteBook
	files   *folder.Attachments
	folder  string
	root    *suite.SigningKey
	archive suite.SealingKey
	officer node.FileSigning
	profile node.Profile
	node    *node.Node
	link    *node.Link
	vault   node.Vault          // nil: one that seals nothing and has no tokens
	deaf    bool                // it hears nothing: dialling it fails
	dialing sync.Mutex          // its links dial at once
	sent    []byte              // the newest turn that it dialled with
	tamper  func(*contact.Turn) // of what it answers
	wrap    store.Store         // in front of store; nil: nothing
	signer  func(seed [64]byte) suite.Signer
	misses  func(*contact.Turn) // of what it is sent
	alarms  []node.AlarmEvent
	config  [32]byte
}

// clear is a vault that seals nothing: what is tested here is not the vault.
type clear struct{}

func (clear) Seal(_ string, plain []byte) []byte           { return append([]byte{}, plain...) }
func (clear) Open(_ string, sealed []byte) ([]byte, error) { return sealed, nil }
func (clear) Tokens(string) [][16]byte                     { return nil }

// noteBook keeps notes in memory.
type noteBook struct {
	mu   sync.Mutex
	kept map[[32]byte][]byte
}

func (b *noteBook) Read(id [32]byte) (*link.Note, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if raw, ok := b.kept[id]; ok {
		return link.DecodeNote(raw)
	}
	return nil, nil
}

func (b *noteBook) Write(id [32]byte, note *link.Note, _ bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept[id] = note.Encode()
	return nil
}

func newPair(t testing.TB) *pair {
	t.Helper()
	return newPairUnder(t, nil)
}

// newPairUnder is a pair under the small arrangement with a change.
func newPairUnder(t testing.TB, change func(*arrangement.Document)) *pair {
	t.Helper()
	p := &pair{change: change, t: t, ctx: t.Context(), now: 1_800_000_000_000}
	for i, code := range []string{"us", "cn"} {
		kept := t.TempDir()
		files, err := folder.NewAttachments(kept)
		p.must(err)
		personal := suite.NewSigningKey()
		public := personal.Public().Ed25519
		s := &side{p: p, code: code, store: memory.New([16]byte{byte(i + 1)}, memory.Faults{}), notes: &noteBook{kept: map[[32]byte][]byte{}},
			files: files, folder: kept, root: suite.NewSigningKey(), archive: suite.NewSealingKey(),
			officer: node.FileSigning{Key: public[:], Message: personal.Ed25519}}
		s.profile = node.Profile{Code: code, Names: [2]string{code, code}, Archive: s.archive.Public(), NextRoot: suite.NewSigningKey().Public().Hash(),
			Officers: []party.Officer{{Algorithm: party.PersonEd25519, Key: public[:], Role: "duty", Name: "Officer of " + code}}}
		p.sides[i] = s
		s.start()
	}
	p.found()
	return p
}

func (p *pair) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// found exchanges cards and puts the small arrangement in force.
func (p *pair) found() {
	p.t.Helper()
	var files [2][]byte
	for i, s := range p.sides {
		drawn := byte(0)
		file, err := s.node.ExportCard(p.ctx, p.sides[1-i].code, s.profile, s.root, func() ([]byte, [32]byte, error) {
			drawn++
			return []byte{drawn}, sha256.Sum256([]byte{byte(i), drawn}), nil
		})
		p.must(err)
		files[i] = file
	}
	for i, s := range p.sides {
		var err error
		s.link, err = s.node.ImportCard(p.ctx, files[1-i], node.Ceremony{Fingerprint: party.ID(p.sides[1-i].root.Public().Hash()),
			Path: "in person", With: p.sides[1-i].code}, s.officer)
		p.must(err)
	}
	p.talk()
	document, err := arrangement.Small(p.sides[0].info(), p.sides[1].info())
	p.must(err)
	if p.change != nil {
		changed, err := arrangement.Parse(document)
		p.must(err)
		p.change(changed)
		document, err = act.WriteBody(changed)
		p.must(err)
	}
	p.document = document
	digest, err := p.sides[0].node.Propose(p.ctx, p.sides[0].link, document, p.sides[0].officer)
	p.must(err)
	p.talk()
	p.must(p.sides[1].node.Sign(p.ctx, p.sides[1].link, digest, p.sides[1].officer))
	p.talk()
}

func (s *side) info() arrangement.PartyInfo {
	day := []calendar.Interval{{9 * 60, 17 * 60}}
	from, _ := calendar.ParseInstant("2020-01-01T00:00:00Z")
	until, _ := calendar.ParseInstant("2040-01-01T00:00:00Z")
	return arrangement.PartyInfo{ID: s.link.Us.String(), Code: s.code, Names: arrangement.Words{En: s.code, Zh: s.code},
		Units: []arrangement.Unit{{Code: "cyber", Names: arrangement.Words{En: "Unit", Zh: "单位"}}},
		Roles: []arrangement.Role{{Code: "duty", Names: arrangement.Words{En: "Duty officer", Zh: "值班员"}}},
		Calendar: calendar.Calendar{From: from, Until: until, Offsets: []calendar.Offset{{At: from}},
			Week: calendar.Week{Monday: day, Tuesday: day, Wednesday: day, Thursday: day, Friday: day}}}
}

func (s *side) other() *side {
	if s == s.p.sides[0] {
		return s.p.sides[1]
	}
	return s.p.sides[0]
}

// start opens a node on what the store and the notes hold.
func (s *side) start() {
	s.p.t.Helper()
	s.store.Reopen()
	var kept store.Store = s.store
	if s.wrap != nil {
		kept = s.wrap
	}
	n, err := node.Open(s.p.ctx, node.Options{Store: kept, Vault: cmp.Or[node.Vault](s.vault, clear{}), Signatures: suite.Signatures{}, Signer: s.signer, Attachments: s.files, Notes: s.notes,
		Now: func() int64 { return s.p.now }, Log: slog.New(slog.DiscardHandler), Dial: func(l *node.Link) carrier.Dialler {
			l.Peer() // as a carrier asks
			return wire{s}
		},
		Config: s.config, Alarm: func(e node.AlarmEvent) { s.alarms = append(s.alarms, e) }})
	s.p.must(err)
	s.node = n
	if s.link != nil {
		s.link, err = n.Link(s.other().code, party.Real)
		s.p.must(err)
	}
}

// wire carries turns to the other side.
type wire struct{ from *side }

func (w wire) Exchange(ctx context.Context, _ carrier.Peer, raw []byte) ([]byte, error) {
	to := w.from.other()
	w.from.dialing.Lock()
	w.from.sent = raw
	w.from.dialing.Unlock()
	if to.deaf {
		return nil, fmt.Errorf("nobody there")
	}
	pin := w.from.pin(raw)
	if to.misses != nil {
		turn, err := contact.DecodeTurn(raw)
		if err != nil {
			return nil, err
		}
		to.misses(turn)
		raw = turn.Encode()
	}
	answer, err := to.node.Turn(ctx, pin, raw)
	if err == nil && to.tamper != nil {
		var turn *contact.Turn
		if turn, err = contact.DecodeTurn(answer); err == nil {
			to.tamper(turn)
			answer = turn.Encode()
		}
	}
	return answer, err
}

// pin is the connecting key of the realm that a turn is of.
func (s *side) pin(raw []byte) [32]byte {
	turn, err := contact.DecodeTurn(raw)
	s.p.must(err)
	for _, l := range s.node.Links() {
		if l.Realm == turn.Realm {
			return l.Ours().TLS
		}
	}
	return [32]byte{}
}

func (w wire) Fetch(ctx context.Context, _ carrier.Peer, sealed [32]byte, offset int64) (io.ReadCloser, error) {
	content, err := w.from.other().node.Attachment(ctx, w.from.link.Ours().TLS, sealed)
	if err == nil {
		_, err = content.Seek(offset, io.SeekStart)
	}
	return content, err
}

// talk has both sides dial until nothing is left to say.
func (p *pair) talk() {
	p.t.Helper()
	for range 4 {
		for _, s := range p.sides {
			p.now += 1500
			p.must(s.node.Contact(p.ctx, s.link))
		}
	}
}

// ask opens a request, and gives the place of its opening.
func (s *side) ask(title string) node.Ref {
	s.p.t.Helper()
	ref, err := s.tryAsk(title)
	s.p.must(err)
	return ref
}

func (s *side) tryAsk(title string) (node.Ref, error) { return s.askWith(title) }

// askWith opens a request with files attached.
func (s *side) askWith(title string, files ...node.File) (node.Ref, error) {
	s.p.now += 1000
	return s.askNow(title, files...)
}

// askNow leaves the clock alone, which others may be reading.
func (s *side) askNow(title string, files ...node.File) (node.Ref, error) {
	return s.tryAskAbout(title, "words", files...)
}

func (s *side) tryAskAbout(title, facts string, files ...node.File) (node.Ref, error) {
	text := json.RawMessage(`"words"`)
	body := &act.OpenBody{Type: "incident", Urgency: "routine", Area: "ip-theft", FromUnit: "cyber", ToUnit: "cyber", Reference: "R",
		Marked: act.Marked{Handling: "H1"}, Title: act.Text{Lang: "en", Text: title},
		Fields: map[string]json.RawMessage{"own-reference": text, "authority": text, "offence": text, "facts": json.RawMessage(`"` + facts + `"`),
			"class": json.RawMessage(`"fraud"`), "wanted": text, "purpose": text, "period": json.RawMessage(`{"from":"2026-06-14T07:41:00Z","to":"2026-06-14T16:00:00Z"}`),
			"identifiers": json.RawMessage(`[{"kind":"ip","value":"198.51.100.143"}]`), "earlier": json.RawMessage(`false`),
			"confidential": json.RawMessage(`false`), "contact": json.RawMessage(`{"name":"A","phone":"+1"}`), "confirmer": json.RawMessage(`{"name":"B","phone":"+2"}`)}}
	return s.node.Speak(s.p.ctx, s.link, act.RequestOpen, nil, nil, body, files, s.officer)
}

// titles lists the requests that a side shows, by title.
func (s *side) titles() map[string]bool {
	s.p.t.Helper()
	list := map[string]bool{}
	err := s.node.Requests(s.p.ctx, s.link, func(f *node.Folded) bool {
		for _, side := range f.Entries {
			for _, e := range side {
				if open, ok := e.Body.(*act.OpenBody); ok && e.Fault == nil {
					list[open.Title.Text] = true
				}
			}
		}
		return true
	})
	s.p.must(err)
	return list
}

// state is whether the link is ready or restoring.
func (s *side) state() node.LinkStatus {
	s.p.t.Helper()
	st, err := s.node.LinkStatus(s.p.ctx, s.link)
	s.p.must(err)
	return st
}

// verified computes all logs anew on both sides; they must be the same logs.
func (p *pair) verified() {
	p.t.Helper()
	var roots [2]map[string]string
	for i, s := range p.sides {
		roots[i] = map[string]string{}
		list, err := s.node.VerifyLogs(p.ctx, s.link, func(uint64, uint64) {})
		p.must(err)
		for _, v := range list {
			writer := s.code
			if !v.Own {
				writer = s.other().code
			}
			roots[i][fmt.Sprint(writer, v.Channel)] = fmt.Sprint(v.Generation, v.Entries, v.Root)
		}
	}
	for log, root := range roots[0] {
		if roots[1][log] != root {
			p.t.Errorf("log %s: %s has %s, %s has %s", log, p.sides[0].code, root, p.sides[1].code, roots[1][log])
		}
	}
}

func (s *side) incidents() []string {
	s.p.t.Helper()
	list, err := s.node.Incidents(s.p.ctx)
	s.p.must(err)
	var texts []string
	for _, i := range list {
		texts = append(texts, i.Text)
	}
	return texts
}

// firstTurn is what a side would deliver now, while nobody hears it.
func (s *side) firstTurn() []byte {
	s.p.t.Helper()
	s.other().deaf = true
	defer func() { s.other().deaf = false }()
	if s.node.Contact(s.p.ctx, s.link) == nil {
		s.p.t.Fatal("a deaf partner answered")
	}
	return s.sent
}

func ref(r statement.Ref) *statement.Ref { return &r }

func say(text string) *act.SayBody {
	return &act.SayBody{Marked: act.Marked{Handling: "H1"}, Said: act.Text{Lang: "en", Text: text}}
}
