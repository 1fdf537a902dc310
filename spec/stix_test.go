package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/stix"
	"parley.example/wire/wiretest"
)

// found is what a vector of kind stix says of a good bundle (STIX-24).
type found struct {
	ID       string         `json:"id"`
	Counts   map[string]int `json:"counts"`
	Missing  []string       `json:"missing"`
	Unmarked []string       `json:"unmarked"`
	Highest  string         `json:"highest"`
}

// stixFinds is what is found in a bundle; nothing in one that is refused.
func stixFinds(body []byte) string {
	b, err := stix.Decode(bytes.TrimSuffix(body, []byte("\n")))
	if err != nil {
		return ""
	}
	f := found{b.ID, map[string]int{}, append([]string{}, b.Missing()...), append([]string{}, b.Unmarked()...), b.Highest().String()}
	for _, c := range b.Counts() {
		f.Counts[c.Type] = c.N
	}
	line, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(line)
}

// readStix reads a bundle, and compares what is found in it, or where a refusal
// says that the trouble is.
func readStix(v wiretest.Vector) ([]byte, error) {
	_, err := stix.Decode(bytes.TrimSuffix(v.Body, []byte("\n")))
	var f *fault.Fault
	if path, there := v.Header["path"]; there && errors.As(err, &f) && (f.Args[0] != "path" || f.Args[1] != path) {
		return nil, fault.New(fault.Internal, "have", f.Args[1], "want", path)
	}
	if want, there := v.Header["finds"]; there && err == nil && want != stixFinds(v.Body) {
		return nil, fault.New(fault.Internal, "have", stixFinds(v.Body), "want", want)
	}
	return v.Body, err
}

// TestUpdateStixVectors fills in what is found in the good ones with -update;
// their text is written by hand.
func TestUpdateStixVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	for _, v := range wiretest.Vectors(t, "stix") {
		delete(v.Header, "kind")
		delete(v.Header, "expect")
		if v.Expect == "" {
			v.Header["finds"] = stixFinds(v.Body)
		}
		if err := os.WriteFile(v.File, v.Format(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
