package api

import (
	"context"
	"encoding/hex"
	"net/http"

	"parley.example/internal/node"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// stepNames are the steps of custody by their numbers.
func stepNames() []string {
	return []string{"", "taken", "handed", "returned", "destroyed", "disclosed"}
}

// CustodyStep asks for a step of custody to sign.
type CustodyStep struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Request string `json:"request"`
	Sealed  string `json:"sealed"`
	Step    string `json:"step"`
	Content []byte `json:"content"` // SHA-256 of the content; empty where it was not at hand
	To      string `json:"to"`
	Note    string `json:"note"`
}

// CustodySigned brings a step with its officer's signature.
type CustodySigned struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Request string `json:"request"` // whose attachment it is
	Step    []byte `json:"step"`
}

// Held is one attachment, through whose hands it went.
type Held struct {
	Name     string   `json:"name"`
	Sealed   string   `json:"sealed"`
	Act      string   `json:"act"`
	Sent     int64    `json:"sent"`
	Officers []string `json:"officers"`
	Here     bool     `json:"here"`
	Steps    []Handed `json:"steps"` // in our house
}

// Handed is one step in our house.
type Handed struct {
	Number  uint32 `json:"number"`
	Step    string `json:"step"`
	Time    int64  `json:"time"`
	Key     string `json:"key"`
	Officer string `json:"officer"`
	Content string `json:"content"`
	To      string `json:"to"`
	Note    string `json:"note"`
}

// CustodyView is what is known of the attachments of a request.
type CustodyView struct {
	Attachments []Held                `json:"attachments"`
	Disclosures []node.DisclosureNote `json:"disclosures"`
}

func (s *Server) custody(r *http.Request) (*CustodyView, error) {
	l, f, err := s.named(r)
	if err != nil {
		return nil, err
	}
	v := &CustodyView{Attachments: []Held{}, Disclosures: []node.DisclosureNote{}}
	for _, e := range record.Merge(f.Entries[0], f.Entries[1]) {
		x := said(l, e, nil)
		for i := 0; e.Act != nil && i < len(e.Act.Attachments); i++ {
			a := e.Act.Attachments[i]
			h := Held{Name: a.Name, Sealed: hex.EncodeToString(a.Sealed[:]), Act: x.Name, Sent: x.Time, Officers: x.Officers,
				Here: s.Node.Attachments.Has(a.Sealed), Steps: []Handed{}}
			steps, err := s.Node.Custody(r.Context(), l, [][32]byte{a.Sealed})
			if err != nil {
				return nil, err
			}
			for _, step := range steps {
				one := Handed{Number: step.Number, Step: stepNames()[step.Step], Time: step.Time, Key: step.By.KeyID, Officer: l.OfficerName(step.By.KeyID), To: step.To, Note: step.Note}
				if step.Content != [32]byte{} {
					one.Content = hex.EncodeToString(step.Content[:])
				}
				h.Steps = append(h.Steps, one)
			}
			v.Attachments = append(v.Attachments, h)
		}
	}
	notes, err := s.Node.Disclosures(r.Context(), l, f.ID)
	v.Disclosures = append(v.Disclosures, notes...)
	return v, err
}

func (s *Server) custodyDraft(ctx context.Context, in *CustodyStep) (*CustodySigned, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	f, err := s.fold(ctx, l, in.Request)
	if err != nil {
		return nil, err
	}
	step := evidence.Custody{To: in.To, Note: in.Note, By: statement.PersonSignature{}}
	for i, name := range stepNames() {
		if name != "" && name == in.Step {
			step.Step = uint8(i)
		}
	}
	if step.Step == 0 || len(in.Content) != 0 && len(in.Content) != 32 {
		return nil, fault.New(rule.NodeUsage, "command", "request record", "want", "taken, handed, returned, destroyed, disclosed")
	}
	copy(step.Content[:], in.Content)
	a := attachmentOf(&f.Gathered, in.Sealed)
	if a == nil {
		return nil, fault.New(rule.StoreAbsent, "what", "attachment")
	}
	step.Sealed = a.Sealed
	next, err := s.Node.PrepareCustody(ctx, l, step)
	if err != nil {
		return nil, err
	}
	return &CustodySigned{Link: in.Link, Realm: in.Realm, Request: in.Request, Step: next.Encode()}, nil
}

func (s *Server) custodyKeep(ctx context.Context, in *CustodySigned) (*Nothing, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	step, err := evidence.DecodeCustody(in.Step)
	if err != nil {
		return nil, err
	}
	f, err := s.fold(ctx, l, in.Request)
	if err != nil {
		return nil, err
	}
	if attachmentOf(&f.Gathered, hex.EncodeToString(step.Sealed[:])) == nil { // whether the caller may see it was asked of the request
		return nil, fault.New(rule.StoreAbsent, "what", "attachment")
	}
	_, err = s.Node.KeepCustody(ctx, l, in.Step)
	return &Nothing{}, err
}

// Evidence is something that this node can show a third person.
type Evidence struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Link    string `json:"link"`
	Party   string `json:"party"` // whose log it is about
	Channel string `json:"channel"`
	At      uint64 `json:"at"`
}

// EvidenceAsk names one.
type EvidenceAsk struct {
	Link  string `json:"link"`
	Realm string `json:"realm"`
	Name  string `json:"name"`
}

func (s *Server) evidence(r *http.Request) ([]Evidence, error) {
	want, err := realm(r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	list := []Evidence{}
	for _, l := range s.Node.Links() {
		if l.Realm != want {
			continue
		}
		some, err := s.Node.Evidence(r.Context(), l)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			of := l.Code()
			if e.Own {
				of = l.Ours().Code
			}
			list = append(list, Evidence{Name: e.Name, Kind: e.Kind, Link: l.Code(), Party: of, Channel: channelNames()[e.Channel], At: e.At})
		}
	}
	return list, nil
}

func (s *Server) evidenceShow(ctx context.Context, in *EvidenceAsk) (*File, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	content, err := s.Node.ShowEvidence(ctx, l, in.Name)
	return &File{content}, err
}
