package voice_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/voice"
)

func place(change ...func(*voice.Place)) voice.Place {
	p := voice.Place{Origin: ledger.Origin{Realm: 1, Channel: 2, Writer: [32]byte{1}, Reader: [32]byte{2}}.Tuple(), Position: 7, Series: 3, Until: 99}
	for _, f := range change {
		f(&p)
	}
	return p
}

// Spec: VOI-3. Both compute one secret, and only for one place; what was made
// for another place or another key gives other words.
func TestSecret(t *testing.T) {
	key := suite.NewSealingKey()
	public := key.Public()
	answer, secret, err := voice.Answer(place(), public[:])
	if err != nil || len(answer) != voice.AnswerSize || len(secret) != voice.SecretSize || !voice.IsOffer(public[:]) {
		t.Fatal(len(answer), err)
	}
	if got, err := voice.Open(place(), key.PrivateKey, answer); err != nil || !bytes.Equal(got, secret) {
		t.Fatal("they differ:", err)
	}
	for what, f := range map[string]func(*voice.Place){
		"log": func(p *voice.Place) {
			p.Origin = ledger.Origin{Realm: 2, Channel: 2, Writer: [32]byte{1}, Reader: [32]byte{2}}.Tuple()
		},
		"position": func(p *voice.Place) { p.Position++ }, "series": func(p *voice.Place) { p.Series++ }, "until": func(p *voice.Place) { p.Until++ },
	} {
		if got, err := voice.Open(place(f), key.PrivateKey, answer); err == nil && bytes.Equal(got, secret) {
			t.Error("the secret is not bound to the", what)
		}
	}
	if got, err := voice.Open(place(), suite.NewSealingKey().PrivateKey, answer); err == nil && bytes.Equal(got, secret) {
		t.Error("another key gives the secret")
	}
	if _, again, _ := voice.Answer(place(), public[:]); bytes.Equal(again, secret) {
		t.Error("a second answer gives the same secret")
	}
	for _, bad := range [][]byte{nil, public[:voice.OfferSize-1], answer} {
		if _, _, err := voice.Answer(place(), bad); fault.CodeOf(err) != rule.VoiceKey || voice.IsOffer(bad) {
			t.Error("an offer of", len(bad), err)
		}
		if len(bad) == voice.AnswerSize {
			continue
		}
		if _, err := voice.Open(place(), key.PrivateKey, bad); fault.CodeOf(err) != rule.VoiceKey {
			t.Error("an answer of", len(bad), err)
		}
	}
}

type vector struct {
	Secret string `json:"secret"`
	Rows   []struct {
		Caller string    `json:"caller"`
		Row    int       `json:"row"`
		Sheet  int       `json:"sheet"`
		En     [3]string `json:"en"`
		Zh     [3]string `json:"zh"`
	} `json:"rows"`
}

// Spec: VOI-5, VOI-6, VOI-7, VOI-23. The words of the vectors.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("../../spec/vectors/voice/series.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(raw, &v); err != nil || len(v.Rows) < 6 {
		t.Fatal(err, len(v.Rows))
	}
	secret, _ := hex.DecodeString(v.Secret)
	k := voice.NewKeys(secret)
	words := voice.Words()
	for _, want := range v.Rows {
		row, err := k.Take(want.Caller == "higher", want.Row)
		if err != nil || voice.SheetOf(want.Row) != want.Sheet {
			t.Fatal(want.Row, err)
		}
		for g, group := range row {
			en, zh := "", ""
			for _, n := range group {
				en, zh = en+" "+words[n].English, zh+" "+words[n].Chinese
			}
			if en[1:] != want.En[g] || zh[1:] != want.Zh[g] {
				t.Errorf("%s %d: %s / %s", want.Caller, want.Row, en, zh)
			}
		}
	}
}

// Spec: VOI-8. Rows may be taken in any order: each gives the same words, and
// gives them once; what is left as bytes gives what was left, and nothing else.
func TestTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret")
		k, whole := voice.NewKeys(secret), voice.NewKeys(secret)
		taken := map[[2]int]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "times") {
			higher, row := rapid.Bool().Draw(t, "higher"), rapid.IntRange(-1, voice.Rows+2).Draw(t, "row")
			at := [2]int{map[bool]int{true: 1}[higher], row}
			got, err := k.Take(higher, row)
			if taken[at] || row < 1 || row > voice.Rows {
				if fault.CodeOf(err) != rule.VoiceRow {
					t.Fatalf("row %d again: %v", row, err)
				}
				continue
			}
			want, _ := whole.Take(higher, row)
			if err != nil || got != want {
				t.Fatalf("row %d: %v %v, want %v", row, err, got, want)
			}
			taken[at] = true
			if k, err = voice.DecodeKeys(k.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		for _, higher := range []bool{false, true} {
			n := 0
			for row := 1; row <= voice.Rows; row++ {
				if was := taken[[2]int{map[bool]int{true: 1}[higher], row}]; was == k.Has(higher, row) {
					t.Fatalf("row %d: taken %v", row, was)
				} else if was {
					n++
				}
			}
			if left := k.Left(higher, 1, voice.Rows); left != voice.Rows-n {
				t.Fatalf("%d left, %d taken", left, n)
			}
			next := k.Next(higher, 1, voice.Rows)
			for row := 1; row < next; row++ {
				if k.Has(higher, row) {
					t.Fatalf("next is %d, and %d is left", next, row)
				}
			}
		}
	})
}

// Spec: VOI-9. The words of no two rows of a series are the same, and nothing
// is left of one that is used up.
func TestNeverTwice(t *testing.T) {
	seen := map[voice.Row]bool{}
	k := voice.NewKeys(bytes.Repeat([]byte{5}, 32))
	for row := 1; row <= voice.Rows; row++ {
		for _, higher := range []bool{false, true} {
			r, err := k.Take(higher, row)
			if err != nil || seen[r] {
				t.Fatal(row, err)
			}
			seen[r] = true
		}
	}
	if len(k.Encode()) != 5 {
		t.Errorf("%d bytes are left of a series that is used up", len(k.Encode()))
	}
}

// Spec: VOI-11. What is printed is never what the node shows.
func TestSheets(t *testing.T) {
	next := voice.PaperFrom
	for sheet := 1; sheet <= voice.Sheets; sheet++ {
		first, last := voice.RowsOf(sheet)
		if first != next || voice.SheetOf(first) != sheet || voice.SheetOf(last) != sheet {
			t.Errorf("sheet %d has %d to %d", sheet, first, last)
		}
		next = last + 1
	}
	if next != voice.Rows+1 || voice.SheetOf(voice.PaperFrom-1) != 0 || voice.SheetOf(voice.Rows+1) != 0 {
		t.Error("the sheets end at", next-1)
	}
}

// FuzzDecodeKeys reads what might stand in a store.
//
// Spec: none, how a node keeps what is left of a series is its own.
func FuzzDecodeKeys(f *testing.F) {
	k := voice.NewKeys(make([]byte, 32))
	f.Add(k.Encode())
	k.Take(true, 300)
	f.Add(k.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := voice.DecodeKeys(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(k.Encode(), raw) {
			t.Fatal("it is written in another way than it was read")
		}
		for row := 0; row <= voice.Rows+1; row++ {
			k.Burn(true, row)
			k.Burn(false, row)
		}
		if k.Left(true, 1, voice.Rows) != 0 {
			t.Fatal("rows are left")
		}
	})
}
