package arrangement

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// PartyInfo is what Small needs to know of a party. Everything that names a
// country comes from here.
type PartyInfo struct {
	ID       string // 64 hexadecimal digits
	Code     string
	Names    Words
	Title    Words // what it calls the arrangement; a plain title when empty
	Units    []Unit
	Roles    []Role
	Calendar calendar.Calendar
	Severity []Level
}

// Small writes a small arrangement in both languages that two parties can
// begin with: three types of request, three urgencies, five areas. It is in
// force from the first instant that both calendars know. The bytes do not
// depend on the order of the parties; the first fault of Check is returned if
// what they say of themselves is not in order.
func Small(a, b PartyInfo) ([]byte, error) {
	infos := []PartyInfo{a, b}
	slices.SortFunc(infos, func(x, y PartyInfo) int { return cmp.Compare(x.ID, y.ID) })
	d := &Document{
		Format: Format, Version: 1, Rules: 1, Tolerance: 300,
		InForce: max(a.Calendar.From, b.Calendar.From),
		Clock: ClockRules{Starts: "stored", Pauses: []Pause{
			{Kind: "question", Steps: []string{Decide, Report, Answer}},
			{Kind: "await", Steps: []string{Decide, Report, Answer}},
			{Kind: "postpone", Steps: []string{Decide, Report, Answer}},
			{Kind: "condition", Steps: []string{Report, Answer}},
		}},
		Amendment: AmendmentRules{Handling: Follow},
		Quotas: Quotas{
			MaxActBytes: 256 << 10, DayActs: 2000, DayBytes: 64 << 20, MaxAttachmentBytes: 64 << 20,
			LongestCourierHours: 14 * 24, ReceiptWithheldSeconds: 4 * 3600,
		},
		Areas:      smallAreas(infos),
		Types:      []RequestType{smallIncident(), smallPreservation(), smallMitigation()},
		Urgencies:  smallUrgencies(),
		Reasons:    smallReasons(),
		Handling:   smallHandling(),
		Conditions: smallConditions(),
		Actions:    smallActions(),
		Grades:     smallGrades(),
		Survives:   Survives{Areas: []string{"child-abuse"}, Types: []string{"preservation"}, Urgencies: []string{"life-threat"}},
		Text: []Section{{
			Words{"Purpose", "宗旨"},
			Words{
				"The two sides answer each other's requests for assistance against cybercrime in good time, within their own law and their international obligations. This document creates no other duty.",
				"双方依照各自法律和国际义务，及时答复对方提出的打击网络犯罪协助请求。本文件不产生其他义务。",
			},
		}},
	}
	for _, p := range infos {
		title := p.Title
		if title == (Words{}) {
			title = Words{"Arrangement on requests for assistance against cybercrime", "关于打击网络犯罪协助请求的安排"}
		}
		d.Titles = append(d.Titles, Title{p.ID, title})
		d.Parties = append(d.Parties, Party{ID: p.ID, Code: p.Code, Names: p.Names, Units: p.Units, Roles: p.Roles, Calendar: p.Calendar,
			Severity: p.Severity, Holding: &Holding{Days: 60, ExtensionDays: 30, Extensions: 2, AlarmDays: 14}})
	}
	d.smallHotline()
	if problems := d.Check(); len(problems) > 0 {
		return nil, problems[0]
	}
	plain, err := ijson.Encode(d)
	if err != nil {
		return nil, err
	}
	// People will read the file that they sign, so it is set out in lines.
	var lines bytes.Buffer
	if err := json.Indent(&lines, plain, "", " "); err != nil {
		return nil, err
	}
	lines.WriteByte('\n')
	return lines.Bytes(), nil
}

func smallAreas(parties []PartyInfo) []Area {
	own := Words{"What counts is decided under this side's own law.", "是否属于该类行为，由本方依照本国法律认定。"}
	areas := []Area{
		{Code: "email-compromise", Names: Words{"E-mail compromise and phishing", "电子邮件入侵与网络钓鱼"}},
		{Code: "ip-theft", Names: Words{"Theft of intellectual property for commercial gain", "以牟取商业利益为目的窃取知识产权"}},
		{Code: "child-abuse", Names: Words{"Child sexual abuse material", "儿童性侵害材料"}, NoContent: true},
		{Code: "terrorist-misuse", Names: Words{"Misuse of the internet for terrorism", "利用互联网从事恐怖活动"}},
		{Code: "firearms", Names: Words{"Online trafficking in firearms", "网上非法贩运枪支"}},
	}
	definitions := []Words{
		{"Taking over or imitating a mailbox or a site in order to obtain money, goods or access by deceit.", "入侵、冒用电子邮箱或者仿冒网站，骗取钱款、财物或者访问权限的行为。"},
		{"Obtaining trade secrets or other protected business information through computers without authority, for commercial advantage.", "未经授权，通过计算机手段获取商业秘密或者其他受保护的商业信息，以谋取商业利益的行为。"},
		{"Producing, distributing or holding depictions of the sexual abuse of children.", "制作、传播、持有儿童性侵害内容的行为。"},
		{"Using the internet to prepare, finance, incite or recruit for acts of terrorism.", "利用互联网策划、资助、煽动恐怖活动或者为其招募人员的行为。"},
		{"Offering, buying or arranging the transfer of firearms or their parts over the internet in breach of the law.", "违反法律规定，通过互联网出售、购买枪支及其零部件，或者为此提供居间服务的行为。"},
	}
	for i := range areas {
		for _, p := range parties {
			position := Position{Party: p.ID, Definition: definitions[i]}
			if areas[i].Code == "terrorist-misuse" {
				position.Reservation = &own
			}
			areas[i].Positions = append(areas[i].Positions, position)
		}
	}
	return areas
}

func smallUrgencies() []Urgency {
	return []Urgency{
		{Code: "life-threat", Names: Words{"Threat to life", "危及生命"}, Justification: true, FallsTo: "urgent", Steps: []Step{
			{Acknowledge, 1, calendar.Hours}, {Answer, 8, calendar.Hours},
		}},
		{Code: "urgent", Names: Words{"Urgent", "紧急"}, Justification: true, FallsTo: "routine", Steps: []Step{
			{Acknowledge, 4, calendar.Hours}, {Decide, 3, calendar.Days}, {Answer, 7, calendar.Days},
		}},
		{Code: "routine", Names: Words{"Routine", "一般"}, Steps: []Step{
			{Acknowledge, 3, calendar.WorkingDays}, {Decide, 10, calendar.WorkingDays}, {Answer, 30, calendar.Days},
		}},
	}
}

func smallReasons() []Reason {
	no := []string{"decline", "partial"}
	return []Reason{
		{Code: "unavailable", Names: Words{"What is asked for is not available", "所请求的内容无法获得"}, Applies: no},
		{Code: "not-in-form", Names: Words{"The request is not in the agreed form", "请求不符合约定的形式"}, Applies: []string{"return", "decline"}},
		{Code: "judge-refused", Names: Words{"A court or judge refused authorisation", "法院或者法官未予批准"}, Applies: no},
		{Code: "sovereignty-security", Names: Words{"Sovereignty, security, public order or other essential interests", "涉及主权、安全、公共秩序或者其他重大利益"}, Applies: []string{"decline", "partial", "suspend"}, Outright: true},
		{Code: "ongoing-case", Names: Words{"It would harm an ongoing case or a person's safety", "可能妨碍正在办理的案件或者危及人身安全"}, Applies: []string{"decline", "postpone", "partial", "conditional", "extend"}},
		{Code: "minor-offence", Names: Words{"The conduct is no offence here, or a minor one", "该行为依本方法律不构成犯罪或者属于轻微犯罪"}, Applies: no},
		{Code: "third-party", Names: Words{"It came from a third party that has not consented", "相关内容来自第三方，尚未取得其同意"}, Applies: []string{"decline", "postpone", "partial", "conditional"}},
		{Code: "judge", Names: Words{"A court or judge has yet to authorise it", "尚待法院或者法官批准"}, Applies: []string{"postpone", "extend", "await"}},
		{Code: "other-authority", Names: Words{"Another authority has yet to agree or to act", "尚待其他主管机关同意或者办理"}, Applies: []string{"postpone", "extend", "await"}},
		{Code: "other", Names: Words{"Another reason", "其他理由"}, Applies: reasonActs(), Words: true},
	}
}

func smallHandling() []Handling {
	return []Handling{
		{Code: "H0", Names: Words{"For use against crime only", "仅限用于打击犯罪"}},
		{Code: "H1", Names: Words{"Not in court without the provider's permission", "未经提供方许可，不得作为证据在法庭上使用"}},
		{Code: "H2", Names: Words{"Not to be passed on without the provider's permission", "未经提供方许可，不得向他人转递"}},
		{
			Code: "H3", MostRestrictive: true,
			Names: Words{"As the provider states in words; what is not stated is neither passed on nor used in court without permission", "按提供方的书面说明使用；未说明的事项，未经许可不得转递，也不得在法庭上使用"},
		},
	}
}

func smallConditions() []Choice {
	return []Choice{
		{"this-case-only", Words{"Used for the stated case only", "仅用于所述案件"}},
		{"no-court-use", Words{"Not used in court without permission", "未经许可，不得在法庭上使用"}},
		{"no-onward", Words{"Not passed on to anyone else", "不得转递他人"}},
		{"formal-request", Words{"Confirmed later by a formal request", "事后补交正式请求"}},
		{"return-after-use", Words{"Returned or destroyed after use", "使用完毕后归还或者销毁"}},
	}
}

func smallActions() []Choice {
	return []Choice{
		{"read-only", Words{"Read; nothing else may be done with it", "仅限查阅，不得另作他用"}},
		{"passive", Words{"Checked against one's own holdings, unseen by the person concerned", "与自有数据比对，不得惊动当事人"}},
		{"active", Words{"Followed up openly: the person concerned may notice", "可采取当事人能够察觉的措施"}},
	}
}

func smallGrades() *Grades {
	return &Grades{
		Sources: []Choice{
			{"A", Words{"Reliable", "可靠"}}, {"B", Words{"Mostly reliable", "基本可靠"}},
			{"C", Words{"Seldom reliable", "不太可靠"}}, {"X", Words{"Cannot be judged", "无法判断"}},
		},
		Accuracies: []Choice{
			{"1", Words{"Certain", "确实无误"}}, {"2", Words{"Known to the source itself", "来源亲知"}},
			{"3", Words{"Confirmed by other information", "有其他信息印证"}}, {"4", Words{"Cannot be judged", "无法判断"}},
		},
	}
}
