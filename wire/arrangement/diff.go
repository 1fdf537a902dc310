package arrangement

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"parley.example/wire/ijson"
)

// Change is one difference between two documents. From or To is empty when
// the thing is absent there; otherwise it is JSON, which is never empty.
type Change struct {
	// Path is a JSON Pointer in which items of a list that have a code, or
	// another name of their own, stand under it and not under their number,
	// so that a new item does not make all later ones look changed.
	Path     string
	From, To string
}

// Diff lists what differs from a to b, in order of path. Nothing is listed
// for two documents that say the same, however they are written; the order of
// items that have a name is itself a thing that may differ.
func Diff(a, b *Document) []Change {
	var changes []Change
	left, right := flatten(a), flatten(b)
	for path, from := range left {
		if to := right[path]; to != from {
			changes = append(changes, Change{path, from, to})
		}
	}
	for path, to := range right {
		if _, ok := left[path]; !ok {
			changes = append(changes, Change{path, "", to})
		}
	}
	slices.SortFunc(changes, func(x, y Change) int { return cmp.Compare(x.Path, y.Path) })
	return changes
}

// flatten gives every leaf of a document under its path.
func flatten(d *Document) map[string]string {
	leaves := map[string]string{}
	b, err := ijson.Encode(d)
	if err == nil {
		var tree any
		// Our own writing is read by our own rules; a document that has
		// problems may still not be writable, and then has no leaves.
		if ijson.Decode(b, &tree, ijson.Limits{Bytes: len(b)}) == nil {
			walk(leaves, "", tree)
		}
	}
	return leaves
}

func walk(leaves map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			walk(leaves, path+"/"+escape(key), item)
		}
	case []any:
		names, named := itemNames(v)
		if named {
			order, err := json.Marshal(names)
			if err == nil {
				leaves[path+"/-order"] = string(order)
			}
		}
		for i, item := range v {
			key := strconv.Itoa(i)
			if named {
				key = names[i]
			}
			walk(leaves, path+"/"+escape(key), item)
		}
		if len(v) == 0 {
			leaves[path] = "[]"
		}
	default:
		if b, err := ijson.Encode(v); err == nil {
			leaves[path] = string(b)
		}
	}
}

func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// itemNames gives the names of a list's items, if every item has one and no
// two have the same.
func itemNames(list []any) (names []string, ok bool) {
	seen := map[string]bool{}
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, false
		}
		name := ""
		for _, key := range []string{"code", "party", "step", "date", "kind"} {
			if s, ok := object[key].(string); ok {
				name = s
				break
			}
		}
		if name == "" || seen[name] {
			return nil, false
		}
		seen[name] = true
		names = append(names, name)
	}
	return names, len(names) > 0
}
