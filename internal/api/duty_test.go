package api

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley.example/internal/access"
	"parley.example/internal/duty"
	"parley.example/internal/node"
	"parley.example/internal/signin"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sends gives the house's node a kind of path, and what is sent along it.
func (h *house) sends() *[]node.Telling {
	sent, mu := &[]node.Telling{}, sync.Mutex{}
	h.server.Node.Kinds = []string{"mail"}
	h.server.Node.Tell = func(_ context.Context, t node.Telling) error {
		mu.Lock()
		defer mu.Unlock()
		*sent = append(*sent, t)
		return nil
	}
	return sent
}

// testRoster is of two persons, by name.
func (h *house) testRoster(first, second string) *duty.Roster {
	from := calendar.Instant(h.now) - 30*calendar.Day
	z := duty.Zone{Name: "Asia/Shanghai", From: from, Until: from + 1000*calendar.Day, Offsets: []calendar.Offset{{At: from, Minutes: 480}}}
	return &duty.Roster{Zones: []duty.Zone{z}, Roles: []duty.Role{{Role: "duty", Rotations: []duty.Rotation{
		{Name: "weeks", Zone: z.Name, Persons: []string{first, second}, First: calendar.Date(from/calendar.Day) + 1, Days: 7, Start: 480, End: 480}}}},
		Notes: []duty.Note{{Role: "duty", By: "somebody", At: 1, Text: "put into their mouth"}}}
}

// Spec: DTY-8, DTY-25.
func TestRosterByPeople(t *testing.T) {
	h := newHouse(t)
	li, wang, root := h.invite("Li Wei", "duty"), h.invite("Wang", "supervisor"), h.invite("Root", "administrator")
	var view RosterView
	h.must(h.call(root.client, "/v1/roster", nil, &view))
	if view.Set || len(view.Cover) != 0 {
		t.Errorf("%+v", view)
	}
	ask := RosterAsk{h.testRoster("Li Wei", "Wang")}
	h.refused(li.client, "/v1/roster", ask, rule.AccessDenied)
	h.refused(root.client, "/v1/roster", ask, rule.AccessDenied)
	h.refused(wang.client, "/v1/roster", RosterAsk{}, rule.DutyRoster)
	h.refused(wang.client, "/v1/roster", RosterAsk{h.testRoster("Li Wei", "Nobody")}, rule.AccessAccount)
	h.refused(li.client, "/v1/roster/hand-over", HandOver{"duty", "quiet"}, rule.DutyRoster)
	h.must(h.call(wang.client, "/v1/roster", ask, nil))
	h.must(h.call(wang.client, "/v1/roster/override", OverrideAsk{Role: "duty", Person: "Wang", From: h.now + 1000, To: h.now + 2000}, nil))
	h.refused(wang.client, "/v1/roster/override", OverrideAsk{Role: "king", Person: "Wang", From: h.now + 1000, To: h.now + 2000}, rule.DutyRoster)
	h.refused(wang.client, "/v1/roster/override", OverrideAsk{Role: "duty", Person: "Wang", From: 2, To: 1}, rule.DutyRoster)
	h.refused(li.client, "/v1/roster/override", OverrideAsk{Role: "duty", Person: "Li Wei", From: 1, To: 2}, rule.AccessDenied)
	h.must(h.call(li.client, "/v1/roster/hand-over", HandOver{"duty", "The other side announced a call."}, nil))
	h.must(h.call(wang.client, "/v1/roster", ask, nil)) // notes of others stay
	h.must(h.call(li.client, "/v1/roster", nil, &view))
	r := view.Roster
	if !view.Set || len(r.Notes) != 1 || r.Notes[0].By != li.account || len(view.People) != 2 || r.Roles[0].Rotations[0].Persons[0] != li.account {
		t.Errorf("%+v", view)
	}
	end := view.From
	for _, s := range view.Cover[0].Stretches {
		if s.From != end || len(s.Persons) != 1 {
			t.Errorf("a hole at %d: %+v", end, s)
		}
		end = s.To
	}
	if end != view.To || view.To-view.From != 14*24*60*60*1000 {
		t.Errorf("cover until %d", end)
	}
	for _, bad := range []string{"?from=x", "?from=5&to=4", "?from=-99999999999999999"} {
		if err := h.call(li.client, "/v1/roster"+bad, nil, nil); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	var record []AccessEntry
	h.must(h.call(wang.client, "/v1/access-record", nil, &record))
	var words []string
	for _, e := range record {
		if e.Action == string(access.Roster) || e.Action == string(access.Relieve) {
			words = append(words, e.Name+": "+e.Action+" "+e.Words)
		}
	}
	if got := strings.Join(words, "; "); got != "Wang: roster set; Li Wei: relieve duty; Wang: roster override duty; Wang: roster set" {
		t.Errorf("recorded: %s", got)
	}
}

// Spec: DTY-20, DTY-25.
func TestPathsByPerson(t *testing.T) {
	h := newHouse(t)
	li, wang := h.invite("Li Wei", "duty"), h.invite("Wang", "supervisor")
	h.refused(li.client, "/v1/paths/add", PathAsk{Kind: "mail", Address: "li@agency.example"}, rule.DutyKind)
	sent := h.sends()
	h.refused(li.client, "/v1/paths/add", PathAsk{Kind: "pigeon", Address: "loft 3"}, rule.DutyKind)
	h.refused(h.machine(), "/v1/paths/add", PathAsk{Kind: "mail", Address: "li@agency.example"}, rule.AccessSession)
	var path Path
	h.must(h.call(li.client, "/v1/paths/add", PathAsk{Kind: "mail", Address: "li@agency.example"}, &path))
	h.refused(li.client, "/v1/paths/test", PathAsk{ID: path.ID}, rule.DutyCode) // not before it is confirmed
	h.refused(wang.client, "/v1/paths/verify", PathAsk{ID: path.ID}, rule.DutyPath)
	h.must(h.call(li.client, "/v1/paths/verify", PathAsk{ID: path.ID}, nil))
	if len(*sent) != 1 || (*sent)[0].Address != "li@agency.example" || (*sent)[0].Event != EventCode || len((*sent)[0].Code) != 8 {
		t.Fatalf("sent %+v", *sent)
	}
	h.refused(li.client, "/v1/paths/verify", PathAsk{ID: path.ID}, rule.DutyCode) // too soon
	h.refused(li.client, "/v1/paths/verify", PathAsk{ID: path.ID, Code: "wrong"}, rule.DutyCode)
	h.must(h.call(li.client, "/v1/paths/verify", PathAsk{ID: path.ID, Code: (*sent)[0].Code}, &path))
	if path.Verified != h.now || path.Until != h.now+90*24*60*60*1000 {
		t.Errorf("%+v", path)
	}
	h.must(h.call(li.client, "/v1/paths/verify", PathAsk{ID: path.ID}, nil))
	for range duty.CodeTries { // wrong answers are counted though they are refused
		h.refused(li.client, "/v1/paths/verify", PathAsk{ID: path.ID, Code: "wrong"}, rule.DutyCode)
	}
	h.refused(li.client, "/v1/paths/verify", PathAsk{ID: path.ID, Code: (*sent)[1].Code}, rule.DutyCode)
	h.must(h.call(li.client, "/v1/paths/test", PathAsk{ID: path.ID}, nil))
	if len(*sent) != 3 || (*sent)[2].Event != EventTest || (*sent)[2].Code != "" {
		t.Errorf("sent %+v", *sent)
	}
	var paths Paths
	h.must(h.call(wang.client, "/v1/paths", nil, &paths))
	if len(paths.List) != 0 || len(paths.Kinds) != 1 || !paths.Kinds[0].Up {
		t.Errorf("somebody else's: %+v", paths)
	}
	h.server.Node.Tell = func(context.Context, node.Telling) error { return fault.New(rule.DutyUnsent) }
	h.refused(li.client, "/v1/paths/test", PathAsk{ID: path.ID}, rule.DutyUnsent)
	h.must(h.call(li.client, "/v1/paths", nil, &paths))
	if len(paths.List) != 1 || paths.Kinds[0].Up {
		t.Errorf("%+v", paths)
	}
	h.must(h.call(li.client, "/v1/paths/remove", PathAsk{ID: path.ID}, nil))
	h.refused(li.client, "/v1/paths/remove", PathAsk{ID: path.ID}, rule.DutyPath)
}

// Spec: DTY-26. Who has left is told of nothing.
func TestWhoLeftIsNotRung(t *testing.T) {
	h := newHouse(t)
	li, wang := h.invite("Li Wei", "duty"), h.invite("Wang", "supervisor")
	sent := h.sends()
	h.must(h.call(wang.client, "/v1/roster", RosterAsk{h.testRoster("Li Wei", "Li Wei")}, nil))
	for _, p := range []*person{li, wang} {
		h.path(p, sent, duty.Nothing)
	}
	*sent = nil
	h.must(h.call(h.machine(), "/v1/accounts/end", AccountAsk{Account: "Li Wei"}, nil))
	rings := node.NewRings()
	h.server.Node.Ringing = rings
	rings.Set(duty.Ring{Link: "cn", Realm: "real", Call: "us-17", Rung: "duty", Roles: []string{"duty"}, Since: h.now, Every: 60_000})
	h.must(h.server.Node.Reach(t.Context()))
	h.server.Node.Wait()
	if len(*sent) != 1 || (*sent)[0].Person != wang.account || !(*sent)[0].Instead {
		t.Errorf("told: %+v", *sent)
	}
}

// Spec: DTY-18, DTY-22, DTY-25. The self-check of accounts, and an alarm as
// everybody may see it: no address in either.
func TestCheckAndAlarms(t *testing.T) {
	h := newHouse(t)
	li, wang := h.invite("Li Wei", "duty"), h.invite("Wang", "supervisor")
	sent := h.sends()
	h.must(h.call(wang.client, "/v1/roster", RosterAsk{h.testRoster("Li Wei", "Li Wei")}, nil))
	var path Path
	h.must(h.call(li.client, "/v1/paths/add", PathAsk{Kind: "mail", Address: "canary@agency.example"}, &path))
	codes := func() (list []string) {
		t.Helper()
		var found Checked
		h.must(h.call(wang.client, "/v1/roster/check", nil, &found))
		for _, f := range found.Findings {
			if f.Person != "" && f.Name != "Li Wei" {
				t.Errorf("%+v", f)
			}
			list = append(list, string(f.Code))
		}
		if red := strings.Contains(strings.Join(list, " "), "no-"); found.Red != red {
			t.Errorf("red %v: %v", found.Red, list)
		}
		return list
	}
	if got := strings.Join(codes(), " "); got != "no-key no-path step-unreachable step-unreachable step-unreachable" {
		t.Errorf("found %s", got)
	}
	h.must(h.call(li.client, "/v1/paths/verify", PathAsk{ID: path.ID}, nil))
	h.must(h.call(li.client, "/v1/paths/verify", PathAsk{ID: path.ID, Code: (*sent)[0].Code}, nil))
	h.must(li.makes(li.client, "", signin.ForSigning, nil))
	if got := strings.Join(codes(), " "); got != "no-key step-unreachable" { // on no card yet, and nobody has a deputy
		t.Errorf("found %s", got)
	}
	rings := node.NewRings()
	h.server.Node.Ringing = rings
	ring := duty.Ring{Link: "cn", Realm: "real", Call: "us-17", Rung: "duty", Roles: []string{"duty"}, Since: h.now, Every: 60_000, Subject: "canary subject"}
	rings.Set(ring)
	h.must(h.server.Node.Reach(t.Context()))
	h.server.Node.Wait()
	h.must(h.call(li.client, "/v1/alarms/seen", AlarmSeen{ring.Key(), duty.Mine}, nil))
	h.refused(li.client, "/v1/alarms/seen", AlarmSeen{ring.Key(), "accepted"}, rule.DutyAlarm)
	h.refused(h.machine(), "/v1/alarms/seen", AlarmSeen{ring.Key(), duty.Mine}, rule.AccessSession)
	var alarms Alarms
	h.must(h.call(h.machine(), "/v1/alarms", nil, &alarms))
	if len(alarms.Alarms) != 1 || len(alarms.Told) != 1 {
		t.Fatalf("%+v", alarms)
	}
	a, told := alarms.Alarms[0], alarms.Told[0]
	if a.Call != "us-17" || a.Next != h.now+60_000 || a.Round != 1 || strings.Join(a.Told, "") != "Li Wei" || a.Seen[0].Name != "Li Wei" || a.Seen[0].What != duty.Mine ||
		told.Name != "Li Wei" || told.Kind != "mail" || told.Step != 1 || told.Fault != "" {
		t.Errorf("%+v", alarms)
	}
	for _, path := range []string{"/v1/alarms", "/v1/roster", "/v1/roster/check"} {
		if text := h.body(wang.client, path); strings.Contains(text, "canary") {
			t.Errorf("%s shows an address or a subject: %s", path, text)
		}
	}
}

// path gives a person a path that is confirmed.
func (h *house) path(p *person, sent *[]node.Telling, reveals duty.Reveals) {
	h.t.Helper()
	var path Path
	h.must(h.call(p.client, "/v1/paths/add", PathAsk{Kind: "mail", Address: p.account + "@agency.example", Reveals: string(reveals)}, &path))
	h.must(h.call(p.client, "/v1/paths/verify", PathAsk{ID: path.ID}, nil))
	h.must(h.call(p.client, "/v1/paths/verify", PathAsk{ID: path.ID, Code: (*sent)[len(*sent)-1].Code}, nil))
}

// Spec: DTY-28. The supervisors and the administrator are told at the hour, once,
// again after a day or when it is something else, and nobody else is; also by a
// node that was off at the hour.
func TestNightlyCheckTells(t *testing.T) {
	h := newHouse(t)
	li, wang, gone := h.invite("Li Wei", "duty"), h.invite("Wang", "supervisor"), h.invite("Gone", "supervisor")
	sent := h.sends()
	for _, p := range []*person{li, wang, gone} {
		h.path(p, sent, duty.Level)
	}
	h.server.Node.Administrator = node.Administrator{Kind: "mail", Address: "it@agency.example", Reveals: duty.Subject}
	h.must(h.call(wang.client, "/v1/accounts/end", AccountAsk{Account: gone.account}, nil))
	night := func(what string, want int) {
		t.Helper()
		*sent = nil
		_, err := h.server.CheckNightly(t.Context(), 18)
		h.must(err)
		h.server.Node.Wait()
		var to []string
		for _, x := range *sent {
			to = append(to, x.Address)
			if x.Event != duty.Finds || len(x.Findings) == 0 || x.Address == "it@agency.example" != (x.Reveals == duty.Subject) {
				t.Errorf("%s: %+v", what, x)
			}
		}
		slices.Sort(to)
		all := []string{wang.account + "@agency.example", "it@agency.example"}
		slices.Sort(all)
		if want == 0 && len(to) > 0 || want > 0 && !slices.Equal(to, all) {
			t.Errorf("%s: told %q", what, to)
		}
	}
	const hour = 60 * 60 * 1000
	night("a node without a roster or a hotline", 0)
	h.must(h.call(wang.client, "/v1/roster", RosterAsk{h.testRoster("Li Wei", "Li Wei")}, nil)) // whose key is on no card
	night("between two nights", 0)
	z := h.testRoster("", "").Zones[0]
	h.now = z.Last(18, h.now+24*hour) - 1
	night("just before the hour", 0)
	h.now++
	night("at the hour", 1)
	night("looked at again", 0)
	h.now += 23 * hour
	night("not before the hour", 0)
	h.now += 5 * hour
	night("late, the next night", 1)
	told, err := h.server.Node.Outcomes(t.Context(), 100)
	if err != nil || len(told) != 4 || told[0].Telling.Event != duty.Finds || len(told[0].Telling.Findings) != 0 || told[0].Fault != "" {
		t.Errorf("noted: %+v, %v", told, err)
	}
}
