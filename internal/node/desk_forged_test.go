package node_test

import (
	"bytes"
	"testing"

	"parley.example/internal/desk"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// record reads and writes what the node keeps, as somebody who has the store
// and its key can.
func (s *side) record(bucket, key string, change func([]byte) []byte) {
	s.p.t.Helper()
	s.p.must(s.store.Update(s.p.ctx, func(tx store.Tx) error {
		raw, err := tx.Record(bucket, key)
		if err != nil && !store.Absent(err) {
			return err
		}
		return tx.PutRecord(bucket, key, change(bytes.Clone(raw)))
	}))
}

// Spec: DSK-14. An administrator who edits the store makes no approval: not by
// inventing one, not by moving one to another content, request or check, not by
// changing what was approved or how the check is worded.
func TestApprovalCannotBeForged(t *testing.T) {
	p := newPair(t)
	cn := p.sides[1]
	second := newColleague("Second", "supervisor")
	cn.staff(second)
	cn.gate("gate-light.json")
	_, thread := p.accepted("one")
	_, elsewhere := p.accepted("two")
	for _, c := range []struct {
		thread statement.Ref
		text   string
	}{{thread, "what was approved"}, {thread, "what was not"}, {elsewhere, "what was approved"}} {
		_, err := cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &c.thread, nil, give(c.text), nil)
		p.refused(rule.DeskGate, err)
	}
	cn.answer(1, "second-person", desk.Passed, second.FileSigning)
	var approval []byte
	cn.record("kept.results", "0000000001/000000", func(b []byte) []byte { approval = b; return b })
	if cn.stands(1) != "second-person:passed" || len(approval) == 0 {
		t.Fatal(cn.stands(1))
	}

	cn.record("kept.results", "0000000002/000000", func([]byte) []byte { return approval })
	cn.record("kept.results", "0000000003/000000", func([]byte) []byte { return approval })
	invented := bytes.Replace(approval, []byte(`"signature":"`), []byte(`"signature":"AAAA`), 1)
	cn.record("kept.results", "0000000002/000001", func([]byte) []byte { return invented })
	for number, want := range map[int]string{1: "second-person:passed", 2: "second-person:outstanding(2 void)", 3: "second-person:outstanding(1 void)"} {
		if have := cn.stands(number); have != want {
			t.Errorf("draft %d: %s, want %s", number, have, want)
		}
	}
	if _, err := cn.release(2, cn.officer); !fault.Is(err, rule.DeskGate) {
		t.Errorf("released: %v", err)
	}

	spoil := func(name, bucket, key string, change func([]byte) []byte) {
		t.Helper()
		var was []byte
		cn.record(bucket, key, func(b []byte) []byte { was = b; return change(b) })
		if have := cn.stands(1); have != "second-person:outstanding(1 void)" {
			t.Errorf("%s: %s", name, have)
		}
		cn.record(bucket, key, func([]byte) []byte { return was })
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte {
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("no %s in %s", old, b)
			}
			return bytes.Replace(b, []byte(old), []byte(new), 1)
		}
	}
	spoil("another time", "kept.results", "0000000001/000000", replace(`"at":18`, `"at":19`))
	spoil("another note", "kept.results", "0000000001/000000", replace(`"note":""`, `"note":"order 12"`))
	spoil("another officer", "kept.results", "0000000001/000000", replace(second.FileSigning.KeyID(), cn.officer.KeyID()))
	spoil("another kind", "kept.drafts", "0000000001", replace(`"kind":"request.answer"`, `"kind":"request.partial"`))
	spoil("an act that it answers", "kept.drafts", "0000000001", replace(`"replies":[]`, `"replies":[{"own":false,"generation":0,"position":1}]`))

	wording := cn.node.Gate.Checks[0].Digest
	cn.node.Gate.Checks[0].Digest[0]++
	if have := cn.stands(1); have != "second-person:outstanding(1 void)" {
		t.Errorf("another wording: %s", have)
	}
	cn.node.Gate.Checks[0].Digest = wording
	cn.staff() // the second person's key is no longer on our card
	if have := cn.stands(1); have != "second-person:outstanding(1 void)" {
		t.Errorf("who is not on the card any more: %s", have)
	}
	cn.staff(second)
	if have := cn.stands(1); have != "second-person:passed" {
		t.Errorf("back on the card: %s", have)
	}
}

// Spec: DSK-15.
func TestAnswerRefused(t *testing.T) {
	p := newPair(t)
	cn := p.sides[1]
	second, stranger := newColleague("Second", "supervisor"), newColleague("Stranger", "supervisor")
	cn.staff(second)
	cn.gate("gate-light.json")
	_, thread := p.accepted("one")
	_, err := cn.node.Prepare(p.ctx, cn.link, act.RequestAnswer, &thread, nil, give("x"), nil)
	p.refused(rule.DeskGate, err)
	cn.answer(1, "second-person", desk.Passed, second.FileSigning)
	good := func() *desk.Result {
		p.now += 1000
		return cn.says(1, "second-person", desk.Passed, second.FileSigning)
	}
	for name, c := range map[string]struct {
		number int
		result func() *desk.Result
		want   fault.Code
	}{
		"as it is":        {1, good, ""},
		"no such draft":   {9, good, rule.DeskNoDraft},
		"no such check":   {1, func() *desk.Result { r := good(); r.Check = "judge"; return r }, rule.DeskNoCheck},
		"another verdict": {1, func() *desk.Result { r := good(); r.Verdict = desk.Refused; return r }, rule.DeskResult},
		"a stranger": {1, func() *desk.Result {
			p.now += 1000
			return cn.says(1, "second-person", desk.Passed, stranger.FileSigning)
		}, rule.DeskResult},
		"no signature":  {1, func() *desk.Result { r := good(); r.Signature = nil; return r }, rule.DeskResult},
		"an hour ahead": {1, func() *desk.Result { p.now += 3600_000; r := good(); p.now -= 3600_000; return r }, rule.DeskResult},
		"an hour ago":   {1, func() *desk.Result { r := good(); p.now += 3600_000; return r }, rule.DeskResult},
		"older than newer": {1, func() *desk.Result {
			r := good()
			cn.answer(1, "second-person", desk.Refused, second.FileSigning)
			return r
		}, rule.DeskResult},
	} {
		r := c.result()
		if _, err := cn.node.Answer(p.ctx, c.number, r); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
