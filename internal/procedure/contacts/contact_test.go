package contacts

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// Spec: DIR-13. How an entry stands, to the millisecond.
func TestPhases(t *testing.T) {
	both(func(owner bool) {
		temporary := func(b B) { b.Temporary = true }
		for what, c := range map[string]struct {
			story *story
			at    calendar.Instant // from the start
			want  Phase
		}{
			"at once":             {opened(owner), 0, Current},
			"before it is due":    {opened(owner), 76*day - 1, Current},
			"due":                 {opened(owner), 76 * day, Due},
			"due to the end":      {opened(owner), 90*day - 1, Due},
			"lapsed":              {opened(owner), 90 * day, Lapsed},
			"temporary":           {opened(owner, temporary), 90*day - 1, Current},
			"over":                {opened(owner, temporary), 90 * day, Over},
			"published wrongly":   {opened(owner, func(b B) { b.Zone = "" }), 0, Void},
			"temporary and wrong": {opened(owner, temporary, func(b B) { b.Zone = "" }), 99 * day, Void},
		} {
			c.story.Now += c.at
			if got := c.story.fold(); got.Phase != c.want || got.Stands() != (c.want == Current || c.want == Due) {
				t.Errorf("%s: %s, want %s", what, got.Phase, c.want)
			}
		}
	})
	if c := Fold(nil, nil, procedure.View{}); c.Phase != None || c.Stands() || c.Now() != nil {
		t.Error(c.Phase)
	}
}

// Spec: DIR-13. What makes an entry stand again, and what ends it for good.
func TestAgain(t *testing.T) {
	both(func(owner bool) {
		s := opened(owner)
		s.Now += 90 * day
		s.say(true, act.ContactConfirm, s.confirm(200))
		if c := s.fold(); c.Phase != Current || c.Head.Until != proceduretest.At(start)+200*day || c.Head.DueFrom != c.Head.Until-14*day || c.Head.Version != 1 {
			t.Errorf("confirmed: %s %+v", c.Phase, c.Head)
		}
		s.say(true, act.ContactConfirm, s.confirm(91))
		if c := s.fold(); c.Phase != Due {
			t.Errorf("confirmed for less: %s", c.Phase)
		}
		s = opened(owner, func(b B) { b.Temporary = true })
		s.Now += 90 * day
		if c := s.fold(); slices.ContainsFunc(c.Moves(owner), func(m Move) bool { return m.Kind == act.ContactConfirm }) || len(c.Moves(owner)) != 2 || len(c.Moves(!owner)) != 0 {
			t.Errorf("over: %v, %v", c.Moves(owner), c.Moves(!owner))
		}
		s.say(true, act.ContactConfirm, s.confirm(120))
		if c := s.fold(); c.Phase != Over {
			t.Errorf("a temporary one that was confirmed: %s", c.Phase)
		}
		b := body(owner, 120)
		b.Temporary = true
		s.say(true, act.ContactChange, b)
		if c := s.fold(); c.Phase != Current || c.Head.Version != 2 || c.Head.DueFrom != 0 || !c.Head.Temporary {
			t.Errorf("changed: %s %+v", c.Phase, c.Head)
		}
		s.say(true, act.ContactEnd, &act.NoteBody{})
		if c := s.fold(); c.Phase != Ended || c.Head.Ended == nil || len(c.Moves(owner)) != 0 || len(c.History) != 2 {
			t.Errorf("ended: %s %+v", c.Phase, c.Head)
		}
	})
}

// Spec: DIR-14. A mandate has a beginning and an end.
func TestMandate(t *testing.T) {
	for days, want := range map[calendar.Instant]string{-1: MandateToCome, 0: MandateHolds, 30*day - 1: MandateHolds, 30 * day: MandateOver} {
		s := opened(false)
		s.Now += days
		if c := s.fold(); c.Head.Mandate != want {
			t.Errorf("%d: %s, want %s", days, c.Head.Mandate, want)
		}
	}
	if c := opened(false, func(b B) { b.Mandate = nil }).fold(); c.Head.Mandate != "" {
		t.Error(c.Head.Mandate)
	}
}

// Spec: DIR-16. The history says who signed what, when, and when the other had
// it; no text of an entry is in the view.
func TestView(t *testing.T) {
	s := opened(false)
	s.Now += calendar.Hour
	s.say(true, act.ContactConfirm, s.confirm(120))
	s.signed(false, s.opening, act.ContactChange, body(false, 60))
	s.say(false, act.ContactEnd, &act.NoteBody{})
	c := s.fold()
	if len(c.History) != 3 || c.History[0].Kind != act.ContactPublish || c.History[1].Until != s.confirm(120).Until || c.History[2].Kind != act.ContactChange {
		t.Fatalf("%+v", c.History)
	}
	if m := c.History[1].Said; !slices.Equal(m.Signed, []string{"lo duty 1"}) || m.Claimed != s.Now || m.Receipt != s.Now || m.By != "" {
		t.Errorf("%+v", m)
	}
	raw, err := c.View([32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"555", "example.org", "Words.", "值班", "Etc/UTC", "zh-Hans"} {
		if strings.Contains(string(raw), text) {
			t.Errorf("the view says %s", text)
		}
	}
	var read struct {
		View    string
		Contact map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &read); err != nil || read.View != "contacts" || len(read.Contact) != 8 || ijson.Check(raw, ijson.Limits{}) != nil {
		t.Errorf("%s %v", raw, err)
	}
	empty, _ := Fold(nil, nil, s.View(s.Known[0])).View([32]byte{})
	if !strings.HasSuffix(string(empty), `"contact":{"phase":"none","history":[],"not_in_order":[],"acts":[],"unreceipted":0}}`) {
		t.Errorf("%s", empty)
	}
}

// Spec: DIR-15. The order of a directory, whatever it is sorted from.
func TestDirectory(t *testing.T) {
	link := proceduretest.NewLink(0, proceduretest.At(start), proceduretest.Calling())
	link.Channel = 3
	var entries []*procedure.Entry
	publish := func(higher bool, change func(B)) {
		b := body(higher, 90)
		b.Deputies = nil
		change(b)
		entries = append(entries, link.Say(higher, nil, act.ContactPublish, b))
	}
	publish(true, func(b B) { b.Zone = "" })
	publish(false, func(b B) { b.Zone = "" })
	publish(true, func(b B) {})
	publish(false, func(b B) { b.Role = "press" })
	publish(false, func(b B) { b.Until = link.Now + day })
	publish(false, func(b B) { b.Temporary = true })
	publish(false, func(b B) {})
	publish(false, func(b B) {})
	link.Now += 2 * day
	var list []*Contact
	for _, e := range entries {
		logs := [2][]*procedure.Entry{}
		logs[procedure.Side(e.Higher)] = []*procedure.Entry{e}
		list = append(list, Fold(logs[0], logs[1], link.View(link.Known[0])))
	}
	want := "lower/4 lower/5 lower/3 lower/2 lower/1 higher/1 lower/0 higher/0"
	for range 3 {
		slices.SortFunc(list, Compare)
		var got []string
		for _, c := range list {
			got = append(got, c.Opening.Side+"/"+string('0'+rune(c.Opening.Position)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v, want %s", got, want)
		}
		slices.Reverse(list)
	}
	if none := Fold(nil, nil, procedure.View{}); Compare(none, list[0]) <= 0 || Compare(list[0], none) >= 0 || Compare(none, none) != 0 {
		t.Error("what says nothing comes last")
	}
}
