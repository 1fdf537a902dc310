package main

import (
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

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
		},
		Calendar: calendar.Calendar{From: from, Until: until, Offsets: []calendar.Offset{{At: from}},
			Week: calendar.Week{Monday: day, Tuesday: day, Wednesday: day, Thursday: day, Friday: day}},
	}
}
