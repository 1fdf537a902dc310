package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// maxIdentifiers bounds what one cross-check asks for, and what one act is
// found by: as many as a field usually holds.
const maxIdentifiers = 1000

// Named is an identifier with the field of the form that holds it.
type Named struct {
	Field string
	arrangement.Identifier
}

// IdentifiersOf lists what a form names, field by field in no order that
// matters: every value that has the shape of the kind "identifiers", whatever
// version of the arrangement the form was written under.
func IdentifiersOf(form *act.OpenBody) (list []Named) {
	for code, raw := range form.Fields {
		var found []arrangement.Identifier
		if ijson.Decode(raw, &found, ijson.Limits{Bytes: act.MaxBody}) != nil {
			continue
		}
		for _, id := range found {
			if id.Value != "" {
				list = append(list, Named{code, id})
			}
		}
	}
	return list
}

// Identifiers lists what the forms of a thread name that are in order, each
// value once.
func (f *Folded) Identifiers() (list []Named) {
	broken := map[record.Place]bool{}
	for _, g := range f.Thread.NotInOrder {
		broken[record.Place{Higher: g.Side == "higher", Position: g.Position}] = true
	}
	seen := map[string]bool{}
	for _, e := range record.Merge(f.Entries[0], f.Entries[1]) {
		form, ok := e.Body.(*act.OpenBody)
		if !ok || broken[record.Place{Higher: e.Higher, Position: e.Position}] {
			continue
		}
		for _, id := range IdentifiersOf(form) {
			if !seen[id.Value] {
				seen[id.Value] = true
				list = append(list, id)
			}
		}
	}
	return list
}

// identifierTokens are the keyed tokens by which acts with these identifiers
// are found. The value is hashed first, so that it is one word, whatever it
// is made of: an address does not break into four numbers.
func (l *Link) identifierTokens(values []string) (tokens [][16]byte) {
	for _, v := range values {
		sum := sha256.Sum256([]byte(v))
		tokens = append(tokens, l.node.Vault.Tokens("identifier"+hex.EncodeToString(sum[:]))...)
	}
	return tokens
}

// CrossCheck calls f with each request of a link that names one of the values,
// and with what it names of them, until f returns false; except is left out,
// unless nil. The index only proposes; what is reported was read and compared.
func (n *Node) CrossCheck(ctx context.Context, l *Link, except *Folded, values []string, limit int, f func(*Folded, []Named) bool) error {
	if len(values) > maxIdentifiers {
		return fault.New(rule.NodeUsage, "command", "request cross-check", "want", fault.Int(maxIdentifiers))
	}
	wanted := map[string]bool{}
	for _, v := range values {
		wanted[v] = true
	}
	if err := n.indexForSearch(ctx, l); err != nil {
		return err
	}
	return n.Store.View(ctx, func(r store.Reader) error {
		seen := map[store.ThreadID]bool{}
		for _, token := range l.identifierTokens(values) {
			threads, err := r.Find([][16]byte{token}, limit)
			if err != nil {
				return err
			}
			for _, id := range threads {
				if seen[id] || id.Link != l.id || id.Channel != statement.Routine || except != nil && id == except.ID {
					continue
				}
				seen[id] = true
				folded, err := l.fold(r, id, n.Now())
				if errors.Is(err, errOther) {
					continue
				}
				if err != nil {
					return err
				}
				var shared []Named
				for _, x := range folded.Identifiers() {
					if wanted[x.Value] {
						shared = append(shared, x)
					}
				}
				if len(shared) > 0 && !f(folded, shared) {
					return nil
				}
			}
		}
		return nil
	})
}

// identifiersIn finds the identifiers in a body of any form.
func identifiersIn(body []byte) (values []string) {
	var form struct {
		Fields map[string]json.RawMessage `json:"fields"`
	}
	if json.Unmarshal(body, &form) != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, x := range IdentifiersOf(&act.OpenBody{Fields: form.Fields}) {
		if !seen[x.Value] && len(values) < maxIdentifiers {
			seen[x.Value] = true
			values = append(values, x.Value)
		}
	}
	return values
}
