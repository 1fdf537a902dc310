package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/control"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// fold finds a request by its name and folds it.
func (s *Server) fold(ctx context.Context, l *node.Link, request string) (*node.Folded, error) {
	id, err := l.FindRequest(request)
	if err != nil {
		return nil, err
	}
	return s.Node.Fold(ctx, l, id)
}

// thread finds what an act is to be said in: a request, a call or an entry of
// a directory. Of the last two there is no folded request.
func (s *Server) thread(ctx context.Context, l *node.Link, name string) (*node.Gathered, *node.Folded, error) {
	if id, err := l.FindCall(name); err == nil {
		c, err := s.Node.Call(ctx, l, id)
		if err != nil {
			return nil, nil, err
		}
		return &c.Gathered, nil, nil
	}
	if id, err := l.FindVoice(name); err == nil {
		x, err := s.Node.Voice(ctx, l, id)
		if err != nil {
			return nil, nil, err
		}
		return &x.Gathered, nil, nil
	}
	if id, err := l.FindContact(name); err == nil {
		c, err := s.Node.ContactPoint(ctx, l, id)
		if err != nil {
			return nil, nil, err
		}
		return &c.Gathered, nil, nil
	}
	f, err := s.fold(ctx, l, name)
	if err != nil {
		return nil, nil, err
	}
	return &f.Gathered, f, nil
}

func (s *Server) prepare(ctx context.Context, in *Prepare) (*Prepared, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	var folded *node.Folded
	var thread *statement.Ref
	var replies []statement.Ref
	if in.Request != "" {
		g, f, err := s.thread(ctx, l, in.Request)
		if err != nil {
			return nil, err
		}
		folded = f
		ref := g.Ref(l)
		thread = &ref
		for _, position := range in.Replies {
			replies = append(replies, g.Place(l, false, position))
		}
	}
	if in.Suspension != "" {
		if thread, err = s.ownSuspension(ctx, l, in.Suspension); err != nil {
			return nil, err
		}
	}
	var attached []*statement.Attachment
	for _, id := range in.Attachments {
		raw, err := hex.DecodeString(id)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeAttachment, "name", id)
		}
		a, err := statement.DecodeAttachment(raw)
		if err != nil {
			return nil, err
		}
		attached = append(attached, a)
	}
	var body any = in.Raw
	if len(in.Body) > 0 {
		body, err = act.FromJSON(in.Kind, in.Body)
		if err != nil {
			return nil, err
		}
	}
	if form, ok := body.(*act.OpenBody); ok && in.Kind != act.RequestDraft {
		if err := s.complete(ctx, l, folded, form, len(attached)); err != nil {
			return nil, err
		}
	}
	p, err := s.Node.Prepare(ctx, l, in.Kind, thread, replies, body, attached)
	if err != nil {
		return nil, err
	}
	return s.wait(p), nil
}

// complete says everything that a request lacks, or a new form of one, before
// anybody signs it.
func (s *Server) complete(ctx context.Context, l *node.Link, f *node.Folded, body *act.OpenBody, attachments int) error {
	var items []act.ReturnItem
	if f != nil {
		items = f.Thread.Lacks(l.Higher(), body, attachments)
	} else {
		state, _, err := s.Node.Control(ctx, l)
		if err != nil {
			return err
		}
		items = casework.Items(state.Context(s.Node.Now()), [2]party.ID{l.Us, l.Them}, body, attachments)
	}
	args := []string{"kind", act.RequestOpen}
	for _, item := range items {
		if item.Rule == string(rule.MissingType) {
			return fault.New(rule.ActReason, "kind", act.RequestOpen, "field", "type", "code", body.Type)
		}
		args = append(args, "field", item.Field)
		if item.Rule != string(rule.MissingField) {
			args = append(args, "rule", item.Rule)
		}
	}
	if len(args) > 2 {
		return fault.New(rule.ActIncomplete, args...)
	}
	return nil
}

// attach seals what is sent and gives the descriptor to name it by.
func (s *Server) attach(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	err := admit(r.Context(), scopeOf(r))
	var l *node.Link
	if err == nil {
		l, err = s.link(q.Get("link"), q.Get("realm"))
	}
	var a *statement.Attachment
	if err == nil {
		a, err = s.Node.Attach(r.Context(), l, q.Get("name"), q.Get("media"), r.Body)
	}
	if err != nil {
		reply(w, nil, err)
		return
	}
	reply(w, map[string]string{"id": hex.EncodeToString(a.Encode())}, nil)
}

// attachment gives the content of an attachment of a request's. What cannot be
// opened to the end breaks the connection off rather than ending it in order.
func (s *Server) attachment(w http.ResponseWriter, r *http.Request) {
	_, f, err := s.named(r)
	if err != nil {
		reply(w, nil, err)
		return
	}
	s.pour(w, attachmentOf(&f.Gathered, r.PathValue("sealed")))
}

// pour gives an attachment's content; nil is none.
func (s *Server) pour(w http.ResponseWriter, found *statement.Attachment) {
	if found == nil {
		reply(w, nil, fault.New(rule.StoreAbsent, "what", "attachment"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.Node.ReadAttachment(found, w); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// named folds the request that a path names.
func (s *Server) named(r *http.Request) (*node.Link, *node.Folded, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, nil, err
	}
	id, err := l.FindRequest(r.PathValue("name"))
	if err != nil {
		return nil, nil, err
	}
	f, err := s.Node.Fold(r.Context(), l, id)
	return l, f, err
}

// attachmentOf finds an attachment of a thread by the hash of its sealed bytes,
// nil if there is none.
func attachmentOf(f *node.Gathered, sealed string) *statement.Attachment {
	for _, e := range slices.Concat(f.Entries[0], f.Entries[1]) {
		for i := 0; e.Act != nil && i < len(e.Act.Attachments); i++ {
			if a := e.Act.Attachments[i]; hex.EncodeToString(a.Sealed[:]) == sealed {
				return a
			}
		}
	}
	return nil
}

func (s *Server) requests(r *http.Request) ([]Request, error) {
	want, err := realm(r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	asked, err := readFilter(r.URL.Query())
	if err != nil {
		return nil, err
	}
	list := &listing{filter: asked}
	for _, l := range s.Node.Links() {
		if l.Realm != want || asked.link != "" && l.Code() != asked.link {
			continue
		}
		each := func(f *node.Folded) bool {
			return !s.sees(r.Context(), l, f.ID.Own, f.ID.Position) || list.add(l, f)
		}
		switch {
		case asked.words != "":
			err = s.Node.Search(r.Context(), l, asked.words, min(asked.limit+asked.skip, mostList), each)
		case asked.soonest():
			err = s.Node.OpenRequests(r.Context(), l, each)
		default:
			err = s.Node.Requests(r.Context(), l, each)
		}
		if err != nil {
			return nil, err
		}
	}
	return list.done()
}

func (s *Server) request(r *http.Request) (*Request, error) {
	l, f, err := s.named(r)
	if err != nil {
		return nil, err
	}
	state, _, err := s.Node.Control(r.Context(), l)
	if err != nil {
		return nil, err
	}
	one, err := describe(l, f, state)
	s.here(r.Context(), l, &f.Gathered, one.Acts)
	return &one, err
}

// here says of each attachment whether it was fetched; what was and is gone is
// fetched again.
func (s *Server) here(ctx context.Context, l *node.Link, f *node.Gathered, acts []Said) {
	all := true
	for i := range acts {
		for j := range acts[i].Attachments {
			a := &acts[i].Attachments[j]
			if raw, err := hex.DecodeString(a.Sealed); err == nil {
				a.Here = s.Node.Attachments.Has([32]byte(raw))
				all = all && a.Here
			}
		}
	}
	if all {
		return
	}
	if err := s.Node.Missing(ctx, l, f); err != nil {
		s.Node.Log.Warn("looking for attachments that are gone", "link", l.Code(), "error", err)
	}
}

// describe writes a folded request down; with the control record, what was
// said too.
func describe(l *node.Link, f *node.Folded, state *control.State) (Request, error) {
	one := Request{Name: l.RequestName(f.ID), Link: l.Code(), Own: l.Ours().Code, Ours: f.ID.Own, Side: "lower",
		Phase: string(f.Thread.Phase), Moves: []string{}, Acts: []Said{}, Instant: f.Instant}
	if l.Higher() {
		one.Side = "higher"
	}
	for _, m := range f.Thread.Moves(l.Higher()) {
		one.Moves = append(one.Moves, m.Kind)
	}
	view, err := f.Thread.View(f.Cut.Digest())
	if err != nil {
		return one, err
	}
	one.View = view
	faults := map[record.Place]string{}
	for _, ignored := range f.Thread.NotInOrder {
		faults[record.Place{Higher: ignored.Side == "higher", Position: ignored.Position}] = ignored.Code
	}
	for _, e := range record.Merge(f.Entries[0], f.Entries[1]) {
		if open, ok := e.Body.(*act.OpenBody); ok {
			one.Title = open.Title
		}
		if state != nil {
			x := said(l, e, faults)
			x.Disowned = state.Disowned(f.ID.Channel, e)
			one.Acts = append(one.Acts, x)
		}
	}
	return one, nil
}

func said(l *node.Link, e *procedure.Entry, faults map[record.Place]string) Said {
	x := Said{Ours: e.Higher == l.Higher(), Position: e.Position, Time: e.Time, Receipt: e.Receipt,
		Officers: []string{}, Attachments: []Attached{}, NotInOrder: faults[record.Place{Higher: e.Higher, Position: e.Position}]}
	x.Name = l.Code()
	if x.Ours {
		x.Name = l.Ours().Code
	}
	x.Name += "." + strconv.FormatUint(e.Position, 10)
	for _, o := range e.Officers() {
		x.Officers = append(x.Officers, o.Name)
	}
	if e.Act == nil {
		return x
	}
	x.Kind, x.Digest = e.Act.Statement.Kind, statement.Short(e.Act.Signed)
	if json.Valid(e.Act.Body) && x.NotInOrder == "" {
		x.Body = e.Act.Body
	}
	for _, a := range e.Act.Attachments {
		x.Attachments = append(x.Attachments, Attached{Name: a.Name, Media: a.Media, Size: a.Size, Sealed: hex.EncodeToString(a.Sealed[:])})
	}
	return x
}

// drain reads what is left, so that a connection can be used again.
func drain(r io.Reader) { io.Copy(io.Discard, io.LimitReader(r, 1<<20)) }
