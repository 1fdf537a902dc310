package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/desk"
	"parley.example/internal/locale"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// people gives the officers' names by key identifier; of one that is not there
// the identifier is shown.
func (sh *shell) people(ctx context.Context, client *api.Client) map[string]string {
	var officers []api.Officer
	names := map[string]string{}
	if client.Call(ctx, "/v1/officers", nil, &officers) == nil {
		for _, p := range officers {
			names[p.KeyID] = p.Name
		}
	}
	return names
}

// whoWas is an officer's name, or that nobody was named.
func (sh *shell) whoWas(people map[string]string, key string) string {
	switch {
	case key == "":
		return sh.locale.T("cli.desk.nobody")
	case people[key] != "":
		return people[key]
	}
	return key
}

func (sh *shell) tellDesks(list []api.Desk, people map[string]string) {
	if len(list) == 0 {
		sh.say("cli.desk.empty")
	}
	for i := range list {
		d := &list[i]
		if d.Request != "" {
			open := 0
			for _, t := range d.Tasks {
				if t.Done == 0 {
					open++
				}
			}
			sh.say("cli.desk.line", "request", d.Request, "who", sh.whoWas(people, d.Assigned), "n", strconv.Itoa(open))
		}
		for j := range d.Drafts {
			sh.tellWaiting(&d.Drafts[j])
		}
	}
}

// tellWaiting is one line on a draft that waits.
func (sh *shell) tellWaiting(d *api.DeskDraft) {
	var open []string
	for i := range d.Checks {
		if c := &d.Checks[i]; c.Verdict != desk.Passed.Name() {
			open = append(open, sh.checkName(c)+" ("+sh.locale.T("cli.desk.verdict."+c.Verdict)+")")
		}
	}
	line := sh.locale.T("cli.desk.ready")
	if len(open) > 0 {
		line = sh.locale.T("cli.desk.waits", "checks", strings.Join(open, sh.locale.T("cli.desk.between")))
	}
	sh.say("cli.desk.draft.line", "number", strconv.Itoa(d.Number), "kind", d.Kind, "waits", line)
}

func (sh *shell) tellDesk(d *api.Desk, people map[string]string) {
	sh.say("cli.desk.inside", "request", d.Request)
	sh.say("cli.desk.assigned", "who", sh.whoWas(people, d.Assigned))
	for _, n := range d.Notes {
		sh.say("cli.desk.note.line", "at", sh.when(n.At), "who", sh.whoWas(people, n.By), "text", n.Text)
	}
	for _, t := range d.Tasks {
		state := sh.locale.T("cli.desk.task.open")
		if t.Due != 0 {
			state = sh.locale.T("cli.desk.task.due", "at", sh.when(t.Due))
		}
		if t.Done != 0 {
			state = sh.locale.T("cli.desk.task.done", "at", sh.when(t.Done))
		}
		sh.say("cli.desk.task.line", "number", strconv.Itoa(t.Number), "text", t.Text, "who", sh.whoWas(people, t.For), "state", state)
	}
	for i := range d.Drafts {
		sh.tellWaiting(&d.Drafts[i])
	}
	for i := range d.Released {
		r := &d.Released[i]
		sh.say("cli.desk.released.line", "number", strconv.Itoa(r.Number), "kind", r.Kind, "at", sh.when(r.At))
		sh.tellChecks(r.Checks)
	}
	if len(d.Notes)+len(d.Tasks)+len(d.Drafts)+len(d.Released) == 0 {
		sh.say("cli.desk.show.next", "request", d.Request)
	}
}

func (sh *shell) ours(texts [2]string) string {
	if sh.locale.Lang == locale.Chinese {
		return texts[1]
	}
	return texts[0]
}

func (sh *shell) checkName(c *api.DeskCheck) string { return sh.ours(c.Names) }

// tellGate lists checks that stand before an act.
func (sh *shell) tellGate(list []api.DeskCheck) {
	if len(list) == 0 {
		sh.say("cli.desk.gate.none")
	}
	for i := range list {
		c := &list[i]
		sh.say("cli.desk.gate.line", "code", c.Code, "name", sh.checkName(c), "acts", strings.Join(c.Acts, " "))
		sh.say("cli.desk.gate.help", "help", sh.ours(c.Help))
		if c.Persons > 1 {
			sh.say("cli.desk.gate.persons", "n", strconv.Itoa(c.Persons))
		}
		if c.OtherPerson {
			sh.say("cli.desk.gate.other")
		}
		if len(c.Roles) > 0 {
			sh.say("cli.desk.gate.roles", "roles", strings.Join(c.Roles, " "))
		}
		if c.ExpireHours > 0 {
			sh.say("cli.desk.gate.expires", "n", strconv.Itoa(c.ExpireHours))
		}
	}
}

// tellDraft shows exactly what would leave: the act's body, its attachments and
// what it answers, set out in lines and otherwise as they are.
func (sh *shell) tellDraft(d *api.DeskDraft) {
	about := d.Request
	if about == "" {
		about = sh.locale.T("cli.desk.draft.opens")
	}
	sh.say("cli.desk.draft.head", "number", strconv.Itoa(d.Number), "kind", d.Kind, "link", d.Link, "request", about)
	if d.Realm == 2 {
		sh.say("cli.desk.draft.exercise")
	}
	for _, r := range d.Replies {
		sh.say("cli.desk.draft.reply", "position", strconv.FormatUint(r.Position, 10))
	}
	var lines bytes.Buffer
	if json.Indent(&lines, d.Body, "  ", " ") != nil {
		lines.Reset()
		lines.Write(d.Body)
	}
	fmt.Fprintln(sh.out, "  "+lines.String())
	list, err := d.Described()
	if err != nil {
		sh.tell(err)
	}
	for i, a := range list {
		sh.say("cli.desk.draft.attached", "number", strconv.Itoa(i+1), "name", a.Name, "media", a.Media, "size", sh.locale.Number(int64(a.Size)))
	}
}

func (sh *shell) tellChecks(list []api.DeskCheck) {
	for i := range list {
		c := &list[i]
		sh.say("cli.desk.check.line", "code", c.Code, "name", sh.checkName(c), "verdict", sh.locale.T("cli.desk.verdict."+c.Verdict))
		if c.Verdict == desk.Outstanding.Name() && c.Persons > 1 && c.Missing == 1 {
			sh.say("cli.desk.check.second")
		}
		for _, by := range c.By {
			verdict := by.Verdict
			if by.Lapsed {
				verdict = "lapsed"
			}
			line := sh.locale.T("cli.desk.check.by", "who", by.Name, "verdict", sh.locale.T("cli.desk.verdict."+verdict), "at", sh.when(by.At))
			if by.Note != "" {
				line += sh.locale.T("cli.desk.check.note", "note", by.Note)
			}
			fmt.Fprintln(sh.out, line)
		}
		if c.Void > 0 {
			sh.say("cli.desk.check.void", "n", strconv.Itoa(c.Void))
		}
	}
}

// tellNext says what a draft waits for, and what can be done.
func (sh *shell) tellNext(d *api.DeskDraft) {
	number := strconv.Itoa(d.Number)
	for _, verdict := range []desk.Verdict{desk.Refused, desk.Outstanding} {
		for i := range d.Checks {
			c := &d.Checks[i]
			if c.Verdict != verdict.Name() {
				continue
			}
			if verdict == desk.Outstanding {
				sh.say("cli.desk.next.pass", "number", number, "check", c.Code)
			} else {
				sh.say("cli.desk.next.refused", "number", number, "check", sh.checkName(c))
			}
			if len(c.Say) == 2 && d.Request != "" {
				sh.say("cli.desk.next.say", "command", sayCommand(d.Request, c.Say[0], c.Say[1]))
			}
			return
		}
	}
	sh.say("cli.desk.next.release", "number", number)
}

// sayCommand is the command by which a coded result is said.
func sayCommand(request, kind, reason string) string {
	words := []string{"parley request", strings.TrimPrefix(kind, "request."), request}
	if reason != "" {
		words = append(words, "--reason "+reason)
	}
	if slices.Contains([]string{"request.await", "request.postpone", "request.extend"}, kind) {
		words = append(words, "--until …")
	}
	return strings.Join(append(words, "--officer …"), " ")
}

// tellInstead says what may be said to the other side while an act waits for
// checks of our own.
func (sh *shell) tellInstead(err error) {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != rule.DeskGate {
		return
	}
	args := map[string]string{}
	for i := 0; i+1 < len(f.Args); i += 2 {
		args[f.Args[i]] = f.Args[i+1]
	}
	if args["instead"] != "" && args["request"] != "" {
		fmt.Fprintln(sh.err, "  "+safe(sh.locale.T("cli.desk.next.say", "command", sayCommand(args["request"], args["instead"], args["reason"]))))
	}
}
