package sim

import (
	"encoding/hex"
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
	case n < 84:
		w.answer(s)
	case n < 93 && len(s.ladder) == 0:
		w.answer(s)
	case n < 93:
		w.telephone(s)
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

// request opens a request of any type, or shows a draft of one; now and then
// an incomplete one, as other software might.
func (w *world) request(s *side) {
	d := s.inForce()
	if d == nil {
		return
	}
	kind, body := act.RequestOpen, w.asked(s, d)
	if w.chance(10) {
		kind = act.RequestDraft
	}
	hasty := w.chance(12)
	if hasty {
		w.spoiled(body)
	}
	var attached []*statement.Attachment
	if area, known := d.Area(body.Area); known && !area.NoContent {
		attached = w.attach(s)
	}
	w.speak(s, kind, nil, nil, body, attached, hasty)
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
// that is not, past the node's judgement, as other software might. Often the
// other side says something of the same request meanwhile.
func (w *world) answer(s *side) {
	for range 4 {
		th := w.anyRequest()
		if !w.moveOn(s, th) {
			continue
		}
		for w.chance(45) && s.other().up() {
			s = s.other()
			w.moveOn(s, th)
		}
		return
	}
}

// anyRequest draws a request: a young one rather than an old one, and one that
// is open rather than one that is over, where that is known.
func (w *world) anyRequest() thread {
	list := w.threads
	if open := append(slices.Clone(w.open), list[w.known:]...); w.known > 0 && len(open) > 0 && w.chance(85) {
		return pick(w, open)
	}
	return list[max(w.rng.IntN(len(list)), w.rng.IntN(len(list)))]
}

// moveOn says something in a request; false when there is nothing to say.
func (w *world) moveOn(s *side, th thread) bool {
	f, err := s.node.Fold(w.ctx, s.link, th.id(s))
	if err != nil {
		return false // not come yet
	}
	ref, at := f.Ref(s.link), w.lookAt(s, f)
	w.last = th
	if w.chance(6) {
		w.misbehave(at, ref)
		return true
	}
	kind := w.choose(at, f.Thread.Moves(s.link.Higher()))
	if kind == "" {
		return false
	}
	body, replies := at.body(kind)
	w.speak(s, kind, &ref, replies, body, w.enclose(at, kind), w.chance(8))
	return true
}

// misbehave says what is not to be said there, or not so.
func (w *world) misbehave(at look, ref statement.Ref) {
	kind := pick(w, casework.Vocabulary())
	var moves []string
	for _, m := range at.f.Thread.Moves(at.s.link.Higher()) {
		moves = append(moves, m.Kind)
	}
	opens := kind == act.RequestOpen || kind == act.RequestDraft
	if opens || len(moves) > 0 && w.chance(50) {
		kind = pick(w, append(moves, act.Disorder))
		if opens = kind == act.RequestOpen || kind == act.RequestDraft; opens {
			kind = act.RequestClose
		}
	}
	body, replies := at.body(kind)
	if w.chance(60) {
		bend(body)
		replies = nil
	}
	w.speak(at.s, kind, &ref, replies, body, nil, true)
}

// enclose adds attachments to what may have some.
func (w *world) enclose(at look, kind string) []*statement.Attachment {
	r := at.f.Thread.Request
	if r == nil {
		return nil
	}
	if area, known := at.d.Area(r.Area); !known || area.NoContent {
		return nil
	}
	switch kind {
	case act.RequestAnswer, act.RequestPartial, act.RequestReply, act.RequestAsk, act.RequestAmend:
		return w.attach(at.s)
	}
	return nil
}

// choose draws one of the moves: what brings a case on more often than the
// rest, and nothing much once it is over.
func (w *world) choose(at look, moves []casework.Move) string {
	sum, better, over := 0, 0, false
	switch at.f.Thread.Phase {
	case casework.Closed, casework.Withdrawn, casework.Declined, casework.Redirected, casework.Void:
		over = true
	}
	weights := make([]int, len(moves))
	for i, m := range moves {
		weights[i] = w.eagerness(at, m.Kind)
		sum += weights[i]
		if !slices.Contains([]string{act.RequestMark, act.RequestTranslate, act.RequestLink, act.RequestPriority, act.RequestCorrect}, m.Kind) {
			better += weights[i]
		}
	}
	if sum == 0 || over && w.chance(70) || better == 0 && w.chance(80) {
		return ""
	}
	roll := w.rng.IntN(sum)
	for i, m := range moves {
		if roll -= weights[i]; roll < 0 {
			return m.Kind
		}
	}
	return ""
}

// eagerness is how gladly an officer says something.
func (w *world) eagerness(at look, kind string) int {
	c := &at.f.Thread.Course
	switch kind {
	case act.RequestOpen, act.RequestDraft, act.Disorder:
		return 0
	case act.RequestComment:
		return max(0, 4-c.Comments)
	case act.RequestAccept, act.RequestReply, act.RequestAwaited:
		return 30
	case act.RequestHold:
		if c.Hold != nil && c.Hold.Renewals > 0 {
			return 14
		}
		return 24
	case act.RequestAnswer, act.RequestAgree:
		return 14
	case act.RequestRenew:
		return 16
	case act.RequestGrant:
		if slices.ContainsFunc(at.pending(at.them()), func(p casework.Proposal) bool { return p.Kind == act.RequestExtend }) {
			return 14
		}
	case act.RequestDispute, act.RequestExtend, act.RequestCondition, act.RequestPartial, act.RequestAsk,
		act.RequestRate, act.RequestClose, act.RequestReuse, act.RequestRefuse, act.RequestAwait, act.RequestInterim:
		return 8
	case act.RequestAmend:
		if len(at.f.Thread.Missing) > 0 {
			return 30
		}
		return 4
	case act.RequestOpened:
		if at.f.Thread.Receipts.Opened != nil {
			return 1
		}
		return 10
	case act.RequestMark, act.RequestTranslate, act.RequestLink, act.RequestPriority, act.RequestCorrect, act.RequestRemind, act.RequestDecline, act.RequestRedirect, act.RequestWithdraw:
		return 2
	}
	return 4
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

// signed has officers sign an act.
func (w *world) signed(p *node.Prepared, by ...node.FileSigning) (list []statement.PersonSignature) {
	for _, officer := range by {
		signature, err := officer.SignPerson(p.Sign)
		w.must(err)
		list = append(list, statement.PersonSignature{KeyID: officer.KeyID(), Algorithm: officer.Algorithm(), Signature: signature})
	}
	return list
}

func (w *world) submit(s *side, p *node.Prepared, hasty bool) {
	kind := p.Kind.Name
	var signatures []statement.PersonSignature
	if p.Kind.Person {
		signatures = w.signed(p, w.signers(s, p)...)
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
		if w.chance(4) {
			s.desk = append(s.desk, p) // somebody does not see that it was said
		}
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
	s.w.noteRefusal(kind)
	if code == fault.Internal {
		s.w.check.fail(falseAlarm, "%s: saying %s: %v", s.code, kind, err)
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
		profile.Officers = append(slices.Clone(profile.Officers[:1+len(s.ladder)]), party.Officer{Algorithm: party.PersonEd25519, Key: key[:], Role: "duty", Name: "Second"})
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
	switch d := s.inForce(); {
	case d == nil:
	case w.chance(50):
		body.Types = []string{pick(w, d.Types).Code, pick(w, d.Types).Code}
	case w.chance(40):
		body.Areas = []string{pick(w, d.Areas).Code}
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
		w.rule(s, act.Narrow, &ref, &act.SuspendBody{Types: []string{pick(w, s.inForce().Types).Code}, Areas: []string{}, Reason: "other", Note: w.words()})
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
func (w *world) rule(s *side, kind string, thread *statement.Ref, body any) (ref node.Ref, said bool) {
	by := []node.FileSigning{s.officer}
	if d := s.inForce(); d != nil && d.Suspension != nil && d.Suspension.Persons > 1 {
		by = append(by, s.ladder[0].FileSigning)
	}
	p, err := s.node.Prepare(w.ctx, s.link, kind, thread, nil, body, nil)
	if err == nil {
		ref, err = s.node.Submit(w.ctx, p, w.signed(p, by...))
	}
	if err != nil {
		s.refused(kind, err)
		return ref, false
	}
	s.say("says %s, control %d", kind, ref.Position)
	w.check.acked(s, ref.Channel, ref.Position)
	return ref, true
}
