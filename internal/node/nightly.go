package node

import (
	"context"

	"parley.example/internal/duty"
)

// ToAdministrator is the path of a telling to the address that the machine's
// configuration has for its administrator. It is of no person.
const ToAdministrator = "administrator"

// Administrator is where the administrator is told of what the self-check finds.
type Administrator struct {
	Kind    string // empty: nowhere
	Address string
	Reveals duty.Reveals
}

// Night is what the nightly self-check remembers.
func (n *Node) Night(ctx context.Context) (night duty.Night, err error) {
	err = n.ReadKept(ctx, func(k *Kept) error {
		night, err = k.night()
		return err
	})
	return night, err
}

// TellFindings keeps what a nightly self-check told of, and tells these people
// and the administrator. As with a ring, what is to be sent is kept first, in
// one change with what was told: a stop in between tells nobody twice and loses
// nothing. It gives how many messages are on their way.
func (n *Node) TellFindings(ctx context.Context, night duty.Night, people []string, found []duty.Finding) (int, error) {
	r := &n.reach
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx, n); err != nil {
		return 0, err
	}
	var tell []duty.Telling
	state := r.state
	err := n.ChangeKept(ctx, func(k *Kept) error {
		paths, err := k.AllPaths()
		if err != nil {
			return err
		}
		tell, state = nil, r.state
		if len(found) > 0 {
			tell = duty.Notices(people, paths, found, n.Now())
			if n.Administrator.Kind != "" {
				one := duty.NoticeOf(found, n.Now())
				one.Path, one.Kind = ToAdministrator, n.Administrator.Kind
				tell = append(tell, one)
			}
		}
		state = r.state.Numbered(tell)
		raw, err := night.Encode()
		if err == nil {
			err = k.Put(keptNight, onlyOne, raw)
		}
		if err == nil && len(tell) > 0 {
			err = k.putAlarms(&state)
		}
		if err == nil {
			err = k.putOutbox(tell)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	r.state = state
	for _, t := range tell {
		r.enqueue(t)
	}
	n.sendQueued(ctx)
	return len(tell), nil
}
