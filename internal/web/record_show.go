package web

import (
	"parley.example/internal/api"
	"parley.example/wire/fault"
)

// recordPage is the two logs, what was refused, and what can be proved.
type recordPage struct {
	Logs      []logRow
	Incidents []incidentRow
	Evidence  []api.Evidence
	Verified  *verified
	Replaced  []replacedRow
}

// replacedRow is an officer's key that two others replaced.
type replacedRow struct {
	api.Replaced
	At *times
}

// logRow is one log, ours or theirs.
type logRow struct {
	Ours    bool
	Who     string
	Channel string
	Size    string
	Held    string // of ours: how much the other is known to hold; of theirs: how much there is by their word
}

type incidentRow struct {
	Code, Text  string
	First, Last *times
	Count       string
}

// verified is what computing both logs anew gave.
type verified struct {
	At    *times
	Fault string
	Logs  []api.LogSum
}

// recordShow shows the logs.
func (s *Server) recordShow(v *visit) error { return v.record(nil) }

// recordVerify computes both logs anew from their entries and holds them
// against what was signed.
func (s *Server) recordVerify(v *visit) error {
	done := &verified{At: v.at(v.now.UnixMilli())}
	err := v.client.Verify(v.ctx(), api.LinkAsk{Link: v.link, Realm: v.realm}, func(step api.Verify) {
		if len(step.Logs) > 0 {
			done.Logs = step.Logs
		}
	})
	if err != nil {
		if deniedTo(err) {
			return err
		}
		done.Fault = v.why(string(fault.CodeOf(err)))
	}
	return v.record(done)
}

func (v *visit) record(done *verified) error {
	p := &recordPage{Verified: done}
	l := v.frame.Link
	for i, channel := range []string{"control", "hotline", "routine"} {
		word := v.T("web.channel." + channel)
		p.Logs = append(p.Logs, logRow{true, v.frame.Us.Name, word, number(l.Own[i]), number(l.Held[i])},
			logRow{false, v.frame.Them.Name, word, number(l.Theirs[i]), number(l.Known[i])})
	}
	var incidents []api.Incident
	if err := v.client.Call(v.ctx(), "/v1/incidents?"+v.query(), nil, &incidents); err != nil {
		return err
	}
	for _, x := range incidents {
		if x.Link == v.link && x.Realm == v.realm {
			p.Incidents = append(p.Incidents, incidentRow{x.Code, v.why(x.Code), v.at(x.First), v.at(x.At), v.locale.Number(int64(x.Count))})
		}
	}
	var line api.Line
	if err := v.client.Call(v.ctx(), "/v1/line?"+v.query(), nil, &line); err != nil {
		return err
	}
	for _, x := range line.Replaced {
		p.Replaced = append(p.Replaced, replacedRow{x, v.at(x.Time)})
	}
	var evidence []api.Evidence
	if err := v.client.Call(v.ctx(), "/v1/evidence?"+v.query(), nil, &evidence); err != nil && !deniedTo(err) {
		return err
	}
	for _, e := range evidence {
		if e.Link == v.link {
			p.Evidence = append(p.Evidence, e)
		}
	}
	return v.give("record", p)
}
