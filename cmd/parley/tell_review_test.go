package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode"

	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/review"
	"parley.example/wire/act"
)

// Every figure that a report can hold has words in both languages.
func TestFiguresHaveWords(t *testing.T) {
	for _, l := range locale.All() {
		has := func(key string) {
			if l.T(key) == key {
				t.Errorf("%s: no text for %s", l.Lang, key)
			}
		}
		for _, section := range []string{review.Requests, review.Class, review.Completeness, review.Outcomes, review.Proposals, review.Urgency,
			review.Quality, review.Use, review.Preservation, review.Entries} {
			for _, measure := range review.Measures(section) {
				has("review." + section + "." + measure)
			}
			if section != review.Proposals {
				has("review.section." + section)
			}
		}
		for _, section := range []string{review.Phase, review.Refusals, review.Softer} {
			has("review.section." + section)
		}
		for _, measure := range review.Measures(review.Softer) {
			has("review.outcomes." + measure)
		}
		for _, step := range append(review.Steps(), casework.StepConsent, casework.StepHold) {
			has("review.steps." + step)
		}
		for _, kind := range review.ProposalKinds() {
			has("review.proposal." + kind)
		}
		for _, column := range stepColumns() {
			has("review.state." + column.name)
			for _, state := range column.states {
				has("review.state." + string(state))
			}
		}
		for _, relation := range act.Relations() {
			has("review.relation." + relation)
		}
	}
}

// The columns of the table of steps hold every class of a step, each once.
func TestColumnsHoldEveryState(t *testing.T) {
	seen := map[string]int{}
	for _, c := range stepColumns() {
		for _, s := range c.states {
			seen[string(s)]++
		}
	}
	for _, measure := range review.Measures(review.Timeliness)[2:13] {
		if seen[measure] != 1 {
			t.Errorf("%s is in %d columns", measure, seen[measure])
		}
	}
}

func reportOf(t *testing.T, l *locale.Locale, name string, cases bool) string {
	t.Helper()
	raw, err := os.ReadFile("../../spec/vectors/review/" + name)
	if err != nil {
		t.Fatal(err)
	}
	sh := &shell{locale: l}
	out, err := sh.written(bytes.TrimSuffix(raw, []byte("\n")), false, cases)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The text of the vector, in both languages: nothing untranslated, nothing
// that says we or they, no line that ends in spaces.
func TestReportText(t *testing.T) {
	for _, l := range locale.All() {
		for name, cases := range map[string]bool{"report.json": false, "cases.json": true} {
			text := reportOf(t, l, name, cases)
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				if strings.TrimRight(line, " ") != line || strings.Contains(line, "review.") || strings.Contains(line, "cli.") || strings.Contains(line, "…") {
					t.Errorf("%s %s: %q", l.Lang, name, line)
				}
				han := strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Han, r) })
				if l.Lang == locale.English && han {
					t.Errorf("%s %s: Chinese in %q", l.Lang, name, line)
				}
				if l.Lang == locale.Chinese && line != "" && !han && !strings.HasSuffix(line, "59Z") && !strings.Contains(line, "bb-") && !strings.Contains(line, "aa-") {
					t.Errorf("%s %s: no Chinese in %q", l.Lang, name, line)
				}
			}
		}
	}
	en := reportOf(t, locale.New("en"), "report.json", false)
	for _, want := range []string{"aa asked bb: 5 in all, 1 open, 3 ended", "bb asked aa: 1 in all", "acknowledge", "100.0%  ▇▇▇▇▇▇▇▇▇▇",
		"not of the arrangement", "Refused because", "Not available: 1"} {
		if !strings.Contains(en, want) {
			t.Errorf("no %q in\n%s", want, en)
		}
	}
	lines := reportOf(t, locale.New("en"), "cases.json", true)
	for _, want := range []string{"aa-3  answered", "Urgent, measured as Routine", "turn of bb", "aa owes: answer, by Tuesday 21 June 2016"} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
}

// What was planned and not called is no line of calls: nothing was counted.
func TestReachabilityWithoutCalls(t *testing.T) {
	figures := func(section, measure string) []review.Figure {
		return []review.Figure{{Key: review.Key{Section: section, Measure: measure}, Value: 1}}
	}
	r := &review.ReachReport{Directions: []review.ReachDirection{{From: "a", To: "b", Groups: []review.ReachGroup{
		{By: review.ByPurpose, Purpose: act.PurposeTest, Figures: figures(review.Tests, "planned")},
		{By: review.ByTest, Purpose: act.PurposeTest, Test: "first", Figures: figures(review.Tests, "planned")},
		{By: review.ByMonth, Purpose: act.PurposeTest, Month: "2016-07", Figures: figures(review.Tests, "planned")},
	}}}}
	for _, l := range locale.All() {
		said := func(r *review.ReachReport) (short, full string) {
			var out bytes.Buffer
			reporter := &reachReporter{reporter{locale: l, out: &out}}
			reporter.short(r)
			short = out.String()
			out.Reset()
			for i := range r.Directions {
				reporter.direction(&r.Directions[i])
			}
			return short, out.String()
		}
		short, full := said(r)
		if short != "" || strings.Contains(full, l.T("reach.share")) || !strings.Contains(full, l.T("reach.no-calls")) || !strings.Contains(full, l.T("reach.tests.planned")) {
			t.Errorf("%s: %s\n%s", l.Lang, short, full)
		}
		called := *r
		called.Directions = []review.ReachDirection{{From: "a", To: "b", Groups: []review.ReachGroup{{By: review.ByPurpose, Purpose: act.PurposeTest, Figures: figures(review.Calls, "calls")}}}}
		if short, full = said(&called); short == "" || !strings.Contains(full, l.T("reach.share")) {
			t.Errorf("%s: %s\n%s", l.Lang, short, full)
		}
	}
}
