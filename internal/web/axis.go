package web

import (
	"math"
	"strconv"
	"time"

	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// The axis: three hours that were, and a day that comes, in one drawing. Ours
// stands above it, theirs below.
const (
	axisBefore = 3 * time.Hour
	axisAfter  = 24 * time.Hour
	axisWidth  = 1270
	axisMargin = 20
	axisMiddle = 100
	axisHeight = 200
	axisRows   = 2  // of labels on one side; what finds no place has none
	axisLetter = 8  // width of one letter of a label
	axisStep   = 26 // from one row to the next
)

// axis is what is drawn.
type axis struct {
	Width, Height, Middle, Left, Right int
	Now                                int
	Us, Them                           axisSide
	Frozen                             int // clocks that a suspension stopped; they are not drawn
	From, To                           *times
}

// axisSide is one party's half.
type axisSide struct {
	Hours   []axisHour
	Working []axisSpan
	Marks   []axisMark
}

type axisHour struct {
	X    int
	Text string
}

type axisSpan struct{ X, Width int }

// axisMark is something due.
type axisMark struct {
	X, Y   int // middle of the mark
	Over   bool
	Label  string
	LabelX int
	End    bool // the label stands before the mark
}

// axisOf draws what is owed by both sides.
func (v *visit) axisOf(us, them []item) *axis {
	a := &axis{Width: axisWidth + 2*axisMargin, Height: axisHeight, Middle: axisMiddle, Left: axisMargin, Right: axisMargin + axisWidth}
	now := v.now.UnixMilli()
	from, to := now-axisBefore.Milliseconds(), now+axisAfter.Milliseconds()
	a.From, a.To = v.at(from), v.at(to)
	x := func(ms int64) int {
		part := float64(ms-from) / float64(to-from)
		return axisMargin + int(math.Round(min(max(part, 0), 1)*axisWidth))
	}
	a.Now = x(now)
	a.Us.Marks, a.Frozen = marksOf(us, to, x, true)
	marks, frozen := marksOf(them, to, x, false)
	a.Them.Marks, a.Frozen = marks, a.Frozen+frozen
	a.Us.Hours, a.Us.Working = v.hoursOf(true, from, to, x)
	a.Them.Hours, a.Them.Working = v.hoursOf(false, from, to, x)
	return a
}

// marksOf places the marks of one side, and the labels that find room.
func marksOf(items []item, to int64, x func(int64) int, above bool) (list []axisMark, frozen int) {
	ends := [axisRows]int{}
	for _, one := range items {
		o := one.Owed
		if o == nil || o.due == 0 || o.due > to {
			if o != nil && o.Frozen {
				frozen++
			}
			continue
		}
		m := axisMark{X: x(o.due), Over: o.State == boxOverdue}
		label := one.Name + " " + o.Step
		width := axisLetter*widthOf(label) + 16
		row := 0
		for row < axisRows {
			m.LabelX, m.End = m.X+16, false
			if m.X+16+width > axisMargin+axisWidth {
				m.LabelX, m.End = m.X-16, true
			}
			start := m.LabelX
			if m.End {
				start -= width
			}
			if start >= ends[row] {
				m.Label, ends[row] = label, start+width
				break
			}
			row++
		}
		m.Y = axisMiddle - axisStep*(min(row, axisRows-1)+1)
		if !above {
			m.Y = 2*axisMiddle - m.Y
		}
		list = append(list, m)
	}
	return list, frozen
}

// widthOf is how wide a label is, in letters: one of Chinese takes two.
func widthOf(s string) (n int) {
	for _, r := range s {
		n++
		if r > 0x2e80 {
			n++
		}
	}
	return n
}

// hoursOf gives every third hour of a party's wall, and when it works.
func (v *visit) hoursOf(ours bool, from, to int64, x func(int64) int) (hours []axisHour, spans []axisSpan) {
	const quarter = int64(15 * 60 * 1000)
	in := v.calendarOf(ours)
	start := int64(-1)
	for ms := (from/quarter + 1) * quarter; ms < to; ms += quarter {
		wall := v.wall(ms, ours)
		if wall.Minute() == 0 && wall.Hour()%3 == 0 {
			hours = append(hours, axisHour{x(ms), twoDigits(wall.Hour())})
		}
		if in == nil {
			continue
		}
		working, err := in.Working(calendar.Instant(ms))
		if err != nil {
			continue
		}
		switch {
		case working && start < 0:
			start = ms
		case !working && start >= 0:
			spans, start = append(spans, axisSpan{x(start), x(ms) - x(start)}), -1
		}
	}
	if start >= 0 {
		spans = append(spans, axisSpan{x(start), x(to) - x(start)})
	}
	return hours, spans
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// calendarOf is a party's calendar; nil where no arrangement has one.
func (v *visit) calendarOf(ours bool) *calendar.Calendar {
	if p := v.partyIn(v.rules, ours); p != nil {
		return &p.Calendar
	}
	return nil
}

// partyIn finds a party in an arrangement, nil if it is not there.
func (v *visit) partyIn(rules *arrangement.Document, ours bool) *arrangement.Party {
	id := v.frame.them
	if ours {
		id = v.frame.us
	}
	p, _ := rules.Party(id)
	return p
}
