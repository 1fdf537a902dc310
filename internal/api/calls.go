package api

import (
	"context"
	"encoding/json"
	"net/http"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// mostCalls bounds a list of calls.
const mostCalls = 200

// Call is a call as it stands: the view both nodes compute alike, and what was
// said, which is this node's to show.
type Call struct {
	Name    string          `json:"name"`
	Link    string          `json:"link"`
	Own     string          `json:"own"`  // our code on this link
	Ours    bool            `json:"ours"` // we called
	Side    string          `json:"side"` // which side of the view we are: lower or higher
	Phase   string          `json:"phase"`
	Over    bool            `json:"over"`
	Subject act.Text        `json:"subject"`
	Reason  act.Text        `json:"reason"`
	Request string          `json:"request"` // that it is about; empty: none, or one that whoever asks may not see
	Silence Silence         `json:"silence"`
	Rings   *Ring           `json:"rings,omitempty"` // what rings on our side now
	Moves   []string        `json:"moves"`           // what we may say now
	Writes  bool            `json:"writes"`          // somebody of theirs types now
	ByMail  bool            `json:"by_mail"`         // what is said goes by mail: the direct line is down
	View    json.RawMessage `json:"view"`
	Acts    []Said          `json:"acts"`
	Instant int64           `json:"instant"`
}

// CallWriting names a call in which somebody of ours types.
type CallWriting struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Request string `json:"request"` // name of the call
}

// Silence is which silence a caller hears, by its code word, and since when.
type Silence struct {
	Kind  string `json:"kind"`
	Since int64  `json:"since"`
	Until int64  `json:"until"` // of a deferral
}

// The silences of a call; beside them those of GET /v1/line, while no receipt
// covers it.
const (
	SilenceStored    = "stored"   // their node has it, and nobody has it on the screen
	SilenceShown     = "shown"    // somebody has it on the screen, and nobody has accepted
	SilenceDeclined  = "declined" // for a reason
	SilenceDeferred  = "deferred" // to an instant
	SilenceInTransit = "in-transit"
)

// Ring is the step that rings on our side.
type Ring struct {
	Rung    string   `json:"rung"`
	Roles   []string `json:"roles"`   // of ours that stand there
	Due     int64    `json:"due"`     // since when
	Climbs  int64    `json:"climbs"`  // when it goes on; 0: it rings on
	Every   int      `json:"every"`   // minutes between two rings
	Alarm   bool     `json:"alarm"`   // somebody of ours is to be reached: not where our own people began the call
	Purpose string   `json:"purpose"` // real or test
}

// named call.
func (s *Server) namedCall(r *http.Request) (*node.Link, *node.Called, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, nil, err
	}
	id, err := l.FindCall(r.PathValue("name"))
	if err != nil {
		return nil, nil, err
	}
	c, err := s.Node.Call(r.Context(), l, id)
	return l, c, err
}

// calls lists the calls of a realm, the newest change first.
func (s *Server) calls(r *http.Request) ([]Call, error) {
	want, err := realm(r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	list, code, open := []Call{}, r.URL.Query().Get("link"), r.URL.Query().Get("open") != ""
	for _, l := range s.Node.Links() {
		if l.Realm != want || code != "" && l.Code() != code {
			continue
		}
		var failed error
		each := func(c *node.Called) bool {
			var one Call
			if one, failed = s.describeCall(r.Context(), l, c, nil); failed == nil && (!open || !one.Over) {
				list = append(list, one)
			}
			return failed == nil && len(list) < mostCalls
		}
		if open {
			err = s.Node.OpenCalls(r.Context(), l, each)
		} else {
			err = s.Node.Calls(r.Context(), l, each)
		}
		if err == nil {
			err = failed
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Server) call(r *http.Request) (*Call, error) {
	l, c, err := s.namedCall(r)
	if err != nil {
		return nil, err
	}
	state, _, err := s.Node.Control(r.Context(), l)
	if err != nil {
		return nil, err
	}
	one, err := s.describeCall(r.Context(), l, c, state)
	s.here(r.Context(), l, &c.Gathered, one.Acts)
	return &one, err
}

// callWriting tells the other side that somebody of ours types in a call.
func (s *Server) callWriting(ctx context.Context, in *CallWriting) (*Nothing, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	id, err := l.FindCall(in.Request)
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.Node.TellWriting(ctx, l, id)
}

// describeCall writes a folded call down; with the control record, what was
// said too.
func (s *Server) describeCall(ctx context.Context, l *node.Link, c *node.Called, state *control.State) (Call, error) {
	one := Call{Name: l.ThreadName(c.ID), Link: l.Code(), Own: l.Ours().Code, Ours: c.ID.Own, Side: procedure.SideName(l.Higher()),
		Phase: string(c.Call.Phase), Over: c.Call.Over(), Moves: []string{}, Acts: []Said{}, Instant: c.Instant}
	one.Writes = s.Node.TheyWrite(l, c)
	var err error
	if one.ByMail, err = s.Node.ByMail(ctx, l); err != nil {
		return one, err
	}
	for _, m := range c.Call.Moves(l.Higher()) {
		one.Moves = append(one.Moves, m.Kind)
	}
	view, err := c.Call.View(c.Cut.Digest())
	if err != nil {
		return one, err
	}
	one.View = view
	faults := map[record.Place]string{}
	for _, ignored := range c.Call.NotInOrder {
		faults[record.Place{Higher: ignored.Side == "higher", Position: ignored.Position}] = ignored.Code
	}
	for _, e := range record.Merge(c.Entries[0], c.Entries[1]) {
		if open, ok := e.Body.(*act.CallBody); ok {
			one.Subject, one.Reason = open.Subject, open.Reason
		}
		if state != nil {
			x := said(l, e, faults)
			x.Disowned = state.Disowned(c.ID.Channel, e)
			one.Acts = append(one.Acts, x)
		}
	}
	if h := c.Call.Head; h != nil && h.Request != nil {
		id := c.ID
		id.Channel, id.Own, id.Position = statement.Routine, h.Request.Side == one.Side, h.Request.Position
		if s.sees(ctx, l, id.Own, id.Position) {
			one.Request = l.RequestName(id)
		}
	}
	one.Rings = ringOf(l, c)
	one.Silence, err = s.silenceOf(ctx, l, c)
	return one, err
}

// ringOf is what rings on our side now; nil while nothing does.
func ringOf(l *node.Link, c *node.Called) *Ring {
	step := c.Call.Now(l.Higher())
	rules := c.Call.Rules()
	if step == nil || rules == nil || rules.Hotline == nil {
		return nil
	}
	ring := &Ring{Rung: step.Rung, Roles: []string{}, Due: int64(step.Due), Climbs: int64(step.Until), Purpose: c.Call.Head.Purpose,
		Alarm: node.Alarming(l, c) != nil}
	for _, rung := range rules.Hotline.Rungs {
		if rung.Code != step.Rung {
			continue
		}
		ring.Every = rung.Repeat
		for _, role := range rung.Roles {
			if role.Party == l.Us.String() {
				ring.Roles = append(ring.Roles, role.Role)
			}
		}
	}
	return ring
}

// silenceOf says which silence our side hears in a call of its own.
func (s *Server) silenceOf(ctx context.Context, l *node.Link, c *node.Called) (Silence, error) {
	x := Silence{}
	if !c.ID.Own {
		return x, nil
	}
	switch k := c.Call; k.Phase {
	case hotline.Sent:
		status, err := s.Node.LinkStatus(ctx, l)
		x = Silence{Kind: string(status.Silence.Kind), Since: status.Silence.Since}
		if x.Kind == "" {
			x = Silence{Kind: SilenceInTransit}
		}
		return x, err
	case hotline.Stored, hotline.Ringing:
		x = Silence{Kind: SilenceStored, Since: int64(k.Receipts.Stored.Receipt)}
	case hotline.Shown, hotline.Accepted:
		x = Silence{Kind: SilenceShown}
		if k.Receipts.Shown != nil {
			x.Since = int64(k.Receipts.Shown.Claimed)
		}
	case hotline.Declined:
		x = Silence{Kind: SilenceDeclined}
	case hotline.Deferred:
		x = Silence{Kind: SilenceDeferred, Until: int64(k.Deferred)}
	}
	return x, nil
}

// callAttachment gives the content of an attachment of a call's.
func (s *Server) callAttachment(w http.ResponseWriter, r *http.Request) {
	_, c, err := s.namedCall(r)
	if err != nil {
		reply(w, nil, err)
		return
	}
	s.pour(w, attachmentOf(&c.Gathered, r.PathValue("sealed")))
}
