package addressbook

import (
	"bytes"
	"encoding/csv"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Spec: none, the forms are those of other programs.
func sample() Entry {
	at, _ := calendar.ParseInstant("2027-01-01T00:00:00Z")
	return Entry{Name: "us-contact-1", Party: "us", ContactBody: act.ContactBody{Role: "duty", Unit: "cyber", Names: act.Words{En: "Duty desk", Zh: "值班席位"},
		Ways: []act.Way{{Kind: act.WayMail, Value: "duty@us.example", Key: "89ab cdef", Note: act.Text{Lang: "en", Text: "Day; night, and\nholidays."}},
			{Kind: act.WayPhone, Value: "+1 555 0100"}, {Kind: act.WayPost, Value: "Example Street 1, 12345 Example"}, {Kind: act.WayLine, Value: "call"}, {Kind: act.WayOther, Value: "radio 7"}},
		Hours: act.Words{En: "Day and night", Zh: "全天"}, Zone: "America/New_York", Languages: []string{"en", "zh-Hans"}, Deputies: []string{"supervisor"},
		Confirmers: []act.Confirmer{{Role: "principal", Kind: act.WayPhone, Value: "+1 555 0101"}},
		Mandate:    &act.Mandate{What: act.Text{Lang: "en", Text: "May accept calls."}, From: at, Until: at + calendar.Day}, Until: at, Temporary: true}}
}

// Spec: none, see sample. What is written is read as it was, in both formats.
func TestRoundTrip(t *testing.T) {
	other := sample()
	other.Name, other.Mandate, other.Temporary, other.Ways = "us-contact-2", nil, false, other.Ways[:1]
	list := []Entry{sample(), other}
	for name, f := range formats() {
		var b bytes.Buffer
		if err := f.write(&b, list); err != nil {
			t.Fatal(err)
		}
		got, err := f.read(&b)
		if err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("%s: %v\n%+v\n%+v", name, err, got, list)
		}
	}
}

// Spec: none, see sample. Whatever somebody published, it is read as one entry
// with the same ways: nothing that they wrote begins another line or property.
func TestNothingBreaksOut(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aé值;:,=\"'\\+-@. \n")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		e := sample()
		e.Names, e.Zone = act.Words{En: "n" + line(text.Draw(t, "en")), Zh: "n" + line(text.Draw(t, "zh"))}, "z"+line(text.Draw(t, "zone"))
		for i := range e.Ways {
			e.Ways[i].Value = line("v" + text.Draw(t, "value"))
			e.Ways[i].Note = act.Text{Lang: text.Draw(t, "lang"), Text: clean("n" + text.Draw(t, "note"))}
			e.Ways[i].Key = line("k" + text.Draw(t, "key"))
		}
		for name, f := range formats() {
			var b bytes.Buffer
			if err := f.write(&b, []Entry{e}); err != nil {
				t.Fatal(err)
			}
			got, err := f.read(&b)
			if err != nil || len(got) != 1 || len(got[0].Ways) != len(e.Ways) || got[0].Role != e.Role || got[0].Names != e.Names || got[0].Zone != e.Zone {
				t.Fatalf("%s: %v %+v", name, err, got)
			}
			for i, w := range got[0].Ways {
				if w.Kind != e.Ways[i].Kind || w.Kind != act.WayPost && w.Value != e.Ways[i].Value || w.Key != e.Ways[i].Key || w.Note.Text != e.Ways[i].Note.Text {
					t.Fatalf("%s: %+v, was %+v", name, w, e.Ways[i])
				}
			}
		}
	})
}

// Spec: none, see sample. No cell is a formula.
func TestInert(t *testing.T) {
	e := sample()
	e.Names.En, e.Ways[0].Value = `=HYPERLINK("http://example.org")`, "@SUM(A1)"
	var b bytes.Buffer
	if err := WriteCSV(&b, []Entry{e}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte(mark)))).ReadAll()
	if err != nil || len(rows) != 6 {
		t.Fatal(rows, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("a formula: %s", cell)
			}
		}
	}
}

// Spec: none, see sample. What other programs write has names and numbers, and
// nothing is made up for what it lacks.
func TestForeign(t *testing.T) {
	list, err := ReadVCard(strings.NewReader("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Example CERT\r\nORG:Example\r\nTEL;TYPE=work,voice:+49 30 000\r\nTEL;VALUE=uri;PREF=1:tel:+49-30-001\r\n" +
		"EMAIL:duty@\r\n cert.example\r\nLANG:de\r\nTZ:Europe/Berlin\r\nEND:VCARD\r\n"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	e := list[0]
	if e.Names.En != "Example CERT" || e.Names.Zh != "Example CERT" || len(e.Ways) != 3 || e.Ways[0].Value != "+49-30-001" || e.Ways[2].Value != "duty@cert.example" ||
		e.Zone != "Europe/Berlin" || e.Languages[0] != "de" || e.Role != "" || e.Until != 0 || e.Deputies == nil {
		t.Errorf("%+v", e)
	}
	list, err = ReadCSV(strings.NewReader("Value,Way,Name_en\n'+1 555,phone,Desk\nfax 7,fax,Desk\n"))
	if err != nil || len(list) != 2 || list[0].Ways[0].Value != "+1 555" || list[1].Ways[0].Kind != act.WayOther {
		t.Errorf("%+v %v", list, err)
	}
}

// Spec: none, see sample. What cannot be read is refused, and bounded.
func TestRefused(t *testing.T) {
	long := strings.Repeat("BEGIN:VCARD\nVERSION:4.0\nFN:a\nEND:VCARD\n", MaxEntries+1)
	for what, text := range map[string]string{"": "", "words": "hello\nworld\n", "half": "BEGIN:VCARD\nFN:a\n", "too many": long, "too large": strings.Repeat("a", MaxBytes+1),
		"ways": "BEGIN:VCARD\nVERSION:4.0\n" + strings.Repeat("TEL:1\n", 17) + "END:VCARD\n"} {
		if list, err := ReadVCard(strings.NewReader(text)); fault.CodeOf(err) != rule.DirectoryFile {
			t.Errorf("%s: %v %v", what, list, err)
		}
	}
	for what, text := range map[string]string{"": "", "words": "hello\nworld\n", "only a head": "value\n", "a quote": "value\n\"a\n", "too many": "value\n" + strings.Repeat("a\n", MaxEntries+1),
		"ways": "entry,value\n" + strings.Repeat("a,1\n", 17)} {
		if list, err := ReadCSV(strings.NewReader(text)); fault.CodeOf(err) != rule.DirectoryFile {
			t.Errorf("%s: %v %v", what, list, err)
		}
	}
}

// Spec: none, see sample. Garbage never panics, and what comes of it can be an
// act's.
func FuzzRead(f *testing.F) {
	f.Add([]byte("BEGIN:VCARD\nVERSION:4.0\nFN;LANGUAGE=zh:值班\nw1.TEL;PREF=x:1\nw1.NOTE:\x00\u202e\nEND:VCARD\n"))
	f.Add([]byte("value,way,entry\n=1,phone,a\n\x01,line,a\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, form := range formats() {
			list, err := form.read(bytes.NewReader(raw))
			if err != nil {
				continue
			}
			for _, e := range list {
				if _, err := act.WriteBody(&e.ContactBody); err != nil {
					t.Fatalf("%+v: %v", e, err)
				}
			}
		}
	})
}

type format struct {
	write func(io.Writer, []Entry) error
	read  func(io.Reader) ([]Entry, error)
}

func formats() map[string]format {
	return map[string]format{"vcard": {WriteVCard, ReadVCard}, "csv": {WriteCSV, ReadCSV}}
}
