package arrangement

import (
	"strconv"
	"strings"
)

// choices lists codes with their names.
func (r *renderer) choices(heading Words, list []Choice) {
	if len(list) == 0 {
		return
	}
	r.line("\n## %s\n", r.in(heading))
	for _, c := range list {
		r.line("- %s%s%s", c.Code, r.colon(), r.in(c.Names))
	}
}

func (r *renderer) terms() {
	r.choices(Words{"Conditions on which something may be given", "提供协助可附的条件"}, r.d.Conditions)
	r.choices(Words{"What may be done with an item", "对所获内容可采取的行动"}, r.d.Actions)
	if len(r.d.Glossary) > 0 {
		r.line("\n## %s\n", r.say("Glossary", "术语"))
	}
	for _, t := range r.d.Glossary {
		r.line(r.say("- %s (in Chinese %s): %s", "- %s（英文 %s）：%s"), r.in(t.Names), r.say(t.Names.Zh, t.Names.En), r.in(t.Meaning))
	}
	if g := r.d.Grades; g != nil {
		r.choices(Words{"How far a source is to be trusted", "来源可靠程度"}, g.Sources)
		r.choices(Words{"How far an information is to be trusted", "信息准确程度"}, g.Accuracies)
	}
}

// class says what a type is beyond its fields.
func (r *renderer) class(t *RequestType) {
	switch t.ClassOf() {
	case ClassInquiry:
		r.line("\n%s", r.say("An inquiry: it accuses nobody.", "性质：问询，不构成指控。"))
	case ClassNotification:
		r.line("\n%s", r.say("A notification: it asks for nothing.", "性质：通报，不附带请求。"))
	case ClassEnquiry:
		r.line("\n%s", r.say("An enquiry about an earlier request.", "性质：对此前请求的查询。"))
	}
	if t.Relation != "" {
		r.line("\n%s", r.relation(t.Relation))
	}
	if t.Preserves {
		r.line("\n%s", r.say("Answered by preserving, for as long as the side that is asked holds data.", "以保全作答，期限按被请求方的保全期限。"))
	}
	if len(t.Refusals) > 0 {
		var names []string
		for _, code := range t.Refusals {
			if reason, ok := r.d.Reason(code); ok {
				names = append(names, r.in(reason.Names))
			}
		}
		r.line("\n%s%s%s", r.say("Declined for these reasons only", "仅可基于下列理由拒绝"), r.colon(), strings.Join(names, r.say("; ", "；")))
	}
	if len(t.Answers) > 0 {
		r.line("\n%s%s%s", r.say("Forms of the answer", "答复形式"), r.colon(), r.names(t.Answers))
	}
}

// names lists choices, which may have commas of their own.
func (r *renderer) names(list []Choice) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = r.in(c.Names)
	}
	return strings.Join(names, r.say("; ", "；"))
}

func (r *renderer) relation(code string) string {
	switch code {
	case "draft":
		return r.say("Must follow an earlier draft.", "须以此前的草稿为基础。")
	case "extends":
		return r.say("Must extend an earlier request.", "须注明所延长的此前请求。")
	case "follows":
		return r.say("Must follow an earlier request.", "须注明所跟进的此前请求。")
	case "replaces":
		return r.say("Must replace an earlier request.", "须注明所替代的此前请求。")
	case "related":
		return r.say("Must be related to an earlier request.", "须注明相关的此前请求。")
	case "enquires":
		return r.say("Must name the earlier request that it enquires about.", "须注明所查询的此前请求。")
	case "same-case":
		return r.say("Must belong to the case of an earlier request.", "须注明同一案件的此前请求。")
	}
	return code
}

func (r *renderer) holding(h *Holding) {
	if h == nil {
		return
	}
	r.line("\n%s%s%s", r.say("Preserves data for at least", "电子数据保全期限不少于"), r.colon(), r.quantity(int64(h.Days), "day", "天"))
	if h.Extensions > 0 {
		times := r.quantity(int64(h.Extensions), "time", "次")
		r.line(r.say("\nExtends it by %s each time, at most %s", "\n每次可延长 %s，最多延长 %s"), r.quantity(int64(h.ExtensionDays), "day", "天"), times)
	}
	if h.AlarmDays > 0 {
		r.line(r.say("\nWarns both sides %s before it ends", "\n期满 %s前提醒双方"), r.quantity(int64(h.AlarmDays), "day", "天"))
	}
}

func (r *renderer) severities() {
	if len(r.d.Severities) == 0 {
		return
	}
	r.line("\n## %s\n", r.say("The two scales of severity beside each other", "双方严重程度分级对照"))
	for _, m := range r.d.Severities {
		sides := make([]string, len(m.Levels))
		for i, l := range m.Levels {
			sides[i] = r.partyName(l.Party) + " " + r.levels(l)
		}
		r.line("- %s (%s)%s%s%s", r.in(m.Names), m.Code, r.colon(), r.list(sides), r.calls(m.Rung))
	}
}

func (r *renderer) levels(l PartyLevel) string {
	if l.From == l.To {
		return strconv.Itoa(l.From)
	}
	return strconv.Itoa(l.From) + "–" + strconv.Itoa(l.To)
}

// calls names the rung of the hotline that something calls for, if any.
func (r *renderer) calls(code string) string {
	if r.d.Hotline == nil {
		return ""
	}
	if rung, ok := find(r.d.Hotline.Rungs, code, func(x *Rung) string { return x.Code }); ok {
		return r.say("; hotline: ", "；热线：") + r.in(rung.Names)
	}
	return ""
}

func (r *renderer) hotline() {
	h := r.d.Hotline
	if h == nil {
		return
	}
	r.line("\n## %s\n", r.say("Hotline", "热线"))
	for _, p := range h.Purposes {
		r.line(r.say("- What %s says it is for: %s", "- %s对用途的说明：%s"), r.partyName(p.Party), r.in(p.Words))
	}
	if m, ok := find(r.d.Severities, h.Threshold, func(m *Match) string { return m.Code }); ok {
		r.line("- %s%s%s", r.say("Used from", "启用标准"), r.colon(), r.in(m.Names))
	}
	r.line("\n%s\n", r.say("Ladder, from the bottom:", "逐级呼叫（自下而上）："))
	for _, x := range h.Rungs {
		persons := r.say("one person decides to use it", "一人即可决定使用")
		if x.Persons == 2 {
			persons = r.say("two persons must agree to use it", "须两人同意方可使用")
		}
		if x.Accepts > 1 {
			persons += r.say("; two persons must accept", "；须两人应答")
		}
		if len(x.Callers) > 0 {
			persons += r.say("; may call: ", "；可呼叫：") + r.list(r.roles(x.Callers))
		}
		r.line(r.say("- %s (%s): %s; rings every %s, climbs after %s; %s", "- %s（%s）：%s；每 %s呼叫一次，%s无人应答则升级；%s"),
			r.in(x.Names), x.Code, r.list(r.roles(x.Roles)),
			r.seconds(60*int64(x.Repeat)), r.seconds(60*int64(x.Minutes)), persons)
	}
	r.choices(Words{"What a call may be for", "可呼叫的情形"}, h.Criteria)
	if len(h.Tests) > 0 {
		r.line("\n%s\n", r.say("Tests:", "测试："))
	}
	for i := range h.Tests {
		r.test(&h.Tests[i])
	}
	if len(h.Texts) > 0 {
		r.line("\n%s\n", r.say("What calls of tests say, in turn:", "测试呼叫轮流使用的文字："))
	}
	for _, x := range h.Texts {
		r.line("- %s (%s)%s%s", r.partyName(x.Party), x.Lang, r.colon(), x.Text)
	}
}

func (r *renderer) roles(roles []PartyRole) []string {
	var names []string
	for _, pr := range roles {
		role := pr.Role
		if p, ok := r.d.Party(pr.Party); ok {
			if o, ok := p.Role(pr.Role); ok {
				role = r.in(o.Names)
			}
		}
		names = append(names, r.partyName(pr.Party)+" "+role)
	}
	return names
}

func (r *renderer) test(t *Test) {
	said := []string{r.say("unannounced", "不预先通知")}
	if t.Announced {
		said[0] = r.say("announced", "预先通知")
	}
	if t.Every != nil {
		said = append(said, r.say("every ", "每 ")+r.amount(t.Every.Amount, t.Every.Unit)+r.say("", "一次"))
	}
	if t.Before != nil {
		said = append(said, r.say("first held before ", "首次不晚于 ")+t.Before.String())
	}
	said = append(said, r.say("a person answers within ", "人工应答时限 ")+r.seconds(60*int64(t.Minutes)))
	if t.Window != 0 {
		said = append(said, r.say("in the first ", "每个周期的前 ")+r.seconds(3600*int64(t.Window))+r.say(" of each period", "内"))
	}
	r.line("- %s (%s)%s%s%s", r.in(t.Names), t.Code, r.colon(), strings.Join(said, r.say("; ", "；")), r.calls(t.Rung))
}
