package wording

import (
	"strings"
	"testing"

	"parley.example/internal/locale"
	"parley.example/wire/arrangement"
)

// Units of both parties may have the same code; which side is meant says which.
func TestUnitAt(t *testing.T) {
	unit := func(en string) []arrangement.Unit {
		return []arrangement.Unit{{Code: "cyber", Names: arrangement.Words{En: en, Zh: en}}}
	}
	d := &arrangement.Document{Parties: []arrangement.Party{
		{ID: strings.Repeat("b", 64), Units: unit("theirs")}, {ID: strings.Repeat("a", 64), Units: unit("ours")},
	}}
	n := Names{locale.New("en")}
	for side, want := range map[string]string{"lower": "ours", "higher": "theirs", "": "theirs"} {
		if got := n.UnitAt(d, side, "cyber"); got != want {
			t.Errorf("%q: %s", side, got)
		}
	}
	if got := n.UnitAt(d, "lower", "none"); got != "none" {
		t.Error(got)
	}
}

func TestPath(t *testing.T) {
	d := &arrangement.Document{Types: []arrangement.RequestType{{Code: "incident", Fields: []arrangement.Field{{Code: "facts", Names: arrangement.Words{En: "Facts", Zh: "基本情况"}}}}}}
	n := Names{locale.New("en")}
	for path, want := range map[string]string{"/fields/facts": "Facts", "/fields/other": "other", "/title/text": "its title", "/x/text": "x", "/title": "/title", "": ""} {
		if got := n.Path(d, "incident", path); got != want {
			t.Errorf("%s is called %q", path, got)
		}
	}
}
