package web

import (
	"time"

	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// ringingPage is where the link of an alarm leads, for a telephone: what rings
// now, with the way to its acceptance.
type ringingPage struct {
	Calls []ringingCall
}

// ringingCall is a rung of a call that rings in our office.
type ringingCall struct {
	api.Alarm
	Path, Word, Who, Rung string
	Began, Climbs         string // as our wall and UTC show it; Climbs may be empty
	Says                  bool   // whoever looks may answer it
	Said                  []string
	Mine                  string // until when whoever looks is left alone; empty: they are not
}

// ringingShow shows what rings, and keeps that it was seen.
func (s *Server) ringingShow(v *visit) error {
	var list api.Alarms
	if err := v.client.Call(v.ctx(), "/v1/alarms", nil, &list); err != nil {
		return err
	}
	var status api.Status
	if err := v.client.Call(v.ctx(), "/v1/status", nil, &status); err != nil {
		return err
	}
	page := &ringingPage{}
	for i := range list.Alarms {
		a := &list.Alarms[i]
		if err := v.sawAlarm(a); err != nil {
			return err
		}
		page.Calls = append(page.Calls, v.ringingCall(a, &status))
	}
	return v.give("ringing", page)
}

func (v *visit) ringingCall(a *api.Alarm, status *api.Status) ringingCall {
	purpose := act.PurposeReal
	if a.Level == act.PurposeTest {
		purpose = act.PurposeTest
	}
	one := ringingCall{Alarm: *a, Path: linkPath(a.Realm, a.Link, "calls", a.Call), Word: v.names().CallPurpose(a.Realm, purpose), Who: a.Link,
		Rung: a.RungName.In(v.locale.Lang), Says: v.mayIn(a.Realm, "say")}
	for _, l := range status.Links {
		if l.Code == a.Link && l.Realm == a.Realm {
			one.Who = v.name(l.Names, l.Code)
		}
	}
	clock := v.clockWith(a.Realm, a.Link, status)
	if one.Began = clock(a.Since); a.ClimbsAt != 0 {
		one.Climbs = clock(a.ClimbsAt)
	}
	for _, by := range a.Seen {
		one.Said = append(one.Said, v.T("web.ringing.said."+by.What, "who", by.Name, "time", clock(by.At)))
		if until := by.At + duty.QuietFor; v.me != nil && by.Account == v.me.Account && by.What == duty.Mine && until > v.now.UnixMilli() {
			one.Mine = clock(until)
		}
	}
	return one
}

// clockWith writes instants as our own wall shows them, by the arrangement with
// a counterpart, and in UTC; in UTC alone where no arrangement says what time it
// is with us, or it cannot be read: a call is shown all the same.
func (v *visit) clockWith(realm, link string, status *api.Status) func(ms int64) string {
	within := *v
	within.realm, within.link, within.frame = realm, link, &frame{us: status.Party}
	if err := within.readRules(""); err != nil {
		within.rules = &arrangement.Document{}
	}
	us := within.partyOf(status.Party, status.Code, status.Names)
	return func(ms int64) string {
		utc := time.UnixMilli(ms).UTC().Format(time.TimeOnly)
		if !us.Known {
			return v.T("web.ringing.time.utc", "utc", utc)
		}
		return v.T("web.ringing.time", "own", within.Clock(ms), "us", us.Name, "utc", utc)
	}
}

// sawAlarm keeps, once, that somebody has the alarm before their eyes.
func (v *visit) sawAlarm(a *api.Alarm) error {
	if v.me == nil || v.me.Open || !v.attended() {
		return nil
	}
	for _, by := range a.Seen {
		if by.Account == v.me.Account {
			return nil
		}
	}
	err := v.client.Call(v.ctx(), "/v1/alarms/seen", api.AlarmSeen{Key: a.Key, What: duty.Seen}, nil)
	if fault.Is(err, rule.DutyAlarm) { // it is over
		err = nil
	}
	return err
}

// ringingMine keeps that somebody says to have a call. It accepts nothing.
func (s *Server) ringingMine(v *visit) error {
	in := api.AlarmSeen{Key: v.r.PostForm.Get("key"), What: duty.Mine}
	if err := v.client.Call(v.ctx(), "/v1/alarms/seen", in, nil); err != nil {
		return err
	}
	return v.see("/ringing")
}
