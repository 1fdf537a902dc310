package casework

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

const (
	observer = "../../../observer/procedures.mjs"
	threads  = 120
	many     = 2000 // under PARLEY_LONG
)

// Spec: CW-1. Spec: CW-68. Spec: CW-69. Spec: CW-70. Spec: CW-71. Two implementations, of which the second knows nothing of the
// first, write the same bytes of threads that nobody chose: what is apt, what
// is not, what crosses, suspensions, late and missing receipts, clocks that
// are wrong.
func TestSecondImplementation(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the second implementation needs Node.js, which is not here")
	}
	dir := t.TempDir()
	names := documents(t, dir)
	var files []string
	n := threads
	if os.Getenv("PARLEY_LONG") != "" {
		n = many
	}
	for seed := range n {
		d := &differential{random: rand.New(rand.NewPCG(uint64(seed), 1)), names: names}
		d.play(t, seed)
		file := filepath.Join(dir, fmt.Sprintf("%03d.txt", seed))
		write(t, file, []byte(d.String()))
		files = append(files, file)
	}
	said, err := exec.Command(node, append([]string{observer, "casework"}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said[:min(len(said), 4000)])
	}
}

func write(t *testing.T, file string, b []byte) {
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// documents writes the arrangements that threads are under, and gives their
// file names by digest.
func documents(t *testing.T, dir string) map[[32]byte]string {
	names := map[[32]byte]string{}
	for i, c := range contexts() {
		b, err := act.WriteBody(c.Arrangement)
		if err != nil {
			t.Fatal(err)
		}
		names[c.Digest] = fmt.Sprintf("%d.json", i)
		write(t, filepath.Join(dir, names[c.Digest]), b)
	}
	return names
}

// contexts are the arrangements there are, written by our own hand, and some
// that are changed where they differ least.
var contexts = sync.OnceValue(func() (list []*procedure.Context) {
	for _, c := range proceduretest.Contexts() {
		for _, change := range []func(*arrangement.Document){
			func(*arrangement.Document) {},
			func(d *arrangement.Document) {
				d.Tolerance, d.RefusalLast, d.Clock.Forward = 0, true, arrangement.ForwardRestart
			},
			follows,
		} {
			b, err := act.WriteBody(c.Arrangement)
			if err != nil {
				panic(err)
			}
			d, err := arrangement.Parse(b)
			if err != nil {
				panic(err)
			}
			change(d)
			if b, err = act.WriteBody(d); err != nil {
				panic(err)
			}
			status := arrangement.NewStatus(d.Survives)
			list = append(list, &procedure.Context{Rules: 1, Arrangement: d, Digest: arrangement.Digest(b), Status: &status})
		}
	}
	return list
})

// follows lets open threads follow an amendment in all that they can, and has
// other limits, reasons and pauses.
func follows(d *arrangement.Document) {
	d.Amendment = arrangement.AmendmentRules{Urgencies: arrangement.Follow, Reasons: arrangement.Follow, Handling: arrangement.Follow, Pauses: arrangement.Follow}
	for i := range d.Urgencies {
		for j := range d.Urgencies[i].Steps {
			d.Urgencies[i].Steps[j].Amount += 1 + i + j
		}
	}
	d.Reasons = d.Reasons[:len(d.Reasons)-1]
	d.Clock.Pauses = d.Clock.Pauses[:len(d.Clock.Pauses)-1]
	for i := range d.Parties {
		d.Parties[i].Calendar.Holidays = d.Parties[i].Calendar.Holidays[:1]
		d.Parties[i].Calendar.MakeUp = nil
	}
}

// differential tells a story of which nothing is chosen, and writes it down.
type differential struct {
	proceduretest.VectorWriter
	random  *rand.Rand
	names   map[[32]byte]string
	story   *story
	halted  int // how many suspensions there were
	options Options
}

func (d *differential) one(n int) bool { return d.random.IntN(n) == 0 }

func (d *differential) play(t *testing.T, seed int) {
	c := rapid.Custom(anyOpening).Example(seed)
	c.known = contexts()[d.random.IntN(len(d.names))]
	doc := c.known.Arrangement
	if c.body.Type != "unheard-of" {
		kind := doc.Types[d.random.IntN(len(doc.Types))]
		c.body = proceduretest.Form(doc, &kind, doc.Urgencies[d.random.IntN(len(doc.Urgencies))].Code, c.asker)
		c.body.Area = doc.Areas[d.random.IntN(len(doc.Areas))].Code
		if d.one(5) {
			d.spoil(reflect.ValueOf(c.body))
		}
	}
	fmt.Fprintf(d, "rules: 1\narrangement: %s\n", d.names[c.known.Digest])
	begun := proceduretest.At(start) + calendar.Instant(d.random.IntN(300))*calendar.Day + calendar.Instant(d.random.IntN(1440))*calendar.Minute
	d.story = &story{Link: proceduretest.NewLink(statement.Routine, begun, c.known), asker: c.asker}
	if d.one(20) {
		d.suspension(t)
	}
	d.story.opening = d.story.Say(c.asker, nil, c.kind, c.body)
	d.attach(d.story.opening)
	d.written(d.story.opening)
	if !d.one(20) {
		d.deliver(c.asker)
	}
	for range d.random.IntN(40) {
		d.turn(t)
	}
	d.see(t, d.story.Now)
	d.deliver(true)
	d.deliver(false)
	d.see(t, d.story.Now)
	d.see(t, d.story.Now+calendar.Instant(d.random.IntN(200))*calendar.Day)
}

func (d *differential) turn(t *testing.T) {
	s := d.story
	ticks := []calendar.Instant{0, 1, calendar.Minute, 7 * calendar.Minute, calendar.Hour, 9 * calendar.Hour, calendar.Day, 6 * calendar.Day, 40 * calendar.Day}
	s.Now += ticks[d.random.IntN(len(ticks)-d.random.IntN(4))]
	higher := d.one(2)
	switch n := d.random.IntN(20); {
	case n < 6:
		d.deliver(higher)
	case n == 6 && d.one(3):
		d.suspension(t)
	case n == 6 && d.one(8):
		d.termination()
	case n == 6 && d.one(2):
		d.amendment()
	case n == 7 && d.one(3):
		d.attached()
	case n == 7 && d.one(2):
		d.outage()
	case n == 7:
		d.see(t, s.Now-calendar.Instant(d.random.IntN(3))*calendar.Hour)
	default:
		d.say(higher)
	}
}

func (d *differential) deliver(higher bool) {
	d.story.Deliver(higher)
	d.Receipt(d.story.Link, higher)
}

func (d *differential) suspension(t *testing.T) {
	s := d.story
	doc := s.Known[0].Arrangement
	change := func(status arrangement.Status) (arrangement.Status, error) {
		if now := status.Suspensions(s.Now); len(now) > 0 {
			return status.Lift(arrangement.Lift{Party: now[0].Party, ID: now[0].ID, At: s.Now})
		}
		d.halted++
		types := []string{doc.Types[d.random.IntN(len(doc.Types))].Code, doc.Types[0].Code}
		return status.Suspend(arrangement.Suspend{Party: "hi", ID: fmt.Sprint(d.halted), Scope: arrangement.Scope{Types: types}, At: s.Now})
	}
	next := proceduretest.With(s.Known[0], change)
	s.Known = [2]*procedure.Context{next, next}
	d.Suspensions(*next.Status, s.Now)
}

// termination ends the arrangement, soon; a second changes nothing once it has.
func (d *differential) termination() {
	s := d.story
	d.halted++
	e := arrangement.Terminate{Party: "hi", ID: fmt.Sprint(d.halted), At: s.Now, Effect: s.Now + calendar.Instant(d.random.IntN(40))*calendar.Hour}
	status, err := s.Known[0].Status.Terminate(e)
	if err != nil {
		return
	}
	next := proceduretest.With(s.Known[0], func(arrangement.Status) (arrangement.Status, error) { return status, nil })
	s.Known = [2]*procedure.Context{next, next}
	d.Terminate(e)
}

// say says something: mostly what the thread has a place for, with a body that
// fits; at times neither.
func (d *differential) say(higher bool) {
	s := d.story
	lower, upper := s.Held(higher)
	thread := Fold(lower, upper, s.View(s.Known[0]))
	kinds := Vocabulary()[2:]
	kind := kinds[d.random.IntN(len(kinds))]
	if moves := thread.Moves(higher); len(moves) > 0 && !d.one(6) {
		kind = moves[d.random.IntN(len(moves))].Kind
	}
	for _, owed := range thread.Automatic(higher) {
		if d.one(3) {
			kind = owed.Kind
		}
	}
	until := s.Now + calendar.Instant(1+d.random.IntN(120))*calendar.Day
	body, replies := apt(thread, kind, higher, until)
	if d.one(8) {
		d.spoil(reflect.ValueOf(body))
	}
	if d.one(12) {
		replies = append(replies, d.ref())
	}
	if d.one(25) {
		replies = nil
	}
	before := s.Now
	if d.one(6) {
		s.Now += calendar.Instant(d.random.IntN(13)-6) * calendar.Hour
	}
	e := s.Say(higher, s.opening, kind, body, replies...)
	s.Now = before
	if d.one(15) {
		e.Act.Statement.NotAfter = e.Time + int64(d.random.IntN(7200_000))
	}
	if d.one(40) {
		e.Act.Slip.Number += uint32(d.random.IntN(3))
	}
	d.attach(e)
	d.written(e)
}

func (d *differential) attach(e *procedure.Entry) {
	if d.one(10) {
		for range 1 + d.random.IntN(3) {
			e.Act.Attachments = append(e.Act.Attachments, &statement.Attachment{})
		}
	}
}

// attached says that the last attachment of the opening has arrived.
func (d *differential) attached() {
	d.options.AttachmentsStored = d.story.Now
	d.Put("attached", struct {
		Time calendar.Instant `json:"time"`
	}{d.story.Now})
}

// outage says that hours are absent from a side's digests.
func (d *differential) outage() {
	to := d.story.Now
	from := to - calendar.Instant(1+d.random.IntN(100))*calendar.Hour
	side := d.random.IntN(2)
	d.options.Outages[side] = append(d.options.Outages[side], calendar.Span{From: from, To: to})
	d.Put("outage", struct {
		Side string           `json:"side"`
		From calendar.Instant `json:"from"`
		To   calendar.Instant `json:"to"`
	}{procedure.SideName(side == 1), from, to})
}

// amendment puts another version in force, which differs where open threads may
// follow it.
func (d *differential) amendment() {
	s := d.story
	next := *s.Known[0]
	for _, c := range contexts() {
		if c.Arrangement.Parties[0].Code == next.Arrangement.Parties[0].Code && d.one(3) {
			next.Arrangement, next.Digest = c.Arrangement, c.Digest
		}
	}
	s.Known = [2]*procedure.Context{&next, &next}
	fmt.Fprintf(d, "arrangement: %s\n", d.names[next.Digest])
}

func (d *differential) ref() statement.Ref {
	return statement.Ref{Higher: d.one(2), Generation: 1, Position: uint64(d.random.IntN(12))}
}

func (d *differential) written(e *procedure.Entry) { d.Entry(e) }

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
		f.SetString([]string{"", " ", "nonsense", "answer", "acknowledge", "other", "urgent", "routine", "retract", "related", "", "/note", "/said/text"}[d.random.IntN(13)])
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Int64:
		f.SetInt(f.Int() - int64(d.random.IntN(100))*int64(calendar.Day))
	case reflect.Int:
		f.SetInt(int64(d.random.IntN(8)))
	case reflect.Uint64:
		f.SetUint(uint64(d.random.IntN(12)))
	}
}

func (d *differential) see(t *testing.T, at calendar.Instant) {
	s := d.story
	v := s.View(s.Known[0])
	v.Instant = at
	d.Look(t, FoldWith(s.Lower(), s.Higher(), v, d.options), at)
}
