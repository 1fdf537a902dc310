package duty

import (
	"fmt"
	"slices"
	"testing"

	"parley.example/wire/calendar"
)

func soundFacts(t *testing.T) CheckFacts {
	r := twoShifts(t, shanghai(), "08:00", "20:00")
	r.Roles[0].Steps = []Step{{Who: OnDuty}, {After: 10, Who: Everyone, Kinds: []string{"sms"}}}
	f := CheckFacts{Roster: r, Paths: confirmed("mail", "sms"), Rungs: []Rung{{Level: "urgent", Rung: "duty", Roles: []string{"duty"}, Every: 4 * m, Lasts: 15 * m}},
		Kinds: map[string]bool{"mail": true, "sms": true}, People: map[string]Person{}, Days: 90}
	for p, paths := range f.Paths {
		f.People[p] = Person{Active: true, Accepts: true, Signs: true}
		for i := range paths.List {
			paths.List[i].Verified = at("2026-01-05T00:00:00Z")
		}
	}
	return f
}

// Spec: DTY-22, DTY-23.
func TestCheck(t *testing.T) {
	from := at("2026-01-06T00:00:00Z") // eight in the morning: ann, then dan
	to := from + dayMillis
	if found := Check(soundFacts(t), from, to); len(found) != 0 {
		t.Fatalf("a ladder that holds: %+v", found)
	}
	morning, evening := from, from+12*hourMillis
	for name, c := range map[string]struct {
		spoil func(*CheckFacts)
		want  []string // code, red, from, to
	}{
		"no roster": {func(f *CheckFacts) { f.Roster = nil }, []string{fmt.Sprint(NoRoster, true, from, to)}},
		"a rung's role": {func(f *CheckFacts) { f.Rungs[0].Roles = []string{"principal"} },
			[]string{fmt.Sprint(RoleUnset, true, from, to)}},
		"nobody at night": {func(f *CheckFacts) {
			f.Roster.Roles[0].Rotations = f.Roster.Roles[0].Rotations[:1]
		}, []string{fmt.Sprint(Nobody, true, evening, to), fmt.Sprint(Unreachable, true, evening, to)}},
		"away, with nobody to stand in": {func(f *CheckFacts) {
			f.Roster.Absences = []Absence{{Person: "dan", From: calendar.Instant(evening + hourMillis), To: calendar.Instant(evening + 2*hourMillis)}}
		}, []string{fmt.Sprint(Nobody, true, evening+hourMillis, evening+2*hourMillis), fmt.Sprint(Unreachable, true, evening+hourMillis, evening+2*hourMillis)}},
		"no confirmed path": {func(f *CheckFacts) { f.Paths["dan"] = NewPaths("dan") },
			[]string{fmt.Sprint(NoPath, true, evening, to), fmt.Sprint(Unreachable, true, evening, to)}},
		"confirmed long ago": {func(f *CheckFacts) {
			f.Paths["dan"].List[0].Verified = evening - 90*dayMillis + hourMillis
		}, []string{fmt.Sprint(PathStale, false, evening+hourMillis, to)}},
		"a kind that is not set up": {func(f *CheckFacts) { delete(f.Kinds, "sms") },
			[]string{fmt.Sprint(PathDown, false, evening, to), fmt.Sprint(PathDown, false, morning, evening), fmt.Sprint(Unreachable, false, from, to)}},
		"a kind that failed": {func(f *CheckFacts) { f.Kinds["mail"] = false },
			[]string{fmt.Sprint(PathDown, false, evening, to), fmt.Sprint(PathDown, false, morning, evening)}},
		"left":    {func(f *CheckFacts) { f.People["dan"] = Person{} }, []string{fmt.Sprint(AccountEnded, true, evening, to), fmt.Sprint(AccountEnded, false, from, to), fmt.Sprint(Unreachable, true, evening, to)}},
		"may not": {func(f *CheckFacts) { f.People["dan"] = Person{Active: true, Signs: true} }, []string{fmt.Sprint(MayNotAccept, true, evening, to)}},
		"cannot":  {func(f *CheckFacts) { f.People["dan"] = Person{Active: true, Accepts: true} }, []string{fmt.Sprint(NoKey, true, evening, to)}},
		"ends": {func(f *CheckFacts) {
			f.Ends = []End{{ContactEnds, "us-contact-1", evening}, {MandateEnds, "us-contact-2", morning}, {CertificateEnds, "", to - 1}, {CertificateEnds, "later", to}, {MandateEnds, "before", from - 1}}
		}, []string{fmt.Sprint(ContactEnds, false, evening, to), fmt.Sprint(MandateEnds, false, morning, to), fmt.Sprint(CertificateEnds, false, to-1, to)}},
		"late step":  {func(f *CheckFacts) { f.Rungs[0].Lasts = 10 * m }, []string{fmt.Sprint(AfterClimb, false, from, to)}},
		"zone":       {func(f *CheckFacts) { f.Roster.Zones[0].Until = calendar.Instant(evening) }, []string{fmt.Sprint(ZoneEnds, false, evening, to)}},
		"every role": {func(f *CheckFacts) { f.Rungs = nil; f.Paths["dan"] = nil }, []string{fmt.Sprint(NoPath, true, evening, to), fmt.Sprint(Unreachable, true, evening, to)}},
	} {
		f := soundFacts(t)
		c.spoil(&f)
		var got []string
		for _, x := range Check(f, from, to) {
			word := fmt.Sprint(x.Code, x.Red, x.From, x.To)
			if !slices.Contains(got, word) {
				got = append(got, word)
			}
			if !slices.Contains(FindingCodes(), x.Code) {
				t.Errorf("%s is not listed", x.Code)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// Spec: DTY-23.
func TestFindingsAreBounded(t *testing.T) {
	f := soundFacts(t)
	f.Roster.Roles[0].Rotations = f.Roster.Roles[0].Rotations[:1]
	found := Check(f, at("2026-01-06T00:00:00Z"), at("2036-01-06T00:00:00Z"))
	if len(found) != MaxFindings {
		t.Errorf("%d findings", len(found))
	}
	if !slices.IsSortedFunc(found, func(a, b Finding) int { return int(min(1, max(-1, a.From-b.From))) }) {
		t.Error("not in order of time")
	}
}
