package proceduretest

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// deaf verifies no signature: these tests are about the rules around them.
type deaf struct{}

func (deaf) Ed25519(key, message, signature []byte) bool { return false }
func (deaf) MLDSA44(key, message, signature []byte) bool { return false }

const readAt = int64(1_456_800_000_000)

// found is an officer's looking at a request, as the lower party's store has
// it, with whatever change makes of it.
func found(change func(*procedure.Found, *statement.Statement, *[]byte)) procedure.Found {
	ids := Parties()
	c := Context()
	f := procedure.Found{
		Place:  record.Place{Position: 5, Seen: 7},
		Origin: ledger.Origin{Realm: party.Exercise, Channel: statement.Routine, Writer: ids[0], Reader: ids[1], Generation: 2},
		Leaf: &ledger.Leaf{Position: 5, Time: readAt,
			Seen: statement.Seen{{Generation: 1, Size: 7}, {Generation: 1, Size: 3}, {Generation: 1, Size: 2}}},
		Receipt: readAt + 1, Context: c,
	}
	body, _ := act.WriteBody(&act.OpenedBody{Officer: "Ada", Role: "duty"})
	s := statement.Statement{Realm: party.Exercise, Writer: ids[0], Reader: ids[1], Channel: statement.Routine, Generation: 2,
		Thread: &statement.Ref{Higher: true, Generation: 1, Position: 6}, Kind: act.RequestOpened, Arrangement: c.Digest,
		Seen: f.Leaf.Seen, NotAfter: readAt + 1}
	if change != nil {
		change(&f, &s, &body)
	}
	draft := act.NewDraft(s, body, nil)
	f.Parts = draft.Parts(statement.Slip{Number: 1, Predecessor: 5}, draft.ToSign(), nil)
	return f
}

// Spec: PRC-1. What is in order is read with its place, times and context.
func TestRead(t *testing.T) {
	f := found(nil)
	e := procedure.Read(deaf{}, f)
	if e.Fault != nil || e.At() != f.Place || e.Generation != 2 || e.Time != readAt || e.Receipt != readAt+1 || e.Context != f.Context {
		t.Fatalf("%v %+v", e.Fault, e)
	}
	if body, ok := e.Body.(*act.OpenedBody); !ok || body.Officer != "Ada" || e.Kind.Name != act.RequestOpened {
		t.Errorf("%+v", e.Body)
	}
	if err := e.CheckSlip(nil); err != nil {
		t.Error(err)
	}
}

// ended is a context in which a termination has effect from readAt on.
func ended(c *procedure.Context) *procedure.Context {
	return With(c, func(s arrangement.Status) (arrangement.Status, error) {
		return s.Terminate(arrangement.Terminate{Party: "lo", ID: "1", At: calendar.Instant(readAt) - 5, Effect: calendar.Instant(readAt)})
	})
}

// Spec: PRC-19. Spec: CTL-24. Spec: PRC-3. Spec: PRC-4. Spec: PRC-5. Spec: PRC-6. Spec: PRC-7. Spec: PRC-8.
// Spec: PRC-9. Spec: PRC-10. Spec: PRC-11. Spec: PRC-12. Spec: ACT-3, ACT-4, ACT-14. One rule broken at a
// time, and its code.
func TestReadFaults(t *testing.T) {
	type (
		F = *procedure.Found
		S = *statement.Statement
		B = *[]byte
	)
	for name, c := range map[string]struct {
		change func(F, S, B)
		want   fault.Code
	}{
		"another realm":         {func(f F, s S, b B) { s.Realm = party.Real }, rule.ActElsewhere},
		"another writer":        {func(f F, s S, b B) { s.Writer[5] = 9 }, rule.ActElsewhere},
		"another reader":        {func(f F, s S, b B) { s.Reader[5] = 9 }, rule.ActElsewhere},
		"another channel":       {func(f F, s S, b B) { s.Channel = statement.Hotline }, rule.ActElsewhere},
		"another generation":    {func(f F, s S, b B) { s.Generation = 1 }, rule.ActElsewhere},
		"an unknown kind":       {func(f F, s S, b B) { s.Kind = "request.bless" }, rule.ActKind},
		"unknown rules":         {func(f F, s S, b B) { c := *f.Context; c.Rules = 999; f.Context = &c }, rule.ActKind},
		"a control kind":        {func(f F, s S, b B) { s.Kind = act.QuotaNotice; s.Thread = nil }, rule.ActChannel},
		"a used identifier":     {func(f F, s S, b B) { f.Repeated = true }, rule.ActRepeated},
		"at its not-after":      {func(f F, s S, b B) { s.NotAfter = readAt }, rule.ActLate},
		"an older arrangement":  {func(f F, s S, b B) { s.Arrangement[0]++ }, rule.ActArrangement},
		"when all has ended":    {func(f F, s S, b B) { f.Context = ended(f.Context); s.Kind = act.RequestAsk }, rule.ActTerminated},
		"what remains":          {func(f F, s S, b B) { f.Context = ended(f.Context) }, ""},
		"ended, and no thread":  {func(f F, s S, b B) { f.Context = ended(f.Context); s.Kind, s.Thread = act.RequestAsk, nil }, rule.ActTerminated},
		"just before the end":   {func(f F, s S, b B) { f.Context = ended(f.Context); f.Leaf.Time--; s.Kind = act.RequestAsk }, rule.ActPerson},
		"no thread":             {func(f F, s S, b B) { s.Thread = nil }, rule.ActThread},
		"an opening in one":     {func(f F, s S, b B) { s.Kind = act.RequestOpen }, rule.ActThread},
		"more seen than stored": {func(f F, s S, b B) { s.Seen[0].Size++ }, rule.ActSeen},
		"a later generation":    {func(f F, s S, b B) { s.Seen[2].Generation++ }, rule.ActSeen},
		"less seen":             {func(f F, s S, b B) { s.Seen[1].Size-- }, ""},
		"nobody signed":         {func(f F, s S, b B) { s.Kind = act.RequestAccept }, rule.ActPerson},
		"a body with a space":   {func(f F, s S, b B) { *b = append([]byte(" "), *b...) }, rule.ActBody},
		"a body of another":     {func(f F, s S, b B) { *b = []byte(`{"score":1}`) }, rule.JSONUnknown},
		"a plan by a drawn identifier": {func(f F, s S, b B) {
			f.Origin.Channel, s.Channel, s.Kind, s.Thread = statement.Hotline, statement.Hotline, act.TestPlan, nil
			*b = []byte(`{"test":"t","period":1,"opens":"2016-03-01T00:00:00Z","closes":"2016-03-02T00:00:00Z"}`)
		}, rule.ActAutomatic},
	} {
		e := procedure.Read(deaf{}, found(c.change))
		if fault.CodeOf(e.Fault) != c.want {
			t.Errorf("%s: %v, want %q", name, e.Fault, c.want)
		}
	}
}

// Spec: PRC-11, ACT-4. A signature counts only if the writer's card there has its key.
func TestReadSignature(t *testing.T) {
	f := found(nil)
	f.Parts.List[statement.PartSignatures] = statement.EncodeSignatures([]statement.PersonSignature{
		{KeyID: "0123456789abcdef", Algorithm: party.PersonEd25519, Signature: make([]byte, 64)}})
	if e := procedure.Read(deaf{}, f); !fault.Is(e.Fault, fault.StatementPerson) || e.Officers() != nil {
		t.Errorf("without a card: %v", e.Fault)
	}
	c := *f.Context
	c.Cards[0] = &party.Card{}
	f.Context = &c
	if e := procedure.Read(deaf{}, f); !fault.Is(e.Fault, fault.StatementPerson) || e.Officers() != nil {
		t.Errorf("a stranger's key: %v", e.Fault)
	}
}

// Spec: PRC-2. What the receipt calls unreadable is so, even for who can open
// it, and what does not read as parts is too.
func TestReadUnreadable(t *testing.T) {
	f := found(nil)
	f.Unreadable = 3
	if e := procedure.Read(deaf{}, f); !fault.Is(e.Fault, rule.ActUnreadable) || e.Act != nil {
		t.Errorf("%v", e.Fault)
	}
	f = found(nil)
	f.Parts = nil
	if e := procedure.Read(deaf{}, f); !fault.Is(e.Fault, rule.ActUnreadable) {
		t.Errorf("%v", e.Fault)
	}
	f = found(nil)
	f.Parts.List[statement.PartBody] = []byte("{}")
	if e := procedure.Read(deaf{}, f); !fault.Is(e.Fault, fault.PartsCommitment) || e.Act != nil || e.Unreadable == 0 {
		t.Errorf("%v", e.Fault)
	}
}

// Spec: PRC-13. Numbers rise, gaps are no fault, and predecessors never point
// before the writer's last act.
func TestSlip(t *testing.T) {
	at := func(higher bool, position uint64, number uint32, predecessor uint64) *procedure.Entry {
		return &procedure.Entry{Place: record.Place{Higher: higher, Position: position},
			Act: &act.Act{Slip: statement.Slip{Number: number, Predecessor: predecessor}}}
	}
	mute := &procedure.Entry{Place: record.Place{Position: 3}}
	before := []*procedure.Entry{at(false, 2, 1, 2), at(true, 9, 7, 9), mute, at(false, 4, 3, 3)}
	for name, c := range map[string]struct {
		e      *procedure.Entry
		before []*procedure.Entry
		ok     bool
	}{
		"the first":                     {at(false, 2, 1, 2), nil, true},
		"the first, of another's":       {at(false, 9, 1, 9), []*procedure.Entry{at(true, 1, 1, 1)}, true},
		"number 0":                      {at(false, 2, 0, 2), nil, false},
		"first with a predecessor":      {at(false, 2, 1, 1), nil, false},
		"first that is readable":        {at(false, 5, 2, 3), nil, true},
		"the next":                      {at(false, 6, 4, 4), before, true},
		"after a gap":                   {at(false, 8, 6, 5), before, true},
		"the same number":               {at(false, 6, 3, 4), before, false},
		"a predecessor too early":       {at(false, 6, 4, 2), before, false},
		"a predecessor that is to come": {at(false, 6, 4, 7), before, false},
	} {
		if err := c.e.CheckSlip(c.before); (err == nil) != c.ok || err != nil && !fault.Is(err, rule.ActSlip) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
