package proceduretest

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// CallRoles are the roles of both parties under Calling: the first three stand
// on the ladder, the last on none of its rungs.
func CallRoles() []string { return []string{"duty", "supervisor", "principal", "press"} }

// Calling is the record with the small arrangement and a hotline in force: a
// ladder of three rungs, of which the last wants two persons of the caller's
// and two who accept. Both cards name two officers for each role.
func Calling(change ...func(*arrangement.Document)) *procedure.Context {
	return WithCards(Context(append([]func(*arrangement.Document){hotline}, change...)...))
}

func hotline(d *arrangement.Document) {
	lower, higher := d.Parties[0].ID, d.Parties[1].ID
	both := func(roles ...string) (list []arrangement.PartyRole) {
		for _, role := range roles {
			list = append(list, arrangement.PartyRole{Party: lower, Role: role}, arrangement.PartyRole{Party: higher, Role: role})
		}
		return list
	}
	for i := range d.Parties {
		p := &d.Parties[i]
		p.Roles, p.Severity = nil, nil
		for _, role := range CallRoles() {
			p.Roles = append(p.Roles, arrangement.Role{Code: role, Names: p.Names})
		}
		for level := range 5 {
			p.Severity = append(p.Severity, arrangement.Level{Level: level, Names: p.Names})
		}
	}
	match := func(code, en, zh string, from, to int, rung string) arrangement.Match {
		return arrangement.Match{Code: code, Names: arrangement.Words{En: en, Zh: zh}, Rung: rung,
			Levels: []arrangement.PartyLevel{{Party: lower, From: from, To: to}, {Party: higher, From: from, To: to}}}
	}
	d.Severities = []arrangement.Match{
		match("minor", "Minor", "轻微", 0, 1, ""), match("notable", "Notable", "较大", 2, 2, ""),
		match("major", "Major", "重大", 3, 3, "supervisor"), match("grave", "Grave", "特别重大", 4, 4, "principal"),
	}
	rung := func(code, en, zh string, minutes, persons, accepts int, callers ...string) arrangement.Rung {
		return arrangement.Rung{Code: code, Names: arrangement.Words{En: en, Zh: zh}, Roles: both(code), Minutes: minutes, Repeat: 1, Persons: persons, Accepts: accepts, Callers: both(callers...)}
	}
	words := arrangement.Words{En: "To speak at once.", Zh: "供紧急联系使用。"}
	d.Hotline = &arrangement.Hotline{
		Purposes: []arrangement.Purpose{{Party: lower, Words: words}, {Party: higher, Words: words}}, Threshold: "notable",
		Rungs: []arrangement.Rung{
			rung("duty", "Duty desk", "值班席位", 5, 1, 0), rung("supervisor", "Supervisor", "带班领导", 10, 1, 1),
			rung("principal", "Principal", "主管负责人", 30, 2, 2, "supervisor", "principal"),
		},
		Tests: []arrangement.Test{
			{Code: "daily", Names: arrangement.Words{En: "Daily test", Zh: "每日测试"}, Announced: true, Every: &arrangement.Every{Amount: 24, Unit: calendar.Hours}, Rung: "duty", Minutes: 3},
			{Code: "drill", Names: arrangement.Words{En: "Drill", Zh: "演练"}, Every: &arrangement.Every{Amount: 30, Unit: calendar.Days}, Rung: "supervisor", Minutes: 20},
		},
		Criteria: []arrangement.Choice{{Code: "life", Names: arrangement.Words{En: "Life is in danger", Zh: "危及生命"}}, {Code: "spreads", Names: arrangement.Words{En: "It spreads", Zh: "正在蔓延"}}},
	}
}

// CallContexts are the record under Calling and under each of the arrangements
// that come with parley and have a hotline.
var CallContexts = sync.OnceValue(func() []*procedure.Context {
	list := []*procedure.Context{Calling()}
	for _, c := range Contexts() {
		if c.Arrangement.Hotline != nil {
			list = append(list, WithCards(c))
		}
	}
	return list
})

// WithCards is a context in which each card names two officers for each role
// of its party: "Duty 1", "Duty 2" and so on, named by the role's code.
func WithCards(c *procedure.Context) *procedure.Context {
	next := *c
	for i, id := range Parties() {
		card := &party.Card{Party: id}
		p, _ := c.Arrangement.Party(id.String())
		for r, role := range p.Roles {
			for n := range 2 {
				card.Officers = append(card.Officers, party.Officer{Algorithm: party.PersonEd25519,
					Key: bytes.Repeat([]byte{byte(1 + i*128 + r*2 + n)}, 32), Role: role.Code, Name: fmt.Sprintf("%s %s %d", p.Code, role.Code, n+1)})
			}
		}
		next.Cards[i] = card
	}
	return &next
}

// Officer is the first or the second (1, 2) of one side's for a role.
func Officer(c *procedure.Context, higher bool, role string, n int) party.Officer {
	for _, o := range c.Cards[procedure.Side(higher)].Officers {
		if o.Role == role {
			if n--; n == 0 {
				return o
			}
		}
	}
	panic("proceduretest: no officer " + role)
}

// Sign lets officers sign an entry. Nothing here verifies a signature.
func Sign(e *procedure.Entry, officers ...party.Officer) {
	for _, o := range officers {
		e.Act.Signatures = append(e.Act.Signatures, statement.PersonSignature{KeyID: o.KeyID(), Algorithm: o.Algorithm})
	}
}

// CallOpening is a real call with nothing missing, under any arrangement with a
// hotline: of the highest severity, and it rings first on the lowest rung.
func CallOpening(d *arrangement.Document) *act.CallBody {
	body := &act.CallBody{Purpose: act.PurposeReal, Severity: d.Severities[len(d.Severities)-1].Code, Rung: d.Hotline.Rungs[0].Code,
		Subject: act.Text{Lang: "en", Text: "The bank's servers"}, Reason: act.Text{Lang: "en", Text: "Money leaves by the minute."}}
	if len(d.Hotline.Criteria) > 0 {
		body.Criterion = d.Hotline.Criteria[0].Code
	}
	return body
}

// Callers are officers who may take a call to a rung, as many as it wants.
func Callers(c *procedure.Context, higher bool, rung string) (list []party.Officer) {
	d := c.Arrangement
	i := slices.IndexFunc(d.Hotline.Rungs, func(r arrangement.Rung) bool { return r.Code == rung })
	if i < 0 {
		i = 0
	}
	may := d.Hotline.Rungs[i].Callers
	if len(may) == 0 {
		may = d.Hotline.Rungs[0].Roles
	}
	for n := 1; n <= max(1, d.Hotline.Rungs[i].Persons); n++ {
		for _, r := range may {
			if r.Party == Parties()[procedure.Side(higher)].String() {
				list = append(list, Officer(c, higher, r.Role, n))
				break
			}
		}
	}
	return list
}

// Reason is one of an arrangement's that applies to a use.
func Reason(d *arrangement.Document, applies string) string { return fitReason(d, "", applies, nil) }
