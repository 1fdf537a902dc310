package wording

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// View reads the shared view of a request.
func View(r *api.Request) (*casework.Thread, error) {
	var v struct {
		Thread casework.Thread `json:"thread"`
	}
	err := json.Unmarshal(r.View, &v)
	return &v.Thread, err
}

// Version names the version of the arrangement that a request's view was
// computed under.
func Version(r *api.Request) string {
	var v struct {
		Arrangement string `json:"arrangement"`
	}
	if json.Unmarshal(r.View, &v) != nil || strings.Trim(v.Arrangement, "0") == "" {
		return ""
	}
	return v.Arrangement
}

// Parties gives the two parties in the order in which the record has them:
// by their ids.
func Parties(rules *arrangement.Document) []*arrangement.Party {
	if len(rules.Parties) != 2 {
		return nil
	}
	list := []*arrangement.Party{&rules.Parties[0], &rules.Parties[1]}
	slices.SortFunc(list, func(a, b *arrangement.Party) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Sides are the two sides of a link in the order of the record.
func Sides() []string { return []string{"lower", "higher"} }

// PartyAt gives the party of a side; nil where there is no arrangement.
func PartyAt(rules *arrangement.Document, side string) *arrangement.Party {
	list := Parties(rules)
	if i := slices.Index(Sides(), side); i >= 0 && list != nil {
		return list[i]
	}
	return nil
}

// CodeOf is what people call a side by: the code on its card.
func CodeOf(r *api.Request, side string) string {
	if side == r.Side {
		return r.Own
	}
	return r.Link
}

// Other is the other side.
func Other(side string) string {
	if side == "lower" {
		return "higher"
	}
	return "lower"
}

// ActName is what people call an act by: the code of its writer and its place
// in that party's log, as in us.17.
func ActName(r *api.Request, w casework.Where) string {
	return CodeOf(r, w.Side) + "." + strconv.FormatUint(w.Position, 10)
}

// ActNamed finds the act that people mean.
func ActNamed(r *api.Request, name string) (casework.Where, error) {
	for _, side := range Sides() {
		text, ok := strings.CutPrefix(name, CodeOf(r, side)+".")
		if position, err := strconv.ParseUint(text, 10, 64); ok && err == nil {
			w := casework.Where{Side: side, Position: position}
			if SaidAt(r, w) != nil {
				return w, nil
			}
		}
	}
	return casework.Where{}, fault.New(rule.NodeNoAct, "act", name, "request", r.Name)
}

// SaidAt finds an act of a request by its place.
func SaidAt(r *api.Request, w casework.Where) *api.Said {
	for i := range r.Acts {
		if a := &r.Acts[i]; a.Position == w.Position && a.Ours == (w.Side == r.Side) {
			return a
		}
	}
	return nil
}

// WhereOf gives the place of an act.
func WhereOf(r *api.Request, a *api.Said) casework.Where {
	if a.Ours {
		return casework.Where{Side: r.Side, Position: a.Position}
	}
	return casework.Where{Side: Other(r.Side), Position: a.Position}
}

// Pressing ranks what is owed still, the highest first: what has a date, what
// has none, what stands, and what cannot be counted; 0 is not owed any more.
// The last three have no due instant, which must not pass for the earliest.
func Pressing(o *casework.Obligation) int {
	switch {
	case slices.Contains([]casework.State{casework.Running, casework.Overdue, casework.Disputed}, o.State):
		if o.Due != 0 {
			return 4
		}
		return 3
	case o.State == casework.Paused || o.State == casework.Frozen:
		return 2
	case o.State == casework.Unknown:
		return 1
	}
	return 0
}

// HeadFields are the entries of a form above its fields.
func HeadFields() []string {
	return []string{"type", "urgency", "justification", "why", "area", "from_unit", "to_unit", "reference", "title", "handling", "links"}
}

// OpensForm tells whether acts of a kind bring a whole form.
func OpensForm(kind string) bool {
	return kind == act.RequestOpen || kind == act.RequestDraft || kind == act.RequestAmend
}
