package web

import (
	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/wording"
)

// mostFindings is how many findings a panel shows at once.
const mostFindings = 3

// ladderPanel is whether the ladder of the next day would work.
type ladderPanel struct {
	Red      bool // a call may reach nobody who can accept it
	Fails    int  // findings of that kind
	Findings []findingRow
	More     []findingRow // that the panel has no room for
	Until    string
	Zone     string     // of all times
	Now      []standing // for our lowest rung; of the watch
}

type findingRow struct {
	Red            bool
	Text, From, To string
}

// ladder asks for the self-check of the next day, the worst first.
func (v *visit) ladder(roster *duty.Roster) (*ladderPanel, error) {
	var found api.Checked
	if err := v.client.Call(v.ctx(), "/v1/roster/check", nil, &found); err != nil {
		return nil, err
	}
	return v.ladderOf(roster, &found), nil
}

func (v *visit) ladderOf(roster *duty.Roster, found *api.Checked) *ladderPanel {
	z := roster.Zone()
	p := &ladderPanel{Red: found.Red, Until: v.inZone(z, found.To), Zone: zoneName(z, found.From)}
	for _, red := range []bool{true, false} {
		for i := range found.Findings {
			f := &found.Findings[i]
			if f.Red != red {
				continue
			}
			if red {
				p.Fails++
			}
			p.Findings = append(p.Findings, findingRow{red, wording.Finding(v.locale, f), v.inZone(z, f.From), v.inZone(z, f.To)})
		}
	}
	most := min(mostFindings, len(p.Findings))
	p.Findings, p.More = p.Findings[:most], p.Findings[most:]
	return p
}

// watchLadder is the panel of the watch, with who is on duty now for the lowest
// of our rungs.
func (v *visit) watchLadder() (*ladderPanel, error) {
	view, err := v.rosterOf(0, 2)
	if err != nil {
		return nil, err
	}
	p, err := v.ladder(view.Roster)
	if err != nil || view.Roster == nil {
		return p, err
	}
	p.Now = v.standingNow(view, v.lowestRoles())
	return p, nil
}

// lowestRoles are ours of the lowest rung on which we have any.
func (v *visit) lowestRoles() []string {
	list := []string{}
	if v.rules.Hotline == nil {
		return list
	}
	for _, rung := range v.rules.Hotline.Rungs {
		for _, r := range rung.Roles {
			if r.Party == v.frame.us {
				list = append(list, r.Role)
			}
		}
		if len(list) > 0 {
			break
		}
	}
	return list
}
