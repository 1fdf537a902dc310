package probe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/suite"
)

const day = Instant(16_965) * dayMillis // 2016-06-13

// line is a side that answers probes of another.
type line struct {
	key *suite.SigningKey
	day Day
}

func newLine() *line {
	return &line{suite.NewSigningKey(), Day{Realm: party.Real, Writer: party.ID{1}, Reader: party.ID{2}, Begins: day}}
}

func (l *line) hello(nonce [16]byte, state uint8) []byte {
	h := &contact.Hello{Realm: l.day.Realm, Writer: l.day.Reader, Reader: l.day.Writer, Time: int64(day), Answers: nonce, State: state, Software: "parley"}
	h.Nonce = h.Commitment()
	contact.SignHello(h, l.key)
	return h.Encode()
}

// results are a day of three probes: answered, silent, and locked.
func (l *line) results() ([]Result, map[[32]byte][]byte) {
	good, locked := l.hello([16]byte{1}, contact.Ready), l.hello([16]byte{3}, contact.Locked)
	list := []Result{
		{Carrier: "https", Sent: int64(day) + 5, Took: 40, Nonce: [16]byte{1}, Answer: sha256.Sum256(good)},
		{Carrier: "mail", Sent: int64(day) + 6, Silence: "no-answer", Nonce: [16]byte{2}},
		{Carrier: "https", Sent: int64(day) + 3_600_005, Silence: "locked", Nonce: [16]byte{3}, Answer: sha256.Sum256(locked)},
	}
	return list, map[[32]byte][]byte{list[0].Answer: good, list[2].Answer: locked}
}

func (l *line) file() *File {
	list, hellos := l.results()
	return NewFile(l.day, list, func(a [32]byte) []byte { return hellos[a] })
}

// Spec: PRB-1, PRB-9, PRB-10. A file shows its day; a hello that is no longer
// kept is missing, and is no proof.
func TestFile(t *testing.T) {
	l := newLine()
	raw, err := l.file().Encode()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	keys := []party.PublicKey{suite.NewSigningKey().Public(), l.key.Public()}
	found, err := f.Check(suite.Signatures{}, keys)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := l.results()
	want := []Sum{{"https", 2, 1, 40, 40}, {"mail", 1, 0, 0, 0}}
	if found.Digest != l.day.Digest(list) || !slices.Equal(found.Sums, want) || found.Proved != 2 || found.Lost != 0 {
		t.Errorf("%+v", found)
	}
	f.Results[0].Hello = []byte{}
	if found, err = f.Check(suite.Signatures{}, keys); err != nil || found.Proved != 1 || found.Lost != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

// Spec: PRB-9, PRB-10. What a file may not be.
func TestFileRefused(t *testing.T) {
	l := newLine()
	other := newLine()
	foreign := other.hello([16]byte{1}, contact.Ready)
	sum := sha256.Sum256(foreign)
	for name, c := range map[string]struct {
		spoil func(*File)
		want  fault.Code
	}{
		"another day":           {func(f *File) { f.Day += dayMillis }, fault.ProbeFile},
		"half a day":            {func(f *File) { f.Day += Instant(3_600_000) }, fault.ProbeFile},
		"out of order":          {func(f *File) { f.Results[0], f.Results[1] = f.Results[1], f.Results[0] }, fault.ProbeFile},
		"no carrier":            {func(f *File) { f.Results[1].Carrier = "" }, fault.ProbeFile},
		"took less than none":   {func(f *File) { f.Results[0].Took = -1 }, fault.ProbeFile},
		"a short nonce":         {func(f *File) { f.Results[0].Nonce = "00" }, fault.ProbeFile},
		"nobody's":              {func(f *File) { f.Writer = "x" }, fault.ProbeFile},
		"another answer":        {func(f *File) { f.Results[0].Answer = f.Results[2].Answer }, fault.ProbeAnswer},
		"another nonce":         {func(f *File) { f.Results[0].Nonce = "02" + f.Results[0].Nonce[2:] }, fault.ProbeAnswer},
		"silence that answered": {func(f *File) { f.Results[0].Silence = "no-answer" }, fault.ProbeAnswer},
		"locked, and no word":   {func(f *File) { f.Results[2].Silence = "" }, fault.ProbeAnswer},
		"answered by nobody":    {func(f *File) { f.Results[1].Silence = "" }, fault.ProbeAnswer},
		"a hello for nothing":   {func(f *File) { f.Results[1].Hello = f.Results[0].Hello }, fault.ProbeAnswer},
		"the other way":         {func(f *File) { f.Writer, f.Reader = f.Reader, f.Writer }, fault.ProbeAnswer},
		"the other realm":       {func(f *File) { f.Realm = party.Exercise }, fault.ProbeAnswer},
		"signed by another":     {func(f *File) { f.Results[0].Hello, f.Results[0].Answer = foreign, hex.EncodeToString(sum[:]) }, fault.ProbeAnswer},
	} {
		f := l.file()
		c.spoil(f)
		if _, err := f.Check(suite.Signatures{}, []party.PublicKey{l.key.Public()}); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	raw, err := l.file().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"empty": nil, "cut": raw[:len(raw)-1], "a space": append([]byte(" "), raw...),
		"a space within": bytes.Replace(raw, []byte(`,"sent"`), []byte(`, "sent"`), 1), "a member twice": bytes.Replace(raw, []byte(`,"sent"`), []byte(`,"carrier":"https","sent"`), 1),
		"a member unknown": bytes.Replace(raw, []byte(`,"sent"`), []byte(`,"x":1,"sent"`), 1), "a number written otherwise": bytes.Replace(raw, []byte(`"took_ms":40`), []byte(`"took_ms":4e1`), 1),
		"no hello at all": bytes.Replace(raw, []byte(`"hello":""`), []byte(`"hello":null`), 1), "an instant otherwise": bytes.Replace(raw, []byte(`.005Z`), []byte(`.0050Z`), 1),
		"another name": bytes.Replace(raw, []byte(`"carrier"`), []byte(`"Carrier"`), 1), "a word escaped": bytes.Replace(raw, []byte(`"https"`), []byte(`"http\u0073"`), 1),
		"an offset": bytes.Replace(raw, []byte(`.005Z`), []byte(`.005+00:00`), 1), "another case": bytes.Replace(raw, []byte(`"mail"`), []byte(`"Mail"`), 1),
		"no results":     append(bytes.Clone(raw[:bytes.Index(raw, []byte(`[`))]), "null}"...),
		"another format": bytes.Replace(raw, []byte(Format), []byte("parley probes 2"), 1)} {
		if _, err := Decode(bad); !fault.Is(err, fault.ProbeFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: PRB-5. The digest is over every property of every result, and over whose
// they are.
func TestDigest(t *testing.T) {
	l := newLine()
	list, _ := l.results()
	seen := map[[32]byte]string{l.day.Digest(list): "as it is"}
	differs := func(name string, d Day, list []Result) {
		if was, is := seen[d.Digest(list)]; is {
			t.Errorf("%s has the digest of %s", name, was)
		}
		seen[d.Digest(list)] = name
	}
	for name, change := range map[string]func(*Result){
		"carrier": func(r *Result) { r.Carrier = "mail" }, "sent": func(r *Result) { r.Sent++ }, "took": func(r *Result) { r.Took++ },
		"silence": func(r *Result) { r.Silence = "full" }, "nonce": func(r *Result) { r.Nonce[15]++ }, "answer": func(r *Result) { r.Answer[31]++ },
	} {
		other := slices.Clone(list)
		change(&other[0])
		differs(name, l.day, other)
	}
	differs("one less", l.day, list[:2])
	for name, change := range map[string]func(*Day){"realm": func(d *Day) { d.Realm++ }, "writer": func(d *Day) { d.Writer[0]++ },
		"reader": func(d *Day) { d.Reader[0]++ }, "day": func(d *Day) { d.Begins += dayMillis }} {
		d := l.day
		change(&d)
		differs(name, d, list)
	}
}

// Spec: PRB-6. What is counted equals what counting one by one gives.
func TestSums(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		var list []Result
		for range r.IntN(40) {
			one := Result{Carrier: []string{"https", "mail", "relay"}[r.IntN(3)], Sent: r.Int64N(1000), Took: r.Int64N(50)}
			if r.IntN(3) == 0 {
				one.Took, one.Silence = 0, "no-answer"
			}
			list = append(list, one)
		}
		for _, s := range Sums(list) {
			within := func(most int64) (n int64) {
				for _, one := range list {
					if one.Carrier == s.Carrier && one.Answered() && one.Took <= most {
						n++
					}
				}
				return n
			}
			if s.Answered != within(1000) || s.Answered > 0 && (2*within(s.Median) < s.Answered || 2*within(s.Median-1) >= s.Answered || within(s.Worst) != s.Answered || within(s.Worst-1) == s.Answered) {
				t.Fatalf("%+v of %v", s, list)
			}
		}
	}
}

// Spec: PRB-9. What is read is written again to the same bytes, and judging it
// ends with a verdict.
func FuzzFile(f *testing.F) {
	l := newLine()
	raw, err := l.file().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	keys := []party.PublicKey{l.key.Public()}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Decode(b)
		if err != nil {
			if !fault.Is(err, fault.ProbeFile) {
				t.Fatal(err)
			}
			return
		}
		if again, err := file.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q\n%q, %v", b, again, err)
		}
		if _, err := file.Check(suite.Signatures{}, keys); err != nil && !fault.Is(err, fault.ProbeFile) && !fault.Is(err, fault.ProbeAnswer) {
			t.Fatal(err)
		}
	})
}
