package report

import (
	"fmt"

	"parley.example/wire/audit"
	"parley.example/wire/evidence"
)

// begun words the beginning of a generation.
func begun(g *evidence.Generation) Words {
	if g.Cause == evidence.AfterRestore {
		return Words{fmt.Sprintf("generation %d from %d on, after a restore", g.Origin.Generation, g.Size), fmt.Sprintf("自第 %[2]d 条起为第 %[1]d 代，恢复之后", g.Origin.Generation, g.Size)}
	}
	return Words{fmt.Sprintf("generation %d from %d on, after the fork %x", g.Origin.Generation, g.Size, g.Evidence),
		fmt.Sprintf("自第 %[2]d 条起为第 %[1]d 代，分叉 %[3]x 之后", g.Origin.Generation, g.Size, g.Evidence)}
}

// disowns words a compromise.
func disowns(c *evidence.Compromise) Words {
	if c.Key == "" {
		return Words{fmt.Sprintf("all acts of the %s log from %d on", channel(c.Origin.Channel)[0], c.From), fmt.Sprintf("%s日志自第 %d 条起的全部行为", channel(c.Origin.Channel)[1], c.From)}
	}
	return Words{fmt.Sprintf("acts of the %s log from %d on that the key %s signed", channel(c.Origin.Channel)[0], c.From, c.Key),
		fmt.Sprintf("%s日志自第 %d 条起由密钥 %s 签署的行为", channel(c.Origin.Channel)[1], c.From, c.Key)}
}

// proof words a fork, a generation or a compromise.
func proof(v *audit.Proven) *Report {
	writer := v.Parties[audit.Place{Higher: v.Higher}.Side()]
	log := Section{Title: Words{"The log concerned", "所涉日志"}}
	log.say("written by", "书写方", Words{writer.Names[0], writer.Names[1]})
	log.say("channel", "通道", channel(v.Origin.Channel))
	log.say("generation", "代", same("%d", v.Origin.Generation))
	not := Section{Title: Words{"What this does not prove", "本文件不证明的事项"}}
	add := func(en, zh string) { not.Lines = append(not.Lines, Line{Value: Words{en, zh}}) }
	r := &Report{}
	machine := map[string]any{"parties": machineParties(v.Parties), "against": writer.Code, "channel": v.Origin.Channel, "generation": v.Origin.Generation}
	switch {
	case v.Fork != nil:
		r.Kind = "fork"
		r.Proves = Words{writer.Code + " signed two histories of one log. Whoever holds its key did so; an honest office signs one.",
			writer.Code + " 对同一日志签署了两份历史。签署者持有其密钥；诚实的机构只签署一份。"}
		for i, h := range v.Fork {
			log.say(fmt.Sprintf("head %d", i+1), fmt.Sprintf("日志头 %d", i+1), Words{fmt.Sprintf("%d entries, root %x", h.Size, h.Root[:]), fmt.Sprintf("%d 条，根 %x", h.Size, h.Root[:])})
		}
		add("Which of the two histories is the true one.", "两份历史中何者为真。")
		add("The motive: a node restored carelessly forks by accident, a thief of the key on purpose.", "动机：节点恢复不慎会造成分叉，窃取密钥者则有意为之。")
		machine["sizes"] = []uint64{v.Fork[0].Size, v.Fork[1].Size}
	case v.Generation != nil:
		r.Kind = "generation"
		r.Proves = Words{"The root of " + writer.Code + " ended its log at " + fmt.Sprint(v.Generation.Size) + " and began it anew from there.",
			writer.Code + " 以根密钥声明其日志止于第 " + fmt.Sprint(v.Generation.Size) + " 条，并由此重新开始。"}
		log.say("what began", "新的一代", begun(v.Generation))
		add("That nothing was lost, or what stood behind that place before.", "没有内容丢失，以及此前该位置之后的内容。")
		machine["size"], machine["cause"] = v.Generation.Size, v.Generation.Cause
	default:
		r.Kind = "compromise"
		r.Proves = Words{"The root of " + writer.Code + " declared that a key was in other hands.", writer.Code + " 以根密钥声明某一密钥曾落入他人之手。"}
		log.say("disowned", "否认", disowns(v.Compromise))
		add("That the key was stolen: it is the word of the party that now disowns these acts.", "密钥确已被窃：此系否认该等行为一方的单方说法。")
		add("When it was said: the place of the declaration in the log is in a disclosure of it, not here.", "声明的时间：声明在日志中的位置见其披露文件，不在此处。")
		add("That the acts did not take place. Receipts are never disowned.", "该等行为未曾发生。回执不可否认。")
		machine["key"], machine["from"] = v.Compromise.Key, v.Compromise.From
	}
	r.Machine = machine
	r.Sections = []Section{parties(v.Origin.Realm, v.Parties), log, not}
	return r
}
