package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The manners in which a call is shown.
const (
	callRings = "ringing" // for us: it waits for a person of ours
	callGoes  = "calling" // ours: it waits for a person of theirs
	callTalks = "talk"
	callEnded = "over"
)

// callPage is one call.
type callPage struct {
	Name     string
	Manner   string
	Loud     bool   // it rings for us now
	Word     string // real, test or exercise
	Real     bool
	Rung     string
	At       int // which rung, from 1
	Heading  string
	Phase    string
	Since    int64
	SinceAt  string
	Elapsed  string
	Ours     bool
	Who      string // whose officers opened it
	Opened   []string
	Place    string // name of the opening act
	Subject  passage
	Reason   passage
	Once     bool // subject and reason are one text, as a machine's test has it
	Title    template.HTML
	Marking  *handled
	Facts    []callFact
	Scales   []scaleView
	Severity string
	Ladders  []ladderView
	Silence  *silenceView
	Accepts  []takenView
	Answer   *answering
	Talk     *talkView
	Say      bool // a message may be written
	Writes   bool // somebody of theirs types
	ByMail   bool // the direct line is down, and mail goes
	Lang     string
	Moves    []move
	Unread   uint64 // of their messages, the last that nobody of ours said to have read
	Crossed  []string
	Course   []courseRow
	Ended    string
	Refusal  *refusalView
	Request  string // that it is about; empty: none, or one that this person may not see
	Cut      string
	Now      int64
}

// callFact is one thing that is known of a call.
type callFact struct {
	Label string
	Lines []template.HTML
}

// scaleView is one party's scale of severity, and what of it a call reaches.
type scaleView struct {
	Ours  bool
	Who   string
	Cells []bool
	Label string
	Range string
}

// ladderView is one side's ladder.
type ladderView struct {
	Ours  bool
	Who   string
	Steps []stepView
}

// stepView is a rung as it rings.
type stepView struct {
	N      int
	Rung   string
	Who    string // roles that stand there
	State  string
	Word   string
	Opened bool // our call began here
}

// silenceView says which silence a caller hears.
type silenceView struct {
	Mark, Text   string
	Since, Until *times
}

// takenView is an acceptance.
type takenView struct {
	Who string
	At  *times
}

// refusalView is a refusal or a deferral that stands.
type refusalView struct {
	By     []string
	Ours   bool
	Reason string
	Note   template.HTML
	Until  *times
}

// answering is how this person can take the call.
type answering struct {
	Officer string
	Why     string // not; empty: may
	Taken   bool   // this person has
	Needed  int
	Action  string
	Command string
}

// courseRow is one act in the list of all that was said.
type courseRow struct {
	ID         string
	Ours       bool
	Who, Name  string
	Kind       string
	Officers   []string
	At         *times
	Stored     bool
	Note       template.HTML
	NotInOrder string
	Disowned   bool
}

// callReader gathers a page about one call.
type callReader struct {
	*visit
	c     *api.Call
	as    *api.Request // what a call has in common with a request
	k     *hotline.Call
	rules *arrangement.Document
	names wording.Names

	glossary *wording.Glossary // once it was asked for
}

// readCall asks for a call with all that was said.
func (v *visit) readCall(name string, more ...string) (*callReader, error) {
	x := &callReader{visit: v, c: &api.Call{}, names: v.names()}
	if err := v.client.Call(v.ctx(), "/v1/calls/"+url.PathEscape(name)+"?"+v.query(more...), nil, x.c); err != nil {
		return nil, err
	}
	x.as = wording.AsThread(x.c)
	var err error
	if x.k, err = wording.CallView(x.c); err != nil {
		return nil, fault.Wrap(err, rule.JSONSyntax)
	}
	x.rules, err = v.rulesFor(x.as)
	return x, err
}

// callShow shows a call. Who looks at one that rings for us has it on the
// screen, and who reads a conversation has read it: both are said, once.
func (s *Server) callShow(v *visit) error {
	x, err := v.readCall(v.r.PathValue("name"))
	if err != nil {
		return err
	}
	if v.attended() {
		said, err := x.seen()
		if err != nil { // what cannot be said must not keep anybody from answering
			s.Log.Warn("call", "name", x.c.Name, "code", fault.CodeOf(err))
		}
		if said {
			if x, err = v.readCall(v.r.PathValue("name")); err != nil {
				return err
			}
		}
	}
	return v.give("call", x.page())
}

// callPrint shows a call as it is printed; that it is, is recorded.
func (s *Server) callPrint(v *visit) error {
	x, err := v.readCall(v.r.PathValue("name"), "print", "1")
	if err != nil {
		return err
	}
	x.c.Moves = nil // on paper nothing is said
	return v.give("call_print", x.page())
}

func (x *callReader) page() *callPage {
	p := &callPage{Name: x.c.Name, Phase: x.names.CallPhase(x.c.Phase), Ours: x.c.Ours, Manner: x.manner(), Request: x.c.Request, Cut: cutOf(x.as), Now: x.c.Instant,
		Title: spokenBrief(x.c.Subject), Loud: x.c.Rings != nil && !x.c.Ours}
	opening := x.opening()
	if opening != nil {
		p.Opened, p.Place, p.Who = opening.Officers, opening.Name, x.called(x.k.Caller)
		began := cmp.Or(x.planned(), opening)
		p.Since = cmp.Or(began.Receipt, began.Time)
		if x.c.Ours {
			p.Since = began.Time
		}
		p.SinceAt, p.Elapsed = x.short(p.Since), elapsed(x.c.Instant-p.Since)
	}
	p.Heading = x.heading(p.Manner)
	if h := x.k.Head; h != nil {
		x.head(p, h, opening)
	}
	p.Ladders = x.ladders()
	p.Silence = x.silence()
	p.Refusal = x.refusal()
	for _, a := range x.k.Accepts {
		p.Accepts = append(p.Accepts, takenView{cmp.Or(a.By, x.names.List(a.Signed)), x.at(int64(cmp.Or(a.Receipt, a.Claimed)))})
	}
	p.Talk = x.talk()
	p.Say = x.mayDo(act.CallSay)
	p.Writes, p.ByMail = x.c.Writes, x.c.ByMail && !x.c.Over
	p.Lang = x.Language(x.locale.Lang)
	if p.Manner == callRings && x.may("say") {
		p.Answer = x.answering()
	}
	p.Moves = x.callMoves(p.Manner)
	p.Unread = x.unread()
	for _, c := range x.k.Crossings {
		p.Crossed = append(p.Crossed, x.names.Known("call.crossing.", string(c.Outcome)))
	}
	p.Course = x.course()
	if x.k.Ended != "" {
		p.Ended = x.names.CallEnd(x.k.Ended)
	}
	return p
}

// manner is how the call is shown.
func (x *callReader) manner() string {
	switch hotline.Phase(x.c.Phase) {
	case hotline.Open, hotline.Closing:
		return callTalks
	case hotline.Closed, hotline.Withdrawn, hotline.Void, hotline.None:
		return callEnded
	}
	if x.c.Ours {
		return callGoes
	}
	return callRings
}

func (x *callReader) heading(manner string) string {
	them := x.frame.Them.Name
	switch {
	case manner == callRings && x.c.Phase == string(hotline.Declined):
		return x.T("web.call.heading.declined", "who", them)
	case manner == callRings && x.c.Phase == string(hotline.Deferred):
		return x.T("web.call.heading.deferred", "who", them)
	case manner == callRings:
		return x.T("web.call.heading.ringing", "who", them)
	case manner == callGoes && x.c.Phase == string(hotline.Declined):
		return x.T("web.call.heading.theirs.declined", "who", them)
	case manner == callGoes && x.c.Phase == string(hotline.Deferred):
		return x.T("web.call.heading.theirs.deferred", "who", them)
	case manner == callGoes:
		return x.T("web.call.heading.calling", "who", them)
	case manner == callTalks && x.c.Phase == string(hotline.Open):
		return x.T("web.call.heading.talk", "who", them)
	}
	return x.T("web.call.heading.over", "who", them, "phase", x.names.CallPhase(x.c.Phase))
}

// opening is the act that opened the call; nil while none in order did.
func (x *callReader) opening() *api.Said {
	if x.k.Opening == nil {
		return nil
	}
	return wording.SaidAt(x.as, *x.k.Opening)
}

// planned is the act that made the call of a test: its plan opened the thread,
// long before. Of another call it is nil.
func (x *callReader) planned() *api.Said {
	for i := range x.c.Acts {
		if a := &x.c.Acts[i]; a.Kind == act.TestCall && a.NotInOrder == "" {
			return a
		}
	}
	return nil
}

// called is what a side is called.
func (x *callReader) called(side string) string {
	if side == x.c.Side {
		return x.frame.Us.Name
	}
	return x.frame.Them.Name
}

// course lists all that was said, as it stands in the record.
func (x *callReader) course() (list []courseRow) {
	for i := range x.c.Acts {
		a := &x.c.Acts[i]
		w := wording.WhereOf(x.as, a)
		one := courseRow{ID: "act-" + idOf(a.Name), Ours: a.Ours, Who: x.called(w.Side), Name: a.Name, Kind: x.names.Kind(a.Kind), Officers: a.Officers,
			At: x.at(a.Time), Stored: a.Receipt != 0, Disowned: a.Disowned}
		if a.NotInOrder != "" {
			one.NotInOrder = x.why(a.NotInOrder)
		} else {
			one.Note = x.noteOf(a)
		}
		list = append(list, one)
	}
	return list
}

// noteOf is what an act says besides its kind, in one line.
func (x *callReader) noteOf(a *api.Said) template.HTML {
	switch a.Kind {
	case act.CallRing:
		var b act.RingBody
		readJSON(a.Body, &b)
		return brief(x.names.Rung(x.rules, b.Rung)) + " · " + brief(x.T("web.call.due", "time", x.when(x.wall(int64(b.Since), true))))
	case act.CallRaise:
		var b act.RaiseBody
		readJSON(a.Body, &b)
		return brief(x.names.Rung(x.rules, b.Rung)) + " · " + spoken(b.Note)
	case act.CallDecline, act.CallDefer:
		var b act.AwaitBody
		readJSON(a.Body, &b)
		out := brief(x.names.Reason(x.rules, b.Reason))
		if b.Until != 0 {
			out += " " + x.Both(x.at(int64(b.Until)))
		}
		return out + " " + spoken(b.Note)
	case act.CallAccept, act.CallShown, act.CallRead:
		var b act.TakeBody
		readJSON(a.Body, &b)
		return brief(b.Officer + x.T("cli.between") + x.names.Role(x.partyIn(x.rules, a.Ours), b.Role))
	case act.CallJoin:
		var b act.JoinBody
		readJSON(a.Body, &b)
		return brief(b.Name + x.T("cli.between") + x.names.Role(x.partyIn(x.rules, a.Ours), b.Role))
	case act.CallWithdraw:
		var b act.NoteBody
		readJSON(a.Body, &b)
		return spoken(b.Note)
	}
	return ""
}

// elapsed writes how long something goes on, as a stopwatch does.
func elapsed(ms int64) string {
	d := time.Duration(max(ms, 0)) * time.Millisecond
	h, m, s := int(d/time.Hour), int(d/time.Minute)%60, int(d/time.Second)%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%d:%02d", m, s)
}
