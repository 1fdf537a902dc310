package duty

import (
	"fmt"
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Bounds of the nightly self-check.
const (
	MaxTold   = 16 // findings of one message
	maxBefore = MaxFindings
	// DefaultHour is when the check runs where nothing else is set.
	DefaultHour = 18
	toldAgain   = 22 * hourMillis // a day, of which a change of offset may take an hour
)

// Night is what the nightly self-check remembers: when it last ran, and what was
// told of.
type Night struct {
	Version int          `json:"version"`
	Ran     int64        `json:"ran"`
	Told    []ToldBefore `json:"told"`
}

// ToldBefore is a finding that was told of.
type ToldBefore struct {
	Key string `json:"key"`
	At  int64  `json:"at"`
}

// DecodeNight reads what is kept, strictly.
func DecodeNight(raw []byte) (Night, error) {
	n := Night{}
	if err := ijson.Decode(raw, &n, ijson.Limits{Bytes: 1 << 20}); err != nil {
		return n, err
	}
	if n.Version != version || len(n.Told) > maxBefore {
		return n, fault.New(rule.StoreDamaged, "what", "nightly self-check")
	}
	return n, nil
}

// Encode gives it as it is kept.
func (n *Night) Encode() ([]byte, error) { return ijson.Encode(n) }

// Last is the last instant, up to now, at which a clock of the zone reached an
// hour of the day.
func (z *Zone) Last(hour int, now int64) int64 {
	for date := z.date(now) + 1; ; date-- {
		if at := z.Reaches(date, WallTime(hour*60)); at <= now {
			return at
		}
	}
}

// Due reports whether the check is to run: once for each time that the hour is
// reached, later when nobody looked then, and at once after a clock went back.
func (n *Night) Due(z *Zone, hour int, now int64) bool {
	return n.Ran > now || n.Ran < z.Last(hour, now)
}

// Take takes what a check of a span found, and gives what is to be told: what is
// red and was not told of within a day as it is now.
func (n Night) Take(found []Finding, from, to, now int64) (out Night, tell []Finding) {
	out = Night{Version: version, Ran: now, Told: []ToldBefore{}}
	for _, f := range found {
		key := f.key(from, to)
		same := func(t ToldBefore) bool { return t.Key == key }
		if !f.Red || slices.ContainsFunc(out.Told, same) {
			continue
		}
		if i := slices.IndexFunc(n.Told, same); i >= 0 && now >= n.Told[i].At && now-n.Told[i].At < toldAgain {
			out.Told = append(out.Told, n.Told[i])
			continue
		}
		out.Told = append(out.Told, ToldBefore{key, now})
		tell = append(tell, f)
	}
	return out, tell
}

// key names a finding as it is: with when it holds, but where that is only the
// end of what was looked at.
func (f Finding) key(from, to int64) string {
	if f.From <= from {
		f.From = 0
	}
	if f.To >= to {
		f.To = 0
	}
	return fmt.Sprintf("%s/%d/%d/%q/%q/%q/%d/%q/%q", f.Code, f.From, f.To, f.Level, f.Rung, f.Role, f.Step, f.Person, f.Kind)
}

// NoticeOf is a message about findings, to nobody yet.
func NoticeOf(found []Finding, now int64) Telling {
	return Telling{Key: Finds, Event: Finds, Findings: found[:min(len(found), MaxTold)], More: max(0, len(found)-MaxTold), Due: now, At: now}
}

// Notices are messages about findings: to each of these people along each of
// their confirmed paths.
func Notices(people []string, paths map[string]*Paths, found []Finding, now int64) (list []Telling) {
	about := NoticeOf(found, now)
	for _, person := range people {
		p := paths[person]
		if p == nil {
			continue
		}
		for _, x := range p.List {
			if x.Verified != 0 {
				one := about
				one.Person, one.Path, one.Kind = person, x.ID, x.Kind
				list = append(list, one)
			}
		}
	}
	return list
}

// Numbered numbers tellings that are no ring's, after all that there were.
func (s State) Numbered(list []Telling) State {
	s = s.clone()
	for i := range list {
		s.Number++
		list[i].Number = s.Number
	}
	return s
}
