package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// routineKinds are the kinds of the channel of requests.
func routineKinds() (kinds []string) {
	for _, k := range act.Kinds(act.Newest) {
		if k.Channel == statement.Routine {
			kinds = append(kinds, k.Name)
		}
	}
	return kinds
}

// constantsOf reads the constants of a type of casework from its source, so
// that one that is added cannot be forgotten here.
func constantsOf(t *testing.T, typeName string) (values []string) {
	t.Helper()
	files, _ := filepath.Glob("../../internal/procedure/casework/*.go")
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			name, _ := spec.Type.(*ast.Ident)
			lit, isLit := spec.Values[0].(*ast.BasicLit)
			if name != nil && name.Name == typeName && isLit {
				value, _ := strconv.Unquote(lit.Value)
				values = append(values, value)
			}
			return true
		})
	}
	if len(values) < 3 {
		t.Fatalf("only %d constants of type %s", len(values), typeName)
	}
	return values
}

// Everything that a request can be has words in both languages.
func TestEveryWord(t *testing.T) {
	wanted := map[string][]string{
		"cli.kind.":       routineKinds(),
		"cli.phase.":      constantsOf(t, "Phase"),
		"cli.owes.":       append(constantsOf(t, "State"), "undated"),
		"cli.settled.":    constantsOf(t, "Settled"),
		"cli.hold.":       {casework.Held, casework.Alarm, casework.Lapsed, casework.Kept, casework.LetGo, casework.Unsaid},
		"cli.step.":       {arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer, casework.StepReply, casework.StepConsent, casework.StepPromise, casework.StepHold},
		"cli.relation.":   act.Relations(),
		"cli.class.":      {arrangement.ClassRequest, arrangement.ClassInquiry, arrangement.ClassNotification, arrangement.ClassEnquiry},
		"cli.how.":        {"correct", "supersede", "retract"},
		"cli.changed.":    {"correct", "supersede", "retract"},
		"cli.course.":     {"await", "postpone"},
		"cli.need.":       {arrangement.Required, arrangement.Optional, arrangement.Conditional},
		"cli.head.":       wording.HeadFields(),
		"cli.receipt.":    {"stored", "opened", "accepted", "acted-on"},
		"cli.unit.":       {string(calendar.Hours), string(calendar.Days), string(calendar.WorkingHours), string(calendar.WorkingDays)},
		"cli.proposal.":   {"extend", "condition", "dispute", "renew", "reuse"},
		"cli.request.":    {"group.look", "group.requester", "group.receiver", "group.either"},
		"cli.shape.":      fieldKinds(t),
		"cli.attachment.": {"here", "outstanding"},
	}
	for _, v := range requestVerbs() {
		wanted["cli.request."] = append(wanted["cli.request."], "said."+verb(v.kind), verb(v.kind)+".short")
	}
	for _, l := range locale.All() {
		for prefix, codes := range wanted {
			for _, code := range codes {
				if key := prefix + code; l.T(key, "n", "2") == key {
					t.Errorf("%s: no text for %s", l.Lang, key)
				}
			}
		}
	}
}

// fieldKinds reads the kinds of fields from the source, too.
func fieldKinds(t *testing.T) (kinds []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../wire/arrangement/fields.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Kind") && len(spec.Values) == 1 {
			value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			kinds = append(kinds, value)
		}
		return true
	})
	if len(kinds) != 10 {
		t.Fatalf("%d kinds of fields", len(kinds))
	}
	return kinds
}

// Every kind that a person says has one command, and no other has.
func TestEveryVerb(t *testing.T) {
	said := map[string]int{act.RequestOpen: 1, act.RequestDraft: 1, act.RequestPartial: 1} // new, draft, answer --partial
	for _, v := range requestVerbs() {
		said[v.kind]++
	}
	for _, k := range act.Kinds(act.Newest) {
		want := 1
		if k.Channel != statement.Routine || k.Automatic || strings.HasPrefix(k.Name, "contact.") { // of those: cmd_contacts.go
			want = 0
		}
		if said[k.Name] != want {
			t.Errorf("%s: %d commands, want %d", k.Name, said[k.Name], want)
		}
	}
	sh := &shell{locale: localeOf("en")}
	request, _, err := sh.root().Find([]string{"request"})
	if err != nil {
		t.Fatal(err)
	}
	if !request.AllChildCommandsHaveGroup() {
		t.Error("a command is in no group, and so would be listed under English words")
	}
}

// filled gives a value of which every text is the given one, every number 3,
// every switch on, and every list has one element.
func filled(v reflect.Value, text string) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		raw, _ := json.Marshal(text)
		v.SetBytes(raw)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				filled(v.Field(i), text)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			filled(v.Index(i), text)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		filled(v.Index(0), text)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(key, text)
		filled(value, text)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		if v.CanInt() {
			v.SetInt(3)
		} else if v.CanUint() {
			v.SetUint(3)
		}
	}
}

// everywhere is a request in which a text stands wherever a text can stand: in
// every kind of act, in the view, in the arrangement.
func everywhere(text string) (*api.Request, *casework.Thread, *arrangement.Document) {
	r, thread, rules := &api.Request{}, &casework.Thread{}, &arrangement.Document{}
	filled(reflect.ValueOf(r).Elem(), text)
	filled(reflect.ValueOf(thread).Elem(), text)
	filled(reflect.ValueOf(rules).Elem(), text)
	rules.Parties = append(rules.Parties, rules.Parties[0])
	r.Acts = nil
	for i, kind := range routineKinds() {
		body, _ := act.FromJSON(kind, []byte("{}")) // the body's type; what is wrong with it does not matter
		filled(reflect.ValueOf(body).Elem(), text)
		raw, _ := json.Marshal(body)
		a := api.Said{}
		filled(reflect.ValueOf(&a).Elem(), text)
		a.Kind, a.Body, a.NotInOrder, a.Ours, a.Position = kind, raw, "", i%2 == 0, uint64(i)
		r.Acts = append(r.Acts, a)
	}
	broken := r.Acts[0]
	broken.NotInOrder = text
	r.Acts = append(r.Acts, broken)
	return r, thread, rules
}

// shownTo renders all that is ever shown of a request, as a terminal gets it.
func shownTo(lang string, r *api.Request, thread *casework.Thread, rules *arrangement.Document) string {
	var out bytes.Buffer
	sh := &shell{locale: locale.New(lang), err: &bytes.Buffer{}}
	sh.out = &plain{to: &out, json: func() bool { return sh.json }}
	t := &teller{shell: sh, r: r, t: thread, rules: rules, zones: zonesOf(r, rules)}
	t.tell()
	t.next()
	r.View, _ = json.Marshal(map[string]any{"thread": thread})
	sh.tellRow(r, rules, rowOptions{several: true})
	sh.tellTypes(rules)
	for i := range rules.Types {
		sh.tellType(rules, &rules.Types[i])
	}
	sh.tellHits([]api.Hit{{Request: r.Name, Title: r.Title, Phase: r.Phase, Shared: []api.SharedID{{Value: r.Title.Text}}}})
	return out.String()
}

// No string that anybody may write makes a terminal do anything but show it.
func TestNaughtyStrings(t *testing.T) {
	var list []string
	raw, err := readForm("testdata/strings/blns.json")
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil || len(list) < 400 {
		t.Fatal(len(list), err)
	}
	list = append(list, "\x1b[2J\x1b]0;owned\a", "a\r\nus-9  forged", "\u202egnp.exe", "\u2066x\u2069", "\u200e\u200f\u061c", "\u0085\u2028\u2029",
		"\x9b31m", "\x00", "\ufeff", "\U000e0041", strings.Repeat("\u0301", 500), "\xff\xfe", "{who} {n} %s %d $(x) `x`")
	if testing.Short() {
		list = list[len(list)-20:]
	}
	for _, text := range list {
		for _, lang := range []string{"en", "zh"} {
			r, thread, rules := everywhere(text)
			shown := shownTo(lang, r, thread, rules)
			if i := strings.IndexFunc(shown, func(c rune) bool { return c != '\n' && c != '\t' && obeyed(c) }); i >= 0 {
				t.Fatalf("%q, %s: a character that is obeyed: %q", text, lang, shown[max(0, i-40):min(len(shown), i+40)])
			}
			// The worst of them by name, whatever the rule above thinks of them.
			if strings.ContainsAny(shown, "\x00\a\b\r\x1b\x7f\u0085\u009b\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\U000e0041") {
				t.Fatalf("%q, %s: a terminal would obey this", text, lang)
			}
			if strings.TrimSpace(text) != "" && len(shown) < 500 {
				t.Errorf("%q, %s: nothing shown", text, lang)
			}
		}
	}
}

// What has to be one line is one, so that nobody can write a second entry of a
// list: whatever is added to a text, the lists have the same lines.
func TestNoForgedLine(t *testing.T) {
	count := func(text string) int {
		r, thread, rules := everywhere(text)
		r.View, _ = json.Marshal(map[string]any{"thread": thread})
		var out bytes.Buffer
		sh := &shell{locale: locale.New("en"), out: &out}
		sh.tellRow(r, rules, rowOptions{several: true})
		sh.tellHits([]api.Hit{{Request: text, Title: act.Text{Text: text}, Phase: text, Shared: []api.SharedID{{Value: text}}}})
		return strings.Count(out.String(), "\n")
	}
	if a, b := count("x"), count("x\nus-9  Urgent  stored, not opened\n    We owe: nothing"); a != b {
		t.Errorf("%d lines, and %d with line feeds in the texts", a, b)
	}
}

// In both languages, what a request shows beside the words of people is in that
// language alone: see latin.
func TestShownInOneLanguage(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		text := map[string]string{"en": "Word", "zh": "词"}[lang]
		r, thread, rules := everywhere(text)
		typical(r, thread)
		shown := shownTo(lang, r, thread, rules)
		for _, word := range foreign(lang, shown, "Word", "us", "cn") {
			t.Errorf("%s: %q is in the other language in\n%s", lang, word, linesWith(shown, word))
		}
	}
}

// typical puts codes of ours where they are, since their words are shown.
func typical(r *api.Request, thread *casework.Thread) {
	r.Name, r.Own, r.Link, r.Side, r.Phase = "us-4", "us", "cn", "lower", "accepted"
	r.Moves = []string{act.RequestWithdraw, act.RequestRemind}
	for i := range r.Acts {
		a := &r.Acts[i]
		a.Name = map[bool]string{true: "us.", false: "cn."}[a.Ours] + strconv.Itoa(i)
		a.Attachments = nil
		if a.NotInOrder != "" {
			a.NotInOrder = "act.turn"
		}
		a.Body = bytes.ReplaceAll(bytes.ReplaceAll(a.Body, []byte(`"Word"`), []byte(`""`)), []byte(`"词"`), []byte(`""`))
	}
	thread.Request.Class = arrangement.ClassInquiry
	for i := range thread.Obligations {
		thread.Obligations[i].State, thread.Obligations[i].Step = casework.Running, arrangement.Answer
	}
	thread.Missing = []act.ReturnItem{{Field: "title", Rule: "missing.field"}}
	c := &thread.Course
	c.Hold.State, c.Softer = casework.Alarm, []string{act.RequestPartial}
	c.Delays = []casework.Delay{{Kind: act.RequestAwait}, {Kind: act.RequestPostpone}}
	c.Links[0].Relation = "follows"
	c.Grants[0].Step = arrangement.Decide
	c.Corrections[0].How = "retract"
	c.Proposals = nil
	for _, kind := range []string{act.RequestExtend, act.RequestCondition, act.RequestDispute, act.RequestRenew, act.RequestReuse} {
		c.Proposals = append(c.Proposals, casework.Proposal{Kind: kind, State: casework.Pending, Where: casework.Where{Side: "lower"}})
	}
}

// foreign gives the words of a text that are not of a language. In Chinese a
// Latin word is one, unless it is typed as it stands: what follows "parley" or
// "--", a code in brackets beside its name, a default, capitals, what has a
// digit or a sign of a code in it, and the names given. In English every Han
// character is one.
func foreign(lang, text string, names ...string) (words []string) {
	if lang == "en" {
		return hanWords.FindAllString(text, -1)
	}
	for line := range strings.Lines(text) {
		if strings.Contains(line, "parley ") {
			line, _, _ = strings.Cut(line, "parley ")
		}
		line = codeBrackets.ReplaceAllString(line, "")
		for _, token := range latinTokens.FindAllString(line, -1) {
			word := strings.Trim(token, ".,:;()")
			if !latinWord.MatchString(word) || strings.ToUpper(word) == word || strings.ContainsAny(word, "0123456789-._/=:") ||
				slices.Contains(names, word) || strings.HasPrefix(word, "--") {
				continue
			}
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

func linesWith(text, word string) (lines string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			lines += line
		}
	}
	return lines
}

// What was refused is counted by rule, and said with the newest instance, its
// code and the next step, in the reader's language.
func TestTellIncidents(t *testing.T) {
	of := func(code string, at int64, count uint32, args ...string) api.Incident {
		return api.Incident{Problem: api.Problem{Code: code, Args: args}, Link: "cn", Realm: "real", First: at - 1000, At: at, Count: count}
	}
	list := []api.Incident{of("head.root", 1_800_000_060_000, 1, "size", "12"), of("contact.quota", 1_800_000_000_000, 2),
		of("head.root", 1_799_999_940_000, 4, "size", "11")}
	for lang, want := range map[string][]string{
		"en": {"Friday 15 January 2027, 08:01 (UTC)  The entries do not give the root that was signed. [head.root]", "size: 12", "From cn (real), 5 times since Friday 15 January 2027, 07:58",
			"    Next: Ask for the delivery again", "[contact.quota]", "2 times"},
		"zh": {"各条目算不出所签署的根值。 [head.root]", "来自 cn（实战），自 ", "共 5 次。", "    下一步：请重新索取", "[contact.quota]", "共 2 次。"},
	} {
		var out bytes.Buffer
		(&shell{out: &out, locale: localeOf(lang)}).tellIncidents(list)
		text := out.String()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: without %q:\n%s", lang, w, text)
			}
		}
		if strings.Count(text, "⚠") != 2 || strings.Contains(text, "11") {
			t.Errorf("%s: not one for each rule:\n%s", lang, text)
		}
	}
}
