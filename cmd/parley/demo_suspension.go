package main

import (
	"bytes"
	"net/url"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// playSuspension plays a suspension of everything, what it stops and what goes
// on, and the resumption, after which both sides have the same list.
func (d *demo) playSuspension() error {
	us, cn := d.sides[0], d.sides[1]
	o := &suspendOptions{callOptions: callOptions{officer: cn.officer, reason: "other", lang: "zh-Hans", text: d.chinese("demo.suspension.text.why")}}
	if err := cn.runSuspend(d.ctx, act.Suspend, "", o); err != nil {
		return err
	}
	d.acts++
	name := ""
	for _, side := range []*demoSide{us, cn} { // it works from its receipt, and before that there is nothing to lift
		err := d.await(side, func(a *api.Arrangement) bool {
			works := false
			for _, s := range a.Suspensions {
				name, works = s.Name, s.From != 0
			}
			return works
		})
		if err != nil {
			return err
		}
	}
	d.told("demo.suspension.said", "name", cn.shown(d), "suspension", name)
	o = &suspendOptions{callOptions: callOptions{officer: cn.officer, lang: "zh-Hans", text: d.chinese("demo.suspension.text.back")}}
	if err := cn.runSuspend(d.ctx, act.Resume, name, o); err != nil {
		return err
	}
	d.acts++
	var lists [2]*api.Resumption
	err := d.until(func() (bool, error) {
		for i, s := range d.sides {
			var err error
			if lists[i], err = d.listOf(s, name); err != nil {
				return false, err
			}
		}
		return lists[0].Suspension.Until != 0 && bytes.Equal(lists[0].Raw, lists[1].Raw), nil
	})
	if err != nil {
		return err
	}
	if len(lists[0].Raw) == 0 {
		return fault.New(rule.NodeNoSuspension, "name", name)
	}
	l := lists[0].List
	d.told("demo.suspension.list", "stood", fault.Int(len(l.Stood)), "survived", fault.Int(len(l.Survived)), "due", fault.Int(len(l.Due)))
	return nil
}

// listOf is what a suspension came to, as a side has it.
func (d *demo) listOf(s *demoSide, name string) (*api.Resumption, error) {
	r := &api.Resumption{}
	return r, s.reach(d.ctx, func(client *api.Client) error {
		return client.Call(d.ctx, "/v1/suspensions/"+url.PathEscape(name), nil, r)
	})
}
