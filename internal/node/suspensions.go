package node

import (
	"context"

	"parley.example/internal/procedure/control"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Suspension is one that was said: it works from its receipt, until it is
// lifted. A termination is told of alike.
type Suspension struct {
	Own       bool
	Position  uint64 // of the act that began it
	Scope     arrangement.Scope
	Reason    string
	Note      act.Text
	Officers  []string
	Said      int64            // the writer's time
	From      calendar.Instant // its receipt's time; 0: it is not receipted, and works not yet
	Until     calendar.Instant // when it was lifted or taken back; 0: it was not
	Lifted    *Lifted          // by what; nil while nothing did
	Terminate bool
	On        calendar.Instant // of a termination: the date that it names
	Effect    calendar.Instant // and from when it has effect; 0 without a receipt
	ref       statement.Ref
}

// Lifted is the act that lifted a suspension.
type Lifted struct {
	Position uint64
	Note     act.Text
	Officers []string
}

// Suspensions lists those of both parties that were not lifted, ours and theirs
// apart, each in the order of its log.
func (n *Node) Suspensions(ctx context.Context, l *Link) (list []Suspension, err error) {
	all, err := n.Stops(ctx, l)
	for _, s := range all {
		if !s.Terminate && s.Until == 0 {
			list = append(list, s)
		}
	}
	return list, err
}

// Stops lists every suspension and termination of both parties, also those that
// were lifted, each in the order of its log.
func (n *Node) Stops(ctx context.Context, l *Link) (list []Suspension, err error) {
	state, facts, err := n.Control(ctx, l)
	if err != nil {
		return nil, err
	}
	void := map[*control.Fact]bool{}
	for _, i := range state.Ignored() {
		void[i.Fact] = true
	}
	ends := map[string]arrangement.Terminate{}
	for _, e := range state.Status().Terminations() {
		ends[e.ID] = e
	}
	lifts := map[string]*control.Fact{}
	for _, f := range facts {
		if f.Fault == nil && !void[f] && f.Kind.Name == act.Resume && f.Effective != 0 {
			ref := f.Act.Statement.Thread
			lifts[control.SuspensionID(ref.Higher, ref.Position)] = f
		}
	}
	for _, f := range facts {
		if f.Fault != nil || void[f] || f.Kind.Name != act.Suspend && f.Kind.Name != act.Terminate {
			continue
		}
		id := control.SuspensionID(f.Higher, f.Position)
		one := Suspension{Own: f.Higher == l.Higher(), Position: f.Position, Said: f.Time, Officers: officersOf(f), ref: f.Ref()}
		switch body := f.Body.(type) {
		case *act.SuspendBody:
			one.Scope, one.Reason, one.Note = control.Scope(body), body.Reason, body.Note
			for _, p := range state.Status().Stretches("", "") {
				if p.ID == id {
					if one.From == 0 {
						one.From = p.At
					}
					one.Scope, one.Until = p.Scope, p.To // as it was narrowed
				}
			}
		case *act.TerminateBody:
			one.Terminate, one.On, one.Reason, one.Note = true, body.On, body.Reason, body.Note
			one.From, one.Effect = calendar.Instant(f.Effective), ends[id].Effect
		}
		if by := lifts[id]; by != nil {
			one.Lifted = &Lifted{by.Position, by.Body.(*act.ResumeBody).Note, officersOf(by)}
			one.Until = max(one.From, calendar.Instant(by.Effective))
		}
		list = append(list, one)
	}
	return list, nil
}

func officersOf(f *control.Fact) (names []string) {
	for _, o := range f.Officers() {
		names = append(names, o.Name)
	}
	return names
}

// checkSuspension refuses to say what the arrangement has no words for: another
// reason, a type or an area that there is not. The other side would keep it, and
// nobody could say what it covers.
func (n *Node) checkSuspension(ctx context.Context, l *Link, kind string, thread *statement.Ref, raw []byte) error {
	var body act.SuspendBody
	if kind == act.Terminate {
		ends := act.TerminateBody{}
		if err := act.ReadBody(raw, &ends); err != nil {
			return err
		}
		body.Reason, body.Note = ends.Reason, ends.Note
	} else if err := act.ReadBody(raw, &body); err != nil {
		return err
	}
	state, _, err := n.Control(ctx, l)
	if err != nil {
		return err
	}
	d := state.Context(n.Now()).Arrangement
	if d == nil {
		return fault.New(rule.ActUnstarted, "kind", kind)
	}
	for _, code := range body.Types {
		if _, known := d.Type(code); !known {
			return fault.New(rule.ActReason, "kind", kind, "field", "type", "code", code)
		}
	}
	for _, code := range body.Areas {
		if _, known := d.Area(code); !known {
			return fault.New(rule.ActReason, "kind", kind, "field", "area", "code", code)
		}
	}
	if kind == act.Narrow {
		return n.checkNarrower(ctx, l, thread, control.Scope(&body))
	}
	reason, err := d.ReasonFor(body.Reason, "suspend")
	if err != nil {
		return fault.Wrap(err, rule.ActReason, "kind", kind, "field", "reason", "code", body.Reason)
	}
	if reason.Words && body.Note.Text == "" {
		return fault.New(rule.ActIncomplete, "kind", kind, "field", "note")
	}
	return nil
}

// checkNarrower refuses what would cover more than the suspension does now.
func (n *Node) checkNarrower(ctx context.Context, l *Link, thread *statement.Ref, scope arrangement.Scope) error {
	list, err := n.Suspensions(ctx, l)
	if err != nil {
		return err
	}
	for _, s := range list {
		if thread != nil && s.ref == *thread && scope.Within(s.Scope) {
			return nil
		}
	}
	return fault.New(rule.StatusScope)
}

// SuspensionRef names a suspension, as the acts that narrow or lift it do.
func (n *Node) SuspensionRef(ctx context.Context, l *Link, own bool, position uint64) (*statement.Ref, error) {
	list, err := n.Stops(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.Own == own && s.Position == position && s.Until == 0 {
			return &s.ref, nil
		}
	}
	return nil, fault.New(rule.NodeNoSuspension, "position", fault.Int(position))
}
