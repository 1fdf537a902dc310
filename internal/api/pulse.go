package api

import "net/http"

// Pulse is how much the logs hold and how the lines stand: what changes when
// there is something new to see.
type Pulse struct {
	Links []Beat `json:"links"`
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
}

func (s *Server) pulse(r *http.Request) (*Pulse, error) {
	out := &Pulse{Links: []Beat{}}
	for _, l := range s.Node.Links() {
		one, err := s.Node.LinkStatus(r.Context(), l)
		if err != nil {
			return nil, err
		}
		b := Beat{Code: l.Code(), Realm: realmName(l.Realm), Held: one.Held, Silence: string(one.Silence.Kind), Alarm: one.Silence.Alarm}
		for i := range 3 {
			b.Own[i], b.Theirs[i] = one.Own[i].Size, one.Theirs[i].Size
		}
		out.Links = append(out.Links, b)
	}
	return out, nil
}
