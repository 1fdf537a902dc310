package audit

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Replaced is an officer's key that two others said to count no more, and the
// one in its place.
type Replaced struct {
	Place // of the act
	party.Replacement
	Name string // of the officer
}

const kindReplace = "officer.replace"

// replaces takes an act that is shown and replaces an officer's key. The control
// logs stand first, so it is known before anything that had seen it is judged.
func (v *verifier) replaces(a *Act) error {
	if a.Statement == nil || a.Statement.Kind != kindReplace || a.Channel != statement.Control || a.Body == nil {
		return nil
	}
	r, err := party.DecodeReplacement(a.Body)
	if err != nil {
		return err
	}
	var keys []string
	for _, p := range a.Persons {
		if p.Lost == nil {
			keys = append(keys, p.Key)
		}
	}
	card := v.card(a.Side(), r.Lost)
	if err := r.Check(card, keys); err != nil {
		return err
	}
	officer, _ := card.Officer(r.Lost)
	v.Replaced = append(v.Replaced, Replaced{a.Place, *r, officer.Name})
	next, index := r.On(card), v.officers[a.Side()]
	for _, o := range next.Officers {
		if old := index[o.KeyID()]; old == nil || old.Serial <= card.Serial {
			index[o.KeyID()] = next
		}
	}
	return nil
}

// counts tells where the key of a signature was lost before the act, and refuses
// a new one that no card names and that counted only later.
func (v *verifier) counts(a *Act, key string) (lost *Place, err error) {
	for i := range v.Replaced {
		r := &v.Replaced[i]
		switch known := r.Position < a.control; {
		case r.Higher != a.Higher:
		case known && r.Lost == key:
			lost = &r.Place
		case !known && r.KeyID() == key:
			named := slices.ContainsFunc(v.chains[a.Side()], func(c *party.Card) bool {
				_, ok := c.Officer(key)
				return ok
			})
			if !named {
				return nil, fault.New(fault.StatementPerson, "key", key)
			}
		}
	}
	return lost, nil
}
