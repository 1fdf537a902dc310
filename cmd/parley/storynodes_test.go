package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"parley.example/internal/api"
)

// pair is two parties that stories are told of, and the template of the
// arrangement between them.
type pair struct {
	template string
	sides    [2]host
}

// host is one of the two: its folder, its code, its names and its officer.
type host struct{ dir, code, en, zh, address, officer, role, unit string }

// pairOf gives the two of an arrangement; without a name the small one.
func pairOf(name string) pair {
	switch name {
	case "us-cn":
		return pair{name, [2]host{
			{"left", "us", "United States contact point", "美国联络点", "$US", "Ellen Marsh", "duty", "fbi-cyber"},
			{"right", "cn", "China contact point", "中国联络点", "$CN", "Zhou Lan", "duty", "mps-cyber"}}}
	case "certs":
		return pair{name, [2]host{
			{"left", "ee", "Estonian response team", "爱沙尼亚应急响应机构", "$US", "Mari Kask", "desk", "cert-ee"},
			{"right", "jp", "Japanese response team", "日本应急响应机构", "$CN", "Sato Rin", "desk", "jpcert"}}}
	}
	return pair{templateSmall, [2]host{
		{"us", "us", "United States contact point", "美国联络点", "$US", "Ellen Marsh", "duty", "cyber"},
		{"cn", "cn", "China contact point", "中国联络点", "$CN", "Zhou Lan", "duty", "cyber"}}}
}

// nodes [NAME]: two nodes, introduced and under an arrangement, both stopped.
// The first story of a seat that asks makes them, by the commands; the others get
// copies.
func (s *story) doNodes(_ bool, args []string) {
	p := pairOf("")
	if len(args) > 0 {
		p = pairOf(args[0])
	}
	if s.clocks { // others were made later than these clocks show
		s.makeNodes(p)
		return
	}
	made := filepath.Join(s.seat.dir, "nodes-"+p.template)
	if _, err := os.Stat(made); err == nil {
		s.check(copyFolder(made, s.dir))
		return
	}
	s.makeNodes(p)
	for _, x := range p.sides {
		s.check(copyFolder(s.path(x.dir), filepath.Join(made, x.dir)))
	}
}

func (s *story) makeNodes(p pair) {
	var lines []string
	for _, x := range p.sides {
		s.write(x.dir+"/passphrase", "correct horse of "+x.code+"\n")
		s.check(os.Chmod(s.path(x.dir+"/passphrase"), 0o600))
		lines = append(lines,
			fmt.Sprintf("parley --dir %s init %s --name-en '%s' --name-zh '%s' --listen %s --secret file:passphrase", x.dir, x.code, x.en, x.zh, x.address),
			fmt.Sprintf("parley --dir %s serve &%s&", x.dir, x.dir), "ready "+x.dir,
			fmt.Sprintf("parley --dir %s officer add duty --name '%s' --role %s --unit %s", x.dir, x.officer, x.role, x.unit))
	}
	one, two := p.sides[0], p.sides[1]
	for _, xy := range [][2]host{{one, two}, {two, one}} {
		lines = append(lines, fmt.Sprintf("parley --dir %s --json card export %s -o %s.card", xy[0].dir, xy[1].code, xy[0].dir),
			"save PRINT_"+xy[0].dir+" party")
	}
	for _, xy := range [][2]host{{one, two}, {two, one}} {
		lines = append(lines, fmt.Sprintf("parley --dir %s card import %s.card --fingerprint $PRINT_%s --path 'in person' --read-by '%s' --officer duty",
			xy[0].dir, xy[1].dir, xy[1].dir, xy[1].officer))
	}
	s.run(append(lines, fmt.Sprintf("parley --dir %s arrangement template %s", one.dir, p.template)))
	if p.template != templateSmall {
		s.out = calendarEnd.ReplaceAllString(s.out, `"until": "2060-01-01T00:00:00Z"`)
	}
	if s.env["UNLIMITED"] != "" { // the day's quota would end what the story is about
		s.out = dayQuota.ReplaceAllString(s.out, `"day_${1}": 900000000`)
	}
	if after := s.env["MAIL_AFTER"]; after != "" { // minutes, where half an hour would be too long to wait for
		s.out = withheldSeconds.ReplaceAllString(s.out, `$0, "mail_after_minutes": `+after)
	}
	s.write("arrangement.json", s.out)
	s.run([]string{
		fmt.Sprintf("parley --dir %s arrangement propose arrangement.json --officer duty", one.dir),
		fmt.Sprintf("parley --dir %s status contact", one.dir),
		fmt.Sprintf("parley --dir %s arrangement sign --officer duty", two.dir),
		fmt.Sprintf("parley --dir %s status contact", two.dir), fmt.Sprintf("parley --dir %s --realm exercise status contact", two.dir),
		"stop " + one.dir, "stop " + two.dir})
}

// calendarEnd is where a calendar ends: in what ships, with the last year whose
// holidays are published. Stories are told after that, too.
var calendarEnd = regexp.MustCompile(`"until": "[0-9TZ:-]+"`)

var withheldSeconds = regexp.MustCompile(`"receipt_withheld_seconds":\s*\d+`)

var dayQuota = regexp.MustCompile(`"day_(acts|bytes)":\s*\d+`)

// meet DIR DIR: each of two nodes holds all that the other has said.
func (s *story) doMeet(_ bool, args []string) {
	s.poll("meet", func() bool {
		var st [2]api.Status
		for i, dir := range args[:2] {
			client := api.Dial(s.path(filepath.Join(dir, "parley.sock")))
			s.check(client.Call(s.t.Context(), "/v1/status", nil, &st[i]))
		}
		a, b := realLink(&st[0]), realLink(&st[1])
		return a.Own == b.Theirs && a.Theirs == b.Own
	})
}

// realLink is the first link of the real realm.
func realLink(st *api.Status) (l api.LinkStatus) {
	for _, l = range st.Links {
		if l.Realm == "real" {
			break
		}
	}
	return l
}
