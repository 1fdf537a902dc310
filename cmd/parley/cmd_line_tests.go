package main

import (
	"context"
	"net/url"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
)

func (sh *shell) newLineTestsCommand() *cobra.Command {
	return sh.newCommand("tests", "line.tests", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var list []api.Timetable
			query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
			if err := client.Call(ctx, "/v1/tests?"+query.Encode(), nil, &list); err != nil {
				return err
			}
			return sh.show(list, func() {
				for i := range list {
					sh.tellTests(&list[i], sh.rulesOf(ctx, client, list[i].Link, ""))
				}
			})
		})
	})
}

// tellTests writes a timetable as a calendar: what is agreed, what is planned,
// and what was held, the newest first.
func (sh *shell) tellTests(x *api.Timetable, rules *arrangement.Document) {
	sh.say("cli.tests.head", "name", oneLine(sh.partyCalled(rules, x.Theirs)))
	if len(x.Agreed) == 0 {
		sh.say("cli.tests.none")
	}
	for i := range x.Agreed {
		t := &x.Agreed[i]
		sh.say("cli.tests.agreed", "test", oneLine(t.Names.In(sh.locale.Lang)), "how", sh.names().TestHow(t), "minutes", fault.Int(t.Minutes))
	}
	for _, held := range []bool{false, true} {
		headed := false
		for i := range x.Tests {
			t := &x.Tests[i]
			if (t.Called != 0 || t.Result != "") != held {
				continue
			}
			if !headed {
				headed = true
				sh.say(map[bool]string{false: "cli.tests.coming", true: "cli.tests.held"}[held])
			}
			sh.say("cli.tests.one", "when", sh.names().TestWhen(t, sh.at), "who", sh.names().TestWho(t.Ours),
				"test", oneLine(sh.names().TestName(t)), "came", oneLine(sh.names().TestCame(t)))
			for _, mark := range t.Marks {
				sh.say("cli.tests.mark", "mark", sh.names().TestMark(mark))
			}
		}
	}
}

// partyCalled is what a party is called by its code.
func (sh *shell) partyCalled(rules *arrangement.Document, code string) string {
	for i := range rules.Parties {
		if p := &rules.Parties[i]; p.Code == code {
			return p.Names.In(sh.locale.Lang)
		}
	}
	return code
}
