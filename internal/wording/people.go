package wording

import (
	"strconv"

	"parley.example/internal/api"
	"parley.example/internal/locale"
)

// Recovery says of an account that somebody who is no supervisor invited it to
// be one: who, by whom, and from when on it may sign in, or since when it does.
func Recovery(l *locale.Locale, a *api.Account, when func(int64) string) string {
	r := a.Recovery
	by := r.By
	if by == "" {
		by = l.T("access.machine")
	}
	switch {
	case a.Ended != 0:
		return l.T("access.recovery.ended", "name", a.Name, "by", by)
	case r.Arrived != 0:
		return l.T("access.recovery.arrived", "name", a.Name, "by", by, "time", when(r.Arrived))
	}
	return l.T("access.recovery", "name", a.Name, "by", by, "from", when(r.From))
}

// Finding says one thing of the self-check.
func Finding(l *locale.Locale, f *api.Finding) string {
	return l.T("duty.finding."+string(f.Code), "name", f.Name, "kind", PathKind(l, f.Kind), "role", nameIn(l, f.RoleName, f.Role), "rung", nameIn(l, f.RungName, f.Rung), "step", strconv.Itoa(f.Step), "zone", f.Zone, "what", f.What)
}

func nameIn(l *locale.Locale, name api.RoleName, code string) string {
	name.Code = code
	return name.In(l.Lang)
}

// PathKind is what a kind of path is called: ours by a word, the office's own as
// the administrator named it.
func PathKind(l *locale.Locale, kind string) string {
	return Names{l}.Known("duty.kind.", kind)
}

// RosterRole is what a role of the roster is called, or its code.
func RosterRole(l *locale.Locale, view *api.RosterView, code string) string {
	for _, n := range view.Names {
		if n.Code == code {
			return n.In(l.Lang)
		}
	}
	return code
}
