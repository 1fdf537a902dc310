package node

import (
	"context"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Replaced is an officer's key of either party that two others replaced, in
// order, as both nodes know it.
type Replaced struct {
	Own      bool
	Position uint64 // in the control log
	Time     int64  // the writer's claim
	Name     string
	Lost     string
	Key      string // in its place; empty: none
	By       []string
}

// Replaced lists them, newest first.
func (n *Node) Replaced(ctx context.Context, l *Link) (list []Replaced, err error) {
	if err := n.Store.View(ctx, func(r store.Reader) error { return l.syncBook(r) }); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.book.Facts() {
		if f.Replaces == nil || f.Fault != nil {
			continue
		}
		lost, _ := f.Context.Cards[procedure.Side(f.Higher)].Officer(f.Replaces.Lost)
		x := Replaced{Own: f.Higher == l.Higher(), Position: f.Position, Time: f.Time, Name: lost.Name, Lost: f.Replaces.Lost, Key: f.Replaces.KeyID()}
		for _, o := range f.Officers() {
			x.By = append(x.By, o.Name)
		}
		list = append(list, x)
	}
	slices.Reverse(list)
	return list, nil
}

// Countersigned checks the signatures that a prepared replacement has so far,
// and tells whether they are enough, and whose they are.
func (n *Node) Countersigned(p *Prepared, signatures []statement.PersonSignature) (names []string, enough bool, err error) {
	r, err := party.DecodeReplacement(p.Draft.Body)
	if err != nil {
		return nil, false, err
	}
	ours, _ := p.Link.newestCards()
	var keys []string
	for _, s := range signatures {
		o, err := statement.VerifyPerson(n.Signatures, ours, p.Sign, s)
		if err != nil {
			return nil, false, err
		}
		keys, names = append(keys, s.KeyID), append(names, o.Name)
	}
	lost, _ := ours.Officer(r.Lost)
	if slices.Contains(names, lost.Name) {
		return nil, false, fault.New(fault.CardOfficer, "what", "signed", "key", r.Lost)
	}
	if err = r.Check(ours, keys); err != nil && len(slices.Compact(slices.Sorted(slices.Values(names)))) < 2 {
		return names, false, nil
	}
	return names, err == nil, err
}
