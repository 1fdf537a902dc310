package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"parley.example/wire/audit"
	"parley.example/wire/octet"
	"parley.example/wire/statement"
)

// teller words one disclosure.
type teller struct{ *audit.Finding }

// disclosure words what a disclosure proves.
func disclosure(f *audit.Finding) *Report {
	t := teller{f}
	r := &Report{Kind: "disclosure", Machine: t.machine(), Proves: Words{
		"The offices named put these acts at these places of their logs, and the officers named signed them.",
		"所列各方已将下列行为写入各自日志的所示位置，所列人员已签署。"}}
	r.Sections = append(r.Sections, parties(f.Realm, f.Parties))
	for _, a := range f.Acts {
		r.Sections = append(r.Sections, t.act(a))
	}
	for _, s := range []Section{t.missing(), t.custody(), t.renewed(), t.against(), t.not()} {
		if len(s.Lines) > 0 {
			r.Sections = append(r.Sections, s)
		}
	}
	return r
}

// name is how people name an act: the writer's code and the position.
func (t teller) name(p audit.Place) string {
	name := fmt.Sprintf("%s.%d", t.Parties[p.Side()].Code, p.Position)
	if p.Channel != statement.Routine {
		name += " (" + channel(p.Channel)[0] + ")"
	}
	return name
}

func (t teller) names(list []audit.Place) Words {
	var names []string
	for _, p := range list {
		names = append(names, t.name(p))
	}
	return same("%s", strings.Join(names, ", "))
}

// reasons of verdicts, see spec/ledger.md.
func reason(n uint16) Words {
	return named(n, Words{"the epoch's key does not open", "时段密钥无法打开"}, Words{"the sealed bytes do not open", "密文无法打开"},
		Words{"what opened is not what was committed to", "打开后的内容与承诺值不符"}, Words{"what opened is not an act", "打开后的内容不是行为"},
		Words{"there were no sealed bytes", "没有密文"})
}

func (t teller) act(a *audit.Act) Section {
	kind := Words{"content withheld", "内容未出示"}
	if a.Statement != nil {
		kind = same("%s", a.Statement.Kind)
	}
	s := Section{Title: Words{t.name(a.Place) + ": " + kind[0], t.name(a.Place) + "：" + kind[1]}}
	s.say("channel, place in the log", "通道、日志序号", place(a.Channel, a.Position))
	s.say("time, writer's claim", "发文方所称时间", when(a.Time))
	s.say("receipted by the reader", "收文方回执时间", t.receipt(a.Receipt))
	if a.Verdict != 0 {
		s.warn("READER COULD NOT READ IT", "收文方称无法读取", reason(a.Verdict))
	}
	if a.Again != nil {
		s.say("stated again, receipted", "重新陈述，回执时间", t.receipt(a.Again))
	}
	if a.Statement != nil {
		s.say("statement digest", "声明摘要", same("%s", a.Short))
	}
	for _, p := range a.Persons {
		if p.Lost != nil {
			s.warn("SIGNED WITH A KEY THAT WAS REPLACED BEFORE", "签署所用密钥此前已被替换", Words{t.person(p)[0] + "; " + t.name(*p.Lost), t.person(p)[1] + "；" + t.name(*p.Lost)})
			continue
		}
		s.say("signed by", "签署人", t.person(p))
	}
	for _, r := range t.Replaced {
		if r.Place == a.Place {
			s.say("replaces the key of", "所替换密钥的持有人", replaced(r))
		}
	}
	if a.Statement != nil && len(a.Persons) == 0 {
		s.say("signed by", "签署人", Words{"no person shown; the office alone", "未出示人员签名，仅有机构签名"})
	}
	if a.Repeats != nil {
		s.warn("IDENTIFIER USED TWICE", "标识重复使用", Words{"first at " + t.name(*a.Repeats) + "; this one does not count", "首次见于 " + t.name(*a.Repeats) + "；本项不作数"})
	}
	if len(a.Disowned) > 0 {
		s.warn("DISOWNED BY ITS OWN PARTY", "已被发文方否认", t.names(a.Disowned))
	}
	if len(a.Answers) > 0 {
		s.warn("CORRECTED OR DISPUTED BY", "另有更正或异议", t.names(a.Answers))
	}
	for _, x := range a.Attached {
		s.say("attachment", "附件", Words{fmt.Sprintf("%s, %d bytes, sealed SHA-256 %x", x.Name, x.Size, x.Sealed), fmt.Sprintf("%s，%d 字节，密文 SHA-256 %x", x.Name, x.Size, x.Sealed)})
	}
	switch {
	case a.Body == nil:
		s.say("body", "正文", Words{"withheld, its commitment is valid", "未出示，其承诺值有效"})
	case json.Valid(a.Body) && octet.ValidText(a.Body):
		s.Lines = append(s.Lines, Line{Label: Words{"body", "正文"}, Value: same("%s", strings.ReplaceAll(string(a.Body), "\n", " ")), Long: true})
	default:
		s.say("body", "正文", Words{fmt.Sprintf("%d bytes that are no text", len(a.Body)), fmt.Sprintf("%d 字节，非文本", len(a.Body))})
	}
	s.say("parts withheld", "未出示部分", same("%d / %d", a.Withheld, a.Parts))
	return s
}

func (t teller) person(p audit.Person) Words {
	return Words{fmt.Sprintf("%s (%s), key %s, card %d", p.Name, p.Role, p.Key, p.Card), fmt.Sprintf("%s（%s），密钥 %s，第 %d 号名片", p.Name, p.Role, p.Key, p.Card)}
}

// replaced says whose key it was, and which counts now.
func replaced(r audit.Replaced) Words {
	if r.None() {
		return Words{fmt.Sprintf("%s: %s counts no more", r.Name, r.Lost), fmt.Sprintf("%s：%s 不再有效", r.Name, r.Lost)}
	}
	return Words{fmt.Sprintf("%s: %s counts no more, %s counts", r.Name, r.Lost, r.KeyID()), fmt.Sprintf("%s：%s 不再有效，改用 %s", r.Name, r.Lost, r.KeyID())}
}

func (t teller) receipt(r *audit.Receipt) Words {
	if r == nil {
		return Words{"none shown", "未出示"}
	}
	at := when(r.Time)[0]
	return Words{at + ", " + t.name(r.Place), at + "，" + t.name(r.Place)}
}

// missing says what the thread had and the file has not.
func (t teller) missing() Section {
	s := Section{Title: Words{"What is missing", "缺少的内容"}}
	for _, g := range t.Gaps {
		code := t.Parties[audit.Place{Higher: g.Higher}.Side()].Code
		s.warn("NOT SHOWN", "未出示", Words{fmt.Sprintf("acts %d to %d of %s in its thread, the last at position %d", g.From, g.To, code, g.Before),
			fmt.Sprintf("%s 在该事项中的第 %d 至 %d 项行为，末项位于第 %d 条", code, g.From, g.To, g.Before)})
	}
	for _, a := range t.Acts {
		if a.Statement == nil {
			s.say("shown by its place only", "仅出示位置", Words{t.name(a.Place) + ", " + when(a.Time)[0], t.name(a.Place) + "，" + when(a.Time)[0]})
		} else if a.Withheld > 0 {
			s.say("shown in part", "部分出示", Words{fmt.Sprintf("%s, %d of %d parts withheld", t.name(a.Place), a.Withheld, a.Parts),
				fmt.Sprintf("%s，共 %d 部分，未出示 %d 部分", t.name(a.Place), a.Parts, a.Withheld)})
		}
	}
	return s
}

// steps of custody, see spec/evidence.md.
func step(n uint8) Words {
	return named(n, Words{"taken out into a file", "取出存为文件"}, Words{"handed on", "移交"}, Words{"returned", "交还"},
		Words{"copy destroyed", "销毁副本"}, Words{"shown to a third person", "向第三方出示"})
}

// custody tells of each attachment through whose hands it went.
func (t teller) custody() Section {
	s := Section{Title: Words{"Custody of attachments", "附件保管链"}}
	for _, a := range t.Acts {
		for _, x := range a.Attached {
			s.say("attachment", "附件", same("%s", x.Name))
			s.say("  SHA-256, sealed", "  密文 SHA-256", same("%x", x.Sealed))
			s.say("  SHA-256, salt and content", "  盐与内容 SHA-256", same("%x", x.Content))
			s.say("  sent", "  发出", Words{t.name(a.Place) + ", " + when(a.Time)[0], t.name(a.Place) + "，" + when(a.Time)[0]})
			for _, p := range a.Persons {
				s.say("  sent under signature of", "  发出签署人", t.person(p))
			}
			if r, ok := t.Stored[x.Sealed]; ok {
				s.say("  stored by the other side", "  对方已存", t.receipt(&r))
			} else {
				s.say("  stored by the other side", "  对方已存", Words{"no receipt shown", "未出示回执"})
			}
			for _, c := range t.Finding.Custody {
				if c.Sealed == x.Sealed {
					s.Lines = append(s.Lines, t.step(c)...)
				}
			}
		}
	}
	return s
}

func (t teller) step(c audit.Step) (lines []Line) {
	code := t.Parties[0].Code
	if c.Party == t.Parties[1].ID {
		code = t.Parties[1].Code
	}
	if c.Broken {
		lines = append(lines, Line{Label: Words{"  STEPS NOT SHOWN", "  有步骤未出示"}, Value: Words{fmt.Sprintf("before step %d of %s", c.Number, code), fmt.Sprintf("%s 第 %d 步之前", code, c.Number)}, Warns: true})
	}
	value := Words{when(c.Time)[0] + ", " + t.person(c.By)[0], when(c.Time)[0] + "，" + t.person(c.By)[1]}
	if c.To != "" {
		value = Words{value[0] + "; to " + c.To, value[1] + "；交付 " + c.To}
	}
	if c.Content != [32]byte{} {
		value = Words{fmt.Sprintf("%s; SHA-256 of the content %x", value[0], c.Content), fmt.Sprintf("%s；内容 SHA-256 %x", value[1], c.Content)}
	}
	if c.Note != "" {
		value = Words{value[0] + "; " + c.Note, value[1] + "；" + c.Note}
	}
	label := Words{fmt.Sprintf("  %s %d: %s", code, c.Number, step(c.Step)[0]), fmt.Sprintf("  %s %d：%s", code, c.Number, step(c.Step)[1])}
	return append(lines, Line{Label: label, Value: value})
}

// renewed tells of logs that began anew, and of keys disowned.
func (t teller) renewed() Section {
	s := Section{Title: Words{"Declarations", "声明"}}
	for _, g := range t.Generations {
		s.say("log began anew", "日志重新开始", Words{t.name(g.Place) + ": " + begun(&g.Generation)[0], t.name(g.Place) + "：" + begun(&g.Generation)[1]})
	}
	for _, c := range t.Compromises {
		s.warn("key in other hands", "密钥失控", Words{t.name(c.Place) + ": " + disowns(&c.Compromise)[0], t.name(c.Place) + "：" + disowns(&c.Compromise)[1]})
	}
	return s
}

// against says what is proved against whom.
func (t teller) against() Section {
	s := Section{Title: Words{"Proved against a party", "对一方不利的证明"}}
	for _, a := range t.Acts {
		writer, reader := t.Parties[a.Side()].Code, t.Parties[1-a.Side()].Code
		if a.False {
			s.warn("FALSE VERDICT", "不实的无法读取结论", Words{reader + " signed that it could not read " + t.name(a.Place) + "; opened here, it reads. It does not prove why " + reader + " said so",
				reader + " 签署称无法读取 " + t.name(a.Place) + "；此处打开后可读。不证明 " + reader + " 何以如此"})
		}
		if a.Repeats != nil {
			s.warn("DOUBLE USE", "重复使用", Words{writer + " put one act identifier to use twice, at " + t.name(*a.Repeats) + " and " + t.name(a.Place) + ". It does not prove by whose will",
				writer + " 将同一行为标识使用两次：" + t.name(*a.Repeats) + " 与 " + t.name(a.Place) + "。不证明出于何人意愿"})
		}
	}
	return s
}

// not says what is not proved.
func (t teller) not() Section {
	s := Section{Title: Words{"What this does not prove", "本文件不证明的事项"}}
	add := func(en, zh string) { s.Lines = append(s.Lines, Line{Value: Words{en, zh}}) }
	for _, h := range t.Heads {
		code := t.Parties[audit.Place{Higher: h.Higher}.Side()].Code
		add(fmt.Sprintf("As of head %d of the %s log of %s; later corrections or disownings are not excluded.", h.Size, channel(h.Channel)[0], code),
			fmt.Sprintf("以 %s %s日志前 %d 条为限；不排除其后的更正或否认。", code, channel(h.Channel)[1], h.Size))
	}
	add("That nothing else was said in the matter: acts behind the last one shown leave no trace here.", "该事项别无其他往来：所示末项之后的行为在此不留痕迹。")
	add("When it happened: every time is the claim of the side that wrote it.", "实际发生的时间：各项时间均为书写一方所称。")
	add("That an act was in order by the rules both agreed on, or that its content is true.", "行为符合双方约定的规则，或其内容属实。")
	add("That an officer was in office at that moment, understood it, or alone held the key.", "签署人当时在任、知悉其意，或密钥仅由其本人掌握。")
	if len(t.Finding.Custody) > 0 {
		add("That a step of custody happened as written, or that no other was taken.", "保管步骤确如所记，或别无其他步骤。")
	}
	return s
}

// machine is the finding for programs: keys and hashes in hexadecimal, times in
// milliseconds. What is withheld or not there is null.
func (t teller) machine() any {
	type object = map[string]any
	acts, gaps, heads, custody := []object{}, []object{}, []object{}, []object{}
	for _, h := range t.Heads {
		heads = append(heads, object{"channel": h.Channel, "party": t.Parties[audit.Place{Higher: h.Higher}.Side()].Code, "generation": h.Generation, "size": h.Size, "card": h.Card})
	}
	for _, a := range t.Acts {
		m := object{"name": t.name(a.Place), "party": t.Parties[a.Side()].Code, "channel": a.Channel, "generation": a.Generation, "position": a.Position,
			"time": a.Time, "receipted": nil, "verdict": a.Verdict, "verdict_false": a.False, "withheld": a.Withheld, "parts": a.Parts, "body": nil,
			"repeats": nil, "disowned_by": t.list(a.Disowned), "answered_by": t.list(a.Answers), "number": nil, "kind": nil, "digest": nil}
		if a.Receipt != nil {
			m["receipted"] = a.Receipt.Time
		}
		if a.Repeats != nil {
			m["repeats"] = t.name(*a.Repeats)
		}
		if a.Slip != nil {
			m["number"] = a.Slip.Number
		}
		if a.Statement != nil {
			m["kind"], m["digest"] = a.Statement.Kind, a.Short
		}
		people, attached := []object{}, []object{}
		for _, p := range a.Persons {
			one := object{"name": p.Name, "role": p.Role, "key": p.Key, "card": p.Card}
			if p.Lost != nil {
				one["lost"] = p.Lost.Position
			}
			people = append(people, one)
		}
		for _, x := range a.Attached {
			one := object{"name": x.Name, "bytes": x.Size, "sealed": fmt.Sprintf("%x", x.Sealed), "stored": nil}
			if r, ok := t.Stored[x.Sealed]; ok {
				one["stored"] = r.Time
			}
			attached = append(attached, one)
		}
		m["signed_by"], m["attachments"] = people, attached
		if a.Body != nil {
			m["body"] = a.Body // base64, unless it is JSON
			if json.Valid(a.Body) {
				m["body"] = json.RawMessage(a.Body)
			}
		}
		acts = append(acts, m)
	}
	for _, g := range t.Gaps {
		gaps = append(gaps, object{"party": t.Parties[audit.Place{Higher: g.Higher}.Side()].Code, "channel": g.Channel, "from": g.From, "to": g.To, "before": g.Before})
	}
	for _, c := range t.Finding.Custody {
		custody = append(custody, object{"party": c.Party.String(), "sealed": fmt.Sprintf("%x", c.Sealed), "number": c.Number, "step": step(c.Step)[0], "time": c.Time,
			"by": c.By.Name, "to": c.To, "note": c.Note, "broken": c.Broken})
	}
	return object{"realm": t.Realm, "parties": machineParties(t.Parties), "heads": heads, "acts": acts, "missing": gaps, "custody": custody,
		"generations": len(t.Generations), "compromises": len(t.Compromises)}
}

func (t teller) list(places []audit.Place) []string {
	names := []string{}
	for _, p := range places {
		names = append(names, t.name(p))
	}
	return names
}

func machineParties(list [2]audit.Party) (out []map[string]any) {
	for _, p := range list {
		out = append(out, map[string]any{"party": p.ID.String(), "code": p.Code, "name_en": p.Names[0], "name_zh": p.Names[1], "card": p.Card, "compared": p.Compared})
	}
	return out
}
