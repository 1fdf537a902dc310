package voice

import (
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/voice"
)

// Bounds. What is beyond them is kept and not in order.
const (
	maxTerm   = 100 * calendar.Day // how far off the end of a series is
	maxSeries = 1 << 31            // numbers of series
	maxName   = 200                // code points of who spoke
	maxNote   = 2000
)

type saying = procedure.Saying

// Vocabulary lists the kinds of a series in the order in which it goes.
func Vocabulary() []string {
	return []string{act.VoiceOffer, act.VoiceAnswer, act.VoiceUsed, act.VoiceDisorder}
}

// stand is what has been said in a series, as far as judging needs it.
type stand struct {
	procedure.Past
	offer  *procedure.Entry // in order
	answer *procedure.Entry
	used   []*procedure.Entry
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
	if !s.Take(e, verdict) {
		return
	}
	switch body := e.Body.(type) {
	case *act.VoiceOfferBody:
		if s.Opening == e {
			s.offer = e
		}
	case *act.VoiceAnswerBody:
		if s.answer == nil {
			s.answer = e
		}
	case *act.VoiceUsedBody:
		s.used = append(s.used, e)
	case *act.DisorderBody:
		s.Refuse(e, body)
	}
}

// said is the offer as it was said; nil unless it is in order.
func (s *stand) said() *act.VoiceOfferBody {
	if s.offer == nil {
		return nil
	}
	return s.offer.Body.(*act.VoiceOfferBody)
}

// may tells why a side may not say a kind now, whatever the body.
func (s *stand) may(kind string, higher bool) error {
	switch {
	case !slices.Contains(Vocabulary(), kind):
		return fault.New(rule.ActKind, "kind", kind)
	case kind == act.VoiceDisorder, kind == act.VoiceOffer && s.Opening == nil:
		return nil
	case kind == act.VoiceOffer, s.offer == nil:
		return s.misplaced(kind)
	case kind == act.VoiceAnswer && higher == s.offer.Higher:
		return fault.New(rule.ActTurn, "kind", kind)
	case kind == act.VoiceAnswer && s.answer != nil, kind == act.VoiceUsed && s.answer == nil:
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
	case act.VoiceOffer:
		return procedure.Judged(a, judgeOffer)
	case act.VoiceAnswer:
		return procedure.Judged(a, s.judgeAnswer)
	case act.VoiceUsed:
		return procedure.Judged(a, s.judgeUsed)
	}
	return procedure.Judged(a, s.JudgeDisorder)
}

func judgeOffer(a saying, b *act.VoiceOfferBody) error {
	key, err := hex.DecodeString(b.Key)
	if err != nil || hex.EncodeToString(key) != b.Key || !voice.IsOffer(key) || b.Series < 1 || b.Series > maxSeries {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	return term(a, b.Until, b.Until > a.Time && b.Until <= a.Time+maxTerm)
}

func term(a saying, until calendar.Instant, good bool) error {
	if good {
		return nil
	}
	return fault.New(rule.ActTerm, "kind", a.Kind.Name, "until", until.String())
}

func (s *stand) judgeAnswer(a saying, b *act.VoiceAnswerBody) error {
	secret, err := hex.DecodeString(b.Secret)
	if err != nil || hex.EncodeToString(secret) != b.Secret || len(secret) != voice.AnswerSize {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	until := s.said().Until
	return term(a, until, a.Time < until)
}

// judgeUsed wants a row of the series, once from each side, and who spoke with
// whom: somebody who stands on the ladder, by his own signature.
func (s *stand) judgeUsed(a saying, b *act.VoiceUsedBody) error {
	d := a.Context.Arrangement
	if d == nil || d.Hotline == nil {
		return fault.New(rule.ActUnstarted, "kind", a.Kind.Name)
	}
	if !short(b.Officer, maxName) || !short(b.With, maxName) || !short(b.Note.Text, maxNote) {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	side := b.Caller == procedure.SideName(false) || b.Caller == procedure.SideName(true)
	if err := procedure.First(procedure.Known(a.Kind.Name, "caller", b.Caller, side),
		procedure.Known(a.Kind.Name, "purpose", b.Purpose, b.Purpose == act.PurposeReal || b.Purpose == act.PurposeTest),
		procedure.Known(a.Kind.Name, "outcome", b.Outcome, b.Outcome == act.VoiceProved || b.Outcome == act.VoiceFailed),
		procedure.Needs(a.Kind.Name, "officer", b.Officer), procedure.Needs(a.Kind.Name, "with", b.With)); err != nil {
		return err
	}
	if b.Row < 1 || b.Row > voice.Rows || slices.ContainsFunc(s.used, func(e *procedure.Entry) bool {
		used := e.Body.(*act.VoiceUsedBody)
		return e.Higher == a.Higher && used.Caller == b.Caller && used.Row == b.Row
	}) {
		return fault.New(rule.ActItem, "kind", a.Kind.Name, "position", fault.Int(b.Row))
	}
	if !a.Unsigned && !slices.ContainsFunc(a.Signers, func(o party.Officer) bool { return o.Name == b.Officer && onLadder(d, a.Writer, o.Role) }) {
		return fault.New(rule.ActRole, "kind", a.Kind.Name, "role", procedure.Clip(b.Officer))
	}
	return term(a, b.At, b.At <= a.Time && b.At < s.said().Until)
}

// onLadder tells whether a role of a party's stands on a rung of the hotline.
func onLadder(d *arrangement.Document, writer party.ID, role string) bool {
	return slices.ContainsFunc(d.Hotline.Rungs, func(r arrangement.Rung) bool {
		return slices.Contains(r.Roles, arrangement.PartyRole{Party: writer.String(), Role: role})
	})
}

// short tells of one text whether it is in its bounds and can be shown.
func short(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most
}
