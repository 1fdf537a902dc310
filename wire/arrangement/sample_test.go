package arrangement

import (
	"flag"
	"os"
	"strings"
	"testing"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

var update = flag.Bool("update", false, "write the sample documents anew")

const samples = "../../spec/vectors/arrangement/"

func loadCalendar(t testing.TB, name string) calendar.Calendar {
	t.Helper()
	b, err := os.ReadFile("../../spec/vectors/calendar/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var c calendar.Calendar
	if err := ijson.Decode(b, &c, ijson.Limits{}); err != nil {
		t.Fatal(err)
	}
	return c
}

func idOf(digit string) string { return strings.Repeat(digit, 64) }

func pair(t testing.TB) (east, west PartyInfo) {
	t.Helper()
	roles := []Role{{"duty", Words{"Duty officer", "值班员"}}, {"approver", Words{"Approver", "审批人"}}, {"leader", Words{"Head of unit", "单位负责人"}}}
	east = PartyInfo{
		ID: idOf("b"), Code: "cn", Names: Words{"China", "中国"},
		Title:    Words{"Guiding Principles on Fighting Cybercrime and Related Issues", "打击网络犯罪及相关事项指导原则"},
		Units:    []Unit{{"cyber-police", Words{"Cyber police", "网络安全保卫部门"}, &Words{"Desk staffed around the clock", "24 小时值守"}}},
		Roles:    roles,
		Calendar: loadCalendar(t, "east"),
		Severity: []Level{{1, Words{"General", "一般"}}, {2, Words{"Larger", "较大"}}, {3, Words{"Major", "重大"}}, {4, Words{"Extra major", "特别重大"}}},
	}
	west = PartyInfo{
		ID: idOf("a"), Code: "us", Names: Words{"United States", "美国"},
		Title:    Words{"Guidelines for Requesting Assistance on Cybercrime and Other Malicious Cyber Activities", "关于就网络犯罪及其他恶意网络活动请求协助的指南"},
		Units:    []Unit{{"cyber-division", Words{"Cyber division", "网络犯罪侦查部门"}, nil}, {"incident-centre", Words{"Incident centre", "网络事件处置中心"}, nil}},
		Roles:    roles,
		Calendar: loadCalendar(t, "west"),
	}
	return east, west
}

func small(t testing.TB) []byte {
	t.Helper()
	b, err := Small(pair(t))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func document(t testing.TB) *Document {
	t.Helper()
	d, err := Parse(small(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// documents gives a fresh reading of the small sample at every call.
func documents(t testing.TB) func() *Document {
	t.Helper()
	b := small(t)
	return func() *Document {
		d, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

// full is a second sample: a later version that uses everything that the
// small one leaves out.
func full(t testing.TB) *Document {
	t.Helper()
	d := document(t)
	digest := Digest(small(t))
	d.Version, d.Base, d.InForce = 2, hexOf(digest), d.InForce+90*calendar.Day
	d.Clock.Starts = "attachments"
	d.Amendment = AmendmentRules{Keep, Follow, Keep, Follow, Keep}
	d.Areas[0].Positions[0].Reservation = &Words{"Attacks on one's own mailboxes are left to the hotline.", "针对本方自有邮箱的攻击通过热线处理。"}
	d.Urgencies[2].Steps = append(d.Urgencies[2].Steps, Step{Report, 40, calendar.WorkingHours})
	fullTypes(d)
	fullHotline(d)
	d.RefusalLast, d.Clock.Forward = true, ForwardRestart
	d.Parties[1].Holding = &Holding{Days: 90, AlarmDays: 7}
	return d
}

// fullTypes adds a type of each class, and one that must extend another.
func fullTypes(d *Document) {
	since := Field{Code: "since", Names: Words{"Since when", "起始时间"}, Kind: KindInstant, Need: Required}
	d.Types = append(d.Types,
		RequestType{
			Code: "status", Names: Words{"Status of an earlier request", "请求办理情况查询"}, Description: Words{"Asks how an earlier request stands.", "查询此前请求的办理情况。"},
			Class: ClassEnquiry, Relation: "enquires", Steps: []string{Acknowledge, Answer},
			Fields: []Field{since, {Code: "files", Names: Words{"Attachments", "附件"}, Kind: KindAttachments, Need: Required, Max: 3}},
		},
		RequestType{
			Code: "extension", Names: Words{"Extension of a preservation", "延长保全期限请求"}, Description: Words{"Asks that data be kept longer.", "请求延长数据的保全期限。"},
			Class: ClassRequest, Relation: "extends", Preserves: true, Steps: []string{Decide, Answer}, Fields: []Field{since},
		},
		RequestType{
			Code: "notification", Names: Words{"Notification", "情况通报"}, Description: Words{"Tells something unasked.", "主动通报情况。"},
			Class: ClassNotification, Steps: []string{Acknowledge}, Fields: []Field{since},
		},
		RequestType{
			Code: "inquiry", Names: Words{"Inquiry", "网络事件问询"}, Description: Words{"Asks without accusing.", "不作指控的问询。"},
			Class: ClassInquiry, Steps: []string{Acknowledge, Answer}, Fields: []Field{since},
			Answers: []Choice{{"help", Words{"Help", "提供协助"}}, {"denial", Words{"Denial", "予以否认"}}},
		},
	)
}

// fullHotline adds the second scale, the table of both, and the ladder.
func fullHotline(d *Document) {
	us, cn := d.Parties[0].ID, d.Parties[1].ID
	for i, names := range []Words{{"Baseline", "基线"}, {"Low", "低"}, {"Medium", "中"}, {"High", "高"}, {"Severe", "严重"}, {"Emergency", "紧急"}} {
		d.Parties[0].Severity = append(d.Parties[0].Severity, Level{i, names})
	}
	levels := func(a, b, c, e int) []PartyLevel { return []PartyLevel{{us, a, b}, {cn, c, e}} }
	d.Severities = []Match{
		{Code: "minor", Names: Words{"Minor", "轻微"}, Levels: levels(0, 1, 1, 1)},
		{Code: "major", Names: Words{"Major", "重大事件"}, Levels: levels(2, 3, 2, 3), Rung: "duty"},
		{Code: "grave", Names: Words{"Grave", "极其重大"}, Levels: levels(4, 5, 4, 4), Rung: "leader"},
	}
	both := func(role string) []PartyRole { return []PartyRole{{us, role}, {cn, role}} }
	before := d.InForce + 200*calendar.Day
	d.Glossary = []Term{{"mitigation", Words{"mitigation", "处置"}, Words{"To stop an activity at its source.", "在源头制止有关活动。"}}}
	d.Hotline = &Hotline{
		Purposes: []Purpose{
			{us, Words{"To take up what goes wrong while requests are answered.", "处理答复请求过程中出现的问题。"}},
			{cn, Words{"To speak at any time on major and urgent cases.", "就重大紧急案件随时联系。"}},
		},
		Threshold: "major",
		Rungs: []Rung{
			{Code: "duty", Names: Words{"Duty desk", "值班席位"}, Roles: both("duty"), Minutes: 15, Repeat: 3, Persons: 1},
			{Code: "leader", Names: Words{"Heads of unit", "双方单位负责人"}, Roles: both("leader"), Minutes: 60, Repeat: 10, Persons: 2, Accepts: 2, Callers: both("leader")},
		},
		Tests: []Test{
			{Code: "first", Names: Words{"First test", "首次测试"}, Announced: true, Before: &before, Rung: "leader", Minutes: 120},
			{Code: "monthly", Names: Words{"Monthly test", "每月测试"}, Every: &Every{30, calendar.Days}, Rung: "duty", Minutes: 15, Window: 336},
		},
		Texts:    []TestText{{us, "en", "The line is tested. Please answer."}, {cn, "zh-Hans", "这是线路测试，请应答。"}},
		Criteria: []Choice{{"life", Words{"Life is in danger", "有人有生命危险"}}, {"spreads", Words{"It spreads across the border", "正在跨境蔓延"}}},
	}
}

func hexOf(d [32]byte) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range d {
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// Spec: ARR-1. The files that the specification shows are what the code
// writes.
func TestSampleFiles(t *testing.T) {
	second, err := ijson.Encode(full(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"small.json": small(t), "full.json": append(second, '\n')} {
		if *update {
			if err := os.WriteFile(samples+name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(samples + name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs from what the code writes; look, then run with -update", name)
		}
		d, err := Parse(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Check() {
			t.Errorf("%s: %v", name, p)
		}
	}
}

// Spec: ARR-55.
func TestSmallDoesNotDependOnOrder(t *testing.T) {
	east, west := pair(t)
	one, err := Small(east, west)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Small(west, east)
	if err != nil || string(one) != string(two) {
		t.Errorf("the order of the parties changes the bytes (%v)", err)
	}
	east.ID = west.ID
	if _, err := Small(east, west); !fault.Is(err, rule.ArrangementDoubled) {
		t.Errorf("one party with itself: %v", err)
	}
	east.ID, east.Title = idOf("c"), Words{}
	b, err := Small(east, west)
	if err != nil || !strings.Contains(string(b), "关于打击网络犯罪协助请求的安排") {
		t.Errorf("no plain title (%v)", err)
	}
	east.Code = "no code"
	if _, err := Small(east, west); !fault.Is(err, rule.ArrangementCode) {
		t.Errorf("a bad code: %v", err)
	}
}

// Spec: ARR-16. What the brief of the first arrangement asks for.
func TestSmallSays(t *testing.T) {
	d := document(t)
	for _, c := range []struct {
		urgency, step string
		n             int
		unit          calendar.Unit
	}{
		{"life-threat", Acknowledge, 1, calendar.Hours}, {"life-threat", Answer, 8, calendar.Hours},
		{"urgent", Acknowledge, 4, calendar.Hours}, {"urgent", Decide, 3, calendar.Days}, {"urgent", Answer, 7, calendar.Days},
		{"routine", Acknowledge, 3, calendar.WorkingDays}, {"routine", Decide, 10, calendar.WorkingDays}, {"routine", Answer, 30, calendar.Days},
	} {
		steps, err := d.Steps(c.urgency, "incident")
		if err != nil {
			t.Fatal(err)
		}
		s, ok := find(steps, c.step, func(s *Step) string { return s.Step })
		if !ok || s.Time() != (calendar.Amount{N: c.n, Unit: c.unit}) {
			t.Errorf("%s %s: %v", c.urgency, c.step, s)
		}
	}
	for _, code := range []string{"unavailable", "not-in-form", "judge-refused", "sovereignty-security", "ongoing-case", "minor-offence", "third-party", "other"} {
		if _, err := d.ReasonFor(code, "decline"); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, code := range []string{"H0", "H1", "H2", "H3"} {
		if _, ok := d.HandlingCode(code); !ok {
			t.Errorf("no handling code %s", code)
		}
	}
	if a, ok := d.Area("child-abuse"); !ok || !a.NoContent {
		t.Error("child abuse material must be hashes and referrals only")
	}
}
