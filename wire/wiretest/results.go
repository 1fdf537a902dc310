package wiretest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/contact"
	"parley.example/wire/party"
	"parley.example/wire/probe"
	"parley.example/wire/statement"
)

// Tested is a record in which the first party has said a day of machine tests
// of the other: one was answered, one met nothing, one was answered by a node
// that was locked.
type Tested struct {
	*World
	Day     probe.Day
	Results []probe.Result
	Hellos  map[[32]byte][]byte // by their digest
}

// NewTested tests; nothing stands in the record yet.
func NewTested() *Tested {
	x := &Tested{World: NewWorld(), Hellos: map[[32]byte][]byte{}}
	begins := calendar.Instant(Start) / calendar.Day * calendar.Day
	x.Day = probe.Day{Realm: party.Real, Writer: x.P[0].Card.Party, Reader: x.P[1].Card.Party, Begins: probe.Instant(begins)}
	for i, r := range []probe.Result{{Carrier: "https", Took: 40}, {Carrier: "mail", Silence: "no-answer"}, {Carrier: "https", Silence: "locked"}} {
		r.Sent, r.Nonce = int64(begins)+int64(i)*3_600_000+5, [16]byte{byte(i + 1)}
		if r.Silence != "no-answer" {
			state := uint8(contact.Ready)
			if r.Silence != "" {
				state = contact.Locked
			}
			raw := x.Answer(1, r.Nonce, state)
			r.Answer = sha256.Sum256(raw)
			x.Hellos[r.Answer] = raw
		}
		x.Results = append(x.Results, r)
	}
	return x
}

// Answer is a party's signed hello that answers a nonce.
func (x *Tested) Answer(side int, nonce [16]byte, state uint8) []byte {
	h := &contact.Hello{Realm: x.Day.Realm, Writer: x.P[side].Card.Party, Reader: x.P[1-side].Card.Party, Time: int64(x.Day.Begins) + 7, Answers: nonce, State: state, Software: "parley"}
	h.Nonce = h.Commitment()
	contact.SignHello(h, x.P[side].Sign)
	return h.Encode()
}

// File shows the results one by one.
func (x *Tested) File(change func(*probe.File)) []byte {
	f := probe.NewFile(x.Day, x.Results, func(answer [32]byte) []byte { return x.Hellos[answer] })
	if change != nil {
		change(f)
	}
	return must(f.Encode())
}

// Say says the day in the record, and discloses that act with its receipt.
func (x *Tested) Say(change func(*act.TestDayBody)) []byte {
	digest := x.Day.Digest(x.Results)
	body := &act.TestDayBody{Day: calendar.Instant(x.Day.Begins), Digest: hex.EncodeToString(digest[:])}
	for _, s := range probe.Sums(x.Results) {
		body.Carriers = append(body.Carriers, act.TestedCarrier(s))
	}
	if change != nil {
		change(body)
	}
	d := x.Draft(0, statement.Hotline, act.TestDay, nil, must(json.Marshal(body)))
	at := x.World.Say(0, statement.Hotline, d)
	receipt := x.Receipt(1, statement.Hotline)
	return x.Bundle(Pick{0, statement.Hotline, at}, Pick{1, statement.Hotline, receipt}).Encode()
}
