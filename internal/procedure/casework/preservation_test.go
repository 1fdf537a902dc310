package casework

import (
	"encoding/json"
	"slices"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// keep is a request to preserve, with nothing missing.
func keep(asker bool) *act.OpenBody {
	body := proceduretest.Open(asker)
	body.Type, body.Urgency = "preservation", "urgent"
	t, _ := proceduretest.Context().Arrangement.Type("preservation")
	body.Fields = map[string]json.RawMessage{}
	contact := `{"name":"Duty Officer","email":"duty@example.org"}`
	values := map[string]string{"yes_no": `false`, "instant": `"2016-02-29T08:00:00Z"`, "number": `60`,
		"window": `{"from":"2016-02-29T08:00:00Z","to":"2016-02-29T09:00:00Z"}`, "contact": contact}
	for _, f := range t.Fields {
		if f.Need != "required" {
			continue
		}
		value, known := values[f.Kind]
		switch {
		case f.Kind == "choice":
			value = `"` + f.Choices[0].Code + `"`
		case f.Kind == "identifiers":
			value = `[{"kind":"` + f.Choices[0].Code + `","value":"x.example"}]`
		case !known:
			value = `"text"`
		}
		body.Fields[f.Code] = json.RawMessage(value)
	}
	return body
}

func preservation(asker bool) *story {
	s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), proceduretest.Context()), asker: asker}
	s.opening = s.Say(asker, nil, act.RequestOpen, keep(asker))
	s.Exchange()
	return s
}

func holdUntil(at calendar.Instant) *act.HoldBody {
	return &act.HoldBody{Until: at, Said: act.Text{Lang: "en", Text: "Held."}}
}

// Spec: CW-59. A hold lasts as long as the law of who holds says, and is
// extended as often as that has it.
func TestHoldTerms(t *testing.T) {
	s := preservation(false)
	if thread := s.fold(); thread.Lacking != 0 || thread.Course.Hold.State != Unsaid || thread.Course.Hold.Turn != "higher" {
		t.Fatalf("%v %+v", thread.Missing, thread.Course.Hold)
	}
	s.refused(t, false, act.RequestHold, holdUntil(s.Now+90*day), rule.ActThread) // nobody has accepted
	s.say(false, act.RequestAccept)
	s.refused(t, false, act.RequestHold, holdUntil(s.Now+60*day-1), rule.ActTerm)
	until := s.Now + 61*day
	s.tell(false, act.RequestHold, holdUntil(until))
	thread := s.fold()
	h := thread.Course.Hold
	if thread.Phase != Answered || h.State != Held || h.Until != until || h.Alarm != until-14*day || h.Left != 2 || h.Turn != "lower" {
		t.Fatalf("%s %+v", thread.Phase, h)
	}
	s.refused(t, false, act.RequestHold, holdUntil(until), rule.ActTerm)
	for i := range 2 {
		s.tell(true, act.RequestRenew, holdUntil(until+30*day))
		s.refused(t, true, act.RequestRenew, holdUntil(until+30*day), rule.ActThread) // one waits
		until += 30 * day
		s.tell(false, act.RequestHold, holdUntil(until))
		if h := s.fold().Course.Hold; h.Renewals != i+1 || h.Left != 1-i || h.Until != until {
			t.Errorf("%+v", h)
		}
	}
	s.refused(t, true, act.RequestRenew, holdUntil(until+30*day), rule.ActThread)
	s.refused(t, false, act.RequestHold, holdUntil(until+30*day), rule.ActTerm)
}

// Spec: CW-60. Spec: CW-61. Spec: CW-62. The timer: held, alarm, lapsed, kept,
// released, and whose turn it was.
func TestHoldTimer(t *testing.T) {
	held := func() (*story, calendar.Instant) {
		s := preservation(false)
		s.say(false, act.RequestAccept)
		until := s.Now + 61*day
		s.tell(false, act.RequestHold, holdUntil(until))
		return s, until
	}
	state := func(s *story, at calendar.Instant) *Hold {
		s.Now = at
		return s.fold().Course.Hold
	}
	s, until := held()
	if h := state(s, until-14*day-1); h.State != Held {
		t.Errorf("%+v", h)
	}
	if h := state(s, until-14*day); h.State != Alarm || obligation(s.fold(), StepHold).Debtor != "lower" {
		t.Errorf("%+v", h)
	}
	if h := state(s, until+1); h.State != Lapsed || !slices.Equal(h.Lapses, []Lapse{{until, "lower"}}) || obligation(s.fold(), StepHold).State != Overdue {
		t.Errorf("nobody asked: %+v", h)
	}
	s, until = held()
	s.Now = until - 2*day
	s.tell(true, act.RequestRenew, holdUntil(until+30*day))
	if h := state(s, until+1); h.State != Lapsed || h.Lapses[0].Turn != "higher" {
		t.Errorf("asked and not answered: %+v", h)
	}
	s.tell(false, act.RequestHold, holdUntil(until+30*day))
	if h := s.fold().Course.Hold; h.State != Held || !slices.Equal(h.Lapses, []Lapse{{until, "higher"}}) {
		t.Errorf("mended, and recorded for ever: %+v", h)
	}
	s, until = held()
	s.Now = until - 2*day
	renew := s.tell(true, act.RequestRenew, holdUntil(until+30*day))
	s.tell(false, act.RequestRefuse, &act.NoteBody{}, renew)
	if h := state(s, until+1); h.Lapses[0].Turn != "lower" {
		t.Errorf("refused: %+v", h)
	}
	s, until = held()
	s.Now = until - 2*day
	follow := s.say(true, act.RequestFollow)
	if h := state(s, until+400*day); h.State != Kept || *h.Follow != procedure.WhereOf(follow.Place) || h.Until != 0 || len(h.Lapses) != 0 || h.Turn != "higher" {
		t.Errorf("%+v", h)
	}
	s.say(true, act.RequestRelease)
	if h := s.fold().Course.Hold; h.State != LetGo {
		t.Errorf("%+v", h)
	}
	s, until = held()
	s.Now = until + day
	s.say(true, act.RequestFollow)
	if h := s.fold().Course.Hold; h.State != Lapsed {
		t.Errorf("followed up too late: %+v", h)
	}
	s, until = held()
	s.say(true, act.RequestRelease)
	if h := state(s, until+day); h.State != LetGo || len(h.Lapses) != 0 {
		t.Errorf("%+v", h)
	}
}

// Spec: CW-28. What is held has not ended; what was closed and let go has.
func TestHeldHasNotEnded(t *testing.T) {
	s := preservation(false)
	s.say(false, act.RequestAccept)
	s.say(false, act.RequestHold)
	s.say(true, act.RequestClose)
	if thread := s.fold(); thread.Phase != Closed || thread.Ended() {
		t.Errorf("%s, ended %v", thread.Phase, thread.Ended())
	}
	renew := s.say(true, act.RequestRenew)
	s.say(false, act.RequestHold)
	if thread := s.fold(); thread.Phase != Closed || thread.Course.Hold.Renewals != 1 || thread.Course.Proposals[0].State != Agreed ||
		thread.Course.Proposals[0].Where != procedure.WhereOf(renew.Place) {
		t.Errorf("extended after the close: %s %+v", thread.Phase, thread.Course.Hold)
	}
	s.say(true, act.RequestRelease)
	first, err := s.fold().Residue()
	if err != nil {
		t.Fatal(err)
	}
	s.Now += 900 * day
	if second, err := s.fold().Residue(); err != nil || string(first) != string(second) {
		t.Errorf("later: %v\n%s\n%s", err, first, second)
	}
}
