package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley.example/arrangements"
	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
)

// TestLadder runs the stories of testdata/ladder, every type of request and
// every step from the form to the last correction, under each arrangement that
// comes with parley and in each language. The nodes are processes of their
// own, and serve all stories of one run; what officers type runs in this one.
//
// At the end both nodes must have the same views, make the same reports byte
// for byte, and have nothing to complain of; and every kind of act must have
// been said. Two kinds have no story, since no command says them: a node says
// them by itself to an act that was not in order when it was written, and a
// node that checks before it appends writes none. internal/sim has a node that
// does not check. Nor does anything here wait for hours or days to pass: what
// is overdue, and a hold that ends, are internal/sim's too.
//
// Spec: CW-1, CW-8, CW-9, CW-26, CW-29, CW-46, CW-58.
func TestLadder(t *testing.T) {
	files, err := filepath.Glob("testdata/ladder/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	var stories []string
	for _, file := range files {
		stories = append(stories, readWhole(t, file))
	}
	for _, name := range arrangements.Names() {
		for _, lang := range []string{locale.English, locale.Chinese} {
			words := readWhole(t, "testdata/ladder/"+lang+".words") + readWhole(t, "testdata/ladder/"+name+".words")
			if testing.Short() && (name == arrangements.Names()[0]) == (lang == locale.English) {
				continue // each arrangement once, and each language
			}
			t.Run(name+" "+lang, func(t *testing.T) {
				s, told := newLadder(t, name, lang, words), 0
				for i, file := range files {
					t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
						s.t = t
						s.run(s.unpack(stories[i]))
						told++
					})
				}
				if s.t = t; told == len(files) { // and not one that was picked, or one that failed
					s.conclude()
				}
			})
		}
	}
}

func readWhole(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// newLadder makes two nodes that serve, and a story of them whose officers
// read a language; the officers of the left node write English, those of the
// right one Chinese, whatever they read.
func newLadder(t *testing.T, name, lang, words string) *story {
	s, _ := newStory(t, "")
	s.doNodes(true, []string{name})
	s.run([]string{"parley --dir left serve &left&", "parley --dir right serve &right&", "ready left right"})
	for line := range strings.Lines(words) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && name[0] != '#' {
			s.env[name] = value
		}
	}
	s.env["ARRANGEMENT"], s.env["LANGUAGE"] = name, lang
	s.env["HAND_left"], s.env["HAND_right"] = locale.English, locale.Chinese
	t.Setenv("LANG", lang)
	t.Chdir(s.dir)
	s.heard = &heard{}
	return s
}

// conclude holds the two nodes against each other at the end of all stories.
func (s *story) conclude() {
	s.t.Helper()
	s.run([]string{"meet left right"})
	said := map[string]bool{}
	for _, name := range s.everyRequest() {
		s.sameView(name, said)
	}
	for _, kind := range casework.Vocabulary() {
		if !said[kind] && kind != act.RequestReturn && kind != act.Disorder {
			s.t.Errorf("no story says %s", kind)
		}
	}
	s.sameReports()
	for _, dir := range []string{"left", "right"} {
		s.run([]string{"parley --dir " + dir + " log verify", "parley --dir " + dir + " --json log incidents", "json . []"})
	}
	s.heard.check(s.t, s.env["LANGUAGE"], typed((&shell{locale: locale.New(s.env["LANGUAGE"])}).root()))
}

// everyRequest lists the requests, of which both nodes have the same.
func (s *story) everyRequest() []string {
	s.t.Helper()
	var both [2][]string
	for i, dir := range []string{"left", "right"} {
		s.run([]string{"parley --dir " + dir + " --json request list --limit 1000"})
		var list []api.Request
		s.check(json.Unmarshal([]byte(s.out), &list))
		for j := range list {
			both[i] = append(both[i], list[j].Name)
		}
		slices.Sort(both[i])
	}
	if !slices.Equal(both[0], both[1]) || len(both[0]) < 11 {
		s.t.Errorf("the nodes have %q and %q", both[0], both[1])
	}
	return both[0]
}

// sameView holds the two views of a request against each other, and notes the
// kinds that were said in it.
func (s *story) sameView(name string, said map[string]bool) {
	s.t.Helper()
	s.poll("the same view of "+name, func() bool {
		var views [2]string
		for i, dir := range []string{"left", "right"} {
			s.check(s.foreground([]string{"parley", "--dir", dir, "--json", "request", "show", name}))
			var r api.Request
			s.check(json.Unmarshal([]byte(s.out), &r))
			views[i] = s.field("view.thread")
			for _, a := range r.Acts {
				said[a.Kind] = true
				if a.NotInOrder != "" {
					s.t.Errorf("%s: %s is not in order: %s", name, a.Name, a.NotInOrder)
				}
			}
			s.check(s.foreground([]string{"parley", "--dir", dir, "request", "show", name}))
		}
		return views[0] == views[1]
	})
}

// sameReports has both nodes make every report of one cut.
func (s *story) sameReports() {
	s.t.Helper()
	s.run([]string{"parley --dir left status contact", "parley --dir right status contact", "meet left right",
		"parley --dir right review cut -o last.cut"})
	for _, command := range []string{"review", "cases", "cases --all"} {
		for _, form := range []string{"", " --csv"} {
			s.run([]string{"parley --dir left " + command + form + " --at last.cut", "keep left.out",
				"parley --dir right " + command + form + " --at last.cut", "cmp stdout left.out"})
		}
		s.run([]string{"parley --dir left --json " + command + " --at last.cut", "keep left.out",
			"parley --dir right --json " + command + " --at last.cut", "cmp stdout left.out"})
	}
}

// heard is what officers were shown, and what they wrote themselves.
type heard struct {
	texts   []shownText
	written []string
}

// shownText is what one command printed, for people.
type shownText struct{ command, text string }

// writingFlags are those after which an officer writes in a language of theirs.
var writingFlags = []string{"--text", "--to", "--origin", "--recipient", "--case", "--reference"}

// note keeps what a command printed, unless it is for machines, and what an
// officer wrote in it.
func (h *heard) note(words []string, texts ...string) {
	for i, w := range words[:len(words)-1] {
		if slices.Contains(writingFlags, w) {
			h.written = append(h.written, words[i+1])
		}
	}
	if slices.Contains(words, "--csv") || slices.Contains(words, "__complete") {
		return
	}
	for _, text := range texts {
		if !json.Valid([]byte(text)) {
			h.texts = append(h.texts, shownText{strings.Join(words, " "), text})
		}
	}
}

// besideName are codes that stand as they are because somebody must type or
// look up just these: beside the name that the arrangement gives them (at the
// beginning of a line, before or in a bracket), in the condition of a field,
// after the words "field", "code" and "given" of a refusal, as the values true
// and false; and identifiers with the sign of an address in them.
var besideName = regexp.MustCompile(`(?m)^ *[a-z][a-z0-9-]*  |[A-Za-z0-9_-]+（|（[A-Za-z0-9_-]+）| [a-z0-9-]+ 为 [a-z0-9-]+ ` +
	`|(?:字段|代码|所填)：[A-Za-z0-9_-]+|\[[a-z.-]+\]| true 或 false|[^ ]+@[^ ]+|https://[^ ]+`)

// bareKey is a key of the catalogue where its text should be.
var bareKey = regexp.MustCompile(`\b(?:cli|review|cause|arg|fault)\.[a-z]+[a-z.-]*`)

// check looks for keys without words, and for words that are not of the language, nor an officer's, nor
// typed as they stand.
func (h *heard) check(t *testing.T, lang string, names []string) {
	t.Helper()
	slices.SortFunc(h.written, func(a, b string) int { return len(b) - len(a) }) // the longest first: one may be in another
	var pairs []string
	for _, w := range slices.Compact(h.written) {
		if w != "" {
			pairs = append(pairs, w, "")
		}
	}
	theirs := strings.NewReplacer(pairs...)
	names = append(names, officersNames()...)
	seen := map[string]bool{}
	for _, one := range h.texts {
		if key := bareKey.FindString(one.text); key != "" && !seen[key] {
			seen[key] = true
			t.Errorf("%s: there are no words for %s, from %s", lang, key, one.command)
		}
		text := besideName.ReplaceAllString(theirs.Replace(one.text), " ")
		for _, word := range foreign(lang, text, names...) {
			if !seen[word] {
				seen[word] = true
				t.Errorf("%s: %q is in the other language, from %s:\n%s", lang, word, one.command, linesWith(text, word))
			}
		}
	}
	if len(h.texts) < 100 {
		t.Errorf("only %d texts were looked at", len(h.texts))
	}
}

// officersNames are the names and codes that stand as they are in any text.
func officersNames() []string {
	names := []string{"parley", "UTC"}
	for _, name := range arrangements.Names() {
		for _, x := range pairOf(name).sides {
			names = append(append(names, x.code), strings.Fields(x.officer)...)
		}
	}
	return names
}
