package hotline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

const (
	observer = "../../../observer/procedures.mjs"
	threads  = 80
	many     = 2500 // under PARLEY_LONG
)

// Spec: HOT-1. Spec: HOT-29. Spec: HOT-30. Two implementations, of which the second knows nothing of the
// first, write the same bytes of calls that nobody chose: what is apt, what is
// not, what crosses, late and missing receipts, clocks that are wrong.
func TestSecondImplementation(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the second implementation needs Node.js, which is not here")
	}
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	contexts := proceduretest.CallContexts()
	for i, c := range contexts {
		b, err := act.WriteBody(c.Arrangement)
		if err != nil {
			t.Fatal(err)
		}
		put(fmt.Sprintf("%d.json", i), b)
	}
	n := threads
	if os.Getenv("PARLEY_LONG") != "" {
		n = many
	}
	files := []string{observer, "hotline"}
	for seed := range n {
		d := &differential{random: rand.New(rand.NewPCG(uint64(seed), 2))}
		which := d.random.IntN(len(contexts))
		fmt.Fprintf(d, "rules: 1\narrangement: %d.json\n", which)
		d.play(t, contexts[which])
		files = append(files, put(fmt.Sprintf("%04d.txt", seed), []byte(d.String())))
	}
	said, err := exec.Command(node, files...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said[:min(len(said), 4000)])
	}
}

// differential tells a story of which nothing is chosen, and writes it down.
type differential struct {
	proceduretest.VectorWriter
	random *rand.Rand
	story  *story
}

func (d *differential) one(n int) bool { return d.random.IntN(n) == 0 }

func (d *differential) play(t *testing.T, known *procedure.Context) {
	// The digest is that of the file as act.WriteBody writes it.
	b, err := act.WriteBody(known.Arrangement)
	if err != nil {
		t.Fatal(err)
	}
	next := *known
	next.Digest = arrangement.Digest(b)
	caller := d.one(2)
	s := &story{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(start)+calendar.Instant(d.random.IntN(1e6))*777, &next), caller: caller}
	d.story = s
	body := proceduretest.CallOpening(known.Arrangement)
	rungs := known.Arrangement.Hotline.Rungs
	body.Rung = rungs[d.random.IntN(len(rungs))].Code
	if len(known.Arrangement.Hotline.Tests) > 0 && d.one(5) {
		one := known.Arrangement.Hotline.Tests[d.random.IntN(len(known.Arrangement.Hotline.Tests))]
		body.Purpose, body.Test, body.Severity, body.Criterion, body.Rung = act.PurposeTest, one.Code, "", "", rungs[0].Code
	}
	if d.one(3) {
		body.Request = &act.Place{Higher: d.one(2), Position: uint64(d.random.IntN(9))}
	}
	if d.one(8) {
		d.spoil(reflect.ValueOf(body))
	}
	if tests := known.Arrangement.Hotline.Tests; len(tests) > 0 && d.one(3) {
		d.plan(&tests[d.random.IntN(len(tests))])
	} else {
		s.opening = s.Say(caller, nil, act.CallOpen, body)
		d.sign(s.opening, proceduretest.Callers(&next, caller, body.Rung))
	}
	d.Entry(s.opening)
	if !d.one(20) {
		d.deliver(caller)
	}
	for range d.random.IntN(50) {
		d.turn(t)
	}
	d.see(t, s.Now)
	d.deliver(true)
	d.deliver(false)
	d.see(t, s.Now)
	d.see(t, s.Now+calendar.Instant(d.random.IntN(200))*calendar.Hour)
}

// plan has the caller's node plan a test, and time come to its window.
func (d *differential) plan(test *arrangement.Test) {
	s := d.story
	body := planFor(s.Known[0].Arrangement, test.Code, s.Now, s.caller)
	if d.one(8) {
		d.spoil(reflect.ValueOf(body))
	}
	s.opening = s.Say(s.caller, nil, act.TestPlan, body)
	if !d.one(6) {
		s.Now = max(s.Now, body.Opens)
		if body.Instant != nil && !d.one(4) {
			s.Now = *body.Instant
		}
	}
}

func (d *differential) turn(t *testing.T) {
	s := d.story
	ticks := []calendar.Instant{0, 1, minute, 3 * minute, 7 * minute, calendar.Hour, calendar.Day}
	s.Now += ticks[d.random.IntN(len(ticks)-d.random.IntN(4))]
	higher := d.one(2)
	switch n := d.random.IntN(20); {
	case n < 6:
		d.deliver(higher)
	case n == 6:
		d.see(t, s.Now-calendar.Instant(d.random.IntN(3))*calendar.Hour)
	case n < 9:
		for _, owed := range s.held(higher).Automatic(higher) {
			d.Entry(s.Say(higher, s.opening, owed.Kind, owed.Body))
		}
	default:
		d.say(higher)
	}
}

// say says something: mostly what the call has a place for, with a body that
// fits; at times neither.
func (d *differential) say(higher bool) {
	s := d.story
	call := s.held(higher)
	kind := within()[d.random.IntN(len(within()))]
	if moves := call.Moves(higher); len(moves) > 0 && !d.one(6) {
		kind = moves[d.random.IntN(len(moves))].Kind
	}
	if call.Plan() != nil && d.one(4) {
		kind = act.TestCall
		if call.Head != nil || d.one(5) {
			kind = act.TestOutcome
		}
	}
	body, signers := apt(call, s.Known[0], kind, higher)
	if b, ok := body.(*act.TestOutcomeBody); ok && d.one(3) {
		results := []string{act.ResultAnswered, act.ResultLate, act.ResultDeclined, act.ResultSilent, act.ResultPostponed, act.ResultNotHeld}
		if b.Result = results[d.random.IntN(len(results))]; b.Result == act.ResultPostponed {
			b.Call = &act.Place{Position: 3}
		}
	}
	if d.one(7) {
		d.spoil(reflect.ValueOf(body))
	}
	before := s.Now
	if d.one(6) {
		s.Now += calendar.Instant(d.random.IntN(13)-6) * calendar.Hour
	}
	e := s.Say(higher, s.opening, kind, body)
	if d.one(20) {
		e.Time = int64(s.Now) // a log that was corrected
	}
	s.Now = before
	if d.one(40) {
		e.Act.Slip.Number += uint32(d.random.IntN(3))
	}
	if d.one(10) {
		e.Act.Attachments = append(e.Act.Attachments, &statement.Attachment{})
	}
	d.sign(e, signers)
	d.Entry(e)
}

// sign has officers sign, and at times others.
func (d *differential) sign(e *procedure.Entry, signers []party.Officer) {
	all := e.Context.Cards[procedure.Side(e.Higher)].Officers
	if len(signers) > 0 && d.one(8) {
		signers = []party.Officer{all[d.random.IntN(len(all))]}
	}
	if len(signers) > 0 && d.one(8) {
		signers = append(signers, all[d.random.IntN(len(all))])
	}
	proceduretest.Sign(e, signers...)
}

func (d *differential) deliver(higher bool) {
	d.story.Deliver(higher)
	d.Receipt(d.story.Link, higher)
}

// spoil changes one thing in a body.
func (d *differential) spoil(v reflect.Value) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || v.NumField() == 0 {
		return
	}
	f := v.Field(d.random.IntN(v.NumField()))
	if !f.CanSet() {
		return
	}
	switch f.Kind() {
	case reflect.Struct, reflect.Pointer:
		d.spoil(f)
	case reflect.String:
		words := []string{"", " ", "nonsense", "duty", "principal", "grave", "notable", "other", "about", "H1", "/subject/text", "/said/text", "/said", "server", "no-answer", strings.Repeat("0a", 32)}
		f.SetString(words[d.random.IntN(len(words))])
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Int64:
		f.SetInt(f.Int() + int64(d.random.IntN(20)-10)*int64(calendar.Day))
	case reflect.Uint64:
		f.SetUint(uint64(d.random.IntN(12)))
	}
}

func (d *differential) see(t *testing.T, at calendar.Instant) {
	s := d.story
	v := s.View(s.Known[0])
	v.Instant = at
	d.Look(t, Fold(s.Lower(), s.Higher(), v), at)
}
