// Package stix implements spec/stix.md: bundles of STIX 2.1, read far enough
// to file them, to mark them and to say what they lack.
//
// A bundle is never written again. Its objects keep the bytes they came in,
// with every property and type that nothing here knows: what one analyst's
// tool wrote is what the other's must read.
package stix

import (
	"encoding/json"
	"slices"
	"strings"
)

// MaxBytes is the greatest length of a bundle; MaxDepth is how deep its
// objects and arrays may nest.
const (
	MaxBytes = 8 << 20
	MaxDepth = 32
)

// Bundle is a bundle that was checked. Raw, and the objects' own, point into
// the bytes that Decode was given.
type Bundle struct {
	ID      string
	Objects []Object
	Raw     json.RawMessage
}

// Object is one object of a bundle, of whatever type. Properties that STIX
// allows to be absent are then empty.
type Object struct {
	Type     string
	ID       string
	Name     string
	Created  string // as written
	Modified string // as written; empty for observables and markings
	Refs     []string
	Markings []string // those on parts of the object included
	Raw      json.RawMessage

	props map[string]string // what Decode checks
}

// Prop returns a property that spec/stix.md names (pattern, pattern_type,
// valid_from, valid_until, relationship_type, source_ref, target_ref,
// sighting_of_ref, description), or nothing.
func (o *Object) Prop(name string) string { return o.props[name] }

// TLP returns the most restrictive colour that the object carries.
func (o *Object) TLP() TLP {
	highest := Unmarked
	for _, id := range o.Markings {
		highest = max(highest, published[id])
	}
	return highest
}

// Object returns the newest version of an object, which is the last of those
// with the greatest modified time.
func (b *Bundle) Object(id string) (*Object, bool) {
	var found *Object
	for i := range b.Objects {
		o := &b.Objects[i]
		if o.ID == id && (found == nil || !before(o.Modified, found.Modified)) {
			found = o
		}
	}
	return found, found != nil
}

// before compares two timestamps that were checked; an absent one is before
// every other.
func before(a, b string) bool {
	ta, _ := instant(a)
	tb, _ := instant(b)
	return ta.Before(tb)
}

// Missing returns the identifiers that the objects refer to and that the
// bundle does not have, each once, sorted.
func (b *Bundle) Missing() []string {
	have := make(map[string]bool, len(b.Objects))
	for _, o := range b.Objects {
		have[o.ID] = true
	}
	var missing []string
	for _, o := range b.Objects {
		for _, ref := range slices.Concat(o.Refs, o.Markings) {
			if !have[ref] && published[ref] == Unmarked && ref != tlpExtension {
				have[ref] = true
				missing = append(missing, ref)
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// Unmarked returns the identifiers of the objects that carry no colour, each
// once, sorted. Definitions of markings, extensions and languages need none.
func (b *Bundle) Unmarked() []string {
	var ids []string
	for i := range b.Objects {
		o := &b.Objects[i]
		if o.TLP() == Unmarked && !meta[o.Type] {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Highest returns the most restrictive colour in the bundle. It says nothing
// of unmarked objects; ask Unmarked first.
func (b *Bundle) Highest() TLP {
	highest := Unmarked
	for i := range b.Objects {
		highest = max(highest, b.Objects[i].TLP())
	}
	return highest
}

// Count is how many objects of a type there are.
type Count struct {
	Type string
	N    int
}

// Counts returns the number of objects of each type, the types sorted.
func (b *Bundle) Counts() []Count {
	byType := map[string]int{}
	for _, o := range b.Objects {
		byType[o.Type]++
	}
	counts := make([]Count, 0, len(byType))
	for t, n := range byType {
		counts = append(counts, Count{t, n})
	}
	slices.SortFunc(counts, func(a, b Count) int { return strings.Compare(a.Type, b.Type) })
	return counts
}
