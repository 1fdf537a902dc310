package form

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/statement"
)

// sayable is a request in which every kind has something to point at.
func sayable(s *Sheet, kind string) *Slip {
	theirs, ours := casework.Where{Side: "higher", Position: 5}, casework.Where{Side: "lower", Position: 4}
	thread := &casework.Thread{
		Request:   &casework.Request{Type: s.Rules.Types[0].Code, Urgency: s.Rules.Urgencies[0].Code},
		Questions: []casework.Question{{Asked: theirs}},
		Course: casework.Course{
			Items: []casework.Item{{Where: theirs}},
			Proposals: []casework.Proposal{{Where: theirs, Kind: act.RequestExtend, State: casework.Pending, Code: "answer", Until: 1},
				{Where: ours, Kind: act.RequestCondition, State: casework.Agreed}},
		},
	}
	r := &api.Request{Name: "us-1", Link: "cn", Own: "us", Ours: true, Side: "lower", Instant: int64(now),
		Acts: []api.Said{{Ours: true, Position: 4, Kind: act.RequestOpen, Body: json.RawMessage(`{}`)}, {Position: 5, Kind: act.RequestAnswer}}}
	return &Slip{Kind: kind, Request: r, Thread: thread, Rules: s.Rules, Locale: s.Locale,
		Officer: func() (api.Officer, error) { return api.Officer{Name: "Ellen Marsh", Role: "duty"}, nil },
		Find: func(name, relation string) (*act.Link, error) {
			return &act.Link{Relation: relation, Position: 17}, nil
		}}
}

// said are the kinds that people say in a request that is there.
func said() (kinds []string) {
	for _, name := range casework.Vocabulary() {
		kind, known := act.Lookup(act.Newest, name)
		if known && !kind.Automatic && !kind.Opens && kind.Channel == statement.Routine && name != act.RequestAmend {
			kinds = append(kinds, name)
		}
	}
	return kinds
}

// Spec: FRM-11. Every kind that an officer can say has a slip: each entry with
// its words, what must be there said beside it when it is not, and with all of
// them filled in a body that can be written.
func TestSlips(t *testing.T) {
	for _, sheet := range sheets(t)[:2] {
		for _, kind := range said() {
			s := sayable(sheet, kind)
			steps := s.Steps(url.Values{})
			if len(steps) != 2 || strings.HasPrefix(steps[0].Name, "web.") || len(steps[0].Entries) == 0 && kind != act.RequestOpened {
				t.Errorf("%s: %+v", kind, steps)
			}
			v, wanted := url.Values{}, 0
			for _, e := range steps[0].Entries {
				if strings.HasPrefix(e.Label+e.Help, "web.") || e.Kind == "" {
					t.Errorf("%s: %+v", kind, e)
				}
				value := "x"
				switch {
				case len(e.Choices) > 0:
					value = e.Choices[0].Code
				case e.Kind == "instant":
					value = "2026-03-09 04:10"
				case e.Name == "off":
					value = ""
				}
				if e.Required {
					wanted++
				}
				v.Set(e.Name, value)
			}
			_, _, missing, err := s.Read(url.Values{}, 0, now)
			if wanted > 0 && (err != nil || len(missing) < wanted) {
				t.Errorf("%s: %d of %d things missing are said: %v", kind, len(missing), wanted, err)
			}
			body, _, missing, err := s.Read(v, 0, now)
			if err != nil || len(missing) > 0 {
				t.Errorf("%s: %v %v, with %v", kind, missing, err, v)
				continue
			}
			if _, err := act.WriteBody(body); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}

// A reason that the arrangement wants explained is not given without words.
func TestReasonInWords(t *testing.T) {
	for _, sheet := range sheets(t) {
		for _, r := range sheet.Rules.Reasons {
			v := url.Values{"reason": {r.Code}, "until": {"2026-03-09"}, "step": {"answer"}}
			_, _, missing, _ := sayable(sheet, act.RequestDecline).Read(v, 0, now)
			if r.Words != (len(missing) > 0) {
				t.Errorf("%s: %v", r.Code, missing)
			}
		}
	}
}

// What cannot be read is told beside its entry.
func TestSlipUnread(t *testing.T) {
	s := sayable(sheets(t)[0], act.RequestHold)
	_, _, missing, err := s.Read(url.Values{"until": {"soon"}}, 0, now)
	if err != nil || len(missing) != 1 || missing[0].Name != "until" || !strings.Contains(missing[0].Text, "soon") {
		t.Errorf("%v %v", missing, err)
	}
	s = sayable(sheets(t)[0], act.RequestAgree)
	s.Thread.Course.Proposals = append(s.Thread.Course.Proposals, casework.Proposal{Where: casework.Where{Side: "higher", Position: 7}, Kind: act.RequestDispute, State: casework.Pending})
	_, _, missing, err = s.Read(url.Values{}, 0, now)
	if err != nil || len(missing) != 1 || missing[0].Name != "proposal" {
		t.Errorf("%v %v", missing, err)
	}
}
