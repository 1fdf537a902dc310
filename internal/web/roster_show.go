package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/locale"
	"parley.example/internal/wording"
	"parley.example/wire/calendar"
)

// rosterDays is how many days the calendar shows, in weeks of seven.
const rosterDays = 14

// rosterRoutes are the pages of who is on duty, and how each is reached.
func (s *Server) rosterRoutes() []route {
	return []route{
		{pattern: "GET /roster", page: s.rosterShow},
		{pattern: "GET /roster.ics", page: s.rosterCalendar},
		{pattern: "GET /ringing", page: s.ringingShow},
		{pattern: "POST /ringing", page: s.ringingMine},
		{pattern: "POST /roster/override", page: s.rosterOverride},
		{pattern: "POST /roster/hand-over", page: s.rosterHandOver},
		{pattern: "GET /me/paths", page: s.pathsShow},
		{pattern: "POST /me/paths", page: s.pathsChange},
	}
}

// rosterPage is who is on duty, now and in the days to come.
type rosterPage struct {
	Set       bool
	Gaps      int // times with nobody, from now on
	Ladder    *ladderPanel
	Now       []standing
	Weeks     [][]rosterDay
	Overrides []overrideRow
	Notes     []noteRow
	Roles     []zonedRole
	People    []api.Account // who can be put on duty
	Instead   []api.PersonName
	Typed     url.Values
	Problem   *locale.Words
	Tabs      tabs
}

// standing is who stands for a role at an instant, and until when, where that is
// soon.
type standing struct {
	Role, Who, Until, Zone string
	Gap                    bool
}

// rosterDay is a date, with who stands for each role on it, in order of roles.
type rosterDay struct {
	Name  string
	Today bool
	Cells []rosterCell
}

// rosterCell is who stands for a role on a date, by the role's own zone.
type rosterCell struct {
	Role  string // what it is called
	Shown []rosterTurn
}

type rosterTurn struct {
	From, To, Who string
	Gap           bool
}

type overrideRow struct{ Role, Who, For, From, To, Zone string }

type noteRow struct{ Role, Who, When, Text string }

type zonedRole struct{ Role, Name, Zone string }

func (s *Server) rosterShow(v *visit) error { return v.roster(nil) }

// roster shows the page; with why the last change was refused, if it was.
func (v *visit) roster(problem error) error {
	view, err := v.rosterOf(-2, rosterDays+2) // a date begins earlier in one zone and ends later in another
	if err != nil {
		return err
	}
	p := v.rosterPage(view)
	p.Typed, p.Tabs = v.r.PostForm, tabs{"roster"}
	if p.Ladder, err = v.ladder(view.Roster); err != nil {
		return err
	}
	if p.Set && v.may("roster") {
		if err := v.client.Call(v.ctx(), "/v1/accounts", nil, &p.People); err != nil {
			return err
		}
		p.People = slices.DeleteFunc(p.People, func(a api.Account) bool { return a.Ended != 0 })
	}
	status := 200
	if problem != nil {
		words := v.locale.Fault(problem)
		p.Problem, status = &words, statusOf(problem)
	}
	v.show(status, "roster", p)
	return nil
}

// rosterOf reads who stands for each role from some days ago until some days on.
func (v *visit) rosterOf(from, to int) (*api.RosterView, error) {
	q := url.Values{}
	for name, days := range map[string]int{"from": from, "to": to} {
		q.Set(name, strconv.FormatInt(v.now.AddDate(0, 0, days).UnixMilli(), 10))
	}
	view := &api.RosterView{}
	return view, v.client.Call(v.ctx(), "/v1/roster?"+q.Encode(), nil, view)
}

// rosterPage lays a roster out by days.
func (v *visit) rosterPage(view *api.RosterView) *rosterPage {
	p := &rosterPage{Set: view.Set}
	if !view.Set || view.Roster == nil {
		p.Set = false
		return p
	}
	now, name := v.now.UnixMilli(), naming(view)
	role := func(code string) string { return wording.RosterRole(v.locale, view, code) }
	end := v.now.AddDate(0, 0, rosterDays).UnixMilli()
	for _, c := range view.Cover {
		z := view.Roster.ZoneOf(c.Role)
		p.Roles = append(p.Roles, zonedRole{c.Role, role(c.Role), zoneName(z, now)})
		for _, s := range c.Stretches {
			if len(s.Persons) == 0 && s.To > now && s.From < end {
				p.Gaps++
			}
		}
	}
	p.Now, p.Instead = v.standingNow(view, nil), view.People
	p.Weeks = v.weeks(view)
	for _, o := range view.Roster.Overrides {
		if z := view.Roster.ZoneOf(o.Role); int64(o.To) > now {
			row := overrideRow{Role: role(o.Role), Who: name(o.Person), From: v.inZone(z, int64(o.From)), To: v.inZone(z, int64(o.To)), Zone: zoneName(z, int64(o.From))}
			if o.For != "" {
				row.For = name(o.For)
			}
			p.Overrides = append(p.Overrides, row)
		}
	}
	for _, n := range slices.Backward(view.Roster.Notes) {
		p.Notes = append(p.Notes, noteRow{role(n.Role), name(n.By), v.inZone(view.Roster.ZoneOf(n.Role), n.At), n.Text})
	}
	return p
}

// weeks are the dates from today on. Which date is today is told by the first
// role; each role's day begins and ends by its own zone.
func (v *visit) weeks(view *api.RosterView) (weeks [][]rosterDay) {
	if len(view.Cover) == 0 {
		return nil
	}
	today := duty.DateOf(view.Roster.ZoneOf(view.Cover[0].Role).Wall(v.now.UnixMilli()))
	for i := range calendar.Date(rosterDays) {
		date := today + i
		day := rosterDay{Name: v.dayName(date), Today: i == 0}
		for _, c := range view.Cover {
			day.Cells = append(day.Cells, v.cellOf(view, &c, date))
		}
		if i%7 == 0 {
			weeks = append(weeks, nil)
		}
		weeks[len(weeks)-1] = append(weeks[len(weeks)-1], day)
	}
	return weeks
}

func (v *visit) cellOf(view *api.RosterView, c *api.RoleCover, date calendar.Date) rosterCell {
	z := view.Roster.ZoneOf(c.Role)
	begin, end := z.Reaches(date, 0), z.Reaches(date+1, 0)
	cell := rosterCell{Role: wording.RosterRole(v.locale, view, c.Role)}
	for _, s := range c.Stretches {
		from, to := max(s.From, begin), min(s.To, end)
		if from >= to {
			continue
		}
		turn := rosterTurn{From: wallClock(z, from), To: wallClock(z, to), Who: v.stand(naming(view), s.Persons), Gap: len(s.Persons) == 0}
		if to == end {
			turn.To = "24:00"
		}
		if n := len(cell.Shown); n > 0 && cell.Shown[n-1].Who == turn.Who { // the same people, for another reason
			cell.Shown[n-1].To = turn.To
			continue
		}
		cell.Shown = append(cell.Shown, turn)
	}
	return cell
}

// standingNow is who stands for some roles now; for none named, for all.
func (v *visit) standingNow(view *api.RosterView, roles []string) (list []standing) {
	now := v.now.UnixMilli()
	for _, c := range view.Cover {
		if roles != nil && !slices.Contains(roles, c.Role) {
			continue
		}
		for _, s := range c.Stretches {
			if now < s.From || now >= s.To {
				continue
			}
			one := standing{Role: wording.RosterRole(v.locale, view, c.Role), Who: v.stand(naming(view), s.Persons), Gap: len(s.Persons) == 0}
			if z := view.Roster.ZoneOf(c.Role); s.To < view.To { // what was asked for ends there, and not the shift
				one.Until, one.Zone = v.inZone(z, s.To), zoneName(z, s.To)
			}
			list = append(list, one)
		}
	}
	return list
}

// stand names who stands, and for whom.
func (v *visit) stand(name func(string) string, persons []duty.Stand) string {
	var list []string
	for _, s := range persons {
		word := name(s.Person)
		if s.For != "" {
			word = v.T("cli.roster.instead", "name", word, "for", name(s.For))
		}
		list = append(list, word)
	}
	return strings.Join(list, v.T("cli.between"))
}

// naming gives what the accounts of a roster are called.
func naming(view *api.RosterView) func(string) string {
	return func(account string) string {
		for _, p := range view.People {
			if p.Account == account {
				return p.Name
			}
		}
		return account
	}
}

// zoneOf is the zone of a role, and UTC where there is no roster.
func zoneOf(roster *duty.Roster, role string) *duty.Zone {
	if roster == nil {
		roster = &duty.Roster{}
	}
	return roster.ZoneOf(role)
}

// inZone writes an instant as it stands on a wall of a zone.
func (v *visit) inZone(z *duty.Zone, ms int64) string {
	return v.when(time.UnixMilli(z.Wall(ms)).UTC())
}

func wallClock(z *duty.Zone, ms int64) string {
	return time.UnixMilli(z.Wall(ms)).UTC().Format("15:04")
}

// zoneName is what a zone is called, with its offset at an instant.
func zoneName(z *duty.Zone, ms int64) string {
	if len(z.Offsets) == 0 {
		return z.Name
	}
	return z.Name + " " + offset(int(z.Wall(ms)-ms)/int(calendar.Minute))
}

func (v *visit) dayName(d calendar.Date) string {
	year, month, day := d.Civil()
	wall := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return v.T("web.roster.day", "weekday", v.T("cli.weekday."+strconv.Itoa(int(wall.Weekday()))), "day", strconv.Itoa(day), "month", v.T("web.month."+strconv.Itoa(month)))
}

// Span is what a week is called.
func (p *rosterPage) Span(week []rosterDay) string {
	return week[0].Name + " – " + week[len(week)-1].Name
}

// Column is who stands for the role of a row, day by day.
func (p *rosterPage) Column(week []rosterDay, role int) (cells []rosterCell) {
	for _, d := range week {
		cells = append(cells, d.Cells[role])
	}
	return cells
}
