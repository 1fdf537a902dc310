package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"parley.example/internal/api"
	calls "parley.example/internal/procedure/hotline"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// demoSupervisor is the name of the supervisors' keys.
const demoSupervisor = "supervisor"

// The clock of both nodes of the demonstration begins behind, and is set on
// again and again: past the date by which the line is tested, past the time in
// which a request must be acknowledged, and past that in which a call must be
// answered. So it ends where it should be.
const (
	demoLate  = 5 * time.Hour    // an urgent request is acknowledged within four
	demoClimb = 16 * time.Minute // the duty desk answers within fifteen
	demoTest  = 3 * time.Hour    // by when the line is tested first
	demoBack  = int64((demoTest + demoLate + demoClimb) / time.Millisecond)
)

func (d *demo) now() int64 { return time.Now().UnixMilli() - d.back.Load() }

// passes lets time pass on both nodes.
func (d *demo) passes(by time.Duration) {
	d.back.Add(-by.Milliseconds())
	for _, s := range d.sides {
		for _, l := range s.office.node.Links() {
			l.Look()
			l.Wake()
		}
	}
}

// playCall plays a request that is late, the call that is opened from it, the
// ladder as it climbs on both sides, the conversation in two languages, and
// its minute; each act by the command that an officer would use.
func (d *demo) playCall() error {
	us, cn := d.sides[0], d.sides[1]
	request, err := d.askLate(us, cn)
	if err != nil {
		return err
	}
	d.passes(demoLate)
	d.told("demo.call.late", "request", request, "name", cn.shown(d), "hours", "4")
	o := &callOptions{officer: us.officer, criterion: "overdue", handling: "H1", request: request, lang: "en", subject: d.english("demo.call.text.subject"), text: d.english("demo.call.text.reason")}
	if err := us.runCall(d.ctx, o); err != nil {
		return err
	}
	d.acts++
	d.told("demo.call.opened", "officer", us.person, "name", us.shown(d), "request", request)
	call, err := d.rings(cn, "duty")
	if err != nil {
		return err
	}
	d.told("demo.call.rings", "name", cn.shown(d), "call", call)
	d.passes(demoClimb)
	for _, s := range d.sides {
		if _, err := d.rings(s, "supervisor"); err != nil {
			return err
		}
	}
	d.told("demo.call.climbs", "name", us.shown(d), "other", cn.shown(d))
	return d.talkItOver(us, cn, call)
}

// askLate sends a second request, which nobody acknowledges.
func (d *demo) askLate(us, cn *demoSide) (string, error) {
	body := demoRequest(d.english)
	body.Reference, body.Title.Text = "HM-2016-0421", d.english("demo.call.text.title")
	body.Fields["own-reference"], body.Fields["facts"] = json.RawMessage(`"HM-2016-0421"`), json.RawMessage(`"`+d.english("demo.call.text.facts")+`"`)
	raw, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	path := filepath.Join(d.dir, "late.json")
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		return "", fault.Wrap(err, rule.NodeFile, "file", path)
	}
	if err := us.runRequestNew(d.ctx, act.RequestOpen, &sayOptions{officer: us.officer, file: path}); err != nil {
		return "", err
	}
	d.acts++
	return d.arrived(cn)
}

// arrived waits for a request that is not the one of the case.
func (d *demo) arrived(s *demoSide) (name string, err error) {
	err = d.until(func() (bool, error) {
		err := s.reach(d.ctx, func(client *api.Client) error {
			var list []api.Request
			err := client.Call(d.ctx, "/v1/requests", nil, &list)
			for _, r := range list {
				if r.Name != d.about {
					name = r.Name
				}
			}
			return err
		})
		return name != "", err
	})
	return name, err
}

// callAt waits for a call at a side to be as it is wanted: the one of a name, or
// the newest.
func (d *demo) callAt(s *demoSide, called string, wanted func(c *api.Call, view *calls.Call) bool) (name string, err error) {
	err = d.until(func() (bool, error) {
		done := false
		err := s.reach(d.ctx, func(client *api.Client) error {
			var list []api.Call
			if err := client.Call(d.ctx, "/v1/calls?"+url.Values{"realm": {"real"}}.Encode(), nil, &list); err != nil {
				return err
			}
			at := slices.IndexFunc(list, func(c api.Call) bool { return called == "" || called == c.Name })
			if at < 0 {
				return nil
			}
			c := &list[at]
			view, err := wording.CallView(c)
			if err != nil {
				return err
			}
			if len(view.NotInOrder) > 0 {
				return fault.New(rule.ActThread, "kind", view.NotInOrder[0].Code)
			}
			name, done = c.Name, wanted(c, view)
			return nil
		})
		return done, err
	})
	return name, err
}

// rings waits until both ladders ring on a rung, as a side sees them.
func (d *demo) rings(s *demoSide, rung string) (string, error) {
	return d.callAt(s, "", func(_ *api.Call, view *calls.Call) bool {
		for _, l := range view.Ladders {
			if len(l.Steps) == 0 {
				return false
			}
			for _, step := range l.Steps {
				if step.Rung == rung && step.Rang == nil {
					return false
				}
			}
		}
		return true
	})
}

// talkItOver has a supervisor accept, both sides write in their own language,
// and the minute be agreed.
func (d *demo) talkItOver(us, cn *demoSide, call string) error {
	steps := []struct {
		side    *demoSide
		verb    string
		kind    string
		text    string
		officer string
	}{
		{cn, "answer", act.CallAccept, "", demoSupervisor},
		{us, "say", act.CallSay, "demo.call.text.ask", us.officer},
		{cn, "read", act.CallRead, "", demoSupervisor},
		{cn, "say", act.CallSay, "demo.call.text.answer", demoSupervisor},
		{us, "read", act.CallRead, "", us.officer},
		{us, "close", act.CallClose, "demo.call.text.minute", us.officer},
		{cn, "agree", act.CallAgree, "", demoSupervisor},
	}
	for _, step := range steps {
		o := &callOptions{officer: step.officer, lang: textLanguage(step.side.code)}
		if step.text != "" {
			o.text, o.handling = localeOf(languageOf(step.side.code)).T(step.text), "H1"
		}
		if err := step.side.runInCall(d.ctx, callVerb{use: step.verb, kind: step.kind}, call, o); err != nil {
			return err
		}
		d.acts++
		other, officer := us, d.locale.T("demo.supervisor."+step.side.code)
		if step.side == us {
			other, officer = cn, us.person
		}
		if _, err := d.callAt(other, "", func(_ *api.Call, view *calls.Call) bool {
			last := view.Acts[len(view.Acts)-1]
			return last.Kind == step.kind && last.InOrder
		}); err != nil {
			return err
		}
		d.told("demo.call."+step.verb, "officer", officer, "name", step.side.shown(d), "other", other.shown(d))
	}
	return nil
}
