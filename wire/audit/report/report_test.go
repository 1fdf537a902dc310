package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/audit/report"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/wiretest"
)

// A file is told by its tag. What is good is worded on the screen, for print
// and for programs, in each language by itself; of what is not, nothing is
// shown. Spec: DIS-28.
func TestJudge(t *testing.T) {
	t.Parallel()
	kinds := map[string]int{}
	for _, kind := range []string{"disclosure", "proof"} {
		for _, v := range wiretest.Vectors(t, kind) {
			r, err := report.Judge(v.Body, nil)
			if wiretest.Code(t, err, v.Expect); err != nil {
				if r != nil {
					t.Errorf("%s is refused, and shown", v.File)
				}
				continue
			}
			kinds[r.Kind]++
			worded(t, v.File, r)
		}
	}
	r, err := report.Judge(wiretest.NewUnreceipted().Withheld(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds[r.Kind]++
	worded(t, "a withheld receipt", r)
	if len(kinds) < 5 {
		t.Errorf("only %v were judged", kinds)
	}
	for _, other := range []string{"", "parley", "parley custody v1\n", "%PDF-1.7"} {
		_, err := report.Judge([]byte(other), nil)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

func worded(t *testing.T, name string, r *report.Report) {
	t.Helper()
	for lang, words := range map[string][2]string{report.English: {"VERIFIED", "核验通过"}, report.Chinese: {"核验通过", "VERIFIED"}} {
		var text, page bytes.Buffer
		r.Text(&text, lang)
		r.HTML(&page, lang)
		for _, out := range []string{text.String(), page.String()} {
			if !strings.Contains(out, words[0]) || strings.Contains(out, words[1]) {
				t.Errorf("%s in %s:\n%s", name, lang, out)
			}
		}
		wellFormed(t, name, page.String())
	}
	if raw, err := json.Marshal(r.Machine); err != nil || len(raw) < 3 {
		t.Errorf("%s for programs: %s, %v", name, raw, err)
	}
}

// wellFormed: every element that a page opens it closes, and none of them runs
// or fetches anything.
func wellFormed(t *testing.T, name, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				t.Errorf("%s: %d elements stay open", name, depth)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			if slices.Contains([]string{"script", "img", "link", "iframe", "object", "a", "form"}, e.Name.Local) {
				t.Errorf("%s has <%s>", name, e.Name.Local)
			}
		case xml.EndElement:
			depth--
		}
	}
}

// What somebody wrote is text on the page, whatever it looks like.
//
// Spec: none, how the page is written is the program's own.
func TestHTMLEscapes(t *testing.T) {
	t.Parallel()
	bad := report.Words{`<script>alert("1")</script>`, `<img src="x">&`}
	r := &report.Report{Proves: bad, Sections: []report.Section{{Title: bad, Lines: []report.Line{
		{Label: bad, Value: bad}, {Label: bad, Value: bad, Long: true}, {Value: bad}, {Label: bad, Value: bad, Warns: true}}}}}
	for _, lang := range []string{report.English, report.Chinese, report.Both} {
		var page bytes.Buffer
		r.HTML(&page, lang)
		if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "<img") {
			t.Errorf("in %s:\n%s", lang, &page)
		}
		wellFormed(t, "hostile words in "+lang, page.String())
	}
}

// A fingerprint that is known must be one of the two.
//
// Spec: DIS-3, WTH-12.
func TestKnown(t *testing.T) {
	t.Parallel()
	s := wiretest.NewUnreceipted()
	founding := s.Founding()
	for _, known := range [][]party.ID{{founding[0]}, {founding[1], founding[0]}} {
		if _, err := report.Judge(s.Withheld(nil), known); err != nil {
			t.Error(err)
		}
	}
	stranger := founding[0]
	stranger[0]++
	if _, err := report.Judge(s.Withheld(nil), []party.ID{stranger}); err == nil {
		t.Error("a stranger's fingerprint is taken")
	}
}
