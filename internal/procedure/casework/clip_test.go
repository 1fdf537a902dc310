package casework

import (
	"encoding/json"
	"strings"
	"testing"

	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
)

// Spec: ARR-57. A name that no form has is cut between characters: cut within
// one, neither the view nor the return could be written.
func TestLongNameOfAField(t *testing.T) {
	body := proceduretest.Open(false)
	body.Fields[strings.Repeat("证", 40)] = json.RawMessage(`1`)
	s := begin(false, body)
	s.Exchange()
	thread := s.fold()
	if _, err := thread.View([32]byte{}); err != nil {
		t.Fatal(err)
	}
	owed := thread.Automatic(true)
	if len(owed) != 1 || owed[0].Body.(*act.ReturnBody).Items[0].Field != strings.Repeat("证", 26) {
		t.Fatalf("%+v", owed)
	}
	if _, err := act.WriteBody(owed[0].Body); err != nil {
		t.Error(err)
	}
}
