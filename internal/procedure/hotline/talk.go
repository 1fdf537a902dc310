package hotline

import (
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// Talk is the conversation.
type Talk struct {
	Messages     []Message     `json:"messages"`
	Translations []Translation `json:"translations"`
	Words        []Word        `json:"words"`
	Joined       []Joined      `json:"joined"`
	Links        []Linked      `json:"links"`
	Minutes      []Minute      `json:"minutes"`
}

// Message is one of them, and what is known of it.
type Message struct {
	Where
	Claimed calendar.Instant `json:"claimed"`
	Stored  calendar.Instant `json:"stored,omitempty"` // the other side's receipt
	Read    *Moment          `json:"read,omitempty"`   // when it was on the screen of an officer of the other side
}

// Translation is one of texts of an act; the original stays authoritative.
type Translation struct {
	By       Where    `json:"by"`
	Of       Where    `json:"of"`
	Lang     string   `json:"lang"`
	Paths    []string `json:"paths"`
	Reviewed bool     `json:"reviewed"`
}

// Word is one that a side reads differently.
type Word struct {
	By     Where  `json:"by"`
	On     Where  `json:"on"`
	Path   string `json:"path"`
	Lifted *Where `json:"lifted,omitempty"`
}

// Joined is somebody who was brought in.
type Joined struct {
	By   Where  `json:"by"`
	Role string `json:"role"`
	For  bool   `json:"for"` // he stands in for somebody
}

// Linked joins the call to a request of the routine channel.
type Linked struct {
	By       Where  `json:"by"`
	Relation string `json:"relation"`
	To       Where  `json:"to"`
}

// Minute is what a side closed the call with, and the other's agreement to it.
type Minute struct {
	Where
	Agreed *Where `json:"agreed,omitempty"`
}

// talk writes down the conversation: what both say stands in the merged order,
// which is that of neither clock.
func (t *Call) talk() (k Talk) {
	s := t.fold.Stand
	for _, e := range s.said[act.CallSay] {
		k.Messages = append(k.Messages, Message{Where: procedure.WhereOf(e.Place), Claimed: procedure.InstantOf(e.Time), Stored: e.ReceiptAt(whenever)})
	}
	t.read(k.Messages)
	for _, e := range s.said[act.CallTranslate] {
		b := e.Body.(*act.TranslateBody)
		one := Translation{By: procedure.WhereOf(e.Place), Of: Where{Side: procedure.SideName(b.Higher), Position: b.Position}, Lang: b.Lang, Reviewed: b.Reviewer != ""}
		for _, text := range b.Texts {
			one.Paths = append(one.Paths, text.Path)
		}
		k.Translations = append(k.Translations, one)
	}
	k.Words = s.words()
	for _, e := range s.said[act.CallJoin] {
		b := e.Body.(*act.JoinBody)
		k.Joined = append(k.Joined, Joined{By: procedure.WhereOf(e.Place), Role: b.Role, For: b.For != ""})
	}
	for _, e := range s.said[act.CallLink] {
		b := e.Body.(*act.CallLinkBody)
		k.Links = append(k.Links, Linked{By: procedure.WhereOf(e.Place), Relation: b.Relation, To: Where{Side: procedure.SideName(b.Higher), Position: b.Position}})
	}
	for _, e := range s.said[act.CallClose] {
		one := Minute{Where: procedure.WhereOf(e.Place)}
		for _, a := range s.of(act.CallAgree, !e.Higher) {
			if a.Body.(*act.AgreeBody).Position == e.Position {
				by := procedure.WhereOf(a.Place)
				one.Agreed = &by
			}
		}
		k.Minutes = append(k.Minutes, one)
	}
	return k
}

// read says of each message by which statement it was read first. Both lists
// run along their logs, so each is walked once.
func (t *Call) read(messages []Message) {
	for _, higher := range []bool{false, true} {
		reads, i := t.fold.Stand.of(act.CallRead, !higher), 0
		for m := range messages {
			if messages[m].Side != procedure.SideName(higher) {
				continue
			}
			for i < len(reads) && reads[i].Body.(*act.ReadUpToBody).Position < messages[m].Position {
				i++
			}
			if i < len(reads) {
				messages[m].Read = reads[i].MomentAt(reads[i].Body.(*act.ReadUpToBody).Officer, whenever)
			}
		}
	}
}

// words lists the readings of both sides, and which were lifted.
func (s *stand) words() (list []Word) {
	open := map[act.WordBody]int{}
	for _, e := range s.said[act.CallWord] {
		b := e.Body.(*act.WordBody)
		by := procedure.WhereOf(e.Place)
		name := act.WordBody{Higher: b.Higher, Position: b.Position, Path: b.Path + "\x00" + procedure.SideName(e.Higher), Word: b.Word}
		if b.Lift {
			if i, found := open[name]; found {
				list[i].Lifted = &by
			}
			continue
		}
		open[name] = len(list)
		list = append(list, Word{By: by, On: Where{Side: procedure.SideName(b.Higher), Position: b.Position}, Path: b.Path})
	}
	return list
}
