package main

import (
	"encoding/hex"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/statement"
)

// successor is a version of the arrangement that would follow the one in force.
func (l *lying) successor(tolerance int) (*arrangement.Document, []byte) {
	l.t.Helper()
	next := *l.rules
	next.Version, next.Base = l.rules.Version+1, hex.EncodeToString(l.p.Rules[:])
	next.InForce = max(l.rules.InForce, calendar.Instant(l.p.Now()))
	next.Tolerance = tolerance
	raw, err := ijson.Encode(&next)
	l.check(err)
	return &next, raw
}

// says appends an act of the control log and brings it over.
func (l *lying) says(kind string, thread *statement.Ref, body []byte) uint64 {
	l.t.Helper()
	d := l.p.Draft(kind, control, thread, body)
	leaf, sealed := l.p.Seal(d, statement.Slip{}, l.p.Sign(d))
	at := l.p.Put(control, leaf, sealed)
	if code := l.send(l.p, l.p.Rest(control)); code != "" {
		l.t.Fatal(code)
	}
	l.check(l.p.Settle(l.t.Context()))
	return at
}

// liesInControl are about the rules and keys themselves.
func liesInControl() []lie {
	digestBody := func(l *lying, document []byte) []byte {
		digest := arrangement.Digest(document)
		body, err := act.WriteBody(&act.DigestBody{Digest: hex.EncodeToString(digest[:])})
		l.check(err)
		return body
	}
	return []lie{
		{"two successors of one version, both signed", func(l *lying) {
			_, theirs := l.successor(301)
			l.write("next.json", string(theirs))
			l.run([]string{"parley --dir us --json arrangement propose next.json --officer duty"})
			l.check(l.p.Settle(l.t.Context()))
			proposal := l.p.Size(false, control) - 1
			for l.p.Theirs(control, proposal)[0].Type != 2 {
				proposal--
			}
			_, ours := l.successor(302)
			l.says(act.ArrangementPropose, nil, ours)
			l.says(act.ArrangementSign, l.p.Ref(false, proposal), digestBody(l, theirs))
			l.run([]string{"parley --dir us --json arrangement show", "json document.version 1"})
			// The victim does not sign the other one either, while its own stands.
			l.run([]string{"! parley --dir us arrangement sign --officer duty"})
		}},
		{"a version that only one side signed", func(l *lying) {
			_, ours := l.successor(302)
			at := l.says(act.ArrangementPropose, nil, ours)
			l.says(act.ArrangementSign, l.p.Ref(true, at), digestBody(l, ours))
			l.run([]string{"parley --dir us --json arrangement show", "json document.version 1"})
		}},
	}
}
