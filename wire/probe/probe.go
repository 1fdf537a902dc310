// Package probe implements spec/probes.md: the tests that two nodes make of the
// line by themselves, the digest under which a day of them stands in the record,
// and the file that shows them one by one.
//
// A *probe* is a hello that a node sends by one carrier; it is *answered* by a
// signed hello that repeats its nonce (spec/contact.md, CON-4). A *result* says
// when it was sent, by what, how long the answer took, or which silence it met.
package probe

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

// Format is the format of a file of results.
const Format = "parley probes 1"

// Bounds of a day's results.
const (
	MaxResults = 4096
	MaxFile    = 64 << 20
	label      = "parley probes v1\n"
	dayMillis  = 24 * 60 * 60 * 1000
	most       = 1<<53 - 1 // that JSON carries
)

// Tag begins every file of results.
const Tag = `{"probes":"` + Format + `"`

// Instant is calendar.Instant with its text form alone: who judges a file need
// not read how days are worked.
type Instant int64

// String gives the text form.
func (t Instant) String() string {
	form := "2006-01-02T15:04:05Z"
	if t%1000 != 0 {
		form = "2006-01-02T15:04:05.000Z"
	}
	return time.UnixMilli(int64(t)).UTC().Format(form)
}

// MarshalText gives it too.
func (t Instant) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads it; whether it was written so is seen when it is written
// again.
func (t *Instant) UnmarshalText(b []byte) error {
	at, err := time.Parse(time.RFC3339, string(b))
	*t = Instant(at.UnixMilli())
	return err
}

// Result is what became of one probe.
type Result struct {
	Carrier string
	Sent    int64 // milliseconds
	Took    int64 // until it was answered; 0 where it was not
	Silence string
	Nonce   [16]byte // of the hello that was sent
	Answer  [32]byte // SHA-256 of the hello that answered; zeros for none
}

// Answered tells whether the other side answered, and was ready.
func (r *Result) Answered() bool { return r.Silence == "" }

// Layout is a result as bytes.
func (r *Result) Layout(c *octet.Codec) {
	c.Text(&r.Carrier, 32)
	octet.Int(c, &r.Sent)
	octet.Int(c, &r.Took)
	c.Text(&r.Silence, 64)
	c.Fixed(r.Nonce[:])
	c.Fixed(r.Answer[:])
}

// Day is whose results of which day.
type Day struct {
	Realm          uint8
	Writer, Reader party.ID // who tested, and whom
	Begins         Instant
}

// Sort puts results in their one order.
func Sort(list []Result) {
	slices.SortFunc(list, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Carrier, b.Carrier), bytes.Compare(a.Nonce[:], b.Nonce[:]))
	})
}

// Digest is what stands in the record for a day's results, in their order.
func (d Day) Digest(list []Result) [32]byte {
	return sha256.Sum256(octet.Write(func(c *octet.Codec) {
		c.Tag(label, "probes")
		begins, n := int64(d.Begins), uint32(len(list))
		octet.Int(c, &d.Realm)
		c.Fixed(d.Writer[:])
		c.Fixed(d.Reader[:])
		octet.Int(c, &begins)
		octet.Int(c, &n)
		for i := range list {
			list[i].Layout(c)
		}
	}))
}

// Sum is what a day's results by one carrier come to.
type Sum struct {
	Carrier         string
	Tried, Answered int64
	Median, Worst   int64 // of the answered, by nearest rank; 0 for none
}

// Sums counts results by carrier, in the order of the octets.
func Sums(list []Result) (sums []Sum) {
	took := map[string][]int64{}
	tried := map[string]int64{}
	for i := range list {
		r := &list[i]
		tried[r.Carrier]++
		if r.Answered() {
			took[r.Carrier] = append(took[r.Carrier], r.Took)
		}
	}
	for name, n := range tried {
		s := Sum{Carrier: name, Tried: n, Answered: int64(len(took[name]))}
		if sorted := slices.Sorted(slices.Values(took[name])); len(sorted) > 0 {
			s.Median, s.Worst = sorted[(len(sorted)+1)/2-1], sorted[len(sorted)-1]
		}
		sums = append(sums, s)
	}
	slices.SortFunc(sums, func(a, b Sum) int { return cmp.Compare(a.Carrier, b.Carrier) })
	return sums
}

// File shows a day's results one by one.
type File struct {
	Format  string  `json:"probes"`
	Realm   uint8   `json:"realm"`
	Writer  string  `json:"writer"` // party ids
	Reader  string  `json:"reader"`
	Day     Instant `json:"day"`
	Results []Shown `json:"results"`
}

// Shown is a result as a file shows it.
type Shown struct {
	Carrier string  `json:"carrier"`
	Sent    Instant `json:"sent"`
	Took    int64   `json:"took_ms"`
	Silence string  `json:"silence"`
	Nonce   string  `json:"nonce"`
	Answer  string  `json:"answer"` // SHA-256 of the hello that answered, in hexadecimal; empty for none
	Hello   []byte  `json:"hello"`  // that hello, where it is still kept
}

// NewFile shows results; hello gives the hello with that digest, nil where it is
// no longer kept.
func NewFile(d Day, list []Result, hello func(answer [32]byte) []byte) *File {
	f := &File{Format: Format, Realm: d.Realm, Writer: d.Writer.String(), Reader: d.Reader.String(), Day: d.Begins, Results: []Shown{}}
	for i := range list {
		r := &list[i]
		one := Shown{Carrier: r.Carrier, Sent: Instant(r.Sent), Took: r.Took, Silence: r.Silence, Nonce: hex.EncodeToString(r.Nonce[:]), Hello: []byte{}}
		if r.Answer != [32]byte{} {
			one.Answer, one.Hello = hex.EncodeToString(r.Answer[:]), append(one.Hello, hello(r.Answer)...)
		}
		f.Results = append(f.Results, one)
	}
	return f
}

// Encode writes a file. Its words are codes, so that nothing in it is escaped.
func (f *File) Encode() ([]byte, error) { return json.Marshal(f) }

// Decode reads a file strictly: what it writes again is the same, else
// probe.file. It believes nothing of it.
func Decode(b []byte) (*File, error) {
	f := &File{}
	if len(b) > MaxFile || !bytes.HasPrefix(b, []byte(Tag)) {
		return nil, fault.New(fault.ProbeFile, "bytes", fault.Int(len(b)))
	}
	if err := json.Unmarshal(b, f); err != nil {
		return nil, fault.Wrap(err, fault.ProbeFile)
	}
	if _, _, err := f.results(); err != nil {
		return nil, err
	}
	if again, err := f.Encode(); err != nil || !bytes.Equal(again, b) {
		return nil, fault.Wrap(err, fault.ProbeFile)
	}
	return f, nil
}

// Found is what a file was found to show.
type Found struct {
	Day    Day
	Digest [32]byte // to be held against that of the record
	Sums   []Sum    // and these against its counts
	Proved int      // answers of which the signed hello is shown
	Lost   int      // answers of which it is no longer kept: only the record's digest speaks for them
}

// Check judges a file: every result lies in its day, and every hello that it
// shows is the answer it is said to be, to that nonce, on that line, signed by
// one of the keys; else probe.answer. That a probe was sent, when, and how long
// its answer took, its writer alone says.
func (f *File) Check(v party.Signatures, keys []party.PublicKey) (*Found, error) {
	day, list, err := f.results()
	if err != nil {
		return nil, err
	}
	found := &Found{Day: day, Digest: day.Digest(list), Sums: Sums(list)}
	for i := range list {
		r, raw := &list[i], f.Results[i].Hello
		bad := fault.New(fault.ProbeAnswer, "number", fault.Int(i+1))
		switch {
		case r.Answer == [32]byte{}:
			if len(raw) > 0 || r.Answered() {
				return nil, bad
			}
		case len(raw) == 0:
			found.Lost++
		case sha256.Sum256(raw) != r.Answer:
			return nil, bad
		default:
			if err := day.answers(v, keys, r, raw); err != nil {
				return nil, fault.Wrap(err, fault.ProbeAnswer, "number", fault.Int(i+1))
			}
			found.Proved++
		}
	}
	return found, nil
}

// answers holds a hello against the probe that it is said to answer.
func (d Day) answers(v party.Signatures, keys []party.PublicKey, r *Result, raw []byte) error {
	h, err := contact.DecodeHello(raw)
	if err != nil {
		return err
	}
	ready := h.State == contact.Ready
	if h.Realm != d.Realm || h.Writer != d.Reader || h.Reader != d.Writer || h.Answers != r.Nonce || ready != r.Answered() {
		return fault.New(fault.ContactHello, "party", h.Writer.String())
	}
	for _, key := range keys {
		if err = h.Verify(v, key); err == nil {
			return nil
		}
	}
	return fault.Wrap(err, fault.ContactHello, "party", h.Writer.String())
}

// results reads a file's results, which stand in order and within their day.
func (f *File) results() (d Day, list []Result, err error) {
	d = Day{Realm: f.Realm, Begins: f.Day}
	if d.Writer, err = party.ParseID(f.Writer); err == nil {
		d.Reader, err = party.ParseID(f.Reader)
	}
	if err != nil || f.Format != Format || f.Results == nil || len(f.Results) > MaxResults || f.Day%dayMillis != 0 || f.Day < 0 {
		return d, nil, fault.Wrap(err, fault.ProbeFile)
	}
	for i, s := range f.Results {
		r := Result{Carrier: s.Carrier, Sent: int64(s.Sent), Took: s.Took, Silence: s.Silence}
		nonce, err := hex.DecodeString(s.Nonce)
		answer, failed := hex.DecodeString(s.Answer)
		if err != nil || failed != nil || hex.EncodeToString(nonce)+hex.EncodeToString(answer) != s.Nonce+s.Answer || len(nonce) != len(r.Nonce) || len(answer) != 0 && len(answer) != len(r.Answer) ||
			s.Sent < f.Day || s.Sent >= f.Day+dayMillis || s.Took < 0 || s.Took > most || s.Hello == nil || s.Carrier == "" || !code(s.Carrier, 32) || !code(s.Silence, 64) {
			return d, nil, fault.New(fault.ProbeFile, "number", fault.Int(i+1))
		}
		copy(r.Nonce[:], nonce)
		copy(r.Answer[:], answer)
		list = append(list, r)
	}
	sorted := slices.Clone(list)
	if Sort(sorted); !slices.Equal(sorted, list) {
		return d, nil, fault.New(fault.ProbeFile, "format", f.Format)
	}
	return d, list, nil
}

// code tells of a word of letters, digits and hyphens.
func code(word string, longest int) bool {
	return len(word) <= longest && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
