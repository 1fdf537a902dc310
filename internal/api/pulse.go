package api

import (
	"net/http"

	"parley.example/internal/node"
)

// Pulse is how much the logs hold and how the lines stand: what changes when
// there is something new to see.
type Pulse struct {
	Links   []Beat      `json:"links"`
	Ringing []BeatRings `json:"ringing"` // calls that ring for us
	Writing []string    `json:"writing"` // calls in which somebody of theirs types
}

// BeatRings is a call that rings for somebody of ours. It has code words and
// instants, and nothing that anybody wrote.
type BeatRings struct {
	Call     string   `json:"call"`
	Code     string   `json:"code"`
	Realm    string   `json:"realm"`
	Rung     string   `json:"rung"`
	RungName RoleName `json:"rung_name"`
	Purpose  string   `json:"purpose"`
	Due      int64    `json:"due"`
	Phase    string   `json:"phase"`
}

// Beat is one link's.
type Beat struct {
	Code    string    `json:"code"`
	Realm   string    `json:"realm"`
	Own     [3]uint64 `json:"own"` // entries of control, hotline, routine
	Theirs  [3]uint64 `json:"theirs"`
	Held    [3]uint64 `json:"held"`
	Silence string    `json:"silence"`
	Alarm   bool      `json:"alarm"`
	ByMail  bool      `json:"by_mail"` // the direct line is down, and mail goes
}

func (s *Server) pulse(r *http.Request) (*Pulse, error) {
	out := &Pulse{Links: []Beat{}, Ringing: []BeatRings{}, Writing: []string{}}
	for _, l := range s.Node.Links() {
		one, err := s.Node.LinkStatus(r.Context(), l)
		if err != nil {
			return nil, err
		}
		b := Beat{Code: l.Code(), Realm: realmName(l.Realm), Held: one.Held, Silence: string(one.Silence.Kind), Alarm: one.Silence.Alarm}
		if b.ByMail, err = s.Node.ByMail(r.Context(), l); err != nil {
			return nil, err
		}
		for i := range 3 {
			b.Own[i], b.Theirs[i] = one.Own[i].Size, one.Theirs[i].Size
		}
		out.Links = append(out.Links, b)
		err = s.Node.OpenCalls(r.Context(), l, func(c *node.Called) bool {
			if s.Node.TheyWrite(l, c) {
				out.Writing = append(out.Writing, realmName(l.Realm)+" "+l.ThreadName(c.ID))
			}
			if ring := ringOf(l, c); ring != nil && ring.Alarm {
				out.Ringing = append(out.Ringing, BeatRings{Call: l.ThreadName(c.ID), Code: l.Code(), Realm: realmName(l.Realm), Rung: ring.Rung,
					Purpose: ring.Purpose, Due: ring.Due, Phase: string(c.Call.Phase)})
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out.Ringing) > 0 {
		names, err := s.called(r.Context())
		if err != nil {
			return nil, err
		}
		for i := range out.Ringing {
			out.Ringing[i].RungName = names.rung(out.Ringing[i].Rung)
		}
	}
	return out, nil
}
