package sim

import (
	"context"
	"fmt"
	"io"
	"strings"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// network lies between the sides. It loses, delays, repeats and reorders, and
// goes one way only, as it is told.
type network struct {
	w       *world
	dial    [2]bool // who may dial
	deaf    [2]bool // whose dialling gets no answers: a line that goes one way
	loss    int     // percent of turns that do not arrive
	mute    int     // percent of answers that do not
	repeat  int     // percent of turns that arrive twice
	stale   int     // percent of answers that are an older one
	nested  int     // percent of turns during which something else happens
	sent    [2][][]byte
	answers [2][][]byte // to that side
	trips   int
	tamper  func(from *side, turn *contact.Turn) // a hostile hand on what is sent
	believe [2][3]statement.Size                 // mutation: what a lost answer is taken to say
}

const remembered = 24

func newNetwork(w *world) *network { return &network{w: w, dial: [2]bool{true, true}} }

func (n *network) calm() {
	*n = network{w: n.w, dial: [2]bool{true, true}, sent: n.sent, answers: n.answers, trips: n.trips, believe: n.believe, tamper: n.tamper}
}

var errNoAnswer = fault.New(rule.ContactDown, "address", "the other side")

// dialler is one side's way to the other.
type dialler struct{ s *side }

func (d dialler) Exchange(_ context.Context, _ carrier.Peer, raw []byte) ([]byte, error) {
	s, n, w := d.s, d.s.w.net, d.s.w
	to := s.other()
	n.trips++
	raw = n.inspect(s, raw)
	n.remember(&n.sent[s.i], raw)
	w.pass(w.between(20, 900))
	switch {
	case !n.dial[s.i]:
		s.say("  no line")
		return nil, errNoAnswer
	case w.chance(n.loss):
		s.say("  the turn is lost")
		return nil, n.noAnswer(s)
	}
	if w.depth == 0 && w.chance(n.nested) {
		w.depth++
		w.meanwhile(to)
		w.depth--
	}
	if !to.up() {
		s.say("  nobody there")
		return nil, errNoAnswer
	}
	answer, err := n.deliver(to, raw)
	if err == nil && w.chance(n.repeat) {
		to.say("gets the turn again")
		answer, err = n.deliver(to, raw)
	}
	w.pass(w.between(20, 900))
	switch {
	case err != nil || !to.up():
		return nil, n.noAnswer(s)
	case n.deaf[s.i] || w.chance(n.mute):
		s.say("  the answer is lost")
		return nil, n.noAnswer(s)
	}
	n.remember(&n.answers[s.i], answer)
	if w.chance(n.stale) {
		s.say("  an older answer comes")
		answer = pick(w, n.answers[s.i])
	}
	return n.believed(s, answer), nil
}

// deliver brings a turn to a side's door.
func (n *network) deliver(to *side, raw []byte) ([]byte, error) {
	answer, err := to.node.Turn(n.w.ctx, to.other().pin, n.believed(to, raw))
	if err != nil {
		to.say("  refuses the turn: %s", brief(err))
		return nil, err
	}
	return n.inspect(to, answer), nil
}

// stray brings a side a turn of long ago.
func (n *network) stray(to *side) {
	list := n.sent[1-to.i]
	if len(list) == 0 || !to.up() {
		return
	}
	to.say("gets a turn of before")
	if raw := pick(n.w, list); raw != nil {
		_, _ = n.deliver(to, raw)
	}
}

func (d dialler) Fetch(ctx context.Context, _ carrier.Peer, sealed [32]byte, offset int64) (io.ReadCloser, error) {
	s, n := d.s, d.s.w.net
	to := s.other()
	n.w.pass(n.w.between(20, 900))
	if !n.dial[s.i] || n.deaf[s.i] || !to.up() || n.w.chance(n.loss) {
		return nil, errNoAnswer
	}
	content, err := to.node.Attachment(ctx, s.pin, sealed)
	if err != nil {
		return nil, err
	}
	_, err = content.Seek(offset, io.SeekStart)
	s.say("  fetches an attachment")
	return content, err
}

func (n *network) remember(list *[][]byte, raw []byte) {
	*list = append(*list, raw)
	if len(*list) > remembered {
		*list = (*list)[1:]
	}
}

// inspect reads what a side sends: for the transcript, and for the checker,
// which must agree with every head that ever leaves.
func (n *network) inspect(from *side, raw []byte) []byte {
	t, err := contact.DecodeTurn(raw)
	if err != nil {
		n.w.check.fail("turns-decode", "%v", err)
		return raw
	}
	from.say("  → %s", describe(t))
	if n.tamper != nil {
		n.tamper(from, t)
		return t.Encode()
	}
	n.w.check.sent(from, t)
	return raw
}

// channels are short names, for the transcript.
var channels = map[uint8]string{statement.Control: "control", statement.Hotline: "hotline", statement.Routine: "routine"}

func describe(t *contact.Turn) string {
	var list []string
	if len(t.Hello) > 0 {
		list = append(list, "hello")
	}
	if o := t.Outcome; o != nil {
		code := "took"
		if o.Code != "" {
			code = "refused, " + string(o.Code)
		}
		list = append(list, code+" "+channels[o.Channel])
	}
	if t.Want != [3]bool{} {
		list = append(list, fmt.Sprintf("wants its own log back from %v", t.Lost))
	}
	if p := t.Push; p != nil {
		whose := ""
		if p.Own {
			whose = "your own "
		}
		list = append(list, fmt.Sprintf("%s%s %d to %d", whose, channels[p.Channel], p.From, p.From+uint64(len(p.Entries))))
	}
	if len(list) == 0 {
		return "nothing more"
	}
	return strings.Join(list, ", ")
}

// noAnswer is an answer that did not come. The mutated outbox takes it for one
// that says that all has arrived, and goes on believing so.
func (n *network) noAnswer(s *side) error {
	if n.w.mutation == trustingOutbox && s.up() {
		for channel := statement.Control; channel <= statement.Routine; channel++ {
			log := n.w.check.state(s, true, channel)
			n.believe[s.i][channel-1] = log.Size()
		}
	}
	return errNoAnswer
}

// believed is what a side reads of a turn.
func (n *network) believed(s *side, raw []byte) []byte {
	t, err := contact.DecodeTurn(raw)
	if n.w.mutation != trustingOutbox || err != nil {
		return raw
	}
	for i, size := range n.believe[s.i] {
		t.Stored[i].Size = max(t.Stored[i].Size, size.Size)
	}
	return t.Encode()
}
