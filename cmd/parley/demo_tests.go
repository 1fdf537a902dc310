package main

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"parley.example/internal/api"
	calls "parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// demoTimetable has the line be tested once, soon. A test at an instant that
// nobody knows would ring into the rest of the demonstration.
func demoTimetable(document []byte, now calendar.Instant) ([]byte, error) {
	d, err := arrangement.Parse(document)
	if err != nil {
		return nil, err
	}
	before := (now + calendar.Instant(demoTest.Milliseconds())) / calendar.Minute * calendar.Minute
	d.Hotline.Tests = []arrangement.Test{{Code: "first", Names: arrangement.Words{En: "First test", Zh: "首次测试"}, Announced: true, Before: &before,
		Rung: d.Hotline.Rungs[0].Code, Minutes: 15}}
	return ijson.Encode(d)
}

// playTests plays the tests that both nodes hold by themselves before their
// date: each rings at the other side, and is taken by one signature.
func (d *demo) playTests() error {
	us, cn := d.sides[0], d.sides[1]
	var planned []api.Test
	err := d.until(func() (done bool, err error) {
		planned, err = d.testsAt(us)
		return len(planned) == 2, err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(planned, func(a, b api.Test) int { return cmp.Compare(a.At, b.At) })
	left := demoTest
	for _, t := range planned {
		by := max(0, time.Duration(t.At-d.now())*time.Millisecond+time.Second)
		left -= by
		d.passes(by)
		caller, called := us, cn
		if !t.Ours {
			caller, called = cn, us
		}
		// Where both were drawn for one minute, the other's rings at that time too.
		if _, err := d.callAt(called, t.Name, func(c *api.Call, _ *calls.Call) bool { return c.Rings != nil }); err != nil {
			return err
		}
		if err := called.runInCall(d.ctx, callVerb{use: "answer", kind: act.CallAccept}, t.Name, &callOptions{officer: called.officer}); err != nil {
			return err
		}
		d.acts++
		for _, s := range d.sides {
			if err := d.until(func() (bool, error) { return d.concluded(s, t.Name) }); err != nil {
				return err
			}
		}
		d.told("demo.test", "officer", called.person, "name", called.shown(d), "other", caller.shown(d), "call", t.Name)
	}
	d.passes(max(0, left))
	return nil
}

func (d *demo) testsAt(s *demoSide) (list []api.Test, err error) {
	var tables []api.Timetable
	err = s.reach(d.ctx, func(client *api.Client) error {
		return client.Call(d.ctx, "/v1/tests?"+url.Values{"realm": {"real"}}.Encode(), nil, &tables)
	})
	for _, x := range tables {
		list = append(list, x.Tests...)
	}
	return list, err
}

// concluded tells whether both nodes have said, as a side sees it, that a test
// was answered, and nothing about it does not fit.
func (d *demo) concluded(s *demoSide, name string) (bool, error) {
	list, err := d.testsAt(s)
	return slices.ContainsFunc(list, func(t api.Test) bool {
		return t.Name == name && t.Result == act.ResultAnswered && len(t.Outcomes) == 2 && len(t.Marks) == 0
	}), err
}
