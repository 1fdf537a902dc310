package arrangements

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

var update = flag.Bool("update", false, "copy the generated calendars into the arrangements")

func documents(t testing.TB) map[string]*arrangement.Document {
	t.Helper()
	all := map[string]*arrangement.Document{}
	for _, name := range Names() {
		_, d, err := open(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = d
	}
	return all
}

// Spec: ARR-55. Spec: ARR-4.
func TestShippedAreInOrder(t *testing.T) {
	if got := Names(); !slices.Equal(got, []string{"certs", "us-cn"}) {
		t.Fatal(got)
	}
	schema, err := jsonschema.NewCompiler().Compile("../spec/arrangement.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range documents(t) {
		for _, p := range d.Check() {
			t.Errorf("%s: %v", name, p)
		}
		f, err := os.Open(name + suffix)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		v, err := jsonschema.UnmarshalJSON(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every text is in its own language: no English where Chinese stands, and the
// other way round. Names that stand in Latin letters are the exceptions.
func TestShippedSpeakBothLanguages(t *testing.T) {
	for name, d := range documents(t) {
		for lang, other := range map[string]string{"en": "zh", "zh": "en"} {
			text := arrangement.Render(d, lang)
			if strings.Contains(text, "%!") || len(text) < 20000 {
				t.Errorf("%s %s: %d bytes", name, lang, len(text))
			}
			raw, err := ijson.Encode(d)
			if err != nil {
				t.Fatal(err)
			}
			var tree any
			if err := json.Unmarshal(raw, &tree); err != nil {
				t.Fatal(err)
			}
			words(tree, func(w map[string]any) {
				mine, theirs := w[lang].(string), w[other].(string)
				if han := strings.ContainsFunc(mine, isHan); han != (lang == "zh") {
					t.Errorf("%s: %q is not %s", name, mine, lang)
				}
				if mine == theirs {
					t.Errorf("%s: %q stands for both languages", name, mine)
				}
			})
		}
	}
}

func isHan(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// words finds everything that has exactly the two languages, or more.
func words(v any, see func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		_, en := v["en"].(string)
		if _, zh := v["zh"].(string); en && zh {
			see(v)
		}
		for _, item := range v {
			words(item, see)
		}
	case []any:
		for _, item := range v {
			words(item, see)
		}
	}
}

// What the two arrangements are for: kinds of request, areas and offices.
func TestShippedSay(t *testing.T) {
	types := []string{"preservation", "extension", "subscriber", "traffic", "incident", "emergency", "mitigation", "malware", "notification", "status", "inquiry"}
	want := map[string]struct{ areas, urgencies, units, handling []string }{
		"us-cn": {
			[]string{"ip-theft", "trade-secrets", "child-abuse", "terrorist-misuse", "email-compromise", "firearms", "fraud", "hacking", "synthetic-drugs"},
			[]string{"life-threat", "urgent", "priority", "routine"},
			[]string{"fbi-cyber", "hsi-c3", "cisa", "ccips", "oia", "mps-cyber", "mps-international", "cncert", "moj-international", "spp"},
			[]string{"H0", "H1", "H2", "H3"},
		},
		"certs": {
			[]string{"illegal-access", "illegal-interception", "data-interference", "system-interference", "misuse-of-devices", "forgery", "fraud", "child-abuse", "copyright"},
			[]string{"life-threat", "urgent", "standard", "extensive"},
			[]string{"cert-ee", "point", "central-authority", "jpcert", "point", "central-authority"},
			[]string{"RED", "AMBER-STRICT", "AMBER", "GREEN", "CLEAR"},
		},
	}
	for name, d := range documents(t) {
		w := want[name]
		var areas, urgencies, units, handling, have []string
		for _, x := range d.Areas {
			areas = append(areas, x.Code)
		}
		for _, x := range d.Urgencies {
			urgencies = append(urgencies, x.Code)
		}
		for _, p := range d.Parties {
			for _, u := range p.Units {
				units = append(units, u.Code)
			}
		}
		for _, x := range d.Handling {
			handling = append(handling, x.Code)
		}
		for _, x := range d.Types {
			have = append(have, x.Code)
		}
		for _, c := range [][2][]string{{areas, w.areas}, {urgencies, w.urgencies}, {units, w.units}, {handling, w.handling}, {have, types}} {
			if !slices.Equal(c[0], c[1]) {
				t.Errorf("%s: %v, want %v", name, c[0], c[1])
			}
		}
		if a, ok := d.Area("child-abuse"); !ok || !a.NoContent || !slices.Contains(d.Survives.Areas, "child-abuse") {
			t.Errorf("%s: material of child abuse is hashes and referrals only, and goes on during a suspension", name)
		}
		for _, a := range d.Areas {
			if a.Positions[0].Definition == a.Positions[1].Definition {
				t.Errorf("%s: both sides define %s in the same words", name, a.Code)
			}
		}
		if len(d.Conditions) < 4 || len(d.Actions) < 3 || d.Grades == nil || d.Hotline == nil || len(d.Hotline.Rungs) < 3 {
			t.Errorf("%s lacks terms", name)
		}
	}
}

// What the two sides of us-cn read differently has a term, each word once, and
// no suspension is one person's. Spec: ARR-60, ARR-61.
func TestShippedTerms(t *testing.T) {
	d := documents(t)["us-cn"]
	for _, code := range []string{"cybercrime", "incident", "information-security", "evidence", "preservation", "attribution", "terrorism"} {
		if !slices.ContainsFunc(d.Glossary, func(x arrangement.Term) bool { return x.Code == code }) {
			t.Errorf("no term %s", code)
		}
	}
	seen := map[string]string{}
	for _, x := range d.Glossary {
		for _, name := range []string{x.Names.En, x.Names.Zh} {
			if of := seen[name]; of != "" {
				t.Errorf("%s is %s and %s", name, of, x.Code)
			}
			seen[name] = x.Code
		}
		if strings.HasPrefix(x.Meaning.En, x.Names.En) || !strings.HasSuffix(x.Meaning.En, ".") || !strings.HasSuffix(x.Meaning.Zh, "。") {
			t.Errorf("%s: %+v", x.Code, x.Meaning)
		}
	}
	if d.Suspension == nil || d.Suspension.Persons != 2 {
		t.Errorf("%+v", d.Suspension)
	}
}

// The two are not one with other names.
func TestShippedDiffer(t *testing.T) {
	all := documents(t)
	a, b := all["us-cn"], all["certs"]
	if a.Clock.Forward == b.Clock.Forward || a.Clock.Starts == b.Clock.Starts || a.RefusalLast == b.RefusalLast || a.Tolerance == b.Tolerance {
		t.Error("the same clocks")
	}
	if len(a.Hotline.Rungs) == len(b.Hotline.Rungs) || len(a.Grades.Sources) == len(b.Grades.Sources) {
		t.Error("the same ladder or grades")
	}
	for code, class := range map[string]string{"notification": "notification", "status": "enquiry", "inquiry": "inquiry", "incident": "request", "preservation": "request"} {
		for name, d := range all {
			if x, ok := d.Type(code); !ok || x.ClassOf() != class {
				t.Errorf("%s: the class of %s", name, code)
			}
		}
	}
	for name, d := range all {
		for code, want := range map[string]string{"extension": "extends", "status": "enquires"} {
			if x, _ := d.Type(code); x.Relation != want {
				t.Errorf("%s: %s has the relation %q", name, code, x.Relation)
			}
		}
		x, _ := d.Type("inquiry")
		f, _ := x.Field("state-step")
		if f == nil || len(f.Choices) != 11 || f.Choices[0].Code != "none" {
			t.Errorf("%s: an inquiry has ten steps of state responsibility, or none", name)
		}
		for _, code := range []string{"judge", "other-authority", "translation"} {
			if _, err := d.ReasonFor(code, "await"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A claim of urgency that is disputed always comes to rest at one that needs
// no justification, and no step of it is due sooner than before.
func TestShippedUrgenciesFall(t *testing.T) {
	for name, d := range documents(t) {
		for _, u := range d.Urgencies {
			last := u
			for last.FallsTo != "" {
				next, ok := d.Urgency(last.FallsTo)
				if !ok {
					t.Fatal(last.FallsTo)
				}
				for _, s := range last.Steps {
					for _, n := range next.Steps {
						if s.Step == n.Step && hours(n) < hours(s) {
							t.Errorf("%s: %s of %s is due before that of %s", name, s.Step, next.Code, last.Code)
						}
					}
				}
				last = *next
			}
			if last.Justification {
				t.Errorf("%s: %s rests at %s, which must be justified", name, u.Code, last.Code)
			}
			for i := 1; i < len(u.Steps); i++ {
				if hours(u.Steps[i]) < hours(u.Steps[i-1]) {
					t.Errorf("%s: the steps of %s are not in order", name, u.Code)
				}
			}
		}
	}
}

// hours compares amounts of different units, a working day being a day.
func hours(s arrangement.Step) int {
	if s.Unit == calendar.Days || s.Unit == calendar.WorkingDays {
		return 24 * s.Amount
	}
	return s.Amount
}

// The envelope is the same in all types: a field that two types have under
// one code is the same field.
func TestShippedEnvelope(t *testing.T) {
	common := []string{"own-reference", "authority", "confidential", "confidential-why", "language", "contact", "confirmer"}
	formal := append([]string{"investigator", "court", "legal-basis", "earlier", "earlier-details", "requested-date", "channel"}, common...)
	for name, d := range documents(t) {
		for i := range d.Types {
			x := &d.Types[i]
			want := common
			if slices.Contains([]string{"preservation", "subscriber", "traffic", "incident", "emergency"}, x.Code) {
				want = formal
			}
			for _, code := range want {
				f, ok := x.Field(code)
				if !ok {
					t.Errorf("%s: %s has no %s", name, x.Code, code)
					continue
				}
				for j := range d.Types {
					if code == "legal-basis" {
						break // optional where CERTs and police may both ask
					}
					if o, ok := d.Types[j].Field(code); ok && fmt.Sprint(o.Names, o.Kind, o.Need, o.Max) != fmt.Sprint(f.Names, f.Kind, f.Need, f.Max) {
						t.Errorf("%s: %s of %s and of %s differ", name, code, x.Code, d.Types[j].Code)
					}
				}
			}
		}
	}
}

// filled gives every field of a type a value that is in order.
func filled(x *arrangement.RequestType) (map[string]json.RawMessage, int) {
	values, attachments := map[string]json.RawMessage{}, 0
	for _, f := range x.Fields {
		switch f.Kind {
		case arrangement.KindText, arrangement.KindLongText:
			values[f.Code] = json.RawMessage(`"words"`)
		case arrangement.KindChoice:
			values[f.Code] = json.RawMessage(`"` + f.Choices[len(f.Choices)-1].Code + `"`)
		case arrangement.KindInstant:
			values[f.Code] = json.RawMessage(`"2016-06-14T09:00:00Z"`)
		case arrangement.KindWindow:
			values[f.Code] = json.RawMessage(`{"from":"2016-06-14T09:00:00Z","to":"2016-06-15T09:00:00Z"}`)
		case arrangement.KindIdentifiers:
			values[f.Code] = json.RawMessage(`[{"kind":"ip","value":"192.0.2.1","window":{"from":"2016-06-14T09:00:00Z","to":"2016-06-15T09:00:00Z"}}]`)
		case arrangement.KindContact:
			values[f.Code] = json.RawMessage(`{"name":"A","email":"a@example.com"}`)
		case arrangement.KindYesNo:
			values[f.Code] = json.RawMessage(`true`)
		case arrangement.KindNumber:
			values[f.Code] = json.RawMessage(`3`)
		case arrangement.KindAttachments:
			attachments = 1
		}
	}
	return values, attachments
}

// Spec: ARR-27. Of every type an example is complete, and lacks exactly what
// is taken out of it.
func TestShippedTypesCanBeAsked(t *testing.T) {
	for name, d := range documents(t) {
		for i := range d.Types {
			x := &d.Types[i]
			values, n := filled(x)
			ask := arrangement.Request{Type: x.Code, Urgency: d.Urgencies[0].Code, Area: "fraud", Handling: d.Handling[0].Code,
				Justification: "why", Fields: values, Attachments: n}
			if items := d.Complete(ask); len(items) > 0 {
				t.Errorf("%s %s: %v", name, x.Code, items)
			}
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
			for _, u := range d.Urgencies {
				if steps, err := d.Steps(u.Code, x.Code); err != nil || len(steps) == 0 || steps[0].Step != arrangement.Acknowledge {
					t.Errorf("%s: %s under %s is not acknowledged: %v %v", name, x.Code, u.Code, steps, err)
				}
			}
			for _, f := range x.Fields {
				if f.Need == arrangement.Optional || f.Kind == arrangement.KindAttachments {
					continue
				}
				without := maps.Clone(values)
				delete(without, f.Code)
				want := 1
				if f.RequiredIf != nil && f.RequiredIf.Equals != last(x, f.RequiredIf.Field) {
					want = 0
				}
				if items := d.Missing(x.Code, without, n); len(items) != want || want == 1 && items[0].Field != f.Code {
					t.Errorf("%s %s without %s: %v", name, x.Code, f.Code, items)
				}
			}
		}
	}
}

// last is what filled chose for a field that decides.
func last(x *arrangement.RequestType, code string) string {
	f, _ := x.Field(code)
	if f.Kind == arrangement.KindYesNo {
		return "yes"
	}
	return f.Choices[len(f.Choices)-1].Code
}

// Spec: ARR-55.
func TestFor(t *testing.T) {
	id := func(d string) string { return strings.Repeat(d, 32) }
	us, cn := Party{id("0f"), "us"}, Party{id("1e"), "cn"}
	one, err := For("us-cn", [2]Party{us, cn})
	if err != nil {
		t.Fatal(err)
	}
	two, err := For("us-cn", [2]Party{cn, us})
	if err != nil || string(one) != string(two) {
		t.Errorf("the order of the parties changes the bytes (%v)", err)
	}
	d, err := arrangement.Parse(one)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := d.PartyByCode("us"); !ok || p.ID != us.ID {
		t.Error("the id of the first party")
	}
	raw, _, _ := open("us-cn")
	if back := strings.NewReplacer(us.ID, placeholder(raw, 0), cn.ID, placeholder(raw, 1)).Replace(string(one)); back != string(raw) {
		t.Error("something else has changed")
	}
	// Ids that are the placeholders of the other way round.
	if b, err := For("us-cn", [2]Party{{placeholder(raw, 1), "us"}, {placeholder(raw, 0), "cn"}}); err != nil || string(b) == string(raw) {
		t.Errorf("placeholders as ids: %v", err)
	}
	for _, c := range []struct {
		name    string
		parties [2]Party
		want    fault.Code
	}{
		{"atlantis", [2]Party{us, cn}, rule.ArrangementUnknown},
		{"../us-cn", [2]Party{us, cn}, rule.ArrangementUnknown},
		{"us-cn", [2]Party{us, {cn.ID, "jp"}}, rule.ArrangementUnknown},
		{"us-cn", [2]Party{us, {us.ID, "cn"}}, rule.ArrangementDoubled},
		{"us-cn", [2]Party{us, {"abc", "cn"}}, rule.ArrangementParty},
	} {
		if b, err := For(c.name, c.parties); !fault.Is(err, c.want) || b != nil {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if codes, err := Codes("certs"); err != nil || codes != [2]string{"ee", "jp"} {
		t.Errorf("%v %v", codes, err)
	}
	if _, err := Codes("none"); !fault.Is(err, rule.ArrangementUnknown) {
		t.Error(err)
	}
}

// placeholder is the id of a party in a file.
func placeholder(raw []byte, i int) string {
	d, _ := arrangement.Parse(raw)
	return d.Parties[i].ID
}
