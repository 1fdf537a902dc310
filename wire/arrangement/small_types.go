package arrangement

// opening are the fields that every request begins with.
func opening() []Field {
	return []Field{
		{Code: "own-reference", Names: Words{"Own reference", "本方编号"}, Kind: KindText, Need: Required, Max: 80},
		{Code: "authority", Names: Words{"Investigating authority", "办案机关"}, Kind: KindText, Need: Required},
		{Code: "offence", Names: Words{"Offence and law", "涉嫌罪名和法律依据"}, Kind: KindText, Need: Required, Max: 500},
		{Code: "facts", Names: Words{"Summary of the facts", "基本案情"}, Kind: KindLongText, Need: Required},
	}
}

// closing are the fields that every request ends with.
func closing() []Field {
	return []Field{
		{Code: "earlier", Names: Words{"Was there an earlier request?", "此前是否提出过请求"}, Kind: KindYesNo, Need: Required},
		{
			Code: "earlier-reference", Names: Words{"Reference and date of the earlier request", "此前请求的编号和日期"}, Kind: KindText, Need: Conditional,
			RequiredIf: &Condition{"earlier", "yes"},
		},
		{Code: "confidential", Names: Words{"Is the request itself confidential?", "请求本身是否需要保密"}, Kind: KindYesNo, Need: Required},
		{
			Code: "confidential-why", Names: Words{"Why it is confidential", "保密理由"}, Kind: KindLongText, Need: Conditional, Max: 2000,
			RequiredIf: &Condition{"confidential", "yes"},
		},
		{Code: "contact", Names: Words{"Person in charge", "经办人"}, Kind: KindContact, Need: Required},
		{
			Code: "confirmer", Names: Words{"Second person, who can confirm that the request is genuine", "可核实请求真实性的第二联系人"}, Kind: KindContact, Need: Required,
		},
	}
}

func request(middle ...Field) []Field { return append(append(opening(), middle...), closing()...) }

func identifiers(need string) Field {
	return Field{
		Code: "identifiers", Names: Words{"Identifiers, with time windows in UTC", "标识信息及时间范围（协调世界时）"}, Kind: KindIdentifiers, Need: need, Max: 500,
		Help: &Words{"An address that changes hands says nothing without the time at which it was seen.", "动态分配的地址须注明观测时间，否则无从查证。"},
		Choices: []Choice{
			{"ip", Words{"IP address", "IP 地址"}}, {"domain", Words{"Domain name", "域名"}}, {"url", Words{"Web address", "网址"}},
			{"email", Words{"E-mail address", "电子邮箱地址"}}, {"account", Words{"Account at a provider", "服务商账号"}},
			{"phone", Words{"Telephone number", "电话号码"}}, {"hash", Words{"Hash of a file", "文件哈希值"}},
			{"wallet", Words{"Virtual currency address", "虚拟货币地址"}}, {"other", Words{"Other", "其他"}},
		},
	}
}

func smallIncident() RequestType {
	return RequestType{
		Code: "incident", Names: Words{"Information on an incident", "事件信息请求"},
		Description: Words{
			"Asks for information or evidence on an incident, or that it be investigated.",
			"就某一网络事件请求提供信息或者证据，或者请求开展调查。",
		},
		Steps: stepNames(),
		Fields: request(
			Field{Code: "class", Names: Words{"Kind of incident", "事件类别"}, Kind: KindChoice, Need: Required, Choices: []Choice{
				{"intrusion", Words{"Intrusion", "入侵"}}, {"malicious-code", Words{"Malicious code", "恶意程序"}}, {"fraud", Words{"Fraud", "诈骗"}},
				{"content", Words{"Unlawful content", "违法内容"}}, {"availability", Words{"Attack on availability", "拒绝服务攻击"}}, {"other", Words{"Other", "其他"}},
			}},
			Field{
				Code: "class-other", Names: Words{"Which other kind", "其他类别的说明"}, Kind: KindText, Need: Conditional,
				RequiredIf: &Condition{"class", "other"},
			},
			Field{Code: "period", Names: Words{"When it happened", "发生时间"}, Kind: KindWindow, Need: Required},
			identifiers(Required),
			Field{Code: "wanted", Names: Words{"What exactly is asked for", "具体请求事项"}, Kind: KindLongText, Need: Required},
			Field{Code: "purpose", Names: Words{"How it will be used", "用途"}, Kind: KindLongText, Need: Required, Max: 4000},
			Field{Code: "severity", Names: Words{"Severity on the sender's own scale", "按请求方自有分级的严重程度"}, Kind: KindNumber, Need: Optional, Max: 10, Unit: &Words{"level", "级"}},
			Field{Code: "files", Names: Words{"Attachments", "附件"}, Kind: KindAttachments, Need: Optional},
		),
	}
}

func smallPreservation() RequestType {
	return RequestType{
		Code: "preservation", Names: Words{"Preservation of data", "电子数据保全请求"},
		Description: Words{
			"Asks that stored data be kept as they are until a request for them follows. Nothing is disclosed.",
			"请求对已存储的电子数据予以保全，待后续提出调取请求；保全本身不涉及数据的披露。",
		},
		Steps: []string{Acknowledge, Decide, Answer}, Preserves: true,
		Fields: request(
			Field{Code: "data-class", Names: Words{"Class of data", "数据类别"}, Kind: KindChoice, Need: Required, Choices: []Choice{
				{"subscriber", Words{"Subscriber data", "用户注册信息"}}, {"traffic", Words{"Traffic data", "通信流量数据"}}, {"content", Words{"Content data", "内容数据"}}, {"other", Words{"Other", "其他"}},
			}},
			Field{Code: "data", Names: Words{"Data to be preserved, and its link to the offence", "需保全的数据及其与案件的关联"}, Kind: KindLongText, Need: Required},
			identifiers(Required),
			Field{Code: "custodian", Names: Words{"Who holds the data, or where it is", "数据持有人或者存储位置"}, Kind: KindText, Need: Optional, Max: 500},
			Field{Code: "necessity", Names: Words{"Why preservation is needed", "保全的必要性"}, Kind: KindLongText, Need: Required, Max: 4000},
			Field{Code: "follow-up", Names: Words{"Will a request for the data follow?", "是否将提出后续调取请求"}, Kind: KindYesNo, Need: Required},
			Field{
				Code: "follow-up-how", Names: Words{"How and when it will follow", "后续请求的途径和时间"}, Kind: KindText, Need: Conditional, Max: 500,
				RequiredIf: &Condition{"follow-up", "yes"},
			},
			Field{Code: "silent", Names: Words{"Must the user not be told?", "是否不得告知用户"}, Kind: KindYesNo, Need: Required},
			Field{Code: "days", Names: Words{"Period wanted", "请求保全的期限"}, Kind: KindNumber, Need: Optional, Max: 365, Unit: &Words{"days", "天"}},
		),
	}
}

func smallMitigation() RequestType {
	return RequestType{
		Code: "mitigation", Names: Words{"Mitigation of malicious activity", "恶意网络活动处置请求"},
		Description: Words{
			"Asks that malicious activity coming out of the other side's territory be stopped or lessened.",
			"请求对源自对方境内的恶意网络活动予以制止或者减轻其危害。",
		},
		Steps: stepNames(),
		Fields: request(
			Field{Code: "activity", Names: Words{"Kind of activity", "活动类别"}, Kind: KindChoice, Need: Required, Choices: []Choice{
				{"phishing", Words{"Phishing site", "钓鱼网站"}}, {"control-server", Words{"Command and control server", "命令与控制服务器"}}, {"hosting", Words{"Distribution of malicious code", "恶意程序传播源"}},
				{"flood", Words{"Source of a denial of service attack", "拒绝服务攻击来源"}}, {"scanning", Words{"Scanning or intrusion attempts", "扫描或者入侵尝试"}}, {"other", Words{"Other", "其他"}},
			}},
			Field{
				Code: "activity-other", Names: Words{"Which other activity", "其他活动的说明"}, Kind: KindText, Need: Conditional,
				RequiredIf: &Condition{"activity", "other"},
			},
			Field{Code: "observed", Names: Words{"When it was observed", "观测时间"}, Kind: KindWindow, Need: Required},
			identifiers(Required),
			Field{Code: "action", Names: Words{"Action asked for", "请求采取的措施"}, Kind: KindChoice, Need: Required, Choices: []Choice{
				{"remove", Words{"Remove or take down", "下线或者清除"}}, {"block", Words{"Block", "阻断"}}, {"notify", Words{"Notify the owner", "通知权利人"}}, {"clean", Words{"Clean and repair", "清理并修复"}},
			}},
			Field{Code: "harm", Names: Words{"Harm caused so far", "已造成的危害"}, Kind: KindLongText, Need: Optional, Max: 4000},
			Field{Code: "files", Names: Words{"Attachments", "附件"}, Kind: KindAttachments, Need: Optional},
		),
	}
}
