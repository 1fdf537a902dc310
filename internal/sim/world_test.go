package sim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/internal/store/memory"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/audit"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

type clear struct{}

func (clear) Seal(label string, b []byte) []byte          { return append([]byte(label+"\x00"), b...) }
func (clear) Open(label string, b []byte) ([]byte, error) { return b[len(label)+1:], nil }
func (clear) Tokens(string) [][16]byte                    { return nil }

type files map[[32]byte][]byte

type closer struct{ *bytes.Reader }

func (closer) Close() error { return nil }

func (f files) Put(want [32]byte, r io.Reader) error { _, err := f.Add(r); return err }
func (f files) Add(r io.Reader) ([32]byte, error) {
	b, err := io.ReadAll(r)
	f[sha256.Sum256(b)] = b
	return sha256.Sum256(b), err
}
func (f files) Open(s [32]byte) (io.ReadSeekCloser, error) { return closer{bytes.NewReader(f[s])}, nil }
func (f files) Has(s [32]byte) bool                        { return f[s] != nil }

type notes map[[32]byte]*link.Note

func (n notes) Read(id [32]byte) (*link.Note, error) { return n[id], nil }
func (n notes) Write(id [32]byte, note *link.Note, sync bool) error {
	n[id] = note
	return nil
}

type wire struct {
	to  func() *node.Node
	pin func() [32]byte
}

func (w wire) Exchange(ctx context.Context, p carrier.Peer, turn []byte) ([]byte, error) {
	return w.to().Turn(ctx, w.pin(), turn)
}
func (w wire) Fetch(ctx context.Context, p carrier.Peer, sealed [32]byte, off int64) (io.ReadCloser, error) {
	return w.to().Attachment(ctx, w.pin(), sealed)
}

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	now := int64(1_800_000_000_000)
	var nodes [2]*node.Node
	var officers [2]node.FileSigning
	codes := []string{"us", "cn"}
	var cardFiles [2][]byte
	var roots [2]*suite.SigningKey
	for i := range nodes {
		i := i
		pin := func() (p [32]byte) {
			links := nodes[i].Links()
			for _, l := range links {
				if l.Realm == party.Real {
					return l.Ours().TLS
				}
			}
			return
		}
		var err error
		nodes[i], err = node.Open(ctx, node.Options{Store: memory.New([16]byte{byte(i)}, memory.Faults{}), Vault: clear{},
			Signatures: suite.Signatures{}, Attachments: files{}, Notes: notes{}, Now: func() int64 { now += 5; return now },
			Log:  slog.New(slog.NewTextHandler(t.Output(), nil)),
			Dial: func(*node.Link) carrier.Dialler { return wire{func() *node.Node { return nodes[1-i] }, pin} }})
		if err != nil {
			t.Fatal(err)
		}
		pub, priv, _ := ed25519.GenerateKey(rand.Reader)
		officers[i] = node.FileSigning{Key: pub, Message: func(m []byte) []byte { return ed25519.Sign(priv, m) }}
		roots[i] = suite.NewSigningKey()
		profile := node.Profile{Code: codes[i], Names: [2]string{codes[i], codes[i]}, Archive: suite.NewSealingKey().Public(),
			NextRoot: suite.NewSigningKey().Public().Hash(),
			Officers: []party.Officer{{Algorithm: party.PersonEd25519, Key: pub, Role: "duty", Name: "Officer " + codes[i]}}}
		n := byte(0)
		cardFiles[i], err = nodes[i].ExportCard(ctx, codes[1-i], profile, roots[i], func() ([]byte, [32]byte, error) {
			n++
			return []byte{1}, sha256.Sum256([]byte{byte(i), n}), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var links [2]*node.Link
	for i := range nodes {
		var err error
		links[i], err = nodes[i].ImportCard(ctx, cardFiles[1-i], node.Ceremony{Fingerprint: party.ID(roots[1-i].Public().Hash()), Path: "in person", With: "x"}, officers[i])
		if err != nil {
			t.Fatal(err)
		}
	}
	contact := func(i int) {
		t.Helper()
		if err := nodes[i].Contact(ctx, links[i]); err != nil {
			t.Fatal(err)
		}
	}
	contact(0)
	contact(1)
	info := func(i int) arrangement.PartyInfo {
		return arrangement.PartyInfo{ID: links[i].Us.String(), Code: codes[i], Names: arrangement.Words{En: codes[i], Zh: codes[i]},
			Units:    []arrangement.Unit{{Code: "unit", Names: arrangement.Words{En: "Unit", Zh: "单位"}}},
			Roles:    []arrangement.Role{{Code: "duty", Names: arrangement.Words{En: "Duty officer", Zh: "值班员"}}},
			Calendar: sampleCalendar(t)}
	}
	doc, err := arrangement.Small(info(0), info(1))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := nodes[0].Propose(ctx, links[0], doc, officers[0])
	if err != nil {
		t.Fatal(err)
	}
	contact(0)
	if err := nodes[1].Sign(ctx, links[1], digest, officers[1]); err != nil {
		t.Fatal(err)
	}
	contact(1)
	st, _, _ := nodes[0].Control(ctx, links[0])
	for _, ig := range st.Ignored() {
		t.Log("ignored", ig.Kind.Name, ig.Err)
	}
	if st.Context(now).Arrangement == nil {
		t.Fatal("no arrangement in force")
	}
	d := st.Context(now).Arrangement
	_ = d
	body := &act.OpenBody{Marked: act.Marked{Handling: d.Handling[0].Code}, Type: "mitigation", Urgency: "urgent",
		Why: act.Text{Lang: "en", Text: "money moves tonight"}, Area: d.Areas[0].Code, FromUnit: "unit", ToUnit: "unit", Reference: "1",
		Title: act.Text{Lang: "en", Text: "BEC"}, Fields: sampleFields(t, d, "mitigation")}
	ref, err := nodes[0].Speak(ctx, links[0], act.RequestOpen, nil, nil, body, nil, officers[0])
	if err != nil {
		t.Fatal(err)
	}
	contact(0)
	err = nodes[1].Requests(ctx, links[1], func(f *node.Folded) bool {
		t.Logf("%+v", f.Thread)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range nodes {
		v, err := nodes[i].VerifyLogs(ctx, links[i], func(a, b uint64) {})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", v)
	}
	b, err := nodes[0].Disclose(ctx, links[0], true, statement.Routine, ref.Position, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := audit.Verify(b, [2]party.ID{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes %+v", len(b), f.Persons)
}

func sampleCalendar(t *testing.T) calendar.Calendar {
	week := calendar.Week{}
	nine := []calendar.Interval{{9 * 60, 17 * 60}}
	week.Monday, week.Tuesday, week.Wednesday, week.Thursday, week.Friday = nine, nine, nine, nine, nine
	from, _ := calendar.ParseInstant("2020-01-01T00:00:00Z")
	until, _ := calendar.ParseInstant("2040-01-01T00:00:00Z")
	return calendar.Calendar{From: from, Until: until, Offsets: []calendar.Offset{{At: from, Minutes: 0}}, Week: week}
}
