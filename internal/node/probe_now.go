package node

import (
	"context"
	"slices"
	"time"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/probe"
	"parley.example/wire/rule"
)

// Carriers are those by which this node can reach the other side of a link.
func (n *Node) Carriers(l *Link) (list []string) {
	if n.Dial != nil && n.Dial(l) != nil {
		list = append(list, n.way())
	}
	if n.poster(l) != nil {
		list = append(list, carrierMail)
	}
	return list
}

// Probe tests a carrier now, and says what came of it. A test by mail is waited
// for as long as wait; open is one to which the answer may still come.
func (n *Node) Probe(ctx context.Context, l *Link, name string, wait time.Duration) (result probe.Result, open bool, err error) {
	if !slices.Contains(n.Carriers(l), name) {
		return result, false, fault.New(rule.ProbeCarrier, "carrier", name)
	}
	begun := n.Now()
	l.mu.Lock()
	delete(l.probes.last, name)
	l.probes.now = l.probes.now || name == carrierMail
	l.mu.Unlock()
	if name == carrierMail {
		_, err = n.PostDue(ctx, l)
	} else {
		err = n.contact(ctx, l, nil, false)
	}
	if p := l.probeUnderWay(name, begun); p != nil {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-p.done:
		case <-timer.C:
			return p.Result, true, nil
		case <-ctx.Done():
			return p.Result, true, fault.Wrap(ctx.Err(), rule.StoreUnrun)
		}
	}
	kept, found := n.newestProbe(ctx, l, name, begun)
	if !found {
		return result, false, err
	}
	return kept, false, nil
}

// probeUnderWay is a probe by a carrier that was sent since and waits; nil: none.
func (l *Link) probeUnderWay(name string, since int64) *probing {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range slices.Backward(l.probes.waiting) {
		if p.Carrier == name && p.Sent >= since {
			return p
		}
	}
	return nil
}

// newestProbe is the newest kept result of a carrier of those sent since.
func (n *Node) newestProbe(ctx context.Context, l *Link, name string, since int64) (result probe.Result, found bool) {
	err := n.Store.View(ctx, func(r store.Reader) error {
		list, err := l.probesOf(r, since-since%dayMillis)
		for _, one := range slices.Backward(list) {
			if !found && one.Carrier == name && one.Sent >= since {
				result, found = one, true
			}
		}
		return err
	})
	return result, found && err == nil
}
