package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/cryptotest"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/probe"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// TestUpdateProbesVectors writes the vectors of kind probes anew with -update:
// a day of machine tests as its tester shows it, and what is none.
func TestUpdateProbesVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	cryptotest.SetGlobalRandom(t, 20160103)
	x := wiretest.NewTested()
	m := maker{t: t, kind: "probes"}.with("key", x.P[1].Card.Code+" sign")
	put := func(name string, expect fault.Code, change func(*probe.File)) []byte {
		raw, to := x.File(change), m
		if expect == "" {
			f, err := probe.Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			found, err := f.Check(suite.Signatures{}, []party.PublicKey{wiretest.Key(m.header["key"]).Public()})
			if err != nil {
				t.Fatal(err)
			}
			to = m.with(foundWords(found)...)
		}
		to.put(name, expect, raw)
		return raw
	}
	good := put("day", "", nil)
	put("hellos-not-kept", "", func(f *probe.File) {
		for i := range f.Results {
			f.Results[i].Hello = []byte{}
		}
	})
	put("no-tests", "", func(f *probe.File) { f.Results = []probe.Shown{} })
	for name, change := range map[string]func(*probe.File){
		"half-a-day": func(f *probe.File) { f.Day += 3_600_000 }, "another-day": func(f *probe.File) { f.Day += 86_400_000 },
		"out-of-order": func(f *probe.File) { f.Results[0], f.Results[1] = f.Results[1], f.Results[0] }, "no-carrier": func(f *probe.File) { f.Results[1].Carrier = "" },
		"carrier-upper-case": func(f *probe.File) { f.Results[1].Carrier = "Mail" }, "silence-space": func(f *probe.File) { f.Results[1].Silence = "no answer" },
		"took-negative": func(f *probe.File) { f.Results[0].Took = -1 }, "nonce-short": func(f *probe.File) { f.Results[0].Nonce = "00" }, "writer": func(f *probe.File) { f.Writer = "alpha" },
		"nonce-upper-case": func(f *probe.File) { f.Results[0].Nonce = "0A" + f.Results[0].Nonce[2:] }, "format": func(f *probe.File) { f.Format = "parley probes 2" },
	} {
		put(name, fault.ProbeFile, change)
	}
	stranger := x.Answer(0, x.Results[0].Nonce, contact.Ready)
	digest := sha256.Sum256(stranger)
	for name, change := range map[string]func(*probe.File){
		"another-answer": func(f *probe.File) { f.Results[0].Answer = f.Results[2].Answer }, "another-nonce": func(f *probe.File) { f.Results[0].Nonce = "ff" + f.Results[0].Nonce[2:] },
		"silent-and-answered": func(f *probe.File) { f.Results[0].Silence = "no-answer" }, "locked-and-counted": func(f *probe.File) { f.Results[2].Silence = "" },
		"answered-by-nobody": func(f *probe.File) { f.Results[1].Silence = "" }, "hello-for-nothing": func(f *probe.File) { f.Results[1].Hello = f.Results[0].Hello },
		"the-other-way": func(f *probe.File) { f.Writer, f.Reader = f.Reader, f.Writer }, "the-other-realm": func(f *probe.File) { f.Realm = party.Exercise },
		"signed-by-another": func(f *probe.File) { f.Results[0].Hello, f.Results[0].Answer = stranger, hex.EncodeToString(digest[:]) },
	} {
		put(name, fault.ProbeAnswer, change)
	}
	text := func(name, from, to string) { m.put(name, fault.ProbeFile, swap(t, good, []byte(from), []byte(to))) }
	text("space", `,"day"`, `, "day"`)
	text("member-twice", `,"day"`, `,"realm":1,"day"`)
	text("member-unknown", `,"day"`, `,"more":1,"day"`)
	text("number-otherwise", `"took_ms":40`, `"took_ms":4e1`)
	text("instant-otherwise", `.005Z`, `.0050Z`)
	text("instant-offset", `.005Z`, `.005+00:00`)
	text("hello-null", `"hello":""`, `"hello":null`)
	text("word-escaped", `"https"`, `"http\u0073"`)
	m.put("short", fault.ProbeFile, good[:len(good)-1])
	m.put("left-over", fault.ProbeFile, append(bytes.Clone(good), '\n'))
}

// foundWords are what a file comes to, as header lines.
func foundWords(f *probe.Found) []string {
	var sums []string
	for _, s := range f.Sums {
		sums = append(sums, fmt.Sprintf("%s %d %d %d %d", s.Carrier, s.Tried, s.Answered, s.Median, s.Worst))
	}
	return []string{"digest", hex.EncodeToString(f.Digest[:]), "proved", fault.Int(f.Proved), "lost", fault.Int(f.Lost), "sums", strings.Join(sums, ", ")}
}

// probesFound judges a file under the key named, and says what it comes to.
func probesFound(v wiretest.Vector) (*probe.File, []string, error) {
	f, err := probe.Decode(v.Body)
	if err != nil {
		return nil, nil, err
	}
	found, err := f.Check(suite.Signatures{}, []party.PublicKey{wiretest.Key(v.Header["key"]).Public()})
	if err != nil {
		return nil, nil, err
	}
	return f, foundWords(found), nil
}

// readProbes holds what a file comes to against its header. Spec: PRB-12.
func readProbes(v wiretest.Vector) ([]byte, error) {
	f, words, err := probesFound(v)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(words); i += 2 {
		if v.Header[words[i]] != words[i+1] {
			return nil, fault.New(fault.Internal)
		}
	}
	return f.Encode()
}
