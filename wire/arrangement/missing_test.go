package arrangement

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// incident is a complete request of the sample's first type.
func incident() map[string]json.RawMessage {
	return map[string]json.RawMessage{
		"own-reference": json.RawMessage(`"2016-117"`),
		"authority":     json.RawMessage(`"网络安全保卫总队"`),
		"offence":       json.RawMessage(`"Unauthorised access"`),
		"facts":         json.RawMessage(`"On 3 June\nsomebody read the mail of the treasurer."`),
		"class":         json.RawMessage(`"fraud"`),
		"period":        json.RawMessage(`{"from":"2016-06-03T00:00:00Z","to":"2016-06-04T00:00:00Z"}`),
		"identifiers":   json.RawMessage(`[{"kind":"ip","value":"192.0.2.7","window":{"from":"2016-06-03T10:00:00Z","to":"2016-06-03T10:05:00Z"}},{"kind":"email","value":"a@example.org"}]`),
		"wanted":        json.RawMessage(`"Who held the address."`),
		"purpose":       json.RawMessage(`"Investigation"`),
		"earlier":       json.RawMessage(`false`),
		"confidential":  json.RawMessage(`false`),
		"contact":       json.RawMessage(`{"name":"Li","email":"li@example.cn","languages":["zh","en"]}`),
		"confirmer":     json.RawMessage(`{"name":"Wang","organisation":"Desk","phone":"+86 10 0000","hours":"24/7"}`),
	}
}

// item writes an item as the vectors do.
func item(i Item) string {
	s := i.Field + " " + string(i.Rule)
	for k := 0; k+1 < len(i.Args); k += 2 {
		if i.Args[k] == "item" {
			s = fmt.Sprintf("%s[%s] %s", i.Field, i.Args[k+1], i.Rule)
		}
	}
	return s
}

func items(list []Item) []string {
	out := []string{}
	for _, i := range list {
		out = append(out, item(i))
	}
	return out
}

// missingVector is one case of spec/vectors/arrangement/missing.json, against
// small.json: a complete request with some fields set and some removed.
type missingVector struct {
	Name        string                     `json:"name"`
	Type        string                     `json:"type,omitempty"`
	Set         map[string]json.RawMessage `json:"set,omitempty"`
	Remove      []string                   `json:"remove,omitempty"`
	Attachments int                        `json:"attachments,omitempty"`
	Items       []string                   `json:"items"`
}

// Spec: ARR-25. Spec: ARR-26. Spec: ARR-27. Spec: ARR-28.
func TestMissingVectors(t *testing.T) {
	b, err := os.ReadFile(samples + "missing.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Complete map[string]json.RawMessage `json:"complete"`
		Cases    []missingVector            `json:"cases"`
	}
	if err := ijson.Decode(b, &file, ijson.Limits{}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(file.Complete, incident()) {
		t.Fatal("the complete request of the vectors is another one")
	}
	if len(file.Cases) < 35 {
		t.Fatalf("only %d cases", len(file.Cases))
	}
	d := document(t)
	for _, c := range file.Cases {
		fields := incident()
		for k, v := range c.Set {
			fields[k] = v
		}
		for _, k := range c.Remove {
			delete(fields, k)
		}
		if c.Type == "" {
			c.Type = "incident"
		}
		got := items(d.Missing(c.Type, fields, c.Attachments))
		if strings.Join(got, "\n") != strings.Join(c.Items, "\n") {
			t.Errorf("%s: %q, want %q", c.Name, got, c.Items)
		}
	}
}

// Spec: ARR-26. Lengths count code points, at the limit and one beyond it.
func TestMissingLengths(t *testing.T) {
	d := document(t)
	raw := func(s string) json.RawMessage {
		b, err := ijson.Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for field, limit := range map[string]int{"own-reference": 80, "authority": 200, "offence": 500, "facts": maxText, "purpose": 4000} {
		for extra, want := range map[int]int{0: 0, 1: 1} {
			fields := incident()
			fields[field] = raw(strings.Repeat("证", limit+extra))
			if got := d.Missing("incident", fields, 0); len(got) != want || want == 1 && got[0].Rule != rule.MissingTooLong {
				t.Errorf("%s of %d: %v", field, limit+extra, got)
			}
		}
	}
	one := `{"kind":"url","value":"` + strings.Repeat("x", maxIdentifier) + `"}`
	for list, want := range map[string]int{
		"[" + strings.Repeat(one+",", 29) + one + "]":                                            0,
		"[" + strings.Repeat(`{"kind":"ip","value":"::1"},`, 500) + `{"kind":"ip","value":"x"}]`: 1,
		`[{"kind":"url","value":"` + strings.Repeat("x", maxIdentifier+1) + `"}]`:                1,
	} {
		fields := incident()
		fields["identifiers"] = json.RawMessage(list)
		if got := d.Missing("incident", fields, 0); len(got) != want || want == 1 && got[0].Rule != rule.MissingTooLong {
			t.Errorf("%d bytes of identifiers: %v", len(list), got)
		}
	}
	fields := incident()
	fields["contact"] = json.RawMessage(`{"name":"` + strings.Repeat("x", maxIdentifier+1) + `","phone":"1"}`)
	if got := d.Missing("incident", fields, 0); len(got) != 1 || got[0].Rule != rule.MissingShape {
		t.Error(got)
	}
}

// Spec: ARR-27. A type that wants attachments, and a field of kind instant.
func TestMissingAttachments(t *testing.T) {
	d := full(t)
	for _, c := range []struct {
		since string
		n     int
		want  []string
	}{
		{`"2016-06-14T09:00:00Z"`, 1, []string{}},
		{`"2016-06-14T09:00:00Z"`, 3, []string{}},
		{`"2016-06-14T09:00:00Z"`, 0, []string{"files missing.attachment"}},
		{`"2016-06-14T09:00:00Z"`, 4, []string{"files missing.attachment"}},
		{`"2016-06-14"`, 1, []string{"since missing.shape"}},
		{`5`, 1, []string{"since missing.shape"}},
	} {
		got := items(d.Missing("status", map[string]json.RawMessage{"since": json.RawMessage(c.since)}, c.n))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s with %d: %q, want %q", c.since, c.n, got, c.want)
		}
	}
	if got := items(d.Missing("preservation", nil, 1)); got[len(got)-1] != " missing.attachment" {
		t.Errorf("attachments that no field foresees: %q", got)
	}
}

// Spec: ARR-29.
func TestComplete(t *testing.T) {
	d := document(t)
	good := Request{Type: "incident", Urgency: "routine", Area: "email-compromise", Handling: "H1", Fields: incident()}
	for _, c := range []struct {
		name  string
		spoil func(*Request)
		want  []string
	}{
		{"complete", func(r *Request) {}, []string{}},
		{"no handling", func(r *Request) { r.Handling = "" }, []string{}},
		{"with attachments", func(r *Request) { r.Attachments = 2 }, []string{}},
		{"urgency", func(r *Request) { r.Urgency = "soon" }, []string{"urgency missing.code"}},
		{"area", func(r *Request) { r.Area = "" }, []string{"area missing.code"}},
		{"handling", func(r *Request) { r.Handling = "H9" }, []string{"handling missing.code"}},
		{"why", func(r *Request) { r.Urgency, r.Justification = "urgent", " \n" }, []string{"justification missing.justification"}},
		{"because", func(r *Request) { r.Urgency, r.Justification = "urgent", "The flight leaves tonight." }, []string{}},
		{"content", func(r *Request) { r.Area, r.Attachments = "child-abuse", 1 }, []string{"area missing.attachment"}},
		{"hashes", func(r *Request) { r.Area = "child-abuse" }, []string{}},
		{"all of it", func(r *Request) { *r = Request{} }, []string{"urgency missing.code", "area missing.code", " missing.type"}},
	} {
		r := good
		c.spoil(&r)
		if got := items(d.Complete(r)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	f := d.Complete(Request{})[0].Fault()
	if f.Code != rule.MissingCode || f.Args[0] != "field" || f.Args[1] != "urgency" {
		t.Error(f)
	}
}

// Spec: ARR-27. Taking any required field away is noticed, and only that.
func TestMissingNoticesEveryField(t *testing.T) {
	d := document(t)
	typ, _ := d.Type("incident")
	rapid.Check(t, func(t *rapid.T) {
		fields := incident()
		var want []string
		for i := range typ.Fields {
			f := &typ.Fields[i]
			if _, ok := fields[f.Code]; ok && rapid.Bool().Draw(t, f.Code) {
				delete(fields, f.Code)
				want = append(want, f.Code+" missing.field")
			}
		}
		if got := items(d.Missing("incident", fields, 0)); strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// A renderer of sentences must be able to rely on the codes. Spec: ARR-27.
func FuzzMissing(f *testing.F) {
	for code, raw := range incident() {
		f.Add(code, []byte(raw))
	}
	d, err := Parse(small(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code string, raw []byte) {
		for _, typ := range []string{"incident", "preservation", "mitigation"} {
			for _, i := range d.Missing(typ, map[string]json.RawMessage{code: raw}, 0) {
				if !strings.HasPrefix(string(i.Rule), "missing.") || len(i.Args)%2 != 0 {
					t.Fatalf("%v", i)
				}
			}
		}
	})
}
