package main

import (
	"crypto/sha256"
	"strings"

	"parley.example/internal/hostile"
	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// said gives a clone that has said one more request, and the delivery of it.
func (l *lying) said() (*hostile.Partner, *contact.Push) {
	c := l.p.Clone()
	c.Say(act.RequestOpen, routine, nil, l.request())
	return c, c.Rest(routine)
}

// liesInHeads are about what signs a log.
func liesInHeads() []lie {
	return []lie{
		{"a head by another's keys", func(l *lying) {
			c, push := l.said()
			c.Office = suite.NewOffice(nil)
			push.Head = c.Head(routine, c.Size(true, routine))
			l.refused(c, push, fault.HeadUnsigned)
		}},
		{"a head without its Ed25519 line", func(l *lying) {
			c, push := l.said()
			push.Head = without(push.Head, 1)
			l.refused(c, push, fault.HeadUnsigned)
		}},
		{"a head without its ML-DSA line", func(l *lying) {
			c, push := l.said()
			push.Head = without(push.Head, 2)
			l.refused(c, push, fault.HeadUnsigned)
		}},
		{"a head of other entries", func(l *lying) {
			c, push := l.said()
			d := l.p.Clone()
			d.Say(act.RequestOpen, routine, nil, l.request())
			push.Head = d.Head(routine, d.Size(true, routine))
			l.refused(c, push, rule.HeadRoot)
		}},
		{"two heads of one size", func(l *lying) {
			l.p.Say(act.RequestOpen, routine, nil, l.request())
			from, c := l.p.Size(true, routine)-1, l.p.Clone()
			if code := l.send(l.p, l.p.Rest(routine)); code != "" {
				l.t.Fatal(code)
			}
			d := c.Clone()
			leaf := d.Leaf(routine, ledger.TypeEpoch)
			d.Put(routine, leaf, nil)
			l.forked(d, &contact.Push{Origin: d.Origin(true, routine, 0).String(), Channel: routine, From: from,
				Head: rootless(d, from+1)})
		}},
		{"a log written anew", func(l *lying) {
			before := l.p.Clone()
			l.p.Say(act.RequestOpen, routine, nil, l.request())
			if code := l.send(l.p, l.p.Rest(routine)); code != "" {
				l.t.Fatal(code)
			}
			from := before.Size(true, routine)
			before.Say(act.RequestOpen, routine, nil, l.request())
			before.Say(act.RequestOpen, routine, nil, l.request())
			before.Say(act.RequestOpen, routine, nil, l.request())
			l.forked(before, before.Push(routine, from, before.Size(true, routine)))
		}},
	}
}

// rootless signs a root that is not the log's at a size.
func rootless(p *hostile.Partner, size uint64) string {
	return suite.SignHead(ledger.Head{Origin: p.Origin(true, routine, 0).String(), Size: size, Root: sha256.Sum256([]byte("another history"))}, p.Office.Sign)
}

// without drops one signature line of a head.
func without(head string, line int) string {
	lines := strings.SplitAfter(head, "\n")
	at := len(lines) - 4 + line // text, empty line, two signatures, nothing
	return strings.Join(append(append([]string(nil), lines[:at]...), lines[at+1:]...), "")
}

// forked: the proof freezes one log, and that log only; it is kept, and people
// are told.
func (l *lying) forked(p *hostile.Partner, push *contact.Push) {
	l.t.Helper()
	if have := l.send(p, push); have != rule.ForkProved {
		l.t.Fatalf("outcome %q", have)
	}
	l.told(rule.ForkProved)
	for i, mode := range l.victim().Modes {
		if (mode == link.Frozen) != (i == 3+int(routine)-1) {
			l.t.Errorf("modes %v: it is the liar's routine log that is frozen, and no other", l.victim().Modes)
		}
	}
	if have := l.send(l.p, l.p.Rest(routine)); have != rule.ContactFrozen {
		l.t.Errorf("a frozen log is taken: %q", have)
	}
	l.exports(node.EvidenceFork, judged{"fork", []string{"cn signed two histories of one log", "head 2"}, []string{"cn 对同一日志签署了两份历史", "日志头 2"}})
}

// liesInLogs are about entries as such: their places, times and what they name.
func liesInLogs() []lie {
	return []lie{
		{"an old delivery again", func(l *lying) {
			l.p.Say(act.RequestOpen, routine, nil, l.request())
			push := l.p.Rest(routine)
			for range 3 {
				if code := l.send(l.p, push); code != "" {
					l.t.Fatal(code)
				}
			}
			before := l.victim()
			if code := l.send(l.p, push); code != "" || l.victim().Own[routine-1] != before.Own[routine-1] || l.victim().Theirs != before.Theirs {
				l.t.Errorf("a repeat has an effect: %q", code)
			}
		}},
		{"entries in another order", func(l *lying) {
			c := l.p.Clone()
			c.Say(act.RequestOpen, routine, nil, l.request())
			c.Say(act.RequestOpen, routine, nil, l.request())
			push := c.Rest(routine)
			n := len(push.Entries)
			push.Entries[n-1], push.Entries[n-2] = push.Entries[n-2], push.Entries[n-1]
			l.refused(c, push, fault.LeafPosition)
		}},
		{"an entry left out", func(l *lying) {
			c, _ := l.said()
			c.Say(act.RequestOpen, routine, nil, l.request())
			size := c.Size(true, routine)
			l.refused(c, c.Push(routine, size-1, size), rule.ContactGap)
		}},
		{"sealed bytes withheld", func(l *lying) {
			c, push := l.said()
			push.Entries[len(push.Entries)-1].Blob = nil
			l.refused(c, push, rule.LeafBytes)
		}},
		{"sealed bytes exchanged", func(l *lying) {
			c, push := l.said()
			push.Entries[len(push.Entries)-1].Blob = []byte("other bytes")
			l.refused(c, push, rule.LeafBytes)
		}},
		{"an epoch never opened", func(l *lying) {
			c, _ := l.said()
			d := c.Clone()
			lone := d.Leaf(routine, ledger.TypeAct)
			lone.Epoch = lone.Position
			d.Put(routine, lone, []byte("sealed"))
			l.refused(d, d.Rest(routine), fault.LeafEpoch)
		}},
		{"the exercise's log for the real one", func(l *lying) {
			c, push := l.said()
			push.Origin = ledger.Origin{Realm: party.Exercise, Channel: routine, Writer: c.Us, Reader: c.Them}.String()
			l.refused(c, push, rule.HeadRealm)
		}},
		{"another link's log", func(l *lying) {
			c, push := l.said()
			push.Origin = ledger.Origin{Realm: party.Real, Channel: routine, Writer: c.Us, Reader: c.Us}.String()
			l.refused(c, push, fault.HeadOrigin)
		}},
		{"a generation nobody opened", func(l *lying) {
			c, push := l.said()
			push.Origin = c.Origin(true, routine, 1).String()
			l.refused(c, push, fault.HeadOrigin)
		}},
	}
}

// liesInReceipts are about what was seen, and when.
func liesInReceipts() []lie {
	leaf := func(name string, want fault.Code, spoil func(leaf *ledger.Leaf)) lie {
		return lie{name, func(l *lying) {
			l.victimAsks()
			l.p.Dull = true
			l.victimAsks()
			c := l.p.Clone()
			spoiled := c.Leaf(routine, ledger.TypeReceipt)
			honest := c.Clone().Receipt(routine)
			spoiled.Size, spoiled.Hash = honest.Size, honest.Hash
			spoil(spoiled)
			c.Put(routine, spoiled, nil)
			l.refused(c, c.Rest(routine), want)
		}}
	}
	return []lie{
		leaf("a receipt dated back", fault.LeafTime, func(leaf *ledger.Leaf) { leaf.Time = 1_000_000_000_000 }),
		leaf("a receipt of what was never said", fault.LeafReceipt, func(leaf *ledger.Leaf) { leaf.Size.Size += 1000; leaf.Hash[0]++ }),
		leaf("a receipt with another root", fault.LeafReceipt, func(leaf *ledger.Leaf) { leaf.Hash[0]++ }),
		leaf("more seen than was signed", fault.LeafSeen, func(leaf *ledger.Leaf) { leaf.Seen[0].Size += 1000 }),
		{"less seen than before", func(l *lying) {
			l.victimAsks()
			l.check(l.p.Settle(l.t.Context()))
			c := l.p.Clone()
			leaf := c.Leaf(routine, ledger.TypeEpoch)
			leaf.Seen = statement.Seen{}
			c.Put(routine, leaf, []byte("wraps"))
			l.refused(c, c.Rest(routine), fault.LeafSeen)
		}},
		{"a receipt dated ahead", func(l *lying) {
			l.p.Dull = true
			at := l.victimAsks()
			day := int64(24 * 3600_000)
			now := l.p.Now()
			l.p.Now = func() int64 { return now + 10*day }
			l.p.Receipt(routine)
			if code := l.send(l.p, l.p.Rest(routine)); code != "" {
				l.t.Fatal(code)
			}
			// It is kept, and hides nothing: until its time has come there is no receipt,
			// and what is due by the asking side's time is shown.
			l.run([]string{"parley --dir us --json request show us-" + fault.Int(at), "json view.thread.unreceipted 1",
				"json view.thread.obligations.0.state not-started"})
			if l.field("view.thread.obligations.0.due_claimed") == "" {
				l.t.Error("nothing is due")
			}
		}},
	}
}
