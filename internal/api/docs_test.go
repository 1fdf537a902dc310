package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const docsFile = "../../docs/api.md"

var (
	routeInTable = regexp.MustCompile("(?m)^\\| `((?:GET|POST) /v1/[^`]*)` \\|")
	routeInText  = regexp.MustCompile("`((?:GET|POST) /v1/[^`]*)`")
	example      = regexp.MustCompile("(?ms)^(`(?:GET|POST) [^\n]*)\n\n```json\n(.*?)^```$")
)

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func all(re *regexp.Regexp, text string) []string {
	found := map[string]bool{}
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// patterns are the routes of the server.
func patterns() (list []string) {
	for _, r := range (&Server{}).routes() {
		list = append(list, r.pattern)
	}
	slices.Sort(list)
	return list
}

// Every route of the server is in the table of docs/api.md, and no other.
func TestRoutesDescribed(t *testing.T) {
	code, docs := patterns(), all(routeInTable, read(t, docsFile))
	if len(code) == 0 || !slices.Equal(code, docs) {
		t.Errorf("routes of the server:\n%s\nof %s:\n%s", strings.Join(code, "\n"), docsFile, strings.Join(docs, "\n"))
	}
}

// shapes are what a route takes and gives, where that is JSON.
func shapes() map[string][2]any {
	return map[string][2]any{
		"POST /v1/sign-in/options": {nil, &Options{}}, "POST /v1/sign-in/passkey": {&PasskeyAnswer{}, &SignedIn{}},
		"POST /v1/sign-in/key/options": {&KeyAsk{}, &KeyChallenge{}}, "POST /v1/sign-in/key": {&KeyAnswer{}, &SignedIn{}}, "POST /v1/sign-out": {nil, nil},
		"POST /v1/sign-in/agency/options": {nil, &AgencyOptions{}}, "POST /v1/sign-in/agency": {&AgencyAnswer{}, &SignedIn{}},
		"POST /v1/invitation/options": {&InvitationAsk{}, &InvitationOptions{}}, "POST /v1/invitation/passkey": {&InvitationAnswer{}, &SignedIn{}},
		"POST /v1/invitation/key": {&InvitationKey{}, &SignedIn{}}, "POST /v1/me/settings": {&Settings{}, nil},
		"GET /v1/accounts": {nil, &[]Account{}}, "POST /v1/accounts/invite": {&Invite{}, &Invited{}}, "POST /v1/accounts/roles": {&AccountAsk{}, nil}, "POST /v1/officers/replace": {&ReplaceAsk{}, &[]Replacing{}},
		"POST /v1/accounts/end": {&AccountAsk{}, nil}, "POST /v1/accounts/replace": {&AccountAsk{}, &Invited{}},
		"GET /v1/compartment": {nil, &CompartmentAsk{}}, "POST /v1/compartment": {&CompartmentAsk{}, &CompartmentAsk{}},
		"GET /v1/access-record": {nil, &[]AccessEntry{}}, "GET /v1/prepared/{token}": {nil, &Prepared{}},
		"GET /v1/me": {nil, &Me{}}, "GET /v1/pulse": {nil, &Pulse{}},
		"GET /v1/status":    {nil, &Status{}},
		"POST /v1/officers": {&Officer{}, &Officer{}}, "GET /v1/officers": {nil, &Officer{}},
		"POST /v1/cards/draft": {&CardDraft{}, &ToSign{}}, "POST /v1/cards/signed": {&CardSigned{}, &File{}},
		"POST /v1/cards/import":  {&Import{}, &Prepared{}},
		"POST /v1/reissue/draft": {nil, &ToSign{}}, "POST /v1/reissue/signed": {&CardSigned{}, nil},
		"POST /v1/prepare": {&Prepare{}, &Prepared{}}, "POST /v1/submit": {&Submit{}, &Ref{}},
		"GET /v1/requests": {nil, &Request{}}, "GET /v1/requests/{name}": {nil, &Request{}},
		"GET /v1/calls": {nil, &Call{}}, "GET /v1/calls/{name}": {nil, &Call{}}, "POST /v1/calls/writing": {&CallWriting{}, nil}, "GET /v1/calls/{name}/attachments/{sealed}": {nil, nil},
		"GET /v1/words": {nil, &Words{}}, "POST /v1/words/begin": {&WordsBegin{}, &Words{}}, "POST /v1/words/heard": {&WordsHeard{}, &Words{}},
		"POST /v1/words/end": {&WordsAsk{}, nil}, "POST /v1/words/sheet": {&WordsAsk{}, &WordSheet{}},
		"GET /v1/contacts": {nil, &ContactPoint{}}, "GET /v1/contacts/{name}": {nil, &ContactPoint{}},
		"POST /v1/cross-check": {&Cross{}, &Hit{}},
		"GET /v1/suspensions":  {nil, &[]Suspension{}}, "GET /v1/suspensions/{suspension}": {nil, &Resumption{}}, "POST /v1/suspensions/foresee": {&ForeseeAsk{}, &Foreseen{}},
		"GET /v1/arrangement": {nil, &Arrangement{}}, "POST /v1/arrangement/sign": {&SignAsk{}, &Prepared{}},
		"POST /v1/arrangement/withdraw": {&SignAsk{}, &Prepared{}},
		"POST /v1/contact":              {&LinkAsk{}, nil}, "POST /v1/disclose": {&Disclose{}, &Disclosed{}},
		"GET /v1/requests/{name}/custody": {nil, &CustodyView{}}, "POST /v1/custody/draft": {&CustodyStep{}, &CustodySigned{}},
		"POST /v1/custody": {&CustodySigned{}, nil}, "GET /v1/evidence": {nil, &[]Evidence{}}, "POST /v1/evidence": {&EvidenceAsk{}, &File{}},
		"GET /v1/tests": {nil, &[]Timetable{}},
		"GET /v1/line":  {nil, &Line{}}, "POST /v1/line/digest": {&DigestAsk{}, &Digest{}},
		"GET /v1/line/results": {nil, &Results{}}, "POST /v1/line/test": {&TestAsk{}, &TestStep{}},
		"POST /v1/line/enter": {&EnterAsk{}, &Told{}}, "POST /v1/line/withheld": {&WithheldAsk{}, &File{}},
		"POST /v1/verify": {&LinkAsk{}, &Verify{}},
		"POST /v1/review": {&ReviewAsk{}, &ReviewStep{}}, "POST /v1/cut": {&CutAsk{}, &File{}},
		"POST /v1/attachments": {nil, &map[string]string{}}, "GET /v1/requests/{name}/attachments/{sealed}": {nil, nil},
		"GET /v1/incidents": {nil, &[]Incident{}},
		"GET /v1/desk":      {nil, &Desk{}}, "GET /v1/desk/requests/{name}": {nil, &Desk{}}, "POST /v1/desk/change": {&DeskChange{}, &Desk{}},
		"GET /v1/desk/gate": {nil, &DeskCheck{}}, "GET /v1/desk/drafts/{number}": {nil, &DeskDraft{}},
		"GET /v1/desk/drafts/{number}/attachments/{index}": {nil, nil},
		"POST /v1/desk/results":                            {&DeskAnswer{}, &DeskDraft{}}, "POST /v1/desk/release": {&DraftAsk{}, &Prepared{}}, "POST /v1/desk/drop": {&DraftAsk{}, nil},
		"GET /v1/forms": {nil, &Form{}}, "POST /v1/forms": {&Form{}, &Form{}}, "GET /v1/forms/{number}": {nil, &Form{}}, "POST /v1/forms/drop": {&FormAsk{}, nil},
		"GET /v1/roster": {nil, &RosterView{}}, "POST /v1/roster": {&RosterAsk{}, nil}, "POST /v1/roster/override": {&OverrideAsk{}, nil},
		"POST /v1/roster/hand-over": {&HandOver{}, nil}, "GET /v1/roster/check": {nil, &Checked{}},
		"GET /v1/paths": {nil, &Paths{}}, "POST /v1/paths/add": {&PathAsk{}, &Path{}}, "POST /v1/paths/verify": {&PathAsk{}, &Path{}},
		"POST /v1/paths/test": {&PathAsk{}, nil}, "POST /v1/paths/remove": {&PathAsk{}, nil},
		"GET /v1/alarms": {nil, &Alarms{}}, "POST /v1/alarms/seen": {&AlarmSeen{}, nil},
	}
}

// Every shape has an example that reads as what the server uses, without a
// field more, and with every field there is.
func TestExamples(t *testing.T) {
	want := shapes()
	if have := slices.Sorted(maps.Keys(want)); !slices.Equal(have, patterns()) {
		t.Fatalf("shapes of other routes than the server has: %v", have)
	}
	seen := map[string][2]bool{}
	for _, m := range example.FindAllStringSubmatch(read(t, docsFile), -1) {
		takes := strings.Contains(m[1], " take")
		gives := strings.Contains(m[1], "answer")
		for _, route := range all(routeInText, m[1]) {
			done := seen[route]
			for i, said := range []bool{takes, gives} {
				// In "… take, and answers; … answers a list" the first is both.
				if !said || want[route][i] == nil {
					continue
				}
				done[i] = true
				holds(t, route, m[2], want[route][i])
			}
			seen[route] = done
		}
	}
	for route, shape := range want {
		for i := range shape {
			if shape[i] != nil && !seen[route][i] {
				t.Errorf("%s: no example of what it %s", route, []string{"takes", "answers"}[i])
			}
		}
	}
}

// holds reads an example strictly, and asks for every field by name.
func holds(t *testing.T, route, text string, shape any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text, "…", "")))
	d.DisallowUnknownFields()
	if err := d.Decode(shape); err != nil {
		t.Errorf("%s: %v\n%s", route, err, text)
		return
	}
	whole, err := json.Marshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fieldName.FindAllStringSubmatch(string(whole), -1) {
		if !bytes.Contains([]byte(text), []byte(`"`+m[1]+`":`)) {
			t.Errorf("%s: the example does not show %s", route, m[1])
		}
	}
}

var fieldName = regexp.MustCompile(`"([a-z_]+)":`)
