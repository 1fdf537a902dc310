package main

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// stranger is a person who is nobody's officer.
func stranger(t *testing.T) node.FileSigning {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return node.FileSigning{Key: public, Message: func(m []byte) []byte { return ed25519.Sign(private, m) }}
}

// disorder: an act is stored and receipted, is not in order, and the victim
// says so, once, with the rule.
func (l *lying) disorder(d *act.Draft, slip statement.Slip, signatures []statement.PersonSignature, want fault.Code) {
	l.t.Helper()
	leaf, sealed := l.p.Seal(d, slip, signatures)
	at := l.p.Put(routine, leaf, sealed)
	if v := l.deliver(at); v != 0 {
		l.t.Errorf("verdict %d", v)
	}
	l.poll("the victim says why", func() bool {
		l.check(l.p.Settle(l.t.Context()))
		for _, a := range l.p.Heard(routine, act.Disorder) {
			if a.Statement.Replies[0].Position != at {
				continue
			}
			var body act.DisorderBody
			l.check(act.ReadBody(a.Body, &body))
			if body.Rule != string(want) {
				l.t.Fatalf("not in order by %s, want %s", body.Rule, want)
			}
			return true
		}
		return false
	})
}

// liesInStatements are acts that read well and are not in order.
func liesInStatements() []lie {
	inThread := func(name string, want fault.Code, spoil func(l *lying, d *act.Draft) []statement.PersonSignature) lie {
		return lie{name, func(l *lying) {
			thread := l.p.Ref(true, l.p.Say(act.RequestOpen, routine, nil, l.request()))
			body, err := act.WriteBody(&act.SayBody{Marked: act.Marked{Handling: "H1"}, Said: act.Text{Lang: "en", Text: "Solved."}})
			l.check(err)
			d := l.p.Draft(act.RequestWithdraw, routine, thread, body)
			signatures := spoil(l, d)
			if signatures == nil {
				signatures = l.p.Sign(d)
			}
			l.disorder(d, statement.Slip{Number: 2, Predecessor: thread.Position}, signatures, want)
		}}
	}
	change := func(change func(s *statement.Statement)) func(*lying, *act.Draft) []statement.PersonSignature {
		return func(_ *lying, d *act.Draft) []statement.PersonSignature {
			change(&d.Statement)
			return nil
		}
	}
	return []lie{
		inThread("nobody signed", rule.ActPerson, func(*lying, *act.Draft) []statement.PersonSignature {
			return []statement.PersonSignature{}
		}),
		inThread("somebody signed", fault.StatementPerson, func(l *lying, d *act.Draft) []statement.PersonSignature {
			by := stranger(l.t)
			signature, err := by.SignPerson(d.ToSign())
			l.check(err)
			return []statement.PersonSignature{{KeyID: by.KeyID(), Algorithm: by.Algorithm(), Signature: signature}}
		}),
		inThread("an officer's signature forged", fault.StatementSignature, func(l *lying, d *act.Draft) []statement.PersonSignature {
			signatures := l.p.Sign(d)
			signatures[0].Signature[7]++
			return signatures
		}),
		inThread("a hoarded signature", rule.ActLate, change(func(s *statement.Statement) { s.NotAfter -= 2 * 3600_000 })),
		inThread("a statement of the exercise", rule.ActElsewhere, change(func(s *statement.Statement) { s.Realm = party.Exercise })),
		inThread("a statement to somebody else", rule.ActElsewhere, change(func(s *statement.Statement) { s.Reader[0]++ })),
		inThread("a statement of another generation", rule.ActElsewhere, change(func(s *statement.Statement) { s.Generation = 1 })),
		inThread("a kind nobody knows", rule.ActKind, change(func(s *statement.Statement) { s.Kind = "request.shout" })),
		inThread("a kind of another channel", rule.ActChannel, change(func(s *statement.Statement) { s.Kind = act.Suspend })),
		inThread("under rules nobody agreed", rule.ActArrangement, change(func(s *statement.Statement) { s.Arrangement[0]++ })),
		inThread("approved with more seen than stored", rule.ActSeen, change(func(s *statement.Statement) { s.Seen[0].Size += 9 })),
	}
}

// liesAboutActs are acts that are good by themselves, and what is made of them.
func liesAboutActs() []lie {
	return []lie{
		{"a bomb for a body", func(l *lying) {
			thread := l.p.Ref(true, l.p.Say(act.RequestOpen, routine, nil, l.request()))
			d := l.p.Draft(act.RequestWithdraw, routine, thread, append(bytes.Repeat([]byte("["), 200_000), bytes.Repeat([]byte("]"), 200_000)...))
			leaf, sealed := l.p.Seal(d, statement.Slip{Number: 2, Predecessor: thread.Position}, l.p.Sign(d))
			l.refused(l.p.Clone(), l.pushOf(leaf, sealed), fault.ContactTooLarge)
			d = l.p.Draft(act.RequestWithdraw, routine, thread, append(bytes.Repeat([]byte("["), 50_000), bytes.Repeat([]byte("]"), 50_000)...))
			l.disorder(d, statement.Slip{Number: 2, Predecessor: thread.Position}, l.p.Sign(d), rule.JSONDepth)
		}},
		{"one signature used twice", func(l *lying) {
			body, err := act.WriteBody(l.request())
			l.check(err)
			d := l.p.Draft(act.RequestOpen, routine, nil, body)
			signatures := l.p.Sign(d)
			for range 2 {
				leaf, sealed := l.p.Seal(d, statement.Slip{}, signatures)
				l.p.Put(routine, leaf, sealed)
			}
			l.deliver(l.p.Size(true, routine) - 1)
			l.run([]string{"parley --dir us --json request list", "json 0.phase void", "json 0.view.thread.not_in_order.0.code " + string(rule.ActRepeated), "json 1.phase stored"})
			l.exports(node.EvidenceRepeat, judged{"disclosure", []string{"DOUBLE USE", "cn put one act identifier to use twice", "withheld, its commitment is valid"},
				[]string{"重复使用", "cn 将同一行为标识使用两次", "未出示，其承诺值有效"}})
		}},
		{"a false verdict", func(l *lying) {
			l.p.Dull = true
			at := l.victimAsks()
			l.p.Dull = false
			l.p.Receipt(routine, ledger.Verdict{Position: at, Reason: ledger.ReasonSeal})
			if code := l.send(l.p, l.p.Rest(routine)); code != "" {
				l.t.Fatal(code)
			}
			l.run([]string{"parley --dir us --json request show us-" + fault.Int(at),
				"json view.thread.not_in_order.0.code " + string(rule.ActUnreadable)})
			l.exports(node.EvidenceVerdict, judged{"disclosure", []string{"FALSE VERDICT", "cn signed that it could not read us."},
				[]string{"不实的无法读取结论", "cn 签署称无法读取 us."}})
		}},
		{"answers by themselves, without end", func(l *lying) {
			thread := l.p.Ref(true, l.p.Say(act.RequestOpen, routine, nil, l.request()))
			body, err := act.WriteBody(&act.SayBody{Marked: act.Marked{Handling: "H1"}, Said: act.Text{Lang: "en", Text: "Solved."}})
			l.check(err)
			d := l.p.Draft(act.RequestWithdraw, routine, thread, body)
			l.disorder(d, statement.Slip{Number: 2, Predecessor: thread.Position}, []statement.PersonSignature{}, rule.ActPerson)
			for i := range 20 {
				heard := l.p.Heard(routine, act.Disorder)
				body, err := act.WriteBody(&act.DisorderBody{Position: heard[0].Slip.Predecessor, Rule: string(rule.ActPerson)})
				l.check(err)
				d := l.p.Draft(act.Disorder, routine, thread, body)
				leaf, sealed := l.p.Seal(d, statement.Slip{Number: uint32(3 + i), Predecessor: l.p.Size(true, routine) - 1}, nil)
				l.deliver(l.p.Put(routine, leaf, sealed))
			}
			l.check(l.p.Settle(l.t.Context()))
			if heard := l.p.Heard(routine, act.Disorder); len(heard) != 1 {
				l.t.Errorf("the victim answered %d times", len(heard))
			}
		}},
	}
}
