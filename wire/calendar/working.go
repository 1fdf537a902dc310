package calendar

import "slices"

// Span is the instants from From up to and without To.
type Span struct {
	From Instant `json:"from"`
	To   Instant `json:"to"`
}

// cut gives the part of s that lies in t; it may be empty (From >= To).
func (s Span) cut(t Span) Span { return Span{max(s.From, t.From), min(s.To, t.To)} }

// Union gives the same instants as spans, in order, no two touching, none
// empty: what several reasons for a pause make together.
func Union(spans []Span) []Span {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return cmp(a.From, b.From) })
	var out []Span
	for _, s := range sorted {
		switch last := len(out) - 1; {
		case s.From >= s.To:
		case last >= 0 && s.From <= out[last].To:
			out[last].To = max(out[last].To, s.To)
		default:
			out = append(out, s)
		}
	}
	return out
}

// pieces calls visit with the stretches of working time that begin at or
// after from's day, in order, cut to from; it stops when visit returns false,
// or at the horizon. A stretch is one interval of one local day under one
// offset, so the walk takes as many steps as there are days.
func (c *Calendar) pieces(from Instant, visit func(Span) bool) {
	window := Span{max(from, c.From), c.Until}
	for i := c.segment(window.From); i < len(c.Offsets); i++ {
		seg := c.span(i).cut(window)
		if seg.From >= seg.To {
			continue
		}
		shift := Instant(c.Offsets[i].Minutes) * Minute
		for d := Date(floorDiv(int64(seg.From+shift), int64(Day))); Instant(d)*Day-shift < seg.To; d++ {
			for _, v := range c.intervals(d) {
				p := minutes(d, shift, v).cut(seg)
				if p.From < p.To && !visit(p) {
					return
				}
			}
		}
	}
}

// minutes gives the instants of an interval of a local day under one offset.
func minutes(d Date, shift Instant, v Interval) Span {
	midnight := Instant(d)*Day - shift
	return Span{midnight + Instant(v[0])*Minute, midnight + Instant(v[1])*Minute}
}

// WorkingTime gives the working time from one instant up to another, in
// milliseconds; 0 when they are not in order. Either one outside the horizon
// is calendar.ends; to may be the horizon's end.
func (c *Calendar) WorkingTime(from, to Instant) (Instant, error) {
	if err := c.within(from); err != nil {
		return 0, err
	}
	if to > c.Until {
		return 0, c.ends(to)
	}
	var sum Instant
	c.pieces(from, func(p Span) bool {
		if p.From >= to {
			return false
		}
		sum += min(p.To, to) - p.From
		return p.To < to
	})
	return sum, nil
}

// AddWorking gives the first instant by which so much working time (at least
// one millisecond) has passed since from, or calendar.ends.
func (c *Calendar) AddWorking(from, amount Instant) (Instant, error) {
	if err := c.within(from); err != nil {
		return 0, err
	}
	due, left := from, amount
	c.pieces(from, func(p Span) bool {
		due = min(p.To, p.From+left)
		left -= due - p.From
		return left > 0
	})
	if left > 0 {
		return 0, c.ends(c.Until)
	}
	return due, nil
}

// Close gives the end of the last working time of a local date; ok is false
// for a date without any. It is calendar.ends when part of the date lies
// beyond the horizon, since the part inside does not tell when the day closes,
// and when nothing of its working time is known because it lies before.
func (c *Calendar) Close(d Date) (at Instant, ok bool, err error) {
	at, ok, beyond := c.closing(d)
	if beyond {
		return 0, false, c.ends(c.Until)
	}
	if !ok && d <= c.local(c.From).Date && len(c.intervals(d)) > 0 {
		return 0, false, c.ends(c.From - 1)
	}
	return at, ok, nil
}

// closing gives the end of a date's last working time at or after the
// beginning of the horizon, and whether any of the date lies beyond its end.
func (c *Calendar) closing(d Date) (at Instant, ok, beyond bool) {
	horizon := Span{c.From, c.Until}
	first := c.segment(Instant(d)*Day - maxOffset*Minute)
	last := c.segment(Instant(d+1)*Day + maxOffset*Minute)
	for i := first; i <= last; i++ {
		seg, shift := c.span(i), Instant(c.Offsets[i].Minutes)*Minute
		whole := minutes(d, shift, Interval{0, minutesADay}).cut(seg)
		if whole.From < whole.To && whole.To > c.Until {
			return 0, false, true
		}
		for _, v := range c.intervals(d) {
			if p := minutes(d, shift, v).cut(seg).cut(horizon); p.From < p.To {
				at, ok = p.To, true
			}
		}
	}
	return at, ok, false
}
