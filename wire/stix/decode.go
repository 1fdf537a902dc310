package stix

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Decode reads and checks a bundle. Errors are faults json.* and stix.*, with
// the JSON Pointer of the thing as "path".
func Decode(b []byte) (*Bundle, error) {
	if len(b) > MaxBytes {
		return nil, fault.New(rule.JSONSize, "path", "", "length", fault.Int(len(b)), "limit", fault.Int(MaxBytes))
	}
	if !utf8.Valid(b) || loneSurrogate(b) {
		return nil, fault.New(rule.JSONText, "path", "")
	}
	// The tokens below come from a reader that is kind about commas, so the
	// whole is judged first.
	var syntax *json.SyntaxError
	if !json.Valid(b) {
		offset := len(b)
		if err := json.Unmarshal(b, new(json.RawMessage)); asSyntax(err, &syntax) {
			offset = int(syntax.Offset)
		}
		return nil, fault.New(rule.JSONSyntax, "path", "", "offset", fault.Int(offset))
	}
	r := &reader{dec: json.NewDecoder(bytes.NewReader(b)), raw: b}
	r.dec.UseNumber()
	bundle := &Bundle{Raw: json.RawMessage(b)}
	if err := r.bundle(bundle); err != nil {
		return nil, err
	}
	return bundle, nil
}

func asSyntax(err error, to **json.SyntaxError) bool {
	s, ok := err.(*json.SyntaxError)
	*to = s
	return ok
}

// loneSurrogate reports whether an escape is half of a pair without the other
// half. The usual readers replace it by U+FFFD, after which two different
// texts are equal.
func loneSurrogate(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if i++; b[i] != 'u' {
			continue
		}
		r, ok := hex4(b, i+1)
		if !ok || !utf16.IsSurrogate(r) {
			continue
		}
		low, ok := rune(0), false
		if i+6 < len(b) && b[i+5] == '\\' && b[i+6] == 'u' {
			low, ok = hex4(b, i+7)
		}
		if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
			return true
		}
		i += 10
	}
	return false
}

func hex4(b []byte, at int) (rune, bool) {
	if at+4 > len(b) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[at:at+4]), 16, 16)
	return rune(v), err == nil
}

// reader walks the tokens of a bundle. path is where it is; object, where not
// nil, is the object that it is in and base the length of that object's path.
type reader struct {
	dec    *json.Decoder
	raw    []byte
	path   []string
	depth  int
	object *Object
	base   int
	seen   map[*[]string]map[string]bool // the references of the object, and its markings
}

func (r *reader) fail(code fault.Code, args ...string) error {
	return fault.New(code, append([]string{"path", r.pointer()}, args...)...)
}

func (r *reader) pointer() string {
	var b strings.Builder
	for _, p := range r.path {
		b.WriteByte('/')
		b.WriteString(clip(strings.ReplaceAll(strings.ReplaceAll(p, "~", "~0"), "/", "~1")))
	}
	return b.String()
}

// token takes the next one. The text was judged before, so that there is one.
func (r *reader) token() (json.Token, error) {
	t, err := r.dec.Token()
	if err != nil {
		return nil, fault.Wrap(err, rule.JSONSyntax, "path", r.pointer(), "offset", fault.Int(int(r.dec.InputOffset())))
	}
	return t, nil
}

// bundle reads the outermost object.
func (r *reader) bundle(to *Bundle) error {
	first, err := r.token()
	if err != nil {
		return err
	}
	if first != json.Delim('{') {
		return r.fail(rule.StixBundle)
	}
	top := map[string]string{}
	err = r.members(func(key string, t json.Token) error {
		if key == "objects" {
			return r.objects(to, t)
		}
		if s, ok := t.(string); ok {
			top[key] = s
		} else if key == "type" || key == "id" || key == "spec_version" {
			return r.fail(rule.JSONType, "want", "string")
		}
		return r.value(t)
	})
	if err != nil {
		return err
	}
	if top["type"] != "bundle" {
		return fault.New(rule.StixBundle, "path", "/type")
	}
	if kind, ok := identifier(top["id"]); !ok || kind != "bundle" {
		return fault.New(rule.StixID, "path", "/id")
	}
	if v, ok := top["spec_version"]; ok && v != "2.1" {
		return fault.New(rule.StixVersion, "path", "/spec_version", "have", clip(v))
	}
	to.ID = top["id"]
	return nil
}

// objects reads the array of objects, each checked when it ends.
func (r *reader) objects(to *Bundle, open json.Token) error {
	if open != json.Delim('[') {
		return r.fail(rule.JSONType, "want", "array")
	}
	type version struct{ id, modified string }
	seen := map[version]bool{}
	return r.items(func(t json.Token) error {
		if t != json.Delim('{') {
			return r.fail(rule.JSONType, "want", "object")
		}
		start := r.dec.InputOffset() - 1
		o := Object{props: map[string]string{}}
		r.object, r.base, r.seen = &o, len(r.path), map[*[]string]map[string]bool{&o.Refs: {}, &o.Markings: {}}
		err := r.value(t)
		if r.object = nil; err != nil {
			return err
		}
		o.Type, o.ID, o.Name = o.props["type"], o.props["id"], o.props["name"]
		o.Created, o.Modified = o.props["created"], o.props["modified"]
		o.Raw = r.raw[start:r.dec.InputOffset():r.dec.InputOffset()]
		if err := o.check(r.pointer()); err != nil {
			return err
		}
		v := version{o.ID, o.Modified}
		if seen[v] {
			return r.fail(rule.StixRepeated, "id", o.ID)
		}
		seen[v] = true
		to.Objects = append(to.Objects, o)
		return nil
	})
}

// value reads the rest of a value of which t is the first token.
func (r *reader) value(t json.Token) error {
	switch t {
	case json.Delim('{'):
		return r.members(func(_ string, t json.Token) error {
			if err := r.take(t, false); err != nil {
				return err
			}
			return r.value(t)
		})
	case json.Delim('['):
		return r.items(func(t json.Token) error {
			if err := r.take(t, true); err != nil {
				return err
			}
			return r.value(t)
		})
	}
	return nil
}

// members reads an object of which the brace was taken; each gets a key that
// was not there before and the first token of its value.
func (r *reader) members(each func(key string, t json.Token) error) error {
	seen := map[string]bool{}
	return r.group(func(int) error {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		r.path = append(r.path, key)
		if seen[key] {
			return r.fail(rule.JSONDuplicate)
		}
		seen[key] = true
		if t, err = r.token(); err != nil {
			return err
		}
		return each(key, t)
	})
}

// items reads an array of which the bracket was taken.
func (r *reader) items(each func(t json.Token) error) error {
	return r.group(func(n int) error {
		r.path = append(r.path, strconv.Itoa(n))
		t, err := r.token()
		if err != nil {
			return err
		}
		return each(t)
	})
}

func (r *reader) group(each func(n int) error) error {
	if r.depth++; r.depth > MaxDepth {
		return r.fail(rule.JSONDepth, "limit", fault.Int(MaxDepth))
	}
	length := len(r.path)
	for n := 0; r.dec.More(); n++ {
		if err := each(n); err != nil {
			return err
		}
		r.path = r.path[:length]
	}
	r.depth--
	_, err := r.token()
	return err
}

// take keeps what the checks, the references and the markings need of the
// value at the path of an object; item says that it is one of an array's.
func (r *reader) take(t json.Token, item bool) error {
	if r.object == nil {
		return nil
	}
	o, in := r.object, r.path[r.base:]
	s, isText := t.(string)
	if len(in) == 1 && watched[in[0]] {
		if !isText {
			return r.fail(rule.JSONType, "want", "string")
		}
		o.props[in[0]] = s
	}
	switch {
	case len(in) == 2 && in[0] == "definition" && in[1] == "tlp":
		o.props["definition.tlp"] = s
	case len(in) == 3 && in[0] == "extensions" && in[1] == tlpExtension && in[2] == "tlp_2_0":
		o.props["tlp_2_0"] = s
	case len(in) == 2 && in[0] == "extensions":
		if kind, ok := identifier(in[1]); ok && kind == "extension-definition" {
			r.once(&o.Refs, in[1])
		}
	}
	return r.reference(in, s, isText, item, t)
}

// reference applies STIX-16.
func (r *reader) reference(in []string, s string, isText, item bool, t json.Token) error {
	o, last := r.object, in[len(in)-1]
	single := !item && strings.HasSuffix(last, "_ref")
	listed := item && strings.HasSuffix(in[len(in)-2], "_refs")
	strict := !strings.HasPrefix(in[0], "x_") // somebody's own properties keep somebody's own rules
	if strict && len(in) == 1 && strings.HasSuffix(last, "_refs") && t != json.Delim('[') {
		return r.fail(rule.StixReference)
	}
	if !single && !listed {
		return nil
	}
	if _, ok := identifier(s); !isText || !ok {
		if strict && (len(in) == 1 || listed && len(in) == 2) {
			return r.fail(rule.StixReference)
		}
		return nil
	}
	if in[0] == "object_marking_refs" || in[0] == "granular_markings" {
		r.once(&o.Markings, s)
	} else {
		r.once(&o.Refs, s)
	}
	return nil
}

// once adds what is not in the list. A marking counts though something else
// of the object referred to it before.
func (r *reader) once(list *[]string, id string) {
	if !r.seen[list][id] {
		r.seen[list][id] = true
		*list = append(*list, id)
	}
}
