package stix

import (
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// TLP is a colour of the Traffic Light Protocol, 2.0. A greater one is more
// restrictive, except that Unmarked says nothing at all.
type TLP uint8

// The colours. TLP 1.0's white is Clear.
const (
	Unmarked TLP = iota
	Clear
	Green
	Amber
	AmberStrict
	Red
)

// String writes a colour as TLP 2.0 does; Unmarked is empty.
func (t TLP) String() string {
	names := [...]string{"", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}
	if int(t) < len(names) {
		return names[t]
	}
	return ""
}

// published has the identifiers of the markings: TLP 1.0 from STIX 2.1
// section 7.2.1.4, TLP 2.0 from the OASIS common objects.
var published = map[string]TLP{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Clear,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Green,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Amber,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Red,
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": Clear,
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Green,
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": Amber,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": AmberStrict,
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": Red,
}

// tlpExtension is the extension in which TLP 2.0 markings say their colour.
const tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// colours has the words that a definition may use.
var colours = map[string]TLP{
	"white": Clear, "clear": Clear, "green": Green, "amber": Amber, "amber+strict": AmberStrict, "red": Red,
}

// checkColour refuses a published marking that says another colour than its
// own. Tools that go by the identifier and tools that go by the content would
// otherwise disagree about who may see a thing.
func (o *Object) checkColour(path string) error {
	want := published[o.ID]
	if want == Unmarked {
		return nil
	}
	for _, said := range []string{o.props["definition.tlp"], o.props["tlp_2_0"]} {
		if said != "" && colours[said] != want {
			return fault.New(rule.StixMarking, "path", path, "want", want.String(), "have", said)
		}
	}
	return nil
}
