package voice

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/calendar"
)

// Terms of a series.
const (
	Life        = 90 * calendar.Day // that a node offers
	renewBefore = 30 * calendar.Day // how long before the end the lower side offers the next
	yieldFor    = 7 * calendar.Day  // how much later the higher side does, if the lower has not
	maxOpen     = 64                // series that have not lapsed; beyond them nothing is owed
)

// Compare orders the series of a line: what counts more comes last. A later
// number counts more; of two that crossed with one number the lower side's,
// and of one side's the first.
func Compare(a, b *Series) int {
	switch {
	case a.Head == nil || b.Head == nil:
		return cmp.Compare(rank(a.Head != nil), rank(b.Head != nil))
	case a.Head.Series != b.Head.Series:
		return cmp.Compare(a.Head.Series, b.Head.Series)
	case a.Owner != b.Owner:
		return cmp.Compare(rank(a.Owner == procedure.SideName(false)), rank(b.Owner == procedure.SideName(false)))
	}
	return -cmp.Compare(a.Opening.Position, b.Opening.Position)
}

func rank(is bool) int {
	if is {
		return 1
	}
	return 0
}

// Current is the series whose words count on a line: of those that stand the
// one that counts most. Nil: there is none.
func Current(list []*Series) *Series {
	return best(list, func(s *Series) bool { return s.Phase == Standing })
}

func best(list []*Series, is func(*Series) bool) (most *Series) {
	for _, s := range list {
		if is(s) && (most == nil || Compare(s, most) > 0) {
			most = s
		}
	}
	return most
}

// Owed is what a side's node has to say by itself.
type Owed struct {
	Answer *Series // an offer of the other's that waits
	Offer  int64   // the number of a series to be offered; 0: none
	Next   calendar.Instant
}

// Owes tells what a side's node has to say, from the record, the instant and
// which series it has the secret of, or for its own offers the key. Next is
// when that may change by itself; 0: not before something new comes.
//
// An offer waits for an answer unless another counts more: of two that crossed
// one is answered, and both know which.
func Owes(list []*Series, higher bool, at calendar.Instant, has func(*Series) bool) (o Owed) {
	own := procedure.SideName(higher)
	top := best(list, func(s *Series) bool { return s.Head != nil && s.Phase != Lapsed })
	number, open := int64(0), 0
	for _, s := range list {
		if s.Head != nil {
			number = max(number, s.Head.Series)
			open += rank(s.Phase != Lapsed)
		}
	}
	switch {
	case open > maxOpen:
	case top == nil:
		o.Offer = number + 1
	case top.Phase == Offered && top.Owner != own:
		o.Answer, o.Next = top, top.Head.Until
	case !has(top): // it was lost: another node, a restored store
		o.Offer = number + 1
	case top.Phase == Offered:
		o.Next = top.Head.Until
	default:
		due := top.Head.Renew
		if higher {
			due += yieldFor
		}
		if at < due {
			o.Next = due
		} else {
			o.Offer = number + 1
		}
	}
	if number >= maxSeries {
		o.Offer = 0 // there is no higher one
	}
	return o
}

// Doubted tells of a line whether somebody heard wrong words since the newest
// row that both sides heard right: the newest use that is not a rehearsal
// counts.
func Doubted(list []*Series) bool {
	var newest *Use
	var when calendar.Instant
	for _, s := range list {
		for i := range s.Uses {
			u := &s.Uses[i]
			if at := u.at(); !u.Test && (newest == nil || at > when || at == when && u.Failed) {
				newest, when = u, at
			}
		}
	}
	return newest != nil && newest.Failed
}

// at is when a row was used, as who said so last says.
func (u *Use) at() (at calendar.Instant) {
	for _, t := range []*Told{u.Lower, u.Higher} {
		if t != nil {
			at = max(at, t.At)
		}
	}
	return at
}

// Rehearsals counts the rows that were used for a rehearsal from one instant
// until before another, and of them those that both sides heard right.
func Rehearsals(list []*Series, from, until calendar.Instant) (held, proved int) {
	for _, s := range list {
		for i := range s.Uses {
			u := &s.Uses[i]
			if at := u.at(); !u.Test || at < from || at >= until {
				continue
			}
			held++
			if u.Match == Agreed && !u.Failed {
				proved++
			}
		}
	}
	return held, proved
}

// Sorted gives the series of a line, what counts most first.
func Sorted(list []*Series) []*Series {
	return slices.SortedStableFunc(slices.Values(list), func(a, b *Series) int { return -Compare(a, b) })
}
