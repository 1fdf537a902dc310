package arrangement

func (r *renderer) clock() {
	d := r.d
	r.line("\n## %s\n", r.say("Clocks", "计时规则"))
	start := r.say("Deadlines run from the receipt of the request", "时限自请求回执之时起算")
	if d.Clock.Starts == "attachments" {
		start = r.say("Deadlines run from the receipt of the request and of all its attachments", "时限自请求及其全部附件的回执之时起算")
	}
	r.line(r.say("- %s, in the working time of the side that owes the answer", "- %s，按应答方的工作时间计算"), start)
	for _, p := range d.Clock.Pauses {
		steps := make([]string, len(p.Steps))
		for i, s := range p.Steps {
			steps[i] = r.step(s)
		}
		r.line(r.say("- %s stops the clock of: %s", "- %s期间，下列时限停止计算：%s"), r.pause(p.Kind), r.list(steps))
	}
	forward := r.say("Forwarding to another unit leaves the deadlines as they are", "转交其他单位的，时限不变")
	if d.Clock.Forward == ForwardRestart {
		forward = r.say("Forwarding to another unit starts the deadlines that are not met yet anew", "转交其他单位的，尚未完成的时限重新起算")
	}
	r.line("- %s", forward)
	a := d.Amendment
	for _, rule := range []struct {
		names Words
		value string
	}{
		{Words{"Fields", "应载明的内容"}, a.Fields}, {Words{"Urgencies", "紧急程度与时限"}, a.Urgencies}, {Words{"Reasons", "理由"}, a.Reasons},
		{Words{"Handling", "使用限制"}, a.Handling}, {Words{"What stops a clock", "停止计时的事由"}, a.Pauses},
	} {
		effect := r.say("open requests keep the version they were opened under", "未办结的请求仍适用提出时的版本")
		if rule.value == Follow {
			effect = r.say("open requests follow the version in force", "未办结的请求适用现行版本")
		}
		r.line("- %s%s%s", r.in(rule.names), r.colon(), effect)
	}
}

func (r *renderer) reasons() {
	r.line("\n## %s\n", r.say("Reasons", "理由"))
	acts := map[string]Words{
		"decline": {"decline", "拒绝"}, "postpone": {"postpone", "推迟"}, "return": {"return as incomplete", "退回补充"},
		"partial": {"answer in part", "部分答复"}, "conditional": {"answer under conditions", "附条件答复"}, "extend": {"ask for more time", "申请延期"},
		"withdraw": {"withdraw", "撤回"}, "suspend": {"suspend", "中止"}, "await": {"wait", "等待"},
	}
	for _, reason := range r.d.Reasons {
		applies := make([]string, len(reason.Applies))
		for i, a := range reason.Applies {
			applies[i] = r.in(acts[a])
		}
		extra := ""
		if reason.Words {
			extra = r.say("; must be explained in words", "；须书面说明")
		}
		if reason.Outright {
			extra += r.say("; may be given outright", "；可直接据此拒绝")
		}
		r.line("- %s (%s)%s%s%s", r.in(reason.Names), reason.Code, r.colon(), r.list(applies), extra)
	}
	if r.d.RefusalLast {
		r.line("\n%s", r.say("Refusal comes last: before it, something softer is offered, unless the reason may be given outright.",
			"拒绝是最后的选择：除可直接据以拒绝的理由外，拒绝前应当先行提出其他办法。"))
	}
	r.line("\n## %s\n", r.say("Handling", "使用限制"))
	for _, h := range r.d.Handling {
		extra := ""
		if h.MostRestrictive {
			extra = r.say(" (the most restrictive; holds where no other is named)", "（最严格；未注明时适用）")
		}
		r.line("- %s%s%s%s", h.Code, r.colon(), r.in(h.Names), extra)
	}
}

// pause words a kind of act that stops clocks.
func (r *renderer) pause(kind string) string {
	switch kind {
	case "question":
		return r.say("A question, until its reply,", "提问待答复")
	case "await":
		return r.say("Waiting for another authority, until it is over,", "等待其他机关")
	case "postpone":
		return r.say("A postponement, until its date,", "推迟办理")
	case "condition":
		return r.say("A condition, until it is answered,", "条件待回复")
	}
	return kind
}

func (r *renderer) survives() {
	d := r.d
	r.line("\n## %s\n", r.say("What goes on during a suspension", "中止期间继续进行的事项"))
	r.line("- %s", r.say("The control channel and the hotline, always", "控制通道和热线（任何时候均不中断）"))
	for _, code := range d.Survives.Types {
		if t, ok := d.Type(code); ok {
			r.line("- %s%s%s", r.say("Requests of type", "请求类型"), r.colon(), r.in(t.Names))
		}
	}
	for _, code := range d.Survives.Areas {
		if a, ok := d.Area(code); ok {
			r.line("- %s%s%s", r.say("Area", "领域"), r.colon(), r.in(a.Names))
		}
	}
	for _, code := range d.Survives.Urgencies {
		if u, ok := d.Urgency(code); ok {
			r.line("- %s%s%s", r.say("Urgency", "紧急程度"), r.colon(), r.in(u.Names))
		}
	}
}

func (r *renderer) suspension() {
	s := r.d.Suspension
	if s == nil {
		return
	}
	r.line("\n## %s\n", r.say("Suspending and terminating", "中止与终止"))
	persons := r.say("One person of a side signs a suspension, its narrowing, its end, and a termination", "中止、缩小或者解除中止以及终止，由一方一人签署")
	if s.Persons > 1 {
		persons = r.say("Two persons of a side sign a suspension, its narrowing, its end, and a termination", "中止、缩小或者解除中止以及终止，须由一方两人签署")
	}
	r.line("- %s", persons)
	if len(s.Roles) > 0 {
		r.line("- %s%s%s", r.say("May sign", "有权签署者"), r.colon(), r.list(r.roles(s.Roles)))
	}
	if s.Notice > 0 {
		r.line(r.say("- A termination has effect no sooner than %s after its receipt", "- 终止自回执之日起满 %s后方可生效"), r.quantity(int64(s.Notice), "day", "天"))
	}
}

func (r *renderer) quotas() {
	q := r.d.Quotas
	r.line("\n## %s\n", r.say("Limits", "数量限制"))
	r.line(r.say("- An act has at most %d bytes", "- 单件文书不超过 %d 字节"), q.MaxActBytes)
	r.line(r.say("- A day has at most %d acts and %d bytes from each side", "- 每方每日不超过 %d 件、%d 字节"), q.DayActs, q.DayBytes)
	r.line(r.say("- An attachment has at most %d bytes", "- 单个附件不超过 %d 字节"), q.MaxAttachmentBytes)
	r.line(r.say("- A courier may take %s", "- 信使递送最长 %s"), r.seconds(q.LongestCourierHours*3600))
	r.line(r.say("- A receipt counts as withheld after %s", "- 逾 %s未出具回执，视为扣留回执"), r.seconds(q.ReceiptWithheldSeconds))
	if q.MachineMinutes > 0 {
		r.line(r.say("- Each node tests each carrier every %s", "- 各方节点每隔%s对每种传送方式测试一次"), r.seconds(q.MachineMinutes*60))
	}
	if q.MailAfterMinutes > 0 {
		r.line(r.say("- Routine goes by mail when the direct line has been down for %s", "- 直连线路中断满%s后，日常文书改由电子邮件传送"), r.seconds(q.MailAfterMinutes*60))
	}
}
