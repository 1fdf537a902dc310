package api

import (
	"context"
	"encoding/hex"
	"net/http"

	"parley.example/internal/node"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/spoken"
	"parley.example/wire/statement"
)

// Line is what a node knows of a line.
type Line struct {
	Link          string      `json:"link"`
	Names         [2]string   `json:"names"`
	Realm         string      `json:"realm"`
	Silence       string      `json:"silence"` // code word; empty: it is heard
	Since         int64       `json:"since"`
	Alarm         bool        `json:"alarm"`
	SilentLimit   int64       `json:"silent_limit"`   // milliseconds
	WithheldLimit int64       `json:"withheld_limit"` // milliseconds
	Heard         []Heard     `json:"heard"`
	Up            []string    `json:"up"`     // our carriers
	Config        string      `json:"config"` // what we declare to them
	Hello         *Hello      `json:"hello"`  // their newest
	Outstanding   []Owed      `json:"outstanding"`
	Declared      []Declared  `json:"declared"`
	Attempts      []Attempted `json:"attempts"`
	Alarms        []Alarmed   `json:"alarms"`
	Told          []Told      `json:"told"`
	Replaced      []Replaced  `json:"replaced"` // officers' keys, of both sides, newest first
	Tested        []Tested    `json:"tested"`   // the newest test of each carrier
	Relay         *Relay      `json:"relay,omitempty"`
	WordsDoubted  bool        `json:"words_doubted"` // somebody heard wrong words over a telephone
}

// Heard is when a turn last came in by a carrier.
type Heard struct {
	Carrier string `json:"carrier"`
	Time    int64  `json:"time"`
}

// Hello is what the other side last said of itself, signed.
type Hello struct {
	Time     int64    `json:"time"` // theirs
	Came     int64    `json:"came"` // by our clock
	State    string   `json:"state"`
	Software string   `json:"software"`
	Config   string   `json:"config"`
	Up       []string `json:"up"`
	Nothing  bool     `json:"nothing_since"` // by it all that they had written is here
}

// Owed is a run of our entries that they were told of, without a receipt.
type Owed struct {
	Channel  string `json:"channel"`
	From     uint64 `json:"from"`
	To       uint64 `json:"to"` // apart
	Since    int64  `json:"since"`
	Until    int64  `json:"until"`
	Stored   bool   `json:"stored"`
	State    string `json:"state"`
	Withheld bool   `json:"withheld"` // for longer than the agreed time
}

// Declared is what they declared of themselves, from when on.
type Declared struct {
	Time     int64  `json:"time"`
	Software string `json:"software"`
	Config   string `json:"config"`
	Store    string `json:"store"`
}

// Attempted is one outcome of attempts to deliver, within one hour.
type Attempted struct {
	First   int64  `json:"first"`
	Last    int64  `json:"last"`
	Count   uint32 `json:"count"`
	Carrier string `json:"carrier"`
	Address string `json:"address"` // digest
	Code    string `json:"code"`
}

// Alarmed is an alarm that was raised.
type Alarmed struct {
	Silence string `json:"silence"`
	Since   int64  `json:"since"`
	Raised  int64  `json:"raised"`
	Ended   int64  `json:"ended"`
}

// Told is a digest that was read to us, and what it was of.
type Told struct {
	Time      int64  `json:"time"`
	Digest    string `json:"digest"`
	What      string `json:"what"` // nothing, entry, head, ahead
	Ours      bool   `json:"ours"`
	Channel   string `json:"channel"`
	Number    uint64 `json:"number"`
	Receipted int64  `json:"receipted"`
}

// DigestAsk asks for a digest to be read out: of an entry, or of a log's newest head.
type DigestAsk struct {
	Link     string `json:"link"`
	Realm    string `json:"realm"`
	Ours     bool   `json:"ours"`
	Channel  string `json:"channel"`
	Entry    bool   `json:"entry"`
	Position uint64 `json:"position"`
}

// Digest is one to be read out.
type Digest struct {
	Digest string `json:"digest"`
	Number uint64 `json:"number"`
}

// EnterAsk brings a digest that was read to us.
type EnterAsk struct {
	Link   string `json:"link"`
	Realm  string `json:"realm"`
	Digits string `json:"digits"`
}

// WithheldAsk asks for the bundle of an act of ours that has no receipt.
type WithheldAsk struct {
	Link     string `json:"link"`
	Realm    string `json:"realm"`
	Channel  string `json:"channel"`
	Position uint64 `json:"position"`
	Sealed   bool   `json:"sealed"` // with the sealed bytes
}

// nodeStates by number, as hellos say them.
func nodeStates() []string { return []string{"ready", "restoring", "locked", "full"} }

// Short is a fingerprint as people compare it.
func short(h [32]byte) string { return hex.EncodeToString(h[:8]) }

func (s *Server) line(r *http.Request) (*Line, error) {
	l, err := s.link(r.FormValue("link"), r.FormValue("realm"))
	if err != nil {
		return nil, err
	}
	x, err := s.Node.Line(r.Context(), l)
	if err != nil {
		return nil, err
	}
	out := &Line{Link: l.Code(), Names: l.Theirs().Names, Realm: realmName(l.Realm), Silence: string(x.State.Kind), Since: x.State.Since,
		Alarm: x.State.Alarm, SilentLimit: x.Limits.Silent, WithheldLimit: x.Limits.Withheld, Heard: []Heard{}, Up: append([]string{}, x.Up...),
		Config: short(x.Config), Outstanding: []Owed{}, Declared: []Declared{}, Attempts: []Attempted{}, Alarms: []Alarmed{}, Told: []Told{}, Tested: testedOf(x.Tested), Relay: s.relay()}
	if out.Replaced, err = s.replaced(r.Context(), l); err != nil {
		return nil, err
	}
	if out.WordsDoubted, err = s.wordsDoubted(r.Context(), l); err != nil {
		return nil, err
	}
	for _, h := range x.Heard {
		out.Heard = append(out.Heard, Heard(h))
	}
	if h := x.Hello; h != nil {
		out.Hello = hello(h, x)
	}
	for _, i := range x.Items {
		out.Outstanding = append(out.Outstanding, Owed{channelNames()[i.Channel], i.From, i.To, i.Since, i.Until, i.Stored,
			nodeStates()[i.State], i.Over(x.Limits.Withheld)})
	}
	for _, d := range x.Declared {
		out.Declared = append(out.Declared, Declared{d.Time, d.Software, short(d.Config), hex.EncodeToString(d.Store[:4])})
	}
	for _, a := range x.Attempts {
		out.Attempts = append(out.Attempts, Attempted{a.First, a.Last, a.Count, a.Carrier, short(a.Address), a.Code})
	}
	for _, a := range x.Alarms {
		out.Alarms = append(out.Alarms, Alarmed{a.Kind, a.Since, a.Raised, a.Ended})
	}
	for _, t := range x.Told {
		out.Told = append(out.Told, told(&t))
	}
	return out, nil
}

func hello(h *contact.Hello, x node.Line) *Hello {
	return &Hello{Time: h.Time, Came: x.HelloAt, State: nodeStates()[h.State], Software: h.Software, Config: short(h.Config),
		Up: append([]string{}, h.Carriers...), Nothing: x.Nothing}
}

func told(t *node.Told) Told {
	return Told{t.Time, t.Digest, []string{"nothing", "entry", "head", "ahead"}[t.What], t.Own, channelNames()[t.Channel], t.Number, t.Receipted}
}

// channel finds a channel by its name; routine where none is given.
func channel(name string) (uint8, error) {
	for i, known := range channelNames() {
		if i > 0 && known == name {
			return uint8(i), nil
		}
	}
	if name == "" {
		return statement.Routine, nil
	}
	return 0, fault.New(rule.NodeUsage, "command", "line", "want", "control, hotline, routine")
}

func (s *Server) lineDigest(ctx context.Context, in *DigestAsk) (*Digest, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	ch, err := channel(in.Channel)
	if err != nil {
		return nil, err
	}
	var d spoken.Digest
	number := in.Position
	if in.Entry {
		d, err = s.Node.SpokenEntry(ctx, l, in.Ours, ch, in.Position)
	} else {
		d, number, err = s.Node.SpokenHead(ctx, l, in.Ours, ch)
	}
	if err != nil {
		return nil, err
	}
	return &Digest{d.String(), number}, nil
}

func (s *Server) lineEnter(ctx context.Context, in *EnterAsk) (*Told, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	t, err := s.Node.Enter(ctx, l, in.Digits)
	if err != nil {
		return nil, err
	}
	out := told(&t)
	return &out, nil
}

func (s *Server) lineWithheld(ctx context.Context, in *WithheldAsk) (*File, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	ch, err := channel(in.Channel)
	if err != nil {
		return nil, err
	}
	b, err := s.Node.WithheldBundle(ctx, l, ch, in.Position, in.Sealed)
	return &File{b}, err
}
