package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
)

// course writes down how a case went on beyond its phase.
func (t *Thread) course(k *clocks) {
	s, c := t.fold.Stand, &t.Course
	c.Unit, c.Urgency = s.request.ToUnit, s.request.Urgency
	c.Priority = Priority{Lower: s.priority(false), Higher: s.priority(true)}
	c.Reminders, c.Comments, c.Versions = len(s.said[act.RequestRemind]), len(s.said[act.RequestComment]), len(s.versions)
	c.Softer = s.softer()
	for _, e := range s.said[act.RequestForward] {
		c.Unit = e.Body.(*act.ForwardBody).Unit
		c.Forwards = append(c.Forwards, Forward{procedure.WhereOf(e.Place), c.Unit})
	}
	if e := s.last(act.RequestAccept); e != nil && s.accepted() && e.Body.(*act.AcceptBody).Unit != "" {
		c.Unit = e.Body.(*act.AcceptBody).Unit
	}
	if urgency, _, state := s.disputed(); state == Agreed {
		c.Urgency = urgency
	}
	for _, e := range s.said[act.RequestInterim] {
		body := e.Body.(*act.InterimBody)
		c.Interims = append(c.Interims, Interim{procedure.WhereOf(e.Place), body.Form, body.By})
	}
	for _, e := range inOrder(s.said[act.RequestAwait], s.said[act.RequestPostpone]) {
		body := e.Body.(*act.AwaitBody)
		one := Delay{Where: procedure.WhereOf(e.Place), Kind: e.Kind.Name, Reason: body.Reason, Until: body.Until}
		if end := s.endOf(e); end != nil {
			place := procedure.WhereOf(end.Place)
			one.Ended = &place
		}
		c.Delays = append(c.Delays, one)
	}
	for _, e := range s.said[act.RequestGrant] {
		body := e.Body.(*act.GrantBody)
		c.Grants = append(c.Grants, Grant{procedure.WhereOf(e.Place), body.Step, body.Until})
	}
	c.Proposals, c.Items, c.Hold = s.viewed(t.receipt), s.viewedItems(), k.hold()
	t.courseOfAny()
}

// courseOfAny writes down what either side may say of any act. What both say
// stands the requester's first, each side's in its own order: the order of arrival has
// no part in the view.
func (t *Thread) courseOfAny() {
	s, c := t.fold.Stand, &t.Course
	for _, e := range s.sides(act.RequestCorrect) {
		body := e.Body.(*act.CorrectBody)
		c.Corrections = append(c.Corrections, Correction{Of: Where{Side: procedure.SideName(e.Higher), Position: body.Position}, By: procedure.WhereOf(e.Place), How: body.How})
	}
	for _, e := range s.sides(act.RequestMark) {
		body := e.Body.(*act.MarkBody)
		on := Where{Side: procedure.SideName(body.Higher), Position: body.Position}
		if body.Lift {
			for i, m := range c.Marks {
				if m.On == on && m.Path == body.Path && m.By.Side == procedure.SideName(e.Higher) {
					c.Marks[i].Lifted = true
				}
			}
			continue
		}
		c.Marks = append(c.Marks, Mark{By: procedure.WhereOf(e.Place), On: on, Path: body.Path})
	}
	for _, e := range s.sides(act.RequestTranslate) {
		body := e.Body.(*act.TranslateBody)
		c.Translations = append(c.Translations, Translation{By: procedure.WhereOf(e.Place), Of: Where{Side: procedure.SideName(body.Higher), Position: body.Position},
			Lang: body.Lang, Texts: len(body.Texts), Reviewed: body.Reviewer != ""})
	}
	for _, v := range s.versions {
		for _, l := range v.entry.Body.(*act.OpenBody).Links {
			c.linked(v.entry, l)
		}
	}
	for _, e := range s.sides(act.RequestLink) {
		c.linked(e, *e.Body.(*act.Link))
	}
	for _, e := range s.sides(act.RequestContest) {
		body := e.Body.(*act.ContestBody)
		c.Contests = append(c.Contests, Contest{By: procedure.WhereOf(e.Place), Of: Where{Side: procedure.SideName(!e.Higher), Position: body.Position}})
	}
}

// linked notes a link once, by whoever made it first.
func (c *Course) linked(e *procedure.Entry, l act.Link) {
	one := Linked{By: procedure.WhereOf(e.Place), Relation: l.Relation, To: Where{Side: procedure.SideName(l.Higher), Position: l.Position}}
	if !slices.ContainsFunc(c.Links, func(o Linked) bool { return o.Relation == one.Relation && o.To == one.To }) {
		c.Links = append(c.Links, one)
	}
}

// sides lists the acts of a kind that either side says, the requester's first.
func (s *stand) sides(kind string) (list []*procedure.Entry) {
	for _, higher := range []bool{s.Opening.Higher, !s.Opening.Higher} {
		for _, e := range s.said[kind] {
			if e.Higher == higher {
				list = append(list, e)
			}
		}
	}
	return list
}

// viewedItems lists what was given, each with the limits that stay on it.
func (s *stand) viewedItems() (list []Item) {
	side := procedure.SideName(!s.Opening.Higher)
	for _, e := range s.given() {
		body := e.Body.(*act.GiveBody)
		one := Item{Where: procedure.WhereOf(e.Place), Final: e.Kind.Name == act.RequestAnswer, Form: body.Form, Withheld: body.Withheld,
			Handling: body.Handling, Use: body.Use, Grade: body.Grade, Attachments: len(e.Act.Attachments)}
		rules := s.rules(e.Context, handlingOf)
		if _, known := rules.HandlingCode(one.Handling); !known {
			if strict := rules.MostRestrictive(); strict != nil {
				one.Handling = strict.Code
			}
		}
		for _, position := range body.Under {
			one.Under = append(one.Under, Where{Side: side, Position: position})
		}
		one.Explain, one.Explained = s.about(act.RequestExplain, e.Position), s.about(act.RequestUsage, e.Position)
		for _, c := range s.said[act.RequestCorrect] {
			b := c.Body.(*act.CorrectBody)
			one.Retracted = one.Retracted || c.Higher == e.Higher && b.Position == e.Position && b.How == "retract"
		}
		list = append(list, one)
	}
	return list
}

// about counts the acts of a kind about an item.
func (s *stand) about(kind string, position uint64) (n int) {
	for _, e := range s.said[kind] {
		if e.Body.(*act.ItemBody).Position == position {
			n++
		}
	}
	return n
}
