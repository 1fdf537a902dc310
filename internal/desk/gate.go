package desk

import (
	"cmp"
	"slices"
)

// hour in milliseconds.
const hour = 60 * 60 * 1000

// Standing is how a check stands for a release.
type Standing struct {
	Check   *Check
	Verdict Verdict
	Missing int    // people who still have to pass it; 0 when it is refused
	By      []Said // what counts, one for each person, oldest first
	Void    int    // results that count for nothing: no valid signature, or not the role
}

// Said is one person's newest result.
type Said struct {
	Person  Person
	Verdict Verdict
	At      int64
	Note    Private
	Lapsed  bool // a pass that is too old to count
}

// Gate says how every check that applies stands. signers are who signs, or
// will sign, the act; empty while nobody knows. The gate is open when all are
// passed; see Closed.
//
// Of each person the newest result counts. One refusal refuses, until the same
// person says otherwise. A pass counts once for a person, while it has not
// lapsed.
func (r *Rules) Gate(x Release, m Matter, results []Result, signers []Person, now int64, who Verify) (list []Standing) {
	for _, c := range r.Applies(x.Kind, m) {
		list = append(list, c.stand(x, results, signers, now, who))
	}
	return list
}

// Closed lists the standings that keep an act from leaving.
func Closed(list []Standing) (closed []Standing) {
	for _, s := range list {
		if s.Verdict != Passed {
			closed = append(closed, s)
		}
	}
	return closed
}

func (c *Check) stand(x Release, results []Result, signers []Person, now int64, who Verify) Standing {
	s := Standing{Check: c}
	for i := range results {
		r := &results[i]
		if r.Check != c.Code {
			continue
		}
		p, ok := who(x.Text(c, r), r)
		if !ok || len(c.Roles) > 0 && !slices.Contains(c.Roles, p.Role) {
			s.Void++
			continue
		}
		s.add(Said{Person: p, Verdict: r.Verdict, At: r.At, Note: r.Note})
	}
	slices.SortFunc(s.By, Said.compare)
	passed, others := 0, 0
	for i := range s.By {
		by := &s.By[i]
		by.Lapsed = by.Verdict == Passed && c.ExpireHours > 0 && now-by.At >= int64(c.ExpireHours)*hour
		switch {
		case by.Verdict == Refused:
			s.Verdict = Refused
		case by.Verdict == Passed && !by.Lapsed:
			passed++
			if !slices.ContainsFunc(signers, by.Person.same) {
				others++
			}
		}
	}
	if s.Verdict == Refused {
		return s
	}
	s.Missing = max(0, c.Persons-passed)
	if s.Missing == 0 && c.OtherPerson && others == 0 {
		s.Missing = 1
	}
	if s.Missing == 0 {
		s.Verdict = Passed
	}
	return s
}

// add keeps the newest of each person.
func (s *Standing) add(said Said) {
	for i, have := range s.By {
		if have.Person.same(said.Person) {
			if said.after(have) {
				s.By[i] = said
			}
			return
		}
	}
	s.By = append(s.By, said)
}

// after is a total order of one person's results, so that the order in which
// they were stored has no part: of two of one instant a refusal counts before
// a doubt, and a doubt before a pass.
func (x Said) after(y Said) bool { return x.compare(y) > 0 }

func (x Said) compare(y Said) int {
	weight := func(v Verdict) int { return slices.Index([]Verdict{Passed, Outstanding, Refused}, v) }
	return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(weight(x.Verdict), weight(y.Verdict)), cmp.Compare(x.Person.Key, y.Person.Key))
}

// Next is the coded result that may be given to the other side now: of the
// first refused check, or else of the first outstanding one, that has one.
func Next(list []Standing) Coded {
	for _, s := range list {
		if s.Verdict == Refused && s.Check.Refused != (Coded{}) {
			return s.Check.Refused
		}
	}
	for _, s := range list {
		if s.Verdict == Outstanding && s.Check.Outstanding != (Coded{}) {
			return s.Check.Outstanding
		}
	}
	return Coded{}
}
