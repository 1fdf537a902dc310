package contacts

import (
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

type B = *act.ContactBody

// versions are changes of a body that is in order, with what they break.
var versions = map[string]struct {
	change func(B)
	want   fault.Code
}{
	"as it should be":            {func(B) {}, ""},
	"no role":                    {func(b B) { b.Role = "" }, rule.ActReason},
	"another role":               {func(b B) { b.Role = "cook" }, rule.ActReason},
	"the other's unit":           {func(b B) { b.Unit = map[string]string{"lo-desk": "hi-desk", "hi-desk": "lo-desk"}[b.Unit] }, rule.ActReason},
	"no English name":            {func(b B) { b.Names.En = " " }, rule.ActIncomplete},
	"no Chinese name":            {func(b B) { b.Names.Zh = "" }, rule.ActIncomplete},
	"no ways":                    {func(b B) { b.Ways = nil }, rule.ActIncomplete},
	"a way of no kind":           {func(b B) { b.Ways[1].Kind = "pigeon" }, rule.ActReason},
	"a way to nowhere":           {func(b B) { b.Ways[1].Value = "" }, rule.ActIncomplete},
	"this line":                  {func(b B) { b.Ways[0].Kind = act.WayLine }, ""},
	"by post and else":           {func(b B) { b.Ways[0].Kind, b.Ways[1].Kind = act.WayPost, act.WayOther }, ""},
	"no hours":                   {func(b B) { b.Hours.Zh = "" }, rule.ActIncomplete},
	"no zone":                    {func(b B) { b.Zone = "" }, rule.ActReason},
	"a zone with a space":        {func(b B) { b.Zone = "Etc UTC" }, rule.ActReason},
	"a zone that is an offset":   {func(b B) { b.Zone = "+08:00" }, rule.ActReason},
	"a zone of 65":               {func(b B) { b.Zone = strings.Repeat("a", 65) }, rule.ActReason},
	"a zone of 64":               {func(b B) { b.Zone = "Etc/GMT+1_-" + strings.Repeat("a", 53) }, ""},
	"no languages":               {func(b B) { b.Languages = []string{} }, rule.ActIncomplete},
	"a language of one letter":   {func(b B) { b.Languages[1] = "z" }, rule.ActReason},
	"a language of nine":         {func(b B) { b.Languages[1] = "chinesisch" }, rule.ActReason},
	"a language of digits":       {func(b B) { b.Languages[1] = "12" }, rule.ActReason},
	"a language that ends early": {func(b B) { b.Languages[1] = "zh-" }, rule.ActReason},
	"a language with a region":   {func(b B) { b.Languages[1] = "es-419" }, ""},
	"no deputies":                {func(b B) { b.Deputies = []string{} }, ""},
	"a deputy that is none":      {func(b B) { b.Deputies[0] = "cook" }, rule.ActReason},
	"its own deputy":             {func(b B) { b.Deputies[0] = "duty" }, rule.ActReason},
	"a deputy twice":             {func(b B) { b.Deputies = []string{"press", "press"} }, rule.ActReason},
	"no confirmers":              {func(b B) { b.Confirmers = []act.Confirmer{} }, ""},
	"a confirmer of no role":     {func(b B) { b.Confirmers[0].Role = "" }, rule.ActReason},
	"a confirmer of no way":      {func(b B) { b.Confirmers[0].Kind = "" }, rule.ActReason},
	"a confirmer nowhere":        {func(b B) { b.Confirmers[0].Value = "\u3000" }, rule.ActIncomplete},
	"no mandate":                 {func(b B) { b.Mandate = nil }, ""},
	"a mandate to nothing":       {func(b B) { b.Mandate.What.Text = "" }, rule.ActIncomplete},
	"a mandate of no time":       {func(b B) { b.Mandate.Until = b.Mandate.From }, rule.ActTerm},
	"until now":                  {func(b B) { b.Until = proceduretest.At(start) }, rule.ActTerm},
	"until in a moment":          {func(b B) { b.Until = proceduretest.At(start) + 1 }, ""},
	"for 366 days":               {func(b B) { b.Until = proceduretest.At(start) + 366*day }, ""},
	"for longer":                 {func(b B) { b.Until = proceduretest.At(start) + 366*day + 1 }, rule.ActTerm},
	"16 ways":                    {func(b B) { b.Ways = slices.Repeat(b.Ways, 8) }, ""},
	"18 ways":                    {func(b B) { b.Ways = slices.Repeat(b.Ways, 9) }, rule.ActBody},
	"17 languages":               {func(b B) { b.Languages = slices.Repeat(b.Languages[:1], 17) }, rule.ActBody},
	"17 deputies":                {func(b B) { b.Deputies = slices.Repeat(b.Deputies, 17) }, rule.ActBody},
	"17 confirmers":              {func(b B) { b.Confirmers = slices.Repeat(b.Confirmers, 17) }, rule.ActBody},
	"a way of 400":               {func(b B) { b.Ways[0].Value = strings.Repeat("值", 400) }, ""},
	"a way of 401":               {func(b B) { b.Ways[0].Value = strings.Repeat("值", 401) }, rule.ActBody},
	"a key on two lines":         {func(b B) { b.Ways[0].Key = "89\nab" }, rule.ActBody},
	"a name with a tab":          {func(b B) { b.Names.Zh = "值\t班" }, rule.ActBody},
	"a confirmer on two lines":   {func(b B) { b.Confirmers[0].Value = "a\nb" }, rule.ActBody},
	"a note of 2000":             {func(b B) { b.Ways[0].Note.Text = strings.Repeat("\n", 2000) }, ""},
	"a note of 2001":             {func(b B) { b.Ways[0].Note.Text = strings.Repeat("a", 2001) }, rule.ActBody},
	"a mandate of 2001":          {func(b B) { b.Mandate.What.Text = strings.Repeat("a", 2001) }, rule.ActBody},
	// Of several the first counts.
	"bounds before a role":  {func(b B) { b.Role, b.Zone = "cook", "a\nb" }, rule.ActBody},
	"a role before a name":  {func(b B) { b.Role, b.Names.En = "cook", "" }, rule.ActReason},
	"a name before a zone":  {func(b B) { b.Names.En, b.Zone = "", "" }, rule.ActIncomplete},
	"a mandate before term": {func(b B) { b.Mandate.What.Text, b.Until = "", 0 }, rule.ActIncomplete},
}

// Spec: DIR-4. Spec: DIR-5. Spec: DIR-6. Spec: DIR-7. Spec: DIR-8. Spec: DIR-9. Spec: DIR-11. What an
// entry lacks, whether it is published or changed to that.
func TestVersions(t *testing.T) {
	for what, c := range versions {
		both(func(owner bool) {
			s := opened(owner, c.change)
			s.want(t, what, s.opening, c.want)
			if void := s.fold().Phase == Void; void != (c.want != "") {
				t.Errorf("%s: %s", what, s.fold().Phase)
			}
			s = opened(owner)
			b := body(owner, 90)
			c.change(b)
			s.want(t, "changed to "+what, s.say(true, act.ContactChange, b), c.want)
		})
	}
}

// Spec: DIR-4. A change keeps the role, and is held to the arrangement in force
// where it stands.
func TestChange(t *testing.T) {
	s := opened(false)
	b := body(false, 90)
	b.Role, b.Deputies = "press", nil
	s.want(t, "another role", s.say(true, act.ContactChange, b), rule.ActReason)
	lost := proceduretest.Calling(func(d *arrangement.Document) { d.Parties[0].Roles = d.Parties[0].Roles[1:] })
	s.Known = [2]*procedure.Context{{Rules: 1, Arrangement: lost.Arrangement, Digest: lost.Digest, Status: lost.Status}, lost}
	s.want(t, "a role that is no more", s.say(true, act.ContactChange, body(false, 90)), rule.ActReason)
	s.want(t, "its end", s.say(true, act.ContactEnd, &act.NoteBody{}), "")
	none := *s.Known[0]
	none.Arrangement = nil
	s = &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), &none)}
	s.opening = s.Say(false, nil, act.ContactPublish, body(false, 90))
	s.want(t, "before there are rules", s.opening, rule.ActUnstarted)
}

// Spec: DIR-3. Spec: DIR-11. Whose an act is, and where it has a place.
func TestPlace(t *testing.T) {
	both(func(owner bool) {
		s := opened(owner)
		for _, kind := range []string{act.ContactChange, act.ContactConfirm, act.ContactEnd} {
			bodies := map[string]any{act.ContactChange: body(!owner, 60), act.ContactConfirm: s.confirm(60), act.ContactEnd: &act.NoteBody{}}
			s.want(t, "the other's "+kind, s.say(false, kind, bodies[kind]), rule.ActTurn)
		}
		s.want(t, "of another procedure", s.say(true, act.RequestClose, proceduretest.Body(act.RequestClose)), rule.ActKind)
		s.want(t, "a second opening", s.Say(owner, s.opening, act.ContactPublish, body(owner, 60)), rule.ActThread)
		long := s.signed(owner, s.opening, act.ContactEnd, &act.NoteBody{Note: act.Text{Text: strings.Repeat("a", 2001)}})
		s.want(t, "a long end", long, rule.ActBody)
		with := s.signed(owner, s.opening, act.ContactEnd, &act.NoteBody{})
		with.Act.Attachments = []*statement.Attachment{{}}
		s.want(t, "with an attachment", with, rule.ActBody)
		s.want(t, "the end", s.say(true, act.ContactEnd, &act.NoteBody{}), "")
		for kind, b := range map[string]any{act.ContactChange: body(owner, 60), act.ContactConfirm: s.confirm(60), act.ContactEnd: &act.NoteBody{}} {
			s.want(t, "behind the end, "+kind, s.say(true, kind, b), rule.ActThread)
		}
		s = opened(owner, func(b B) { b.Role = "" })
		s.want(t, "where nothing was published", s.say(true, act.ContactChange, body(owner, 60)), rule.ActThread)
		s.want(t, "nothing to end", s.say(true, act.ContactEnd, &act.NoteBody{}), rule.ActThread)
	})
}

// Spec: DIR-3. An entry is not changed for ever, and can always be ended.
func TestLong(t *testing.T) {
	s := opened(true)
	for range maxSaid - 1 {
		s.signed(true, s.opening, act.ContactConfirm, &act.ContactConfirmBody{Position: s.opening.Position, Until: proceduretest.At(start) + 60*day})
	}
	if c := s.fold(); len(c.NotInOrder) != 0 || len(c.Moves(true)) != 1 {
		t.Fatal(c.NotInOrder, c.Moves(true))
	}
	s.want(t, "one more", s.say(true, act.ContactConfirm, s.confirm(60)), rule.ActThread)
	s.want(t, "a change", s.say(true, act.ContactChange, body(true, 60)), rule.ActThread)
	s.want(t, "its end", s.say(true, act.ContactEnd, &act.NoteBody{}), "")
}

// Spec: DIR-9. Spec: DIR-10. What a confirmation puts off, and of what.
func TestConfirm(t *testing.T) {
	both(func(owner bool) {
		s := opened(owner)
		s.want(t, "of another version", s.say(true, act.ContactConfirm, &act.ContactConfirmBody{Position: 7, Until: s.Now + day}), rule.ActItem)
		s.want(t, "until now", s.say(true, act.ContactConfirm, s.confirm(0)), rule.ActTerm)
		s.want(t, "for too long", s.say(true, act.ContactConfirm, s.confirm(367)), rule.ActTerm)
		s.want(t, "for a year", s.say(true, act.ContactConfirm, s.confirm(366)), "")
		s.want(t, "for less", s.say(true, act.ContactConfirm, s.confirm(30)), "")
		changed := s.say(true, act.ContactChange, body(owner, 60))
		s.want(t, "of the version before", s.say(true, act.ContactConfirm, &act.ContactConfirmBody{Position: s.opening.Position, Until: s.Now + day}), rule.ActItem)
		s.want(t, "of the new one", s.say(true, act.ContactConfirm, &act.ContactConfirmBody{Position: changed.Position, Until: s.Now + day}), "")
		s = opened(owner, func(b B) { b.Temporary = true })
		s.want(t, "a temporary one for longer", s.say(true, act.ContactConfirm, s.confirm(91)), rule.ActTerm)
		s.want(t, "a temporary one", s.say(true, act.ContactConfirm, s.confirm(90)), "")
		s.want(t, "a temporary one for less", s.say(true, act.ContactConfirm, s.confirm(60)), "")
		s.want(t, "and as long as it was", s.say(true, act.ContactConfirm, s.confirm(90)), "")
	})
}

// Spec: DIR-2. A suspension of everything bars nothing.
func TestSuspended(t *testing.T) {
	s := opened(true)
	known := proceduretest.With(s.Known[0], func(status arrangement.Status) (arrangement.Status, error) {
		return status.Suspend(arrangement.Suspend{Party: proceduretest.Parties()[0].String(), ID: "1", Scope: arrangement.Scope{Everything: true}, At: s.Now})
	})
	s.Known = [2]*procedure.Context{known, known}
	s.Now += 80 * day
	s.want(t, "a confirmation", s.say(true, act.ContactConfirm, s.confirm(200)), "")
	if c := s.fold(); c.Phase != Current {
		t.Error(c.Phase)
	}
}

// Spec: DIR-12. Each act of the other's that is not in order is refused once.
func TestRefusals(t *testing.T) {
	both(func(owner bool) {
		s := opened(owner)
		wrong := s.say(false, act.ContactEnd, &act.NoteBody{})
		if owed := s.fold().Automatic(!owner); len(owed) != 0 {
			t.Errorf("who said it owes %v", owed)
		}
		owed := s.fold().Automatic(owner)
		if len(owed) != 1 || owed[0].Kind != act.Disorder || *owed[0].Body.(*act.DisorderBody) != (act.DisorderBody{Position: wrong.Position, Rule: string(rule.ActTurn)}) {
			t.Fatalf("%+v", owed)
		}
		s.want(t, "another code", s.say(true, act.Disorder, &act.DisorderBody{Position: wrong.Position, Rule: "act.kind"}), rule.ActReason)
		if owed := s.fold().Automatic(owner); len(owed) != 0 {
			t.Errorf("what was said is owed: %v", owed)
		}
		s.want(t, "the refusal", s.say(true, act.Disorder, owed[0].Body), "")
		s.want(t, "the refusal again", s.say(true, act.Disorder, owed[0].Body), rule.ActAutomatic)
		s.want(t, "of nothing", s.say(false, act.Disorder, &act.DisorderBody{Position: 99}), rule.ActThread)
	})
}
