package spec

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// controlRecord reads the lines of a vector of kind control (CTL-17).
type controlRecord struct {
	founding []*party.Card
	book     *control.Book
	used     map[string]bool
}

// inForce is what two sizes say at an instant, as such a vector has it.
type inForce struct {
	Cards       [2]uint32    `json:"cards"`
	Connect     [2][]uint32  `json:"connect"`
	Rules       uint16       `json:"rules"`
	Arrangement string       `json:"arrangement"`
	Agreed      []string     `json:"agreed"`
	Open        [2][]string  `json:"open"`
	Suspensions []suspension `json:"suspensions"`
	Ends        int64        `json:"ends,omitempty"`
	Frozen      []string     `json:"frozen"`
	Disorder    []disorder   `json:"disorder"`
}

type suspension struct {
	Higher     bool     `json:"higher"`
	Position   uint64   `json:"position"`
	Everything bool     `json:"everything"`
	Types      []string `json:"types"`
	Areas      []string `json:"areas"`
	Reason     string   `json:"reason"`
	Since      int64    `json:"since"`
}

type disorder struct {
	Higher   bool       `json:"higher"`
	Position uint64     `json:"position"`
	Code     fault.Code `json:"code"`
}

// entry takes a leaf, and of an act its parts.
func (c *controlRecord) entry(side int, raw, parts []byte) error {
	leaf, err := ledger.DecodeLeaf(raw)
	if err != nil {
		return err
	}
	ids := [2]party.ID{c.founding[0].Party, c.founding[1].Party}
	switch leaf.Type {
	case ledger.TypeReceipt:
		c.book.Receipt(side == 0, leaf.Size.Size, leaf.Position, leaf.Time)
	case ledger.TypeAct:
		f := procedure.Found{Place: record.Place{Higher: side == 1, Position: leaf.Position, Seen: leaf.Seen[0].Size}, Leaf: leaf,
			Origin:  ledger.Origin{Realm: c.founding[0].Realm, Channel: statement.Control, Writer: ids[side], Reader: ids[1-side]},
			Context: c.book.At(control.Sizes(side == 1, leaf.Position, leaf.Seen[0].Size)).Context(leaf.Time)}
		if f.Parts, err = statement.DecodeParts(parts); err != nil {
			return err
		}
		if s, err := statement.Decode(f.Parts.List[statement.PartStatement]); err == nil {
			id := fmt.Sprint(side, s.Act)
			f.Repeated, c.used[id] = c.used[id], true
		}
		c.book.Add(procedure.Read(suite.Signatures{}, f))
	}
	return nil
}

// look gives what is in force, as one line of JSON.
func (c *controlRecord) look(sizes [2]uint64, at int64) string {
	s := c.book.At(sizes)
	in := s.Context(at)
	out := inForce{Rules: in.Rules, Agreed: []string{}, Suspensions: []suspension{}, Frozen: []string{}, Disorder: []disorder{}}
	digests := func(list []arrangement.Version) []string {
		out := []string{}
		for _, v := range list {
			out = append(out, hex.EncodeToString(v.Digest[:]))
		}
		return out
	}
	out.Agreed = digests(s.Amendments().Signed())
	for side, card := range s.Cards() {
		out.Cards[side] = card.Serial
		for _, announced := range c.book.Announced(side) {
			out.Connect[side] = append(out.Connect[side], announced.Serial)
		}
		out.Open[side] = digests(s.Amendments().Open(c.founding[side].Party.String()))
		for _, x := range s.Status().Suspensions(calendar.Instant(at)) {
			if x.Party == c.founding[side].Party.String() {
				y := suspension{Higher: side == 1, Everything: x.Scope.Everything, Reason: x.Reason, Since: int64(x.At),
					Types: append([]string{}, x.Scope.Types...), Areas: append([]string{}, x.Scope.Areas...)}
				fmt.Sscan(x.ID[1:], &y.Position)
				out.Suspensions = append(out.Suspensions, y)
			}
		}
	}
	slices.SortStableFunc(out.Suspensions, func(a, b suspension) int {
		return cmp.Or(strings.Compare(fmt.Sprint(a.Higher), fmt.Sprint(b.Higher)), cmp.Compare(a.Position, b.Position))
	})
	if d := in.Arrangement; d != nil {
		out.Arrangement = hex.EncodeToString(in.Digest[:])
		for _, t := range d.Types {
			if s.Status().Frozen(calendar.Instant(at), arrangement.Matter{Type: t.Code, Area: d.Areas[0].Code, Urgency: d.Urgencies[len(d.Urgencies)-1].Code}) {
				out.Frozen = append(out.Frozen, t.Code)
			}
		}
	}
	if end, ends := s.Status().Ends(); ends {
		out.Ends = int64(end)
	}
	for _, x := range s.Ignored() {
		out.Disorder = append(out.Disorder, disorder{x.Higher, x.Position, fault.CodeOf(x.Err)})
	}
	line, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(line)
}

// readControl reads a vector's lines, and gives them with what comes out behind
// each look.
func readControl(v wiretest.Vector) ([]byte, error) {
	c, out := &controlRecord{used: map[string]bool{}}, &strings.Builder{}
	for line := range strings.Lines(string(v.Body)) {
		line = strings.TrimSuffix(line, "\n")
		words := strings.SplitN(line, " ", 5)
		switch words[0] {
		case "founding":
			card, err := party.DecodeCard(unhex(words[1]))
			if err != nil {
				return nil, err
			}
			if c.founding = append(c.founding, card); len(c.founding) == 2 {
				c.book = control.NewBook(suite.Signatures{}, [2]*party.Card(c.founding))
			}
		case "look":
			var sizes [2]uint64
			var at int64
			if _, err := fmt.Sscan(strings.Join(words[1:4], " "), &sizes[0], &sizes[1], &at); err != nil {
				return nil, err
			}
			line = strings.Join(words[:4], " ") + " " + c.look(sizes, at)
		default:
			side := map[string]int{"lower": 0, "higher": 1}[words[0]]
			var parts []byte
			if len(words) > 2 {
				parts = unhex(words[2])
			}
			if err := c.entry(side, unhex(words[1]), parts); err != nil {
				return nil, err
			}
		}
		out.WriteString(line + "\n")
	}
	return []byte(out.String()), nil
}
