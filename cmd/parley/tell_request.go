package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
)

// teller shows one request: what both nodes compute, what was said, and the
// rules and times it is read by.
type teller struct {
	*shell
	r     *api.Request
	t     *casework.Thread
	rules *arrangement.Document
	zones []zone
}

// line writes a line, whatever its parts hold.
func (t *teller) line(indent string, parts ...string) {
	for i := range parts {
		parts[i] = oneLine(parts[i])
	}
	fmt.Fprintln(t.out, indent+joined(parts))
}

func (t *teller) at(ms int64) string { return t.clock(ms, t.zones) }

func (t *teller) who(side string) string {
	if side == t.r.Side {
		return t.locale.T("cli.we")
	}
	return t.locale.T("cli.they")
}

func (t *teller) act(w casework.Where) string { return wording.ActName(t.r, w) }

// tell shows a request from what matters at night to what can wait: where it
// stands, who owes what by when, what became of it so far, what was said.
func (t *teller) tell() {
	fmt.Fprintf(t.out, "%s  %s\n", oneLine(t.r.Name), oneLine(t.r.Title.Text))
	if q := t.t.Request; q != nil {
		t.line("", t.names().Urgency(t.rules, q.Urgency), t.names().Type(t.rules, q.Type), t.names().Area(t.rules, q.Area))
		t.say("cli.request.units", "from", oneLine(t.names().UnitAt(t.rules, t.t.Requester, q.FromUnit)), "to", oneLine(t.names().UnitAt(t.rules, wording.Other(t.t.Requester), q.ToUnit)),
			"handling", oneLine(t.names().Handling(t.rules, q.Handling)))
		if q.Class != "" && q.Class != arrangement.ClassRequest {
			t.line("", t.locale.T("cli.class."+q.Class))
		}
		t.measured(q)
	}
	t.say("cli.request.phase", "phase", t.phase())
	if t.t.FromResidue {
		t.say("cli.request.residue")
	}
	for i := range t.t.Obligations {
		t.line("  ", t.obligation(&t.t.Obligations[i]))
	}
	t.hold()
	t.receipts()
	t.missing()
	t.course()
	for i := range t.r.Acts {
		t.said(&t.r.Acts[i])
	}
}

// phase words where the request stands.
func (t *teller) phase() string {
	text := t.phaseName(t.r.Phase)
	if t.t.Waiting {
		text += t.locale.T("cli.request.waiting")
	}
	return text
}

func (sh *shell) phaseName(phase string) string {
	if key := "cli.phase." + phase; sh.locale.T(key) != key {
		return sh.locale.T(key)
	}
	return oneLine(phase) // of a newer node
}

// measured says by which urgency the clocks run, where that is not the claimed
// one, and who has it now, where that is not whom it was sent to.
func (t *teller) measured(q *casework.Request) {
	if u := t.t.Course.Urgency; u != "" && u != q.Urgency {
		t.line("", t.locale.T("cli.request.measured", "urgency", t.names().Urgency(t.rules, u)))
	}
	if u := t.t.Course.Unit; u != "" && u != q.ToUnit {
		t.line("", t.locale.T("cli.request.unit-now", "unit", t.names().UnitAt(t.rules, wording.Other(t.t.Requester), u)))
	}
}

// next says what is owed first, and what we may say now.
func (t *teller) next() {
	if owed := t.owed(false); owed != "" {
		t.line("  ", owed)
	}
	t.moves()
}

func (t *teller) moves() {
	if len(t.r.Moves) == 0 {
		return
	}
	var verbs []string
	for _, m := range t.r.Moves {
		if m == act.RequestPartial { // said by the command that answers
			continue
		}
		verbs = append(verbs, verb(m))
	}
	t.say("cli.request.moves", "moves", "parley request "+oneLine(strings.Join(verbs, ", ")))
}

// owed says in one sentence who owes what by when: what is due first, of
// either side, or of ours alone.
func (t *teller) owed(ours bool) string {
	var first *casework.Obligation
	for i := range t.t.Obligations {
		o := &t.t.Obligations[i]
		if wording.Pressing(o) == 0 || ours && o.Debtor != t.r.Side {
			continue
		}
		if first == nil || cmp.Or(cmp.Compare(wording.Pressing(first), wording.Pressing(o)), cmp.Compare(o.Due, first.Due)) < 0 {
			first = o
		}
	}
	if first == nil {
		return ""
	}
	return t.obligation(first)
}

func (t *teller) obligation(o *casework.Obligation) string {
	state := string(o.State)
	if o.State == casework.Running && o.Due == 0 {
		state = "undated"
	}
	return t.locale.T("cli.owes."+state, "who", t.who(o.Debtor), "step", t.locale.T("cli.step."+o.Step), "due", t.due(o))
}

// due writes when something is owed, and how long that is from now.
func (t *teller) due(o *casework.Obligation) string {
	if o.Due == 0 {
		return "–"
	}
	at := t.at(int64(o.Due))
	left := time.Duration(int64(o.Due)-t.r.Instant) * time.Millisecond
	switch {
	case o.State == casework.Running && left >= 0:
		return t.locale.T("cli.due.in", "at", at, "left", t.locale.Duration(left))
	case o.State == casework.Running || o.State == casework.Overdue:
		return t.locale.T("cli.due.ago", "at", at, "left", t.locale.Duration(-left))
	}
	return at
}

// hold says how a preservation stands, whose turn it is, and where it lapsed.
func (t *teller) hold() {
	h := t.t.Course.Hold
	if h == nil {
		return
	}
	until := "–"
	if h.Until != 0 {
		until = t.at(int64(h.Until))
	}
	t.line("  ", t.locale.T("cli.hold."+h.State, "until", until, "who", t.who(h.Turn)))
	if h.State == casework.Held || h.State == casework.Alarm {
		parts := []string{t.locale.T("cli.hold.left", "n", fmt.Sprint(h.Left))}
		if h.Alarm != 0 && h.State == casework.Held {
			parts = append(parts, t.locale.T("cli.hold.warned", "at", t.at(int64(h.Alarm))))
		}
		t.line("    ", parts...)
	}
	if h.Follow != nil {
		t.line("    ", t.locale.T("cli.hold.follow", "act", t.act(*h.Follow)))
	}
	for _, l := range h.Lapses {
		t.line("    ", t.locale.T("cli.hold.lapse", "at", t.at(int64(l.At)), "who", t.who(l.Turn)))
	}
}

func (t *teller) receipts() {
	r := t.t.Receipts
	for _, m := range []struct {
		key string
		at  *casework.Moment
	}{{"stored", r.Stored}, {"opened", r.Opened}, {"accepted", r.Accepted}, {"acted-on", r.ActedOn}} {
		word := t.locale.T("cli.receipt." + m.key)
		if m.at == nil {
			t.line("  · ", t.locale.T("cli.receipt.not-yet", "what", word))
			continue
		}
		t.line("  ✓ ", t.at(int64(cmp.Or(m.at.Receipt, m.at.Claimed))), word, cmp.Or(m.at.By, strings.Join(m.at.Signed, ", ")))
	}
}

func (t *teller) missing() {
	typeCode := ""
	if t.t.Request != nil {
		typeCode = t.t.Request.Type
	}
	for _, item := range t.t.Missing {
		t.line("  ", t.missingItem(t.rules, typeCode, item))
	}
}

// missingItem says what a request lacks, by the name of the field.
func (sh *shell) missingItem(rules *arrangement.Document, typeCode string, item act.ReturnItem) string {
	return oneLine("✗ " + sh.locale.T("cli.field", "name", sh.names().Field(rules, typeCode, item.Field), "value", sh.locale.Code(fault.Code(item.Rule)).Text))
}
