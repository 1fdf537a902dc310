package wording

import (
	"parley.example/internal/api"
	"parley.example/internal/icalendar"
	"parley.example/internal/locale"
)

// ShiftsBefore is how many days before the first that is wanted a roster is asked
// about, so that a shift which goes on then has its beginning.
const ShiftsBefore = 60

// Shifts are those of a roster that end after an instant, of one person or of
// everybody, as a calendar calls them.
func Shifts(l *locale.Locale, view *api.RosterView, person string, after int64) (list []icalendar.Shift) {
	names := map[string]string{}
	for _, p := range view.People {
		names[p.Account] = p.Name
	}
	for _, c := range view.Cover {
		role := RosterRole(l, view, c.Role)
		last := map[string]int{} // of each person the shift that is written last
		for _, s := range c.Stretches {
			for _, p := range s.Persons {
				if person != "" && p.Person != person || s.To <= after {
					continue
				}
				if i, has := last[p.Person]; has && list[i].Ends == s.From { // for another reason
					list[i].Ends = s.To
					continue
				}
				key, name := "roster.shift", names[p.Person]
				if person != "" {
					key = "roster.shift.own"
				}
				last[p.Person] = len(list)
				list = append(list, icalendar.Shift{Role: c.Role, Person: p.Person, Begins: s.From, Ends: s.To, Cut: s.From <= view.From, Summary: l.T(key, "role", role, "name", name)})
			}
		}
	}
	return list
}
