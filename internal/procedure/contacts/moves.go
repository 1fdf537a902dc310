package contacts

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
)

// Move is a kind that a side may say now.
type Move = procedure.Move

// Moves lists what a side may say now, in the order in which an entry goes.
// Automatic acts are not among them: no button says them.
func (t *Contact) Moves(higher bool) []Move {
	list := t.fold.Moves(Vocabulary(), func(kind string) error { return t.fold.Stand.may(kind, higher) })
	return slices.DeleteFunc(list, func(m Move) bool { return t.needless(m.Kind) })
}

// needless tells of what may be said and cannot be in order: a temporary entry
// whose time is over needs a change.
func (t *Contact) needless(kind string) bool { return kind == act.ContactConfirm && t.Phase == Over }

// Draft is an act that somebody would append now.
type Draft = procedure.Draft

// Check is the fold's own judgement of an act as if it were appended behind
// everything in the view: nil when it would be in order there.
func (t *Contact) Check(d Draft) error {
	a, err := t.fold.Saying(d)
	if err != nil {
		return err
	}
	return t.fold.Stand.judge(a)
}

// Automatic lists what a side's node owes now: a refusal of each act of the
// other's that was not in order.
func (t *Contact) Automatic(higher bool) []procedure.Reply {
	return t.fold.OwedRefusals(act.Disorder, higher)
}
