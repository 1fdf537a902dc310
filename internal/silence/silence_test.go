package silence

import (
	"slices"
	"testing"

	"parley.example/wire/contact"
	"parley.example/wire/statement"
)

const start = 1_800_000_000_000

var limits = Limits{Silent: DefaultSilent, Withheld: DefaultWithheld}

// Spec: SIL-9, SIL-10, SIL-11.
func TestJudge(t *testing.T) {
	ready := &contact.Hello{}
	locked := &contact.Hello{State: contact.Locked}
	full := &contact.Hello{State: contact.Full}
	restoring := &contact.Hello{State: contact.Restoring}
	unstored := Item{Since: start, Until: start + 5*hour}
	unreceipted := Item{Since: start + hour, Until: start + 6*hour, Stored: true}
	young := Item{Since: start, Until: start + hour}
	now := int64(start + 7*hour)
	for name, c := range map[string]struct {
		known Known
		want  State
	}{
		"heard just now":            {Known{Heard: now, Hello: ready}, State{None, now, false}},
		"never heard, a new line":   {Known{Began: now - hour}, State{None, now - hour, false}},
		"never heard, an old line":  {Known{Began: start}, State{Carrier, start, true}},
		"silent at the limit":       {Known{Heard: now - 3*hour}, State{None, now - 3*hour, false}},
		"silent past the limit":     {Known{Heard: now - 3*hour - 1}, State{Carrier, now - 3*hour - 1, true}},
		"its door was reached":      {Known{Heard: start, Tried: &Attempt{now, true}}, State{Answer, start, true}},
		"failed once":               {Known{Heard: now - hour, Tried: &Attempt{now, false}}, State{Carrier, now - hour, false}},
		"failed once, at the door":  {Known{Heard: now - hour, Tried: &Attempt{now, true}}, State{Answer, now - hour, false}},
		"locked just now":           {Known{Heard: now, Hello: locked, Changed: now}, State{Locked, now, false}},
		"locked too long":           {Known{Heard: now, Hello: locked, Changed: start}, State{Locked, start, true}},
		"full too long":             {Known{Heard: now, Hello: full, Changed: start}, State{Full, start, true}},
		"restoring too long":        {Known{Heard: now, Hello: restoring, Changed: start}, State{Restore, start, true}},
		"stores nothing":            {Known{Heard: now, Hello: ready, Items: []Item{young, unstored}}, State{Stores, start, true}},
		"receipt withheld":          {Known{Heard: now, Hello: ready, Items: []Item{unreceipted}}, State{Withheld, start + hour, true}},
		"the longest first":         {Known{Heard: now, Hello: ready, Items: []Item{unreceipted, unstored}}, State{Stores, start, true}},
		"within the agreed time":    {Known{Heard: now, Hello: ready, Items: []Item{young}}, State{None, now, false}},
		"silent, and owed receipts": {Known{Heard: start, Hello: ready, Items: []Item{unstored}}, State{Carrier, start, true}},
		"a clock that was set back": {Known{Heard: now + hour, Hello: ready}, State{None, now + hour, false}},
	} {
		if got := Judge(c.known, limits, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func sized(n uint64) contact.Sized { return contact.Sized{Size: statement.Size{Size: n}} }

// said is a hello of the reader's: when, what it has stored of the third log.
func said(at int64, nonce byte, stored uint64) *contact.Hello {
	h := &contact.Hello{Time: at, Nonce: [16]byte{nonce}}
	h.Shown[2], h.Stored[2] = sized(stored), statement.Size{Size: stored}
	return h
}

// told is a hello of the writer's.
func told(at int64, size uint64) *contact.Hello {
	h := &contact.Hello{Time: at}
	h.Own[2] = sized(size)
	return h
}

func always(uint8, uint64, uint64) bool { return true }

// Spec: SIL-5, SIL-6, SIL-7.
func TestOutstanding(t *testing.T) {
	logs := [3]Log{2: {Covered: 2}}
	list := []Witness{
		{said(start, 1, 2), told(start-1, 2)},
		{said(start+hour, 2, 2), told(start+hour-1, 5)},
		{said(start+2*hour, 3, 4), told(start+2*hour-1, 6)},
		{said(start+8*hour, 4, 4), nil},
	}
	want := []Item{
		{Channel: 3, From: 2, To: 4, Since: start + hour, Until: start + 8*hour, Stored: true},
		{Channel: 3, From: 4, To: 5, Since: start + hour, Until: start + 8*hour},
		{Channel: 3, From: 5, To: 6, Since: start + 2*hour, Until: start + 8*hour},
	}
	got := Outstanding(logs, list, start+9*hour, always)
	if !slices.Equal(got, want) {
		t.Fatalf("%+v", got)
	}
	slices.Reverse(list)
	if again := Outstanding(logs, list, start+9*hour, always); !slices.Equal(again, want) {
		t.Errorf("in another order: %+v", again)
	}
	for _, item := range got {
		if !item.Over(limits.Withheld) {
			t.Errorf("%+v is not over the limit", item)
		}
	}
	// What was said later has no part in it, nor has our own clock.
	for _, item := range Outstanding(logs, list, start+3*hour, always) {
		if item.Over(limits.Withheld) {
			t.Errorf("%+v is over the limit after two hours", item)
		}
	}
	if got := Outstanding(logs, list, start-1, always); got != nil {
		t.Errorf("before anything was said: %+v", got)
	}
	// Receipts within the cut, and runs that ask for none, take it away.
	if got := Outstanding([3]Log{2: {Covered: 6}}, list, start+9*hour, always); got != nil {
		t.Errorf("all is receipted: %+v", got)
	}
	never := func(uint8, uint64, uint64) bool { return false }
	if got := Outstanding(logs, list, start+9*hour, never); len(got) != 2 || got[0].Stored || got[1].Stored {
		t.Errorf("nothing stored asks for a receipt: %+v", got)
	}
}

// Of an earlier generation only what stayed counts.
//
// Spec: SIL-6.
func TestOutstandingGenerations(t *testing.T) {
	list := []Witness{{said(start, 1, 0), told(start-1, 9)}, {said(start+8*hour, 2, 0), nil}}
	got := Outstanding([3]Log{2: {Generation: 1, Start: 4}}, list, start+9*hour, always)
	if len(got) != 1 || got[0].To != 4 {
		t.Errorf("%+v", got)
	}
}

// Spec: SIL-3.
func TestNothingSince(t *testing.T) {
	h := &contact.Hello{Own: [3]contact.Sized{sized(3), {}, sized(9)}}
	stored := [3]contact.Sized{sized(3), {}, sized(9)}
	if !NothingSince(h, stored) {
		t.Error("all they have said is here")
	}
	stored[2] = sized(8)
	if NothingSince(h, stored) {
		t.Error("an entry is missing")
	}
	stored[2] = sized(9)
	stored[2].Root[0] = 1
	if NothingSince(h, stored) {
		t.Error("another root")
	}
}
