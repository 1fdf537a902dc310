// Package plot implements docs/decisions/0028-plots.md: columns drawn as SVG
// that a page holds as it is. A library lays them out; what it writes is taken
// apart and written anew, with classes for the style sheet in the place of
// colours, so that the page's policy and both themes hold, and with a title and
// a description for whoever does not see it.
//
// Series are told apart by patterns, and not by colour alone: full, hatched,
// dotted. Beside each plot stands the table of its numbers; nothing is in a plot
// that is not in the table.
package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"
)

// MostSeries is how many series have patterns of their own.
const MostSeries = 3

// Bounds of a plot.
const (
	mostColumns = 120
	mostLabels  = 13 // that stand below the columns side by side
	width       = 480
	height      = 200
)

// Series is a number for each label.
type Series struct {
	Name   string
	Values []float64
}

// Columns are numbers side by side, or one on the other.
type Columns struct {
	ID     string // of the page's own, in lower-case letters, digits and hyphens
	Title  string
	About  string // what it shows, for who does not see it
	Labels []string
	Series []Series
	Stack  bool
	Whole  bool // they are counted
}

// The colours that the library is given stand for classes; none is shown.
func colour(n uint8) charts.Color { return charts.Color{R: 1, G: 2, B: n, A: 255} }

const (
	asAxis uint8 = 100 + iota
	asGrid
	asText
)

// classes say what stands in the style sheet for a colour.
func classes(value string) string {
	var r, g, b int
	if n, _ := fmt.Sscanf(strings.ReplaceAll(value, " ", ""), "rgb(%d,%d,%d)", &r, &g, &b); n != 3 || r != 1 || g != 2 {
		return ""
	}
	switch uint8(b) {
	case asAxis:
		return "plot__axis"
	case asGrid:
		return "plot__grid"
	case asText:
		return "plot__text"
	}
	return "plot__" + strconv.Itoa(b)
}

// SVG draws the columns. What is too much to be seen is cut off at the front: the
// newest stand at the end.
func (c Columns) SVG() (string, error) {
	if over := len(c.Labels) - mostColumns; over > 0 {
		c.Labels = c.Labels[over:]
		for i := range c.Series {
			c.Series[i].Values = c.Series[i].Values[over:]
		}
	}
	raw, err := c.drawn()
	if err != nil {
		return "", err
	}
	return c.rewritten(raw)
}

// drawn has the library lay the plot out.
func (c Columns) drawn() ([]byte, error) {
	var data [][]float64
	theme := charts.ThemeOption{AxisStrokeColor: colour(asAxis), AxisSplitLineColor: colour(asGrid), TextColor: colour(asText)}
	for i, s := range c.Series {
		data = append(data, s.Values)
		theme.SeriesColors = append(theme.SeriesColors, colour(uint8(i)))
	}
	o := charts.NewBarChartOptionWithData(data)
	o.Theme = charts.MakeTheme(theme)
	o.CategoryAxis.Labels, o.CategoryAxis.LabelCount = c.spaced(), len(c.Labels)
	o.StackSeries = charts.Ptr(c.Stack)
	o.Legend.Show = charts.Ptr(false)
	o.Padding = charts.Box{Top: 12, Right: 8, Bottom: 4, Left: 4}
	o.CategoryAxis.BoundaryGap = charts.Ptr(true)
	top := c.top()
	for i := range o.ValueAxis {
		o.ValueAxis[i].Min, o.ValueAxis[i].Max, o.ValueAxis[i].LabelCount = charts.Ptr(0.0), charts.Ptr(top), steps+1
		o.ValueAxis[i].RangeValuePaddingScale = charts.Ptr(0.0)
	}
	o.ValueFormatter = func(v float64) string { return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) }
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: height})
	if err := p.BarChart(o); err != nil {
		return nil, err
	}
	return p.Bytes()
}

// spaced leaves every nth label, counted from the newest, and a blank for each
// other: which ones the library would choose stand at unequal distances.
func (c Columns) spaced() []string {
	every := (len(c.Labels) + mostLabels - 1) / mostLabels
	list := make([]string, len(c.Labels))
	for i, label := range c.Labels {
		list[i] = " "
		if (len(c.Labels)-1-i)%every == 0 {
			list[i] = label
		}
	}
	return list
}

// steps are those of the value axis, each a round number.
const steps = 4

// top is where the value axis ends: steps that are 1, 2, 2.5 or 5 times a power
// of ten, and above one whole numbers.
func (c Columns) top() float64 {
	most := 0.0
	for i := range c.Labels {
		sum := 0.0
		for _, s := range c.Series {
			if c.Stack {
				sum += s.Values[i]
			} else {
				sum = max(sum, s.Values[i])
			}
		}
		most = max(most, sum)
	}
	size := math.Pow(10, math.Floor(math.Log10(max(most, 0.001)/steps)))
	for _, by := range []float64{1, 2, 2.5, 5, 10} {
		step := by * size
		if c.Whole {
			step = math.Ceil(step)
		}
		if step*steps >= most {
			return step * steps
		}
	}
	return size * 10 * steps
}

// Empty tells whether there is nothing to see.
func (c Columns) Empty() bool {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v != 0 {
				return false
			}
		}
	}
	return true
}

// rewritten writes a drawing anew: paths and texts, and nothing else of it.
func (c Columns) rewritten(raw []byte) (string, error) {
	var out strings.Builder
	id := html.EscapeString(c.ID)
	fmt.Fprintf(&out, `<svg class="plot" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		width, height, id, id, id, html.EscapeString(c.Title), id, html.EscapeString(c.About))
	out.WriteString(`<defs>` + patterns(id, len(c.Series)) + `</defs>`)
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := d.Token()
		if token == nil {
			break
		}
		if err != nil {
			return "", err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "path":
			path(&out, id, start)
		case "text":
			var text struct {
				Text string `xml:",chardata"`
			}
			if err := d.DecodeElement(&text, &start); err != nil {
				return "", err
			}
			if strings.TrimSpace(text.Text) == "" {
				continue
			}
			fmt.Fprintf(&out, `<text class="plot__text" x="%s" y="%s">%s</text>`, html.EscapeString(attribute(start, "x")), html.EscapeString(attribute(start, "y")), html.EscapeString(text.Text))
		}
	}
	out.WriteString(`</svg>`)
	return out.String(), nil
}

// path writes a line or a column; what is in none of our colours is left out.
func path(out *strings.Builder, id string, start xml.StartElement) {
	style := map[string]string{}
	for one := range strings.SplitSeq(attribute(start, "style"), ";") {
		if name, value, ok := strings.Cut(one, ":"); ok {
			style[strings.TrimSpace(name)] = value
		}
	}
	shape := html.EscapeString(strings.Join(strings.Fields(attribute(start, "d")), " "))
	if fill := classes(style["fill"]); fill != "" {
		fmt.Fprintf(out, `<path class="plot__column" fill="url(#%s-%s)" d="%s"/>`, id, strings.TrimPrefix(fill, "plot__"), shape)
		return
	}
	if stroke := classes(style["stroke"]); stroke != "" {
		fmt.Fprintf(out, `<path class="%s" d="%s"/>`, stroke, shape)
	}
}

// patterns fill the columns of each series.
func patterns(id string, series int) string {
	var out strings.Builder
	for i := range min(series, MostSeries) {
		fmt.Fprintf(&out, `<pattern id="%s-%d" width="8" height="8" patternUnits="userSpaceOnUse">%s</pattern>`, id, i, filling(i))
	}
	return out.String()
}

// filling is the tile of a series' pattern.
func filling(series int) string {
	return []string{
		`<rect class="plot__0" width="8" height="8"/>`,
		`<rect class="plot__paper" width="8" height="8"/><path class="plot__hatch" d="M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6"/>`,
		`<rect class="plot__paper" width="8" height="8"/><circle class="plot__dot" cx="4" cy="4" r="2"/>`,
	}[series]
}

// Key is the sign of a series, for the words beside a plot.
func Key(id string, series int) string {
	id = html.EscapeString(id) + "-k"
	return fmt.Sprintf(`<svg class="plot__key" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><defs><pattern id="%s-%d" width="8" height="8" patternUnits="userSpaceOnUse">%s</pattern></defs><path class="plot__column" fill="url(#%s-%d)" d="M1 1 L15 1 L15 15 L1 15 Z"/></svg>`,
		id, series, filling(series), id, series)
}

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
