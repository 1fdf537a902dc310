package arrangement

// label words a key of the document; a key that has none is shown as it is.
func (t *teller) label(key string) string {
	if w, ok := labels()[key]; ok {
		return t.in(w)
	}
	return key
}

func labels() map[string]Words {
	return map[string]Words{
		"format": {"format", "格式"}, "version": {"version", "版本"}, "base": {"predecessor", "前一版本"},
		"in_force": {"in force from", "生效时间"}, "rules": {"version of the rules", "规则版本"},
		"titles": {"title", "名称"}, "parties": {"party", "当事方"}, "tolerance_seconds": {"tolerance between clocks, seconds", "时钟允许误差（秒）"},
		"clock": {"clocks", "计时规则"}, "amendment": {"effect of amendments", "修订的效力"}, "quotas": {"limits", "数量限制"},
		"areas": {"area", "领域"}, "request_types": {"request type", "请求类型"}, "urgencies": {"urgency", "紧急程度"},
		"reasons": {"reason", "理由"}, "handling": {"handling", "使用限制"}, "survives": {"goes on during a suspension", "中止期间继续进行"},
		"suspension": {"suspending and terminating", "中止与终止"}, "notice_days": {"days of notice before an end", "终止前的通知天数"},
		"refusal_last": {"refusal comes last", "拒绝前须先行提出其他办法"}, "conditions": {"condition", "条件"}, "actions": {"permitted action", "可采取的行动"},
		"grades": {"grades", "可靠程度"}, "sources": {"source", "来源"}, "accuracies": {"accuracy", "准确程度"},
		"severities": {"severity table", "严重程度对照"}, "hotline": {"hotline", "热线"}, "text": {"section", "条文"},
		"id": {"party id", "当事方标识"}, "code": {"code", "代码"}, "names": {"name", "名称"}, "en": {"English", "英文"}, "zh": {"Chinese", "中文"},
		"units": {"unit", "单位"}, "hours": {"hours", "值守时间"}, "roles": {"role", "职责"}, "calendar": {"calendar", "工作日历"},
		"severity": {"own scale of severity", "自有分级"}, "level": {"level", "级"}, "holding": {"preservation", "电子数据保全"},
		"days": {"days", "天数"}, "extension_days": {"days of an extension", "每次延长天数"}, "extensions": {"extensions", "延长次数"}, "alarm_days": {"days of warning", "提前提醒天数"},
		"from": {"from", "起"}, "until": {"until", "止"}, "to": {"to", "至"}, "offsets": {"offset from UTC", "时差"}, "at": {"at", "自"},
		"week": {"week", "每周工作时间"}, "holidays": {"holiday", "放假"}, "make_up": {"make-up day", "调休上班"}, "date": {"date", "日期"}, "as": {"worked like", "作息同"},
		"monday": {"Monday", "星期一"}, "tuesday": {"Tuesday", "星期二"}, "wednesday": {"Wednesday", "星期三"}, "thursday": {"Thursday", "星期四"},
		"friday": {"Friday", "星期五"}, "saturday": {"Saturday", "星期六"}, "sunday": {"Sunday", "星期日"},
		"starts": {"start", "起算"}, "pauses": {"what stops them", "停止计时的事由"}, "forward": {"effect of forwarding", "转交的效力"},
		"question": {"question", "提问"}, "await": {"waiting for another authority", "等待其他机关"}, "postpone": {"postponement", "推迟办理"}, "condition": {"condition", "条件"},
		"fields": {"field", "项目"}, "max_act_bytes": {"bytes of an act", "单件文书字节数"}, "day_acts": {"acts in a day", "每日件数"}, "day_bytes": {"bytes in a day", "每日字节数"},
		"max_attachment_bytes": {"bytes of an attachment", "单个附件字节数"}, "longest_courier_hours": {"hours of a courier", "信使递送小时数"},
		"receipt_withheld_seconds": {"seconds until a receipt counts as withheld", "视为扣留回执的秒数"},
		"machine_minutes":          {"minutes between two tests of a carrier by a node", "节点对每种传送方式两次测试之间的分钟数"},
		"mail_after_minutes":       {"minutes without the direct line until routine goes by mail", "直连线路中断后改用电子邮件的分钟数"},
		"no_content":               {"hashes and referrals only", "仅限哈希值和线索移交"}, "positions": {"position", "立场"}, "definition": {"definition", "定义"}, "reservation": {"reservation", "保留"},
		"description": {"description", "说明"}, "class": {"class", "性质"}, "steps": {"deadlines", "时限"}, "preserves": {"answered by preserving", "以保全作答"},
		"answers": {"form of the answer", "答复形式"}, "refusals": {"only reasons to decline", "仅可据以拒绝的理由"}, "relation": {"link to an earlier request", "与此前请求的关联"}, "help": {"help", "填写说明"}, "kind": {"kind", "类型"},
		"need": {"need", "是否必填"}, "required_if": {"required if", "必填条件"}, "field": {"field", "项目"}, "equals": {"is", "等于"}, "max": {"at most", "上限"},
		"choices": {"choice", "选项"}, "unit": {"unit", "单位"}, "justification": {"must be justified", "须说明理由"}, "falls_to": {"handled as, where disputed", "有争议时按"},
		"step": {"deadline", "时限"}, "amount": {"amount", "数值"}, "applies": {"applies to", "适用于"}, "words": {"must be explained in words", "须书面说明"}, "outright": {"may be given outright", "可直接据此拒绝"},
		"most_restrictive": {"most restrictive", "最严格"}, "types": {"request types", "请求类型"}, "levels": {"levels", "级别"}, "rung": {"rung of the hotline", "热线层级"}, "party": {"party", "当事方"},
		"purposes": {"purpose", "用途"}, "threshold": {"used from", "启用标准"}, "rungs": {"rung", "层级"}, "minutes": {"minutes", "分钟"}, "repeat": {"minutes between rings", "呼叫间隔（分钟）"},
		"persons": {"persons who must agree", "须同意的人数"}, "accepts": {"persons who must accept", "须应答的人数"}, "callers": {"may call", "可呼叫者"}, "glossary": {"glossary", "术语"}, "meaning": {"meaning", "含义"}, "criteria": {"what a call may be for", "可呼叫的情形"}, "role": {"role", "职责"}, "tests": {"test", "测试"}, "announced": {"announced", "预先通知"}, "every": {"every", "周期"}, "before": {"first held before", "首次不晚于"}, "window": {"hours of a period in which it is held", "每周期内的测试时段（小时）"}, "texts": {"text of a test", "测试用语"}, "lang": {"language", "语言"},
		"heading": {"heading", "标题"}, "body": {"text", "正文"},
	}
}
