package hotline

import (
	"slices"
	"strings"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Bounds of one call. A conversation of a thousand messages is long; what is
// beyond these is kept and not in order.
const (
	maxTexts = 64               // of one translation
	maxDefer = 7 * calendar.Day // how far a call may be deferred at a time
)

type saying = procedure.Saying

// side says whose a kind is to say.
type side uint8

const (
	nobody side = iota
	caller
	called
	either
)

func speaker(kind string) side {
	switch kind {
	case act.CallOpen, act.CallRaise, act.CallWithdraw, act.TestPlan, act.TestCall:
		return caller
	case act.CallShown, act.CallAccept, act.CallDecline, act.CallDefer:
		return called
	case act.CallRing, act.CallSay, act.CallRead, act.CallJoin, act.CallTranslate, act.CallWord, act.CallLink, act.CallClose,
		act.CallAgree, act.CallDisorder, act.TestOutcome:
		return either
	}
	return nobody
}

// Vocabulary lists the kinds of a call in the order in which it goes.
func Vocabulary() []string {
	return []string{act.CallOpen, act.CallRing, act.CallShown, act.CallAccept, act.CallDefer, act.CallDecline, act.CallRaise,
		act.CallWithdraw, act.CallSay, act.CallRead, act.CallJoin, act.CallTranslate, act.CallWord, act.CallLink, act.CallClose,
		act.CallAgree, act.CallDisorder, act.TestPlan, act.TestCall, act.TestOutcome}
}

// may tells why a side may not say a kind now, whatever the body.
func (s *stand) may(kind string, higher bool) error {
	by := speaker(kind)
	switch {
	case by == nobody:
		return fault.New(rule.ActKind, "kind", kind)
	case kind == act.CallDisorder, opens(kind) && s.Opening == nil:
		return nil
	case opens(kind):
		return procedure.Misplaced(kind, s.told())
	case tests(kind):
		return s.mayTest(kind, higher)
	case s.call == nil:
		return procedure.Misplaced(kind, s.told())
	case by != either && (by == caller) != (higher == s.Opening.Higher):
		return fault.New(rule.ActTurn, "kind", kind)
	case !s.allows(kind, higher):
		return procedure.Misplaced(kind, s.told())
	}
	return nil
}

// allows tells whether a kind has a place in the call as it stands.
func (s *stand) allows(kind string, higher bool) bool {
	waits := !s.over() && !s.accepted()
	switch kind {
	case act.CallRaise:
		return waits && s.plan == nil && s.standing()+1 < len(s.rungs())
	case act.CallWithdraw:
		return waits && s.plan == nil
	case act.CallShown, act.CallAccept:
		return waits
	case act.CallDecline:
		return waits && s.refused(act.CallDecline) == nil
	case act.CallDefer, act.CallRing:
		return waits
	case act.CallSay:
		// A word of the other's before somebody has taken the call could be
		// read as taking it.
		return !s.over() && (higher == s.Opening.Higher || len(s.said[act.CallAccept]) > 0)
	case act.CallJoin:
		return !s.over() && s.accepted()
	case act.CallClose:
		return s.accepted() && !s.agreed() && s.concluded() == nil && len(s.of(act.CallClose, higher)) == 0
	case act.CallAgree:
		return s.accepted() && !s.agreed() && len(s.of(act.CallClose, !higher)) > 0
	case act.CallRead:
		return s.unread(higher) != nil
	case act.CallTranslate, act.CallWord, act.CallLink:
		return true
	}
	return false
}

// unread is the last message of the other side's that a side has not said it
// has read; nil for none.
func (s *stand) unread(higher bool) *procedure.Entry {
	said, read := s.of(act.CallSay, !higher), s.of(act.CallRead, higher)
	if len(said) == 0 {
		return nil
	}
	last := said[len(said)-1]
	if len(read) > 0 && read[len(read)-1].Body.(*act.ReadUpToBody).Position >= last.Position {
		return nil
	}
	return last
}

// judge tells why an act is not in order where s stands.
func (s *stand) judge(a saying) error {
	if err := s.may(a.Kind.Name, a.Higher); err != nil {
		return err
	}
	return s.judgeBody(a)
}

// told is the phase as faults name it.
func (s *stand) told() string { return string(s.phase(calendar.MinInstant)) }

// judgeBody finds the judge of a body by its kind.
func (s *stand) judgeBody(a saying) error {
	switch a.Kind.Name {
	case act.CallOpen:
		return procedure.Judged(a, judgeOpening)
	case act.TestPlan:
		return procedure.Judged(a, judgePlan)
	case act.TestCall:
		return procedure.Judged(a, s.judgeTestCall)
	case act.TestOutcome:
		return procedure.Judged(a, s.judgeOutcome)
	case act.CallRaise:
		return procedure.Judged(a, s.judgeRaise)
	case act.CallWithdraw:
		return procedure.Judged(a, func(saying, *act.NoteBody) error { return nil })
	case act.CallShown:
		return procedure.Judged(a, s.judgeShown)
	case act.CallAccept:
		return procedure.Judged(a, s.judgeAccept)
	case act.CallDecline:
		return procedure.Judged(a, func(a saying, b *act.DeclineBody) error { return s.judgeReason(a, b.Reason, "decline", b.Note.Text) })
	case act.CallDefer:
		return procedure.Judged(a, s.judgeDefer)
	case act.CallRing:
		return procedure.Judged(a, s.judgeRing)
	case act.CallSay:
		return procedure.Judged(a, s.judgeSay)
	case act.CallRead:
		return procedure.Judged(a, s.judgeRead)
	case act.CallJoin:
		return procedure.Judged(a, s.judgeJoin)
	case act.CallTranslate:
		return procedure.Judged(a, s.judgeTranslation)
	case act.CallWord:
		return procedure.Judged(a, s.judgeWord)
	case act.CallLink:
		return procedure.Judged(a, s.judgeLink)
	case act.CallClose:
		return procedure.Judged(a, func(a saying, b *act.MinuteBody) error {
			return procedure.First(s.handling(a, b.Handling), procedure.Needs(a.Kind.Name, "minute", b.Minute.Text))
		})
	case act.CallAgree:
		return procedure.Judged(a, s.judgeAgree)
	case act.CallDisorder:
		return procedure.Judged(a, s.JudgeDisorder)
	}
	return fault.New(rule.ActBody, "kind", a.Kind.Name)
}

func item(a saying, position uint64) error {
	return fault.New(rule.ActItem, "kind", a.Kind.Name, "position", fault.Int(position))
}

// judgeOpening holds a call to the arrangement: a severity that reaches the
// threshold, a rung that it calls for, people who may call there, and as many
// of them as that rung asks for. No suspension bars a call.
func judgeOpening(a saying, b *act.CallBody) error {
	d := a.Context.Arrangement
	if d == nil || d.Hotline == nil {
		return fault.New(rule.ActUnstarted, "kind", a.Kind.Name)
	}
	if err := procedure.First(judgePurpose(a, d, b), judgeSaid(a, d, b)); err != nil {
		return err
	}
	return mayCall(a, d.Hotline.Rungs, rungIndex(d.Hotline.Rungs, b.Rung))
}

// judgeSaid wants words, a handling that there is, and a rung that the call's
// severity or test calls for.
func judgeSaid(a saying, d *arrangement.Document, b *act.CallBody) error {
	_, handled := d.HandlingCode(b.Handling)
	rungs := d.Hotline.Rungs
	at := rungIndex(rungs, b.Rung)
	return procedure.First(procedure.Needs(a.Kind.Name, "subject", b.Subject.Text), procedure.Needs(a.Kind.Name, "reason", b.Reason.Text),
		procedure.Known(a.Kind.Name, "handling", b.Handling, handled || b.Handling == ""),
		procedure.Known(a.Kind.Name, "rung", b.Rung, at >= 0 && at <= max(0, rungIndex(rungs, callsFor(d, b)))))
}

func judgePurpose(a saying, d *arrangement.Document, b *act.CallBody) error {
	criterion := b.Criterion == "" || slices.ContainsFunc(d.Hotline.Criteria, func(c arrangement.Choice) bool { return c.Code == b.Criterion })
	if err := procedure.Known(a.Kind.Name, "criterion", b.Criterion, criterion); err != nil {
		return err
	}
	switch b.Purpose {
	case act.PurposeTest:
		tested := slices.ContainsFunc(d.Hotline.Tests, func(t arrangement.Test) bool { return t.Code == b.Test })
		return procedure.First(procedure.Known(a.Kind.Name, "test", b.Test, tested), procedure.Known(a.Kind.Name, "severity", b.Severity, b.Severity == ""))
	case act.PurposeReal:
		match := func(code string) int {
			return slices.IndexFunc(d.Severities, func(m arrangement.Match) bool { return m.Code == code })
		}
		grave := match(b.Severity)
		return procedure.First(procedure.Known(a.Kind.Name, "test", b.Test, b.Test == ""), procedure.Known(a.Kind.Name, "severity", b.Severity, grave >= 0 && grave >= match(d.Hotline.Threshold)),
			procedure.Known(a.Kind.Name, "criterion", b.Criterion, b.Criterion != "" || len(d.Hotline.Criteria) == 0))
	}
	return procedure.Known(a.Kind.Name, "purpose", b.Purpose, false)
}

// mayCall wants signers who may call at a rung, and as many as it asks for.
func mayCall(a saying, rungs []arrangement.Rung, at int) error {
	if a.Unsigned {
		return nil
	}
	may := rungs[at].Callers
	if len(may) == 0 {
		may = ladderOf(rungs)
	}
	persons := map[string]bool{} // by name: one person has two passkeys
	for _, o := range a.Signers {
		if !holds(may, a.Writer, o.Role) {
			return fault.New(rule.ActRole, "kind", a.Kind.Name, "role", procedure.Clip(o.Role))
		}
		persons[o.Name] = true
	}
	if len(persons) < rungs[at].Persons {
		return fault.New(rule.ActPersons, "kind", a.Kind.Name, "rung", rungs[at].Code, "persons", fault.Int(rungs[at].Persons), "signed", fault.Int(len(persons)))
	}
	return nil
}

// ladderOf is everybody who stands on a ladder.
func ladderOf(rungs []arrangement.Rung) (list []arrangement.PartyRole) {
	for _, r := range rungs {
		list = append(list, r.Roles...)
	}
	return list
}

func holds(list []arrangement.PartyRole, writer party.ID, role string) bool {
	return slices.Contains(list, arrangement.PartyRole{Party: writer.String(), Role: role})
}

func (s *stand) judgeRaise(a saying, b *act.RaiseBody) error {
	at := rungIndex(s.rungs(), b.Rung)
	if at <= s.standing() {
		return procedure.Known(a.Kind.Name, "rung", b.Rung, false)
	}
	return procedure.First(procedure.Needs(a.Kind.Name, "note", b.Note.Text), mayCall(a, s.rungs(), at))
}

// judgeAccept wants the person whom the act names to be the one who signed it,
// and to stand on the ladder. Nobody accepts twice.
func (s *stand) judgeAccept(a saying, b *act.TakeBody) error {
	if err := procedure.Known(a.Kind.Name, "rung", b.Rung, rungIndex(s.rungs(), b.Rung) >= 0); err != nil {
		return err
	}
	signers := a.Signers
	if a.Unsigned { // whom it names is who is going to sign
		signers = []party.Officer{{Name: b.Officer, Role: b.Role}}
	}
	for _, o := range signers {
		if !holds(ladderOf(s.rungs()), a.Writer, o.Role) {
			return fault.New(rule.ActRole, "kind", a.Kind.Name, "role", procedure.Clip(o.Role))
		}
		for _, e := range s.said[act.CallAccept] {
			if slices.ContainsFunc(e.Officers(), func(p party.Officer) bool { return p.Name == o.Name }) {
				return procedure.Misplaced(a.Kind.Name, s.told())
			}
		}
	}
	if !slices.ContainsFunc(signers, func(o party.Officer) bool { return o.Name == b.Officer && o.Role == b.Role }) {
		return fault.New(rule.ActRole, "kind", a.Kind.Name, "role", procedure.Clip(b.Role))
	}
	return nil
}

// judgeReason wants a reason that is agreed for a use, from somebody who
// stands on the ladder.
func (s *stand) judgeReason(a saying, code, applies, note string) error {
	for _, o := range a.Signers {
		if !holds(ladderOf(s.rungs()), a.Writer, o.Role) {
			return fault.New(rule.ActRole, "kind", a.Kind.Name, "role", procedure.Clip(o.Role))
		}
	}
	reason, err := s.own().ReasonFor(code, applies)
	if err != nil {
		return fault.Wrap(err, rule.ActReason, "kind", a.Kind.Name, "field", "reason", "code", procedure.Clip(code))
	}
	if reason.Words {
		return procedure.Needs(a.Kind.Name, "note", note)
	}
	return nil
}

// judgeRing wants a rung of the ladder, and each step once from each side.
// When it was due is counted from times, and so it is shown and not judged.
func (s *stand) judgeRing(a saying, b *act.RingBody) error {
	if err := procedure.Known(a.Kind.Name, "rung", b.Rung, rungIndex(s.rungs(), b.Rung) >= 0); err != nil {
		return err
	}
	if slices.ContainsFunc(s.said[act.CallRing], func(e *procedure.Entry) bool {
		return e.Higher == a.Higher && *e.Body.(*act.RingBody) == *b
	}) {
		return fault.New(rule.ActAutomatic, "kind", a.Kind.Name, "rung", b.Rung)
	}
	return nil
}

// judgeShown lets an officer say once that a call was on the screen.
func (s *stand) judgeShown(a saying, b *act.OpenedBody) error {
	if slices.ContainsFunc(s.said[act.CallShown], func(e *procedure.Entry) bool { return e.Body.(*act.OpenedBody).Officer == b.Officer }) {
		return procedure.Misplaced(a.Kind.Name, s.told())
	}
	return procedure.Needs(a.Kind.Name, "officer", b.Officer)
}

// judgeDefer wants an instant that comes soon, and a reason.
func (s *stand) judgeDefer(a saying, b *act.AwaitBody) error {
	if b.Until <= a.Time || b.Until > a.Time+maxDefer {
		return fault.New(rule.ActTerm, "kind", a.Kind.Name, "until", b.Until.String())
	}
	return s.judgeReason(a, b.Reason, "postpone", b.Note.Text)
}

// judgeAgree wants the other's minute.
func (s *stand) judgeAgree(a saying, b *act.AgreeBody) error {
	if e := s.at[key(!a.Higher, b.Position)]; e == nil || e.Kind.Name != act.CallClose {
		return item(a, b.Position)
	}
	return nil
}

func (s *stand) handling(a saying, code string) error {
	_, handled := s.own().HandlingCode(code)
	return procedure.Known(a.Kind.Name, "handling", code, handled || code == "")
}

func (s *stand) judgeSay(a saying, b *act.SayBody) error {
	if err := s.handling(a, b.Handling); err != nil || a.Attachments > 0 {
		return err
	}
	return procedure.Needs(a.Kind.Name, "said", b.Said.Text)
}

func (s *stand) judgeRead(a saying, b *act.ReadUpToBody) error {
	e := s.at[key(!a.Higher, b.Position)]
	if e == nil || e.Kind.Name != act.CallSay {
		return item(a, b.Position)
	}
	if read := s.of(act.CallRead, a.Higher); len(read) > 0 && read[len(read)-1].Body.(*act.ReadUpToBody).Position >= b.Position {
		return item(a, b.Position)
	}
	return procedure.Needs(a.Kind.Name, "officer", b.Officer)
}

func (s *stand) judgeJoin(a saying, b *act.JoinBody) error {
	p, found := s.own().Party(a.Writer.String())
	if found {
		_, found = p.Role(b.Role)
	}
	if err := procedure.First(procedure.Known(a.Kind.Name, "role", b.Role, found), procedure.Needs(a.Kind.Name, "name", b.Name)); err != nil || b.For == "" {
		return err
	}
	return procedure.Needs(a.Kind.Name, "mandate", b.Mandate.Text)
}

// judgeTranslation wants texts that are there, each once, and who translated
// them. A later translation of the same act says better, and erases nothing.
func (s *stand) judgeTranslation(a saying, b *act.TranslateBody) error {
	e := s.at[key(b.Higher, b.Position)]
	if e == nil || e.Kind.Automatic || e.Kind.Name == act.CallTranslate {
		return item(a, b.Position)
	}
	if len(b.Texts) == 0 || len(b.Texts) > maxTexts {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	seen := map[string]bool{}
	for _, t := range b.Texts {
		if seen[t.Path] || !procedure.HasDatum(s.body(e), t.Path) {
			return item(a, b.Position)
		}
		if err := procedure.Needs(a.Kind.Name, "texts", t.Text); err != nil {
			return err
		}
		seen[t.Path] = true
	}
	return procedure.First(procedure.Needs(a.Kind.Name, "lang", b.Lang), procedure.Needs(a.Kind.Name, "translator", b.Translator))
}

// judgeWord wants a word that stands in the text; only who reads it
// differently lifts that.
func (s *stand) judgeWord(a saying, b *act.WordBody) error {
	e := s.at[key(b.Higher, b.Position)]
	if e == nil || e.Kind.Automatic {
		return item(a, b.Position)
	}
	v, _ := procedure.Datum(s.body(e), b.Path)
	text, isText := v.(string)
	if !isText || strings.TrimSpace(b.Word) == "" || !strings.Contains(text, b.Word) || s.reads(a.Higher, *b) != b.Lift {
		return item(a, b.Position)
	}
	if b.Lift {
		return nil
	}
	return procedure.Needs(a.Kind.Name, "reading", b.Reading.Text)
}

// reads tells whether a side's own reading stands on a word now.
func (s *stand) reads(higher bool, on act.WordBody) (is bool) {
	for _, e := range s.of(act.CallWord, higher) {
		b := e.Body.(*act.WordBody)
		if b.Higher == on.Higher && b.Position == on.Position && b.Path == on.Path && b.Word == on.Word {
			is = !b.Lift
		}
	}
	return is
}

// judgeLink wants a relation that there is, and each link once.
func (s *stand) judgeLink(a saying, b *act.CallLinkBody) error {
	if err := procedure.Known(a.Kind.Name, "relation", b.Relation, b.Relation == act.LinkAbout || b.Relation == act.LinkOpens); err != nil {
		return err
	}
	if slices.ContainsFunc(s.said[act.CallLink], func(e *procedure.Entry) bool { return *e.Body.(*act.CallLinkBody) == *b }) {
		return item(a, b.Position)
	}
	return nil
}
