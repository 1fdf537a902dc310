package casework

import (
	"fmt"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Move is a kind that a side may say now.
type Move struct {
	Kind        string
	NeedsPerson bool // a person must sign it
}

// Moves lists what a side may say now, in the order of a case. Automatic acts
// are not among them: no button says them.
func (t *Thread) Moves(higher bool) (list []Move) {
	for _, name := range Vocabulary() {
		kind, known := act.Lookup(t.rulesVersion(), name)
		if t.FromResidue || !known || kind.Automatic || t.stand.may(name, higher) != nil {
			continue
		}
		list = append(list, Move{Kind: name, NeedsPerson: kind.Person})
	}
	return list
}

// rulesVersion is the one in force at the view's own cut; 1 before any.
func (t *Thread) rulesVersion() uint16 {
	if t.rules == 0 {
		return 1
	}
	return t.rules
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
	kind, known := act.Lookup(t.rulesVersion(), d.Kind)
	switch {
	case t.FromResidue:
		return fault.New(rule.ActThread, "kind", d.Kind, "phase", string(t.Phase))
	case !known:
		return fault.New(rule.ActKind, "kind", d.Kind, "rules", fault.Int(t.rulesVersion()))
	case t.current == nil:
		return fault.New(rule.ActUnstarted, "kind", d.Kind)
	}
	parties := t.parties
	if d.Higher {
		parties = [2]party.ID{parties[1], parties[0]}
	}
	if err := t.stand.judge(saying{higher: d.Higher, kind: kind, body: d.Body, replies: d.Replies, context: t.current,
		parties: parties, time: t.instant, attachments: d.Attachments}); err != nil {
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
	if f := d.Form; f != nil && len(t.merged) == 0 && t.current.Arrangement == f.Rules {
		return f.Lacks
	}
	return t.Lacks(d.Higher, body, d.Attachments)
}

// Lacks lists what a form would be given back for if a side sent it now: to
// open a thread that has nothing in it yet, or to amend what was opened. A draft
// may lack anything.
func (t *Thread) Lacks(higher bool, body *act.OpenBody, attachments int) []act.ReturnItem {
	if t.stand.draft || t.current == nil || t.current.Arrangement == nil {
		return nil
	}
	parties, rules := t.parties, t.current.Arrangement
	if higher {
		parties = [2]party.ID{parties[1], parties[0]}
	}
	if t.stand.request != nil {
		rules = t.stand.own()
	}
	return missing(rules, body, parties, attachments+t.stand.attached())
}

// Moved tells whether the thread gained an entry of the other party since an
// act of one side's was approved: then the act goes back to its officer, who
// signed something else than what would now be read. seen is the statement's;
// kinds marked to go anyway go anyway.
func (t *Thread) Moved(higher bool, kind string, seen statement.Seen) bool {
	if k, known := act.Lookup(t.rulesVersion(), kind); known && k.Anyway {
		return false
	}
	for _, e := range t.merged {
		if e.Higher != higher && e.Position >= seen[0].Size {
			return true
		}
	}
	return false
}

// Reply is an automatic act that a side's node owes. Key is the same for the
// same cause for ever: a node that keeps the keys it has answered never
// answers twice, even when the other side cannot read what it said.
type Reply struct {
	Kind  string
	Body  any
	Cause record.Place
	Key   string
}

// Automatic lists what a side's node owes now: giving an incomplete request
// back, and a refusal of each act of the other's that was not in order and is
// not automatic itself. What was said once is not owed again, even if it was
// not in order.
func (t *Thread) Automatic(higher bool) (list []Reply) {
	returned, refused := t.said(higher)
	if !returned && t.stand.may(act.RequestReturn, higher) == nil {
		newest := t.stand.versions[len(t.stand.versions)-1].entry
		list = append(list, t.owed(act.RequestReturn, &act.ReturnBody{Items: t.stand.items}, newest))
	}
	for _, g := range t.stand.ignored {
		body := &act.DisorderBody{Position: g.entry.Position, Rule: string(g.code)}
		if g.entry.Higher != higher && !refused[g.entry.Position] && t.stand.judgeDisorder(higher, body) == nil {
			list = append(list, t.owed(act.Disorder, body, g.entry))
		}
	}
	return list
}

func (t *Thread) owed(kind string, body any, cause *procedure.Entry) Reply {
	key := fmt.Sprintf("%s %d %s %d %d", kind, t.channel, sideName(cause.Higher), cause.Generation, cause.Position)
	return Reply{Kind: kind, Body: body, Cause: cause.Place, Key: key}
}

// said tells what automatic acts a side has said, in order or not: whether a
// return of the
// newest form, and which positions of the other's a disorder named.
func (t *Thread) said(higher bool) (returned bool, refused map[uint64]bool) {
	refused = map[uint64]bool{}
	for _, e := range t.merged {
		if e.Higher != higher || e.Act == nil || e.Act.Statement == nil {
			continue
		}
		switch e.Act.Statement.Kind {
		case act.RequestReturn:
			// One for each version of the form.
			versions := t.stand.versions
			returned = returned || len(versions) > 0 && versions[len(versions)-1].entry.Place.Before(e.Place)
		case act.Disorder:
			// The body is read here, since one that is not in order may have
			// been refused before anybody read it.
			var body act.DisorderBody
			if act.ReadBody(e.Act.Body, &body) == nil {
				refused[body.Position] = true
			}
		}
	}
	return returned, refused
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
