package arrangement

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The bounds of spec/arrangement.md. Lengths of texts count code points.
const (
	maxCode      = 40
	maxName      = 200
	maxText      = 20000
	maxList      = 200
	maxSeconds   = 30 * 86400
	maxMailAfter = 7 * 24 * 60 // minutes
	maxMachine   = 7 * 24 * 60 // minutes between two tests by a node
)

// Check returns everything that is wrong with the content, in the order of
// the document, each fault with the path of the thing; nil when both parties
// can work by it.
func (d *Document) Check() []*fault.Fault {
	c := checker{d: d}
	c.head()
	c.parties()
	c.rules()
	c.areas()
	c.urgencies()
	codes := once{}
	for i := range d.Types {
		codes.code(&c, at("/request_types", i)+"/code", d.Types[i].Code)
		c.requestType(at("/request_types", i), &d.Types[i])
	}
	c.count("/request_types", len(d.Types), 1, maxList)
	c.reasonsAndHandling()
	c.survives()
	c.suspension()
	c.terms()
	c.severities()
	c.hotline()
	c.count("/text", len(d.Text), 0, maxList)
	for i, s := range d.Text {
		c.words(at("/text", i)+"/heading", s.Heading, maxName)
		c.words(at("/text", i)+"/body", s.Body, maxText)
	}
	return c.all
}

type checker struct {
	d   *Document
	all []*fault.Fault
}

func (c *checker) bad(code fault.Code, path string, args ...string) {
	c.all = append(c.all, fault.New(code, append([]string{"path", path}, args...)...))
}

func at(path string, i int) string { return path + "/" + strconv.Itoa(i) }

func (c *checker) count(path string, n, least, most int) {
	if n < least || n > most {
		c.bad(rule.ArrangementCount, path, "count", fault.Int(n), "least", fault.Int(least), "most", fault.Int(most))
	}
}

func (c *checker) within(path string, n, least, most int64) {
	if n < least || n > most {
		c.bad(rule.ArrangementRange, path, "value", fault.Int(n), "least", fault.Int(least), "most", fault.Int(most))
	}
}

// words wants both languages: a document that speaks only one of them would
// be read by one party in a translation of its own.
func (c *checker) words(path string, w Words, most int) {
	for _, t := range []struct{ lang, text string }{{"en", w.En}, {"zh", w.Zh}} {
		if strings.TrimSpace(t.text) == "" || utf8.RuneCountInString(t.text) > most {
			c.bad(rule.ArrangementText, path+"/"+t.lang)
		}
	}
}

func (c *checker) optionalWords(path string, w *Words, most int) {
	if w != nil {
		c.words(path, *w, most)
	}
}

func (c *checker) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.bad(rule.ArrangementValue, path, "value", clip(value))
	}
}

// isCode is a letter or digit, then at most 39 letters, digits and hyphens.
func isCode(s string) bool {
	if s == "" || len(s) > maxCode || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		b := s[i]
		if b != '-' && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') {
			return false
		}
	}
	return true
}

// once checks that codes are codes and stand once, whatever their case:
// people read them to each other over the telephone.
type once map[string]bool

func (o once) code(c *checker, path, code string) {
	if !isCode(code) {
		c.bad(rule.ArrangementCode, path, "code", clip(code))
	}
	o.seen(c, path, strings.ToLower(code))
}

func (o once) seen(c *checker, path, key string) {
	if o[key] {
		c.bad(rule.ArrangementDoubled, path, "code", clip(key))
	}
	o[key] = true
}

func isHex64(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func (c *checker) head() {
	d := c.d
	if d.Format != Format {
		c.bad(rule.ArrangementFormat, "/format", "format", clip(d.Format))
	}
	c.within("/version", int64(d.Version), 1, 1e6)
	if d.Version == 1 && d.Base != "" || d.Version != 1 && !isHex64(d.Base) {
		c.bad(rule.ArrangementBase, "/base")
	}
	c.within("/in_force", int64(d.InForce), int64(calendar.MinInstant), int64(calendar.MaxInstant))
	c.within("/rules", int64(d.Rules), 1, 1e6)
	c.within("/tolerance_seconds", int64(d.Tolerance), 0, maxSeconds)
	c.count("/titles", len(d.Titles), 2, 2)
	titled := once{}
	for i, t := range d.Titles {
		c.party(at("/titles", i)+"/party", t.Party)
		titled.seen(c, at("/titles", i)+"/party", t.Party)
		c.words(at("/titles", i)+"/names", t.Names, maxName)
	}
}

// party wants the id of one of the two.
func (c *checker) party(path, id string) {
	if _, ok := c.d.Party(id); !ok {
		c.bad(rule.ArrangementReference, path, "code", clip(id))
	}
}

func (c *checker) parties() {
	c.count("/parties", len(c.d.Parties), 2, 2)
	ids, codes := once{}, once{}
	for i := range c.d.Parties {
		p, path := &c.d.Parties[i], at("/parties", i)
		if !isHex64(p.ID) {
			c.bad(rule.ArrangementParty, path+"/id")
		}
		ids.seen(c, path+"/id", p.ID)
		codes.code(c, path+"/code", p.Code)
		c.words(path+"/names", p.Names, maxName)
		c.count(path+"/units", len(p.Units), 1, maxList)
		units, roles := once{}, once{}
		for j, u := range p.Units {
			units.code(c, at(path+"/units", j)+"/code", u.Code)
			c.words(at(path+"/units", j)+"/names", u.Names, maxName)
			c.optionalWords(at(path+"/units", j)+"/hours", u.Hours, maxName)
		}
		c.count(path+"/roles", len(p.Roles), 1, maxList)
		for j, r := range p.Roles {
			roles.code(c, at(path+"/roles", j)+"/code", r.Code)
			c.words(at(path+"/roles", j)+"/names", r.Names, maxName)
		}
		for _, f := range p.Calendar.Problems() {
			c.bad(f.Code, path+"/calendar"+f.Args[1])
		}
		c.count(path+"/severity", len(p.Severity), 0, maxList)
		for j, l := range p.Severity {
			if j > 0 && l.Level <= p.Severity[j-1].Level {
				c.bad(rule.ArrangementRange, at(path+"/severity", j)+"/level")
			}
			c.within(at(path+"/severity", j)+"/level", int64(l.Level), 0, maxList)
			c.words(at(path+"/severity", j)+"/names", l.Names, maxName)
		}
		if p.Holding != nil {
			c.holding(path+"/holding", p.Holding)
		}
	}
}

func (c *checker) steps(path string, steps []string) {
	c.count(path, len(steps), 1, 4)
	seen := once{}
	for i, s := range steps {
		c.oneOf(at(path, i), s, stepNames()...)
		seen.seen(c, at(path, i), s)
	}
}

func (c *checker) rules() {
	d := c.d
	c.oneOf("/clock/starts", d.Clock.Starts, "stored", "attachments")
	c.count("/clock/pauses", len(d.Clock.Pauses), 0, maxList)
	kinds := once{}
	for i, p := range d.Clock.Pauses {
		c.oneOf(at("/clock/pauses", i)+"/kind", p.Kind, pauseKinds()...)
		kinds.seen(c, at("/clock/pauses", i)+"/kind", p.Kind)
		c.steps(at("/clock/pauses", i)+"/steps", p.Steps)
	}
	c.oneOf("/clock/forward", d.Clock.Forward, "", ForwardKeep, ForwardRestart)
	a := d.Amendment
	for _, r := range []struct{ name, value string }{
		{"fields", a.Fields}, {"urgencies", a.Urgencies}, {"reasons", a.Reasons}, {"handling", a.Handling}, {"pauses", a.Pauses},
	} {
		c.oneOf("/amendment/"+r.name, r.value, "", Keep, Follow)
	}
	q := d.Quotas
	// A head ends at most 4 MiB past what the reader has: no act is longer.
	c.within("/quotas/max_act_bytes", q.MaxActBytes, 4096, 1<<20)
	c.within("/quotas/day_acts", q.DayActs, 1, 1e9)
	c.within("/quotas/day_bytes", q.DayBytes, q.MaxActBytes, 1<<50)
	c.within("/quotas/max_attachment_bytes", q.MaxAttachmentBytes, 0, 1<<40)
	c.within("/quotas/longest_courier_hours", q.LongestCourierHours, 1, 24*366)
	c.within("/quotas/receipt_withheld_seconds", q.ReceiptWithheldSeconds, 1, maxSeconds)
	c.within("/quotas/mail_after_minutes", q.MailAfterMinutes, 0, maxMailAfter)
	c.within("/quotas/machine_minutes", q.MachineMinutes, 0, maxMachine)
}

func (c *checker) areas() {
	c.count("/areas", len(c.d.Areas), 1, maxList)
	codes := once{}
	for i, a := range c.d.Areas {
		path := at("/areas", i)
		codes.code(c, path+"/code", a.Code)
		c.words(path+"/names", a.Names, maxName)
		c.count(path+"/positions", len(a.Positions), 2, 2)
		held := once{}
		for j, p := range a.Positions {
			path := at(path+"/positions", j)
			c.party(path+"/party", p.Party)
			held.seen(c, path+"/party", p.Party)
			c.words(path+"/definition", p.Definition, maxText)
			c.optionalWords(path+"/reservation", p.Reservation, maxText)
		}
	}
}

func (c *checker) urgencies() {
	c.count("/urgencies", len(c.d.Urgencies), 1, maxList)
	codes := once{}
	for i, u := range c.d.Urgencies {
		path := at("/urgencies", i)
		codes.code(c, path+"/code", u.Code)
		c.words(path+"/names", u.Names, maxName)
		c.count(path+"/steps", len(u.Steps), 1, 4)
		steps := once{}
		for j, s := range u.Steps {
			path := at(path+"/steps", j)
			c.oneOf(path+"/step", s.Step, stepNames()...)
			steps.seen(c, path+"/step", s.Step)
			if err := s.Time().Check(); err != nil {
				c.bad(fault.CodeOf(err), path+"/amount")
			}
		}
		c.fall(path+"/falls_to", &u)
	}
}

// fall wants a disputed claim to come to rest: following falls_to from any
// urgency ends, and never leads back.
func (c *checker) fall(path string, u *Urgency) {
	if u.FallsTo == "" {
		return
	}
	if _, ok := c.d.Urgency(u.FallsTo); !ok {
		c.bad(rule.ArrangementReference, path, "code", clip(u.FallsTo))
		return
	}
	next := u.FallsTo
	for range c.d.Urgencies {
		if next == u.Code {
			c.bad(rule.ArrangementValue, path, "value", clip(u.FallsTo))
			return
		}
		to, ok := c.d.Urgency(next)
		if !ok || to.FallsTo == "" {
			return
		}
		next = to.FallsTo
	}
}

func (c *checker) reasonsAndHandling() {
	c.count("/reasons", len(c.d.Reasons), 1, maxList)
	codes := once{}
	for i, r := range c.d.Reasons {
		path := at("/reasons", i)
		codes.code(c, path+"/code", r.Code)
		c.words(path+"/names", r.Names, maxName)
		c.count(path+"/applies", len(r.Applies), 1, len(reasonActs()))
		acts := once{}
		for j, a := range r.Applies {
			c.oneOf(at(path+"/applies", j), a, reasonActs()...)
			acts.seen(c, at(path+"/applies", j), a)
		}
		if r.Outright && !slices.Contains(r.Applies, "decline") {
			c.bad(rule.ArrangementNotForKind, path+"/outright")
		}
	}
	c.count("/handling", len(c.d.Handling), 1, maxList)
	codes, most := once{}, 0
	for i, h := range c.d.Handling {
		path := at("/handling", i)
		codes.code(c, path+"/code", h.Code)
		c.words(path+"/names", h.Names, maxName)
		if h.MostRestrictive {
			most++
		}
	}
	if most != 1 {
		c.bad(rule.ArrangementCount, "/handling", "most_restrictive", fault.Int(most))
	}
}

// reasonActs are the acts for which a coded reason is given.
func reasonActs() []string {
	return []string{"decline", "postpone", "return", "partial", "conditional", "extend", "withdraw", "suspend", "await"}
}

// pauseKinds are the acts that can stop a clock. A request that came back as
// incomplete is none of them: nothing runs until it is complete.
func pauseKinds() []string { return []string{"question", "await", "postpone", "condition"} }

func (c *checker) survives() {
	for _, l := range []struct {
		path  string
		codes []string
		has   func(string) bool
	}{
		{"/survives/areas", c.d.Survives.Areas, func(s string) bool { _, ok := c.d.Area(s); return ok }},
		{"/survives/types", c.d.Survives.Types, func(s string) bool { _, ok := c.d.Type(s); return ok }},
		{"/survives/urgencies", c.d.Survives.Urgencies, func(s string) bool { _, ok := c.d.Urgency(s); return ok }},
	} {
		c.count(l.path, len(l.codes), 0, maxList)
		seen := once{}
		for i, code := range l.codes {
			if !l.has(code) {
				c.bad(rule.ArrangementReference, at(l.path, i), "code", clip(code))
			}
			seen.seen(c, at(l.path, i), code)
		}
	}
}
