package spec

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"

	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// makeDisclosures makes those of one act first, then those of a case.
func makeDisclosures(m maker, w *wiretest.World, position, receipt uint64, file *statement.Attachment) {
	one := func() *audit.Bundle {
		return w.Bundle(wiretest.Pick{Side: 0, Channel: statement.Routine, Position: position}, wiretest.Pick{Side: 1, Channel: statement.Routine, Position: receipt})
	}
	changed := func(change func(b *audit.Bundle)) []byte {
		b := one()
		change(b)
		return b.Encode()
	}
	good := one().Encode()
	m.put("receipted", "", good)
	m.frame(good)
	m.put("no-receipt", "", w.Bundle(wiretest.Pick{Channel: statement.Routine, Position: position}).Encode())
	m.put("tag", fault.OctetsUnknown, at(good, 0, 'P'))
	m.put("withheld", "", changed(func(b *audit.Bundle) { wiretest.Withhold(&b.Logs[0].Shown[0], 2, 3, 4) }))
	m.put("no-card", fault.CardFounding, changed(func(b *audit.Bundle) { b.Cards[0] = nil }))
	m.put("parties-swapped", fault.DisclosureOrder, changed(func(b *audit.Bundle) {
		b.IDs[0], b.IDs[1], b.Cards[0], b.Cards[1] = b.IDs[1], b.IDs[0], b.Cards[1], b.Cards[0]
	}))
	m.put("logs-swapped", fault.DisclosureOrder, changed(func(b *audit.Bundle) { b.Logs[0], b.Logs[1] = b.Logs[1], b.Logs[0] }))
	m.put("nothing", fault.DisclosureOrder, changed(func(b *audit.Bundle) { b.Logs = nil }))
	m.put("other-channel", fault.HeadOrigin, changed(func(b *audit.Bundle) { b.Logs[0].Channel = statement.Hotline }))
	m.put("other-side", fault.HeadOrigin, changed(func(b *audit.Bundle) { b.Logs, b.Logs[0].Higher = b.Logs[:1], true }))
	m.put("side-3", fault.OctetsUnknown, bytes.Replace(good, []byte("\x03\x01\x00\x00\x00\x00"), []byte("\x03\x03\x00\x00\x00\x00"), 1))
	m.put("generation-not-begun", fault.HeadOrigin, changed(func(b *audit.Bundle) { b.Logs[0].Generation = 1 }))
	m.put("node-missing", fault.LeafProof, changed(func(b *audit.Bundle) { b.Logs[0].Nodes = b.Logs[0].Nodes[1:] }))
	m.put("node-too-many", fault.LeafProof, changed(func(b *audit.Bundle) { b.Logs[0].Nodes = append(b.Logs[0].Nodes, [32]byte{}) }))
	m.put("leaf-twice", fault.DisclosureOrder, changed(func(b *audit.Bundle) { b.Logs[0].Shown = append(b.Logs[0].Shown, b.Logs[0].Shown[0]) }))
	m.put("receipt-of-a-log-not-shown", fault.LeafReceipt, changed(func(b *audit.Bundle) { b.Logs = b.Logs[1:] }))
	m.put("body-changed", fault.PartsCommitment, changed(func(b *audit.Bundle) {
		p := &b.Logs[0].Shown[0].Parts[3]
		p.Content = append(bytes.Clone(p.Content), ' ')
	}))
	m.put("part-missing", fault.PartsCommitment, changed(func(b *audit.Bundle) { s := &b.Logs[0].Shown[0]; s.Parts = s.Parts[:4] }))
	m.put("parts-of-a-receipt", fault.PartsCommitment, changed(func(b *audit.Bundle) { b.Logs[1].Shown[0].Parts = []audit.Part{{}} }))

	steps := custody(w, file)
	m.put("custody", "", changed(func(b *audit.Bundle) { b.Custody = steps }))
	m.put("custody-step-left-out", "", changed(func(b *audit.Bundle) { b.Custody = steps[1:] }))
	m.put("custody-order", fault.DisclosureOrder, changed(func(b *audit.Bundle) { b.Custody = []*evidence.Custody{steps[1], steps[0]} }))
	m.put("custody-attachment-withheld", fault.CustodyStep, changed(func(b *audit.Bundle) {
		wiretest.Withhold(&b.Logs[0].Shown[0], 4)
		b.Custody = steps
	}))
	m.put("custody-no-officer", fault.StatementPerson, changed(func(b *audit.Bundle) {
		other := *steps[0]
		other.By.KeyID = "0000000000000000"
		b.Custody = []*evidence.Custody{&other}
	}))
	makeCase(m)
	makeVerdicts(m)
	makeReplaced(m)
}

// makeReplaced shows an officer's key replaced, and what both keys signed.
func makeReplaced(m maker) {
	w := wiretest.NewWorld()
	w.P[0] = w.P[0].Hired("Zhao", "Chen")
	li, zhao, chen, fresh := w.P[0].Officer, wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("Chen"), wiretest.OfficerKey("Zhao again")
	say := func(channel uint8, kind string, body []byte, by ...ed25519.PrivateKey) wiretest.Pick {
		d := w.Draft(0, channel, kind, nil, body)
		return wiretest.Pick{Channel: channel, Position: w.Say(0, channel, d, signedBy(by...)(d.ToSign())...)}
	}
	asks := func(key ed25519.PrivateKey) wiretest.Pick {
		return say(statement.Routine, act.RequestOpen, []byte(`{}`), key)
	}
	before, early := asks(zhao), asks(fresh)
	replaced := say(statement.Control, act.OfficerReplace, wiretest.Replace(zhao, fresh).Encode(), li, chen)
	after, late := asks(fresh), asks(zhao)
	m.put("officer-replaced", "", w.Bundle(before, replaced, after, late).Encode())
	m.put("officer-replaced-not-shown", fault.StatementPerson, w.Bundle(before, after).Encode())
	m.put("officer-replaced-later", fault.StatementPerson, w.Bundle(early, replaced).Encode())
	b := w.Bundle(replaced, after)
	next := wiretest.Successor(w.P[0].Card, w.P[1].Card.Party, w.P[0].Root, func(c *party.Card) { c.Officers = wiretest.Replace(zhao, fresh).On(c).Officers })
	b.Cards[0] = append(b.Cards[0], next.Encode())
	m.put("officer-replaced-and-a-card", "", b.Encode())
	again := say(statement.Control, act.OfficerReplace, wiretest.Replace(chen, nil).Encode(), li, fresh)
	m.put("officer-replaced-by-a-new-key", "", w.Bundle(replaced, again).Encode())
	m.put("officer-replaced-by-one", fault.CardOfficer, w.Bundle(say(statement.Control, act.OfficerReplace, wiretest.Replace(zhao, fresh).Encode(), li)).Encode())
}

// makeCase is a request with an answer, a correction of that, and a declaration
// of compromise; of the requester's second act only the slip is shown.
func makeCase(m maker) {
	w := wiretest.NewWorld()
	routine := uint8(statement.Routine)
	say := func(side int, kind string, thread *statement.Ref, body string) uint64 {
		d := w.Draft(side, routine, kind, thread, []byte(body))
		return w.Say(side, routine, d, w.P[side].SignBy(d.ToSign()))
	}
	opening := say(0, act.RequestOpen, nil, `{"title":"help"}`)
	thread := &statement.Ref{Position: opening}
	first := w.Receipt(1, routine)
	answer := say(1, act.RequestAnswer, thread, `{"said":"yes"}`)
	second := w.Receipt(0, routine)
	remind := say(0, act.RequestRemind, thread, `{"said":"private"}`)
	third := w.Receipt(1, routine)
	correct := say(1, act.RequestCorrect, thread, `{"position":`+fault.Int(answer)+`}`)
	closing := say(0, act.RequestClose, thread, `{}`)
	c := &evidence.Compromise{Origin: w.Origin(1, routine), Key: w.P[1].Card.Officers[0].KeyID(), From: correct}
	c.Signature = w.P[1].Root.Sign(c.ToSign())
	d := w.Draft(1, statement.Control, act.Compromise, nil, c.Encode())
	lost := w.Say(1, statement.Control, d)
	picks := []wiretest.Pick{{Side: 0, Channel: routine, Position: opening}, {Side: 0, Channel: routine, Position: second}, {Side: 0, Channel: routine, Position: remind},
		{Side: 0, Channel: routine, Position: closing}, {Side: 1, Channel: routine, Position: first}, {Side: 1, Channel: routine, Position: answer},
		{Side: 1, Channel: routine, Position: third}, {Side: 1, Channel: routine, Position: correct}, {Side: 1, Channel: statement.Control, Position: lost}}
	b := w.Bundle(picks...)
	routineLog := &b.Logs[1]
	for i := range routineLog.Shown {
		if leaf, err := ledger.DecodeLeaf(routineLog.Shown[i].Leaf); err == nil && leaf.Position == remind {
			wiretest.Withhold(&routineLog.Shown[i], 1, 2, 3)
		}
	}
	m.put("case", "", b.Encode())
	m.put("case-with-a-gap", "", w.Bundle(append([]wiretest.Pick{picks[0]}, picks[3:]...)...).Encode())
	c.From++ // what was signed is another declaration
	d = w.Draft(1, statement.Control, act.Compromise, nil, c.Encode())
	m.put("compromise-signature", fault.CardSignature, w.Bundle(wiretest.Pick{Side: 1, Channel: statement.Control, Position: w.Say(1, statement.Control, d)}).Encode())

	again := w.Draft(0, routine, act.RequestRemind, thread, []byte(`{}`))
	signed := w.P[0].SignBy(again.ToSign())
	m.put("statement-used-twice", "", w.Bundle(wiretest.Pick{Channel: routine, Position: w.Say(0, routine, again, signed)},
		wiretest.Pick{Channel: routine, Position: w.Say(0, routine, again, signed)}).Encode())

	begun := w.Begin(0, routine)
	renewed := func() *audit.Bundle {
		return w.Bundle(wiretest.Pick{Channel: routine, Position: opening}, wiretest.Pick{Channel: routine, Position: begun},
			wiretest.Pick{Side: 1, Channel: routine, Position: first})
	}
	m.put("generation", "", renewed().Encode())
	b = renewed()
	b.Logs[0].Shown = b.Logs[0].Shown[:1]
	b.Logs[0].Nodes = nil
	m.put("generation-not-shown", fault.LeafProof, b.Encode())
	m.put("generation-without-leaf", fault.GenerationStatement, w.Bundle(wiretest.Pick{Channel: routine, Position: opening}).Encode())
}

// makeVerdicts opens an act that the reader said it could not read.
func makeVerdicts(m maker) {
	const routine = statement.Routine
	opened := func(reason uint16) *audit.Bundle {
		w := wiretest.NewWorld()
		d := w.Draft(0, routine, act.RequestOpen, nil, []byte(`{}`))
		position := w.Say(0, routine, d, w.P[0].SignBy(d.ToSign()))
		log := w.Log(0, routine)
		receipt := w.Receipt(1, routine, ledger.Verdict{Position: position, Reason: reason})
		b := w.Bundle(wiretest.Pick{Channel: routine, Position: log.EpochAt}, wiretest.Pick{Channel: routine, Position: position},
			wiretest.Pick{Side: 1, Channel: routine, Position: receipt})
		wiretest.Withhold(&b.Logs[0].Shown[1], 0, 1, 2, 3)
		b.Unsealed = []audit.Unsealed{{Log: 0, Position: position, Secret: log.Epoch.Secret, Sealed: log.Blobs[position]}}
		return b
	}
	m.put("verdict-false", "", opened(ledger.ReasonSeal).Encode())
	m.put("verdict-1", fault.VerdictUnproved, opened(ledger.ReasonEpoch).Encode())
	b := opened(ledger.ReasonSeal)
	b.Unsealed[0].Secret[0] ^= 1
	m.put("verdict-other-secret", fault.VerdictUnproved, b.Encode())
	b = opened(ledger.ReasonSeal)
	b.Unsealed[0].Sealed = append(bytes.Clone(b.Unsealed[0].Sealed), 0)
	m.put("verdict-other-bytes", fault.VerdictUnproved, b.Encode())
	b = opened(ledger.ReasonSeal)
	b.Unsealed[0].Log = 2
	m.put("verdict-no-log", fault.DisclosureOrder, b.Encode())
}

// custody are three steps of an attachment in the reader's house.
func custody(w *wiretest.World, file *statement.Attachment) (steps []*evidence.Custody) {
	content := sha256.Sum256([]byte("one line of a log\n"))
	for i, step := range []uint8{evidence.StepTaken, evidence.StepHanded, evidence.StepReturned} {
		s := &evidence.Custody{Realm: party.Real, Party: w.P[1].Card.Party, Link: w.P[0].Card.Party, Sealed: file.Sealed,
			Number: uint32(i + 1), Time: w.Now + int64(i), Step: step}
		if step == evidence.StepTaken {
			s.Content = content
		} else {
			s.To, s.Note = "Forensics 取证室", "for imaging"
		}
		if i > 0 {
			s.Before = sha256.Sum256(steps[i-1].Encode())
		}
		s.By = w.P[1].SignBy(s.ToSign())
		steps = append(steps, s)
	}
	return steps
}

func makeCustody(m maker, w *wiretest.World, file *statement.Attachment) {
	m = m.with("officer", w.P[1].Card.Code)
	steps := custody(w, file)
	good := steps[0].Encode()
	m.put("taken", "", good)
	m.put("handed", "", steps[1].Encode())
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 0, 'P'))
	const step = 18 + 1 + 32 + 32 + 32 + 4 + 32 + 8
	m.put("step-0", fault.CustodyStep, at(good, step, 0))
	m.put("step-6", fault.CustodyStep, at(good, step, 6))
	m.put("time-2-63", fault.CustodyStep, at(good, step-8, 0x80))
	m.put("number-0", fault.CustodyStep, at(good, step-44, 0, 0, 0, 0))
	m.put("first-with-one-before", fault.CustodyStep, at(good, step-40, 1))
	m.put("signature", fault.StatementSignature, at(good, len(good)-1, good[len(good)-1]^1))
}

func makeProofs(m maker) {
	w := wiretest.NewWorld()
	origin := w.Origin(1, statement.Control)
	sign := func(key *suite.SigningKey, size uint64, root string) string {
		return suite.SignHead(ledger.Head{Origin: origin.String(), Size: size, Root: sha256.Sum256([]byte(root))}, key)
	}
	proof := func(content []byte) []byte { return (&audit.Proof{Parties: w.Parties(), Content: content}).Encode() }
	fork := (&evidence.Fork{A: sign(w.P[1].Sign, 7, "a"), B: sign(w.P[1].Sign, 7, "b")}).Encode()
	m.put("fork", "", proof(fork))
	m.frame(proof(fork))
	m.put("tag", fault.OctetsUnknown, at(proof(fork), 0, 'P'))
	m.put("fork-one-head-twice", fault.ForkUnproved, proof((&evidence.Fork{A: sign(w.P[1].Sign, 7, "a"), B: sign(w.P[1].Sign, 7, "a")}).Encode()))
	m.put("fork-by-the-other", fault.HeadUnsigned, proof((&evidence.Fork{A: sign(w.P[1].Sign, 7, "a"), B: sign(w.P[0].Sign, 7, "b")}).Encode()))
	c := &evidence.Compromise{Origin: w.Origin(0, statement.Routine), From: 12}
	c.Signature = w.P[0].Root.Sign(c.ToSign())
	m.put("compromise", "", proof(c.Encode()))
	c.From++
	m.put("compromise-signature", fault.CardSignature, proof(c.Encode()))
	c.Origin.Realm = party.Exercise
	m.put("compromise-other-realm", fault.CardOtherLink, proof(c.Encode()))
	g := &evidence.Generation{Origin: origin, Size: 9, Root: sha256.Sum256([]byte("a")), Cause: evidence.AfterFreeze, Evidence: sha256.Sum256(fork)}
	g.Origin.Generation = 1
	g.Writer = w.P[1].Root.Sign(g.ToSign())
	both := w.P[0].Root.Sign(g.ToSign())
	g.Reader = &both
	m.put("generation", "", proof(g.Encode()))
	g.Size++
	m.put("generation-signature", fault.GenerationStatement, proof(g.Encode()))
	origin = w.Origin(0, statement.Routine)
	origin.Generation = 65
	m.put("fork-generation-65", fault.HeadOrigin, proof((&evidence.Fork{A: sign(w.P[0].Sign, 7, "a"), B: sign(w.P[0].Sign, 7, "b")}).Encode()))
	m.put("nothing", fault.OctetsUnknown, proof([]byte("no proof of anything, and longer than any tag\n")))
}
