package report

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/probe"
)

// counted is the body of test.day, the act in which a day's results stand.
type counted struct {
	Day      probe.Instant `json:"day"`
	Carriers []struct {
		Carrier  string `json:"carrier"`
		Tried    int64  `json:"tried"`
		Answered int64  `json:"answered"`
		Median   int64  `json:"median_ms"`
		Worst    int64  `json:"worst_ms"`
	} `json:"carriers"`
	Digest string `json:"digest"`
}

// results words what the single results of a day of machine tests prove: the
// answers by the cards that the disclosure shows, the results by the act in it
// that has their digest. Spec: PRB-11.
func results(data, disclosure []byte, known []party.ID) (*Report, error) {
	f, err := probe.Decode(data)
	if err != nil {
		return nil, err
	}
	if disclosure == nil {
		return nil, fault.New(fault.ProbeRecord, "day", f.Day.String())
	}
	shown, err := audit.Verify(disclosure, known...)
	if err != nil {
		return nil, err
	}
	of := func(id string) int {
		return slices.IndexFunc(shown.Parties[:], func(p audit.Party) bool { return p.ID.String() == id })
	}
	writer, reader := of(f.Writer), of(f.Reader)
	if writer < 0 || reader < 0 || writer == reader || shown.Realm != f.Realm {
		return nil, fault.New(fault.ProbeRecord, "day", f.Day.String())
	}
	found, err := f.Check(audit.Signatures{}, shown.Parties[reader].Signs)
	if err != nil {
		return nil, err
	}
	var said counted
	i := slices.IndexFunc(shown.Acts, func(a *audit.Act) bool {
		said = counted{}
		return a.Statement != nil && a.Statement.Kind == "test.day" && a.Side() == writer && json.Unmarshal(a.Body, &said) == nil &&
			said.Day == f.Day && said.Digest == hex.EncodeToString(found.Digest[:])
	})
	if i < 0 {
		return nil, fault.New(fault.ProbeRecord, "day", f.Day.String())
	}
	return teller{shown}.results(shown.Acts[i], &said, found, [2]string{shown.Parties[writer].Code, shown.Parties[reader].Code}), nil
}

func (t teller) results(a *audit.Act, said *counted, found *probe.Found, codes [2]string) *Report {
	day := Section{Title: Words{"The day", "测试日"}}
	day.say("day, in UTC", "日期（UTC）", same("%s", found.Day.Begins.String()[:len("2006-01-02")]))
	day.say("tested by", "测试方", same("%s", codes[0]))
	day.say("digest", "摘要", same("%x", found.Digest))
	day.say("stands in the record at", "所在记录条目", same("%s", t.name(a.Place)))
	day.say("receipted by the reader", "收文方回执时间", t.receipt(a.Receipt))
	differ := len(said.Carriers) != len(found.Sums)
	carriers, list := Section{Title: Words{"By carrier", "按传送方式"}}, []map[string]any{}
	for i, s := range found.Sums {
		count := Words{fmt.Sprintf("%d tried, none answered", s.Tried), fmt.Sprintf("测试 %d 次，均无应答", s.Tried)}
		if s.Answered > 0 {
			count = Words{fmt.Sprintf("%d tried, %d answered, median %d ms, worst %d ms", s.Tried, s.Answered, s.Median, s.Worst),
				fmt.Sprintf("测试 %d 次，应答 %d 次，中位数 %d 毫秒，最长 %d 毫秒", s.Tried, s.Answered, s.Median, s.Worst)}
		}
		carriers.say(s.Carrier, s.Carrier, count)
		list = append(list, map[string]any{"carrier": s.Carrier, "tried": s.Tried, "answered": s.Answered, "median_ms": s.Median, "worst_ms": s.Worst})
		differ = differ || probe.Sum(said.Carriers[i]) != s
	}
	if differ {
		carriers.warn("THE RECORD COUNTS OTHERWISE", "与记录所载统计不符", Words{codes[0] + " signed other counts of these results", codes[0] + " 就上述结果签署的统计与此不同"})
	}
	answers := Section{Title: Words{"Answers", "应答"}}
	answers.say("signed by "+codes[1]+", shown", codes[1]+" 签署，已出示", same("%d", found.Proved))
	if found.Lost > 0 {
		answers.warn("ANSWER NOT KEPT", "应答未保存", Words{fmt.Sprintf("%d; for them only the digest speaks", found.Lost), fmt.Sprintf("%d 项；仅有摘要可据", found.Lost)})
	}
	not := Section{Title: Words{"What this does not prove", "本文件不证明的事项"}, Lines: []Line{
		{Value: Words{"That a test was sent, when, and how long its answer took: " + codes[0] + " alone says so.", "确曾发出测试、发出时间和应答用时：仅为 " + codes[0] + " 单方所称。"}},
		{Value: Words{"That nothing came where no answer is shown.", "未出示应答的测试确无应答。"}},
		{Value: Words{"That a person was there: nodes answer by themselves.", "当时有人在岗：应答由节点自动作出。"}}}}
	r := &Report{Kind: "results", Sections: []Section{parties(t.Realm, t.Parties), day, carriers, answers, not}, Proves: Words{
		codes[1] + " signed each answer shown, to that very test. " + codes[0] + " put the digest of these results into the record, and can show no others for the day.",
		"所示应答均由 " + codes[1] + " 针对该次测试签署。" + codes[0] + " 已将上述结果的摘要写入记录，该日不能另行出示其他结果。"}}
	r.Machine = map[string]any{"realm": t.Realm, "parties": machineParties(t.Parties), "day": found.Day.Begins.String(), "writer": codes[0], "reader": codes[1], "act": t.name(a.Place),
		"digest": fmt.Sprintf("%x", found.Digest), "carriers": list, "counts_differ": differ, "proved": found.Proved, "lost": found.Lost}
	return r
}
