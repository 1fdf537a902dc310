package sim

import (
	"encoding/json"
	"testing"

	"parley.example/wire/arrangement"
)

func sampleFields(t *testing.T, d *arrangement.Document, code string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, ty := range d.Types {
		if ty.Code != code {
			continue
		}
		for _, f := range ty.Fields {
			if f.Need != arrangement.Required {
				continue
			}
			var v string
			switch f.Kind {
			case arrangement.KindYesNo:
				v = `false`
			case arrangement.KindChoice:
				v = `"` + f.Choices[0].Code + `"`
			case arrangement.KindWindow:
				v = `{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"}`
			case arrangement.KindInstant:
				v = `"2026-11-01T00:00:00Z"`
			case arrangement.KindIdentifiers:
				v = `[{"kind":"ip","value":"192.0.2.7"}]`
			case arrangement.KindContact:
				v = `{"name":"A B","phone":"1","email":"a@example.org"}`
			case arrangement.KindNumber:
				v = `3`
			default:
				v = `"text"`
			}
			out[f.Code] = json.RawMessage(v)
		}
	}
	return out
}
