package review

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

func cutFile(t testing.TB) []byte {
	f := NewCutFile([32]byte{7}, party.Real, [2]party.ID{lower(), higher()}, instantAt(t, "2016-06-30T23:59:59Z"))
	*f.Log(true, statement.Routine) = CutLog{Generation: 1, Size: 9, Head: "parley/aa\n9\nAA==\n\n— x y\n", Cosigned: "— z w\n"}
	b, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Spec: REV-28. One cut file has one encoding.
func TestCutFile(t *testing.T) {
	good := cutFile(t)
	f, err := DecodeCutFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if cut := f.Cut(); cut[1][2] != (statement.Size{Generation: 1, Size: 9}) || cut[0][2] != (statement.Size{}) {
		t.Errorf("%v", cut)
	}
	text := string(good)
	for name, bad := range map[string]string{
		"empty": "", "no line feed": text[:len(text)-1], "two": text + text, "a space": " " + text,
		"another format": strings.Replace(text, CutFormat, "parley cut 2", 1),
		"seven logs":     strings.Replace(text, `"logs":[`, `"logs":[{"generation":0,"size":0,"head":"","cosigned":""},`, 1),
		"escaped":        strings.Replace(text, "real", `\u0072eal`, 1),
		"a field more":   strings.Replace(text, `{"cut"`, `{"more":1,"cut"`, 1),
		"long":           text[:len(text)-2] + strings.Repeat(" ", maxCutFile) + "}\n",
	} {
		if _, err := DecodeCutFile([]byte(bad)); !fault.Is(err, rule.CutFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzCutFile: whatever is read encodes again to the same bytes. Spec: REV-28.
func FuzzCutFile(f *testing.F) {
	f.Add(cutFile(f))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := DecodeCutFile(b)
		if err != nil {
			if !fault.Is(err, rule.CutFile) {
				t.Fatal(err)
			}
			return
		}
		again, err := file.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q\n%q, %v", b, again, err)
		}
	})
}
