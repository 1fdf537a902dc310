package duty

import (
	"slices"
	"testing"

	"parley.example/wire/calendar"
)

// Spec: DTY-28. The check runs once for each time that its hour is reached on
// the walls of the zone, also over a change of offset, once after a day without
// anybody, and again after a clock went back.
func TestNightlyIsDue(t *testing.T) {
	z := &Zone{Name: "America/New_York", From: calendar.Instant(at("2026-01-01T00:00:00Z")), Until: calendar.Instant(at("2027-01-01T00:00:00Z")),
		Offsets: []calendar.Offset{{At: calendar.Instant(at("2026-01-01T00:00:00Z")), Minutes: -300}, {At: calendar.Instant(at("2026-03-08T07:00:00Z")), Minutes: -240},
			{At: calendar.Instant(at("2026-11-01T06:00:00Z")), Minutes: -300}}}
	for _, c := range []struct {
		hour     int
		from, to string
		want     []string
	}{
		{18, "2026-03-06T00:30:00Z", "2026-03-10T00:00:00Z", []string{"2026-03-06T00:30:00Z", "2026-03-06T23:00:00Z", "2026-03-07T23:00:00Z", "2026-03-08T22:00:00Z", "2026-03-09T22:00:00Z"}},
		{2, "2026-03-07T08:00:00Z", "2026-03-09T12:00:00Z", []string{"2026-03-07T08:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z"}}, // the hour that is skipped
		{1, "2026-10-31T06:00:00Z", "2026-11-02T12:00:00Z", []string{"2026-10-31T06:00:00Z", "2026-11-01T05:00:00Z", "2026-11-02T06:00:00Z"}}, // the hour that is there twice
		{0, "2026-06-01T00:00:00Z", "2026-06-02T12:00:00Z", []string{"2026-06-01T00:00:00Z", "2026-06-01T04:00:00Z", "2026-06-02T04:00:00Z"}},
	} {
		var night Night
		var got []string
		for now := at(c.from); now < at(c.to); now += 10 * m {
			if night.Due(z, c.hour, now) {
				night, _ = night.Take(nil, now, now+dayMillis, now)
				got = append(got, calendar.Instant(now).String())
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("hour %d: ran at %q, want %q", c.hour, got, c.want)
		}
	}
	night := Night{Ran: at("2026-06-01T23:00:00Z")}
	if !night.Due(z, 18, at("2026-06-04T00:00:00Z")) || night.Due(z, 18, night.Ran) || !night.Due(z, 18, night.Ran-1) {
		t.Error("after days of nobody looking, or a clock that went back")
	}
}

// Spec: DTY-28. A finding is told once, again when it is another than it was, and
// again after a day; what is no more and comes back is new.
func TestFindingsAreToldOnce(t *testing.T) {
	now := at("2026-06-01T22:00:00Z")
	gap := Finding{Code: Nobody, Red: true, From: now + hourMillis, To: now + 2*hourMillis, Role: "duty"}
	longer := gap
	longer.To += hourMillis
	path := Finding{Code: NoPath, Red: true, From: now, To: now + dayMillis, Role: "duty", Person: "ann"}
	night := Night{}
	look := func(what string, want []Finding, found ...Finding) {
		t.Helper()
		var tell []Finding
		night, tell = night.Take(found, now, now+dayMillis, now)
		raw, err := night.Encode()
		if err == nil {
			night, err = DecodeNight(raw)
		}
		if err != nil || !slices.Equal(tell, want) {
			t.Errorf("%s: told of %+v, want %+v (%v)", what, tell, want, err)
		}
		now += hourMillis
	}
	look("amber is told of nobody", nil, Finding{Code: PathStale})
	look("first", []Finding{gap}, gap, gap)
	look("the same", nil, gap)
	path.From, path.To = now, now+dayMillis
	look("another besides", []Finding{path}, gap, path)
	path.From, path.To = now, now+dayMillis
	look("only what was looked at has moved on", nil, gap, path)
	path.From, path.To = now, now+dayMillis
	look("it lasts longer", []Finding{longer}, longer, path)
	look("mended", nil)
	look("and again", []Finding{longer}, longer)
	now += dayMillis
	look("after a day", []Finding{longer}, longer)
	now -= 3 * hourMillis
	look("by a clock that went back", []Finding{longer}, longer)
	if _, err := DecodeNight([]byte(`{"version":2,"ran":0,"told":[]}`)); err == nil {
		t.Error("of another version")
	}
}

// Spec: DTY-28. Everybody is told along each confirmed path, and nobody along
// one that is not; a message has no more than it may.
func TestNotices(t *testing.T) {
	paths := confirmed("mail", "sms")
	paths["dan"].List[1].Verified = 0
	found := make([]Finding, MaxTold+5)
	list := Notices([]string{"ann", "dan", "nobody"}, paths, found, 7)
	var got []string
	for _, x := range list {
		got = append(got, x.Person+" "+x.Kind)
		if len(x.Findings) != MaxTold || x.More != 5 || x.Event != Finds || x.Due != 7 {
			t.Errorf("%+v", x)
		}
	}
	if !slices.Equal(got, []string{"ann mail", "ann sms", "dan mail"}) {
		t.Errorf("%q", got)
	}
}
