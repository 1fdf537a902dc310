package node_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/desk"
	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/internal/store/folder"
	"parley.example/internal/store/memory"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// colleague is a person with a key; staff puts them on a side's card.
type colleague struct {
	node.FileSigning
	party.Officer
}

func newColleague(name, role string) colleague {
	key := suite.NewSigningKey()
	public := key.Public().Ed25519
	return colleague{node.FileSigning{Key: public[:], Message: key.Ed25519},
		party.Officer{Algorithm: party.PersonEd25519, Key: public[:], Role: role, Name: name, Unit: "cyber"}}
}

// staff announces a card with these people besides the first officer.
func (s *side) staff(people ...colleague) {
	s.p.t.Helper()
	profile := s.profile
	for _, c := range people {
		profile.Officers = append(profile.Officers[:len(profile.Officers):len(profile.Officers)], c.Officer)
	}
	for _, r := range s.node.DraftReissue(profile) {
		r.Card.Signature = s.root.Sign(r.Card.ToSign())
		s.p.must(s.node.Announce(s.p.ctx, r))
	}
	s.p.talk()
}

// gate puts an example of release rules in force at a side.
func (s *side) gate(name string) {
	s.p.t.Helper()
	raw, err := os.ReadFile("../../docs/examples/" + name)
	s.p.must(err)
	s.node.Gate, err = desk.ParseRules(raw)
	s.p.must(err)
}

// accepted is a request of us's that cn has taken on: cn's name of it.
func (p *pair) accepted(title string) (id store.ThreadID, thread statement.Ref) {
	p.t.Helper()
	us, cn := p.sides[0], p.sides[1]
	opened := us.ask(title)
	p.talk()
	thread = cn.link.Place(false, 0, opened.Position)
	_, err := cn.node.Speak(p.ctx, cn.link, act.RequestAccept, &thread, nil, &act.AcceptBody{Officer: "Officer of cn", Role: "duty"}, nil, cn.officer)
	p.must(err)
	p.talk()
	return store.ThreadID{Link: cn.link.ID(), Channel: statement.Routine, Position: opened.Position}, thread
}

func give(text string) *act.GiveBody {
	return &act.GiveBody{Marked: act.Marked{Handling: "H1"}, Said: act.Text{Lang: "en", Text: text}}
}

// args are the arguments of a refusal.
func args(err error) map[string]string {
	all := map[string]string{}
	if f, ok := err.(*fault.Fault); ok {
		for i := 0; i+1 < len(f.Args); i += 2 {
			all[f.Args[i]] = f.Args[i+1]
		}
	}
	return all
}

func (p *pair) refused(code fault.Code, err error) map[string]string {
	p.t.Helper()
	if !fault.Is(err, code) {
		p.t.Fatalf("%v, want %s", err, code)
	}
	return args(err)
}

// says makes an officer's signed answer to a check of a draft.
func (s *side) says(number int, check string, v desk.Verdict, by node.FileSigning) *desk.Result {
	s.p.t.Helper()
	h, err := s.node.HeldDraft(s.p.ctx, number)
	s.p.must(err)
	r := &desk.Result{Check: check, Verdict: v, At: s.p.now, Officer: by.KeyID(), Algorithm: by.Algorithm()}
	r.Signature, err = by.SignPerson(h.Release.Text(s.node.Gate.Check(check), r))
	s.p.must(err)
	return r
}

func (s *side) answer(number int, check string, v desk.Verdict, by node.FileSigning) *node.Held {
	s.p.t.Helper()
	s.p.now += 1000
	h, err := s.node.Answer(s.p.ctx, number, s.says(number, check, v, by))
	s.p.must(err)
	return h
}

// stands is how the checks of a draft stand, as in "judge:passed".
func (s *side) stands(number int) string {
	s.p.t.Helper()
	h, err := s.node.HeldDraft(s.p.ctx, number)
	s.p.must(err)
	var list []string
	for _, x := range h.Standings {
		one := x.Check.Code + ":" + x.Verdict.Name()
		if x.Void > 0 {
			one += fmt.Sprintf("(%d void)", x.Void)
		}
		list = append(list, one)
	}
	return strings.Join(list, " ")
}

// release signs a draft as an officer and submits it.
func (s *side) release(number int, by node.FileSigning) (node.Ref, error) {
	s.p.t.Helper()
	s.p.now += 1000
	p, err := s.node.Release(s.p.ctx, number)
	if err != nil {
		return node.Ref{}, err
	}
	return s.signed(p, by)
}

func (s *side) signed(p *node.Prepared, by node.FileSigning) (node.Ref, error) {
	s.p.t.Helper()
	signature, err := by.SignPerson(p.Sign)
	s.p.must(err)
	return s.node.Submit(s.p.ctx, p, []statement.PersonSignature{{KeyID: by.KeyID(), Algorithm: by.Algorithm(), Signature: signature}})
}

func (s *side) waiting() (list []int) {
	s.p.t.Helper()
	drafts, err := s.node.HeldDrafts(s.p.ctx, s.link)
	s.p.must(err)
	for _, h := range drafts {
		list = append(list, h.Number)
	}
	return list
}

// Spec: DSK-20, DSK-21, DSK-22. An answer waits for a second person, leaves
// when that person has passed it, and then waits no longer.
func TestGateHoldsAnAnswer(t *testing.T) {
	p := newPair(t)
	cn := p.sides[1]
	second := newColleague("Second", "supervisor")
	cn.staff(second)
	cn.gate("gate-light.json")
	id, thread := p.accepted("gated")
	before := len(cn.rows(true, statement.Routine))
	file := func() []node.File {
		return []node.File{{Name: "report.txt", Media: "text/plain", Content: strings.NewReader("all of it")}}
	}
	_, err := cn.node.Speak(p.ctx, cn.link, act.RequestAnswer, &thread, nil, give("the account is frozen"), file(), cn.officer)
	got := p.refused(rule.DeskGate, err)
	if got["draft"] != "1" || got["checks"] != "second-person" || got["kind"] != act.RequestAnswer || got["request"] != cn.link.RequestName(id) {
		t.Errorf("%v", got)
	}
	plain := func(text string) error {
		_, err := cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &thread, nil, give(text), nil)
		return err
	}
	for _, c := range []struct{ text, draft string }{{"another", "2"}, {"another", "2"}, {"a third", "3"}} {
		if got := p.refused(rule.DeskGate, plain(c.text)); got["draft"] != c.draft {
			t.Errorf("%s: %v", c.text, got)
		}
	}
	if n := len(cn.rows(true, statement.Routine)); n != before {
		t.Errorf("%d entries, before %d", n, before)
	}
	// What could not be said anyway is told at once, and not kept.
	_, err = cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &thread, nil, &act.GiveBody{Marked: act.Marked{Handling: "no-such"}, Said: act.Text{Lang: "en", Text: "x"}}, nil)
	if fault.Is(err, rule.DeskGate) || err == nil {
		t.Errorf("%v", err)
	}
	if have := fmt.Sprint(cn.waiting()); have != "[1 2 3]" {
		t.Errorf("%s wait", have)
	}

	if _, err := cn.release(1, cn.officer); !fault.Is(err, rule.DeskGate) {
		t.Errorf("released before anybody passed it: %v", err)
	}
	cn.answer(1, "second-person", desk.Passed, cn.officer)
	if _, err := cn.release(1, cn.officer); !fault.Is(err, rule.DeskGate) {
		t.Errorf("who signs was the only one to pass it: %v", err)
	}
	cn.answer(1, "second-person", desk.Passed, second.FileSigning)
	cn.start() // whatever waits, waits over a restart
	cn.gate("gate-light.json")
	ref, err := cn.release(1, cn.officer)
	p.must(err)
	if have := fmt.Sprint(cn.waiting()); have != "[2 3]" {
		t.Errorf("%s wait", have)
	}
	if _, err := cn.release(1, cn.officer); !fault.Is(err, rule.DeskNoDraft) {
		t.Errorf("released twice: %v", err)
	}
	said, err := cn.node.Released(p.ctx, cn.link, id)
	p.must(err)
	if len(said) != 1 || said[0].Number != 1 || len(desk.Closed(said[0].Standings)) != 0 || len(said[0].Standings[0].By) != 2 {
		t.Errorf("%+v", said)
	}
	p.talk()
	f, err := p.sides[0].node.Fold(p.ctx, p.sides[0].link, store.ThreadID{Link: p.sides[0].link.ID(), Channel: statement.Routine, Own: true, Position: id.Position})
	p.must(err)
	var x *procedure.Entry
	for _, side := range f.Entries {
		for _, e := range side {
			if e.Higher == cn.link.Higher() && e.Position == ref.Position {
				x = e
			}
		}
	}
	if f.Thread.Phase != "answered" || x == nil || len(x.Act.Attachments) != 1 || !bytes.Contains(x.Act.Body, []byte("frozen")) {
		t.Fatalf("%s, %v", f.Thread.Phase, x)
	}
	var content bytes.Buffer
	p.must(cn.node.ReadAttachment(x.Act.Attachments[0], &content))
	if content.String() != "all of it" {
		t.Errorf("%q", &content)
	}
}

// Spec: DSK-21. An act that was prepared before its gate closed does not pass
// it either, and leaves nothing.
func TestSubmitPastTheGate(t *testing.T) {
	p := newPair(t)
	cn := p.sides[1]
	_, thread := p.accepted("gated")
	prepared, err := cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &thread, nil, give("too quick"), nil)
	p.must(err)
	cn.gate("gate-light.json")
	before := len(cn.rows(true, statement.Routine))
	_, err = cn.signed(prepared, cn.officer)
	p.refused(rule.DeskGate, err)
	if n := len(cn.rows(true, statement.Routine)); n != before {
		t.Errorf("%d entries, before %d", n, before)
	}
	cn.node.Gate = nil
	if _, err = cn.signed(prepared, cn.officer); err != nil {
		t.Errorf("without rules: %v", err)
	}
}

// Spec: DSK-17, DSK-18, DSK-24. An opening under the strict rules: two people of
// the roles, for three days; and what may be said instead.
func TestStrictGate(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	head, clerk := newColleague("Head", "supervisor"), newColleague("Clerk", "clerk")
	us.staff(head, clerk)
	cn.staff(head, clerk)
	us.gate("gate-strict.json")
	_, err := us.tryAsk("gated opening")
	if got := p.refused(rule.DeskGate, err); got["checks"] != "reciprocity authority" || got["request"] != "" || got["instead"] != "" {
		t.Errorf("%v", got)
	}
	us.answer(1, "reciprocity", desk.Passed, us.officer)
	us.answer(1, "authority", desk.Passed, us.officer)
	if have := us.stands(1); have != "reciprocity:passed authority:outstanding" {
		t.Error(have)
	}
	p.now += 1000
	if _, err := us.node.Answer(p.ctx, 1, us.says(1, "authority", desk.Passed, clerk.FileSigning)); !fault.Is(err, rule.DeskResult) {
		t.Errorf("a clerk approves: %v", err)
	}
	us.answer(1, "authority", desk.Passed, head.FileSigning)
	if have := us.stands(1); have != "reciprocity:passed authority:passed" {
		t.Error(have)
	}
	p.now += 72 * 3600 * 1000
	if have := us.stands(1); have != "reciprocity:passed authority:outstanding" {
		t.Errorf("after three days: %s", have)
	}
	us.answer(1, "authority", desk.Passed, us.officer)
	us.answer(1, "authority", desk.Passed, head.FileSigning)
	ref, err := us.release(1, us.officer)
	p.must(err)
	us.node.Gate = nil
	p.talk()

	thread := cn.link.Place(false, 0, ref.Position)
	_, err = cn.node.Speak(p.ctx, cn.link, act.RequestAccept, &thread, nil, &act.AcceptBody{Officer: "Officer of cn", Role: "duty"}, nil, cn.officer)
	p.must(err)
	cn.gate("gate-strict.json")
	_, err = cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &thread, nil, give("here it is"), nil)
	if got := p.refused(rule.DeskGate, err); got["checks"] != "judge offence-here reciprocity authority" || got["instead"] != act.RequestAwait || got["reason"] != "judge" {
		t.Errorf("%v", got)
	}
	cn.answer(1, "offence-here", desk.Refused, head.FileSigning)
	_, err = cn.release(1, cn.officer)
	if got := p.refused(rule.DeskGate, err); got["instead"] != act.RequestDecline || got["reason"] != "minor-offence" {
		t.Errorf("%v", got)
	}
	list, err := cn.node.GateOf(p.ctx, cn.link, store.ThreadID{Link: cn.link.ID(), Channel: statement.Routine, Position: ref.Position}, act.RequestPartial)
	p.must(err)
	if len(list) != 4 {
		t.Errorf("%d checks", len(list))
	}
}

// Spec: DSK-6, DSK-23.
func TestDraftsBoundedAndDropped(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	cn := p.sides[1]
	cn.gate("gate-light.json")
	_, thread := p.accepted("one")
	try := func(i int) error {
		_, err := cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &thread, nil, give(fmt.Sprint(i)), nil)
		return err
	}
	for i := range 256 {
		p.refused(rule.DeskGate, try(i))
	}
	p.refused(rule.DeskFull, try(256))
	p.refused(rule.DeskGate, try(0)) // which waits already
	cn.answer(1, "second-person", desk.Passed, cn.officer)
	p.must(cn.node.DropDraft(p.ctx, 1))
	if err := cn.node.DropDraft(p.ctx, 1); !fault.Is(err, rule.DeskNoDraft) {
		t.Errorf("dropped twice: %v", err)
	}
	p.must(cn.store.View(p.ctx, func(r store.Reader) error {
		return r.Records("kept.results", "", "", func(rec store.Record) bool {
			t.Errorf("a result of a dropped draft: %s", rec.Key)
			return true
		})
	}))
	if got := p.refused(rule.DeskGate, try(0)); got["draft"] != "257" {
		t.Errorf("a number is given twice: %v", got)
	}
}

func TestDossiers(t *testing.T) {
	p := newPair(t)
	cn := p.sides[1]
	id, _ := p.accepted("one")
	nowhere := store.ThreadID{Link: cn.link.ID(), Channel: statement.Routine, Position: 999}
	if _, err := cn.node.Dossier(p.ctx, cn.link, nowhere); !fault.Is(err, rule.NodeNoRequest) {
		t.Errorf("%v", err)
	}
	note := func(id store.ThreadID, text string) error {
		return cn.node.ChangeDossier(p.ctx, cn.link, id, func(d *desk.Dossier, now int64) error {
			if err := d.Assign("key", "key", now); err != nil {
				return err
			}
			return d.AddNote("key", text, now)
		})
	}
	p.refused(rule.NodeNoRequest, note(nowhere, "a"))
	p.must(note(id, "first"))
	p.refused(rule.DeskText, note(id, " "))
	cn.start()
	d, err := cn.node.Dossier(p.ctx, cn.link, id)
	p.must(err)
	if len(d.Notes) != 1 || d.Notes[0].Text.Words() != "first" || d.Assigned.At != d.Notes[0].At {
		t.Errorf("%d notes", len(d.Notes))
	}
	names := []string{}
	p.must(cn.node.Dossiers(p.ctx, cn.link, func(request string, _ *desk.Dossier) bool {
		names = append(names, request)
		return true
	}))
	if fmt.Sprint(names) != "["+cn.link.RequestName(id)+"]" {
		t.Errorf("%v", names)
	}
}

// Spec: DSK-9. Rules that speak of kinds that a node must be able to say by
// itself, of another channel, or that do not exist.
func TestGateKinds(t *testing.T) {
	files, err := folder.NewAttachments(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]fault.Code{act.RequestAnswer: "", act.Disorder: rule.DeskRules, act.RequestReturn: rule.DeskRules,
		act.Suspend: rule.DeskRules, "request.nothing": rule.DeskRules} {
		for _, rules := range []*desk.Rules{{Checks: []desk.Check{{Code: "c", Acts: []string{kind}}}},
			{Checks: []desk.Check{{Code: "c", Acts: []string{act.RequestAnswer}, Refused: desk.Coded{Act: kind}}}}} {
			_, err := node.Open(context.Background(), node.Options{Store: memory.New([16]byte{1}, memory.Faults{}), Vault: clear{}, Gate: rules, Attachments: files,
				Now: func() int64 { return 1 }})
			if fault.CodeOf(err) != want {
				t.Errorf("%s: %v, want %q", kind, err, want)
			}
		}
	}
}

// The examples that are shipped can be used as they are: their kinds exist, and
// what they have said to the other side is a reason of the small arrangement's
// for that act.
func TestGateExamples(t *testing.T) {
	p := newPair(t)
	raw, err := arrangement.Small(p.sides[0].info(), p.sides[1].info())
	p.must(err)
	d, err := arrangement.Parse(raw)
	p.must(err)
	for _, name := range []string{"gate-strict.json", "gate-light.json"} {
		us := p.sides[0]
		us.gate(name)
		_, err := node.Open(p.ctx, node.Options{Store: memory.New([16]byte{1}, memory.Faults{}), Vault: clear{}, Gate: us.node.Gate, Attachments: us.files,
			Now: func() int64 { return 1 }})
		p.must(err)
		for _, c := range us.node.Gate.Checks {
			for _, said := range []desk.Coded{c.Outstanding, c.Refused} {
				i := slices.IndexFunc(d.Reasons, func(r arrangement.Reason) bool { return r.Code == said.Reason })
				if said.Act != "" && (i < 0 || !slices.Contains(d.Reasons[i].Applies, strings.TrimPrefix(said.Act, "request."))) {
					t.Errorf("%s: %s: %v is no reason of the small arrangement", name, c.Code, said)
				}
			}
		}
	}
}

// Spec: DSK-13, DSK-22. Two drafts that say the same in answer to different acts
// are two, and each is said in answer to its own.
func TestDraftKeepsWhatItAnswers(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	second := newColleague("Second", "supervisor")
	us.staff(second)
	_, theirs := p.accepted("asked twice")
	thread := us.link.Place(true, 0, theirs.Position)
	us.gate("gate-light.json")
	us.node.Gate.Checks[0].Acts = []string{act.RequestReply}
	var questions []statement.Ref
	for i, text := range []string{"which account", "which host"} {
		asked, err := cn.node.Speak(p.ctx, cn.link, act.RequestAsk, &theirs, nil, say(text), nil, cn.officer)
		p.must(err)
		p.talk()
		questions = append(questions, us.link.Place(false, 0, asked.Position))
		_, err = us.node.Prepare(p.ctx, us.link, act.RequestReply, &thread, questions[i:], say("the second"), nil)
		if got := p.refused(rule.DeskGate, err); got["draft"] != fmt.Sprint(i+1) {
			t.Errorf("%v", got)
		}
	}
	us.answer(2, "second-person", desk.Passed, second.FileSigning)
	if have := us.stands(1); have != "second-person:outstanding" {
		t.Error(have)
	}
	ref, err := us.release(2, us.officer)
	p.must(err)
	f, err := us.node.Fold(p.ctx, us.link, us.link.ThreadOf(&thread, ref))
	p.must(err)
	for _, side := range f.Entries {
		for _, e := range side {
			if e.Act.Statement.Kind == act.RequestReply && (len(e.Act.Statement.Replies) != 1 || e.Act.Statement.Replies[0] != questions[1]) {
				t.Errorf("it answers %v", e.Act.Statement.Replies)
			}
		}
	}
	if have := fmt.Sprint(us.waiting()); have != "[1]" {
		t.Errorf("%s wait", have)
	}
}
