package review

import (
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/record"
)

func both(en, zh string) arrangement.Words { return arrangement.Words{En: en, Zh: zh} }

func lower() party.ID  { return party.ID{1} }
func higher() party.ID { return party.ID{2} }

// document is as much of an arrangement as names the codes of the samples.
func document() *arrangement.Document {
	units := []arrangement.Unit{{Code: "cyber", Names: both("Cyber unit", "网络单位")}, {Code: "fraud", Names: both("Fraud unit", "反诈单位")}}
	steps := []string{arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer}
	return &arrangement.Document{Format: arrangement.Format, Version: 1, Rules: 1,
		Parties: []arrangement.Party{{ID: lower().String(), Code: "aa", Units: units}, {ID: higher().String(), Code: "bb", Units: units}},
		Types: []arrangement.RequestType{
			{Code: "incident", Names: both("Incident", "事件"), Steps: steps, Answers: []arrangement.Choice{{Code: "log", Names: both("Log", "日志")}}},
			{Code: "preservation", Names: both("Preservation", "保全"), Steps: steps, Preserves: true},
			{Code: "notice", Names: both("Notice", "通报"), Class: arrangement.ClassNotification, Steps: steps[:1]},
		},
		Urgencies: []arrangement.Urgency{{Code: "urgent", Names: both("Urgent", "紧急")}, {Code: "routine", Names: both("Routine", "一般")}},
		Reasons:   []arrangement.Reason{{Code: "unavailable", Names: both("Not available", "无法获得")}},
		Areas:     []arrangement.Area{{Code: "fraud", Names: both("Fraud", "诈骗")}},
	}
}

func instantAt(t testing.TB, text string) calendar.Instant {
	at, err := calendar.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func input(t testing.TB) Input {
	return Input{Cut: record.Cut{{{Size: 7}, {}, {Size: 40}}, {{Size: 6}, {}, {Size: 38}}}, Instant: instantAt(t, "2016-06-30T23:59:59Z"),
		Realm: party.Real, Parties: [2]Party{{lower(), "aa"}, {higher(), "bb"}}, Arrangement: [32]byte{0xaa}, Rules: 1,
		Versions: []*arrangement.Document{document()}, Cases: true}
}

// said makes acts in order, receipted a minute after they were said.
func saidBy(list *[]casework.Said, side string, position uint64, at calendar.Instant, kinds ...string) {
	for i, kind := range kinds {
		claimed := at + calendar.Instant(i)*calendar.Hour
		*list = append(*list, casework.Said{Where: casework.Where{Side: side, Position: position + uint64(i)}, Kind: kind,
			Claimed: claimed, Receipt: claimed + calendar.Minute, InOrder: true})
	}
}

// answered is a request of the lower's that was answered, in part late, with
// most of what there is to count.
func answered(t testing.TB) *casework.Thread {
	at := instantAt(t, "2016-06-14T09:00:00Z")
	th := &casework.Thread{Phase: casework.Answered, Requester: Lower, Rating: 4, Lacking: 0,
		Request: &casework.Request{Type: "incident", Urgency: "urgent", Area: "fraud", ToUnit: "cyber", Class: arrangement.ClassRequest}}
	saidBy(&th.Acts, Lower, 3, at, act.RequestOpen)
	saidBy(&th.Acts, Higher, 4, at+calendar.Hour, act.RequestAccept, act.RequestPartial, act.RequestAnswer)
	hour := int64(calendar.Hour)
	place := &casework.Where{Side: Higher, Position: 4}
	th.Obligations = []casework.Obligation{
		{Step: "acknowledge", Debtor: Higher, State: casework.Met, By: place, Interval: &casework.Interval{Claimed: hour, Receipt: hour, Agreed: true}},
		{Step: "decide", Debtor: Higher, State: casework.Late, By: place, Interval: &casework.Interval{Claimed: 9 * hour, Receipt: 9 * hour, Agreed: true}},
		{Step: "report", Debtor: Higher, State: casework.Disputed, By: place, Interval: &casework.Interval{Claimed: 2 * hour, Receipt: 30 * hour}},
		{Step: "answer", Debtor: Higher, State: casework.Unreceipted, By: place},
	}
	th.Questions = []casework.Question{{Interval: &casework.Interval{Claimed: 3 * hour, Receipt: 3 * hour, Agreed: true}}}
	th.Course = casework.Course{Unit: "fraud", Urgency: "routine", Reminders: 2, Priority: casework.Priority{Lower: true, Higher: true},
		Proposals: []casework.Proposal{{Kind: act.RequestDispute, State: casework.Agreed}, {Kind: act.RequestExtend, State: casework.Refused}},
		Grants:    []casework.Grant{{Step: "answer", Until: at}}, Contests: []casework.Contest{{}},
		Interims: []casework.Interim{{Form: "log", By: at + 10*calendar.Day}}, Marks: []casework.Mark{{Lifted: true}, {}},
		Items: []casework.Item{{Form: "log", Explain: 2, Explained: 1}, {Form: "log", Retracted: true}, {}},
		Links: []casework.Linked{{Relation: "related", To: casework.Where{Side: Higher, Position: 9}}}}
	th.Acts[len(th.Acts)-1].Receipt = 0
	th.Unreceipted = 1
	return th
}

// holding is a preservation of the higher's that lapsed once and runs.
func holding(t testing.TB) *casework.Thread {
	at := instantAt(t, "2016-06-01T00:00:00Z")
	th := &casework.Thread{Phase: casework.Accepted, Requester: Higher,
		Request: &casework.Request{Type: "preservation", Urgency: "routine", Area: "fraud", ToUnit: "cyber", Class: arrangement.ClassRequest}}
	saidBy(&th.Acts, Higher, 11, at, act.RequestOpen)
	saidBy(&th.Acts, Lower, 12, at+calendar.Hour, act.RequestAccept, act.RequestHold)
	th.Obligations = []casework.Obligation{
		{Step: "acknowledge", Debtor: Lower, State: casework.Met, By: &casework.Where{}, Interval: &casework.Interval{Receipt: 5000, Claimed: 5000, Agreed: true}},
		{Step: "hold", Debtor: Higher, State: casework.Running, Due: at + 60*calendar.Day},
		{Step: "answer", Debtor: Lower, State: casework.Overdue, Due: at + 20*calendar.Day, DueClaimed: at + 20*calendar.Day},
	}
	th.Course = casework.Course{Priority: casework.Priority{Lower: true}, Hold: &casework.Hold{State: casework.Held, Since: at, Until: at + 60*calendar.Day,
		Turn: Higher, Renewals: 1, Lapses: []casework.Lapse{{At: at, Turn: Higher}, {At: at, Turn: Lower}}}}
	return th
}

// refused, and returned: no more was to be had.
func refused() *casework.Thread {
	th := &casework.Thread{Phase: casework.Declined, Requester: Lower, Decline: "unavailable",
		Request: &casework.Request{Type: "incident", Urgency: "whenever", Area: "fraud", ToUnit: "=cmd", Class: arrangement.ClassRequest}}
	saidBy(&th.Acts, Lower, 20, 0, act.RequestOpen)
	saidBy(&th.Acts, Higher, 21, 0, act.RequestDecline)
	th.Course.Softer = []string{act.RequestAsk, act.RequestPartial}
	return th
}

// residue is what destruction left.
func residue() *casework.Thread {
	return &casework.Thread{Phase: casework.Closed, Requester: Lower, FromResidue: true, Rating: 2,
		Request: &casework.Request{Type: "notice", Urgency: "routine", Area: "fraud"}}
}

// sample is the cases of the vector, in the order of their openings.
func sample(t testing.TB) []Case {
	open := &casework.Thread{Phase: casework.Incomplete, Requester: Lower, Lacking: 3,
		Request: &casework.Request{Type: "incident", Urgency: "routine", Area: "fraud", ToUnit: "cyber", Class: arrangement.ClassRequest}}
	saidBy(&open.Acts, Lower, 30, instantAt(t, "2016-06-20T08:00:00Z"), act.RequestOpen)
	open.Obligations = []casework.Obligation{{Step: "answer", Debtor: Higher, State: casework.Paused}}
	return []Case{{false, 3, answered(t)}, {false, 20, refused()}, {false, 25, residue()}, {false, 30, open},
		{false, 33, &casework.Thread{Phase: casework.Void, Requester: Lower}}, {true, 11, holding(t)}}
}

func made(t testing.TB, cases []Case) *Review {
	r := New(input(t))
	for _, c := range cases {
		if err := r.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
