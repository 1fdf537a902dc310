package arrangement

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"parley.example/wire/ijson"
)

// Difference is one or several changes as people read them. From is empty for
// what is new, To for what is gone.
type Difference struct {
	Path  string `json:"path"`  // as in Change, of the whole thing that differs
	Where string `json:"where"` // the same in words
	From  string `json:"from"`
	To    string `json:"to"`
}

// Differences words what differs from a to b, in "zh" or "en". What is new or
// gone as a whole is one difference, and a list of words is one; the order of
// items is told only where those that both documents have stand otherwise.
// Nothing that Diff lists is left out, except as a part of these.
func Differences(a, b *Document, lang string) []Difference {
	t := teller{renderer: renderer{lang: lang, d: b}, a: tree(a), b: tree(b)}
	t.other = a
	var list []Difference
	told := map[string]bool{}
	for _, c := range Diff(a, b) {
		segments := strings.Split(c.Path, "/")[1:]
		if last := len(segments) - 1; segments[last] == "-order" {
			if d, ok := t.order(segments[:last]); ok {
				list = append(list, d)
			}
			continue
		}
		segments = t.whole(segments)
		path := "/" + strings.Join(segments, "/")
		if told[path] {
			continue
		}
		told[path] = true
		from, _ := follow(t.a, segments)
		to, _ := follow(t.b, segments)
		list = append(list, Difference{path, t.where(segments), t.value(from), t.value(to)})
	}
	return list
}

type teller struct {
	renderer
	other *Document
	a, b  any
}

// tree is a document as plain JSON values.
func tree(d *Document) (v any) {
	if b, err := ijson.Encode(d); err == nil {
		// Our own writing; a document that is not writable has no leaves.
		_ = ijson.Decode(b, &v, ijson.Limits{Bytes: len(b)})
	}
	return v
}

func unescape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~")
}

// follow goes down a path of Diff.
func follow(v any, segments []string) (any, bool) {
	for _, s := range segments {
		switch x := v.(type) {
		case map[string]any:
			item, ok := x[unescape(s)]
			if !ok {
				return nil, false
			}
			v = item
		case []any:
			i, err := strconv.Atoi(s)
			if names, named := itemNames(x); named {
				i, err = slices.Index(names, unescape(s)), nil
			}
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// whole shortens a path to the outermost thing that only one document has, or
// to the list of words that it is in.
func (t *teller) whole(segments []string) []string {
	for i := 1; i <= len(segments); i++ {
		from, before := follow(t.a, segments[:i])
		to, after := follow(t.b, segments[:i])
		if before != after || plain(from) && plain(to) {
			return segments[:i]
		}
	}
	return segments
}

// plain tells a list of words and numbers from one of things.
func plain(v any) bool {
	list, ok := v.([]any)
	return ok && !slices.ContainsFunc(list, func(item any) bool {
		_, object := item.(map[string]any)
		return object
	})
}

// order tells that the things which both lists have stand in another order.
func (t *teller) order(segments []string) (Difference, bool) {
	var names [2][]string
	for i, root := range []any{t.a, t.b} {
		v, _ := follow(root, segments)
		list, _ := v.([]any)
		names[i], _ = itemNames(list)
	}
	var kept [2][]string
	for i := range names {
		for _, n := range names[i] {
			if slices.Contains(names[1-i], n) {
				kept[i] = append(kept[i], n)
			}
		}
	}
	if slices.Equal(kept[0], kept[1]) {
		return Difference{}, false
	}
	return Difference{
		"/" + strings.Join(append(slices.Clone(segments), "-order"), "/"),
		t.where(segments) + t.say(" › order", " › 顺序"), t.list(kept[0]), t.list(kept[1]),
	}, true
}

// where words a path: keys by their label, things by their names.
func (t *teller) where(segments []string) string {
	var words []string
	for i, s := range segments {
		parent, ok := follow(t.b, segments[:i])
		if !ok {
			parent, _ = follow(t.a, segments[:i])
		}
		if _, list := parent.([]any); list {
			words = append(words, t.item(segments[:i+1], unescape(s)))
			continue
		}
		words = append(words, t.label(unescape(s)))
	}
	return strings.Join(words, " › ")
}

// item names a thing in a list: by its names, the party it is of, or its code.
func (t *teller) item(segments []string, code string) string {
	for _, root := range []any{t.b, t.a} {
		if v, ok := follow(root, segments); ok {
			if x, ok := v.(map[string]any); ok {
				if w := t.inside(x); w != "" {
					return "“" + w + "”"
				}
			}
		}
	}
	for _, d := range []*Document{t.d, t.other} {
		if p, ok := d.Party(code); ok {
			return t.in(p.Names)
		}
	}
	return t.step(code)
}

// inside gives the words that a thing is called by.
func (t *teller) inside(x map[string]any) string {
	for _, key := range []string{"names", "heading"} {
		if w, ok := x[key].(map[string]any); ok {
			// A title is known by whose it is, not by what it says.
			if _, title := x["party"]; !title {
				return t.text(w)
			}
		}
	}
	if date, ok := x["date"].(string); ok {
		return strings.TrimSpace(date + " " + t.text(x))
	}
	return ""
}

func (t *teller) text(w map[string]any) string {
	lang := "en"
	if t.lang == "zh" {
		lang = "zh"
	}
	s, _ := w[lang].(string)
	return s
}

// value words what stands at a path.
func (t *teller) value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return t.say("yes", "是")
		}
		return t.say("no", "否")
	case string:
		if v == "" {
			return t.say("(nothing)", "（无）")
		}
		return t.step(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = t.value(item)
		}
		if len(items) == 0 {
			return t.say("(none)", "（无）")
		}
		return t.list(items)
	case map[string]any:
		if w := t.inside(v); w != "" {
			return w
		}
		if w := t.text(v); w != "" {
			return w
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
