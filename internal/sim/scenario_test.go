package sim

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

var update = flag.Bool("update", false, "write the transcripts of the scenarios anew")

// scenario tells one story in a calm world, after the founding, and holds its
// transcript against the one kept. Every line is something a person can check
// against the protocol; change one only with a reason.
func scenario(t *testing.T, name string, tell func(w *world)) {
	t.Helper()
	w := newWorld(t, 42, options{})
	w.found()
	w.lines, w.wordless = nil, true
	tell(w)
	w.check.step()
	if w.check.first != nil {
		t.Fatal(w.report(w.check.first))
	}
	got := []byte(strings.Join(w.lines, "\n") + "\n")
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: the transcript differs (-update writes it anew): %v\n%s", file, err, got)
	}
}

// matter opens a request, with everything filled in.
func (w *world) matter(i int, files ...node.File) thread {
	s := w.sides[i]
	d := s.inForce()
	kind := &d.Types[2]
	body := &act.OpenBody{Marked: act.Marked{Handling: "H0"}, Type: kind.Code, Urgency: "urgent", Why: act.Text{Lang: "en", Text: "money moves tonight"},
		Area: "email-compromise", FromUnit: "unit", ToUnit: "unit", Reference: "1", Title: act.Text{Lang: "en", Text: "matter"}, Fields: plainly(kind)}
	ref, _ := w.tell(s, act.RequestOpen, nil, body, files...)
	return thread{side: i, position: ref.Position}
}

// move says the next act of a request.
func (w *world) move(i int, th thread, kind string) error {
	s := w.sides[i]
	ref := s.link.Place(th.side == i, 0, th.position)
	_, err := w.tell(s, kind, &ref, w.plain(s, kind))
	return err
}

// plain is what stories say: no more than a kind needs.
func (w *world) plain(s *side, kind string) any {
	switch kind {
	case act.RequestAccept:
		return &act.AcceptBody{Officer: s.profile.Officers[0].Name, Role: "duty", Note: w.words()}
	case act.RequestAnswer:
		return &act.GiveBody{Marked: act.Marked{Handling: "H0"}, Said: w.words()}
	}
	return &act.SayBody{Marked: act.Marked{Handling: "H0"}, Said: w.words()}
}

// plainly fills in what a form must have, the same every time.
func plainly(kind *arrangement.RequestType) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	for _, f := range kind.Fields {
		switch {
		case f.Need != arrangement.Required:
		case f.Kind == arrangement.KindYesNo:
			fields[f.Code] = json.RawMessage(`false`)
		case f.Kind == arrangement.KindChoice:
			fields[f.Code] = json.RawMessage(`"` + f.Choices[0].Code + `"`)
		case f.Kind == arrangement.KindIdentifiers:
			fields[f.Code] = json.RawMessage(`[{"kind":"ip","value":"192.0.2.7"}]`)
		case plainValues[f.Kind] != "":
			fields[f.Code] = json.RawMessage(plainValues[f.Kind])
		default:
			fields[f.Code] = json.RawMessage(`"text"`)
		}
	}
	return fields
}

func (w *world) tell(s *side, kind string, thread *statement.Ref, body any, files ...node.File) (node.Ref, error) {
	ref, err := s.node.Speak(w.ctx, s.link, kind, thread, nil, body, files, s.officer)
	if err != nil {
		s.refused(kind, err)
		return ref, err
	}
	with := ""
	if len(files) > 0 {
		with = ", with an attachment"
	}
	s.say("says %s, %s %d%s", kind, channels[ref.Channel], ref.Position, with)
	w.check.acked(s, ref.Channel, ref.Position)
	w.check.step()
	return ref, nil
}

// talk has one side dial, and checks.
func (w *world) talk(i int) {
	_ = w.meet(i)
	w.check.step()
}

// look writes what both sides see of a request.
func (w *world) look(th thread) {
	for _, s := range w.sides {
		f, err := s.node.Fold(w.ctx, s.link, th.id(s))
		if err != nil {
			s.say("sees nothing of the request")
			continue
		}
		t := f.Thread
		s.say("sees the request %s, %d of its acts unreceipted, %d not in order", t.Phase, t.Unreceipted, len(t.NotInOrder))
		for _, c := range t.Crossings {
			s.say("  crossed: %s: %s", c.Kinds, c.Outcome)
		}
	}
}

// want fails the story unless a rule stopped something.
func (w *world) want(code fault.Code, err error) {
	if !fault.Is(err, code) {
		w.check.fail("scenario", "got %v, want %s", err, code)
	}
}

func (w *world) wantTrue(ok bool, what string) {
	if !ok {
		w.check.fail("scenario", "%s", what)
	}
}

// TestLoneAct: an act alone costs one round trip: it goes with its hello, and
// comes back stored and receipted.
func TestLoneAct(t *testing.T) {
	scenario(t, "lone-act", func(w *world) {
		th := w.matter(0)
		before := w.net.trips
		w.talk(0)
		w.wantTrue(w.net.trips-before == 1, "an act alone takes one round trip")
		w.look(th)
	})
}

// TestLostLink: a line is down for a week; then more than one delivery's worth
// of entries goes, head by head, none more than 1,024 entries ahead.
func TestLostLink(t *testing.T) {
	scenario(t, "lost-link", func(w *world) {
		w.net.dial = [2]bool{}
		w.talk(0)
		lines := len(w.lines)
		for range 1100 {
			w.matter(0)
		}
		w.lines = w.lines[:lines]
		w.say("", "--- a week and 1,100 acts later")
		w.pass(7 * day)
		_, err := w.tell(w.sides[1], act.Suspend, nil, &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other", Note: w.words()})
		w.wantTrue(err == nil, "control")
		w.net.dial = [2]bool{true, true}
		w.talk(0)
		w.settled()
	})
}

// TestCrashBetweenStoreAndAnswer: what was stored is answered with the receipt
// it got then, at the time it got then.
func TestCrashBetweenStoreAndAnswer(t *testing.T) {
	scenario(t, "crash-before-answer", func(w *world) {
		th := w.matter(0)
		w.fates = func(s *side) fate {
			if s.i == 1 {
				return crashAfter
			}
			return pass
		}
		w.talk(0)
		w.fates = nil
		received := w.check.shadow(w.sides[1], false, statement.Routine).receipts[th.position]
		w.pass(3 * hour)
		w.sides[1].start()
		w.talk(0)
		again := w.check.shadow(w.sides[0], true, statement.Routine).receipts[th.position]
		w.wantTrue(received == again, "the same receipt, at the same time")
		w.look(th)
	})
}

// TestCrossing: a request is withdrawn while its answer is on the way. Both
// acts stand, and both sides say the same of the pair.
func TestCrossing(t *testing.T) {
	scenario(t, "crossing-withdraw-answer", func(w *world) {
		th := w.matter(0)
		w.talk(0)
		_ = w.move(1, th, act.RequestAccept)
		w.talk(1)
		_ = w.move(1, th, act.RequestAnswer)
		_ = w.move(0, th, act.RequestWithdraw)
		w.look(th)
		w.talk(1)
		w.look(th)
		w.settled()
	})
}

// TestReplay: an old delivery with an old head is stale, and ignored.
func TestReplay(t *testing.T) {
	scenario(t, "replayed-head", func(w *world) {
		w.matter(0)
		w.talk(0)
		old := w.net.sent[0][len(w.net.sent[0])-1]
		w.matter(0)
		w.talk(0)
		sizes := w.sizes()
		w.pass(day)
		w.say("", "--- last day's turn comes again")
		_, err := w.net.deliver(w.sides[1], old)
		w.check.step()
		w.wantTrue(err == nil && sizes == w.sizes(), "nothing was stored")
		list, err := w.sides[1].node.Incidents(w.ctx)
		w.wantTrue(err == nil && len(list) == 0, "and nobody was accused")
	})
}

// TestSuspension works from its receipt on: what had not seen it is in order.
func TestSuspension(t *testing.T) {
	scenario(t, "suspension", func(w *world) {
		crossing := w.matter(0)
		ref, _ := w.tell(w.sides[1], act.Suspend, nil, &act.SuspendBody{Types: []string{"mitigation"}, Areas: []string{}, Reason: "other", Note: w.words()})
		w.say("", "--- the suspension and the request cross")
		w.talk(0)
		w.talk(1)
		w.look(crossing)
		_, err := w.sides[0].node.Speak(w.ctx, w.sides[0].link, act.RequestOpen, nil, nil, w.opening(w.sides[0]), nil, w.sides[0].officer)
		w.want(rule.ActSuspended, err)
		w.sides[0].say("may not open another: %s", brief(err))
		at := w.sides[1].link.Place(true, 0, ref.Position)
		_, _ = w.tell(w.sides[1], act.Resume, &at, &act.ResumeBody{Note: w.words()})
		w.talk(1)
		w.matter(0)
		w.talk(0)
		w.settled()
	})
}

func (w *world) opening(s *side) *act.OpenBody {
	kind := &s.inForce().Types[2]
	return &act.OpenBody{Marked: act.Marked{Handling: "H0"}, Type: kind.Code, Urgency: "urgent", Why: w.words(),
		Area: "email-compromise", FromUnit: "unit", ToUnit: "unit", Reference: "1", Title: act.Text{Lang: "en", Text: "matter"}, Fields: plainly(kind)}
}

// TestAmendmentsCross: each side proposes a successor. Neither may sign the
// other's before its own is withdrawn and the withdrawal receipted.
func TestAmendmentsCross(t *testing.T) {
	scenario(t, "amendments-cross", func(w *world) {
		var digests [2][32]byte
		for i, s := range w.sides {
			state, _, err := s.node.Control(w.ctx, s.link)
			w.must(err)
			now := state.Context(s.clock())
			digests[i] = w.propose(s, now.Arrangement, now.Digest, 0)
		}
		w.talk(0)
		w.talk(1)
		err := w.sides[0].node.Sign(w.ctx, w.sides[0].link, digests[1], w.sides[0].officer)
		w.sides[0].say("signs the other's as well: %s", worded(err))
		w.talk(0)
		w.versions(1)
		w.withdraw(w.sides[1], digests[1])
		w.talk(1)
		err = w.sides[1].node.Sign(w.ctx, w.sides[1].link, digests[0], w.sides[1].officer)
		w.sides[1].say("signs the other's: %s", worded(err))
		w.talk(1)
		w.pass(minute)
		w.versions(2)
		w.settled()
	})
}

func worded(err error) string {
	if err == nil {
		return "said"
	}
	return brief(err)
}

// withdraw takes a side's own proposal back.
func (w *world) withdraw(s *side, digest [32]byte) {
	_, facts, err := s.node.Control(w.ctx, s.link)
	w.must(err)
	for _, f := range facts {
		if f.Proposal != nil && f.Digest == digest && f.Higher == s.link.Higher() {
			ref := s.link.Place(true, f.Generation, f.Position)
			_, _ = w.tell(s, act.ArrangementDrop, &ref, &act.DigestBody{Digest: hex.EncodeToString(digest[:])})
		}
	}
}

// versions writes which version each side holds to be in force.
func (w *world) versions(want int) {
	var digests [2][32]byte
	for i, s := range w.sides {
		state, _, err := s.node.Control(w.ctx, s.link)
		w.must(err)
		in := state.Context(s.clock() + day)
		digests[i] = in.Digest
		s.say("has version %d in force", in.Arrangement.Version)
		for _, g := range state.Ignored() {
			s.say("  without effect: %s of %s: %s", g.Kind.Name, w.sides[index(g.Higher == s.link.Higher())^s.i].code, brief(g.Err))
		}
	}
	w.wantTrue(digests[0] == digests[1], "both have the same version in force")
	w.wantTrue(w.sides[0].inForce().Version == want, "it is the one that both signed with nothing barring either")
}

// TestQuota: beyond the day's quota nothing is receipted; the next day it goes on.
func TestQuota(t *testing.T) {
	scenario(t, "quota", func(w *world) {
		s := w.sides[0]
		state, _, err := s.node.Control(w.ctx, s.link)
		w.must(err)
		now := state.Context(s.clock())
		small := *now.Arrangement
		small.Quotas.DayActs = 4
		digest := w.propose(s, &small, now.Digest, 0)
		w.talk(0)
		w.must(w.sides[1].node.Sign(w.ctx, w.sides[1].link, digest, w.sides[1].officer))
		w.talk(1)
		w.pass(minute)
		for range 6 {
			w.matter(0)
			w.talk(0)
		}
		w.pass(day)
		w.talk(0)
		w.settled()
	})
}
