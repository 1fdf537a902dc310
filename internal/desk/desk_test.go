package desk

import (
	"bytes"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

const canary = "the-judge-was-reluctant"

func keep(t *testing.T, words string) Private {
	t.Helper()
	p, err := Keep(words)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Spec: DSK-4. Whatever is done with private text but asking for its words, the
// words do not come out: by value, by pointer, inside the desk's own types.
func TestPrivateIsCovered(t *testing.T) {
	p := keep(t, canary)
	d := &Dossier{Notes: []Note{{By: p, Text: p}}, Tasks: []Task{{Text: p, For: p, By: p}}, Assigned: Assignment{To: p, By: p}}
	r := Result{Check: "judge", Note: p}
	s := Standing{Check: &Check{Names: Words{p, p}, Help: Words{p, p}}, By: []Said{{Note: p}}}
	for _, v := range []any{p, &p, d, *d, r, &r, s, struct{ hidden Private }{p}, []Private{p}, map[string]Private{"a": p}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s of %T shows it: %s", verb, v, out)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		if strings.Contains(log.String(), canary) {
			t.Errorf("a log shows %T: %s", v, log.String())
		}
		for name, encode := range map[string]func(any) ([]byte, error){"json": json.Marshal, "ijson": ijson.Encode, "xml": xml.Marshal,
			"gob": func(v any) ([]byte, error) {
				var b bytes.Buffer
				err := gob.NewEncoder(&b).Encode(v)
				return b.Bytes(), err
			}} {
			if out, _ := encode(v); bytes.Contains(out, []byte(canary)) {
				t.Errorf("%s of %T shows it: %s", name, v, out)
			}
		}
	}
	for name, f := range map[string]func() ([]byte, error){"json": p.MarshalJSON, "text": p.MarshalText, "binary": p.MarshalBinary,
		"ijson": func() ([]byte, error) { return ijson.Encode(d) }} {
		if out, err := f(); !fault.Is(err, rule.DeskPrivate) || len(out) > 0 {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
	var _ encoding.TextMarshaler = p
	if p.Words() != canary || (Private{}).Words() != "" || !(Private{}).Blank() {
		t.Error("its words are not what was kept")
	}
}

// Spec: DSK-6.
func TestBounds(t *testing.T) {
	for _, words := range []string{"", " \n", "a\x1b[31m", "a\u202eb", string([]byte{0xff}), strings.Repeat("a", MaxText+1)} {
		if _, err := Keep(words); !fault.Is(err, rule.DeskText) {
			t.Errorf("%.10q: %v", words, err)
		}
	}
	keep(t, strings.Repeat("a", MaxText))
	d := &Dossier{}
	for range MaxNotes {
		if err := d.AddNote("", "n", 1); err != nil {
			t.Fatal(err)
		}
	}
	for range MaxTasks {
		if _, err := d.AddTask("", "t", "", 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.AddNote("", "n", 1); !fault.Is(err, rule.DeskFull) {
		t.Error(err)
	}
	if _, err := d.AddTask("", "t", "", 0, 1); !fault.Is(err, rule.DeskFull) {
		t.Error(err)
	}
	for _, err := range []error{d.AddNote("\x00", "n", 1), d.Assign("\x00", "", 1), d.Assign("", "\x00", 1)} {
		if !fault.Is(err, rule.DeskText) {
			t.Error(err)
		}
	}
}

// Spec: none, because how a dossier counts its tasks leaves no node.
func TestDossier(t *testing.T) {
	d := &Dossier{}
	for i, text := range []string{"call the court", "translate"} {
		if n, err := d.AddTask("a", text, "b", 5, 1); err != nil || n != i+1 {
			t.Fatal(n, err)
		}
	}
	if !d.Concerns("b") || d.Concerns("c") || d.Open() != 2 {
		t.Error("tasks of b")
	}
	for _, n := range []int{0, 3, -1} {
		if err := d.Done(n, 9); !fault.Is(err, rule.DeskNoTask) {
			t.Error(n, err)
		}
	}
	for _, at := range []int64{9, 10} { // a second time changes nothing
		if err := d.Done(1, at); err != nil || d.Tasks[0].Done != 9 {
			t.Error(err, d.Tasks[0].Done)
		}
	}
	if err := d.Done(2, 9); err != nil || d.Concerns("b") || d.Open() != 0 {
		t.Error(err, "nothing is b's any more")
	}
	if err := d.Assign("c", "a", 11); err != nil || !d.Concerns("c") {
		t.Error(err)
	}
	if err := d.Assign("", "a", 12); err != nil || d.Concerns("c") || d.Assigned.At != 12 {
		t.Error(err)
	}
}

// Spec: DSK-5. What is kept is what the sealing made of it, and comes back the
// same.
func TestKept(t *testing.T) {
	var shown []byte
	seal := func(plain []byte) []byte {
		shown = bytes.Clone(plain)
		out := bytes.Clone(plain)
		for i := range out {
			out[i] ^= 0x55
		}
		return out
	}
	open := func(sealed []byte) ([]byte, error) { return seal(sealed), nil }
	d := &Dossier{}
	if err := d.AddNote("key", canary+"\n二", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := d.AddTask("key", canary, "other", 7, 2); err != nil {
		t.Fatal(err)
	}
	if err := d.Done(1, 9); err != nil {
		t.Fatal(err)
	}
	if err := d.Assign("other", "key", 3); err != nil {
		t.Fatal(err)
	}
	sealed, err := d.Seal(seal)
	if err != nil || bytes.Contains(sealed, []byte(canary)) || !bytes.Contains(shown, []byte(canary)) {
		t.Fatalf("%q, %v", sealed, err)
	}
	again, err := OpenDossier(sealed, open)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := again.Seal(seal); err != nil || !bytes.Equal(back, sealed) {
		t.Errorf("%q, %v", shown, err)
	}
	x := again.Tasks[0]
	if again.Notes[0].Text.Words() != canary+"\n二" || x.For.Words() != "other" || x.Due != 7 || x.Done != 9 || again.Assigned.To.Words() != "other" {
		t.Errorf("%+v", again)
	}
	r := &Result{Check: "judge", Verdict: Refused, At: 4, Note: keep(t, canary), Officer: "key", Algorithm: 1, Signature: []byte{1, 2}}
	if sealed, err = r.Seal(seal); err != nil || bytes.Contains(sealed, []byte(canary)) {
		t.Fatal(err)
	}
	s, err := OpenResult(sealed, open)
	if err != nil || s.Verdict != Refused || s.Note.Words() != canary || !bytes.Equal(s.Signature, r.Signature) || s.At != 4 || s.Officer != "key" {
		t.Errorf("%+v, %v", s, err)
	}
	bad := fault.New(rule.VaultDamaged)
	if _, err := OpenResult(sealed, func([]byte) ([]byte, error) { return nil, bad }); !fault.Is(err, rule.VaultDamaged) {
		t.Error(err)
	}
	if _, err := OpenDossier(sealed, open); err == nil {
		t.Error("a result is read as a dossier")
	}
}

// Spec: DSK-12. The text is as the page shows it, and every part of what it is
// for changes it.
func TestText(t *testing.T) {
	c := &Check{Code: "judge", Digest: [32]byte{9}}
	x := Release{Realm: 1, Ours: [32]byte{1}, Theirs: [32]byte{2}, Request: "us-1", Kind: "request.answer", Content: [32]byte{3}}
	r := Result{Check: "judge", Verdict: Passed, At: 7, Note: keep(t, "order 12")}
	text := x.Text(c, &r)
	in := octet.NewReader(text)
	if tag := in.Fixed(len(checkTag)); string(tag) != "parley desk check v1\n" {
		t.Errorf("%q", tag)
	}
	realm, ours, theirs, request, kind, content := in.U8(), in.Hash(), in.Hash(), in.Text(64), in.Text(64), in.Hash()
	code, wording, verdict, at := in.Text(64), in.Hash(), in.U8(), in.U64()
	in.Hash()
	if err := in.Done(); err != nil || realm != 1 || ours != x.Ours || theirs != x.Theirs || request != "us-1" || kind != "request.answer" ||
		content != x.Content || code != "judge" || wording != c.Digest || verdict != 1 || at != 7 {
		t.Errorf("%x, %v", text, err)
	}
	for name, change := range map[string]func(x *Release, c *Check, r *Result){
		"realm":   func(x *Release, _ *Check, _ *Result) { x.Realm = 2 },
		"ours":    func(x *Release, _ *Check, _ *Result) { x.Ours[0]++ },
		"theirs":  func(x *Release, _ *Check, _ *Result) { x.Theirs[0]++ },
		"request": func(x *Release, _ *Check, _ *Result) { x.Request = "us-2" },
		"kind":    func(x *Release, _ *Check, _ *Result) { x.Kind = "request.partial" },
		"content": func(x *Release, _ *Check, _ *Result) { x.Content[0]++ },
		"check":   func(_ *Release, c *Check, _ *Result) { c.Code = "other" },
		"wording": func(_ *Release, c *Check, _ *Result) { c.Digest[0]++ },
		"verdict": func(_ *Release, _ *Check, r *Result) { r.Verdict = Refused },
		"time":    func(_ *Release, _ *Check, r *Result) { r.At++ },
		"note":    func(_ *Release, _ *Check, r *Result) { r.Note = Private{} },
	} {
		x, c, r := x, *c, r
		change(&x, &c, &r)
		if bytes.Equal(x.Text(&c, &r), text) {
			t.Errorf("%s is not in the text", name)
		}
	}
}

// Spec: DSK-13.
func TestContent(t *testing.T) {
	replies := []Reply{{Own: false, Entry: 3}}
	seen := map[[32]byte]string{}
	for name, h := range map[string][32]byte{
		"it":                  Content([]byte("body"), [][]byte{[]byte("a"), []byte("b")}, replies),
		"another body":        Content([]byte("bodi"), [][]byte{[]byte("a"), []byte("b")}, replies),
		"one attachment":      Content([]byte("body"), [][]byte{[]byte("ab")}, replies),
		"another order":       Content([]byte("body"), [][]byte{[]byte("b"), []byte("a")}, replies),
		"no reply":            Content([]byte("body"), [][]byte{[]byte("a"), []byte("b")}, nil),
		"own entry":           Content([]byte("body"), [][]byte{[]byte("a"), []byte("b")}, []Reply{{true, 3}}),
		"another entry":       Content([]byte("body"), [][]byte{[]byte("a"), []byte("b")}, []Reply{{false, 4}}),
		"body and attachment": Content([]byte("bodya"), [][]byte{[]byte("b")}, replies),
	} {
		if other, twice := seen[h]; twice {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[h] = name
	}
}

// Spec: DSK-12. What is signed here begins like nothing else that is signed or
// hashed: no tag of the formats begins one of the desk's, nor the reverse.
func TestTagsApart(t *testing.T) {
	page, err := os.ReadFile("../../spec/octets.md")
	if err != nil {
		t.Fatal(err)
	}
	tags := regexp.MustCompile("`(parley [a-z ]+ v1)⏎`").FindAllSubmatch(page, -1)
	if len(tags) < 10 {
		t.Fatalf("%d tags in octets.md", len(tags))
	}
	own := []string{checkTag, contentTag, ruleTag}
	for _, m := range tags {
		for _, mine := range own {
			other := string(m[1]) + "\n"
			if strings.HasPrefix(mine, other) || strings.HasPrefix(other, mine) {
				t.Errorf("%q and %q", mine, other)
			}
		}
	}
}

// Spec: DSK-7. A note, a task and an assignment carry the name that the node was
// told, and nothing that would prove it; a result carries a signature.
func TestOnlyResultsAreSigned(t *testing.T) {
	d := &Dossier{}
	for _, err := range []error{d.AddNote("nobody we know", "words", 1), d.Assign("somebody", "nobody we know", 2)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.AddTask("nobody we know", "do", "somebody", 3, 2); err != nil {
		t.Fatal(err)
	}
	for what, by := range map[string]Private{"note": d.Notes[0].By, "task": d.Tasks[0].By, "assignment": d.Assigned.By} {
		if by.Words() != "nobody we know" {
			t.Errorf("the %s is of %q", what, by.Words())
		}
	}
	signature := []byte(`"signature"`)
	if bytes.Contains(seal(t, d.Seal), signature) || !bytes.Contains(seal(t, (&Result{Check: "judge", Verdict: Passed}).Seal), signature) {
		t.Error("something else than a result is signed")
	}
}
