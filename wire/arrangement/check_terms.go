package arrangement

import (
	"slices"
	"strings"
	"unicode/utf8"

	"parley.example/wire/calendar"
	"parley.example/wire/rule"
)

// The bounds of what is agreed about time and people beyond the deadlines.
const (
	maxHoldingDays = 3660
	maxExtensions  = 100
	maxMinutes     = 7 * 24 * 60 // of a rung or a test: a week
	maxEvery       = 366 * 24    // hours or days between two tests
	maxRungs       = 20
	maxPersons     = 2
	maxNoticeDays  = 3660
)

// relations are the links that a type may demand, as spec/act.md has them.
func relations() []string {
	return []string{"draft", "extends", "follows", "replaces", "related", "enquires", "same-case"}
}

// class checks what a type says of itself beyond its fields.
func (c *checker) class(path string, t *RequestType) {
	c.oneOf(path+"/class", t.Class, "", ClassRequest, ClassInquiry, ClassNotification, ClassEnquiry)
	c.choices(path+"/answers", t.Answers, 0)
	if t.Relation != "" {
		c.oneOf(path+"/relation", t.Relation, relations()...)
	}
	c.count(path+"/refusals", len(t.Refusals), 0, maxList)
	refusals := once{}
	for i, code := range t.Refusals {
		if _, err := c.d.ReasonFor(code, "decline"); err != nil {
			c.bad(rule.ArrangementReference, at(path+"/refusals", i), "code", clip(code))
		}
		refusals.seen(c, at(path+"/refusals", i), code)
	}
	if t.Class == ClassNotification {
		// It asks for nothing, so nothing can be decided or answered.
		if len(t.Steps) != 1 || t.Steps[0] != Acknowledge {
			c.bad(rule.ArrangementNotForKind, path+"/steps", "kind", ClassNotification)
		}
		if len(t.Answers) > 0 {
			c.bad(rule.ArrangementNotForKind, path+"/answers", "kind", ClassNotification)
		}
	}
	if !t.Preserves {
		return
	}
	if t.ClassOf() != ClassRequest {
		c.bad(rule.ArrangementNotForKind, path+"/preserves", "kind", clip(t.Class))
	}
	for i := range c.d.Parties {
		if c.d.Parties[i].Holding == nil {
			c.bad(rule.ArrangementUnfinished, path+"/preserves", "party", clip(c.d.Parties[i].Code))
		}
	}
}

func (c *checker) holding(path string, h *Holding) {
	c.within(path+"/days", int64(h.Days), 1, maxHoldingDays)
	c.within(path+"/extension_days", int64(h.ExtensionDays), 0, maxHoldingDays)
	c.within(path+"/extensions", int64(h.Extensions), 0, maxExtensions)
	if (h.ExtensionDays == 0) != (h.Extensions == 0) {
		c.bad(rule.ArrangementRange, path+"/extensions")
	}
	c.within(path+"/alarm_days", int64(h.AlarmDays), 0, max(0, int64(h.Days)-1))
}

// choices checks a list of codes with names.
func (c *checker) choices(path string, list []Choice, least int) {
	c.count(path, len(list), least, maxList)
	codes := once{}
	for i, o := range list {
		codes.code(c, at(path, i)+"/code", o.Code)
		c.words(at(path, i)+"/names", o.Names, maxName)
	}
}

func (c *checker) terms() {
	c.choices("/conditions", c.d.Conditions, 0)
	c.choices("/actions", c.d.Actions, 0)
	c.glossary()
	if g := c.d.Grades; g != nil {
		c.choices("/grades/sources", g.Sources, 1)
		c.choices("/grades/accuracies", g.Accuracies, 1)
	}
}

// suspension wants, where roles are named, one of each party: the other could
// else never suspend, nor lift what it suspended.
func (c *checker) suspension() {
	if s := c.d.Suspension; s != nil {
		c.within("/suspension/persons", int64(s.Persons), 1, maxPersons)
		c.callers("/suspension/roles", s.Roles)
		c.within("/suspension/notice_days", int64(s.Notice), 0, maxNoticeDays)
	}
}

// severities checks that each step of the table has a run of levels of both
// scales, and that no level stands in two.
func (c *checker) severities() {
	c.count("/severities", len(c.d.Severities), 0, maxList)
	codes, last := once{}, map[string]int{}
	for i, m := range c.d.Severities {
		path := at("/severities", i)
		codes.code(c, path+"/code", m.Code)
		c.words(path+"/names", m.Names, maxName)
		c.count(path+"/levels", len(m.Levels), 2, 2)
		said := once{}
		for j, l := range m.Levels {
			path := at(path+"/levels", j)
			said.seen(c, path+"/party", l.Party)
			p, ok := c.d.Party(l.Party)
			if !ok {
				c.bad(rule.ArrangementReference, path+"/party", "code", clip(l.Party))
				continue
			}
			c.level(path+"/from", p, l.From)
			c.level(path+"/to", p, l.To)
			if before, ok := last[l.Party]; l.To < l.From || ok && l.From <= before {
				c.bad(rule.ArrangementRange, path+"/from")
			}
			last[l.Party] = l.To
		}
		if m.Rung != "" {
			c.rung(path+"/rung", m.Rung)
		}
	}
}

func (c *checker) level(path string, p *Party, level int) {
	c.within(path, int64(level), 0, maxList)
	if !slices.ContainsFunc(p.Severity, func(l Level) bool { return l.Level == level }) {
		c.bad(rule.ArrangementReference, path, "code", clip(p.Code))
	}
}

func (c *checker) rung(path, code string) {
	if c.d.Hotline != nil {
		if _, ok := find(c.d.Hotline.Rungs, code, func(r *Rung) string { return r.Code }); ok {
			return
		}
	}
	c.bad(rule.ArrangementReference, path, "code", clip(code))
}

func (c *checker) hotline() {
	h := c.d.Hotline
	if h == nil {
		return
	}
	c.count("/hotline/purposes", len(h.Purposes), 2, 2)
	said := once{}
	for i, p := range h.Purposes {
		path := at("/hotline/purposes", i)
		c.party(path+"/party", p.Party)
		said.seen(c, path+"/party", p.Party)
		c.words(path+"/words", p.Words, maxText)
	}
	if _, ok := find(c.d.Severities, h.Threshold, func(m *Match) string { return m.Code }); !ok {
		c.bad(rule.ArrangementReference, "/hotline/threshold", "code", clip(h.Threshold))
	}
	c.count("/hotline/rungs", len(h.Rungs), 1, maxRungs)
	codes := once{}
	for i, r := range h.Rungs {
		path := at("/hotline/rungs", i)
		codes.code(c, path+"/code", r.Code)
		c.words(path+"/names", r.Names, maxName)
		c.rungRoles(path+"/roles", r.Roles)
		c.within(path+"/minutes", int64(r.Minutes), 1, maxMinutes)
		c.within(path+"/repeat", int64(r.Repeat), 1, max(1, int64(r.Minutes)))
		c.within(path+"/persons", int64(r.Persons), 1, maxPersons)
		c.within(path+"/accepts", int64(r.Accepts), 0, maxPersons)
		c.callers(path+"/callers", r.Callers)
	}
	c.tests(h.Tests)
	c.choices("/hotline/criteria", h.Criteria, 0)
	c.testTexts(h.Texts)
}

func (c *checker) glossary() {
	c.count("/glossary", len(c.d.Glossary), 0, maxList)
	codes := once{}
	for i, t := range c.d.Glossary {
		path := at("/glossary", i)
		codes.code(c, path+"/code", t.Code)
		c.words(path+"/names", t.Names, maxName)
		c.words(path+"/meaning", t.Meaning, maxText)
	}
}

// callers wants, where anybody is named, somebody of each party: the one side
// could else never call there.
func (c *checker) callers(path string, roles []PartyRole) {
	if len(roles) > 0 {
		c.rungRoles(path, roles)
	}
}

// rungRoles wants at least one role of each party: a rung on which one side
// has nobody cannot be climbed.
func (c *checker) rungRoles(path string, roles []PartyRole) {
	c.count(path, len(roles), 2, maxList)
	seen := once{}
	for i, r := range roles {
		path := at(path, i)
		p, ok := c.d.Party(r.Party)
		if !ok {
			c.bad(rule.ArrangementReference, path+"/party", "code", clip(r.Party))
			continue
		}
		if _, ok := p.Role(r.Role); !ok {
			c.bad(rule.ArrangementReference, path+"/role", "code", clip(r.Role))
		}
		seen.seen(c, path+"/role", r.Party+"/"+r.Role)
	}
	for i := range c.d.Parties {
		p := &c.d.Parties[i]
		if !slices.ContainsFunc(roles, func(r PartyRole) bool { return r.Party == p.ID }) {
			c.bad(rule.ArrangementReference, path, "code", clip(p.Code))
		}
	}
}

func (c *checker) tests(tests []Test) {
	c.count("/hotline/tests", len(tests), 0, maxList)
	codes := once{}
	for i, t := range tests {
		path := at("/hotline/tests", i)
		codes.code(c, path+"/code", t.Code)
		c.words(path+"/names", t.Names, maxName)
		c.rung(path+"/rung", t.Rung)
		c.within(path+"/minutes", int64(t.Minutes), 1, maxMinutes)
		if t.Every != nil {
			c.within(path+"/every/amount", int64(t.Every.Amount), 1, maxEvery)
			c.oneOf(path+"/every/unit", string(t.Every.Unit), string(calendar.Hours), string(calendar.Days))
		}
		if t.Before != nil {
			c.within(path+"/before", int64(*t.Before), int64(calendar.MinInstant), int64(calendar.MaxInstant))
		}
		c.within(path+"/window", int64(t.Window), 0, maxEvery)
		// One that is never due is not in a timetable.
		if t.Every == nil && t.Before == nil {
			c.bad(rule.ArrangementValue, path+"/every")
		}
	}
}

// testTexts wants, where there are any, some of each party: each tests the
// other in its own language.
func (c *checker) testTexts(texts []TestText) {
	if len(texts) == 0 {
		return
	}
	c.count("/hotline/texts", len(texts), 2, maxList)
	for i, x := range texts {
		path := at("/hotline/texts", i)
		c.party(path+"/party", x.Party)
		if !isCode(x.Lang) {
			c.bad(rule.ArrangementCode, path+"/lang", "code", clip(x.Lang))
		}
		if strings.TrimSpace(x.Text) == "" || utf8.RuneCountInString(x.Text) > maxName {
			c.bad(rule.ArrangementText, path+"/text")
		}
	}
	for i := range c.d.Parties {
		p := &c.d.Parties[i]
		if !slices.ContainsFunc(texts, func(x TestText) bool { return x.Party == p.ID }) {
			c.bad(rule.ArrangementReference, "/hotline/texts", "code", clip(p.Code))
		}
	}
}
