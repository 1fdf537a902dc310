package proceduretest

import (
	"bytes"
	"encoding/json"
	"sync"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
)

// Calendar is nine to five, Monday to Friday, at an offset from UTC, with one
// holiday and one Saturday worked for it, from 2016 to the end of 2017.
func Calendar(minutes int) calendar.Calendar {
	day := []calendar.Interval{{9 * 60, 17 * 60}}
	holiday, _ := calendar.DateOf(2016, 3, 9)
	worked, _ := calendar.DateOf(2016, 3, 12)
	return calendar.Calendar{
		From: At("2016-01-01T00:00:00Z"), Until: At("2018-01-01T00:00:00Z"),
		Offsets:  []calendar.Offset{{At: At("2015-12-01T00:00:00Z"), Minutes: minutes}},
		Week:     calendar.Week{Monday: day, Tuesday: day, Wednesday: day, Thursday: day, Friday: day},
		Holidays: []calendar.Holiday{{Date: holiday, En: "Rest", Zh: "休息"}},
		MakeUp:   []calendar.MakeUp{{Date: worked, As: calendar.Monday}},
	}
}

func info(side int, code string, minutes int) arrangement.PartyInfo {
	words := arrangement.Words{En: "Party " + code, Zh: "当事方 " + code}
	return arrangement.PartyInfo{ID: Parties()[side].String(), Code: code, Names: words,
		Units:    []arrangement.Unit{{Code: code + "-desk", Names: words}},
		Roles:    []arrangement.Role{{Code: "duty", Names: words}},
		Calendar: Calendar(minutes)}
}

// Bytes are those of the small arrangement between the two parties. The lower
// works at UTC, the higher eight hours ahead of it.
func Bytes() []byte { return small() }

// BytesFor are those of the same arrangement between two parties of these ids.
func BytesFor(ids [2]party.ID) []byte {
	b := Bytes()
	for i, p := range unchanged().Parties {
		b = bytes.ReplaceAll(b, []byte(p.ID), []byte(ids[i].String()))
	}
	return b
}

var small = sync.OnceValue(func() []byte {
	b, err := arrangement.Small(info(0, "lo", 0), info(1, "hi", 480))
	if err != nil {
		panic("proceduretest: " + err.Error())
	}
	return b
})

// unchanged is read once: documents are only read.
var unchanged = sync.OnceValue(func() *arrangement.Document { return parse(small()) })

func parse(b []byte) *arrangement.Document {
	d, err := arrangement.Parse(b)
	if err != nil {
		panic("proceduretest: " + err.Error())
	}
	return d
}

// Context is the record with the small arrangement in force, nothing suspended
// and no cards. change may alter the document; it then has another digest.
func Context(change ...func(*arrangement.Document)) *procedure.Context {
	b, d := Bytes(), unchanged()
	if len(change) > 0 {
		d = parse(b)
		for _, f := range change {
			f(d)
		}
		var err error
		if b, err = act.WriteBody(d); err != nil {
			panic("proceduretest: " + err.Error())
		}
	}
	status := arrangement.NewStatus(d.Survives)
	return &procedure.Context{Rules: 1, Arrangement: d, Digest: arrangement.Digest(b), Status: &status}
}

// With is a context in which the status is another.
func With(c *procedure.Context, change func(arrangement.Status) (arrangement.Status, error)) *procedure.Context {
	next := *c
	status, err := change(*c.Status)
	if err != nil {
		panic("proceduretest: " + err.Error())
	}
	next.Status = &status
	return &next
}

// Open is a request for mitigation with nothing missing, from one side to the
// other.
func Open(higher bool) *act.OpenBody {
	units := [2]string{"lo-desk", "hi-desk"}
	me := procedure.Side(higher)
	contact := `{"name":"Duty Officer","email":"duty@example.org"}`
	fields := map[string]string{
		"own-reference": `"R-1"`, "authority": `"Cyber police"`, "offence": `"Fraud"`, "facts": `"A false bank site."`,
		"activity": `"phishing"`, "observed": `{"from":"2016-02-29T08:00:00Z","to":"2016-02-29T09:00:00Z"}`,
		"identifiers": `[{"kind":"domain","value":"bank.example"}]`, "action": `"remove"`,
		"earlier": `false`, "confidential": `false`, "contact": contact, "confirmer": contact,
	}
	body := &act.OpenBody{Marked: act.Marked{Handling: "H1"}, Type: "mitigation", Urgency: "routine", Area: "email-compromise",
		FromUnit: units[me], ToUnit: units[1-me], Reference: "R-1", Title: act.Text{Lang: "en", Text: "False bank site"},
		Why: act.Text{Lang: "en", Text: "Victims lose money by the hour."}, Fields: map[string]json.RawMessage{}}
	for name, value := range fields {
		body.Fields[name] = json.RawMessage(value)
	}
	return body
}

// Body is an unremarkable body of a kind, in order wherever its kind is.
func Body(kind string) any { return BodyUntil(kind, At("2017-01-01T00:00:00Z")) }

// BodyUntil is Body with another instant where the kind sets a term. What
// names an act of the thread names position 0.
func BodyUntil(kind string, until calendar.Instant) any {
	text := act.Text{Lang: "en", Text: "Words."}
	switch kind {
	case act.RequestOpened:
		return &act.OpenedBody{Officer: "Ada", Role: "duty"}
	case act.RequestAccept:
		return &act.AcceptBody{Officer: "Ada", Role: "duty", Note: text}
	case act.RequestDecline:
		return &act.DeclineBody{Reason: "unavailable", Note: text}
	case act.RequestRate:
		return &act.RateBody{Score: 4, Note: text}
	case act.RequestReturn:
		return &act.ReturnBody{}
	case act.Disorder:
		return &act.DisorderBody{}
	case act.RequestPartial, act.RequestAnswer:
		return &act.GiveBody{Marked: act.Marked{Handling: "H1"}, Said: text}
	case act.RequestForward:
		return &act.ForwardBody{Unit: "hi-desk", Note: text}
	case act.RequestRedirect:
		return &act.RedirectBody{To: text, Note: text}
	case act.RequestDispute:
		return &act.DisputeBody{Urgency: "routine", Note: text}
	case act.RequestInterim:
		return &act.InterimBody{By: until, Said: text}
	case act.RequestAwait, act.RequestPostpone:
		return &act.AwaitBody{Reason: "judge", Until: until, Note: text}
	case act.RequestAwaited, act.RequestRelease, act.RequestAgree, act.RequestRefuse:
		return &act.NoteBody{Note: text}
	case act.RequestExtend:
		return &act.ExtendBody{Step: arrangement.Answer, Until: until, Reason: "judge", Note: text}
	case act.RequestGrant:
		return &act.GrantBody{Step: arrangement.Answer, Until: until, Note: text}
	case act.RequestCondition:
		return &act.ConditionBody{Condition: "no-onward", Terms: text}
	}
	return lateBody(kind, until, text)
}

// lateBody is for what is said of a hold, or of what was said before.
func lateBody(kind string, until calendar.Instant, text act.Text) any {
	switch kind {
	case act.RequestHold, act.RequestRenew:
		return &act.HoldBody{Until: until, Said: text}
	case act.RequestFollow:
		return &act.FollowBody{Reference: "R-2"}
	case act.RequestExplain, act.RequestUsage:
		return &act.ItemBody{Said: text}
	case act.RequestReuse:
		return &act.ReuseBody{Case: "R-3", Recipient: "Prosecutor", Purpose: text}
	case act.RequestCorrect:
		return &act.CorrectBody{How: "correct", Said: text}
	case act.RequestMark:
		return &act.MarkBody{Path: "/title", Note: text}
	case act.RequestTranslate:
		return &act.TranslateBody{Lang: "zh-Hans", Translator: "Liu Yan", Texts: []act.Translated{{Path: "/title", Text: "译文"}}}
	case act.RequestLink:
		return &act.Link{Relation: "related", Position: 7}
	case act.RequestPriority:
		return &act.PriorityBody{On: true, Note: text}
	case act.RequestContest:
		return &act.ContestBody{Note: text}
	}
	return &act.SayBody{Marked: act.Marked{Handling: "H1"}, Said: text}
}
