package arrangement

import (
	"slices"

	"parley.example/wire/rule"
)

// The kinds of fields.
const (
	KindText        = "text"        // one line
	KindLongText    = "longtext"    // several lines
	KindChoice      = "choice"      // the code of one of the choices
	KindInstant     = "instant"     // an instant
	KindWindow      = "window"      // {from, to}, instants
	KindIdentifiers = "identifiers" // list of {kind, value, window?}
	KindContact     = "contact"     // {name, organisation?, email?, phone?, hours?, languages?}
	KindYesNo       = "yes_no"      // true or false
	KindNumber      = "number"      // an integer from 0
	KindAttachments = "attachments" // no value: the attachments of the act
)

// What a field needs.
const (
	Required    = "required"
	Optional    = "optional"
	Conditional = "conditional"
)

// kindLimits gives what max means for a kind when the field does not say, and
// the most that it may say; zeros for kinds without a max.
func kindLimits(kind string) (usual, most int64) {
	switch kind {
	case KindText:
		return 200, 2000
	case KindLongText:
		return maxText, 200000
	case KindIdentifiers:
		return 1000, 10000
	case KindNumber:
		return 1<<53 - 1, 1<<53 - 1
	case KindAttachments:
		return 20, 1000
	}
	return 0, 0
}

// limit is the field's max, or its kind's.
func (f *Field) limit() int64 {
	if f.Max > 0 {
		return f.Max
	}
	usual, _ := kindLimits(f.Kind)
	return usual
}

func (c *checker) requestType(path string, t *RequestType) {
	c.words(path+"/names", t.Names, maxName)
	c.words(path+"/description", t.Description, maxText)
	c.steps(path+"/steps", t.Steps)
	c.count(path+"/fields", len(t.Fields), 1, maxList)
	codes, attachments := once{}, 0
	for i := range t.Fields {
		f, path := &t.Fields[i], at(path+"/fields", i)
		codes.code(c, path+"/code", f.Code)
		c.field(path, f)
		c.condition(path, f, t.Fields[:i])
		if f.Kind == KindAttachments {
			if attachments++; attachments > 1 {
				c.bad(rule.ArrangementDoubled, path+"/kind", "code", KindAttachments)
			}
		}
	}
	c.class(path, t)
	// A request that nobody need ever answer was not agreed, it was forgotten.
	for i := range c.d.Urgencies {
		if steps, err := c.d.Steps(c.d.Urgencies[i].Code, t.Code); err == nil && len(steps) == 0 {
			c.bad(rule.ArrangementUnfinished, path+"/steps", "urgency", clip(c.d.Urgencies[i].Code))
		}
	}
}

func (c *checker) field(path string, f *Field) {
	c.words(path+"/names", f.Names, maxName)
	c.optionalWords(path+"/help", f.Help, maxText)
	c.oneOf(path+"/need", f.Need, Required, Optional, Conditional)
	c.oneOf(path+"/kind", f.Kind, KindText, KindLongText, KindChoice, KindInstant, KindWindow,
		KindIdentifiers, KindContact, KindYesNo, KindNumber, KindAttachments)
	_, most := kindLimits(f.Kind)
	if f.Max != 0 && most == 0 {
		c.bad(rule.ArrangementNotForKind, path+"/max", "kind", clip(f.Kind))
	} else {
		c.within(path+"/max", f.Max, 0, most)
	}
	if wants := f.Kind == KindChoice || f.Kind == KindIdentifiers; wants != (len(f.Choices) > 0) {
		c.bad(rule.ArrangementNotForKind, path+"/choices", "kind", clip(f.Kind))
	}
	if (f.Kind == KindNumber) != (f.Unit != nil) {
		c.bad(rule.ArrangementNotForKind, path+"/unit", "kind", clip(f.Kind))
	}
	c.optionalWords(path+"/unit", f.Unit, maxName)
	c.choices(path+"/choices", f.Choices, 0)
}

// condition wants the field that decides to stand earlier, so that a form can
// be filled in from the top and no two fields wait for each other.
func (c *checker) condition(path string, f *Field, earlier []Field) {
	if (f.Need == Conditional) != (f.RequiredIf != nil) {
		c.bad(rule.ArrangementNotForKind, path+"/required_if", "need", clip(f.Need))
	}
	if f.RequiredIf == nil {
		return
	}
	other, ok := find(earlier, f.RequiredIf.Field, func(o *Field) string { return o.Code })
	switch {
	case !ok:
		c.bad(rule.ArrangementReference, path+"/required_if/field", "code", clip(f.RequiredIf.Field))
	case !slices.Contains(other.answers(), f.RequiredIf.Equals):
		c.bad(rule.ArrangementReference, path+"/required_if/equals", "code", clip(f.RequiredIf.Equals))
	}
}

// answers lists the values of a field that a condition may name.
func (f *Field) answers() []string {
	switch f.Kind {
	case KindYesNo:
		return []string{"yes", "no"}
	case KindChoice:
		codes := make([]string, len(f.Choices))
		for i, o := range f.Choices {
			codes[i] = o.Code
		}
		return codes
	}
	return nil
}
