package act_test

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// Spec: ACT-1, ACT-2, ACT-5. The vocabulary is the table of the page.
func TestVocabulary(t *testing.T) {
	raw, err := os.ReadFile("../../spec/act.md")
	if err != nil {
		t.Fatal(err)
	}
	channels := map[string]uint8{"control": statement.Control, "hotline": statement.Hotline, "routine": statement.Routine}
	table := map[string]act.Kind{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.]+)` \\| (\\w+) \\| (\\w+) \\| (\\w+) \\| (\\w+) \\| (\\w+) \\| (.*) \\|$").FindAllStringSubmatch(string(raw), -1) {
		table[m[1]] = act.Kind{Name: m[1], Channel: channels[m[2]], Person: m[3] == "yes", Opens: m[4] == "yes", Anyway: m[5] == "yes", Automatic: m[6] == "yes", Raw: strings.HasPrefix(m[7], "raw")}
	}
	kinds := act.Kinds(1)
	if len(kinds) != len(table) {
		t.Errorf("%d kinds, %d in the table", len(kinds), len(table))
	}
	for _, k := range kinds {
		if k != table[k.Name] {
			t.Errorf("%+v, in the table %+v", k, table[k.Name])
		}
		if got, ok := act.Lookup(1, k.Name); !ok || got != k {
			t.Errorf("%s is not found", k.Name)
		}
		if _, ok := act.Lookup(2, k.Name); ok {
			t.Errorf("%s is in a version that nobody knows", k.Name)
		}
	}
	for _, name := range []string{"", "request", "Request.open", "request.open "} {
		if _, ok := act.Lookup(1, name); ok {
			t.Errorf("%q is a kind", name)
		}
	}
	if len(act.Kinds(0)) != 0 || len(act.Kinds(act.Newest+1)) != 0 {
		t.Error("an unknown version has kinds")
	}
}

const text = `{"lang":"en","text":"a"}`

// bodies is a good body of every kind that is not raw.
var bodies = map[string]string{
	act.RequestOpen:   open,
	act.RequestOpened: `{"officer":"o","role":"r"}`, act.RequestAccept: `{"officer":"o","role":"r","note":` + text + `}`,
	act.RequestDecline: `{"reason":"r","note":` + text + `}`, act.RequestReturn: `{"items":[{"field":"f","rule":"missing.field"}]}`,
	act.RequestAsk: say, act.RequestReply: say, act.RequestClose: say, act.RequestWithdraw: say, act.RequestRemind: say, act.RequestComment: say,
	act.RequestDraft: open, act.RequestAmend: open,
	act.RequestPartial: `{"handling":"amber","under":[3],"said":` + text + `}`,
	act.RequestAnswer: `{"handling":"amber","form":"f","withheld":"w","use":{"action":"a","case":"c","origin":{"from":` + text +
		`,"consent":true}},"grade":{"source":"A","accuracy":"1"},"under":[3,4],"said":` + text + `}`,
	act.RequestForward: `{"unit":"u","note":` + text + `}`, act.RequestRedirect: `{"to":` + text + `,"note":` + text + `}`,
	act.RequestDispute: `{"urgency":"u","note":` + text + `}`, act.RequestInterim: `{"form":"f","by":"2016-03-01T00:00:00Z","said":` + text + `}`,
	act.RequestAwait: wait, act.RequestPostpone: wait, act.RequestAwaited: note, act.RequestRelease: note, act.RequestAgree: note, act.RequestRefuse: note,
	act.RequestExtend:    `{"step":"answer","until":"2016-03-01T00:00:00Z","reason":"r","note":` + text + `}`,
	act.RequestGrant:     `{"step":"answer","until":"2016-03-01T00:00:00Z","note":` + text + `}`,
	act.RequestCondition: `{"condition":"c","terms":` + text + `}`, act.RequestHold: hold, act.RequestRenew: hold,
	act.RequestFollow:  `{"request":{"relation":"follows","higher":true,"position":4},"reference":"r"}`,
	act.RequestExplain: item, act.RequestUsage: item, act.RequestReuse: `{"position":4,"case":"c","recipient":"r","purpose":` + text + `}`,
	act.RequestCorrect:   `{"position":4,"how":"correct","said":` + text + `}`,
	act.RequestMark:      `{"higher":true,"position":4,"path":"/title","lift":false,"note":` + text + `}`,
	act.RequestTranslate: `{"higher":true,"position":4,"lang":"en","translator":"Liu Yan","reviewer":"","texts":[{"path":"/title","text":"t"}]}`,
	act.RequestLink:      `{"relation":"related","higher":false,"position":4}`,
	act.RequestPriority:  `{"on":true,"note":` + text + `}`, act.RequestContest: `{"position":4,"note":` + text + `}`,
	act.RequestRate: `{"score":3,"note":` + text + `}`, act.Disorder: `{"position":7,"rule":"act.kind"}`,
	act.CallOpen: `{"handling":"amber","purpose":"real","test":"t","severity":"s","criterion":"c","rung":"duty","subject":` + text + `,"reason":` + text +
		`,"request":{"higher":true,"position":4}}`,
	act.CallRaise: `{"rung":"r","note":` + text + `}`, act.CallWithdraw: note, act.CallShown: `{"officer":"o","role":"r"}`,
	act.CallAccept: `{"officer":"o","role":"r","rung":"d","note":` + text + `}`, act.CallDecline: `{"reason":"r","note":` + text + `}`, act.CallDefer: wait,
	act.CallRing: `{"rung":"r","since":"2016-03-01T00:00:00Z"}`, act.CallSay: say, act.CallRead: `{"position":4,"officer":"o","role":"r"}`,
	act.CallJoin:      `{"name":"n","role":"r","for":"f","mandate":` + text + `}`,
	act.CallTranslate: `{"higher":true,"position":4,"lang":"en","translator":"Liu Yan","reviewer":"","texts":[{"path":"/said/text","text":"t"}]}`,
	act.CallWord:      `{"higher":true,"position":4,"path":"/said/text","word":"w","lift":false,"reading":` + text + `}`,
	act.CallLink:      `{"relation":"about","higher":true,"position":4}`, act.CallClose: `{"handling":"amber","minute":` + text + `}`,
	act.CallAgree: `{"position":4}`, act.CallDisorder: `{"position":7,"rule":"act.kind"}`,
	act.TestPlan:    `{"test":"t","period":7,"opens":"2016-03-01T00:00:00Z","closes":"2016-03-02T00:00:00Z","instant":"2016-03-01T01:00:00Z","commitment":"c"}`,
	act.TestCall:    `{"handling":"","purpose":"test","test":"t","severity":"","rung":"duty","subject":` + text + `,"reason":` + text + `}`,
	act.TestOutcome: `{"result":"late","by":"o","took_ms":9,"silence":"s","call":{"higher":true,"position":4},"secret":"s"}`,
	act.TestDay:     `{"day":"2016-03-01T00:00:00Z","carriers":[{"carrier":"https","tried":4,"answered":3,"median_ms":9,"worst_ms":20}],"digest":"d"}`,
	act.VoiceOffer:  `{"series":1,"key":"00","until":"2016-03-01T00:00:00Z"}`, act.VoiceAnswer: `{"secret":"00"}`, act.VoiceDisorder: `{"position":7,"rule":"act.kind"}`,
	act.VoiceUsed:      `{"caller":"lower","row":7,"officer":"o","with":"w","at":"2016-03-01T00:00:00Z","purpose":"real","outcome":"proved","note":` + text + `}`,
	act.ContactPublish: contact, act.ContactChange: contact, act.ContactConfirm: `{"position":4,"until":"2016-03-01T00:00:00Z"}`, act.ContactEnd: note,
	act.Ceremony:        `{"party":"p","card":"c","path":"in person","officer":"o","with":"w"}`,
	act.ArrangementSign: `{"digest":"d"}`, act.ArrangementDrop: `{"digest":"d"}`,
	act.Suspend: `{"types":[],"areas":["a"],"reason":"r","note":` + text + `}`, act.Narrow: `{"types":["t"],"areas":[],"reason":"r","note":` + text + `}`,
	act.Terminate: `{"on":"2026-01-01T00:00:00Z","reason":"r","note":` + text + `}`,
	act.Resume:    `{"note":` + text + `}`, act.QuotaNotice: `{"channel":3,"size":9,"quota":"bytes"}`,
	act.Tombstone:      `{"channel":3,"higher":true,"thread":4,"positions":[[4,5],[]],"residue":{"x":1}}`,
	act.TombstoneAgree: `{"position":8}`,
}

const (
	open = `{"handling":"amber","type":"t","urgency":"u","why":` + text + `,"area":"a","from_unit":"f","to_unit":"g","reference":"r","title":` + text +
		`,"use":{"action":"a"},"links":[{"relation":"extends","higher":true,"position":2}],"fields":{"a":1,"b":"x","c":[true]}}`
	note    = `{"note":` + text + `}`
	contact = `{"role":"r","unit":"u","names":{"en":"n","zh":"n"},"ways":[{"kind":"mail","value":"v","key":"k","note":` + text + `},{"kind":"line","value":"v","note":` + text +
		`}],"hours":{"en":"h","zh":"h"},"zone":"Etc/UTC","languages":["en"],"deputies":["d"],"confirmers":[{"role":"r","kind":"phone","value":"v"}],"mandate":{"what":` + text +
		`,"from":"2016-03-01T00:00:00Z","until":"2016-03-02T00:00:00Z"},"until":"2016-03-01T00:00:00Z","temporary":true}`
	wait = `{"reason":"r","until":"2016-03-01T00:00:00Z","note":` + text + `}`
	hold = `{"until":"2016-03-01T00:00:00Z","said":` + text + `}`
	item = `{"position":4,"said":` + text + `}`
)

const say = `{"handling":"amber","said":` + text + `}`

// Spec: ACT-8, ACT-9, ACT-10. Every kind's body is read, strictly, and written
// as it was.
func TestBodies(t *testing.T) {
	for _, k := range act.Kinds(1) {
		body, ok := bodies[k.Name]
		if k.Raw {
			if v, err := act.CheckBody(k, []byte("\xff anything")); v != nil || err != nil || ok {
				t.Errorf("%s is raw: %v, %v", k.Name, v, err)
			}
			continue
		}
		v, err := act.CheckBody(k, []byte(body))
		if err != nil {
			t.Errorf("%s: %v", k.Name, err)
			continue
		}
		if again, err := act.WriteBody(v); err != nil || string(again) != body {
			t.Errorf("%s is written as %s, %v", k.Name, again, err)
		}
		first := body[:strings.IndexByte(body, ':')]
		for what, c := range map[string]struct {
			body string
			want fault.Code
		}{
			"empty":              {"", rule.JSONSyntax},
			"an empty object":    {"{}", rule.JSONMissing},
			"a list":             {"[]", rule.JSONType},
			"white space":        {" " + body, rule.ActBody},
			"a line feed behind": {body + "\n", rule.ActBody},
			"something behind":   {body + "{}", rule.JSONSyntax},
			"another key":        {strings.Replace(body, first, `{"unknown":1,`+first[1:], 1), rule.JSONUnknown},
			"upper case":         {strings.Replace(body, first, `{"`+strings.ToUpper(first[2:]), 1), rule.JSONUnknown},
			"an escape":          {strings.Replace(body, first, `{"\u00`+hexOf(first[2])+first[3:], 1), rule.ActBody},
			"truncated":          {body[:len(body)-1], rule.JSONSyntax},
			"null":               {"null", rule.JSONType},
		} {
			_, err := act.CheckBody(k, []byte(c.body))
			if got := fault.CodeOf(err); got != c.want {
				t.Errorf("%s, %s: %q, want %q", k.Name, what, got, c.want)
			}
		}
	}
	_, err := act.CheckBody(act.Kind{Name: "shout"}, []byte("{}"))
	wiretest.Code(t, err, rule.ActKind)
	k, _ := act.Lookup(1, act.RequestAsk)
	_, err = act.CheckBody(k, []byte(strings.Replace(say, `"text":"a"`, `"text":"`+strings.Repeat("a", act.MaxBody)+`"`, 1)))
	wiretest.Code(t, err, rule.JSONSize)
}

func hexOf(b byte) string { const d = "0123456789abcdef"; return string([]byte{d[b>>4], d[b&15]}) }

// Spec: ACT-9. Free keys stand in the order of their bytes.
func TestFreeKeys(t *testing.T) {
	k, _ := act.Lookup(1, act.RequestOpen)
	body := strings.Replace(bodies[act.RequestOpen], `"a":1,"b":"x"`, `"b":"x","a":1`, 1)
	_, err := act.CheckBody(k, []byte(body))
	wiretest.Code(t, err, rule.ActBody)
	body = strings.Replace(bodies[act.RequestOpen], `"a":1`, `"a": 1`, 1)
	_, err = act.CheckBody(k, []byte(body))
	wiretest.Code(t, err, rule.ActBody)
}

// Spec: ACT-13. What is empty is left out, an object that is there is not, and
// numbers of places and channels are in range.
func TestEmptyMembers(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		want       fault.Code
	}{
		{act.RequestPartial, `{"handling":"","use":{},"said":{"lang":"","text":""}}`, ""},
		{act.RequestPartial, `{"handling":"","under":[],"said":{"lang":"","text":""}}`, rule.ActBody},
		{act.RequestPartial, `{"handling":"","form":"","said":{"lang":"","text":""}}`, rule.ActBody},
		{act.RequestUsage, `{"position":-1,"said":{"lang":"","text":""}}`, rule.JSONNumber},
		{act.QuotaNotice, `{"channel":256,"size":1,"quota":""}`, rule.JSONNumber},
		{act.RequestInterim, `{"by":"2016","said":{"lang":"","text":""}}`, rule.CalendarInstant},
	} {
		k, _ := act.Lookup(1, c.kind)
		if _, err := act.CheckBody(k, []byte(c.body)); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.body, err, c.want)
		}
	}
}

func draft() *act.Draft {
	p := wiretest.Parties()
	return act.NewDraft(statement.Statement{Realm: 1, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Channel: statement.Routine, Kind: act.RequestAsk, NotAfter: 5},
		[]byte(say), []*statement.Attachment{{Name: "a"}, {Name: "b"}})
}

// Spec: ACT-11, STA-5, STA-6, STA-19, OCT-12. An act comes back from its parts; the slip and
// the signatures are outside the statement, the body and attachments are not.
func TestDecode(t *testing.T) {
	d := draft()
	signed := d.ToSign()
	signature := wiretest.Parties()[0].SignBy(signed)
	parts := func(change func(*statement.Parts)) *statement.Parts {
		p := d.Parts(statement.Slip{Number: 2, Predecessor: 7}, signed, []statement.PersonSignature{signature})
		change(p)
		return p
	}
	a, err := act.Decode(parts(func(*statement.Parts) {}))
	if err != nil {
		t.Fatal(err)
	}
	if a.Slip.Number != 2 || a.Statement.Act != d.Statement.Act || !bytes.Equal(a.Signed, signed) || string(a.Body) != say ||
		len(a.Attachments) != 2 || a.Attachments[1].Name != "b" || len(a.Signatures) != 1 || a.Signatures[0].KeyID != signature.KeyID {
		t.Errorf("%+v", a)
	}
	for name, c := range map[string]struct {
		change func(*statement.Parts)
		want   fault.Code
	}{
		"another slip":              {func(p *statement.Parts) { p.List[0] = statement.Slip{Number: 9}.Encode() }, ""},
		"no signatures":             {func(p *statement.Parts) { p.List[2] = statement.EncodeSignatures(nil) }, ""},
		"another body":              {func(p *statement.Parts) { p.List[3] = []byte(say + " ") }, fault.PartsCommitment},
		"another seed":              {func(p *statement.Parts) { p.Seed[0]++ }, fault.PartsCommitment},
		"an attachment less":        {func(p *statement.Parts) { p.List = p.List[:5] }, fault.PartsCommitment},
		"attachments swapped":       {func(p *statement.Parts) { p.List[4], p.List[5] = p.List[5], p.List[4] }, fault.PartsCommitment},
		"no body":                   {func(p *statement.Parts) { p.List = p.List[:3] }, fault.PartsMalformed},
		"nothing":                   {func(p *statement.Parts) { p.List = nil }, fault.PartsMalformed},
		"a slip of 11 bytes":        {func(p *statement.Parts) { p.List[0] = make([]byte, 11) }, fault.OctetsShort},
		"a statement of nothing":    {func(p *statement.Parts) { p.List[1] = nil }, fault.OctetsShort},
		"signatures cut off":        {func(p *statement.Parts) { p.List[2] = []byte{0, 1} }, fault.OctetsShort},
		"no room for signatures":    {func(p *statement.Parts) { p.List[2] = nil }, fault.OctetsShort},
		"an attachment of no bytes": {func(p *statement.Parts) { p.List[4] = nil }, fault.OctetsShort},
	} {
		_, err := act.Decode(parts(c.change))
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Spec: ACT-12, STA-2, STA-8. Two drafts of the same words have neither
// identifier nor salts in common.
func TestDraftsAreFresh(t *testing.T) {
	a, b := draft(), draft()
	if a.Statement.Act == b.Statement.Act || a.Seed == b.Seed || a.Statement.Content == b.Statement.Content {
		t.Error("two drafts share what is drawn")
	}
}

// Spec: ACT-9.
func FuzzCheckBody(f *testing.F) {
	for _, v := range wiretest.Vectors(f, "body") {
		f.Add(v.Header["act"], v.Body)
	}
	for kind, body := range bodies {
		f.Add(kind, []byte(body))
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		k, ok := act.Lookup(1, kind)
		if !ok {
			return
		}
		v, err := act.CheckBody(k, body)
		if err != nil || k.Raw {
			return
		}
		if again, err := act.WriteBody(v); err != nil || !bytes.Equal(again, body) {
			t.Errorf("%s is taken, and written as %s, %v", body, again, err)
		}
	})
}

// Spec: ACT-11.
func FuzzDecodeAct(f *testing.F) {
	wiretest.Seeds(f, "parts")
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := statement.DecodeParts(b)
		if err != nil {
			return
		}
		a, err := act.Decode(p)
		if err == nil && (!bytes.Equal(a.Statement.Encode(), a.Signed) || statement.Content(p.Commitments()) != a.Statement.Content) {
			t.Error("an act that its statement does not commit to")
		}
	})
}

// A form that people or programs wrote, in any spelling, is written as one that
// the other side reads, or is refused. Spec: ACT-9.
func FuzzFromJSON(f *testing.F) {
	var kinds []string
	for _, k := range act.Kinds(1) {
		if !k.Raw {
			kinds = append(kinds, k.Name)
		}
	}
	for _, v := range wiretest.Vectors(f, "body") {
		f.Add(uint8(slices.Index(kinds, v.Header["act"])), v.Body)
	}
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		name := kinds[int(n)%len(kinds)]
		v, err := act.FromJSON(name, b)
		if err != nil {
			return
		}
		kind, _ := act.Lookup(1, name)
		written, err := act.WriteBody(v)
		if err != nil {
			t.Fatalf("%q is read and cannot be written: %v", b, err)
		}
		if _, err := act.CheckBody(kind, written); err != nil && len(written) <= act.MaxBody {
			t.Fatalf("%q is written as %q: %v", b, written, err)
		}
	})
}
