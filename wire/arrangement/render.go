package arrangement

import (
	"fmt"
	"strings"

	"parley.example/wire/calendar"
)

// Render writes the document for people, in Markdown, in "zh" or "en". What
// is signed is the document and not this text: two releases may word it
// differently.
func Render(d *Document, lang string) string {
	r := renderer{lang: lang, d: d}
	r.head()
	for i := range d.Parties {
		r.party(&d.Parties[i])
	}
	r.areas()
	r.requestTypes()
	r.urgencies()
	r.clock()
	r.reasons()
	r.terms()
	r.severities()
	r.hotline()
	r.survives()
	r.suspension()
	r.quotas()
	for _, s := range d.Text {
		r.line("\n## %s\n\n%s", r.in(s.Heading), r.in(s.Body))
	}
	return r.String()
}

type renderer struct {
	strings.Builder
	lang string
	d    *Document
}

func (r *renderer) line(format string, args ...any) {
	fmt.Fprintf(r, format+"\n", args...)
}

// say chooses between the English and the Chinese wording of the same thing.
func (r *renderer) say(en, zh string) string { return Words{en, zh}.In(r.lang) }
func (r *renderer) in(w Words) string        { return w.In(r.lang) }

// colon stands after a label; Chinese has its own, without a space.
func (r *renderer) colon() string { return r.say(": ", "：") }

func (r *renderer) list(items []string) string { return strings.Join(items, r.say(", ", "、")) }

// partyName gives a party's name for an id.
func (r *renderer) partyName(id string) string {
	if p, ok := r.d.Party(id); ok {
		return r.in(p.Names)
	}
	return id
}

func (r *renderer) head() {
	d := r.d
	for i, t := range d.Titles {
		if i == 0 {
			r.line("# %s\n", r.in(t.Names))
		}
	}
	for _, t := range d.Titles {
		r.line(r.say("- Called by %s: %s", "- %s所用名称：%s"), r.partyName(t.Party), r.in(t.Names))
	}
	r.line(r.say("- Version %d, in force from %s", "- 第 %d 版，自 %s 起生效"), d.Version, d.InForce)
	if d.Base != "" {
		r.line(r.say("- Succeeds the version with digest `%s`", "- 取代摘要为 `%s` 的版本"), d.Base)
	}
	r.line(r.say("- Rules version %d", "- 规则版本：%d"), d.Rules)
	r.line(r.say("- The two sides' clocks may differ by %s", "- 双方时钟允许相差 %s"), r.seconds(int64(d.Tolerance)))
}

// seconds words a length of time in the largest unit that fits exactly.
func (r *renderer) seconds(n int64) string {
	for _, u := range []struct {
		size   int64
		en, zh string
	}{{86400, "day", "天"}, {3600, "hour", "小时"}, {60, "minute", "分钟"}} {
		if n >= u.size && n%u.size == 0 {
			return r.quantity(n/u.size, u.en, u.zh)
		}
	}
	return r.quantity(n, "second", "秒")
}

func (r *renderer) quantity(n int64, en, zh string) string {
	if r.lang == "zh" {
		return fmt.Sprintf("%d %s", n, zh)
	}
	if n != 1 {
		en += "s"
	}
	return fmt.Sprintf("%d %s", n, en)
}

func (r *renderer) amount(amount int, unit calendar.Unit) string {
	n := int64(amount)
	switch unit {
	case calendar.Hours:
		return r.quantity(n, "hour", "小时")
	case calendar.Days:
		return r.quantity(n, "day", "天")
	case calendar.WorkingHours:
		return r.quantity(n, "working hour", "个工作小时")
	case calendar.WorkingDays:
		return r.quantity(n, "working day", "个工作日")
	}
	return fmt.Sprintf("%d %s", n, unit)
}

func (r *renderer) party(p *Party) {
	r.line("\n## %s (%s)\n", r.in(p.Names), p.Code)
	r.line("%s%s`%s`", r.say("Party id", "当事方标识"), r.colon(), p.ID)
	r.line("\n%s\n", r.say("Units:", "单位："))
	for _, u := range p.Units {
		hours := ""
		if u.Hours != nil {
			hours = r.say("; ", "；") + r.in(*u.Hours)
		}
		r.line("- %s (%s)%s", r.in(u.Names), u.Code, hours)
	}
	r.line("\n%s\n", r.say("Roles of officers:", "人员职责："))
	for _, o := range p.Roles {
		r.line("- %s (%s)", r.in(o.Names), o.Code)
	}
	if len(p.Severity) > 0 {
		r.line("\n%s\n", r.say("Its own scale of severity:", "该方自有的严重程度分级："))
		for _, l := range p.Severity {
			r.line("- %d%s%s", l.Level, r.colon(), r.in(l.Names))
		}
	}
	r.holding(p.Holding)
	r.calendar(&p.Calendar)
}

func (r *renderer) calendar(c *calendar.Calendar) {
	r.line("\n%s\n", r.say("Working time:", "工作时间："))
	r.line(r.say("- Laid down from %s until %s; nothing is due by the calendar beyond that",
		"- 日历自 %s 起，至 %s 止；超出此范围不作推算"), c.From, c.Until)
	for _, o := range c.Offsets {
		r.line(r.say("- From %s local time is %s", "- 自 %s 起，当地时间为 %s"), o.At, offset(o.Minutes))
	}
	days := [7]Words{{"Monday", "星期一"}, {"Tuesday", "星期二"}, {"Wednesday", "星期三"}, {"Thursday", "星期四"}, {"Friday", "星期五"}, {"Saturday", "星期六"}, {"Sunday", "星期日"}}
	for d := calendar.Monday; d <= calendar.Sunday; d++ {
		hours := []string{}
		for _, v := range c.Week.Day(d) {
			hours = append(hours, fmt.Sprintf("%02d:%02d–%02d:%02d", v[0]/60, v[0]%60, v[1]/60, v[1]%60))
		}
		if len(hours) == 0 {
			hours = []string{r.say("free", "休息")}
		}
		r.line("- %s%s%s", r.in(days[d]), r.colon(), r.list(hours))
	}
	for _, h := range c.Holidays {
		r.line(r.say("- Holiday %s, %s", "- %s 放假：%s"), h.Date, r.in(Words{h.En, h.Zh}))
	}
	for _, m := range c.MakeUp {
		r.line(r.say("- %s is worked like a %s", "- %s 上班，作息同%s"), m.Date, r.in(days[m.As]))
	}
}

func offset(minutes int) string {
	sign := "+"
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	return fmt.Sprintf("UTC%s%02d:%02d", sign, minutes/60, minutes%60)
}

func (r *renderer) areas() {
	r.line("\n## %s", r.say("Areas of crime", "合作打击的犯罪领域"))
	for _, a := range r.d.Areas {
		r.line("\n### %s (%s)\n", r.in(a.Names), a.Code)
		if a.NoContent {
			r.line("%s\n", r.say("Hashes and referrals only; the material itself is never sent.", "仅限交换哈希值和线索移交，任何时候都不得传送材料本身。"))
		}
		for _, p := range a.Positions {
			r.line("- %s%s%s", r.partyName(p.Party), r.colon(), r.in(p.Definition))
			if p.Reservation != nil {
				r.line("  - %s%s%s", r.say("Reservation", "保留"), r.colon(), r.in(*p.Reservation))
			}
		}
	}
}

func (r *renderer) requestTypes() {
	r.line("\n## %s", r.say("Types of request", "请求类型"))
	for i := range r.d.Types {
		t := &r.d.Types[i]
		r.line("\n### %s (%s)\n\n%s\n", r.in(t.Names), t.Code, r.in(t.Description))
		steps := make([]string, len(t.Steps))
		for j, s := range t.Steps {
			steps[j] = r.step(s)
		}
		r.line("%s%s%s", r.say("Deadlines that apply", "适用的时限"), r.colon(), r.list(steps))
		r.class(t)
		r.line("\n%s\n", r.say("A request contains:", "请求须载明："))
		for j := range t.Fields {
			r.field(t, &t.Fields[j])
		}
	}
}

func (r *renderer) field(t *RequestType, f *Field) {
	need := r.say("optional", "选填")
	switch {
	case f.Need == Required:
		need = r.say("required", "必填")
	case f.RequiredIf != nil:
		other, value := f.RequiredIf.Field, f.RequiredIf.Equals
		if o, ok := t.Field(f.RequiredIf.Field); ok {
			other = r.in(o.Names)
			value = r.answer(o, value)
		}
		need = fmt.Sprintf(r.say("required if “%s” is “%s”", "当“%s”为“%s”时必填"), other, value)
	}
	r.line("- %s (%s)%s%s%s%s", r.in(f.Names), f.Code, r.colon(), r.kind(f), r.say("; ", "；"), need)
	if f.Help != nil {
		r.line("  - %s", r.in(*f.Help))
	}
	if len(f.Choices) > 0 {
		r.line("  - %s%s%s", r.say("One of", "可选项"), r.colon(), r.names(f.Choices))
	}
}

// answer words the value that a condition names.
func (r *renderer) answer(f *Field, value string) string {
	if f.Kind == KindYesNo {
		if value == "yes" {
			return r.say("yes", "是")
		}
		return r.say("no", "否")
	}
	if o, ok := find(f.Choices, value, func(o *Choice) string { return o.Code }); ok {
		return r.in(o.Names)
	}
	return value
}

func (r *renderer) kind(f *Field) string {
	most := f.limit()
	switch f.Kind {
	case KindText:
		return fmt.Sprintf(r.say("one line, at most %d characters", "单行文字，不超过 %d 个字符"), most)
	case KindLongText:
		return fmt.Sprintf(r.say("text, at most %d characters", "文字，不超过 %d 个字符"), most)
	case KindChoice:
		return r.say("a choice", "单选")
	case KindInstant:
		return r.say("date and time in UTC", "日期和时间（协调世界时）")
	case KindWindow:
		return r.say("from and to, in UTC", "起止时间（协调世界时）")
	case KindIdentifiers:
		return fmt.Sprintf(r.say("identifiers, each with its time window if it has one, at most %d", "标识信息，可逐项注明时间范围，最多 %d 项"), most)
	case KindContact:
		return r.say("a person and how to reach them", "联系人及联系方式")
	case KindYesNo:
		return r.say("yes or no", "是或否")
	case KindNumber:
		unit := ""
		if f.Unit != nil {
			unit = r.in(*f.Unit)
		}
		return fmt.Sprintf(r.say("a number (%s), at most %d", "数字（%s），不超过 %d"), unit, most)
	case KindAttachments:
		return fmt.Sprintf(r.say("attachments, at most %d", "附件，最多 %d 个"), most)
	}
	return f.Kind
}

func (r *renderer) step(name string) string {
	switch name {
	case Acknowledge:
		return r.say("acknowledge", "确认收悉")
	case Decide:
		return r.say("decide", "作出决定")
	case Report:
		return r.say("report progress", "通报进展")
	case Answer:
		return r.say("answer", "答复")
	}
	return name
}

func (r *renderer) urgencies() {
	r.line("\n## %s", r.say("Urgency and deadlines", "紧急程度与时限"))
	for _, u := range r.d.Urgencies {
		r.line("\n### %s (%s)\n", r.in(u.Names), u.Code)
		if u.Justification {
			r.line("%s\n", r.say("The sender must say why.", "请求方须说明理由。"))
		}
		if to, ok := r.d.Urgency(u.FallsTo); ok {
			r.line(r.say("Where the claim is disputed, it is handled as: %s\n", "紧急程度有争议时，按“%s”办理。\n"), r.in(to.Names))
		}
		for _, s := range u.Steps {
			r.line("- %s%s%s", r.step(s.Step), r.colon(), r.amount(s.Amount, s.Unit))
		}
	}
}
