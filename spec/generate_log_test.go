package spec

import (
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// TestUpdateLogVectors writes the vectors of kind log anew with -update: a few
// leaves that keep the rules of a log, then one that may break one.
func TestUpdateLogVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	m := maker{t: t, kind: "log"}
	none := func(*ledger.Leaf) {}
	const lower, higher = 0, 1
	routine, control := int(statement.Routine), int(statement.Control)
	for name, c := range map[string]struct {
		side, channel int
		kind          uint8
		expect        fault.Code
		change        func(*ledger.Leaf)
	}{
		"receipt":                {higher, routine, ledger.TypeReceipt, "", none},
		"act":                    {lower, routine, ledger.TypeAct, "", none},
		"correction":             {lower, routine, ledger.TypeCorrection, "", none},
		"freeze":                 {lower, control, ledger.TypeFreeze, "", none},
		"restatement":            {lower, routine, ledger.TypeRestate, "", none},
		"receipt-of-attachments": {higher, routine, ledger.TypeReceipt, "", func(l *ledger.Leaf) { l.Attached = [][32]byte{{1}} }},
		"receipt-verdict":        {higher, routine, ledger.TypeReceipt, "", func(l *ledger.Leaf) { l.Verdicts = []ledger.Verdict{{Position: 2, Reason: 2}} }},
		"position-skipped":       {lower, routine, ledger.TypeAct, fault.LeafPosition, func(l *ledger.Leaf) { l.Position++ }},
		"position-again":         {lower, routine, ledger.TypeAct, fault.LeafPosition, func(l *ledger.Leaf) { l.Position-- }},
		"time-back":              {lower, routine, ledger.TypeAct, fault.LeafTime, func(l *ledger.Leaf) { l.Time = wiretest.Start - 1 }},
		"correction-of-another":  {lower, routine, ledger.TypeCorrection, fault.LeafTime, func(l *ledger.Leaf) { l.Old-- }},
		"correction-forward":     {lower, routine, ledger.TypeCorrection, fault.LeafTime, func(l *ledger.Leaf) { l.New, l.Time = l.Old, l.Old }},
		"seen-less":              {lower, routine, ledger.TypeAct, fault.LeafSeen, func(l *ledger.Leaf) { l.Seen[2].Size = 0 }},
		"seen-more":              {lower, routine, ledger.TypeAct, fault.LeafSeen, func(l *ledger.Leaf) { l.Seen[0].Size++ }},
		"seen-generation":        {lower, routine, ledger.TypeAct, fault.LeafSeen, func(l *ledger.Leaf) { l.Seen[0].Generation++ }},
		"seen-in-control":        {lower, control, ledger.TypeEpoch, fault.LeafSeen, func(l *ledger.Leaf) { l.Seen[1].Size = 1 }},
		"seen-open-cut":          {higher, routine, ledger.TypeAct, fault.LeafSeen, func(l *ledger.Leaf) { l.Seen[1].Size = 0 }},
		"act-without-epoch":      {lower, routine, ledger.TypeAct, fault.LeafEpoch, func(l *ledger.Leaf) { l.Epoch = 1 }},
		"act-of-later-epoch":     {lower, routine, ledger.TypeAct, fault.LeafEpoch, func(l *ledger.Leaf) { l.Epoch = l.Position }},
		"restatement-of-itself":  {lower, routine, ledger.TypeRestate, fault.LeafEpoch, func(l *ledger.Leaf) { l.Target = l.Position }},
		"receipt-gap":            {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.From++ }},
		"receipt-backwards":      {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.Size.Size = 0 }},
		"receipt-beyond-seen":    {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.Size.Size++ }},
		"receipt-generation":     {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.Size.Generation++ }},
		"receipt-root":           {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.Hash[31] ^= 1 }},
		"receipt-of-receipts":    {lower, routine, ledger.TypeReceipt, fault.LeafReceipt, none},
		"receipt-verdict-before": {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.Verdicts = []ledger.Verdict{{Position: 1, Reason: 2}} }},
		"receipt-verdict-beyond": {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) { l.Verdicts = []ledger.Verdict{{Position: l.Size.Size, Reason: 2}} }},
		"receipt-verdict-twice": {higher, routine, ledger.TypeReceipt, fault.LeafReceipt, func(l *ledger.Leaf) {
			l.Verdicts = []ledger.Verdict{{Position: 2, Reason: 2}, {Position: 2, Reason: 3}}
		}},
		"freeze-in-routine":        {lower, routine, ledger.TypeFreeze, fault.LeafUntrue, none},
		"freeze-of-no-channel":     {lower, control, ledger.TypeFreeze, fault.LeafUntrue, func(l *ledger.Leaf) { l.Channel = 0 }},
		"digest-in-routine":        {lower, routine, ledger.TypeDigest, fault.LeafUntrue, none},
		"generation-in-the-middle": {lower, routine, ledger.TypeGeneration, fault.GenerationStatement, none},
	} {
		s := begunLogs(t)
		l := s.next(c.side, c.channel, c.kind, wiretest.Start+60_000)
		c.change(l)
		if err := s.take(c.side, c.channel, l.Encode()); fault.CodeOf(err) != c.expect {
			t.Errorf("%s: %v, want %q", name, err, c.expect)
		}
		m.put(name, c.expect, s.body())
	}
}

// begunLogs is a line on which both have said something: control entries of
// both, an act of the lower party, its receipt, and one act more.
func begunLogs(t *testing.T) *sixLogs {
	t.Helper()
	s := newLogs()
	for i, x := range []struct {
		side, channel int
		kind          uint8
	}{
		{0, 1, ledger.TypeEpoch}, {0, 1, ledger.TypeAct}, {1, 1, ledger.TypeReceipt}, {1, 1, ledger.TypeEpoch}, {0, 1, ledger.TypeReceipt},
		{0, 3, ledger.TypeEpoch}, {0, 3, ledger.TypeAct}, {1, 3, ledger.TypeReceipt}, {0, 3, ledger.TypeAct},
	} {
		l := s.next(x.side, x.channel, x.kind, int64(wiretest.Start+1000*i))
		if err := s.take(x.side, x.channel, l.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
