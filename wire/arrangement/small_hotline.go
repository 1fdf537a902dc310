package arrangement

import "parley.example/wire/calendar"

// smallHotline gives the arrangement a ladder of the roles that both sides
// have: a duty officer, a supervisor, a principal. Where they have not two of
// these there is no hotline.
func (d *Document) smallHotline() {
	var rungs []Rung
	for _, r := range []Rung{
		{Code: "duty", Names: Words{"Duty desk", "值班席位"}, Minutes: 15, Repeat: 3, Persons: 1},
		{Code: "supervisor", Names: Words{"Supervisors", "值班负责人"}, Minutes: 30, Repeat: 5, Persons: 1},
		{Code: "principal", Names: Words{"Principals", "双方负责人"}, Minutes: 120, Repeat: 15, Persons: 2},
	} {
		for i := range d.Parties {
			if _, has := d.Parties[i].Role(r.Code); has {
				r.Roles = append(r.Roles, PartyRole{d.Parties[i].ID, r.Code})
			}
		}
		if len(r.Roles) == len(d.Parties) {
			rungs = append(rungs, r)
		}
	}
	if len(rungs) < 2 {
		return
	}
	top := rungs[len(rungs)-1].Code
	grave := Match{Code: "grave", Names: Words{"Grave", "特别重大"}, Rung: top}
	serious := Match{Code: "serious", Names: Words{"Serious", "重大"}, Rung: rungs[1].Code}
	h := &Hotline{Threshold: "serious", Rungs: rungs, Criteria: []Choice{
		{"life", Words{"Life or health is in danger", "危及生命或者健康"}},
		{"spreads", Words{"It spreads across the border by the hour", "正在跨境迅速蔓延"}},
		{"overdue", Words{"A request is not answered, and waiting does harm", "请求逾期未答复，且拖延将造成损害"}},
	}, Tests: []Test{{Code: "monthly", Names: Words{"Monthly test with a person answering", "每月人工应答测试"}, Every: &Every{30, calendar.Days}, Rung: "duty", Minutes: 15}}}
	for i := range d.Parties {
		p := &d.Parties[i]
		if len(p.Severity) == 0 {
			p.Severity = []Level{{1, Words{"Limited", "一般"}}, {2, Words{"Serious", "重大"}}, {3, Words{"Grave", "特别重大"}}}
		}
		last := p.Severity[len(p.Severity)-1].Level
		first := p.Severity[max(0, len(p.Severity)-2)].Level
		if first < last {
			serious.Levels = append(serious.Levels, PartyLevel{p.ID, first, first})
		}
		grave.Levels = append(grave.Levels, PartyLevel{p.ID, last, last})
		h.Purposes = append(h.Purposes, Purpose{p.ID, Words{"To reach a person on the other side when something cannot wait.", "遇有不能等待的事项，及时联系对方人员。"}})
	}
	d.Severities = []Match{grave}
	if len(serious.Levels) == len(d.Parties) {
		d.Severities = []Match{serious, grave}
	} else {
		h.Threshold = "grave"
	}
	d.Hotline = h
	d.Glossary = []Term{
		{"mitigation", Words{"mitigation", "处置"}, Words{"To stop an activity at its source: a site taken down, a host disconnected, an account frozen.", "在源头制止有关活动：关闭网站、断开主机、冻结账户。"}},
		{"preservation", Words{"preservation", "数据保全"}, Words{"To keep data as they are, without handing them over.", "使数据保持原状，但不移交。"}},
		{"attack", Words{"attack", "攻击"}, Words{"Conduct against a system, whoever is behind it: the word accuses nobody.", "针对系统实施的行为，不论行为人是谁；该词不构成对任何人的指控。"}},
	}
}
