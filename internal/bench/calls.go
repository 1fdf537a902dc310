package bench

import (
	"time"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/statement"
)

// callsEach is how many calls, and how many messages, a turn has.
const callsEach = 10

// Reach is how long it takes from a commit here until it is noticed there: of
// a call until its alarm is raised, of a message until a page can show it. The
// floor's is from its own sync until the other end has checked, synced and
// opened what came.
type Reach struct {
	What  string  `json:"what"` // call, message, failover
	Acts  int     `json:"acts"`
	Node  Latency `json:"node"`
	Floor Latency `json:"floor"`
}

// calls measures both in turns with the floor.
func (r *runner) calls() error {
	r.Step("hotline")
	p := r.short
	if _, err := p.parts[cn].Ask(Ask{Do: "hear"}); err != nil {
		return err
	}
	var reached, floor [2][]int64
	for range r.Turns {
		for i, what := range []string{"call", "message"} {
			took, err := r.floorReach()
			if err != nil {
				return err
			}
			floor[i] = append(floor[i], took...)
			if took, err = p.reach(what); err != nil {
				return err
			}
			reached[i] = append(reached[i], took...)
		}
	}
	for i, what := range []string{"call", "message"} {
		r.report.Hotline = append(r.report.Hotline, Reach{What: what, Acts: len(reached[i]), Node: latency(reached[i]), Floor: latency(floor[i])})
	}
	return nil
}

// floorReach has the floor say so much, one after the other.
func (r *runner) floorReach() ([]int64, error) {
	if _, err := r.floor[1].Ask(Ask{Do: "arrived"}); err != nil { // what came before is forgotten
		return nil, err
	}
	wrote, err := r.floor[0].Ask(Ask{Do: "write", Address: r.listen, Keys: r.keys[1], At: 1, Acts: callsEach})
	if err != nil {
		return nil, err
	}
	came, err := r.floor[1].Ask(Ask{Do: "arrived"})
	return between(wrote.Stamps, came.Stamps), err
}

// reach has one side call, or talk in a call that the other has accepted.
func (p *pair) reach(what string) ([]int64, error) {
	if what == "message" {
		if _, err := p.parts[us].Ask(Ask{Do: "call", Acts: 1}); err != nil {
			return nil, err
		}
		if _, err := p.parts[cn].Ask(Ask{Do: "accept"}); err != nil {
			return nil, err
		}
	}
	said, err := p.parts[us].Ask(Ask{Do: what, Acts: callsEach})
	if err != nil {
		return nil, err
	}
	heard, err := p.parts[cn].Ask(Ask{Do: "heard", Kind: what, Acts: callsEach})
	if err != nil {
		return nil, err
	}
	// Both sides end a conversation: what stays open is looked at with each act.
	for _, side := range map[string][]int{"call": {us}, "message": {us, cn}}[what] {
		if _, err := p.parts[side].Ask(Ask{Do: "hang-up"}); err != nil {
			return nil, err
		}
	}
	return between(said.Stamps, heard.Stamps), nil
}

// between gives the differences of two lists of instants, as far as both go.
func between(from, to []int64) (list []int64) {
	for i := range min(len(from), len(to)) {
		list = append(list, to[i]-from[i])
	}
	return list
}

// heard is what a driver notes of calls, in the order in which it came.
type heard struct {
	rang     map[string]bool
	shown    map[uint64]bool
	calls    []int64
	messages []int64
}

// hear notes when a call of the other's rings for our people, and when a
// message can be shown: what a page is told of.
func (d *Driver) hear() {
	h := &d.heard
	h.rang, h.shown = map[string]bool{}, map[uint64]bool{}
	for d.ctx.Err() == nil {
		changed := d.node.Ringing.Changed()
		rings, err := d.node.Ringing.Rings(d.ctx, d.node.Now())
		now := time.Now().UnixMicro()
		if err != nil {
			return
		}
		d.mu.Lock()
		for _, ring := range rings {
			if !h.rang[ring.Call] {
				h.rang[ring.Call] = true
				h.calls = append(h.calls, now)
			}
		}
		d.mu.Unlock()
		d.hearMessages()
		select {
		case <-changed:
		case <-d.ctx.Done():
		}
	}
}

func (d *Driver) hearMessages() {
	_ = d.node.OpenCalls(d.ctx, d.link, func(c *node.Called) bool {
		now := time.Now().UnixMicro()
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, m := range c.Call.Talk.Messages {
			if !d.heard.shown[m.Position] {
				d.heard.shown[m.Position] = true
				d.heard.messages = append(d.heard.messages, now)
			}
		}
		return true
	})
}

// heardSo gives the newest instants once there are so many, and forgets them.
func (d *Driver) heardSo(a Ask) (Answer, error) {
	answer := Answer{}
	_, err := d.poll(func() (bool, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		list := &d.heard.calls
		if a.Kind == "message" {
			list = &d.heard.messages
		}
		if len(*list) < a.Acts {
			return false, nil
		}
		answer.Stamps = (*list)[len(*list)-a.Acts:]
		d.heard.calls, d.heard.messages = nil, nil
		return true, nil
	})
	return answer, err
}

// sayCalls opens calls one after the other, each once the one before is
// receipted and withdrawn; the last stays open.
func (d *Driver) sayCalls(a Ask) (answer Answer, err error) {
	words := act.Text{Lang: "en", Text: "A network is being encrypted."}
	for i := range a.Acts {
		if i > 0 {
			if err := d.hangUp(); err != nil {
				return answer, err
			}
		}
		ref, err := d.node.Speak(d.ctx, d.link, act.CallOpen, nil, nil, &act.CallBody{Purpose: act.PurposeReal, Severity: "grave", Criterion: "life",
			Rung: "duty", Subject: words, Reason: words}, nil, d.by)
		if err != nil {
			return answer, err
		}
		answer.Stamps = append(answer.Stamps, time.Now().UnixMicro())
		d.call = d.link.Place(true, 0, ref.Position)
		if a.NoWait {
			continue
		}
		if err := d.heardOf(ref); err != nil {
			return answer, err
		}
	}
	return answer, nil
}

// sayMessages says messages in the open call, each once the one before is
// receipted.
func (d *Driver) sayMessages(n int) (answer Answer, err error) {
	body, err := padded(func(text string) (any, error) { return act.SayBody{Said: act.Text{Lang: "en", Text: text}}, nil })
	if err != nil {
		return answer, err
	}
	for range n {
		ref, err := d.node.Speak(d.ctx, d.link, act.CallSay, &d.call, nil, body, nil, d.by)
		if err != nil {
			return answer, err
		}
		answer.Stamps = append(answer.Stamps, time.Now().UnixMicro())
		if err := d.heardOf(ref); err != nil {
			return answer, err
		}
	}
	return answer, nil
}

// heardOf waits until the other side has receipted an act of the hotline.
func (d *Driver) heardOf(ref node.Ref) error {
	_, err := d.poll(func() (bool, error) {
		size, err := d.node.Receipted(d.ctx, d.link, statement.Hotline)
		return size > ref.Position, err
	})
	return err
}

// accept takes the call of the other's that rings, as the open one.
func (d *Driver) accept() (Answer, error) {
	officer, _ := d.link.Officer(d.by.KeyID())
	return d.poll(func() (bool, error) {
		var thread *statement.Ref
		err := d.node.OpenCalls(d.ctx, d.link, func(c *node.Called) bool {
			if !c.ID.Own && c.Call.Waits() {
				ref := c.Ref(d.link)
				thread = &ref
			}
			return thread == nil
		})
		if err != nil || thread == nil {
			return false, err
		}
		d.call = *thread
		_, err = d.node.Speak(d.ctx, d.link, act.CallAccept, thread, nil, &act.TakeBody{Officer: officer.Name, Role: officer.Role, Rung: "duty"}, nil, d.by)
		return err == nil, err
	})
}

// hangUp ends the open call: it is withdrawn, or closed from this side.
func (d *Driver) hangUp() error {
	ref, err := d.node.Speak(d.ctx, d.link, act.CallWithdraw, &d.call, nil, &act.NoteBody{}, nil, d.by)
	if err != nil {
		ref, err = d.node.Speak(d.ctx, d.link, act.CallClose, &d.call, nil, &act.MinuteBody{Minute: act.Text{Lang: "en", Text: "Done."}}, nil, d.by)
	}
	if err != nil {
		return err
	}
	return d.heardOf(ref)
}
