package main

import (
	"crypto/sha256"

	"parley.example/wire/act"
	"parley.example/wire/envelope"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// deliver sends what is new of the liar's routine log, which is stored, and
// gives the verdict on an entry of it.
func (l *lying) deliver(at uint64) uint16 {
	l.t.Helper()
	if code := l.send(l.p, l.p.Rest(routine)); code != "" {
		l.t.Fatal(code)
	}
	l.receipted(routine, at)
	return l.verdict(routine, at)
}

// unreadable: an entry has this verdict, and an honest one behind it is read.
func (l *lying) unreadable(at uint64, want uint16) {
	l.t.Helper()
	if have := l.deliver(at); have != want {
		l.t.Errorf("verdict %d, want %d", have, want)
	}
	l.p.Epoch(routine)
	if have := l.deliver(l.p.Say(act.RequestOpen, routine, nil, l.request())); have != 0 {
		l.t.Errorf("an honest act behind it has the verdict %d", have)
	}
}

// liesInActs are about what is said: they are stored, and marked.
func liesInActs() []lie {
	return []lie{
		{"wraps that differ", func(l *lying) {
			origin, ours, theirs := l.p.Origin(true, routine, 0).Tuple(), l.p.Cards[0], l.p.Cards[1]
			keys := [3][]byte{theirs.Seal[:], theirs.Archive[:], ours.Archive[:]}
			one, wraps, err := envelope.NewEpoch(origin, keys)
			l.check(err)
			_, others, err := envelope.NewEpoch(origin, keys)
			l.check(err)
			third := len(wraps) / 3
			at := l.p.OpenEpoch(routine, one, append(append([]byte(nil), others[:third]...), wraps[third:]...))
			l.unreadable(at, ledger.ReasonEpoch)
		}},
		{"an epoch sealed to nobody", func(l *lying) {
			nobody := suite.NewSealingKey().Public()
			at := l.p.Epoch(routine, nobody[:], nobody[:], nobody[:])
			l.p.Say(act.RequestOpen, routine, nil, l.request())
			l.unreadable(at, ledger.ReasonEpoch)
		}},
		{"bytes that do not open", func(l *lying) {
			l.p.Epoch(routine)
			leaf, sealed := l.p.Seal(l.p.Draft(act.RequestOpen, routine, nil, []byte("{}")), statement.Slip{}, nil)
			sealed[len(sealed)-1]++
			leaf.Hash = sha256.Sum256(sealed)
			l.unreadable(l.p.Put(routine, leaf, sealed), ledger.ReasonSeal)
		}},
		{"a commitment to something else", func(l *lying) {
			l.p.Epoch(routine)
			leaf, sealed := l.p.Seal(l.p.Draft(act.RequestOpen, routine, nil, []byte("{}")), statement.Slip{}, nil)
			leaf.Commitment[0]++
			l.unreadable(l.p.Put(routine, leaf, sealed), ledger.ReasonCommitment)
		}},
	}
}
