package web

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// head words what the opening says in codes, and its own words with their
// translations.
func (x *callReader) head(p *callPage, h *hotline.Head, opening *api.Said) {
	p.Word, p.Real = x.names.CallPurpose(x.realm, h.Purpose), h.Purpose == act.PurposeReal && !x.Exercise()
	rung := h.Standing
	if x.c.Rings != nil {
		rung = x.c.Rings.Rung
	}
	_, p.At = wording.RungOf(x.rules, rung)
	p.Rung = x.names.Rung(x.rules, rung)
	if opening != nil {
		w := wording.WhereOf(x.as, opening)
		p.Subject, p.Reason = x.passage(w, "/subject", x.c.Subject), x.passage(w, "/reason", x.c.Reason)
		if p.Once = x.c.Reason == x.c.Subject; p.Once {
			p.Reason = p.Subject
		}
	}
	m := x.handled(x.rules, h.Handling)
	p.Marking = &m
	p.Scales, p.Severity = x.scales(h.Severity), x.names.Severity(x.rules, h.Severity)
	add := func(key string, lines ...template.HTML) {
		p.Facts = append(p.Facts, callFact{x.T(key), lines})
	}
	if h.Test != "" {
		add("web.call.fact.test", brief(x.names.CallTest(x.rules, h.Test)))
	}
	if h.Criterion != "" {
		add("web.call.fact.criterion", brief(x.names.Criterion(x.rules, h.Criterion)))
	}
	if a := x.k.Answer; a != nil {
		minutes := 0
		if stored := x.k.Receipts.Stored; stored != nil {
			minutes = int((a.Due - stored.Receipt) / calendar.Minute)
		}
		text := x.T("web.call.fact.answer.within", "n", strconv.Itoa(minutes))
		add("web.call.fact.answer", brief(text), x.Both(x.at(int64(a.Due))))
		if a.Took > 0 {
			took := x.lasted(int64(a.Took))
			if !a.InTime {
				took += x.T("web.call.fact.late")
			}
			add("web.call.fact.took", brief(took))
		}
	}
	if x.c.Request != "" {
		add("web.call.fact.request", x.toRequest(x.c.Request))
	}
	if len(p.Opened) > 0 {
		add("web.call.fact.signed", brief(x.names.List(p.Opened)))
	}
	if h.Needed > 1 {
		add("web.call.fact.needed", brief(x.T("web.call.fact.persons", "n", strconv.Itoa(h.Needed))))
	}
}

func (x *callReader) toRequest(name string) template.HTML {
	return template.HTML(`<a class="figures" href="`+template.HTMLEscapeString(x.path("requests", name))+`">`) + brief(name) + "</a>"
}

// scales shows a severity on both parties' scales, ours first.
func (x *visit) scalesOf(d *arrangement.Document, code string) (list []scaleView) {
	m, at := wording.MatchOf(d, code)
	if at == 0 {
		return nil
	}
	for _, ours := range []bool{true, false} {
		in := x.partyIn(d, ours)
		if in == nil || len(in.Severity) == 0 {
			continue
		}
		one := scaleView{Ours: ours, Who: x.frame.Them.Name}
		if ours {
			one.Who = x.frame.Us.Name
		}
		one.Range = fmt.Sprintf("%d–%d", in.Severity[0].Level, in.Severity[len(in.Severity)-1].Level)
		for _, level := range m.Levels {
			if level.Party != in.ID {
				continue
			}
			for _, l := range in.Severity {
				one.Cells = append(one.Cells, l.Level <= level.To)
				if l.Level >= level.From && l.Level <= level.To {
					if one.Label != "" {
						one.Label += " / "
					}
					one.Label += strconv.Itoa(l.Level) + " · " + x.names().Worded(l.Names, true, "")
				}
			}
		}
		list = append(list, one)
	}
	return list
}

func (x *callReader) scales(code string) []scaleView { return x.scalesOf(x.rules, code) }

// ladders are both sides', ours first: what rang, what rings, what comes, and
// the rungs that only people take it to.
func (x *callReader) ladders() (list []ladderView) {
	if x.rules.Hotline == nil || x.k.Head == nil {
		return nil
	}
	for _, side := range []string{x.c.Side, wording.Other(x.c.Side)} {
		ours := side == x.c.Side
		one, in, there := ladderView{Ours: ours, Who: x.called(side)}, x.partyIn(x.rules, ours), map[string]bool{}
		for _, l := range x.k.Ladders {
			if l.Side != side {
				continue
			}
			for i := range l.Steps {
				s := &l.Steps[i]
				_, n := wording.RungOf(x.rules, s.Rung)
				there[s.Rung] = true
				at := s.Due
				if s.State == hotline.StepRang {
					at = s.Rang.Claimed
				}
				one.Steps = append(one.Steps, stepView{N: n, Rung: x.names.Rung(x.rules, s.Rung), Who: x.names.List(x.names.RungRoles(x.rules, s.Rung, in)),
					State: string(s.State), Word: x.T("web.call.step."+string(s.State), "time", x.short(int64(at))), Opened: i == 0 && ours && x.c.Ours})
			}
		}
		if len(one.Steps) > 0 {
			for i := range x.rules.Hotline.Rungs {
				if r := &x.rules.Hotline.Rungs[i]; !there[r.Code] {
					one.Steps = append(one.Steps, stepView{N: i + 1, Rung: x.names.Rung(x.rules, r.Code), State: "not", Word: x.T("web.call.step.not")})
				}
			}
			slices.SortStableFunc(one.Steps, func(a, b stepView) int { return cmp.Compare(after(a), after(b)) })
		}
		list = append(list, one)
	}
	return list
}

// after puts the rungs that do not ring behind those that do.
func after(s stepView) int {
	if s.State == "not" {
		return 1
	}
	return 0
}

// silence says which silence we hear in a call of ours.
func (x *callReader) silence() *silenceView {
	k := x.c.Silence
	if k.Kind == "" || !x.c.Ours {
		return nil
	}
	marks := map[string]string{"no-carrier": "carrier", "no-answer": "node", "restoring": "node", "locked": "node", "full": "node",
		"stores-nothing": "withheld", "withheld": "withheld", api.SilenceStored: "stored", api.SilenceShown: "opened",
		api.SilenceDeclined: "declined", api.SilenceDeferred: "postponed"}
	return &silenceView{Mark: marks[k.Kind], Text: x.names.CallSilence(k.Kind), Since: x.at(k.Since), Until: x.at(k.Until)}
}

// refusal is the refusal or the deferral that stands, with its words.
func (x *callReader) refusal() *refusalView {
	kind := map[hotline.Phase]string{hotline.Declined: act.CallDecline, hotline.Deferred: act.CallDefer}[hotline.Phase(x.c.Phase)]
	for _, a := range slices.Backward(x.c.Acts) {
		if a.Kind != kind || kind == "" || a.NotInOrder != "" {
			continue
		}
		var b act.AwaitBody
		readJSON(a.Body, &b)
		one := &refusalView{By: a.Officers, Ours: a.Ours, Reason: x.names.Reason(x.rules, b.Reason), Until: x.at(int64(b.Until))}
		if b.Note.Text != "" {
			one.Note = spoken(b.Note)
		}
		return one
	}
	return nil
}

// answering says whether this person can take the call, and as whom.
func (x *callReader) answering() *answering {
	a := &answering{Needed: 1, Action: x.path("calls", x.c.Name, "say", "accept")}
	if x.k.Head != nil {
		a.Needed = x.k.Head.Needed
	}
	a.Command = "parley hotline answer " + x.c.Name + " --officer KEY"
	officer, err := x.officer()
	switch {
	case err != nil:
		a.Why = x.locale.Fault(err).Text
	case !wording.OnLadder(x.rules, x.frame.us, officer.Role):
		a.Officer, a.Why = officer.Name, x.T("web.call.not-on-ladder", "role", x.names.Role(x.partyIn(x.rules, true), officer.Role))
	default:
		a.Officer = officer.Name
	}
	a.Taken = slices.ContainsFunc(x.k.Accepts, func(m hotline.Moment) bool { return a.Officer != "" && slices.Contains(m.Signed, a.Officer) })
	return a
}

// short is an instant on our wall: of today the time is enough.
func (v *visit) short(ms int64) string {
	wall := v.wall(ms, true)
	if today := v.wall(v.now.UnixMilli(), true); wall.Format(time.DateOnly) == today.Format(time.DateOnly) {
		return wall.Format("15:04")
	}
	return v.when(wall)
}
