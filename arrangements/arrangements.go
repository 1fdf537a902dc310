// Package arrangements implements spec/arrangement.md for two pairs of
// parties: the arrangements that come with parley, as data, to begin with and
// to change.
//
// The documents are in files beside this one; nothing in the code knows whom
// they name. The ids in the files are placeholders that keep them readable
// and in order; For puts those of two real parties in their place.
package arrangements

import (
	"bytes"
	"embed"
	"slices"
	"strings"

	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

//go:embed *.json
var files embed.FS

const suffix = ".json"

// Party is one of the two that an arrangement is filled in for.
type Party struct {
	ID   string // party id, 64 lower-case hexadecimal digits
	Code string // its code in the document, as in "us"
}

// Names lists the arrangements, in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // what was built in cannot be missing
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), suffix))
	}
	return names
}

// Codes gives the codes of the two parties of an arrangement, in the order of
// the document. An arrangement that is not there is arrangement.unknown.
func Codes(name string) ([2]string, error) {
	_, d, err := open(name)
	if err != nil {
		return [2]string{}, err
	}
	return [2]string{d.Parties[0].Code, d.Parties[1].Code}, nil
}

// For gives an arrangement with the ids of the two parties, ready to be
// proposed. The bytes are set out in lines and do not depend on the order in
// which the parties are given. An arrangement that is not there, or a code
// that it does not have, is arrangement.unknown; an id that is none, or one
// party twice, is the fault that the check of the document gives.
func For(name string, parties [2]Party) ([]byte, error) {
	raw, d, err := open(name)
	if err != nil {
		return nil, err
	}
	var swap []string
	for _, p := range parties {
		held, ok := d.PartyByCode(p.Code)
		if !ok {
			return nil, fault.New(rule.ArrangementUnknown, "name", name, "code", p.Code)
		}
		swap = append(swap, held.ID, p.ID)
	}
	// One pass over the bytes: an id that is put in is never itself replaced,
	// and nothing else of the file changes.
	out := []byte(strings.NewReplacer(swap...).Replace(string(raw)))
	filled, err := arrangement.Parse(out)
	if err != nil {
		return nil, err
	}
	if problems := filled.Check(); len(problems) > 0 {
		return nil, problems[0]
	}
	return out, nil
}

func open(name string) ([]byte, *arrangement.Document, error) {
	if !slices.Contains(Names(), name) {
		return nil, nil, fault.New(rule.ArrangementUnknown, "name", name)
	}
	raw, err := files.ReadFile(name + suffix)
	if err != nil {
		panic(err)
	}
	d, err := arrangement.Parse(bytes.Clone(raw))
	if err != nil {
		panic(err) // the tests read every file
	}
	return raw, d, nil
}
