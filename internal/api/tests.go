package api

import (
	"context"
	"net/http"
	"strconv"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// mostTests bounds a list of tests, lookedAt those among which is looked for who
// was reached last.
const (
	mostTests = 200
	lookedAt  = 60
)

// Timetable is the tests of a line: what is agreed, what is planned, and what
// came of it, newest change first.
type Timetable struct {
	Link    string       `json:"link"`
	Realm   string       `json:"realm"`
	Own     string       `json:"own"`    // our code on this link
	Theirs  string       `json:"theirs"` // their code
	Agreed  []AgreedTest `json:"agreed"`
	Tests   []Test       `json:"tests"`
	Instant int64        `json:"instant"`
}

// AgreedTest is an entry of the timetable in the arrangement in force.
type AgreedTest struct {
	Code      string            `json:"code"`
	Names     arrangement.Words `json:"names"`
	Announced bool              `json:"announced"`
	Every     int               `json:"every"`  // 0: it is held once
	Unit      string            `json:"unit"`   // hours or days
	Before    int64             `json:"before"` // 0: there is no such instant
	Minutes   int               `json:"minutes"`
}

// Test is one test that was planned.
type Test struct {
	Name      string            `json:"name"` // of the call
	Ours      bool              `json:"ours"` // we test them
	Code      string            `json:"code"`
	Names     arrangement.Words `json:"names"` // by the arrangement that it was planned under
	Period    int64             `json:"period"`
	Opens     int64             `json:"opens"`
	Closes    int64             `json:"closes"`
	Announced bool              `json:"announced"`
	At        int64             `json:"at"`     // the instant; 0 while it is a secret
	Phase     string            `json:"phase"`  // of the call
	Called    int64             `json:"called"` // when the call was made, by its writer; 0: not yet
	Result    string            `json:"result"` // as the record shows it; empty: none yet
	By        string            `json:"by"`     // who took it
	Took      int64             `json:"took_ms"`
	Silence   string            `json:"silence"` // that the caller saw
	Outcomes  []TestOutcome     `json:"outcomes"`
	Marks     []string          `json:"marks"` // what does not fit: secret, instant, result
}

// TestOutcome is what a side said came of a test.
type TestOutcome struct {
	Ours    bool   `json:"ours"`
	Result  string `json:"result"`
	By      string `json:"by"`
	Took    int64  `json:"took_ms"`
	Silence string `json:"silence"`
	Call    string `json:"call"` // the real call for which it was postponed
	Time    int64  `json:"time"`
}

// tests lists the timetables of a realm.
func (s *Server) tests(r *http.Request) ([]Timetable, error) {
	want, err := realm(r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	list, code, most := []Timetable{}, r.URL.Query().Get("link"), mostTests
	if limit := r.URL.Query().Get("limit"); limit != "" {
		if most, err = strconv.Atoi(limit); err != nil || most < 1 || most > mostTests {
			return nil, fault.New(rule.NodeUsage, "command", "tests", "want", "1–"+fault.Int(mostTests))
		}
	}
	for _, l := range s.Node.Links() {
		if l.Realm != want || code != "" && l.Code() != code {
			continue
		}
		one, err := s.timetable(r.Context(), l, most)
		if err != nil {
			return nil, err
		}
		list = append(list, *one)
	}
	return list, nil
}

func (s *Server) timetable(ctx context.Context, l *node.Link, most int) (*Timetable, error) {
	state, _, err := s.Node.Control(ctx, l)
	if err != nil {
		return nil, err
	}
	x := &Timetable{Link: l.Code(), Realm: realmName(l.Realm), Own: l.Ours().Code, Theirs: l.Theirs().Code, Agreed: []AgreedTest{}, Tests: []Test{}, Instant: s.Node.Now()}
	if d := state.Context(x.Instant).Arrangement; d != nil && d.Hotline != nil {
		for i := range d.Hotline.Tests {
			x.Agreed = append(x.Agreed, agreedTest(&d.Hotline.Tests[i]))
		}
	}
	err = s.Node.Tests(ctx, l, func(c *node.Called) bool {
		x.Tests = append(x.Tests, testOf(l, c))
		return len(x.Tests) < most
	})
	return x, err
}

func agreedTest(t *arrangement.Test) AgreedTest {
	one := AgreedTest{Code: t.Code, Names: t.Names, Announced: t.Announced, Minutes: t.Minutes}
	if t.Every != nil {
		one.Every, one.Unit = t.Every.Amount, string(t.Every.Unit)
	}
	if t.Before != nil {
		one.Before = int64(*t.Before)
	}
	return one
}

// testOf describes a test. The instant of one that is not announced is told to
// nobody before the record tells it, not to our own people either.
func testOf(l *node.Link, c *node.Called) Test {
	v := c.Call.Test
	one := Test{Name: l.ThreadName(c.ID), Ours: c.ID.Own, Code: v.Code, Period: v.Period, Opens: int64(v.Opens), Closes: int64(v.Closes),
		Announced: v.Announced, At: int64(v.Instant), Phase: string(c.Call.Phase), Result: v.Result, Outcomes: []TestOutcome{}, Marks: append([]string{}, v.Marks...)}
	if t, ok := c.Call.Rules().Test(v.Code); ok {
		one.Names = t.Names
	}
	if c.Call.Head != nil {
		one.Called = int64(calledAt(c))
	}
	if a := c.Call.Receipts.Accepted; a != nil && c.Call.Answer != nil {
		one.By, one.Took = a.By, c.Call.Answer.Took
	}
	us := procedure.SideName(l.Higher())
	for _, o := range v.Outcomes {
		said := TestOutcome{Ours: o.Side == us, Result: o.Result, By: o.By, Took: o.Took, Silence: o.Silence, Time: int64(o.Claimed)}
		if o.Call != nil {
			id := c.ID
			id.Own, id.Position = o.Call.Side == us, o.Call.Position
			said.Call = l.ThreadName(id)
		}
		if said.Ours == one.Ours && o.Silence != "" {
			one.Silence = o.Silence
		}
		one.Outcomes = append(one.Outcomes, said)
	}
	return one
}

// calledAt is when the call of a test was made, as its writer claims.
func calledAt(c *node.Called) calendar.Instant {
	for _, a := range c.Call.Acts {
		if a.Kind == act.TestCall && a.InOrder {
			return a.Claimed
		}
	}
	return 0
}

// reached says when a role of either side last took a test: of ours, of theirs.
func (s *Server) reached(ctx context.Context, l *node.Link) (roles [2]map[string]int64, err error) {
	roles = [2]map[string]int64{{}, {}}
	n := 0
	err = s.Node.Tests(ctx, l, func(c *node.Called) bool {
		at := c.Call.Receipts.Accepted
		if n++; at == nil {
			return n < lookedAt
		}
		side := 0
		if c.ID.Own {
			side = 1
		}
		role := roleOf(c, at.By)
		roles[side][role] = max(roles[side][role], int64(at.Claimed))
		return n < lookedAt
	})
	return roles, err
}

// roleOf is the role in which somebody took a call.
func roleOf(c *node.Called, officer string) string {
	for _, side := range c.Entries {
		for _, e := range side {
			if b, ok := e.Body.(*act.TakeBody); ok && b.Officer == officer {
				return b.Role
			}
		}
	}
	return ""
}
