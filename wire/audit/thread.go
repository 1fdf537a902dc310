package audit

import (
	"encoding/json"

	"parley.example/wire/statement"
)

// Gap is what a writer said in a thread and is not shown: its acts of these
// numbers, the last of which stands at Before.
type Gap struct {
	Channel  uint8
	Higher   bool
	From, To uint32
	Before   uint64 // position of the act with number To
}

// thread finds which acts belong together, what is missing between them, what
// answers what, and which identifiers were used twice.
func (v *verifier) thread() {
	at := map[Place]*Act{}
	first := map[[2]string]*Act{}
	for _, a := range v.Acts {
		at[a.Place] = a
		if a.Statement == nil {
			continue
		}
		key := [2]string{string(a.Statement.Writer[:]), string(a.Statement.Act[:])}
		if earlier := first[key]; earlier == nil {
			first[key] = a
		} else if earlier.Channel == a.Channel {
			a.Repeats = &earlier.Place
		}
	}
	v.join(at)
	for _, a := range v.Acts {
		for _, p := range Concerns(a) {
			if other := at[p]; other != nil && other != a {
				other.Answers = append(other.Answers, a.Place)
			}
		}
		if gap := v.gap(a, at); gap != nil {
			v.Gaps = append(v.Gaps, *gap)
		}
	}
}

// join gives each act its thread: what its statement names, or, when that is
// withheld, what the act before or behind it by their slips names.
func (v *verifier) join(at map[Place]*Act) {
	for _, a := range v.Acts {
		if a.Statement != nil {
			opening := Opening(a)
			a.Thread = &opening
		} else if b := preceding(a, at); b != nil {
			a.Thread = b.Thread
		}
	}
	for i := len(v.Acts) - 1; i >= 0; i-- {
		if b := preceding(v.Acts[i], at); b != nil && b.Thread == nil {
			b.Thread = v.Acts[i].Thread
		}
	}
}

// preceding is the act that a slip names, if that is shown and says so too.
func preceding(a *Act, at map[Place]*Act) *Act {
	if a.Slip == nil || a.Slip.Number <= 1 || a.Slip.Predecessor >= a.Position {
		return nil
	}
	b := at[Place{a.Channel, a.Higher, a.Slip.Predecessor}]
	if b == nil || b.Slip == nil || b.Slip.Number+1 != a.Slip.Number {
		return nil
	}
	return b
}

// gap is what is missing just before an act, by its slip. An act that is not
// known to be of the same thread fills none.
func (v *verifier) gap(a *Act, at map[Place]*Act) *Gap {
	if a.Slip == nil || a.Slip.Number <= 1 || preceding(a, at) != nil {
		return nil
	}
	g := &Gap{a.Channel, a.Higher, 1, a.Slip.Number - 1, a.Slip.Predecessor}
	for _, b := range v.Acts {
		if b.Channel == a.Channel && b.Higher == a.Higher && b.Position < a.Position && b.Slip != nil && b.Slip.Number < g.To &&
			a.Thread != nil && b.Thread != nil && *a.Thread == *b.Thread {
			g.From = max(g.From, b.Slip.Number+1)
		}
	}
	return g
}

// Opening is the place at which an act's thread was opened. Its statement must
// be shown.
func Opening(a *Act) Place {
	if t := a.Statement.Thread; t != nil {
		return Place{a.Channel, t.Higher, t.Position}
	}
	return a.Place
}

// Concerns lists the acts that an act corrects, disputes, contests or
// withdraws, as far as its statement and body are shown. Whoever shows one of
// them without this act shows half the truth.
func Concerns(a *Act) (list []Place) {
	if a.Statement == nil {
		return nil
	}
	var named struct {
		Higher   bool   `json:"higher"`
		Position uint64 `json:"position"`
	}
	switch a.Statement.Kind {
	case "request.correct":
		if json.Unmarshal(a.Body, &named) == nil {
			list = append(list, Place{a.Channel, a.Higher, named.Position})
		}
	case "request.mark", "call.word":
		if json.Unmarshal(a.Body, &named) == nil {
			list = append(list, Place{a.Channel, named.Higher, named.Position})
		}
	case "request.contest", "request.dispute", "request.refuse", "disorder", "call.disorder", "request.amend":
		list = replies(a.Channel, a.Statement)
	case "request.withdraw":
		list = append(replies(a.Channel, a.Statement), Opening(a))
	}
	return list
}

func replies(channel uint8, s *statement.Statement) (list []Place) {
	for _, r := range s.Replies {
		list = append(list, Place{channel, r.Higher, r.Position})
	}
	return list
}
