package main

import (
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sayable is a request in which every kind has something to answer.
func sayable(t *testing.T) (*api.Request, *casework.Thread, *arrangement.Document) {
	r, rules := zoned(t)
	r.Instant = int64(instant(t, "2026-11-22T10:00:00Z"))
	theirs := casework.Where{Side: "higher", Position: 5}
	thread := &casework.Thread{
		Request:   &casework.Request{Type: "incident", Urgency: "urgent"},
		Questions: []casework.Question{{Asked: theirs}},
		Course: casework.Course{
			Items:     []casework.Item{{Where: theirs, Explain: 1}},
			Proposals: []casework.Proposal{{Where: theirs, Kind: act.RequestExtend, State: casework.Pending, Code: "answer", Until: 1}},
		},
	}
	return r, thread, rules
}

// options are all flags, each with a value that reads.
func options() *sayOptions {
	o := &sayOptions{}
	v := reflect.ValueOf(o).Elem()
	for i := range v.NumField() {
		switch f := v.Type().Field(i); f.Type.Kind() {
		case reflect.String:
			reflect.NewAt(f.Type, v.Field(i).Addr().UnsafePointer()).Elem().SetString("x")
		case reflect.Bool:
			reflect.NewAt(f.Type, v.Field(i).Addr().UnsafePointer()).Elem().SetBool(true)
		}
	}
	o.until, o.by, o.score, o.off, o.request = "+10d", "+10d", 3, false, ""
	o.under, o.item, o.proposal = []string{"us.4", "us.6"}, "cn.5", ""
	return o
}

// Every field of every body can be said with the command's flags: with all of
// them given, none is left empty.
func TestEveryFieldCanBeSaid(t *testing.T) {
	elsewhere := []string{act.RequestOpened, act.RequestAccept, act.RequestAmend, act.RequestLink, act.RequestFollow} // they ask the node; stories say them
	for _, v := range requestVerbs() {
		if slices.Contains(elsewhere, v.kind) {
			continue
		}
		r, thread, rules := sayable(t)
		s := &saying{shell: &shell{locale: localeOf("en"), err: io.Discard}, kind: v.kind, o: options(), request: r, thread: thread, rules: rules}
		switch s.o.act = "us.4"; v.kind {
		case act.RequestContest, act.RequestReply:
			s.o.act = "cn.5"
		case act.RequestMark, act.RequestTranslate:
			s.o.act = "cn.5" // in the higher log, so that the field is not empty
		}
		body, err := s.body()
		if err != nil {
			t.Errorf("%s: %v", v.kind, err)
			continue
		}
		empty(t, v.kind, reflect.ValueOf(body))
		if _, err := act.WriteBody(body); err != nil {
			t.Errorf("%s: %v", v.kind, err)
		}
	}
}

func empty(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			empty(t, path, v.Elem())
			return
		}
	case reflect.Struct:
		for i := range v.NumField() {
			empty(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
		return
	}
	if v.IsZero() {
		t.Errorf("%s is empty, though every flag was given", path)
	}
}

// What an act answers is named: the question, the wish for more time, the
// question about an item.
func TestReplies(t *testing.T) {
	for kind, change := range map[string]func(*api.Request, *casework.Thread){
		act.RequestReply:  nil,
		act.RequestGrant:  nil,
		act.RequestAgree:  nil,
		act.RequestRefuse: nil,
		act.RequestHold:   func(_ *api.Request, t *casework.Thread) { t.Course.Proposals[0].Kind = act.RequestRenew },
		act.RequestUsage: func(r *api.Request, _ *casework.Thread) {
			r.Acts[1].Kind, r.Acts[1].Body = act.RequestExplain, []byte(`{"position":5,"said":{"lang":"en","text":"x"}}`)
		},
	} {
		r, thread, rules := sayable(t)
		if change != nil {
			change(r, thread)
		}
		s := &saying{shell: &shell{locale: localeOf("en"), err: io.Discard}, kind: kind, o: &sayOptions{text: "x"}, request: r, thread: thread, rules: rules}
		if _, err := s.body(); err != nil || !slices.Equal(s.replies, []uint64{5}) {
			t.Errorf("%s answers %v, %v", kind, s.replies, err)
		}
		// With two that fit, which is meant must be said; of an item the newest
		// question counts.
		second := thread.Course.Proposals[0]
		second.Position, second.Code = 6, "decide"
		thread.Course.Proposals = append(thread.Course.Proposals, second)
		thread.Questions = append(thread.Questions, casework.Question{Asked: second.Where})
		_, err := s.body()
		if several := kind != act.RequestUsage; several != fault.Is(err, rule.NodeWhichAct) || several && !strings.Contains(err.Error(), "cn.5, cn.6") {
			t.Errorf("%s with two that fit: %v, %v", kind, s.replies, err)
		}
	}
}
