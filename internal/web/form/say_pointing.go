package form

import (
	"cmp"
	"encoding/json"
	"strings"

	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// pointing writes the bodies that point at an act, an item or a request.
func (s *Saying) pointing(note act.Text) (any, error) {
	o := &s.Given
	switch s.Kind {
	case act.RequestLink:
		return s.Find(o.To, o.Relation)
	case act.RequestFollow:
		b := act.FollowBody{Reference: o.Reference}
		var err error
		if o.Request != "" {
			b.Request, err = s.Find(o.Request, "follows")
			b.Reference = cmp.Or(o.Reference, o.Request)
		} else if o.Reference == "" {
			err = fault.New(rule.NodeUsage, "command", "request follow", "want", "--request, --reference")
		}
		return b, err
	case act.RequestExplain, act.RequestUsage, act.RequestReuse:
		return s.aboutItem(note)
	}
	w, err := wording.ActNamed(s.Request, o.Act)
	if err != nil {
		return nil, err
	}
	switch own := w.Side == s.Request.Side; {
	case s.Kind == act.RequestMark:
		return act.MarkBody{Higher: w.Side == "higher", Position: w.Position, Path: pathOf(o.Path), Lift: o.Lift, Note: note}, nil
	case s.Kind == act.RequestTranslate:
		return act.TranslateBody{Higher: w.Side == "higher", Position: w.Position, Lang: note.Lang, Translator: o.Translator, Reviewer: o.Reviewer,
			Texts: []act.Translated{{Path: pathOf(o.Path), Text: note.Text}}}, nil
	case s.Kind == act.RequestCorrect && own:
		return act.CorrectBody{Position: w.Position, How: o.How, Said: note}, nil
	case s.Kind == act.RequestContest && !own:
		return act.ContestBody{Position: w.Position, Note: note}, nil
	}
	return nil, fault.New(rule.NodeNoAct, "act", o.Act, "request", s.Request.Name)
}

// pathOf is a JSON Pointer, or the name of a field.
func pathOf(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/fields/" + path
}

// aboutItem writes what is said of an item; where there is one, or one whose
// use was asked for, it need not be named.
func (s *Saying) aboutItem(note act.Text) (any, error) {
	item, err := s.itemMeant()
	if err != nil {
		return nil, err
	}
	switch s.Kind {
	case act.RequestReuse:
		return act.ReuseBody{Position: item.Position, Case: s.Given.Matter, Recipient: s.Given.Recipient, Purpose: note}, nil
	case act.RequestUsage:
		s.explains(item)
	}
	return act.ItemBody{Position: item.Position, Said: note}, nil
}

func (s *Saying) itemMeant() (casework.Where, error) {
	var fit []casework.Where
	for _, i := range s.Thread.Course.Items {
		asked := s.Kind != act.RequestUsage || i.Explain > i.Explained
		if s.Given.Item == wording.ActName(s.Request, i.Where) || s.Given.Item == "" && asked && !i.Retracted {
			fit = append(fit, i.Where)
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	var names []string
	for _, w := range fit {
		names = append(names, wording.ActName(s.Request, w))
	}
	if s.Given.Item != "" {
		return casework.Where{}, fault.New(rule.NodeNoAct, "act", s.Given.Item, "request", s.Request.Name)
	}
	return casework.Where{}, fault.New(rule.NodeWhichAct, "request", s.Request.Name, "act", strings.Join(names, ", "))
}

// explains notes the newest question about an item; a usage may also be told
// unasked, and then answers nothing.
func (s *Saying) explains(item casework.Where) {
	for _, a := range s.Request.Acts {
		var b act.ItemBody
		if !a.Ours && a.Kind == act.RequestExplain && a.NotInOrder == "" && json.Unmarshal(a.Body, &b) == nil && b.Position == item.Position {
			s.Replies = []uint64{a.Position}
		}
	}
}
