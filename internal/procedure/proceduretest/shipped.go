package proceduretest

import (
	"encoding/json"
	"slices"
	"sync"

	"parley.example/arrangements"
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// Contexts are the record under the small arrangement and under each of those
// that come with parley, filled in for the two parties.
var Contexts = sync.OnceValue(func() []*procedure.Context {
	list := []*procedure.Context{Context()}
	for _, name := range arrangements.Names() {
		codes, err := arrangements.Codes(name)
		if err != nil {
			panic("proceduretest: " + err.Error())
		}
		var parties [2]arrangements.Party
		for i, id := range Parties() {
			parties[i] = arrangements.Party{ID: id.String(), Code: codes[i]}
		}
		b, err := arrangements.For(name, parties)
		if err != nil {
			panic("proceduretest: " + err.Error())
		}
		d := parse(b)
		status := arrangement.NewStatus(d.Survives)
		list = append(list, &procedure.Context{Rules: 1, Arrangement: d, Digest: arrangement.Digest(b), Status: &status})
	}
	return list
})

// Form is a request of a type with nothing missing, from one side to the other.
func Form(d *arrangement.Document, t *arrangement.RequestType, urgency string, higher bool) *act.OpenBody {
	ids := Parties()
	unit := func(side int) string {
		p, _ := d.Party(ids[side].String())
		return p.Units[0].Code
	}
	me := procedure.Side(higher)
	body := &act.OpenBody{Marked: act.Marked{Handling: d.Handling[0].Code}, Type: t.Code, Urgency: urgency, Area: d.Areas[0].Code,
		FromUnit: unit(me), ToUnit: unit(1 - me), Reference: "R-1", Title: act.Text{Lang: "en", Text: "False bank site"},
		Why: act.Text{Lang: "en", Text: "Victims lose money by the hour."}, Fields: map[string]json.RawMessage{}}
	if t.Relation != "" {
		body.Links = []act.Link{{Relation: t.Relation, Higher: higher}}
	}
	for _, f := range t.Fields {
		if f.Need == arrangement.Required || f.RequiredIf != nil && answer(body.Fields[f.RequiredIf.Field]) == f.RequiredIf.Equals {
			body.Fields[f.Code] = value(&f)
		}
	}
	return body
}

// value is one of a field's kind.
func value(f *arrangement.Field) json.RawMessage {
	switch f.Kind {
	case arrangement.KindYesNo:
		return json.RawMessage(`false`)
	case arrangement.KindNumber:
		return json.RawMessage(`1`)
	case arrangement.KindInstant:
		return json.RawMessage(`"2016-02-29T08:00:00Z"`)
	case arrangement.KindWindow:
		return json.RawMessage(`{"from":"2016-02-29T08:00:00Z","to":"2016-02-29T09:00:00Z"}`)
	case arrangement.KindContact:
		return json.RawMessage(`{"name":"Duty Officer","email":"duty@example.org"}`)
	case arrangement.KindChoice:
		return json.RawMessage(`"` + f.Choices[0].Code + `"`)
	case arrangement.KindIdentifiers:
		return json.RawMessage(`[{"kind":"` + f.Choices[0].Code + `","value":"bank.example"}]`)
	}
	return json.RawMessage(`"text"`)
}

// answer is a value as a condition names it.
func answer(raw json.RawMessage) string {
	var yes bool
	if json.Unmarshal(raw, &yes) == nil {
		return map[bool]string{true: "yes", false: "no"}[yes]
	}
	var code string
	json.Unmarshal(raw, &code)
	return code
}

// Fit puts codes of an arrangement in the place of those that it does not have.
// t is the type of the request that the body is said in.
func Fit(d *arrangement.Document, t *arrangement.RequestType, body any) any {
	switch b := body.(type) {
	case *act.SayBody:
		fitHandling(d, &b.Marked)
	case *act.GiveBody:
		fitHandling(d, &b.Marked)
		if len(t.Answers) > 0 {
			b.Form = t.Answers[0].Code
		}
	case *act.DeclineBody:
		b.Reason = fitReason(d, b.Reason, "decline", t.Refusals)
	case *act.AwaitBody:
		b.Reason = fitReason(d, b.Reason, "await", nil)
	case *act.ExtendBody:
		b.Reason = fitReason(d, b.Reason, "extend", nil)
	case *act.ConditionBody:
		if _, known := d.Condition(b.Condition); !known {
			b.Condition = d.Conditions[0].Code
		}
	}
	return body
}

func fitHandling(d *arrangement.Document, m *act.Marked) {
	if _, known := d.HandlingCode(m.Handling); !known {
		m.Handling = d.Handling[0].Code
	}
}

// fitReason gives a reason that applies; one that leaves no room for anything
// softer, where there is one, so that it can be said at once.
func fitReason(d *arrangement.Document, code, applies string, only []string) string {
	fits := func(r arrangement.Reason) bool {
		return slices.Contains(r.Applies, applies) && (len(only) == 0 || slices.Contains(only, r.Code))
	}
	if r, known := d.Reason(code); known && fits(*r) && (r.Outright || !d.RefusalLast || applies != "decline") {
		return code
	}
	best := ""
	for _, r := range d.Reasons {
		if fits(r) && (best == "" || r.Outright) {
			best = r.Code
		}
	}
	return best
}
