package contacts

import (
	"slices"
	"strings"
	"unicode/utf8"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Bounds of an entry. What is beyond them is kept and not in order.
const (
	maxList = 16                 // ways, languages, deputies, confirmers
	maxLine = 400                // code points of a line
	maxNote = 2000               // code points of a text
	maxSaid = 1000               // acts in order, before the end
	maxTerm = 366 * calendar.Day // how far off the instant is to which an entry stands
	dueWith = 14 * calendar.Day  // how long before that a confirmation is due
)

type saying = procedure.Saying

// Vocabulary lists the kinds of an entry in the order in which it goes.
func Vocabulary() []string {
	return []string{act.ContactPublish, act.ContactChange, act.ContactConfirm, act.ContactEnd, act.Disorder}
}

// stand is what has been said in an entry, as far as judging needs it.
type stand struct {
	procedure.Past
	said     []*procedure.Entry // acts in order that are not automatic
	versions []*procedure.Entry // of those, the entry as it was published and changed
	until    calendar.Instant
	ended    *procedure.Entry
}

// Judge tells why an entry is not in order; s must hold its causal past and
// nothing else.
func (s *stand) Judge(e *procedure.Entry) error {
	if err := s.Check(e); err != nil {
		return err
	}
	return s.judge(e.Saying())
}

// Add takes an entry into account, with the verdict on it.
func (s *stand) Add(e *procedure.Entry, verdict error) {
	if !s.Take(e, verdict) || e.Kind.Name == act.ContactPublish && s.Opening != e {
		return
	}
	switch body := e.Body.(type) {
	case *act.ContactBody:
		s.versions, s.until = append(s.versions, e), body.Until
	case *act.ContactConfirmBody:
		s.until = body.Until
	case *act.NoteBody:
		s.ended = e
	case *act.DisorderBody:
		s.Refuse(e, body)
		return
	}
	s.said = append(s.said, e)
}

// now is the version in force; nil unless the opening is in order.
func (s *stand) now() *act.ContactBody {
	if len(s.versions) == 0 {
		return nil
	}
	return s.versions[len(s.versions)-1].Body.(*act.ContactBody)
}

// may tells why a side may not say a kind now, whatever the body.
func (s *stand) may(kind string, higher bool) error {
	switch {
	case !slices.Contains(Vocabulary(), kind):
		return fault.New(rule.ActKind, "kind", kind)
	case kind == act.Disorder, kind == act.ContactPublish && s.Opening == nil:
		return nil
	case kind == act.ContactPublish, s.now() == nil:
		return s.misplaced(kind)
	case higher != s.Opening.Higher:
		return fault.New(rule.ActTurn, "kind", kind)
	case s.ended != nil, kind != act.ContactEnd && len(s.said) >= maxSaid:
		return s.misplaced(kind)
	}
	return nil
}

func (s *stand) misplaced(kind string) error {
	return procedure.Misplaced(kind, s.phase(calendar.MinInstant))
}

// judge tells why an act is not in order where s stands.
func (s *stand) judge(a saying) error {
	if err := s.may(a.Kind.Name, a.Higher); err != nil {
		return err
	}
	if a.Attachments > 0 {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	switch a.Kind.Name {
	case act.ContactPublish, act.ContactChange:
		return procedure.Judged(a, s.judgeEntry)
	case act.ContactConfirm:
		return procedure.Judged(a, s.judgeConfirm)
	case act.ContactEnd:
		return procedure.Judged(a, func(a saying, b *act.NoteBody) error {
			return bounded(a, len(b.Note.Text) == 0 || fits(b.Note.Text, maxNote))
		})
	}
	return procedure.Judged(a, s.JudgeDisorder)
}

// judgeConfirm wants the version in force, which whoever signs has read. It
// puts off when the entry lapses, but not the end of a temporary one.
func (s *stand) judgeConfirm(a saying, b *act.ContactConfirmBody) error {
	if b.Position != s.versions[len(s.versions)-1].Position {
		return fault.New(rule.ActItem, "kind", a.Kind.Name, "position", fault.Int(b.Position))
	}
	if now := s.now(); now.Temporary && b.Until > now.Until {
		return term(a, b.Until)
	}
	return judgeUntil(a, b.Until)
}

func judgeUntil(a saying, until calendar.Instant) error {
	if until <= a.Time || until > a.Time+maxTerm {
		return term(a, until)
	}
	return nil
}

func term(a saying, until calendar.Instant) error {
	return fault.New(rule.ActTerm, "kind", a.Kind.Name, "until", until.String())
}

// judgeEntry holds a version to the arrangement: who it is, how it is reached,
// who stands in and who confirms, until when.
func (s *stand) judgeEntry(a saying, b *act.ContactBody) error {
	d := a.Context.Arrangement
	if d == nil {
		return fault.New(rule.ActUnstarted, "kind", a.Kind.Name)
	}
	if err := bounded(a, inBounds(b)); err != nil {
		return err
	}
	p, _ := d.Party(a.Writer.String())
	if p == nil {
		p = new(arrangement.Party)
	}
	_, unit := p.Unit(b.Unit)
	same := s.now() == nil || s.now().Role == b.Role
	return procedure.First(
		procedure.Known(a.Kind.Name, "role", b.Role, holds(p, b.Role) && same), procedure.Known(a.Kind.Name, "unit", b.Unit, unit),
		procedure.Needs(a.Kind.Name, "names", b.Names.En, b.Names.Zh), judgeWays(a, b), procedure.Needs(a.Kind.Name, "hours", b.Hours.En, b.Hours.Zh),
		procedure.Known(a.Kind.Name, "zone", b.Zone, isZone(b.Zone)), judgeLanguages(a, b), judgeDeputies(a, p, b), judgeConfirmers(a, p, b),
		judgeMandate(a, b.Mandate), judgeUntil(a, b.Until))
}

func judgeWays(a saying, b *act.ContactBody) error {
	if len(b.Ways) == 0 {
		return procedure.Needs(a.Kind.Name, "ways", "")
	}
	for _, w := range b.Ways {
		if err := judgeWay(a, "ways", w.Kind, w.Value); err != nil {
			return err
		}
	}
	return nil
}

func judgeWay(a saying, field, kind, value string) error {
	return procedure.First(procedure.Known(a.Kind.Name, field, kind, slices.Contains(act.Ways(), kind)), procedure.Needs(a.Kind.Name, field, value))
}

func judgeLanguages(a saying, b *act.ContactBody) error {
	if len(b.Languages) == 0 {
		return procedure.Needs(a.Kind.Name, "languages", "")
	}
	for _, l := range b.Languages {
		if err := procedure.Known(a.Kind.Name, "languages", l, isLanguage(l)); err != nil {
			return err
		}
	}
	return nil
}

func judgeDeputies(a saying, p *arrangement.Party, b *act.ContactBody) error {
	for i, role := range b.Deputies {
		if err := procedure.Known(a.Kind.Name, "deputies", role, holds(p, role) && role != b.Role && !slices.Contains(b.Deputies[:i], role)); err != nil {
			return err
		}
	}
	return nil
}

func judgeConfirmers(a saying, p *arrangement.Party, b *act.ContactBody) error {
	for _, c := range b.Confirmers {
		if err := procedure.First(procedure.Known(a.Kind.Name, "confirmers", c.Role, holds(p, c.Role)), judgeWay(a, "confirmers", c.Kind, c.Value)); err != nil {
			return err
		}
	}
	return nil
}

func judgeMandate(a saying, m *act.Mandate) error {
	if m == nil {
		return nil
	}
	if err := procedure.Needs(a.Kind.Name, "mandate", m.What.Text); err != nil {
		return err
	}
	if m.Until <= m.From {
		return term(a, m.Until)
	}
	return nil
}

func holds(p *arrangement.Party, role string) bool {
	_, found := p.Role(role)
	return found
}

// inBounds tells whether lists are short and what is one line is one.
func inBounds(b *act.ContactBody) bool {
	lines := []string{b.Role, b.Unit, b.Names.En, b.Names.Zh, b.Hours.En, b.Hours.Zh, b.Zone}
	lines = append(append(lines, b.Languages...), b.Deputies...)
	var notes []string
	for _, w := range b.Ways {
		lines, notes = append(lines, w.Kind, w.Value, w.Key), append(notes, w.Note.Text)
	}
	for _, c := range b.Confirmers {
		lines = append(lines, c.Role, c.Kind, c.Value)
	}
	if b.Mandate != nil {
		notes = append(notes, b.Mandate.What.Text)
	}
	long := func(max int) func(string) bool { return func(s string) bool { return !fits(s, max) } }
	split := func(s string) bool { return strings.ContainsAny(s, "\n\t") }
	return max(len(b.Ways), len(b.Languages), len(b.Deputies), len(b.Confirmers)) <= maxList &&
		!slices.ContainsFunc(lines, long(maxLine)) && !slices.ContainsFunc(lines, split) && !slices.ContainsFunc(notes, long(maxNote))
}

func fits(s string, most int) bool { return utf8.RuneCountInString(s) <= most }

// isLanguage tells whether a tag has the form of one of BCP 47.
func isLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		low := 1
		if i == 0 {
			low = 2
		}
		if len(part) < low || len(part) > 8 || strings.ContainsFunc(part, func(c rune) bool { return !letter(c) && (i == 0 || c < '0' || c > '9') }) {
			return false
		}
	}
	return true
}

// isZone tells whether a name has the form of one of the IANA zones. Which
// there are is for nobody to compute with.
func isZone(name string) bool {
	return name != "" && len(name) <= 64 && letter(rune(name[0])) && !strings.ContainsFunc(name, func(c rune) bool {
		return !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune("_+-/", c)
	})
}

func letter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func bounded(a saying, ok bool) error {
	if !ok {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	return nil
}
