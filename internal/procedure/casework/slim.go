package casework

import (
	"parley.example/internal/procedure"
	"parley.example/wire/act"
)

// An opening carries the form, which is most of what a thread weighs; all that
// a fold asks of it again and again is what it lacks. A node that folds many
// threads looks at each opening once, and may keep the openings of threads at
// rest without their words.

// Look looks at the form of an entry that opens a request, before it is given
// to any fold; other entries it leaves as they are.
func Look(e *procedure.Entry) {
	body, opens := e.Body.(*act.OpenBody)
	if opens && e.Fault == nil && e.Kind.Name == act.RequestOpen && e.Context != nil && e.Context.Arrangement != nil {
		e.Form = &procedure.Form{Rules: e.Context.Arrangement, Lacks: missing(e.Context.Arrangement, body, partiesOf(e), len(e.Act.Attachments))}
	}
}

// Slim is an opening that was looked at, without its words: folds of threads in
// which Slims holds find the same with it. nil: the entry must be kept whole.
func Slim(e *procedure.Entry) *procedure.Entry {
	if e.Form == nil {
		return nil
	}
	slim, said, body := *e, *e.Act, *e.Body.(*act.OpenBody)
	said.Signed, said.Body, said.Signatures = nil, nil, nil
	for _, s := range e.Act.Signatures {
		s.Signature = nil
		said.Signatures = append(said.Signatures, s)
	}
	body.Title, body.Why, body.Reference, body.Fields = act.Text{}, act.Text{}, "", nil
	slim.Act, slim.Body = &said, &body
	return &slim
}

// Slims tells whether an act of this kind may stand in, or be said to, a thread
// that is folded with a slim opening: marks and translations point into what was
// said, and a new form is looked at with the old one's attachments.
func Slims(kind string) bool { return kind != act.RequestMark && kind != act.RequestTranslate }
