package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"

	"parley.example/internal/desk"
	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Desk is what the office keeps beside a request. It is given over the local
// interface alone, and to nobody else.
type Desk struct {
	Request  string      `json:"request"`
	Link     string      `json:"link"`
	Assigned string      `json:"assigned"` // key identifier of an officer; empty: nobody's
	Notes    []DeskNote  `json:"notes"`
	Tasks    []DeskTask  `json:"tasks"`
	Drafts   []DeskDraft `json:"drafts"`   // that wait for checks
	Released []DeskDraft `json:"released"` // that were said, as their checks stood then
}

// DeskNote is an internal note.
type DeskNote struct {
	By   string `json:"by"`
	At   int64  `json:"at"`
	Text string `json:"text"`
}

// DeskTask is a task, by its number.
type DeskTask struct {
	Number int    `json:"number"`
	By     string `json:"by"`
	At     int64  `json:"at"`
	Text   string `json:"text"`
	For    string `json:"for"`  // key identifier of an officer; empty: anybody's
	Due    int64  `json:"due"`  // 0: no day
	Done   int64  `json:"done"` // 0 while it is open
}

// DeskChange changes a dossier: a note, a task, a task done, an assignment.
type DeskChange struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Request string `json:"request"`
	What    string `json:"what"` // note, task, done, assign
	By      string `json:"by"`   // key identifier of who does it; may be empty
	Text    string `json:"text"`
	For     string `json:"for"` // of a task or an assignment: key identifier of an officer
	Due     int64  `json:"due"`
	Number  int    `json:"number"` // of the task that is done
}

// DeskDraft is an act that waits for checks: exactly what would leave, and what
// an officer's answer is signed over.
type DeskDraft struct {
	Number      int         `json:"number"`
	Link        string      `json:"link"`
	Realm       uint8       `json:"realm"`
	Ours        string      `json:"ours"`    // party identifier, hexadecimal
	Theirs      string      `json:"theirs"`  // party identifier, hexadecimal
	Request     string      `json:"request"` // empty for an act that opens one
	Kind        string      `json:"kind"`
	At          int64       `json:"at"`
	Body        []byte      `json:"body"`        // exact bytes
	Attachments [][]byte    `json:"attachments"` // descriptors
	Replies     []DeskReply `json:"replies"`
	Checks      []DeskCheck `json:"checks"`
}

// DeskReply names an act that a draft answers.
type DeskReply struct {
	Ours     bool   `json:"ours"`
	Position uint64 `json:"position"`
}

// DeskCheck is a check, and how it stands where there is a draft.
type DeskCheck struct {
	Code        string       `json:"code"`
	Names       [2]string    `json:"names"` // English, Chinese
	Help        [2]string    `json:"help"`
	Acts        []string     `json:"acts"`
	Persons     int          `json:"persons"`
	OtherPerson bool         `json:"other_person"`
	Roles       []string     `json:"roles"`
	ExpireHours int          `json:"expires_hours"`
	Wording     []byte       `json:"wording"` // digest of the check as it is worded
	Verdict     string       `json:"verdict"` // passed, refused, outstanding
	Missing     int          `json:"missing"` // people who still have to pass it
	Void        int          `json:"void"`    // answers that do not count
	By          []DeskAnswer `json:"by"`
	Say         []string     `json:"say"` // act and reason that may be said to the other side now
}

// DeskAnswer is an officer's answer to a check. In a list of them draft and
// signature are left empty.
type DeskAnswer struct {
	Draft     int    `json:"draft"`
	Check     string `json:"check"`
	Verdict   string `json:"verdict"`
	At        int64  `json:"at"`
	Note      string `json:"note"`
	Officer   string `json:"officer"` // key identifier
	Name      string `json:"name"`    // by our card in force; not read
	Lapsed    bool   `json:"lapsed"`
	Algorithm uint8  `json:"algorithm"`
	Signature []byte `json:"signature"`
}

// DraftAsk names a draft.
type DraftAsk struct {
	Number int `json:"number"`
}

// Release gives what an answer to a check of this draft is for. Who signs
// computes it from what they see.
func (d *DeskDraft) Release() (desk.Release, error) {
	x := desk.Release{Realm: d.Realm, Request: d.Request, Kind: d.Kind}
	for text, id := range map[string]*[32]byte{d.Ours: &x.Ours, d.Theirs: &x.Theirs} {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != 32 {
			return x, fault.New(fault.PartyID)
		}
		*id = [32]byte(raw)
	}
	var replies []desk.Reply
	for _, r := range d.Replies {
		replies = append(replies, desk.Reply{Own: r.Ours, Entry: r.Position})
	}
	x.Content = desk.Content(d.Body, d.Attachments, replies)
	return x, nil
}

// ToSign is the text that an officer signs who answers a check of this draft:
// computed from what they see.
func (d *DeskDraft) ToSign(in *DeskAnswer) ([]byte, error) {
	verdict, known := desk.VerdictNamed(in.Verdict)
	at := slices.IndexFunc(d.Checks, func(c DeskCheck) bool { return c.Code == in.Check })
	if !known || at < 0 || len(d.Checks[at].Wording) != 32 {
		return nil, fault.New(rule.DeskNoCheck, "check", in.Check, "draft", strconv.Itoa(d.Number))
	}
	release, err := d.Release()
	if err != nil {
		return nil, err
	}
	r := desk.Result{Check: in.Check, Verdict: verdict, At: in.At}
	if in.Note != "" {
		if r.Note, err = desk.Keep(in.Note); err != nil {
			return nil, err
		}
	}
	return release.Text(&desk.Check{Code: in.Check, Digest: [32]byte(d.Checks[at].Wording)}, &r), nil
}

func (s *Server) deskList(r *http.Request) ([]Desk, error) {
	want, err := realm(r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	officer, list := r.URL.Query().Get("officer"), []Desk{}
	for _, l := range s.Node.Links() {
		if l.Realm != want {
			continue
		}
		some, err := s.desksOf(r.Context(), l, officer)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// desksOf lists the requests of a link that the desk has anything on, and, for
// drafts that open one, a desk without a request.
func (s *Server) desksOf(ctx context.Context, l *node.Link, officer string) (list []Desk, err error) {
	drafts, err := s.Node.HeldDrafts(ctx, l)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	place := func(request string) *Desk {
		i, ok := at[request]
		if !ok {
			i = len(list)
			at[request], list = i, append(list, emptyDesk(l, request))
		}
		return &list[i]
	}
	err = s.Node.Dossiers(ctx, l, func(request string, d *desk.Dossier) bool {
		if (officer == "" || d.Concerns(officer)) && s.seesNamed(ctx, l, request) {
			fill(place(request), d)
		}
		return true
	})
	for _, h := range drafts {
		if _, mine := at[h.Request]; (officer == "" || mine) && s.seesNamed(ctx, l, h.Request) {
			one := place(h.Request)
			one.Drafts = append(one.Drafts, laid(h))
		}
	}
	return list, err
}

func emptyDesk(l *node.Link, request string) Desk {
	return Desk{Request: request, Link: l.Code(), Notes: []DeskNote{}, Tasks: []DeskTask{}, Drafts: []DeskDraft{}, Released: []DeskDraft{}}
}

// fill writes a dossier down for one's own officers. Here, and in the checks
// below, words of the desk come out of their cover.
func fill(out *Desk, d *desk.Dossier) {
	out.Assigned = d.Assigned.To.Words()
	for _, x := range d.Notes {
		out.Notes = append(out.Notes, DeskNote{x.By.Words(), x.At, x.Text.Words()})
	}
	for i, x := range d.Tasks {
		out.Tasks = append(out.Tasks, DeskTask{i + 1, x.By.Words(), x.At, x.Text.Words(), x.For.Words(), x.Due, x.Done})
	}
}

func (s *Server) deskShow(r *http.Request) (*Desk, error) {
	return s.deskOf(r.Context(), r.URL.Query().Get("link"), r.URL.Query().Get("realm"), r.PathValue("name"))
}

func (s *Server) deskOf(ctx context.Context, code, realmName, request string) (*Desk, error) {
	l, err := s.link(code, realmName)
	if err != nil {
		return nil, err
	}
	id, err := l.FindRequest(request)
	if err != nil {
		return nil, err
	}
	d, err := s.Node.Dossier(ctx, l, id)
	if err != nil {
		return nil, err
	}
	out := emptyDesk(l, request)
	fill(&out, d)
	drafts, err := s.Node.HeldDrafts(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, h := range drafts {
		if h.Request == request {
			out.Drafts = append(out.Drafts, laid(h))
		}
	}
	said, err := s.Node.Released(ctx, l, id)
	for _, h := range said {
		out.Released = append(out.Released, laid(h))
	}
	return &out, err
}

func (s *Server) deskChange(ctx context.Context, in *DeskChange) (*Desk, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	id, err := l.FindRequest(in.Request)
	if err != nil {
		return nil, err
	}
	err = s.Node.ChangeDossier(ctx, l, id, func(d *desk.Dossier, now int64) error {
		switch in.What {
		case "note":
			return d.AddNote(in.By, in.Text, now)
		case "task":
			_, err := d.AddTask(in.By, in.Text, in.For, in.Due, now)
			return err
		case "done":
			return d.Done(in.Number, now)
		case "assign":
			return d.Assign(in.For, in.By, now)
		}
		return fault.New(rule.JSONType, "field", "what")
	})
	if err != nil {
		return nil, err
	}
	return s.deskOf(ctx, in.Link, in.Realm, in.Request)
}

// laid writes a draft down as it would leave.
func laid(h *node.Held) DeskDraft {
	out := DeskDraft{Number: h.Number, Link: h.Link.Code(), Realm: h.Link.Realm, Ours: h.Link.Us.String(), Theirs: h.Link.Them.String(),
		Request: h.Request, Kind: h.Kind, At: h.At, Body: h.Body, Attachments: [][]byte{}, Replies: []DeskReply{}, Checks: []DeskCheck{}}
	for _, a := range h.Attachments {
		out.Attachments = append(out.Attachments, a.Encode())
	}
	for _, r := range h.Replies {
		out.Replies = append(out.Replies, DeskReply{r.Own, r.Entry})
	}
	for i := range h.Standings {
		out.Checks = append(out.Checks, standing(&h.Standings[i]))
	}
	return out
}

func standing(s *desk.Standing) DeskCheck {
	out := checked(s.Check)
	out.Verdict, out.Missing, out.Void = s.Verdict.Name(), s.Missing, s.Void
	for _, by := range s.By {
		out.By = append(out.By, DeskAnswer{Check: s.Check.Code, Verdict: by.Verdict.Name(), At: by.At, Note: by.Note.Words(),
			Officer: by.Person.Key, Name: by.Person.Name, Lapsed: by.Lapsed})
	}
	if next := desk.Next([]desk.Standing{*s}); next.Act != "" {
		out.Say = []string{next.Act, next.Reason}
	}
	return out
}

func checked(c *desk.Check) DeskCheck {
	return DeskCheck{Code: c.Code, Names: [2]string{c.Names.En.Words(), c.Names.Zh.Words()},
		Help: [2]string{c.Help.En.Words(), c.Help.Zh.Words()}, Acts: c.Acts, Persons: c.Persons, OtherPerson: c.OtherPerson,
		Roles: append([]string{}, c.Roles...), ExpireHours: c.ExpireHours, Wording: c.Digest[:], Verdict: desk.Outstanding.Name(),
		By: []DeskAnswer{}, Say: []string{}}
}

// deskGate lists the checks that stand before an act in a request, or all of
// them when no request is named.
func (s *Server) deskGate(r *http.Request) ([]DeskCheck, error) {
	q, out := r.URL.Query(), []DeskCheck{}
	if q.Get("request") == "" {
		if s.Node.Gate != nil {
			for i := range s.Node.Gate.Checks {
				out = append(out, checked(&s.Node.Gate.Checks[i]))
			}
		}
		return out, nil
	}
	l, err := s.link(q.Get("link"), q.Get("realm"))
	if err != nil {
		return nil, err
	}
	id, err := l.FindRequest(q.Get("request"))
	if err != nil {
		return nil, err
	}
	list, err := s.Node.GateOf(r.Context(), l, id, q.Get("act"))
	for _, c := range list {
		out = append(out, checked(c))
	}
	return out, err
}

func (s *Server) deskDraft(r *http.Request) (*DeskDraft, error) {
	h, err := s.draftNamed(r)
	if err != nil {
		return nil, err
	}
	out := laid(h)
	return &out, nil
}

func (s *Server) draftNamed(r *http.Request) (*node.Held, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil, fault.New(rule.DeskNoDraft, "number", r.PathValue("number"))
	}
	return s.Node.HeldDraft(r.Context(), number)
}

// deskAttachment gives the content of a draft's attachment, so that who answers
// a check can see all that would leave.
func (s *Server) deskAttachment(w http.ResponseWriter, r *http.Request) {
	h, err := s.draftNamed(r)
	i, ierr := strconv.Atoi(r.PathValue("index"))
	if err == nil && (ierr != nil || i < 0 || i >= len(h.Attachments)) {
		err = fault.New(rule.NodeAttachment, "name", r.PathValue("index"))
	}
	if err != nil {
		reply(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.Node.ReadAttachment(h.Attachments[i], w); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) deskAnswer(ctx context.Context, in *DeskAnswer) (*DeskDraft, error) {
	verdict, ok := desk.VerdictNamed(in.Verdict)
	if !ok {
		return nil, fault.New(rule.JSONType, "field", "verdict")
	}
	result := &desk.Result{Check: in.Check, Verdict: verdict, At: in.At, Officer: in.Officer, Algorithm: in.Algorithm, Signature: in.Signature}
	if in.Note != "" {
		var err error
		if result.Note, err = desk.Keep(in.Note); err != nil {
			return nil, err
		}
	}
	h, err := s.Node.Answer(ctx, in.Draft, result)
	if err != nil {
		return nil, err
	}
	out := laid(h)
	return &out, nil
}

func (s *Server) deskRelease(ctx context.Context, in *DraftAsk) (*Prepared, error) {
	p, err := s.Node.Release(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return s.wait(p), nil
}

func (s *Server) deskDrop(ctx context.Context, in *DraftAsk) (*Nothing, error) {
	return &Nothing{}, s.Node.DropDraft(ctx, in.Number)
}

// Described reads the descriptors of a draft's attachments.
func (d *DeskDraft) Described() (list []*statement.Attachment, err error) {
	for _, raw := range d.Attachments {
		a, err := statement.DecodeAttachment(raw)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}
