// Package report implements spec/disclosure.md, what the auditor's program
// says: it tells by its tag what a file is, has it checked, and puts into plain
// words of both languages what it proves, against whom, and what it does not
// prove; for the screen, for print and for programs.
package report

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/probe"
	"parley.example/wire/withheld"
)

// Words are the same in English and in Chinese.
type Words [2]string

// Languages that a report can be in.
const (
	English = "en"
	Chinese = "zh"
	Both    = "both"
)

// In gives the words of a language.
func (w Words) In(lang string) string {
	switch {
	case lang == English || w[0] == w[1]:
		return w[0]
	case lang == Chinese:
		return w[1]
	}
	return w[0] + " · " + w[1]
}

func same(format string, args ...any) Words {
	s := fmt.Sprintf(format, args...)
	return Words{s, s}
}

// Line is one fact. One that warns must not be overlooked.
type Line struct {
	Label, Value Words
	Warns        bool
	Long         bool // the value stands by itself, as it is
}

// Section is what belongs together.
type Section struct {
	Title Words
	Lines []Line
}

func (s *Section) say(en, zh string, value Words) {
	s.Lines = append(s.Lines, Line{Label: Words{en, zh}, Value: value})
}

func (s *Section) warn(en, zh string, value Words) {
	s.Lines = append(s.Lines, Line{Label: Words{en, zh}, Value: value, Warns: true})
}

// Report is what a file proves, and what not.
type Report struct {
	Kind     string // for programs: disclosure, fork, generation, compromise, withheld
	Proves   Words
	Sections []Section
	Machine  any // the same for programs
}

// kinds are the files that can be judged. Each begins with its tag.
func kinds() map[string]func(data []byte, known []party.ID) (*Report, error) {
	return map[string]func([]byte, []party.ID) (*Report, error){
		audit.TagDisclosure: func(data []byte, known []party.ID) (*Report, error) {
			f, err := audit.Verify(data, known...)
			if err != nil {
				return nil, err // what is not proved is not shown
			}
			return disclosure(f), nil
		},
		audit.TagProof: func(data []byte, known []party.ID) (*Report, error) {
			v, err := audit.VerifyProof(data, known...)
			if err != nil {
				return nil, err
			}
			return proof(v), nil
		},
		withheld.Tag: withholding,
	}
}

// Judge tells by its tag what a file is, and checks it. known are founding
// fingerprints that the person who asks has from elsewhere.
func Judge(data []byte, known []party.ID) (*Report, error) {
	for tag, judge := range kinds() {
		if strings.HasPrefix(string(data[:min(len(data), len(tag))]), tag) {
			return judge(data, known)
		}
	}
	return nil, fault.New(fault.OctetsUnknown, "what", "file")
}

// JudgeBeside is Judge for a file that may need a disclosure beside it: results
// of machine tests are held against the act in which their digest stands.
func JudgeBeside(data, disclosure []byte, known []party.ID) (*Report, error) {
	switch {
	case strings.HasPrefix(string(data[:min(len(data), len(probe.Tag))]), probe.Tag):
		return results(data, disclosure, known)
	case disclosure != nil:
		return nil, fault.New(fault.OctetsUnknown, "what", "file")
	}
	return Judge(data, known)
}

// verified is the heading of every report.
func verified() Words { return Words{"VERIFIED", "核验通过"} }

// Text writes a report for the screen.
func (r *Report) Text(out io.Writer, lang string) {
	fmt.Fprintf(out, "%s\n%s\n", verified().In(lang), strings.Join(r.Proves.each(lang), "\n"))
	for _, s := range r.Sections {
		fmt.Fprintf(out, "\n%s\n", s.Title.In(lang))
		for _, l := range s.Lines {
			switch {
			case l.Label == Words{}:
				for _, text := range l.Value.each(lang) {
					fmt.Fprintf(out, "  - %s\n", text)
				}
			case l.Long:
				fmt.Fprintf(out, "  %s\n%s\n", l.Label.In(lang), l.Value.In(lang))
			default:
				mark := ""
				if l.Warns {
					mark = "! "
				}
				fmt.Fprintf(out, "  %-30s %s\n", mark+l.Label.In(lang), l.Value.In(lang))
			}
		}
	}
}

// each gives a sentence once for each language asked for.
func (w Words) each(lang string) []string {
	if lang == Both && w[0] != w[1] {
		return w[:]
	}
	return []string{w.In(lang)}
}

const page = `<!doctype html>
<html lang="%s"><head><meta charset="utf-8"><title>%s</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body{font:10pt/1.45 "Noto Sans","Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:18mm;color:#000}
h1{font-size:15pt}h2{font-size:11pt;margin:1.2em 0 .3em;border-bottom:1px solid #999;break-after:avoid}
table{border-collapse:collapse;width:100%%}td{padding:1px 8px 1px 0;vertical-align:top;overflow-wrap:anywhere}td:first-child{width:32%%;color:#444}
.warns td{font-weight:bold;color:#000}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:8pt;border:1px solid #bbb;padding:4px}
</style></head><body>
`

// HTML writes a report as one page for print, without scripts or links.
func (r *Report) HTML(out io.Writer, lang string) {
	e := html.EscapeString
	code := map[string]string{Chinese: "zh-Hans", English: "en", Both: "en"}[lang]
	fmt.Fprintf(out, page, code, e(verified().In(lang)))
	fmt.Fprintf(out, "<h1>%s</h1>\n", e(verified().In(lang)))
	for _, text := range r.Proves.each(lang) {
		fmt.Fprintf(out, "<p>%s</p>\n", e(text))
	}
	for _, s := range r.Sections {
		fmt.Fprintf(out, "<h2>%s</h2>\n<table>\n", e(s.Title.In(lang)))
		for _, l := range s.Lines {
			switch {
			case l.Label == Words{}:
				fmt.Fprintf(out, "<tr><td colspan=\"2\">%s</td></tr>\n", e(strings.Join(l.Value.each(lang), " ")))
			case l.Long:
				fmt.Fprintf(out, "<tr><td>%s</td><td><pre>%s</pre></td></tr>\n", e(l.Label.In(lang)), e(l.Value.In(lang)))
			default:
				class := ""
				if l.Warns {
					class = ` class="warns"`
				}
				fmt.Fprintf(out, "<tr%s><td>%s</td><td>%s</td></tr>\n", class, e(l.Label.In(lang)), e(l.Value.In(lang)))
			}
		}
		fmt.Fprint(out, "</table>\n")
	}
	fmt.Fprint(out, "</body></html>\n")
}

func when(ms int64) Words {
	return same("%s", time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"))
}

// parties names both sides, and says whose fingerprint was not compared.
func parties(realm uint8, list [2]audit.Party) Section {
	s := Section{Title: Words{"Parties", "双方"}}
	s.say("realm", "域", Words{map[uint8]string{party.Real: "real", party.Exercise: "EXERCISE: none of it was meant"}[realm],
		map[uint8]string{party.Real: "实战", party.Exercise: "演练：内容均非实际事务"}[realm]})
	for _, p := range list {
		s.say("party "+p.Code, "当事方 "+p.Code, Words{p.Names[0], p.Names[1]})
		s.say("  founding fingerprint", "  创始指纹", same("%s", p.ID.Spoken()))
		if !p.Compared {
			s.warn("NOT COMPARED", "尚未比对", Words{"compare it with one you have from elsewhere", "请与其他途径获得的指纹比对"})
		}
	}
	return s
}

// channel names a channel; a number that is none names itself.
func channel(n uint8) Words {
	return named(n, Words{"control", "控制"}, Words{"hotline", "热线"}, Words{"routine", "日常"})
}

// place names an entry of one of the logs.
func place(n uint8, position uint64) Words {
	return Words{fmt.Sprintf("%s, %d", channel(n)[0], position), fmt.Sprintf("%s，第 %d 条", channel(n)[1], position)}
}

// named finds the words of a number that counts from 1.
func named[N uint8 | uint16](n N, words ...Words) Words {
	if n == 0 || int(n) > len(words) {
		return same("%d", n)
	}
	return words[n-1]
}
