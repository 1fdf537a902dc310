package plot

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
)

func columns() Columns {
	return Columns{ID: "answered", Title: "接听 <b>", About: "Calls & tests", Labels: []string{"2016-01", "二月", "<script>"}, Stack: true,
		Series: []Series{{"in time", []float64{3, 0, 12}}, {"late", []float64{1, 2, 0}}, {"nobody", []float64{0, 4, 1}}}}
}

// elements counts those of a drawing, by name, and refuses what is none.
func elements(t *testing.T, svg string) map[string]int {
	t.Helper()
	found := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			found[start.Name.Local]++
			for _, a := range start.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "rgb(") || a.Name.Local == "href" {
					t.Errorf("%s %s=%q", start.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
}

// A plot has a column for each number that is not nought, names itself, and has
// no style, script, colour or markup of anybody's.
func TestColumns(t *testing.T) {
	svg, err := columns().SVG()
	if err != nil {
		t.Fatal(err)
	}
	found := elements(t, svg)
	for name, n := range found {
		switch name {
		case "svg", "title", "desc", "defs", "pattern", "rect", "circle", "path", "text":
		default:
			t.Errorf("%d %s", n, name)
		}
	}
	if n := strings.Count(svg, `class="plot__column"`); n < 6 {
		t.Errorf("%d columns", n)
	}
	for _, want := range []string{`role="img"`, "接听 &lt;b&gt;", "Calls &amp; tests", "二月", "&lt;script&gt;", `fill="url(#answered-2)"`, "plot__axis", "plot__grid"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in %s", want, svg)
		}
	}
	if elements(t, Key("answered", 1))["pattern"] != 1 {
		t.Error("a key without a pattern")
	}
}

// The axis ends at a round number that no column exceeds.
func TestTop(t *testing.T) {
	for most, want := range map[float64][2]float64{0: {4, 0.0004}, 1: {4, 1}, 4: {4, 4}, 5: {8, 8}, 7: {8, 8}, 11: {12, 20}, 23: {40, 40}, 0.011: {4, 0.02}, 744: {800, 800}, 1e15: {1e15, 1e15}} {
		for i, whole := range []bool{true, false} {
			c := Columns{Labels: []string{"a"}, Series: []Series{{Values: []float64{most}}}, Whole: whole}
			if got := c.top(); got < most || whole && got != math.Trunc(got) || most < 1e15 && math.Abs(got-want[i]) > 1e-9 {
				t.Errorf("%v, whole %v: %v, want %v", most, whole, got, want[i])
			}
		}
	}
}

// Below many columns every nth has its label, at equal distances, the newest
// among them.
func TestLabelsAtEqualDistances(t *testing.T) {
	label := regexp.MustCompile(`x="(\d+)" y="\d+">(m\d+)<`)
	for _, n := range []int{1, 2, 12, 13, 14, 18, 24, 25, 27, 36, 60, 119, 120} {
		c := Columns{ID: "x", Series: []Series{{Name: "one"}}}
		for i := range n {
			c.Labels, c.Series[0].Values = append(c.Labels, fmt.Sprintf("m%03d", i)), append(c.Series[0].Values, 3)
		}
		svg, err := c.SVG()
		if err != nil {
			t.Fatal(err)
		}
		found := label.FindAllStringSubmatch(svg, -1)
		if len(found) == 0 || len(found) > mostLabels || found[len(found)-1][2] != c.Labels[n-1] {
			t.Fatalf("%d columns: %v", n, found)
		}
		number := func(i, group int) (v int) {
			fmt.Sscanf(strings.TrimLeft(found[i][group], "m"), "%d", &v)
			return v
		}
		for i := 2; i < len(found); i++ {
			if a, b := number(i, 2)-number(i-1, 2), number(i-1, 2)-number(i-2, 2); a != b {
				t.Errorf("%d columns: every %d and every %d", n, a, b)
			}
			if a, b := number(i, 1)-number(i-1, 1), number(i-1, 1)-number(i-2, 1); max(a, b)-min(a, b) > 2 { // pixels are whole
				t.Errorf("%d columns: %d and %d apart", n, a, b)
			}
		}
	}
}

// The same numbers give the same drawing, and years of months are cut at the
// front.
func TestColumnsAreBounded(t *testing.T) {
	c := columns()
	first, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := c.SVG(); again != first {
		t.Error("drawn twice, and not alike")
	}
	c.Labels, c.Series = nil, []Series{{Name: "one"}}
	for range 5000 {
		c.Labels, c.Series[0].Values = append(c.Labels, "2016-01"), append(c.Series[0].Values, 1e15)
	}
	long, err := c.SVG()
	if err != nil || len(long) > 200_000 {
		t.Errorf("%d bytes, %v", len(long), err)
	}
	for _, empty := range []Columns{{ID: "x"}, {ID: "x", Series: []Series{{Name: "none"}}}, {ID: "x", Labels: []string{"a"}, Series: []Series{{Name: "z", Values: []float64{0}}}}} {
		if svg, err := empty.SVG(); err == nil {
			elements(t, svg)
		}
	}
}
