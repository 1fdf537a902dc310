package arrangement

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley.example/wire/ijson"
)

// values are pieces of fields, right and wrong, for every kind of field.
func values() []string {
	return []string{
		`""`, `" \n"`, `"\u3000"`, `"x"`, `"a\nb"`, `"a\tb"`, `"` + strings.Repeat("证", 90) + `"`, `"` + strings.Repeat("y", 2001) + `"`, `"` + strings.Repeat(`z\n`, 10001) + `"`,
		`0`, `1`, `10`, `11`, `-1`, `true`, `false`, `[]`, `{}`, `"fraud"`, `"other"`, `"yes"`, `"2016-06-03T00:00:00Z"`, `"2016-06-03"`,
		`{"from":"2016-06-03T00:00:00Z","to":"2016-06-04T00:00:00Z"}`, `{"from":"2016-06-03T00:00:00Z","to":"2016-06-02T00:00:00Z"}`,
		`{"from":"2016-06-03T00:00:00Z"}`, `{"from":"2016-06-03T00:00:00Z","to":"2016-06-04T00:00:00Z","x":1}`, `{"from":1,"to":2}`,
		`[{"kind":"ip","value":"x"}]`, `[{"kind":"ip","value":" "},{"kind":"mac","value":""},{"kind":"ip","value":"a\nb"}]`,
		`[{"kind":"url","value":"` + strings.Repeat(`u\n`, 1001) + `"},{"kind":"ip","value":"y","window":{"from":"2016-06-03T00:00:00Z","to":"2016-06-02T00:00:00Z"}}]`,
		`[{"kind":"ip","value":"x"},{"kind":"ip"}]`, `[{"kind":"ip","value":"x","more":1}]`, `[{"kind":"ip","value":"x","window":{}}]`, `[1]`,
		`{"name":"Li","email":"a"}`, `{"name":"Li"}`, `{"name":" ","phone":"1"}`, `{"name":"Li","email":" ","phone":""}`, `{"name":"Li","email":"a\nb"}`,
		`{"name":"Li","phone":"1","languages":["zh","e\tn"]}`, `{"name":"Li","phone":"1","languages":[]}`, `{"name":"Li","phone":"1","languages":"zh"}`,
		`{"name":"Li","phone":"1","hours":"` + strings.Repeat("h", 2001) + `"}`, `{"name":"Li","phone":1}`, `{"name":"Li","phone":"1","fax":"2"}`,
	}
}

// Spec: ARR-27. Spec: ARR-57. Spec: ARR-58. A second implementation finds the
// same things missing, in the same order, in forms that nobody chose.
func TestSecondImplementation(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the second implementation needs Node.js, which is not here")
	}
	d, random := document(t), rand.New(rand.NewPCG(1, 2))
	incidents, _ := d.Type("incident")
	file := struct {
		Complete map[string]json.RawMessage `json:"complete"`
		Cases    []missingVector            `json:"cases"`
	}{Complete: incident()}
	for range 3000 {
		c := missingVector{Set: map[string]json.RawMessage{}, Attachments: random.IntN(24)}
		fields := incident()
		for range 1 + random.IntN(4) {
			code := incidents.Fields[random.IntN(len(incidents.Fields))].Code
			switch random.IntN(12) {
			case 0:
				c.Remove = append(c.Remove, code)
				continue
			case 1:
				code = strings.Repeat("证据", random.IntN(30))
			}
			c.Set[code] = json.RawMessage(values()[random.IntN(len(values()))])
		}
		for k, v := range c.Set {
			fields[k] = v
		}
		for _, k := range c.Remove {
			delete(fields, k)
		}
		c.Items = items(d.Missing("incident", fields, c.Attachments))
		file.Cases = append(file.Cases, c)
	}
	b, err := ijson.Encode(file)
	if err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile(samples + "small.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"missing.json": b, "small.json": small} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said, err := exec.Command(node, "../../observer/procedures.mjs", "arrangement", filepath.Join(dir, "missing.json")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said[:min(len(said), 4000)])
	}
}
