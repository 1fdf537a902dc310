package report

import (
	"fmt"

	"parley.example/wire/party"
	"parley.example/wire/withheld"
)

// withholding words what a writer shows that is given no receipt. What it
// proves, it proves against the reader.
func withholding(data []byte, known []party.ID) (*Report, error) {
	f, err := withheld.Verify(data, known...)
	if err != nil {
		return nil, err
	}
	writer, reader := f.Parties[0], f.Parties[1]
	entry := Section{Title: Words{"The entry", "所涉条目"}}
	entry.say("written by", "书写方", Words{writer.Names[0], writer.Names[1]})
	entry.say("channel, place in the log", "通道、日志序号", place(f.Origin.Channel, f.Position))
	entry.say("time, writer's claim", "发文方所称时间", when(f.Time))
	entry.say("stands under head", "所在日志头", Words{fmt.Sprintf("%d entries, root %x", f.Head.Size, f.Head.Root[:]), fmt.Sprintf("%d 条，根 %x", f.Head.Size, f.Head.Root[:])})
	if f.Sealed {
		entry.say("sealed bytes", "密文", Words{"in the file, those of the entry", "文件中附有，与条目相符"})
	}
	against := Section{Title: Words{"Proved against a party", "对一方不利的证明"}}
	against.say("reader", "收文方", Words{reader.Names[0], reader.Names[1]})
	against.warn("READER KNEW OF IT", "收文方已知悉", Words{reader.Code + " signed so at " + when(f.Knew)[0] + ", by its clock", reader.Code + " 于 " + when(f.Knew)[0] + "（按其时钟）签署表明"})
	state := named(f.State+1, Words{"ready", "就绪"}, Words{"restoring", "正在恢复"}, Words{"keys locked", "密钥已锁定"}, Words{"no room", "空间不足"})
	if f.Stored {
		against.warn("READER HAD STORED IT", "收文方已存", Words{reader.Code + " signed so at " + when(f.Last)[0] + "; state of its node: " + state[0], reader.Code + " 于 " + when(f.Last)[0] + " 签署表明；其节点状态：" + state[1]})
	} else {
		against.warn("READER HAD NOT STORED IT", "收文方未存", Words{reader.Code + " signed so at " + when(f.Last)[0] + "; state of its node: " + state[0], reader.Code + " 于 " + when(f.Last)[0] + " 签署表明；其节点状态：" + state[1]})
	}
	claims := Section{Title: Words{"What the writer claims", "发文方单方说法"}}
	claims.say("no receipt by", "截至此时无回执", when(f.Made))
	var tries uint64
	for _, a := range f.Attempts {
		tries += uint64(a.Count)
	}
	claims.say("attempts to deliver", "投递尝试次数", same("%d", tries))
	not := Section{Title: Words{"What this does not prove", "本文件不证明的事项"}}
	add := func(en, zh string) { not.Lines = append(not.Lines, Line{Value: Words{en, zh}}) }
	add("That there is no receipt: one receipt shown by "+reader.Code+" refutes it.", "确无回执："+reader.Code+" 出示一份回执即可推翻。")
	add("That the bytes arrived, or why there is no receipt.", "字节已经送达，或缺少回执的原因。")
	add("When it happened: every time is the claim of the side that signed it.", "实际发生的时间：各项时间均为签署一方所称。")
	r := &Report{Kind: "withheld", Sections: []Section{parties(f.Origin.Realm, f.Parties), entry, against, claims, not}, Proves: Words{
		reader.Code + " signed that it knew of this entry of " + writer.Code + ". " + writer.Code + " signed that it has no receipt for it; the burden to show one is on " + reader.Code + ".",
		reader.Code + " 签署表明已知悉 " + writer.Code + " 的该条目；" + writer.Code + " 签署称未获回执。出示回执的责任在 " + reader.Code + "。"}}
	r.Machine = map[string]any{"parties": machineParties(f.Parties), "against": reader.Code, "channel": f.Origin.Channel, "generation": f.Origin.Generation,
		"position": f.Position, "size": f.Head.Size, "time": f.Time, "made": f.Made, "knew": f.Knew, "last": f.Last, "stored": f.Stored, "state": f.State,
		"hellos": f.Hellos, "attempts": tries, "sealed": f.Sealed}
	return r, nil
}
