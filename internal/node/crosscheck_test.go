package node

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/act"
)

// What has the shape of identifiers is found, whatever its field is called;
// what has another shape is not.
func TestIdentifiersOf(t *testing.T) {
	form := &act.OpenBody{Fields: map[string]json.RawMessage{
		"identifiers": json.RawMessage(`[{"kind":"ip","value":"198.51.100.143"},{"kind":"email","value":"a@b.example","window":{"from":"2016-06-14T00:00:00Z","to":"2016-06-15T00:00:00Z"}}]`),
		"more":        json.RawMessage(`[{"kind":"wallet","value":"x y"}]`),
		"contact":     json.RawMessage(`{"name":"Ellen Marsh","phone":"+1 202 555 0143"}`),
		"facts":       json.RawMessage(`"198.51.100.7"`),
		"list":        json.RawMessage(`["198.51.100.8"]`),
		"none":        json.RawMessage(`[]`),
		"empty":       json.RawMessage(`[{"kind":"ip","value":""}]`),
		"other":       json.RawMessage(`[{"kind":"ip","value":"198.51.100.9","note":"x"}]`),
		"broken":      json.RawMessage(`[{"kind":"ip"`),
	}}
	var values []string
	for _, x := range IdentifiersOf(form) {
		values = append(values, x.Field+" "+x.Kind+" "+x.Value)
	}
	slices.Sort(values)
	want := []string{"identifiers email a@b.example", "identifiers ip 198.51.100.143", "more wallet x y"}
	if !slices.Equal(values, want) {
		t.Errorf("%q, want %q", values, want)
	}
}

// The index sees the same values as the comparison, each once, and no more of
// them than are asked for.
func TestIdentifiersIn(t *testing.T) {
	body := `{"type":"incident","fields":{"a":[{"kind":"ip","value":"1"},{"kind":"ip","value":"1"}],"b":[{"kind":"url","value":"2"}]}}`
	values := identifiersIn([]byte(body))
	slices.Sort(values)
	if !slices.Equal(values, []string{"1", "2"}) {
		t.Errorf("%q", values)
	}
	for _, body := range []string{"", "[]", "{}", `{"fields":[]}`, `{"said":{"lang":"en","text":"x"}}`, "\x00"} {
		if values := identifiersIn([]byte(body)); len(values) != 0 {
			t.Errorf("%q gives %q", body, values)
		}
	}
	many := `{"fields":{"a":[` + strings.TrimSuffix(strings.Repeat(`{"kind":"ip","value":"§"},`, maxIdentifiers+50), ",") + `]}}`
	for i := range maxIdentifiers + 50 {
		many = strings.Replace(many, "§", string(rune('一'+i)), 1)
	}
	if values := identifiersIn([]byte(many)); len(values) != maxIdentifiers {
		t.Errorf("%d values", len(values))
	}
}
