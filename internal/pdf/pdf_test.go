package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

var (
	streams = regexp.MustCompile(`(?s)/Filter /FlateDecode[^>]*>>\nstream\n(.*?)\nendstream`)
	drawn   = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)
	escaped = regexp.MustCompile(`(?s)\\.`)
)

// extracted is the text that a document draws, line by line, out of its own
// content streams.
func extracted(t *testing.T, raw []byte) string {
	t.Helper()
	var out strings.Builder
	for _, m := range streams.FindAllSubmatch(raw, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(r)
		for _, d := range drawn.FindAllSubmatch(content, -1) {
			b := escaped.ReplaceAllFunc(d[1], func(x []byte) []byte {
				if x[1] == 'r' {
					return []byte{'\r'}
				}
				return x[1:]
			})
			var units []uint16
			for i := 0; i+1 < len(b); i += 2 {
				units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
			}
			out.WriteString(string(utf16.Decode(units)) + "\n")
		}
	}
	return out.String()
}

// solid is text without what breaks it.
func solid(s string) string { return strings.Join(strings.Fields(s), "") }

func document(text string) *Document {
	return &Document{Title: "通话记录", Lang: "zh-Hans", Foot: "foot", Made: time.UnixMilli(1_466_000_000_000).UTC(),
		Blocks: []Block{{Heading, "", "通话记录"}, {Kind: Rule}, {Row, "标签", text}, {Text, "", text}, {Small, "", text}},
		Files:  []File{{"call.disclosure", "the proof", []byte("bytes of a proof")}}}
}

// long is a conversation of every common character of Chinese, with Latin words
// in it, that fills many pages.
func long() string {
	var out strings.Builder
	for r := rune(0x4e00); r < 0x4e00+6000; r++ {
		out.WriteRune(r)
		switch {
		case r%23 == 0:
			out.WriteString("，IP 198.51.100.143 ")
		case r%97 == 0:
			out.WriteString("。\n")
		}
	}
	return out.String()
}

// Every character of a long Chinese text stands on the pages: read out of the
// content streams, and with pdftotext where it is installed.
func TestNothingIsLost(t *testing.T) {
	text := long()
	raw, err := Write(document(text))
	if err != nil {
		t.Fatal(err)
	}
	got := solid(extracted(t, raw))
	if n := strings.Count(string(raw), "/Type /Page\n"); n < 10 {
		t.Errorf("%d pages", n)
	}
	stands := map[rune]int{}
	for _, r := range got {
		stands[r]++
	}
	for _, r := range solid(text + text + text) {
		if stands[r]--; stands[r] < 0 {
			t.Fatalf("%c stands less often than it is written", r)
		}
	}
	again, err := Write(document(text))
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the same document gives other bytes (%v)", err)
	}
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("pdftotext is not installed: the content streams alone were read")
		return
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "-layout", "-enc", "UTF-8", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range solid(text) {
		if !strings.ContainsRune(string(out), r) {
			t.Fatalf("pdftotext does not find %c", r)
		}
	}
}

// What the font lacks, and what cannot be seen, stands as its number.
func TestShownAsNumbers(t *testing.T) {
	raw, err := Write(document("喆镕\U00020000\u202eA\x00é"))
	if err != nil {
		t.Fatal(err)
	}
	if got := solid(extracted(t, raw)); !strings.Contains(got, "喆镕[U+20000][U+202E]A[U+0000]é") {
		t.Errorf("%q", got)
	}
}

// Lines end where they may, none is wider than the page, and a word that is
// wider is cut.
func TestLines(t *testing.T) {
	for _, text := range []string{"", "\n\n", strings.Repeat("x", 5000), strings.Repeat("中", 3000), "a " + strings.Repeat("e\u0301", 400), strings.Repeat("word ", 900)} {
		raw, err := Write(document(text))
		if err != nil {
			t.Fatal(err)
		}
		want := solid(strings.ReplaceAll(text, "\u0301", "[U+0301]"))
		if got := solid(extracted(t, raw)); strings.Count(got, "x") < strings.Count(text, "x")*3 || len(got) < len(want)*3 {
			t.Errorf("%.10q: %d bytes of text, where %d are written", text, len(got), 3*len(want))
		}
	}
	s, err := newSheet()
	if err != nil {
		t.Fatal(err)
	}
	s.size = points(Text)
	for _, line := range s.lines("不能断在这里，"+strings.Repeat("标点，", 80), width) {
		if strings.HasPrefix(line, "，") || s.wide(line) > width {
			t.Errorf("a line that begins with a comma or is too wide: %q", line)
		}
	}
}

// A file comes out of the document as it went in.
func TestFiles(t *testing.T) {
	raw, err := Write(document("x"))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, m := range regexp.MustCompile(`(?s)/Type /EmbeddedFile.*?>> >>\s+stream\n(.*?)\nendstream`).FindAllSubmatch(raw, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		found = found || err == nil && string(content) == "bytes of a proof"
	}
	if !found {
		t.Error("it is not there")
	}
}

// A damaged font covers nothing, and does not stop anything.
func TestCoverage(t *testing.T) {
	for _, b := range [][]byte{nil, {0, 1, 0, 0, 0xff, 0xff}, bytes.Repeat([]byte("cmap\xff"), 40)} {
		if c := coverageOf(b); c.has('a') {
			t.Errorf("%x covers", b)
		}
	}
}

func ExampleWrite() {
	raw, err := Write(&Document{Title: "A", Lang: "en", Made: time.Unix(0, 0).UTC(), Blocks: []Block{{Text: "One line."}}})
	fmt.Println(string(raw[:5]), err)
	// Output: %PDF- <nil>
}
