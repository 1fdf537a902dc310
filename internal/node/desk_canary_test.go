package node_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/desk"
	"parley.example/internal/node"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// tap keeps every byte that is carried.
type tap struct {
	wire
	carried *bytes.Buffer
}

func (t tap) Exchange(ctx context.Context, peer carrier.Peer, raw []byte) ([]byte, error) {
	t.carried.Write(raw)
	answer, err := t.wire.Exchange(ctx, peer, raw)
	t.carried.Write(answer)
	return answer, err
}

func (t tap) Fetch(ctx context.Context, peer carrier.Peer, sealed [32]byte, from int64) (io.ReadCloser, error) {
	content, err := t.wire.Fetch(ctx, peer, sealed, from)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	all, err := io.ReadAll(content)
	t.carried.Write(all)
	return io.NopCloser(bytes.NewReader(all)), err
}

// canaries are words that stand in the desk of a side and nowhere else.
type canaries struct {
	side    *side
	words   []string
	dropped string // of a draft that was dropped: not even in the desk any more
}

func (c *canaries) word(field string) string {
	w := "canary." + c.side.code + "." + field
	if !slices.Contains(c.words, w) {
		c.words = append(c.words, w)
	}
	return w
}

// rules are release rules with a canary in every text and code that they have.
func (c *canaries) rules(acts []string) {
	words := func(field string) map[string]string {
		return map[string]string{"en": c.word(field + ".en"), "zh": c.word(field + ".zh")}
	}
	raw, err := json.Marshal(map[string]any{"format": "parley gate 1", "checks": []any{
		map[string]any{"code": c.word("code"), "names": words("name"), "help": words("help"), "acts": acts, "other_person": true,
			"outstanding": map[string]any{"act": "request.await", "reason": c.word("reason")},
			"refused":     map[string]any{"act": "request.decline", "reason": c.word("reason2")}},
		map[string]any{"code": c.word("code2"), "names": words("name2"), "help": words("help2"), "acts": acts,
			"types": []string{c.word("type")}, "areas": []string{c.word("area")}, "urgencies": []string{c.word("urgency")}, "roles": []string{c.word("role")}},
	}})
	c.side.p.must(err)
	c.side.node.Gate, err = desk.ParseRules(raw)
	c.side.p.must(err)
}

// dossier puts a canary into every field of a dossier.
func (c *canaries) dossier(id store.ThreadID) {
	c.side.p.t.Helper()
	c.side.p.must(c.side.node.ChangeDossier(c.side.p.ctx, c.side.link, id, func(d *desk.Dossier, now int64) error {
		if err := d.AddNote(c.word("note.by"), c.word("note"), now); err != nil {
			return err
		}
		if _, err := d.AddTask(c.word("task.by"), c.word("task"), c.word("task.for"), now+1000, now); err != nil {
			return err
		}
		return d.Assign(c.word("to"), c.word("assigned.by"), now)
	}))
}

// in lists the canaries that occur in some bytes: plain, in hexadecimal, or in
// base64 wherever it begins.
func (c *canaries) in(b []byte) (found []string) {
	for _, w := range c.words {
		if slices.ContainsFunc(spellings(w), func(s string) bool { return bytes.Contains(b, []byte(s)) }) {
			found = append(found, w)
		}
	}
	return found
}

func spellings(w string) []string {
	list := []string{w, hex.EncodeToString([]byte(w)), strings.ToUpper(hex.EncodeToString([]byte(w)))}
	for skip := range 3 {
		// What stands before shifts the groups of three: the first and last
		// characters are shared with it and with what follows.
		text := base64.RawStdEncoding.EncodeToString([]byte(w[skip:]))
		list = append(list, text[:len(text)-2])
	}
	return list
}

// talker says acts by way of the desk: each waits for a second person first.
type talker struct {
	p        *pair
	second   map[*side]colleague
	canaries map[*side]*canaries
	said     map[string]bool
	failed   map[string]string
}

func (k *talker) say(s *side, kind string, thread *statement.Ref, replies []statement.Ref, body any, files ...node.File) node.Ref {
	k.p.t.Helper()
	k.p.now += 1000
	ref, err := s.node.Speak(k.p.ctx, s.link, kind, thread, replies, body, files, s.officer)
	if fault.Is(err, rule.DeskGate) {
		ref, err = k.passed(s, err)
	}
	if err != nil {
		k.failed[kind] = err.Error()
	} else {
		k.said[kind] = true
	}
	k.p.talk()
	return ref
}

// passed has the second person pass whatever a draft waits for, with a note,
// and releases it.
func (k *talker) passed(s *side, gate error) (node.Ref, error) {
	number := 0
	fmt.Sscan(args(gate)["draft"], &number)
	h, err := s.node.HeldDraft(k.p.ctx, number)
	k.p.must(err)
	c, by := k.canaries[s], k.second[s]
	for i, x := range desk.Closed(h.Standings) {
		for _, v := range []desk.Verdict{desk.Refused, desk.Passed} {
			k.p.now += 1000
			words, err := desk.Keep(c.word("result." + v.Name() + fmt.Sprint(i)))
			k.p.must(err)
			r := &desk.Result{Check: x.Check.Code, Verdict: v, At: k.p.now, Note: words, Officer: by.FileSigning.KeyID(), Algorithm: 1}
			r.Signature, err = by.SignPerson(h.Release.Text(x.Check, r))
			k.p.must(err)
			_, err = s.node.Answer(k.p.ctx, number, r)
			k.p.must(err)
		}
	}
	return s.release(number, s.officer)
}

func (s *side) form(kind, title string) *act.OpenBody {
	text := json.RawMessage(`"words"`)
	fields := map[string]json.RawMessage{"own-reference": text, "authority": text, "offence": text, "facts": text, "earlier": json.RawMessage(`false`),
		"confidential": json.RawMessage(`false`), "contact": json.RawMessage(`{"name":"A","phone":"+1"}`), "confirmer": json.RawMessage(`{"name":"B","phone":"+2"}`),
		"identifiers": json.RawMessage(`[{"kind":"ip","value":"198.51.100.143"}]`)}
	switch kind {
	case "incident":
		fields["class"], fields["wanted"], fields["purpose"] = json.RawMessage(`"fraud"`), text, text
		fields["period"] = json.RawMessage(`{"from":"2026-06-14T07:41:00Z","to":"2026-06-14T16:00:00Z"}`)
	case "preservation":
		raw, err := os.ReadFile("../../cmd/parley/testdata/forms/preservation.json")
		s.p.must(err)
		body, err := act.FromJSON(act.RequestOpen, raw)
		s.p.must(err)
		form := body.(*act.OpenBody)
		form.Title.Text = title
		return form
	}
	return &act.OpenBody{Type: kind, Urgency: "life-threat", Why: words("a threat"), Area: "ip-theft", FromUnit: "cyber", ToUnit: "cyber", Reference: "R",
		Marked: act.Marked{Handling: "H1"}, Title: act.Text{Lang: "en", Text: title}, Fields: fields}
}

func words(text string) act.Text { return act.Text{Lang: "en", Text: text} }

// calls says every kind of a call that a person or an officer's screen says.
func (k *talker) calls(us, cn *side) {
	open := func() *statement.Ref {
		ref := k.say(us, act.CallOpen, nil, nil, &act.CallBody{Purpose: act.PurposeReal, Severity: "grave", Rung: "desk", Subject: words("a call"), Reason: words("it burns")})
		thread := us.link.Place(true, 0, ref.Position)
		return &thread
	}
	k.say(us, act.CallWithdraw, open(), nil, &act.NoteBody{Note: words("found")})
	thread := open()
	k.say(cn, act.CallShown, thread, nil, &act.OpenedBody{Officer: "Officer of cn", Role: "duty"})
	k.say(cn, act.CallDefer, thread, nil, &act.AwaitBody{Reason: "other", Until: calendar.Instant(k.p.now/1000*1000) + calendar.Hour, Note: words("an hour")})
	k.say(cn, act.CallDecline, thread, nil, &act.DeclineBody{Reason: "other", Note: words("not now")})
	k.say(us, act.CallRaise, thread, nil, &act.RaiseBody{Rung: "lead", Note: words("higher")})
	k.say(cn, act.CallAccept, thread, nil, cn.accept())
	said := k.say(us, act.CallSay, thread, nil, &act.SayBody{Said: words("it burns here")})
	k.say(cn, act.CallRead, thread, nil, &act.ReadUpToBody{Position: said.Position, Officer: "Officer of cn", Role: "duty"})
	k.say(cn, act.CallJoin, thread, nil, &act.JoinBody{Name: "Somebody", Role: "duty"})
	ours := cn.link.Higher()
	k.say(cn, act.CallTranslate, thread, nil, &act.TranslateBody{Higher: !ours, Position: said.Position, Lang: "zh-Hans", Translator: "T", Texts: []act.Translated{{Path: "/said/text", Text: "这里着火了"}}})
	k.say(cn, act.CallWord, thread, nil, &act.WordBody{Higher: !ours, Position: said.Position, Path: "/said/text", Word: "burns", Reading: words("is on fire")})
	k.say(us, act.CallLink, thread, nil, &act.CallLinkBody{Relation: act.LinkOpens, Place: act.Place{Higher: us.link.Higher(), Position: 0}})
	minute := k.say(us, act.CallClose, thread, nil, &act.MinuteBody{Minute: words("it is out")})
	k.say(cn, act.CallAgree, thread, nil, &act.AgreeBody{Position: minute.Position})
}

// traffic says every kind of a request's thread that two parties can say under
// the small arrangement, each through the desk.
func (k *talker) traffic(us, cn *side) {
	open := func(kind, form, title string) (node.Ref, *statement.Ref) {
		ref := k.say(us, kind, nil, nil, us.form(form, title))
		for s, own := range map[*side]bool{us: true, cn: false} {
			k.canaries[s].dossier(store.ThreadID{Link: s.link.ID(), Channel: statement.Routine, Own: own, Position: ref.Position})
		}
		thread := us.link.Place(true, 0, ref.Position)
		return ref, &thread
	}
	note, day := &act.NoteBody{Note: words("so be it")}, calendar.Instant(24*3600*1000)
	in := func(days int64) calendar.Instant {
		return (calendar.Instant(k.p.now)/day + calendar.Instant(days)) * day
	}
	of := func(s *side, ref node.Ref) statement.Ref { return s.link.Place(true, 0, ref.Position) }
	accept := func(thread *statement.Ref) {
		k.say(cn, act.RequestAccept, thread, nil, &act.AcceptBody{Officer: "Officer of cn", Role: "duty", Unit: "cyber"})
	}

	_, draft := open(act.RequestDraft, "incident", "a draft")
	k.say(cn, act.RequestComment, draft, nil, say("name the account"))
	k.say(us, act.RequestAmend, draft, nil, us.form("incident", "a better draft"))
	first, thread := open(act.RequestOpen, "incident", "a request")
	k.say(cn, act.RequestOpened, thread, nil, &act.OpenedBody{Officer: "Officer of cn", Role: "duty"})
	k.say(cn, act.RequestForward, thread, nil, &act.ForwardBody{Unit: "cyber", Note: words("to them")})
	accept(thread)
	k.say(cn, act.RequestDispute, thread, nil, &act.DisputeBody{Urgency: "urgent", Note: words("no life is in danger")})
	asked := k.say(cn, act.RequestAsk, thread, nil, say("which account"))
	k.say(us, act.RequestReply, thread, []statement.Ref{of(cn, asked)}, say("the second"))
	k.say(cn, act.RequestInterim, thread, nil, &act.InterimBody{By: in(5), Said: words("an answer will come")})
	k.say(cn, act.RequestAwait, thread, nil, &act.AwaitBody{Reason: "judge", Until: in(9), Note: words("it is before the court")})
	k.say(cn, act.RequestAwaited, thread, nil, note)
	more := k.say(cn, act.RequestExtend, thread, nil, &act.ExtendBody{Step: "answer", Until: in(40), Reason: "judge", Note: words("more time")})
	k.say(us, act.RequestGrant, thread, []statement.Ref{of(cn, more)}, &act.GrantBody{Step: "answer", Until: in(40), Note: words("granted")})
	offered := k.say(cn, act.RequestCondition, thread, nil, &act.ConditionBody{Condition: "no-court", Terms: words("not in court")})
	k.say(us, act.RequestAgree, thread, []statement.Ref{of(cn, offered)}, note)
	k.say(us, act.RequestPriority, thread, nil, &act.PriorityBody{On: true, Note: words("it matters")})
	k.say(us, act.RequestRemind, thread, nil, say("it is due"))
	k.say(us, act.RequestLink, thread, nil, &act.Link{Relation: "related", Higher: draft.Higher, Position: draft.Position})
	k.say(cn, act.RequestPostpone, thread, nil, &act.AwaitBody{Reason: "ongoing-case", Until: in(3), Note: words("later")})
	given := k.say(cn, act.RequestPartial, thread, nil, give("the host"), node.File{Name: "host.txt", Media: "text/plain", Content: strings.NewReader("198.51.100.143")})
	k.say(us, act.RequestUsage, thread, nil, &act.ItemBody{Position: given.Position, Said: words("used")})
	k.say(cn, act.RequestExplain, thread, nil, &act.ItemBody{Position: given.Position, Said: words("how was it used")})
	reuse := k.say(us, act.RequestReuse, thread, nil, &act.ReuseBody{Position: given.Position, Case: "R-2", Purpose: words("another case")})
	k.say(cn, act.RequestRefuse, thread, []statement.Ref{of(us, reuse)}, note)
	k.say(cn, act.RequestCorrect, thread, nil, &act.CorrectBody{Position: given.Position, How: "correct", Said: words("the other host")})
	k.say(us, act.RequestMark, thread, nil, &act.MarkBody{Higher: !draft.Higher, Position: given.Position, Path: "/said/text", Note: words("not so")})
	k.say(us, act.RequestTranslate, thread, nil, &act.TranslateBody{Higher: !draft.Higher, Position: given.Position, Lang: "zh-Hans", Translator: "Liu Yan",
		Texts: []act.Translated{{Path: "/said/text", Text: "该主机"}}})
	final := k.say(cn, act.RequestAnswer, thread, nil, give("that is all"))
	k.say(us, act.RequestContest, thread, nil, &act.ContestBody{Position: final.Position, Note: words("not all")})
	k.say(us, act.RequestRate, thread, nil, &act.RateBody{Score: 4, Note: words("good")})
	k.say(us, act.RequestClose, thread, nil, say("thank you"))

	_, hold := open(act.RequestOpen, "preservation", "hold it")
	accept(hold)
	k.say(cn, act.RequestHold, hold, nil, &act.HoldBody{Until: in(61), Said: words("held")})
	k.say(us, act.RequestRenew, hold, nil, &act.HoldBody{Until: in(90), Said: words("longer")})
	k.say(us, act.RequestFollow, hold, nil, &act.FollowBody{Request: &act.Link{Relation: "follows", Higher: draft.Higher, Position: first.Position}, Reference: "R"})
	k.say(us, act.RequestRelease, hold, nil, note)
	for kind, body := range map[string]any{act.RequestRedirect: &act.RedirectBody{To: words("the other office"), Note: words("not ours")},
		act.RequestDecline: &act.DeclineBody{Reason: "unavailable", Note: words("it is not there")}} {
		_, other := open(act.RequestOpen, "incident", kind)
		k.say(cn, kind, other, nil, body)
	}
	_, gone := open(act.RequestOpen, "incident", "withdrawn")
	k.say(us, act.RequestWithdraw, gone, nil, say("not needed"))
}

// spoken are the kinds of a request's thread that people say.
func spoken() (kinds []string) {
	for _, kind := range slices.Concat(casework.Vocabulary(), hotline.Vocabulary()) {
		if x, _ := act.Lookup(act.Newest, kind); !x.Automatic {
			kinds = append(kinds, kind)
		}
	}
	return append(kinds, act.VoiceUsed)
}

// telephoned has both sides say what came of words over a telephone.
func (k *talker) telephoned(us, cn *side) {
	k.p.agree()
	for _, s := range []*side{us, cn} {
		thread := s.voices()[0].Ref(s.link)
		k.say(s, act.VoiceUsed, &thread, nil, &act.VoiceUsedBody{Caller: "lower", Row: 1, Officer: officerOf(s), With: "somebody", At: calendar.Instant(k.p.now),
			Purpose: act.PurposeReal, Outcome: act.VoiceProved, Note: words("by telephone")})
	}
}

// Spec: DSK-1. Words that stand in every field of both desks are looked for in
// every plaintext part of every act that either side holds, in all that was
// carried, and in all that either store keeps outside of the desk: none is
// there. The acts themselves went through the desk.
func TestDeskStaysInside(t *testing.T) {
	t.Parallel()
	p := newPairUnder(t, withHotline)
	us, cn := p.sides[0], p.sides[1]
	var carried bytes.Buffer
	k := &talker{p: p, second: map[*side]colleague{}, canaries: map[*side]*canaries{}, said: map[string]bool{}, failed: map[string]string{}}
	for _, s := range p.sides {
		k.second[s], k.canaries[s] = newColleague("Second of "+s.code, "supervisor"), &canaries{side: s}
		s.staff(k.second[s])
		s.node.Dial = func(*node.Link) carrier.Dialler { return tap{wire{s}, &carried} }
	}
	p.conditions()
	for _, s := range p.sides {
		k.canaries[s].rules(spoken())
	}
	k.traffic(us, cn)
	k.calls(us, cn)
	k.telephoned(us, cn)
	k.neverSaid(cn)
	p.now += 24 * 3600 * 1000
	for _, s := range p.sides {
		p.must(s.node.Digest(p.ctx, s.link))
		p.must(s.node.Automatic(p.ctx, s.link))
	}
	p.talk()

	for _, kind := range spoken() {
		if !k.said[kind] {
			t.Errorf("%s was not said: %s", kind, k.failed[kind])
		}
	}
	plain := append([]byte(nil), carried.Bytes()...)
	acts := 0
	for _, s := range p.sides {
		n, b := s.everyAct()
		acts, plain = acts+n, append(plain, b...)
		plain = append(append(plain, s.kept(false)...), s.cut(p.now)...)
		for _, note := range s.notes.kept {
			plain = append(plain, note...)
		}
	}
	t.Logf("%d kinds, %d acts, %d bytes carried, %d bytes searched", len(k.said), acts, carried.Len(), len(plain))
	if !bytes.Contains(plain, []byte("it is before the court")) {
		t.Error("the search does not even find what was said")
	}
	for _, s := range p.sides {
		c := k.canaries[s]
		if found := c.in(plain); len(found) > 0 {
			t.Errorf("of the desk of %s there came out: %v", s.code, found)
		}
		gone := &canaries{words: []string{c.dropped}}
		if c.dropped != "" && len(gone.in(slices.Concat(plain, s.kept(true)))) > 0 {
			t.Errorf("%s: a dropped draft is still there, or came out", s.code)
		}
		// Every word is in the desk that it is looked for from.
		inside := append(s.kept(true), gateWords(s.node.Gate)...)
		if have := c.in(inside); len(have) != len(c.words) {
			t.Errorf("%s: %d of %d words are in the desk", s.code, len(have), len(c.words))
		}
	}
}

// conditions amends the small arrangement by a condition on which something may
// be given.
func (p *pair) conditions() {
	p.t.Helper()
	d, err := arrangement.Parse(p.document)
	p.must(err)
	base := arrangement.Digest(p.document)
	d.Version, d.Base = 2, hex.EncodeToString(base[:])
	d.Conditions = []arrangement.Choice{{Code: "no-court", Names: arrangement.Words{En: "Not in court", Zh: "不得在法庭上使用"}}}
	next, err := ijson.Encode(d)
	p.must(err)
	digest, err := p.sides[0].node.Propose(p.ctx, p.sides[0].link, next, p.sides[0].officer)
	p.must(err)
	p.talk()
	p.must(p.sides[1].node.Sign(p.ctx, p.sides[1].link, digest, p.sides[1].officer))
	p.talk()
}

// neverSaid leaves a draft that waits, and drops another: what was never said
// stays inside like the rest.
func (k *talker) neverSaid(s *side) {
	ids := k.canaries[s]
	ref, err := k.p.sides[0].tryAskPast()
	k.p.must(err)
	k.p.talk()
	thread := s.link.Place(false, 0, ref.Position)
	ids.dropped = "canary." + s.code + ".dropped"
	for _, text := range []string{ids.word("draft"), ids.dropped} {
		_, err := s.node.Speak(k.p.ctx, s.link, act.RequestDecline, &thread, nil, &act.DeclineBody{Reason: "unavailable", Note: words(text)}, nil, s.officer)
		got := k.p.refused(rule.DeskGate, err)
		if text == ids.dropped {
			number := 0
			fmt.Sscan(got["draft"], &number)
			k.p.must(s.node.DropDraft(k.p.ctx, number))
		}
	}
}

// tryAskPast opens a request as if there were no gate.
func (s *side) tryAskPast() (node.Ref, error) {
	gate := s.node.Gate
	s.node.Gate = nil
	defer func() { s.node.Gate = gate }()
	return s.tryAsk("never answered")
}

// gateWords are the texts and codes of release rules.
func gateWords(r *desk.Rules) (all []byte) {
	for _, c := range r.Checks {
		for _, w := range []desk.Private{c.Names.En, c.Names.Zh, c.Help.En, c.Help.Zh} {
			all = append(all, w.Words()...)
		}
		for _, w := range slices.Concat([]string{c.Code, c.Outstanding.Reason, c.Refused.Reason}, c.Types, c.Areas, c.Urgencies, c.Roles) {
			all = append(all, w...)
		}
	}
	return all
}

// everyAct gives all that a side's logs hold of every act, opened: a disclosure
// with every part, and the leaf.
func (s *side) everyAct() (n int, all []byte) {
	s.p.t.Helper()
	for _, own := range []bool{true, false} {
		for _, channel := range []uint8{statement.Control, statement.Hotline, statement.Routine} {
			for _, leaf := range s.rows(own, channel) {
				all = append(all, leaf.Encode()...)
				if leaf.Type != ledger.TypeAct {
					continue
				}
				n++
				bundle, err := s.node.Disclose(s.p.ctx, s.link, channel, []node.Shown{{Own: own, Position: leaf.Position}}, nil)
				s.p.must(err)
				all = append(all, bundle...)
			}
		}
	}
	return n, all
}

var (
	bucketName = regexp.MustCompile(`bucket\w+\s+= "([^"]+)"`)
	ofDesk     = []string{"kept.desk", "kept.drafts", "kept.results", "kept.released"}
)

// kept is all that a side's store has in its buckets: those of the desk, or all
// the others. The vault of these tests seals nothing.
func (s *side) kept(desk bool) (all []byte) {
	s.p.t.Helper()
	names := map[string]bool{}
	for _, file := range []string{"link.go", "desk.go"} {
		raw, err := os.ReadFile(file)
		s.p.must(err)
		for _, m := range bucketName.FindAllSubmatch(raw, -1) {
			names[string(m[1])] = true
		}
	}
	if len(names) < 20 {
		s.p.t.Fatalf("%d buckets", len(names))
	}
	s.p.must(s.store.View(s.p.ctx, func(r store.Reader) error {
		for name := range names {
			if slices.Contains(ofDesk, name) != desk {
				continue
			}
			if err := r.Records(name, "", "", func(rec store.Record) bool {
				all = append(append(all, rec.Key...), rec.Value...)
				return true
			}); err != nil {
				return err
			}
		}
		return r.Threads(s.link.ID(), statement.Routine, nil, func(row store.ThreadRow) bool {
			all = append(all, row.Value...)
			return true
		})
	}))
	return all
}
