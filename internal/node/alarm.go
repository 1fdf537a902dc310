package node

import (
	"context"

	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/octet"
)

// AlarmEvent is the beginning or the end of an alarm. It has code words and
// instants, and nothing that anybody wrote.
type AlarmEvent struct {
	Link  *Link
	Kind  silence.Kind
	Begun bool // false: it is over
	Since int64
	Now   int64
}

// Alarmed is an alarm that was raised.
type Alarmed struct {
	Kind   string
	Since  int64 // from when it was silent
	Raised int64 // when that had lasted too long
	Ended  int64 // 0: not yet
}

func (a *Alarmed) layout(c *octet.Codec) {
	c.Text(&a.Kind, 64)
	octet.Int(c, &a.Since)
	octet.Int(c, &a.Raised)
	octet.Int(c, &a.Ended)
}

// watchEvery is how often the lines are looked at, in milliseconds.
const watchEvery = 60 * 1000

// Watch looks at every line. An alarm is kept and told of when it begins and
// when it ends, once each, also when the node was started anew in between: what
// is told stands in the store first.
func (n *Node) Watch(ctx context.Context) error {
	for _, l := range n.Links() {
		if err := n.watch(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) watch(ctx context.Context, l *Link) error {
	var event *AlarmEvent
	now := n.Now()
	look := func(r store.Reader) (lineRecord, silence.State, error) {
		x, err := l.line(r)
		if err != nil {
			return x, silence.State{}, err
		}
		line, err := n.lineAt(r, l, now)
		return x, line.State, err
	}
	changed := false
	err := n.Store.View(ctx, func(r store.Reader) error {
		if _, err := r.Record(bucketLine, l.key()); store.Absent(err) {
			changed = true // from now on the line could be heard
			return nil
		}
		x, state, err := look(r)
		changed = state.Alarm != (x.alarm != "")
		return err
	})
	if err != nil || !changed {
		return err
	}
	err = n.update(ctx, func(tx store.Tx) error {
		event = nil
		x, state, err := look(tx)
		if err != nil {
			return err
		}
		a := Alarmed{Kind: x.alarm, Since: x.since}
		switch {
		case state.Alarm && x.alarm == "":
			x.alarm, x.since, x.raised = string(state.Kind), state.Since, now
			a = Alarmed{x.alarm, x.since, now, 0}
		case !state.Alarm && x.alarm != "":
			a.Raised, a.Ended = x.raised, now
			x.alarm, x.since, x.raised = "", 0, 0
		default:
			return l.putLine(tx, &x)
		}
		event = &AlarmEvent{l, silence.Kind(a.Kind), a.Ended == 0, a.Since, now}
		if err := l.keepBounded(tx, bucketAlarms, l.key()+"/", l.key()+"/"+orderly(a.Raised), octet.Write(a.layout), &x.alarms, maxAlarms); err != nil {
			return err
		}
		return l.putLine(tx, &x)
	})
	if err != nil || event == nil {
		return err
	}
	if event.Begun {
		n.Log.Warn("silence alarm", "link", l.Code(), "silence", string(event.Kind), "since", event.Since)
	} else {
		n.Log.Warn("silence alarm is over", "link", l.Code(), "silence", string(event.Kind), "since", event.Since)
	}
	if n.Alarm != nil {
		n.Alarm(*event)
	}
	return nil
}
