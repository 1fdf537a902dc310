package casework

import (
	"maps"

	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// apt writes a body that fits where a thread stands, where one can, and the
// replies that it names.
func apt(t *Thread, kind string, higher bool, until calendar.Instant) (any, []statement.Ref) {
	body, s := proceduretest.BodyUntil(kind, until), t.fold.Stand
	for _, owed := range t.Automatic(higher) {
		if owed.Kind == kind {
			return owed.Body, nil
		}
	}
	if kind == act.RequestAmend {
		return amended(t, higher), nil
	}
	if s.request == nil {
		return body, nil
	}
	if kind, known := s.own().Type(s.request.Type); known {
		proceduretest.Fit(s.own(), kind, body)
		if step, ok := steps(s.own(), s.request); ok {
			switch b := body.(type) {
			case *act.ExtendBody:
				b.Step = step
			case *act.GrantBody:
				b.Step = step
			}
		}
	}
	switch b := body.(type) {
	case *act.NoteBody:
		for _, p := range s.proposals {
			if p.entry.Higher != higher && s.settled(p).state == Pending && answers(kind, p.entry.Kind.Name) {
				return b, []statement.Ref{p.entry.Ref()}
			}
		}
	case *act.ForwardBody:
		b.Unit = s.request.ToUnit
	case *act.DisputeBody:
		if u, known := s.own().Urgency(s.request.Urgency); known {
			b.Urgency = u.FallsTo
		}
	case *act.ItemBody:
		if given := s.given(); len(given) > 0 {
			b.Position = given[0].Position
		}
	case *act.ReuseBody:
		if given := s.given(); len(given) > 0 {
			b.Position = given[0].Position
		}
	case *act.CorrectBody:
		for _, e := range s.acts {
			if e.Higher == higher && correctable(e) {
				b.Position = e.Position
			}
		}
	case *act.MarkBody:
		b.Higher, b.Position = s.Opening.Higher, s.Opening.Position
		b.Lift = s.marked(higher, *b)
	case *act.TranslateBody:
		b.Higher, b.Position = s.Opening.Higher, s.Opening.Position
	case *act.Link:
		b.Higher = s.Opening.Higher
	case *act.PriorityBody:
		b.On = !s.priority(higher)
	case *act.ContestBody:
		if list := s.contestable(higher); len(list) > 0 {
			b.Position = list[0].Position
		}
	case *act.HoldBody:
		if kind == act.RequestHold {
			b.Until = max(b.Until, s.heldUntil(s.said[act.RequestHold])+calendar.Day)
		}
	}
	return body, nil
}

// amended is the form as it stands, with nothing missing.
func amended(t *Thread, higher bool) *act.OpenBody {
	if t.fold.Stand.request == nil {
		return proceduretest.Open(higher)
	}
	form := *t.fold.Stand.request
	if kind, known := t.fold.Stand.own().Type(form.Type); known {
		form.Fields = maps.Clone(form.Fields)
		whole := proceduretest.Form(t.fold.Stand.own(), kind, form.Urgency, higher)
		for _, item := range t.fold.Stand.items {
			if v, ok := whole.Fields[item.Field]; ok {
				form.Fields[item.Field] = v
			}
		}
	}
	return &form
}

// steps gives the last step that a request has.
func steps(d *arrangement.Document, r *act.OpenBody) (string, bool) {
	list, err := d.Steps(r.Urgency, r.Type)
	if err != nil || len(list) == 0 {
		return "", false
	}
	return list[len(list)-1].Step, true
}
