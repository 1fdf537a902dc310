// Package spec has no code: its tests hold the vectors, the tags and the
// numbered sentences against the packages that implement them.
package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley.example/internal/link"
	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/mail"
	"parley.example/wire/notice"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// reading is how the vectors of each kind are read. The bytes returned are
// what the reader would write for what it read.
var reading = map[string]func(v wiretest.Vector) ([]byte, error){
	"card": readCard,
	"statement": func(v wiretest.Vector) ([]byte, error) {
		s, err := statement.Decode(v.Body)
		return again(s, err, (*statement.Statement).Encode)
	},
	"parts": func(v wiretest.Vector) ([]byte, error) {
		p, err := statement.DecodeParts(v.Body)
		return again(p, err, (*statement.Parts).Encode)
	},
	"slip": func(v wiretest.Vector) ([]byte, error) {
		s, err := statement.DecodeSlip(v.Body)
		return again(s, err, statement.Slip.Encode)
	},
	"attachment": func(v wiretest.Vector) ([]byte, error) {
		a, err := statement.DecodeAttachment(v.Body)
		return again(a, err, (*statement.Attachment).Encode)
	},
	"signatures": func(v wiretest.Vector) ([]byte, error) {
		list, err := statement.DecodeSignatures(v.Body)
		return again(list, err, statement.EncodeSignatures)
	},
	"log": readLog, "person": readPerson,
	"leaf": func(v wiretest.Vector) ([]byte, error) {
		l, err := ledger.DecodeLeaf(v.Body)
		return again(l, err, (*ledger.Leaf).Encode)
	},
	"head": func(v wiretest.Vector) ([]byte, error) {
		_, err := ledger.VerifyHead(suite.Signatures{}, wiretest.Key(v.Header["key"]).Public(), v.Header["origin"], string(v.Body))
		return v.Body, err
	},
	"cosignature": readCosignature,
	"fork": func(v wiretest.Vector) ([]byte, error) {
		f, err := evidence.DecodeFork(v.Body)
		if err != nil {
			return nil, err
		}
		key := wiretest.Key(v.Header["key"]).Public()
		return f.Encode(), f.Verify(suite.Signatures{}, key, key, v.Header["origin"])
	},
	"generation": func(v wiretest.Vector) ([]byte, error) {
		g, err := evidence.DecodeGeneration(v.Body)
		if err != nil {
			return nil, err
		}
		p := wiretest.Parties()
		return g.Encode(), g.Verify(suite.Signatures{}, wiretest.NewWorld().Origin(0, statement.Routine), p[0].Root.Public(), p[1].Root.Public())
	},
	"compromise": func(v wiretest.Vector) ([]byte, error) {
		c, err := evidence.DecodeCompromise(v.Body)
		if err != nil {
			return nil, err
		}
		p := wiretest.Parties()
		return c.Encode(), c.Verify(suite.Signatures{}, party.Real, p[0].Card.Party, p[1].Card.Party, p[0].Root.Public())
	},
	"hello": func(v wiretest.Vector) ([]byte, error) {
		h, err := contact.DecodeHello(v.Body)
		if err != nil {
			return nil, err
		}
		return h.Encode(), h.Verify(suite.Signatures{}, wiretest.Key(v.Header["key"]).Public())
	},
	"turn": func(v wiretest.Vector) ([]byte, error) {
		t, err := contact.DecodeTurn(v.Body)
		return again(t, err, (*contact.Turn).Encode)
	},
	"writing": func(v wiretest.Vector) ([]byte, error) {
		x, err := notice.Decode(v.Body)
		return again(x, err, notice.Writing.Encode)
	},
	"note": func(v wiretest.Vector) ([]byte, error) {
		n, err := link.DecodeNote(v.Body)
		return again(n, err, (*link.Note).Encode)
	},
	"disclosure": func(v wiretest.Vector) ([]byte, error) {
		p := wiretest.Parties()
		if _, err := audit.Verify(v.Body, p[0].Card.Party, p[1].Card.Party); err != nil {
			return nil, err
		}
		b, err := audit.Decode(v.Body)
		return again(b, err, (*audit.Bundle).Encode)
	},
	"proof": func(v wiretest.Vector) ([]byte, error) {
		p := wiretest.Parties()
		if _, err := audit.VerifyProof(v.Body, p[1].Card.Party, p[0].Card.Party); err != nil {
			return nil, err
		}
		b, err := audit.DecodeProof(v.Body)
		return again(b, err, (*audit.Proof).Encode)
	},
	"mail":   func(v wiretest.Vector) ([]byte, error) { return readItem(v, mail.DecodeChunk) },
	"piece":  func(v wiretest.Vector) ([]byte, error) { return readItem(v, mail.DecodePiece) },
	"wanted": func(v wiretest.Vector) ([]byte, error) { return readItem(v, mail.DecodeWanted) },
	"mailed": readMailed, "posted": readPosted, "answered": readAnswered,
	"custody": readCustody, "withheld": readWithheld, "probes": readProbes, "control": readControl, "stix": readStix,
	"body": func(v wiretest.Vector) ([]byte, error) {
		kind, _ := act.Lookup(1, v.Header["act"])
		value, err := act.CheckBody(kind, bytes.TrimSuffix(v.Body, []byte("\n")))
		if err != nil {
			return nil, err
		}
		b, err := act.WriteBody(value)
		return append(b, '\n'), err
	},
	"wraps": func(v wiretest.Vector) ([]byte, error) {
		place, _ := strconv.Atoi(v.Header["place"])
		e, err := envelope.Unwrap(unhex(v.Header["origin"]), [32]byte(unhex(v.Header["commitment"])), place,
			wiretest.SealingKey(v.Header["key"]).PrivateKey, v.Body)
		if err == nil && hex.EncodeToString(e.Secret[:]) != v.Header["secret"] {
			return nil, fault.New(fault.Internal)
		}
		return v.Body, err
	},
	"sealed": func(v wiretest.Vector) ([]byte, error) {
		e := envelope.Epoch{Secret: [32]byte(unhex(v.Header["secret"])), Commitment: [32]byte(unhex(v.Header["commitment"]))}
		plain, err := e.Open(unhex(v.Header["origin"]), v.Body)
		if err == nil && hex.EncodeToString(plain) != v.Header["plain"] {
			return nil, fault.New(fault.Internal)
		}
		return v.Body, err
	},
	"content": func(v wiretest.Vector) ([]byte, error) {
		a, err := statement.DecodeAttachment(unhex(v.Header["descriptor"]))
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		err = envelope.OpenAttachment(&out, bytes.NewReader(v.Body), a)
		if sum := sha256.Sum256(out.Bytes()); err == nil && hex.EncodeToString(sum[:]) != v.Header["sha256"] {
			return nil, fault.New(fault.Internal)
		}
		return v.Body, err
	},
}

func again[T any](v T, err error, encode func(T) []byte) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return encode(v), nil
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// readCard verifies a card as a founding one, or as the successor of the one
// in the file that the vector names.
func readCard(v wiretest.Vector) ([]byte, error) {
	c, err := party.DecodeCard(v.Body)
	if err != nil {
		return nil, err
	}
	file := v.Header["after"]
	if file == "" {
		return c.Encode(), c.VerifyFounding(suite.Signatures{})
	}
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(v.File), file))
	if err != nil {
		return nil, err
	}
	first, err := wiretest.ParseVector(file, raw)
	if err != nil {
		return nil, err
	}
	before, err := party.DecodeCard(first.Body)
	if err != nil {
		return nil, err
	}
	return c.Encode(), c.VerifySuccessor(suite.Signatures{}, before, wiretest.Parties()[1].Card.Party)
}

// readCustody verifies a step by the founding card of the party named.
func readCustody(v wiretest.Vector) ([]byte, error) {
	s, err := evidence.DecodeCustody(v.Body)
	if err != nil {
		return nil, err
	}
	for _, p := range wiretest.Parties() {
		if p.Card.Code == v.Header["officer"] {
			_, err = s.Verify(suite.Signatures{}, p.Card)
		}
	}
	return s.Encode(), err
}

func readCosignature(v wiretest.Vector) ([]byte, error) {
	_, lines, _ := strings.Cut(string(v.Body), "\n\n")
	h, err := ledger.ParseHead(string(v.Body))
	if err != nil {
		return nil, err
	}
	seconds, err := suite.VerifyCosignature(suite.Signatures{}, wiretest.Key(v.Header["key"]).Public(), v.Header["name"], h, lines)
	if err == nil && fault.Int(seconds) != v.Header["time"] {
		return nil, fault.New(fault.Internal)
	}
	return v.Body, err
}

// Spec: OCT-11. Good vectors re-encode to the same bytes; bad ones give exactly
// the code that they state.
func TestVectors(t *testing.T) {
	for kind, read := range reading {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			good, bad := 0, 0
			for _, v := range wiretest.Vectors(t, kind) {
				bytesAgain, err := read(v)
				if got := fault.CodeOf(err); got != v.Expect {
					t.Errorf("%s: %q (%v), want %q", v.File, got, err, v.Expect)
				}
				if v.Expect != "" {
					bad++
					continue
				}
				good++
				if !bytes.Equal(bytesAgain, v.Body) {
					t.Errorf("%s encodes to other bytes", v.File)
				}
			}
			if good == 0 || bad < 2 && kind != "control" { // what is refused there has no effect, and is listed
				t.Errorf("%d good and %d bad vectors", good, bad)
			}
		})
	}
}

// suiteByte is where the byte of the suite stands in each kind that has one.
var suiteByte = map[string]int{"card": 15, "statement": 20, "leaf": 1, "hello": 16, "generation": 21, "compromise": 21}

// Spec: SUI-2, SUI-7. What names another suite than the first is refused,
// whatever else stands in it.
func TestOneSuite(t *testing.T) {
	for kind, at := range suiteByte {
		tried := 0
		for _, v := range wiretest.Vectors(t, kind) {
			if v.Expect != "" {
				continue
			}
			for other := range 256 {
				if v.Body[at] = byte(other); other == party.Suite1 {
					continue
				}
				if _, err := reading[kind](v); !fault.Is(err, fault.OctetsUnknown) {
					t.Fatalf("%s under suite %d: %v", v.File, other, err)
				}
				tried++
			}
		}
		if tried == 0 {
			t.Errorf("no good %s", kind)
		}
	}
}

// sources gives each file of the project that ends in one of some ways.
func sources(t *testing.T, ends []string, each func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(p, end) }) {
			raw, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			each(filepath.ToSlash(p), string(raw))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Spec: OCT-13. The tags in the code are those of the table, and none begins
// another.
func TestTags(t *testing.T) {
	text, err := os.ReadFile("octets.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("`(parley [a-z ]+ v1)⏎`").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(listed)
	for i, tag := range listed {
		for j, other := range listed {
			if i != j && strings.HasPrefix(other+"\n", tag+"\n") {
				t.Errorf("%q begins %q", tag, other)
			}
		}
	}
	var used []string
	tag := regexp.MustCompile(`"(parley [a-z ]+ v1)\\n`)
	sources(t, []string{".go"}, func(path, text string) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(path, "../wire/") && !strings.HasPrefix(path, "../internal/link/") {
			return
		}
		for _, m := range tag.FindAllStringSubmatch(text, -1) {
			used = append(used, m[1])
		}
	})
	slices.Sort(used)
	if used = slices.Compact(used); !slices.Equal(used, listed) {
		t.Errorf("tags in the code: %q\nin octets.md: %q", used, listed)
	}
}
