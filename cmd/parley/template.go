package main

import (
	"context"

	"parley.example/arrangements"
	"parley.example/internal/api"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// runTemplate writes an arrangement for this link to begin with: the small
// one, or a shipped one with the ids of the two parties.
func (sh *shell) runTemplate(ctx context.Context, name, as string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var s api.Status
		if err := client.Call(ctx, "/v1/status", nil, &s); err != nil {
			return err
		}
		for _, l := range s.Links {
			if l.Realm != sh.realm || sh.link != "" && l.Code != sh.link {
				continue
			}
			raw, err := sh.fillTemplate(name, as, &s, &l)
			if err != nil {
				return err
			}
			_, err = sh.out.Write(raw)
			return err
		}
		return fault.New(rule.NodeNoLink, "code", sh.link)
	})
}

// fillTemplate puts the two parties of a link into a template. as is the code
// that we have in a shipped one, where it is not our own.
func (sh *shell) fillTemplate(name, as string, s *api.Status, l *api.LinkStatus) ([]byte, error) {
	if name == templateSmall {
		config, err := readConfig(sh.dir)
		if err != nil {
			return nil, err
		}
		return arrangement.Small(templateParty(s.Party, s.Code, [2]string{config.NameEN, config.NameZH}), templateParty(l.Party, l.Code, l.Names))
	}
	codes, err := arrangements.Codes(name)
	if err != nil {
		return nil, err
	}
	ours, theirs := s.Code, l.Code
	if as != "" {
		ours, theirs = as, codes[0]
		if as == codes[0] {
			theirs = codes[1]
		}
	}
	return arrangements.For(name, [2]arrangements.Party{{ID: s.Party, Code: ours}, {ID: l.Party, Code: theirs}})
}

// templateParty is a party of a template: one unit, plain working days in UTC
// and no holidays, which people then make their own.
func templateParty(id, code string, names [2]string) arrangement.PartyInfo {
	day := []calendar.Interval{{9 * 60, 17 * 60}}
	from, _ := calendar.ParseInstant("2016-01-01T00:00:00Z")
	until, _ := calendar.ParseInstant("2036-01-01T00:00:00Z")
	return arrangement.PartyInfo{ID: id, Code: code, Names: arrangement.Words{En: names[0], Zh: names[1]},
		Units: []arrangement.Unit{{Code: "cyber", Names: arrangement.Words{En: "Cybercrime unit", Zh: "网络犯罪侦查部门"}}},
		Roles: []arrangement.Role{
			{Code: "duty", Names: arrangement.Words{En: "Duty officer", Zh: "值班员"}},
			{Code: "supervisor", Names: arrangement.Words{En: "Supervisor", Zh: "值班负责人"}},
			{Code: "principal", Names: arrangement.Words{En: "Principal", Zh: "负责人"}},
		},
		Calendar: calendar.Calendar{From: from, Until: until, Offsets: []calendar.Offset{{At: from}},
			Week: calendar.Week{Monday: day, Tuesday: day, Wednesday: day, Thursday: day, Friday: day}},
	}
}
