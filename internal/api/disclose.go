package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Disclose asks for the file that shows a request to a third person.
type Disclose struct {
	Link     string   `json:"link"`
	Realm    string   `json:"realm"`
	Request  string   `json:"request"`
	Acts     []string `json:"acts"`     // us.5 …; empty: all
	Party    string   `json:"party"`    // only this party's acts
	Withhold []string `json:"withhold"` // body, us.5:body, us.5:4 …
	Omit     bool     `json:"omit"`     // leave out what is not chosen, and do not keep its place
	Anyway   bool     `json:"anyway"`   // also when a correction or dispute is not chosen
	Custody  bool     `json:"custody"`  // our steps of custody too
	Check    bool     `json:"check"`    // only say what would leave
}

// Disclosed says what leaves, with the file unless it was only asked.
type Disclosed struct {
	Content []byte   `json:"content"`
	Bytes   int      `json:"bytes"`
	SHA256  string   `json:"sha256"`
	Acts    []Leaves `json:"acts"`
	Half    []string `json:"half"`    // acts not chosen that correct or dispute chosen ones
	Linked  []string `json:"linked"`  // requests that shown acts name
	Custody int      `json:"custody"` // steps
}

// Leaves is one act as it leaves.
type Leaves struct {
	Name        string   `json:"name"`
	Kind        string   `json:"kind"`
	Time        int64    `json:"time"`
	Place       bool     `json:"place"` // only where and when it stands
	Withheld    []string `json:"withheld"`
	Attachments []string `json:"attachments"`
}

// partNames are the parts of an act by their places; what follows are
// attachments.
func partNames() []string { return []string{"slip", "statement", "signatures", "body"} }

// withheld reads which parts of which act stay closed.
func withheld(list []string, name string, parts int) (closed map[int]bool, err error) {
	closed = map[int]bool{}
	for _, text := range list {
		one, part, of := strings.Cut(text, ":")
		if !of {
			one, part = name, text
		}
		i := slices.Index(partNames(), part)
		n, perr := strconv.Atoi(part)
		switch {
		case i < 0 && part != "attachments" && (perr != nil || n < 0):
			return nil, fault.New(rule.NodeUsage, "command", "disclose", "want", "slip, statement, signatures, body, attachments")
		case one != name:
		case part == "attachments":
			for k := statement.PartAttachment; k < parts; k++ {
				closed[k] = true
			}
		case i >= 0:
			closed[i] = true
		default:
			closed[n] = true
		}
	}
	return closed, nil
}

// chosen is a request with what of it leaves.
type chosen struct {
	out   Disclosed
	shown []node.Shown
	files [][32]byte // attachments whose descriptors leave
}

// choose decides act by act. What is not chosen keeps its place: the slip
// alone, so that nobody takes a part for the whole.
func choose(l *node.Link, f *node.Gathered, in *Disclose) (*chosen, error) {
	c := &chosen{out: Disclosed{Acts: []Leaves{}, Half: []string{}, Linked: []string{}}}
	entries := record.Merge(f.Entries[0], f.Entries[1])
	if len(entries) == 0 {
		return nil, fault.New(rule.ActUnreadable, "reason", "destroyed")
	}
	picked, left := map[audit.Place]bool{}, append([]string{}, in.Acts...)
	for _, e := range entries {
		x := said(l, e, nil)
		named := slices.Contains(in.Acts, x.Name)
		left = slices.DeleteFunc(left, func(s string) bool { return s == x.Name })
		of, _, _ := strings.Cut(x.Name, ".")
		if (named || len(in.Acts) == 0) && (in.Party == "" || in.Party == of) {
			picked[placeOf(f, e)] = true
		}
	}
	if len(left) > 0 {
		return nil, fault.New(rule.NodeNoAct, "act", left[0], "request", in.Request)
	}
	for _, e := range entries {
		if err := c.add(l, f, e, in, picked); err != nil {
			return nil, err
		}
	}
	if len(picked) == 0 {
		return nil, fault.New(rule.NodeNoAct, "act", in.Party, "request", in.Request)
	}
	return c, nil
}

func placeOf(f *node.Gathered, e *procedure.Entry) audit.Place {
	return audit.Place{Channel: f.ID.Channel, Higher: e.Higher, Position: e.Position}
}

func (c *chosen) add(l *node.Link, f *node.Gathered, e *procedure.Entry, in *Disclose, picked map[audit.Place]bool) error {
	x, place := said(l, e, nil), placeOf(f, e)
	if e.Act == nil {
		if picked[place] && len(in.Acts) > 0 {
			return fault.New(rule.ActUnreadable, "reason", "verdict")
		}
		return nil // there is nothing to show; the next slip shows the gap
	}
	parts := statement.PartAttachment + len(e.Act.Attachments)
	leaves := Leaves{Name: x.Name, Kind: x.Kind, Time: x.Time, Withheld: []string{}, Attachments: []string{}}
	one := node.Shown{Own: x.Ours, Position: e.Position, Withhold: map[int]bool{}}
	if picked[place] {
		closed, err := withheld(in.Withhold, x.Name, parts)
		if err != nil {
			return err
		}
		one.Withhold = closed
	} else {
		for _, p := range audit.Concerns(&audit.Act{Place: place, Statement: e.Act.Statement, Body: e.Act.Body}) {
			if picked[p] && !slices.Contains(c.out.Half, x.Name) {
				c.out.Half = append(c.out.Half, x.Name)
			}
		}
		if in.Omit {
			return nil
		}
		leaves.Place = true
		for i := statement.PartStatement; i < parts; i++ {
			one.Withhold[i] = true
		}
	}
	for i := range parts {
		switch {
		case one.Withhold[i] && i < statement.PartAttachment:
			leaves.Withheld = append(leaves.Withheld, partNames()[i])
		case one.Withhold[i]:
			leaves.Withheld = append(leaves.Withheld, fault.Int(i))
		case i >= statement.PartAttachment:
			a := e.Act.Attachments[i-statement.PartAttachment]
			leaves.Attachments = append(leaves.Attachments, a.Name)
			c.files = append(c.files, a.Sealed)
		}
	}
	if !one.Withhold[statement.PartBody] {
		c.out.Linked = append(c.out.Linked, linksOf(l, e)...)
	}
	c.out.Acts, c.shown = append(c.out.Acts, leaves), append(c.shown, one)
	return nil
}

// linksOf names the requests that an act's body links to.
func linksOf(l *node.Link, e *procedure.Entry) (names []string) {
	var links []act.Link
	switch body := e.Body.(type) {
	case *act.OpenBody:
		links = body.Links
	case *act.Link:
		links = append(links, *body)
	case *act.CallBody:
		if body.Request != nil {
			links = append(links, act.Link{Higher: body.Request.Higher, Position: body.Request.Position})
		}
	case *act.CallLinkBody:
		links = append(links, act.Link{Higher: body.Higher, Position: body.Position})
	}
	for _, link := range links {
		code := l.Code()
		if link.Higher == l.Higher() {
			code = l.Ours().Code
		}
		names = append(names, code+"-"+strconv.FormatUint(link.Position, 10))
	}
	return names
}

func (s *Server) disclose(ctx context.Context, in *Disclose) (*Disclosed, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	f, _, err := s.thread(ctx, l, in.Request)
	if err != nil {
		return nil, err
	}
	c, err := choose(l, f, in)
	if err != nil {
		return nil, err
	}
	if len(c.out.Half) > 0 && !in.Anyway && !in.Check {
		return nil, fault.New(rule.DiscloseHalf, "acts", strings.Join(c.out.Half, ", "))
	}
	var steps []*evidence.Custody
	if in.Custody {
		if steps, err = s.Node.Custody(ctx, l, c.files); err != nil {
			return nil, err
		}
	}
	c.out.Custody = len(steps)
	if in.Check {
		return &c.out, nil
	}
	if c.out.Content, err = s.Node.Disclose(ctx, l, f.ID.Channel, c.shown, steps); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(c.out.Content)
	c.out.Bytes, c.out.SHA256 = len(c.out.Content), hex.EncodeToString(sum[:])
	return &c.out, s.Node.RecordDisclosure(ctx, l, f.ID, node.DisclosureNote{Time: s.Node.Now(), SHA256: c.out.SHA256,
		Bytes: c.out.Bytes, Acts: c.names(), Custody: len(steps)})
}

// names lists what left, as it is kept.
func (c *chosen) names() (list []string) {
	for _, a := range c.out.Acts {
		text := a.Name
		if a.Place {
			text += " (place)"
		} else if len(a.Withheld) > 0 {
			text += " (without " + strings.Join(a.Withheld, ", ") + ")"
		}
		list = append(list, text)
	}
	return list
}
