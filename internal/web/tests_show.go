package web

import (
	"cmp"
	"slices"

	"parley.example/internal/api"
	"parley.example/internal/wording"
)

// How many tests the calendar has, and the watch looks among.
const (
	shownTests   = 200
	watchedTests = 20
)

// testsPage is the calendar of tests: what is agreed, what is planned and what
// came of it, both ways.
type testsPage struct {
	Finding string
	Agreed  []agreedTest
	Coming  []testRow
	Held    []testRow
}

// agreedTest is an entry of the timetable.
type agreedTest struct{ Name, How, Minutes string }

// testRow is one test.
type testRow struct {
	Name, Path string // of the call; no path while there is none
	Title      string
	Ours       bool
	Who        string
	When       string
	Came       string
	Bad        bool // nobody answered, or not in time
	Marks      []string
}

// timetable reads the tests of this line.
func (v *visit) timetable(most int) (*api.Timetable, error) {
	var list []api.Timetable
	if err := v.client.Call(v.ctx(), "/v1/tests?"+v.query("limit", itoa(most)), nil, &list); err != nil || len(list) == 0 {
		return &api.Timetable{}, err
	}
	return &list[0], nil
}

// testsShow shows the calendar of tests.
func (s *Server) testsShow(v *visit) error {
	x, err := v.timetable(shownTests)
	if err != nil {
		return err
	}
	return v.give("tests", v.testsPage(x))
}

func (v *visit) testsPage(x *api.Timetable) *testsPage {
	page := &testsPage{}
	for i := range x.Agreed {
		t := &x.Agreed[i]
		page.Agreed = append(page.Agreed, agreedTest{t.Names.In(v.locale.Lang), v.names().TestHow(t), itoa(t.Minutes)})
	}
	var coming []*api.Test
	for i := range x.Tests {
		if t := &x.Tests[i]; t.Called == 0 && t.Result == "" {
			coming = append(coming, t)
		} else {
			page.Held = append(page.Held, v.testRow(t))
		}
	}
	slices.SortStableFunc(coming, func(a, b *api.Test) int { return cmp.Compare(cmp.Or(a.At, a.Opens), cmp.Or(b.At, b.Opens)) })
	for _, t := range coming {
		page.Coming = append(page.Coming, v.testRow(t))
	}
	page.Finding = v.testsFinding(x)
	return page
}

// testsFinding says how the last test each way went.
func (v *visit) testsFinding(x *api.Timetable) string {
	_, last := wording.NextTests(x)
	for _, t := range last {
		if t != nil && wording.TestFailed(t) {
			return v.T("web.tests.finding.failed")
		}
	}
	switch {
	case len(x.Agreed) == 0 && len(x.Tests) == 0:
		return v.T("web.tests.finding.none")
	case last[0] == nil && last[1] == nil:
		return v.T("web.tests.finding.coming")
	}
	return v.T("web.tests.finding.held")
}

func (v *visit) testRow(t *api.Test) testRow {
	n := v.names()
	row := testRow{Name: t.Name, Title: n.TestName(t), Ours: t.Ours, Who: n.TestWho(t.Ours), When: n.TestWhen(t, v.clockOf), Came: n.TestCame(t), Bad: wording.TestFailed(t)}
	if t.Called != 0 {
		row.Path = v.path("calls", t.Name)
	}
	for _, mark := range t.Marks {
		row.Marks = append(row.Marks, n.TestMark(mark))
	}
	return row
}

// watchTests are the last and the next test each way, for the watch.
func (v *visit) watchTests() (rows []testRow, err error) {
	x, err := v.timetable(watchedTests)
	if err != nil {
		return nil, err
	}
	next, last := wording.NextTests(x)
	for _, list := range [][2]*api.Test{last, next} {
		for _, t := range list {
			if t != nil {
				rows = append(rows, v.testRow(t))
			}
		}
	}
	return rows, nil
}
