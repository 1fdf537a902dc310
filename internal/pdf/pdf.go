// Package pdf implements docs/decisions/0023-paper.md: a document of plain text
// on numbered pages, in PDF, with files inside it. It holds no words of its own
// and decides nothing: what it is given stands on the page, every character.
package pdf

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/rivo/uniseg"

	"parley.example/wire/fault"
)

//go:embed NotoSansSC.ttf.gz
var packed []byte

// Document is what is written.
type Document struct {
	Title  string
	Lang   string // of most of it, as BCP 47 has it
	Foot   string // beside the number of the page
	Made   time.Time
	Blocks []Block
	Files  []File
}

// Block is a piece of the document below those before it.
type Block struct {
	Kind  Kind
	Label string // of a row: what stands before its text
	Text  string
}

// Kind is how a block is set.
type Kind uint8

// Kinds of blocks.
const (
	Text Kind = iota
	Heading
	Section
	Small
	Row  // a label, and its text beside it
	Rule // a line across the page
)

// File is a file inside the document.
type File struct {
	Name, Description string
	Content           []byte
}

// Sizes on A4, in millimetres and points.
const (
	margin   = 18.0
	width    = 210 - 2*margin
	bottom   = 297 - margin - 6
	labelled = 46.0
	perPoint = 0.3528 // millimetres
	leading  = 1.45
)

func points(k Kind) float64 {
	return map[Kind]float64{Heading: 17, Section: 12.5, Small: 8}[k] + map[bool]float64{true: 10}[k == Text || k == Row]
}

// families are the names of the one font, which is in the document twice. What
// lists the widths of the characters takes time with the third power of how many
// stand side by side in Unicode; of either name at most 32 do.
func families() [2]string { return [2]string{"paper", "paper2"} }

// familyOf chooses a name for a character.
func familyOf(r rune) int { return int(r>>5) & 1 }

// sheet is a document that is being written.
type sheet struct {
	*fpdf.Fpdf
	covers coverage
	y      float64
	size   float64 // of what is set, in points
}

// Write gives the document's bytes. The same document gives the same bytes.
func Write(d *Document) ([]byte, error) {
	s, err := newSheet()
	if err != nil {
		return nil, err
	}
	s.SetCatalogSort(true)
	s.SetCreationDate(d.Made)
	s.SetModificationDate(d.Made)
	s.SetProducer("parley", true)
	s.SetTitle(s.shown(d.Title), true)
	s.SetLang(d.Lang)
	s.SetAutoPageBreak(false, 0)
	s.SetFooterFunc(func() {
		size := s.size
		s.size = points(Small)
		s.draw(margin, 297-margin, 4, s.fit(d.Foot, width-20))
		s.draw(margin+width-10, 297-margin, 4, fmt.Sprint(s.PageNo()))
		s.size = size
	})
	s.page()
	for _, b := range d.Blocks {
		s.block(b)
	}
	var files []fpdf.Attachment
	for _, f := range d.Files {
		files = append(files, fpdf.Attachment{Content: f.Content, Filename: f.Name, Description: f.Description})
	}
	s.SetAttachments(files)
	var out bytes.Buffer
	if err := s.Output(&out); err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	return out.Bytes(), nil
}

// newSheet is an empty document with its font.
func newSheet() (*sheet, error) {
	unpack, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	font, err := io.ReadAll(unpack)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	s := &sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), covers: coverageOf(font)}
	for _, f := range families() {
		s.AddUTF8FontFromBytes(f, "", font)
	}
	s.SetCellMargin(0)
	return s, nil
}

func (s *sheet) page() {
	s.AddPage()
	s.y = margin
}

func (s *sheet) block(b Block) {
	if b.Kind == Rule {
		s.y += 2
		s.Line(margin, s.y, margin+width, s.y)
		s.y += 3
		return
	}
	size := points(b.Kind)
	height := size * perPoint * leading
	if b.Kind == Heading || b.Kind == Section {
		if s.y += 3; s.y+4*height > bottom { // a heading does not end a page
			s.page()
		}
	}
	s.size = size
	var labels []string
	at, wide := margin, float64(width)
	if b.Kind == Row {
		at, wide = margin+labelled, width-labelled
		labels = s.lines(b.Label, labelled-3)
	}
	lines := s.lines(b.Text, wide)
	for i := range max(len(lines), len(labels)) {
		if s.y+height > bottom {
			s.page()
		}
		if i < len(labels) {
			s.SetTextColor(70, 70, 70)
			s.draw(margin, s.y, height, labels[i])
			s.SetTextColor(0, 0, 0)
		}
		if i < len(lines) {
			s.draw(at, s.y, height, lines[i])
		}
		s.y += height
	}
	s.y += height * 0.25
}

// draw puts one line on the page, in pieces of one name of the font each.
func (s *sheet) draw(x, y, height float64, line string) {
	s.SetXY(x, y)
	for line != "" {
		end, of := len(line), -1
		for i, r := range line {
			if r <= 0xff { // either has these
				continue
			}
			if of >= 0 && familyOf(r) != of {
				end = i
				break
			}
			of = familyOf(r)
		}
		s.SetFont(families()[max(of, 0)], "", s.size)
		piece := line[:end]
		s.CellFormat(s.GetStringWidth(piece), height, piece, "", 0, "L", false, 0, "")
		line = line[end:]
	}
}

// wide is how wide a text is as it is drawn.
func (s *sheet) wide(text string) float64 {
	s.SetFont(families()[0], "", s.size)
	return s.GetStringWidth(text)
}

// lines breaks text where Unicode lets a line end (UAX #14), and what is longer
// than a line between two characters as people count them. None is lost but
// the spaces at which a line ends.
func (s *sheet) lines(text string, wide float64) (list []string) {
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line, state := "", -1
		for rest := s.shown(paragraph); rest != ""; {
			var piece string
			piece, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
			if s.wide(strings.TrimRight(line+piece, " ")) <= wide {
				line += piece
				continue
			}
			if line != "" {
				list, line = append(list, strings.TrimRight(line, " ")), ""
			}
			for s.wide(strings.TrimRight(piece, " ")) > wide {
				var head string
				if head, piece = s.cut(piece, wide); head != "" {
					list = append(list, head)
				}
			}
			line = piece
		}
		list = append(list, strings.TrimRight(line, " "))
	}
	return list
}

// cut takes from a piece that is longer than a line as much as fits, and at
// least one character.
func (s *sheet) cut(piece string, wide float64) (head, rest string) {
	state := -1
	for rest = piece; rest != ""; {
		var c, after string
		c, after, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if head != "" && s.wide(head+c) > wide {
			break
		}
		head, rest = head+c, after
	}
	return head, rest
}

// fit is a text cut to one line.
func (s *sheet) fit(text string, wide float64) string {
	if list := s.lines(text, wide); len(list) > 1 {
		return list[0]
	}
	return text
}

// shown is a text as the page can show it: a character that the font lacks, or
// that cannot be seen, stands as its number, never as nothing.
func (s *sheet) shown(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\t':
			out.WriteByte(' ')
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || !s.covers.has(r):
			fmt.Fprintf(&out, "[U+%04X]", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
