package web

import (
	"fmt"
	"math"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// frame is what stands around a page about a counterpart: the line between two
// parties.
type frame struct {
	Link   api.LinkStatus
	Us     party
	Them   party
	us     string // party identifiers
	them   string
	Rooms  []string
	Others []api.LinkStatus // the other counterparts and realms

	Suspended []suspended // by either party, and not lifted
	Survives  []string    // what the arrangement lets go on
}

// suspended is a suspension as every page says it.
type suspended struct {
	Who    string
	Scope  []string // names of what stands still; empty: everything that does not survive
	Reason string
	Note   string
	Lang   string
	Since  *times // its receipt; nil: it has none yet, and does not work
	Ends   bool   // it is a termination
	Effect *times // from when the arrangement has ended; nil while it has no receipt
}

// party is one end of the line, and what its clock shows.
type party struct {
	Code    string
	Name    string
	Clock   string // 03:12
	Date    string
	Offset  string // −05:00; empty while no arrangement says
	Working bool
	Known   bool // an arrangement says what time it is there
}

// rooms are the pages of the navigation, in order.
func rooms() []string {
	return []string{"watch", "requests", "calls", "contacts", "cases", "arrangement", "review", "record"}
}

// meet reads what the frame of a page about a counterpart shows.
func (v *visit) meet() error {
	var status api.Status
	if err := v.client.Call(v.ctx(), "/v1/status", nil, &status); err != nil {
		return err
	}
	f := &frame{Rooms: rooms()}
	found := false
	for _, l := range status.Links {
		if l.Code == v.link && l.Realm == v.realm {
			f.Link, found = l, true
		} else {
			f.Others = append(f.Others, l)
		}
	}
	if !found {
		return fault.New(rule.NodeNoLink, "party", v.link)
	}
	if err := v.readRules(""); err != nil {
		return err
	}
	f.Us, f.Them = v.partyOf(status.Party, status.Code, status.Names), v.partyOf(f.Link.Party, f.Link.Code, f.Link.Names)
	f.us, f.them = status.Party, f.Link.Party
	v.frame = f // instants are told by it
	if f.Suspended = v.suspensions(f); len(f.Suspended) > 0 {
		f.Survives = v.surviving()
	}
	return nil
}

// arrangement reads a version of the arrangement by its digest, with what is
// proposed; empty: the one in force.
func (v *visit) arrangement(digest string) (*api.Arrangement, error) {
	a := &api.Arrangement{}
	return a, v.client.Call(v.ctx(), "/v1/arrangement?"+v.query("digest", digest), nil, a)
}

// readRules reads a version of the arrangement, by its digest; empty: the one
// in force. Without any it is an empty document, in which codes are shown as
// they are.
func (v *visit) readRules(digest string) error {
	a, err := v.arrangement(digest)
	if err != nil {
		return err
	}
	v.rules, v.stopped = &arrangement.Document{}, a.Suspensions
	if a.Digest == "" {
		return nil
	}
	rules, err := v.server.rules.get(a.Digest, func() (*arrangement.Document, error) { return arrangement.Parse(a.Document) })
	if err == nil {
		v.rules = rules
	}
	return err
}

// surviving names what the arrangement lets go on while it is suspended.
func (v *visit) surviving() (names []string) {
	for _, code := range v.rules.Survives.Types {
		names = append(names, v.names().Type(v.rules, code))
	}
	for _, code := range v.rules.Survives.Areas {
		names = append(names, v.names().Area(v.rules, code))
	}
	for _, code := range v.rules.Survives.Urgencies {
		names = append(names, v.names().Urgency(v.rules, code))
	}
	return names
}

// suspensions words what either party has suspended.
func (v *visit) suspensions(f *frame) (list []suspended) {
	for _, s := range v.stopped {
		one := suspended{Who: v.T("web.suspended.ours"), Reason: v.names().Reason(v.rules, s.Reason), Note: s.Note.Text, Lang: s.Note.Lang}
		if s.From != 0 {
			one.Since = v.at(s.From)
		}
		if !s.Ours {
			one.Who = v.T("web.suspended.theirs", "name", f.Them.Name)
		}
		if one.Ends = s.Terminates; one.Ends {
			if one.Who = v.T("web.terminated.ours"); !s.Ours {
				one.Who = v.T("web.terminated.theirs", "name", f.Them.Name)
			}
			if s.Effect != 0 {
				one.Effect = v.at(s.Effect)
			}
		}
		for _, code := range s.Types {
			one.Scope = append(one.Scope, v.names().Type(v.rules, code))
		}
		for _, code := range s.Areas {
			one.Scope = append(one.Scope, v.names().Area(v.rules, code))
		}
		list = append(list, one)
	}
	return list
}

func (v *visit) partyOf(id, code string, names [2]string) party {
	p := party{Code: code, Name: v.name(names, code), Clock: v.now.UTC().Format("15:04"), Date: v.date(v.now.UTC())}
	in, ok := v.rules.Party(id)
	if !ok {
		return p
	}
	at := calendar.Instant(v.now.UnixMilli())
	local, err := in.Calendar.Local(at)
	if err != nil {
		return p
	}
	wall := v.now.UTC().Add(time.Duration(local.Offset) * time.Minute)
	p.Known, p.Clock, p.Date = true, wall.Format("15:04"), v.date(wall)
	p.Offset = offset(int(local.Offset))
	p.Working, _ = in.Calendar.Working(at)
	return p
}

// offset writes minutes from UTC: −05:00.
func offset(minutes int) string {
	sign := "+"
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	return fmt.Sprintf("%s%02d:%02d", sign, minutes/60, minutes%60)
}

// name is what a party is called in the person's language.
func (v *visit) name(names [2]string, code string) string {
	name := names[0]
	if v.locale.Lang == "zh" {
		name = names[1]
	}
	if name == "" {
		return code
	}
	return seen(cut(name, mostName))
}

// date writes a day on somebody's wall.
func (v *visit) date(wall time.Time) string {
	return v.T("web.date", "weekday", v.T(fmt.Sprintf("cli.weekday.%d", int(wall.Weekday()))),
		"day", fmt.Sprint(wall.Day()), "month", v.T(fmt.Sprintf("web.month.%d", int(wall.Month()))), "year", fmt.Sprint(wall.Year()))
}

// Clock writes an instant as it stands on our wall: of today the time is enough.
func (v *visit) Clock(ms int64) string {
	wall := v.wall(ms, true)
	text := wall.Format("15:04:05")
	if today := v.wall(v.now.UnixMilli(), true); wall.Format(time.DateOnly) != today.Format(time.DateOnly) {
		text = v.date(wall) + " " + wall.Format("15:04")
	}
	return text
}

// wall is an instant on one party's wall; in UTC where no arrangement says.
func (v *visit) wall(ms int64, ours bool) time.Time {
	at := time.UnixMilli(ms).UTC()
	if v.frame == nil {
		return at
	}
	id := v.frame.them
	if ours {
		id = v.frame.us
	}
	in, ok := v.rules.Party(id)
	if !ok {
		return at
	}
	local, err := in.Calendar.Local(calendar.Instant(ms))
	if err != nil {
		return at
	}
	return at.Add(time.Duration(local.Offset) * time.Minute)
}

// Skew is how far the two clocks are apart, in seconds.
func (v *visit) Skew() string { return fmt.Sprintf("%.1f", math.Abs(float64(v.frame.Link.Skew))/1000) }

// Named is what a party is called in the person's language.
func (v *visit) Named(names [2]string, code string) string { return v.name(names, code) }

// Reader is the name of who looks; empty where the node has no accounts.
func (v *visit) Reader() string {
	if v.me == nil {
		return ""
	}
	return v.me.Name
}

// Today is the instant of this page on our wall.
func (v *visit) Today() string { return v.when(v.wall(v.now.UnixMilli(), true)) }
