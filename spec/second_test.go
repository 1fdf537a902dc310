package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/wiretest"
)

// hasPostQuantum says of a Node.js that it is 24.7 or newer with OpenSSL 3.5 or
// newer, which have ML-DSA-44 and ML-KEM-768.
const hasPostQuantum = `const since = (v, a, b) => { const [x, y] = v.split('.').map(Number); return x > a || (x === a && y >= b); };
since(process.versions.node, 24, 7) && since(process.versions.openssl, 3, 5)`

// second runs the second implementation over a folder of vectors, and gives
// what differs. What its Node.js has no primitive for it may leave unchecked.
func second(t *testing.T, dir string) (files int, differ []string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js is not there: the second implementation was not run")
	}
	out, err := exec.CommandContext(t.Context(), "node", "../observer/vectors.mjs", "--json", "--vectors", dir).Output()
	var said struct {
		Files        int
		MLDSA, MLKEM string
		Results      []struct{ Folder, File, Outcome, Note, Needs, MLDSA string }
	}
	if jerr := json.Unmarshal(out, &said); jerr != nil {
		t.Fatalf("%v, %v: %s", err, jerr, out)
	}
	has, err := exec.CommandContext(t.Context(), "node", "-p", hasPostQuantum).Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(bytes.TrimSpace(has)) == "true" && (said.MLDSA != "checked" || said.MLKEM != "checked") {
		t.Errorf("this Node.js has both, and ML-DSA is %q, ML-KEM %q", said.MLDSA, said.MLKEM)
	}
	lacks := map[string]bool{"ML-DSA": said.MLDSA == "not-checked", "ML-KEM": said.MLKEM == "not-checked"}
	notChecked, butFor := 0, 0
	for _, r := range said.Results {
		switch {
		case r.Outcome == "ok" || r.Outcome == "refused":
			if r.MLDSA != "" {
				butFor++
			}
		case r.Outcome == "not checked" && lacks[r.Needs]:
			notChecked++
		default:
			differ = append(differ, r.Folder+"/"+r.File+": "+r.Note)
		}
	}
	t.Logf("%d files, %d of them but for ML-DSA, %d not checked by this Node.js", said.Files, butFor, notChecked)
	if butFor > 0 && !lacks["ML-DSA"] || notChecked > said.Files/10 {
		t.Error("more was left unchecked than this Node.js lacks")
	}
	return said.Files, differ
}

// mangle changes bytes as an enemy or a bad disk would: here and there, or a
// piece is gone, doubled or new.
func mangle(rng *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + rng.IntN(2) {
		if len(b) == 0 {
			return []byte{byte(rng.IntN(256))}
		}
		at := rng.IntN(len(b))
		// What decides stands at the beginning or at the end more often.
		switch rng.IntN(4) {
		case 0:
			at = rng.IntN(min(len(b), 80))
		case 1:
			at = len(b) - 1 - rng.IntN(min(len(b), 80))
		}
		switch rng.IntN(6) {
		case 0:
			b[at] ^= 1 << rng.IntN(8)
		case 1:
			b[at] = byte(rng.IntN(256))
		case 2:
			b[at] = []byte{0, 1, 2, 0x7f, 0x80, 0xff}[rng.IntN(6)]
		case 3:
			b = b[:at]
		case 4:
			b = slices.Insert(b, at, byte(rng.IntN(256)))
		case 5:
			end := min(len(b), at+1+rng.IntN(8))
			b = slices.Delete(b, at, end)
		}
	}
	return b
}

// holdsNoTag reports whether a format, or the hello inside of a turn, is too short
// to hold its tag.
func holdsNoTag(body []byte) bool {
	const tag = 24 // bytes, and more than any
	turn, err := contact.DecodeTurn(body)
	return len(body) < tag || err == nil && len(turn.Hello) < tag
}

// Spec: OCT-3, OCT-4, OCT-5, OCT-6, OCT-7, OCT-8, OCT-9, OCT-10, OCT-14, LED-31, LED-38, EVI-6, EVI-9, DIS-3, SUI-3, STA-15, STIX-22, STIX-23, STIX-24
// TestSecondImplementation has this implementation and the one in observer/,
// which was written from these pages, read the same mangled bytes: both give
// the same code.
func TestSecondImplementation(t *testing.T) {
	seed, each := uint64(time.Now().UnixNano()), 8
	if os.Getenv("PARLEY_LONG") != "" {
		each = 200
	}
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("PARLEY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir, written := t.TempDir(), 0
	kinds := []string{}
	for kind := range reading {
		// Compared with the procedures, and in TestSecondMonitor.
		if kind != "body" && kind != "log" && kind != "control" {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	edges, err := os.ReadFile("../wire/suite/testdata/ed25519/ed25519vectors.json")
	if err != nil || os.Mkdir(filepath.Join(dir, "ed25519"), 0o755) != nil || os.WriteFile(filepath.Join(dir, "ed25519", "edges.json"), edges, 0o644) != nil {
		t.Fatal("the edge cases of SUI-3", err)
	}
	codes := map[fault.Code]int{}
	for _, kind := range kinds {
		if err := os.Mkdir(filepath.Join(dir, kind), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, v := range wiretest.Vectors(t, kind) {
			raw, err := os.ReadFile(v.File)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(v.File)
			if err := os.WriteFile(filepath.Join(dir, kind, name), raw, 0o644); err != nil {
				t.Fatal(err)
			}
			for i := range each {
				bad := v
				bad.Header = maps.Clone(v.Header)
				delete(bad.Header, "kind")
				delete(bad.Header, "expect")
				bad.Body = mangle(rng, v.Body)
				delete(bad.Header, "path")
				delete(bad.Header, "finds")
				if kind == "probes" {
					_, words, err := probesFound(bad)
					for i := 0; err == nil && i < len(words); i += 2 {
						bad.Header[words[i]] = words[i+1]
					}
				}
				_, err := reading[kind](bad)
				if kind == "stix" && err == nil {
					bad.Header["finds"] = stixFinds(bad.Body)
				}
				bad.Expect = fault.CodeOf(err)
				if (bad.Expect == fault.OctetsShort || bad.Expect == fault.OctetsUnknown) && holdsNoTag(bad.Body) {
					continue // either code, by OCT-10
				}
				codes[bad.Expect]++
				if err := os.WriteFile(filepath.Join(dir, kind, fmt.Sprintf("%s.%d", name, i)), bad.Format(), 0o644); err != nil {
					t.Fatal(err)
				}
				written++
			}
		}
	}
	files, differ := second(t, dir)
	t.Logf("%d mangled files, codes: %v", written, codes)
	if files < written || len(codes) < 10 {
		t.Errorf("%d files read, %d written, codes %v: the test shows nothing", files, written, codes)
	}
	for _, d := range differ {
		t.Error(d)
	}
}
