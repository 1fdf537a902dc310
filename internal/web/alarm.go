package web

import (
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/wire/act"
)

// ringing is a call that rings for somebody of ours, on top of every page.
type ringing struct {
	Path string
	Who  string // calls
	Ours bool   // we called, and it has climbed to somebody else of ours
	Word string // real, test or exercise
	Rung string
	Here bool // this page is the call
}

// Ringing lists the calls that ring for us, for those who may answer.
func (v *visit) Ringing() (list []ringing) {
	if v.me == nil || v.rang {
		return v.rings
	}
	v.rang = true
	var pulse api.Pulse
	if err := v.client.Call(v.ctx(), "/v1/pulse", nil, &pulse); err != nil || len(pulse.Ringing) == 0 {
		return nil // a page is shown all the same: what fails says so itself
	}
	var status api.Status
	if err := v.client.Call(v.ctx(), "/v1/status", nil, &status); err != nil {
		return nil
	}
	for _, b := range pulse.Ringing {
		if !v.mayIn(b.Realm, "say") {
			continue
		}
		one := ringing{Path: linkPath(b.Realm, b.Code, "calls", b.Call), Who: b.Code, Word: v.names().CallPurpose(b.Realm, b.Purpose), Rung: b.RungName.In(v.locale.Lang),
			Ours: strings.HasPrefix(b.Call, status.Code+"-call-")}
		one.Here = v.r.URL.Path == one.Path
		for _, l := range status.Links {
			if l.Code == b.Code && l.Realm == b.Realm {
				one.Who = v.name(l.Names, l.Code)
			}
		}
		list = append(list, one)
	}
	v.rings = list
	return list
}

// RingsElsewhere tells whether a call rings that is not on this page.
func (v *visit) RingsElsewhere() bool {
	return slices.ContainsFunc(v.Ringing(), func(r ringing) bool { return !r.Here })
}

// RingingTitle is what stands before the title of every window while a call
// rings for us.
func (v *visit) RingingTitle() (text string) {
	for _, r := range v.Ringing() {
		text += "☎ " + v.T("web.call.title", "word", r.Word, "who", r.Who) + " · "
	}
	return text
}

// mayIn is may in a realm that need not be the page's.
func (v *visit) mayIn(realm, action string) bool {
	here := v.realm
	defer func() { v.realm = here }()
	v.realm = realm
	return v.may(action)
}

// alarmPage lets an officer hear the alarm before the night.
type alarmPage struct{ Word string }

// alarm shows the page on which the alarm is heard.
func (s *Server) alarm(v *visit) error {
	return v.give("alarm", alarmPage{v.names().CallPurpose("real", act.PurposeTest)})
}

func itoa(n int) string { return strconv.Itoa(n) }
