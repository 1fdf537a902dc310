package web

import (
	"bytes"

	"parley.example/internal/icalendar"
	"parley.example/internal/wording"
)

// calendarDays is how far a calendar reaches from now on.
const calendarDays = 90

// rosterCalendar gives the roster to another program: one's own shifts, or
// everybody's.
func (s *Server) rosterCalendar(v *visit) error {
	view, err := v.rosterOf(-wording.ShiftsBefore, calendarDays)
	if err != nil {
		return err
	}
	person, name, file := "", v.T("web.roster"), "roster.ics"
	if v.r.URL.Query().Get("whose") == "mine" && v.me != nil {
		person, name, file = v.me.Account, v.T("web.roster.mine"), "shifts.ics"
	}
	var out bytes.Buffer
	if err := icalendar.Write(&out, name, wording.Shifts(v.locale, view, person, v.now.UnixMilli()), v.now.UnixMilli()); err != nil {
		return err
	}
	return v.hand(file, "text/calendar; charset=utf-8", out.Bytes())
}

// hand hands out a file that is kept nowhere.
func (v *visit) hand(name, media string, raw []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, err := v.w.Write(raw)
	return err
}
