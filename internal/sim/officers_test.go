package sim

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"parley.example/internal/node"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// meanwhile lets something happen on a side while the other waits for it.
func (w *world) meanwhile(s *side) {
	if !s.up() {
		return
	}
	if w.chance(30) {
		_ = w.meet(s.i)
		return
	}
	w.work(s)
}

// work has an officer of a side do something.
func (w *world) work(s *side) {
	switch n := w.rng.IntN(100); {
	case !s.up():
	case len(s.desk) > 0 && n < 12:
		w.again(s)
	case n < 18 || len(w.threads) < 3:
		w.request(s)
	case n < 93:
		w.answer(s)
	default:
		w.govern(s)
	}
}

// words are what an officer writes: of any length, so that padding and
// attachments of several chunks occur.
func (w *world) words() act.Text {
	return act.Text{Lang: "en", Text: strings.Repeat("word ", 1+w.rng.IntN(40))}
}

// inForce is the arrangement as a side sees it.
func (s *side) inForce() *arrangement.Document {
	state, _, err := s.node.Control(s.w.ctx, s.link)
	if err != nil {
		return nil
	}
	return state.Context(s.clock()).Arrangement
}

// request opens a request of any type; now and then an incomplete one, as
// other software might.
func (w *world) request(s *side) {
	d := s.inForce()
	if d == nil {
		return
	}
	kind := pick(w, d.Types)
	area := pick(w, d.Areas)
	body := &act.OpenBody{Marked: act.Marked{Handling: pick(w, d.Handling).Code}, Type: kind.Code, Urgency: pick(w, d.Urgencies).Code,
		Why: w.words(), Area: area.Code, FromUnit: "unit", ToUnit: "unit", Reference: "1", Title: act.Text{Lang: "en", Text: "matter"},
		Fields: fill(kind)}
	hasty := w.chance(12)
	if hasty {
		delete(body.Fields, kind.Fields[0].Code)
	}
	var attached []*statement.Attachment
	if !area.NoContent {
		attached = w.attach(s)
	}
	w.speak(s, act.RequestOpen, nil, nil, body, attached, hasty)
}

// fill gives every required field of a form something.
func fill(kind arrangement.RequestType) map[string]json.RawMessage {
	values := map[string]string{
		arrangement.KindYesNo: `false`, arrangement.KindInstant: `"2026-11-01T00:00:00Z"`, arrangement.KindNumber: `3`,
		arrangement.KindWindow:      `{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"}`,
		arrangement.KindIdentifiers: `[{"kind":"ip","value":"192.0.2.7"}]`,
		arrangement.KindContact:     `{"name":"A B","phone":"1","email":"a@example.org"}`,
	}
	fields := map[string]json.RawMessage{}
	for _, f := range kind.Fields {
		v, known := values[f.Kind]
		switch {
		case f.Need != arrangement.Required:
			continue
		case f.Kind == arrangement.KindChoice:
			v = `"` + f.Choices[0].Code + `"`
		case !known:
			v = `"text"`
		}
		fields[f.Code] = json.RawMessage(v)
	}
	return fields
}

// attach seals an attachment now and then, some longer than a chunk.
func (w *world) attach(s *side) (list []*statement.Attachment) {
	if !w.chance(12) {
		return nil
	}
	size := w.rng.IntN(3000)
	if w.chance(5) {
		size = 70_000
	}
	a, err := s.node.Attach(w.ctx, s.link, "file", "text/plain", strings.NewReader(strings.Repeat("x", size)))
	if err != nil {
		s.say("could not attach: %s", brief(err))
		return nil
	}
	return append(list, a)
}

// answer moves a request on by a legal move, any of them; now and then by one
// that is not, past the node's judgement, as other software might.
func (w *world) answer(s *side) {
	for range 4 {
		th := w.threads[max(w.rng.IntN(len(w.threads)), w.rng.IntN(len(w.threads)))]
		f, err := s.node.Fold(w.ctx, s.link, th.id(s))
		if err != nil {
			continue // not come yet
		}
		ref := f.Ref(s.link)
		if w.chance(4) {
			kind := pick(w, []string{act.RequestAccept, act.RequestAnswer, act.RequestReply, act.RequestClose, act.RequestDecline})
			w.speak(s, kind, &ref, nil, w.body(s, kind), nil, true)
			return
		}
		moves := slices.DeleteFunc(f.Thread.Moves(s.link.Higher()), func(m casework.Move) bool {
			ends := m.Kind == act.RequestWithdraw || m.Kind == act.RequestDecline
			return m.Kind == act.RequestOpen || m.Kind == act.Disorder || ends && w.chance(85)
		})
		if len(moves) == 0 {
			continue
		}
		kind := pick(w, moves).Kind
		var attached []*statement.Attachment
		if kind == act.RequestAnswer || kind == act.RequestPartial {
			attached = w.attach(s)
		}
		w.speak(s, kind, &ref, nil, w.body(s, kind), attached, w.chance(8))
		return
	}
}

func (w *world) body(s *side, kind string) any {
	officer := s.profile.Officers[0].Name
	switch kind {
	case act.RequestOpened:
		return &act.OpenedBody{Officer: officer, Role: "duty"}
	case act.RequestAccept:
		return &act.AcceptBody{Officer: officer, Role: "duty", Note: w.words()}
	case act.RequestDecline:
		return &act.DeclineBody{Reason: "unavailable", Note: w.words()}
	case act.RequestRate:
		return &act.RateBody{Score: 1 + w.rng.IntN(5), Note: w.words()}
	}
	return &act.SayBody{Marked: act.Marked{Handling: "H0"}, Said: w.words()}
}

// speak prepares an act and submits it at once, or leaves it on the desk for a
// while. hasty: without asking the fold first, as other software might.
func (w *world) speak(s *side, kind string, thread *statement.Ref, replies []statement.Ref, body any, attached []*statement.Attachment, hasty bool) {
	p, err := s.node.Prepare(w.ctx, s.link, kind, thread, replies, body, attached)
	if err != nil {
		s.refused(kind, err)
		return
	}
	if w.chance(12) {
		s.desk = append(s.desk, p)
		s.say("approves %s, to go later", kind)
		return
	}
	w.submit(s, p, hasty)
}

// again submits what lies on the desk: approved before, or tried before and
// not known to be appended.
func (w *world) again(s *side) {
	p := s.desk[0]
	s.desk = s.desk[1:]
	p.Link = s.link // the machine may have started anew
	w.submit(s, p, false)
}

func (w *world) submit(s *side, p *node.Prepared, hasty bool) {
	kind := p.Kind.Name
	var signatures []statement.PersonSignature
	if p.Kind.Person {
		signature, err := s.officer.SignPerson(p.Sign)
		w.must(err)
		signatures = []statement.PersonSignature{{KeyID: s.officer.KeyID(), Algorithm: s.officer.Algorithm(), Signature: signature}}
	}
	var ref node.Ref
	var err error
	if hasty {
		ref, err = s.node.Append(w.ctx, s.link, node.Say{Draft: p.Draft, Signed: p.Sign, Signatures: signatures})
	} else {
		ref, err = s.node.Submit(w.ctx, p, signatures)
	}
	switch code := fault.CodeOf(err); code {
	case "":
		s.say("says %s, %s %d%s", kind, channels[ref.Channel], ref.Position, attachedWords(p))
		w.check.acked(s, ref.Channel, ref.Position)
	case rule.ActRepeated:
		s.say("has said %s already", kind)
	case rule.StoreUnknown, rule.StoreFull, rule.StoreClosed, rule.ContactRestore:
		s.desk = append(s.desk, p)
		s.say("does not know whether it said %s: %s", kind, code)
	default:
		s.refused(kind, err)
	}
}

func attachedWords(p *node.Prepared) string {
	if len(p.Draft.Attachments) == 0 {
		return ""
	}
	return fmt.Sprintf(" with an attachment of %d bytes", p.Draft.Attachments[0].Size)
}

// refused: an act went back to its officer.
func (s *side) refused(kind string, err error) {
	code := fault.CodeOf(err)
	s.say("may not say %s: %s", kind, code)
	if code == fault.Internal {
		s.w.check.fail(falseAlarm, "%s: saying %s: %v", codes[s.i], kind, err)
	}
}

// govern says something in the control channel.
func (w *world) govern(s *side) {
	switch n := w.rng.IntN(10); {
	case n < 2:
		w.reissue(s)
	case n < 4:
		w.suspend(s)
	case n < 6 && len(s.froze) > 0:
		w.resume(s)
	default:
		w.amend(s)
	}
}

// reissue announces a card with one officer more, or one less.
func (w *world) reissue(s *side) {
	profile := s.profile
	profile.Addresses = []string{fmt.Sprintf("host%d.example:4433", w.rng.IntN(9))}
	if w.chance(50) {
		key := drawKey(w.signer).Public().Ed25519
		profile.Officers = append(slices.Clone(profile.Officers[:1]), party.Officer{Algorithm: party.PersonEd25519, Key: key[:], Role: "duty", Name: "Second"})
	}
	for _, r := range s.node.DraftReissue(profile) {
		if r.Link != s.link {
			continue
		}
		r.Card.Signature = s.root.Sign(r.Card.ToSign())
		if err := s.node.Announce(w.ctx, r); err != nil {
			s.refused(act.Card, err)
			return
		}
		s.say("announces card %d", r.Card.Serial)
	}
}

func (w *world) suspend(s *side) {
	body := &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other", Note: w.words()}
	if w.chance(70) {
		body.Types = []string{"mitigation"}
	}
	ref, ok := w.rule(s, act.Suspend, nil, body)
	if ok {
		s.froze = append(s.froze, s.link.Place(true, w.generation(s, ref.Channel), ref.Position))
	}
}

func (w *world) generation(s *side, channel uint8) uint32 {
	return w.check.state(s, true, channel).Origin.Generation
}

func (w *world) resume(s *side) {
	i := w.rng.IntN(len(s.froze))
	ref := s.froze[i]
	if w.chance(40) {
		w.rule(s, act.Narrow, &ref, &act.SuspendBody{Types: []string{"mitigation"}, Areas: []string{}, Reason: "other", Note: w.words()})
		return
	}
	if _, ok := w.rule(s, act.Resume, &ref, &act.ResumeBody{Note: w.words()}); ok {
		s.froze = slices.Delete(s.froze, i, i+1)
	}
}

// amend signs what the other proposed, withdraws what it proposed itself, or
// proposes a version with another deadline.
func (w *world) amend(s *side) {
	state, facts, err := s.node.Control(w.ctx, s.link)
	if err != nil {
		return
	}
	context := state.Context(s.clock())
	if open := state.Amendments().Open(s.link.Them.String()); len(open) > 0 && w.chance(70) {
		digest := pick(w, open).Digest
		if err := s.node.Sign(w.ctx, s.link, digest, s.officer); err != nil {
			s.refused(act.ArrangementSign, err)
			return
		}
		s.say("signs the arrangement %x", digest[:2])
		return
	}
	if open := state.Amendments().Open(s.link.Us.String()); len(open) > 0 {
		for _, f := range facts {
			if f.Proposal != nil && f.Digest == open[0].Digest && f.Higher == s.link.Higher() && w.chance(50) {
				ref := s.link.Place(true, f.Generation, f.Position)
				w.rule(s, act.ArrangementDrop, &ref, &act.DigestBody{Digest: hex.EncodeToString(open[0].Digest[:])})
				return
			}
		}
		return
	}
	if context.Arrangement == nil || w.proposed >= 4 {
		return
	}
	w.propose(s, context.Arrangement, context.Digest, w.between(-hour, 2*hour))
}

// propose draws up the next version: a deadline changes, and a text.
func (w *world) propose(s *side, d *arrangement.Document, base [32]byte, in int64) [32]byte {
	w.proposed++
	next := *d
	next.Version, next.Base = d.Version+1, hex.EncodeToString(base[:])
	next.InForce = max(d.InForce, calendar.Instant(s.clock()+in))
	next.Urgencies = slices.Clone(d.Urgencies)
	next.Urgencies[0].Steps = slices.Clone(next.Urgencies[0].Steps)
	next.Urgencies[0].Steps[1].Amount = 8 + w.rng.IntN(5)
	next.Tolerance = 300 + w.rng.IntN(100)
	document, err := ijson.Encode(&next)
	w.must(err)
	digest, err := s.node.Propose(w.ctx, s.link, document, s.officer)
	if err != nil {
		s.refused(act.ArrangementPropose, err)
		return digest
	}
	s.say("proposes version %d of the arrangement, in force in %d minutes", next.Version, in/minute)
	return digest
}

// rule says a control act.
func (w *world) rule(s *side, kind string, thread *statement.Ref, body any) (node.Ref, bool) {
	ref, err := s.node.Speak(w.ctx, s.link, kind, thread, nil, body, nil, s.officer)
	if err != nil {
		s.refused(kind, err)
		return ref, false
	}
	s.say("says %s, control %d", kind, ref.Position)
	w.check.acked(s, ref.Channel, ref.Position)
	return ref, true
}
