package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Move is a kind that a side may say now.
type Move = procedure.Move

// Moves lists what a side may say now, in the order of a case. Automatic acts
// are not among them: no button says them.
func (t *Thread) Moves(higher bool) []Move {
	if t.FromResidue {
		return nil
	}
	return t.fold.Moves(Vocabulary(), func(kind string) error { return t.fold.Stand.may(kind, higher) })
}

// Draft is an act that somebody would append now.
type Draft struct {
	Higher      bool // whose act it is
	Kind        string
	Body        any // as act.CheckBody gives it
	Replies     []statement.Ref
	Attachments int
	Form        *procedure.Form // of the entry that it would be, if it was looked at
}

// Check is the fold's own judgement of an act as if it were appended behind
// everything in the view: nil when it would be in order there. The append
// transaction asks it, so that no act leaves that the other side would refuse;
// it is stricter in one thing: an incomplete request does not leave, though
// one that arrives is kept.
func (t *Thread) Check(d Draft) error {
	if t.FromResidue {
		return procedure.Misplaced(d.Kind, t.Phase)
	}
	kind, err := t.fold.Kind(d.Kind)
	if err != nil {
		return err
	}
	parties := t.fold.Parties
	if d.Higher {
		parties = [2]party.ID{parties[1], parties[0]}
	}
	if err := t.fold.Stand.judge(saying{higher: d.Higher, kind: kind, body: d.Body, replies: d.Replies, context: t.fold.Current,
		parties: parties, time: t.fold.Instant, attachments: d.Attachments}); err != nil {
		return err
	}
	if body, form := d.Body.(*act.OpenBody); form && d.Kind != act.RequestDraft {
		if items := t.lacks(d, body); len(items) > 0 {
			return fault.New(rule.ActIncomplete, "kind", d.Kind, "field", items[0].Field, "rule", items[0].Rule)
		}
	}
	return nil
}

// lacks is Lacks for an act that may have been looked at.
func (t *Thread) lacks(d Draft, body *act.OpenBody) []act.ReturnItem {
	if f := d.Form; f != nil && len(t.fold.Merged) == 0 && t.fold.Current.Arrangement == f.Rules {
		return f.Lacks
	}
	return t.Lacks(d.Higher, body, d.Attachments)
}

// Lacks lists what a form would be given back for if a side sent it now: to
// open a thread that has nothing in it yet, or to amend what was opened. A draft
// may lack anything.
func (t *Thread) Lacks(higher bool, body *act.OpenBody, attachments int) []act.ReturnItem {
	if t.fold.Stand.draft || t.fold.Current == nil || t.fold.Current.Arrangement == nil {
		return nil
	}
	parties, rules := t.fold.Parties, t.fold.Current.Arrangement
	if higher {
		parties = [2]party.ID{parties[1], parties[0]}
	}
	if t.fold.Stand.request != nil {
		rules = t.fold.Stand.own()
	}
	return missing(rules, body, parties, attachments+t.fold.Stand.attached())
}

// Moved tells whether the thread gained an entry of the other party since an
// act of one side's was approved: then the act goes back to its officer, who
// signed something else than what would now be read. seen is the statement's;
// kinds marked to go anyway go anyway.
func (t *Thread) Moved(higher bool, kind string, seen statement.Seen) bool {
	if k, known := act.Lookup(procedure.RulesVersion(t.fold.Current), kind); known && k.Anyway {
		return false
	}
	for _, e := range t.fold.Merged {
		if e.Higher != higher && e.Position >= seen[0].Size {
			return true
		}
	}
	return false
}

// Reply is an automatic act that a side's node owes.
type Reply = procedure.Reply

// Automatic lists what a side's node owes now: giving an incomplete request
// back, and a refusal of each act of the other's that was not in order and is
// not automatic itself. What was said once is not owed again, even if it was
// not in order.
func (t *Thread) Automatic(higher bool) (list []Reply) {
	if !t.returned(higher) && t.fold.Stand.may(act.RequestReturn, higher) == nil {
		newest := t.fold.Stand.versions[len(t.fold.Stand.versions)-1].entry
		list = append(list, procedure.Owed(act.RequestReturn, &act.ReturnBody{Items: t.fold.Stand.items}, t.fold.Channel, newest))
	}
	return append(list, t.fold.OwedRefusals(act.Disorder, higher)...)
}

// returned tells whether a side has said, in order or not, a return of the
// newest form: one for each version.
func (t *Thread) returned(higher bool) bool {
	versions := t.fold.Stand.versions
	return len(versions) > 0 && slices.ContainsFunc(t.fold.Merged, func(e *procedure.Entry) bool {
		return e.Higher == higher && e.Act != nil && e.Act.Statement != nil && e.Act.Statement.Kind == act.RequestReturn &&
			versions[len(versions)-1].entry.Place.Before(e.Place)
	})
}

// Items lists what a request would be given back for, so that a form can say it
// while it is filled in; empty when it may leave. parties are its writer and
// its reader.
func Items(c *procedure.Context, parties [2]party.ID, body *act.OpenBody, attachments int) []act.ReturnItem {
	if c == nil || c.Arrangement == nil {
		return nil
	}
	return missing(c.Arrangement, body, parties, attachments)
}
