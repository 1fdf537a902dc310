package procedure

import (
	"math/rand/v2"
	"slices"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// notes is a stand that keeps what it holds, and what it held when it judged.
type notes struct {
	Past
	holds   []*Entry
	judged  map[*Entry][]*Entry
	refuses func(e *Entry) error
}

func (n *notes) Judge(e *Entry) error {
	n.judged[e] = slices.Clone(n.holds)
	return n.refuses(e)
}

func (n *notes) Add(e *Entry, verdict error) {
	n.holds = append(n.holds, e)
	n.Take(e, verdict)
}

// empty makes stands that share what they note.
func empty(refuses func(e *Entry) error) func() *notes {
	judged := map[*Entry][]*Entry{}
	return func() *notes { return &notes{judged: judged, refuses: refuses} }
}

func inOrder(*Entry) error { return nil }

// entry is an act of a kind at a place, the nth of its writer's in the thread.
func entry(higher bool, position, seen uint64, n uint32, kind string, thread *statement.Ref) *Entry {
	known, _ := act.Lookup(act.Newest, kind)
	return &Entry{Place: record.Place{Higher: higher, Position: position, Seen: seen}, Generation: 1, Time: int64(position), Kind: known, Context: &Context{Rules: 1},
		Act: &act.Act{Statement: &statement.Statement{Kind: kind, Thread: thread}, Slip: statement.Slip{Number: n, Predecessor: position}}}
}

// logs are two that were written while now and then a side saw what the other
// had.
func logs(random *rand.Rand) (lists [2][]*Entry) {
	var size, seen [2]uint64
	thread := &statement.Ref{Generation: 1}
	for range random.IntN(40) {
		me := random.IntN(2)
		if random.IntN(3) == 0 {
			seen[me] = size[1-me]
		}
		lists[me] = append(lists[me], entry(me == 1, size[me], seen[me], uint32(len(lists[me])+1), act.RequestAsk, thread))
		size[me] += 1 + random.Uint64N(3)
	}
	return lists
}

// Spec: PRC-14, PRC-15. Each entry is judged once, by a stand that holds its
// causal past and nothing else, each side's in the order of its log; the fold
// holds all of them in merged order.
func TestVerdicts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		lists := logs(random)
		make := empty(func(e *Entry) error {
			if e.Position%3 == 0 {
				return fault.New(rule.ActBody)
			}
			return nil
		})
		all, merged, faults := Verdicts(lists, make)
		if !slices.Equal(all.holds, merged) || !slices.Equal(merged, record.Merge(lists[0], lists[1])) || len(faults) != len(merged) || len(all.judged) != len(merged) {
			t.Fatalf("%d entries, %d judged, %d verdicts", len(merged), len(all.judged), len(faults))
		}
		for i, e := range merged {
			if (faults[i] != nil) != (e.Position%3 == 0) {
				t.Fatalf("%+v: %v", e.Place, faults[i])
			}
			for _, higher := range []bool{false, true} {
				of := func(list []*Entry) []*Entry { return OfSide(list, higher) }
				past := slices.DeleteFunc(slices.Clone(lists[Side(higher)]), func(b *Entry) bool { return !b.Place.Before(e.Place) })
				if had := of(all.judged[e]); !slices.Equal(had, past) {
					t.Fatalf("%+v was judged by %d entries of one side, want %d", e.Place, len(had), len(past))
				}
			}
		}
	}
}

// A fold says which entry opened its thread and who, and what was not in order;
// what a broken caller puts into the wrong list is nowhere in it.
// Spec: none, because each procedure's own page says what it folds.
func TestFoldOf(t *testing.T) {
	first := entry(true, 3, 0, 1, act.RequestOpen, nil)
	ref := first.Ref()
	good, bad := entry(false, 1, 4, 1, act.RequestAsk, &ref), entry(true, 5, 0, 2, act.RequestAsk, &ref)
	bad.Receipt = 7
	refuses := func(e *Entry) error {
		if e == bad {
			return fault.New(rule.ActTurn)
		}
		return nil
	}
	f := FoldOf([]*Entry{nil, good, first}, []*Entry{first, bad}, View{Channel: statement.Routine, Instant: 9}, empty(refuses))
	if !slices.Equal(f.Merged, []*Entry{first, good, bad}) {
		t.Fatalf("%d entries", len(f.Merged))
	}
	if at, side := f.Opened(); at == nil || *at != (Where{"higher", 3}) || side != "higher" {
		t.Errorf("opened by %v %q", at, side)
	}
	if wrong := f.NotInOrder(); !slices.Equal(wrong, []Ignored{{Where{"higher", 5}, string(rule.ActTurn)}}) {
		t.Errorf("%+v", wrong)
	}
	said, unreceipted := f.Said(f.Instant)
	if len(said) != 3 || !said[1].InOrder || said[2].InOrder || said[2].Receipt != 7 || said[0].Kind != act.RequestOpen || unreceipted != 2 {
		t.Errorf("%d without a receipt, %+v", unreceipted, said)
	}
	if _, unreceipted := f.Said(6); unreceipted != 3 {
		t.Errorf("%d had none at 6", unreceipted)
	}
	none := FoldOf(nil, nil, View{}, empty(inOrder))
	if at, side := none.Opened(); at != nil || side != "" {
		t.Errorf("nothing was opened by %v %q", at, side)
	}
}

// A refusal of each act of the other's that was not in order is owed once, by
// the other side alone, and under one key for ever; one of what is automatic
// itself never is.
// Spec: ACT-7.
func TestOwedRefusals(t *testing.T) {
	first := entry(false, 0, 0, 1, act.RequestOpen, nil)
	ref := first.Ref()
	bad, automatic := entry(false, 1, 0, 2, act.RequestAsk, &ref), entry(false, 2, 0, 3, act.RequestReturn, &ref)
	refuses := func(e *Entry) error {
		if e == bad || e == automatic {
			return fault.New(rule.ActTurn)
		}
		return nil
	}
	view := View{Channel: statement.Routine}
	f := FoldOf([]*Entry{first, bad, automatic}, nil, view, empty(refuses))
	if owed := f.OwedRefusals(act.Disorder, false); owed != nil {
		t.Errorf("the writer refuses its own: %+v", owed)
	}
	owed := f.OwedRefusals(act.Disorder, true)
	if len(owed) != 1 || owed[0].Cause != bad.Place || owed[0].Key != "disorder 3 lower 1 1" || *owed[0].Body.(*act.DisorderBody) != (act.DisorderBody{Position: 1, Rule: string(rule.ActTurn)}) {
		t.Fatalf("%+v", owed)
	}
	said := entry(true, 0, 3, 1, act.Disorder, &ref)
	said.Act.Body, _ = act.WriteBody(owed[0].Body)
	f = FoldOf([]*Entry{first, bad, automatic}, []*Entry{said}, view, empty(refuses))
	if owed := f.OwedRefusals(act.Disorder, true); owed != nil {
		t.Errorf("owed again: %+v", owed)
	}

	p := &f.Stand.Past
	judge := func(position uint64, code fault.Code) fault.Code {
		return fault.CodeOf(p.JudgeDisorder(Saying{Higher: true, Kind: said.Kind}, &act.DisorderBody{Position: position, Rule: string(code)}))
	}
	for _, c := range []struct {
		position   uint64
		says, want fault.Code
	}{{1, rule.ActTurn, ""}, {1, rule.ActBody, rule.ActReason}, {2, rule.ActTurn, rule.ActAutomatic}, {0, rule.ActTurn, rule.ActThread}, {9, rule.ActTurn, rule.ActThread}} {
		if got := judge(c.position, c.says); got != c.want {
			t.Errorf("refusing %d by %s: %q, want %q", c.position, c.says, got, c.want)
		}
	}
	p.Refuse(said, &act.DisorderBody{Position: 1})
	if got := judge(1, rule.ActTurn); got != rule.ActAutomatic {
		t.Errorf("refused twice: %q", got)
	}
}

// A draft is judged as its side's act at the view's own place; a kind that the
// rules do not have, and any before rules are in force, is refused.
// Spec: ACT-2.
func TestDrafts(t *testing.T) {
	f := Fold[*notes]{View: View{Instant: 9}, Stand: empty(inOrder)()}
	f.Parties[1][0] = 7
	for kind, want := range map[string]fault.Code{act.RequestAsk: rule.ActUnstarted, "request.nothing": rule.ActKind} {
		if _, err := f.Saying(Draft{Kind: kind}); !fault.Is(err, want) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	f.Current = &Context{Rules: 1}
	a, err := f.Saying(Draft{Higher: true, Kind: act.RequestAsk, Body: &act.SayBody{}, Attachments: 2, Unsigned: true})
	if err != nil || a.Kind.Name != act.RequestAsk || a.Writer != f.Parties[1] || a.Time != 9 || a.Context != f.Current || a.Attachments != 2 || !a.Unsigned {
		t.Fatalf("%+v, %v", a, err)
	}
	fine := fault.New(rule.ActTerm)
	if err := Judged(a, func(Saying, *act.SayBody) error { return fine }); err != fine {
		t.Errorf("its judge was not asked: %v", err)
	}
	for name, body := range map[string]any{"another": &act.NoteBody{}, "none": nil, "an empty": (*act.SayBody)(nil)} {
		a.Body = body
		if err := Judged(a, func(Saying, *act.SayBody) error { t.Errorf("%s body was judged", name); return nil }); !fault.Is(err, rule.ActBody) {
			t.Errorf("%s body: %v", name, err)
		}
	}
}

// What a button may say is no automatic act, is allowed where the thread
// stands, and when the arrangement has ended is of what remains.
// Spec: ACT-7, ACT-15.
func TestMoves(t *testing.T) {
	f := Fold[*notes]{View: View{Instant: calendar.Day, Current: &Context{Rules: 1, Status: &arrangement.Status{}}}, Stand: empty(inOrder)()}
	vocabulary := []string{act.RequestOpen, act.RequestReturn, act.RequestAsk, act.RequestRelease, "request.nothing", act.RequestClose}
	may := func(kind string) error {
		if kind == act.RequestClose {
			return fault.New(rule.ActThread)
		}
		return nil
	}
	kinds := func() (list []string) {
		for _, m := range f.Moves(vocabulary, may) {
			list = append(list, m.Kind)
			if known, _ := act.Lookup(1, m.Kind); m.NeedsPerson != known.Person {
				t.Errorf("%+v", m)
			}
		}
		return list
	}
	if got := kinds(); !slices.Equal(got, []string{act.RequestOpen, act.RequestAsk, act.RequestRelease}) {
		t.Errorf("%q", got)
	}
	ended, err := f.Current.Status.Terminate(arrangement.Terminate{Party: "lo", ID: "1", At: 1, Effect: calendar.Day})
	if err != nil {
		t.Fatal(err)
	}
	f.Current.Status = &ended
	if got := kinds(); !slices.Equal(got, []string{act.RequestRelease}) {
		t.Errorf("behind the end: %q", got)
	}
	if f.Instant--; len(kinds()) != 3 {
		t.Errorf("before the end: %q", kinds())
	}
	f.Current = nil
	if got := kinds(); len(got) != 3 {
		t.Errorf("before any rules: %q", got)
	}
}

// Spec: PRC-13. Numbers are held against all that the writer said before in the
// thread, whichever came last, and against nothing of the other side's.
func TestCheck(t *testing.T) {
	first := entry(false, 0, 0, 1, act.RequestOpen, nil)
	ref := first.Ref()
	p := &Past{}
	p.Take(first, nil)
	p.Take(entry(false, 1, 0, 5, act.RequestAsk, &ref), fault.New(rule.ActTurn))
	p.Take(entry(false, 2, 0, 3, act.RequestAsk, &ref), fault.New(rule.ActSlip))
	p.Take(entry(true, 0, 3, 8, act.RequestAsk, &ref), nil)
	other := ref
	other.Position = 9
	unread := entry(false, 3, 0, 6, act.RequestAsk, &ref)
	unread.Act = nil
	for name, c := range map[string]struct {
		e    *Entry
		want fault.Code
	}{
		"the next":           {entry(false, 3, 0, 6, act.RequestAsk, &ref), ""},
		"as the highest":     {entry(false, 3, 0, 5, act.RequestAsk, &ref), rule.ActSlip},
		"behind the newest":  {entry(false, 3, 0, 4, act.RequestAsk, &ref), rule.ActSlip},
		"of another thread":  {entry(false, 3, 0, 6, act.RequestAsk, &other), rule.ActThread},
		"that opens nothing": {entry(false, 3, 0, 6, act.RequestAsk, nil), rule.ActThread},
		"that nobody read":   {unread, rule.ActUnreadable},
	} {
		if c.e.Act != nil {
			c.e.Act.Slip.Predecessor = 2
		}
		if err := p.Check(c.e); fault.CodeOf(err) != c.want {
			t.Errorf("an act %s: %v, want %q", name, err, c.want)
		}
	}
	if p.Opening != first || len(p.Wrong) != 2 {
		t.Errorf("%+v", p)
	}
}

// A pointer (RFC 6901) leads to what stands there, or nowhere.
// Spec: none, because RFC 6901 says it.
func TestDatum(t *testing.T) {
	body := map[string]any{"a/b": []any{"x", map[string]any{"~": false}}, "": "empty"}
	for pointer, want := range map[string]any{"/a~1b/0": "x", "/a~1b/1/~0": false, "/": "empty"} {
		if got, ok := Datum(body, pointer); !ok || got != want {
			t.Errorf("%q leads to %v, %v", pointer, got, ok)
		}
	}
	for _, pointer := range []string{"", "a", "/a", "/a~1b/2", "/a~1b/-1", "/a~1b/00", "/a~1b/x", "/a~1b/0/0"} {
		if HasDatum(body, pointer) {
			t.Errorf("%q leads somewhere", pointer)
		}
	}
}
