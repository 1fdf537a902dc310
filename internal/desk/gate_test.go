package desk

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// signedBy stands for a card: the signature is the signer's key, and whoever is
// not here signed nothing.
func signedBy(people ...Person) Verify {
	return func(_ []byte, r *Result) (Person, bool) {
		i := slices.IndexFunc(people, func(p Person) bool { return p.Key == r.Officer && string(r.Signature) == p.Key })
		if i < 0 {
			return Person{}, false
		}
		return people[i], true
	}
}

var (
	ann  = Person{"ann", "Ann", "cyber", "duty"}
	ann2 = Person{"ann2", "Ann", "cyber", "supervisor"} // Ann's other key
	bo   = Person{"bo", "Bo", "cyber", "supervisor"}
	cy   = Person{"cy", "Cy", "cyber", "clerk"}
	team = []Person{ann, ann2, bo, cy}
)

func says(p Person, v Verdict, at int64) Result {
	return Result{Check: "c", Verdict: v, At: at, Officer: p.Key, Signature: []byte(p.Key)}
}

// Spec: DSK-14, DSK-16, DSK-17, DSK-18.
func TestGate(t *testing.T) {
	one := Check{Code: "c", Acts: []string{"k"}, Persons: 1}
	with := func(change func(*Check)) Check { c := one; change(&c); return c }
	other := with(func(c *Check) { c.OtherPerson = true })
	two := with(func(c *Check) { c.Persons = 2 })
	roles := with(func(c *Check) { c.Roles = []string{"supervisor"} })
	hours := with(func(c *Check) { c.ExpireHours = 1 })
	forged := says(bo, Passed, 1)
	forged.Signature = []byte("ann")
	elsewhere := says(bo, Passed, 1)
	elsewhere.Check = "d"
	for name, c := range map[string]struct {
		check   Check
		results []Result
		signers []Person
		want    Verdict
		missing int
		void    int
	}{
		"nobody":                      {one, nil, nil, Outstanding, 1, 0},
		"one":                         {one, []Result{says(ann, Passed, 1)}, []Person{ann}, Passed, 0, 0},
		"of another check":            {one, []Result{elsewhere}, nil, Outstanding, 1, 0},
		"forged":                      {one, []Result{forged}, nil, Outstanding, 1, 1},
		"a refusal":                   {one, []Result{says(ann, Refused, 1)}, nil, Refused, 0, 0},
		"one of two refuses":          {two, []Result{says(ann, Passed, 1), says(bo, Passed, 1), says(cy, Refused, 1)}, nil, Refused, 0, 0},
		"then passes":                 {one, []Result{says(ann, Refused, 1), says(ann, Passed, 2)}, nil, Passed, 0, 0},
		"another passes":              {one, []Result{says(ann, Refused, 1), says(bo, Passed, 2)}, nil, Refused, 0, 0},
		"an old pass put back":        {one, []Result{says(ann, Refused, 2), says(ann, Passed, 1)}, nil, Refused, 0, 0},
		"both at one instant":         {one, []Result{says(ann, Refused, 2), says(ann, Passed, 2)}, nil, Refused, 0, 0},
		"takes it back":               {one, []Result{says(ann, Passed, 1), says(ann, Outstanding, 2)}, nil, Outstanding, 1, 0},
		"two":                         {two, []Result{says(ann, Passed, 1), says(bo, Passed, 1)}, []Person{ann}, Passed, 0, 0},
		"two, one twice":              {two, []Result{says(ann, Passed, 1), says(ann, Passed, 2)}, nil, Outstanding, 1, 0},
		"two, one with two keys":      {two, []Result{says(ann, Passed, 1), says(ann2, Passed, 2)}, nil, Outstanding, 1, 0},
		"other, nobody signs yet":     {other, []Result{says(ann, Passed, 1)}, nil, Passed, 0, 0},
		"other, the signer":           {other, []Result{says(ann, Passed, 1)}, []Person{ann}, Outstanding, 1, 0},
		"other, the signer's key":     {other, []Result{says(ann2, Passed, 1)}, []Person{ann}, Outstanding, 1, 0},
		"other, and the signer":       {other, []Result{says(ann, Passed, 1), says(bo, Passed, 1)}, []Person{ann}, Passed, 0, 0},
		"not the role":                {roles, []Result{says(cy, Passed, 1)}, nil, Outstanding, 1, 1},
		"a refusal without the role":  {roles, []Result{says(cy, Refused, 1), says(bo, Passed, 1)}, nil, Passed, 0, 1},
		"before the hour is over":     {hours, []Result{says(ann, Passed, 10*hour-hour+1)}, nil, Passed, 0, 0},
		"when it is over":             {hours, []Result{says(ann, Passed, 10*hour-hour)}, nil, Outstanding, 1, 0},
		"a refusal does not run out":  {hours, []Result{says(ann, Refused, 1)}, nil, Refused, 0, 0},
		"one has run out":             {with(func(c *Check) { c.Persons, c.ExpireHours = 2, 1 }), []Result{says(ann, Passed, 1), says(bo, Passed, 10*hour)}, nil, Outstanding, 1, 0},
		"other, only the signer left": {with(func(c *Check) { c.OtherPerson, c.ExpireHours = true, 1 }), []Result{says(bo, Passed, 1), says(ann, Passed, 10*hour)}, []Person{ann}, Outstanding, 1, 0},
	} {
		rules := &Rules{Checks: []Check{c.check}}
		list := rules.Gate(Release{Kind: "k"}, Matter{}, c.results, c.signers, 10*hour, signedBy(team...))
		if len(list) != 1 || list[0].Verdict != c.want || list[0].Missing != c.missing || list[0].Void != c.void {
			t.Errorf("%s: %s, %d missing, %d void", name, list[0].Verdict.Name(), list[0].Missing, list[0].Void)
		}
		if closed := Closed(list); len(closed) == 0 != (c.want == Passed) {
			t.Errorf("%s: closed %v", name, closed)
		}
	}
	if list := (&Rules{Checks: []Check{one}}).Gate(Release{Kind: "other"}, Matter{}, nil, nil, 0, signedBy()); len(list) != 0 {
		t.Error("a check of another act stands before this one")
	}
}

// Spec: DSK-24.
func TestNext(t *testing.T) {
	await, decline := Coded{"request.await", "judge"}, Coded{"request.decline", "no"}
	c := &Check{Outstanding: await, Refused: decline}
	bare := &Check{}
	for name, x := range map[string]struct {
		list []Standing
		want Coded
	}{
		"nothing":              {nil, Coded{}},
		"passed":               {[]Standing{{Check: c, Verdict: Passed}}, Coded{}},
		"outstanding":          {[]Standing{{Check: c}}, await},
		"refused":              {[]Standing{{Check: c, Verdict: Refused}}, decline},
		"a refusal goes first": {[]Standing{{Check: c}, {Check: c, Verdict: Refused}}, decline},
		"without a code":       {[]Standing{{Check: bare, Verdict: Refused}, {Check: c}}, await},
	} {
		if have := Next(x.list); have != x.want {
			t.Errorf("%s: %v", name, have)
		}
	}
}

// Spec: DSK-17, DSK-19. A slow reading of the rules, and any order of storing.
func TestGateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Check{Code: "c", Acts: []string{"k"}, Persons: rapid.IntRange(1, 2).Draw(t, "persons"), OtherPerson: rapid.Bool().Draw(t, "other"),
			ExpireHours: rapid.IntRange(0, 2).Draw(t, "hours")}
		if rapid.Bool().Draw(t, "roles") {
			c.Roles = []string{"duty", "supervisor"}
		}
		var results []Result
		for range rapid.IntRange(0, 8).Draw(t, "results") {
			r := says(rapid.SampledFrom(team).Draw(t, "officer"), rapid.SampledFrom([]Verdict{Passed, Refused, Outstanding}).Draw(t, "verdict"),
				rapid.Int64Range(0, 4).Draw(t, "at")*hour)
			if rapid.IntRange(0, 4).Draw(t, "forged") == 0 {
				r.Signature = nil
			}
			results = append(results, r)
		}
		signers := rapid.SampledFrom([][]Person{nil, {ann}, {bo}, {ann, bo}}).Draw(t, "signers")
		now := 4 * int64(hour)
		gate := func() Verdict {
			return (&Rules{Checks: []Check{c}}).Gate(Release{Kind: "k"}, Matter{}, results, signers, now, signedBy(team...))[0].Verdict
		}
		have := gate()
		if want := slowly(&c, results, signers, now); have != want {
			t.Fatalf("%s, slowly %s", have.Name(), want.Name())
		}
		for i := len(results) - 1; i > 0; i-- {
			j := rapid.IntRange(0, i).Draw(t, "swap")
			results[i], results[j] = results[j], results[i]
		}
		if again := gate(); again != have {
			t.Fatalf("in another order %s, before %s", again.Name(), have.Name())
		}
	})
}

// slowly reads DSK-14 to DSK-18 word by word, person by person.
func slowly(c *Check, results []Result, signers []Person, now int64) Verdict {
	passed, other := 0, false
	for _, name := range []string{"Ann", "Bo", "Cy"} {
		at, refuses, doubts, passes := int64(-1), false, false, false
		for _, r := range results {
			p, ok := signedBy(team...)(nil, &r)
			if !ok || p.Name != name || len(c.Roles) > 0 && p.Role == "clerk" || r.At < at {
				continue
			}
			if r.At > at {
				at, refuses, doubts, passes = r.At, false, false, false
			}
			refuses = refuses || r.Verdict == Refused
			doubts = doubts || r.Verdict == Outstanding
			passes = passes || r.Verdict == Passed
		}
		if refuses {
			return Refused
		}
		if passes && !doubts && (c.ExpireHours == 0 || now-at < int64(c.ExpireHours)*hour) {
			passed++
			other = other || !slices.ContainsFunc(signers, func(p Person) bool { return p.Name == name })
		}
	}
	if passed >= c.Persons && (other || !c.OtherPerson) {
		return Passed
	}
	return Outstanding
}
