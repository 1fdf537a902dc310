package procedure

import (
	"fmt"
	"strconv"
	"strings"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Past is what every fold keeps of the entries that it was given: whose is
// the opening, by which slips the next are checked, and what was not in order.
type Past struct {
	Opening *Entry    // the first entry that opens, in order or not
	Wrong   []Refused // what was not in order, as it was added

	newest   [2]*Entry // of each side
	top      [2]*Entry // of each side, the one with the highest slip number
	wrong    map[cause]Refused
	answered map[cause]bool // what a refusal has named
}

// Refused is an entry that is not in order.
type Refused struct {
	Entry *Entry
	Code  fault.Code
}

// cause names an entry that an automatic act answers.
type cause struct {
	higher   bool
	position uint64
}

// Stand is a fold as it is filled: it judges an entry by what it holds, which
// must be that entry's causal past and nothing else, and takes it in. It
// embeds a Past.
type Stand interface {
	Judge(e *Entry) error
	Add(e *Entry, verdict error)
	past() *Past
}

func (p *Past) past() *Past { return p }

// Verdicts judges the entries of a thread, in merged order, each by its causal
// past alone, and gives the fold of them all. Pasts only grow along a log, so
// one witness a side is carried along and every entry is added to it once: a
// long thread, or one whose writer never looks at the other's entries, costs
// no more than its length.
func Verdicts[S Stand](lists [2][]*Entry, empty func() S) (all S, merged []*Entry, faults []error) {
	all, merged = empty(), record.Merge(lists[0], lists[1])
	known := [2]witness[S]{{stand: empty()}, {stand: empty()}}
	var judged [2][]error
	for _, e := range merged {
		side := Side(e.Higher)
		w := &known[side]
		w.learn(lists, judged, side, len(judged[side]), nil)
		w.learn(lists, judged, 1-side, len(judged[1-side]), e)
		verdict := w.stand.Judge(e)
		all.Add(e, verdict)
		judged[side] = append(judged[side], verdict)
		faults = append(faults, verdict)
	}
	return all, merged, faults
}

// witness is what one side knew when it wrote its newest entry: the fold of
// that entry's causal past, and how far into each side's list it reaches.
type witness[S Stand] struct {
	stand S
	reach [2]int
}

// learn adds entries of one side's list, up to a number of them, and if reader
// is not nil only those that it had seen. First the writer's own and then the
// other's: what it had stored since its last entry cannot be in the past of
// that.
func (w *witness[S]) learn(lists [2][]*Entry, judged [2][]error, side, upto int, reader *Entry) {
	for i := w.reach[side]; i < upto; i++ {
		e := lists[side][i]
		if reader != nil && !e.Place.Before(reader.Place) {
			return
		}
		w.stand.Add(e, judged[side][i])
		w.reach[side] = i + 1
	}
}

// Check tells why an entry is not in order by the rules that all procedures
// share: it must read, belong to the thread, and be numbered in it.
func (p *Past) Check(e *Entry) error {
	switch {
	case e.Fault != nil:
		return e.Fault
	case e.Act == nil || e.Act.Statement == nil || e.Unreadable != 0:
		return fault.New(rule.ActUnreadable, "reason", fault.Int(e.Unreadable))
	case e.Context == nil:
		return fault.New(rule.ActArrangement, "kind", e.Kind.Name)
	}
	ref := e.Act.Statement.Thread
	if ref != nil && p.Opening != nil && *ref != p.Opening.Ref() || ref == nil && !e.Kind.Opens {
		return fault.New(rule.ActThread, "kind", e.Kind.Name)
	}
	return e.CheckSlip(p.before(e.Higher))
}

// before gives the entries of one side against which a slip is checked: the
// newest and the one with the highest number say all that the others could.
func (p *Past) before(higher bool) (list []*Entry) {
	side := Side(higher)
	for _, e := range []*Entry{p.newest[side], p.top[side]} {
		if e != nil {
			list = append(list, e)
		}
	}
	return list
}

// Take takes an entry into account with the verdict on it, and tells whether
// it is in order.
func (p *Past) Take(e *Entry, verdict error) bool {
	if e.Act != nil {
		side := Side(e.Higher)
		p.newest[side] = e
		if p.top[side] == nil || p.top[side].Act.Slip.Number < e.Act.Slip.Number {
			p.top[side] = e
		}
		if p.Opening == nil && e.Act.Statement != nil && e.Act.Statement.Thread == nil {
			p.Opening = e
		}
	}
	if verdict == nil {
		return true
	}
	if p.wrong == nil {
		p.wrong = map[cause]Refused{}
	}
	g := Refused{e, fault.CodeOf(verdict)}
	p.Wrong, p.wrong[cause{e.Higher, e.Position}] = append(p.Wrong, g), g
	return false
}

// Refuse takes into account that an act of one side's named an entry of the
// other's as not in order.
func (p *Past) Refuse(e *Entry, body *act.DisorderBody) {
	if p.answered == nil {
		p.answered = map[cause]bool{}
	}
	p.answered[cause{!e.Higher, body.Position}] = true
}

// JudgeRefusal holds an automatic refusal to its cause: an entry of the
// other's in this thread that was not in order, by this rule, that was not
// automatic itself, and that has not been refused before.
func (p *Past) JudgeRefusal(kind string, higher bool, body *act.DisorderBody) error {
	of := cause{!higher, body.Position}
	g, found := p.wrong[of]
	switch {
	case !found:
		return fault.New(rule.ActThread, "kind", kind, "position", fault.Int(body.Position))
	case g.automatic(), p.answered[of]:
		return fault.New(rule.ActAutomatic, "kind", kind, "position", fault.Int(body.Position))
	case body.Rule != string(g.Code):
		return fault.New(rule.ActReason, "kind", kind, "code", body.Rule)
	}
	return nil
}

// JudgeDisorder is JudgeRefusal of an act as it is judged.
func (p *Past) JudgeDisorder(a Saying, body *act.DisorderBody) error {
	return p.JudgeRefusal(a.Kind.Name, a.Higher, body)
}

// automatic tells of an entry that is not in order whether answering it would
// be a node answering a node. One that was not even looked up is known by its
// name; one that cannot be read has its answer in the receipt.
func (g Refused) automatic() bool {
	e := g.Entry
	if e.Act == nil || e.Act.Statement == nil || e.Unreadable != 0 {
		return true
	}
	kind, known := act.Lookup(act.Newest, e.Act.Statement.Kind)
	return e.Kind.Automatic || known && kind.Automatic
}

// Reply is an automatic act that a side's node owes. Key is the same for the
// same cause for ever: a node that keeps the keys it has answered never
// answers twice, even when the other side cannot read what it said.
type Reply struct {
	Kind  string
	Body  any
	Cause record.Place
	Key   string
}

// Owed is an automatic act in answer to an entry.
func Owed(kind string, body any, channel uint8, cause *Entry) Reply {
	key := fmt.Sprintf("%s %d %s %d %d", kind, channel, SideName(cause.Higher), cause.Generation, cause.Position)
	return Reply{Kind: kind, Body: body, Cause: cause.Place, Key: key}
}

// OwedRefusals lists the refusals that a side's node owes: one of each act of
// the other's that was not in order and is not automatic itself. What was said
// once is not owed again, even if it was not in order.
func (p *Past) OwedRefusals(kind string, channel uint8, higher bool, merged []*Entry) (list []Reply) {
	if len(p.Wrong) == 0 {
		return nil
	}
	refused := map[uint64]bool{}
	for _, e := range merged {
		// The body is read here, since one that is not in order may have been
		// refused before anybody read it.
		var body act.DisorderBody
		if e.Higher == higher && e.Act != nil && e.Act.Statement != nil && e.Act.Statement.Kind == kind && act.ReadBody(e.Act.Body, &body) == nil {
			refused[body.Position] = true
		}
	}
	for _, g := range p.Wrong {
		body := &act.DisorderBody{Position: g.Entry.Position, Rule: string(g.Code)}
		if g.Entry.Higher != higher && !refused[g.Entry.Position] && p.JudgeRefusal(kind, higher, body) == nil {
			list = append(list, Owed(kind, body, channel, g.Entry))
		}
	}
	return list
}

// Ref is how acts name an entry.
func (e *Entry) Ref() statement.Ref {
	return statement.Ref{Higher: e.Higher, Generation: e.Generation, Position: e.Position}
}

// BodyAs gives a body as its kind's type; false for one of another type, and
// for none.
func BodyAs[T any](body any) (*T, bool) {
	b, ok := body.(*T)
	return b, ok && b != nil
}

// HasDatum tells whether a JSON Pointer (RFC 6901) leads to a value in a body.
func HasDatum(v any, pointer string) bool {
	_, ok := Datum(v, pointer)
	return ok
}

// Datum is the value in a body that a JSON Pointer (RFC 6901) leads to.
func Datum(v any, pointer string) (any, bool) {
	if v == nil || len(pointer) > 400 || pointer == "" || pointer[0] != '/' {
		return nil, false
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[token]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) || strconv.Itoa(i) != token {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}
