package web

import (
	"html/template"
	"slices"
	"strconv"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// arrangementPage is the rules that both signed, and what is proposed.
type arrangementPage struct {
	Version  int
	Digest   string
	From     *times
	Text     template.HTML
	In       string // language of the text
	Other    choice // the other language: its path and name
	Open     []proposalRow
	Versions []versionRow
	Compared *comparison
}

// proposalRow is a proposal that waits for a signature.
type proposalRow struct {
	Ours    bool
	Who     string
	Digest  string
	Version int
	Compare string
}

type versionRow struct {
	Digest  string
	Version int
	Who     string
	Ours    bool
	State   string
	From    string
	Read    string
	Compare string // with the one in force
}

type comparison struct {
	From, To string
	List     []arrangement.Difference
}

// arrangementShow shows a version of the arrangement in either language, and
// what differs between two.
func (s *Server) arrangementShow(v *visit) error {
	q := v.r.URL.Query()
	a, err := v.arrangement(q.Get("version"))
	if err != nil {
		return err
	}
	here := v.path("arrangement")
	p := &arrangementPage{Digest: a.Digest, In: v.locale.Lang}
	if in := q.Get("in"); in == locale.English || in == locale.Chinese {
		p.In = in
	}
	other := map[string]string{locale.English: locale.Chinese, locale.Chinese: locale.English}[p.In]
	p.Other = choice{Code: here + "?in=" + other + "&version=" + a.Digest, Name: v.Language(other)}
	if a.Digest != "" {
		d, err := arrangement.Parse(a.Raw)
		if err != nil {
			return err
		}
		p.Version, p.From, p.Text = d.Version, v.at(int64(d.InForce)), markdown(arrangement.Render(d, p.In))
	}
	for _, o := range a.Open {
		row := proposalRow{Ours: o.Ours, Who: v.partyName(o.Ours), Digest: o.Digest, Compare: here + "?compare=" + o.Digest}
		if d, err := arrangement.Parse(o.Raw); err == nil {
			row.Version = d.Version
		}
		p.Open = append(p.Open, row)
	}
	for _, x := range slices.Backward(a.Versions) {
		p.Versions = append(p.Versions, versionRow{x.Digest, x.Number, v.partyName(x.Ours), x.Ours, v.T("cli.arrangement.state." + x.State), x.InForce,
			here + "?version=" + x.Digest, here + "?compare=" + x.Digest})
	}
	if with := q.Get("compare"); with != "" {
		c, err := v.compared(a, with)
		if err != nil {
			return err
		}
		p.Compared = c
	}
	return v.give("arrangement", p)
}

// partyName is what a party is called.
func (v *visit) partyName(ours bool) string {
	if ours {
		return v.frame.Us.Name
	}
	return v.frame.Them.Name
}

// compared lists what differs from the version in force to another, whether it
// was signed or is proposed.
func (v *visit) compared(inForce *api.Arrangement, with string) (*comparison, error) {
	raw := []byte(nil)
	for _, o := range inForce.Open {
		if o.Digest == with {
			raw = o.Raw
		}
	}
	if raw == nil {
		a, err := v.arrangement(with)
		if err != nil {
			return nil, err
		}
		raw = a.Raw
	}
	to, err := arrangement.Parse(raw)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeNoDocument, "digest", with)
	}
	return v.differs(inForce, to)
}

// differs lists what a document would change in the version in force.
func (v *visit) differs(inForce *api.Arrangement, to *arrangement.Document) (c *comparison, err error) {
	from := &arrangement.Document{}
	if inForce.Digest != "" {
		if from, err = arrangement.Parse(inForce.Raw); err != nil {
			return nil, err
		}
	}
	return &comparison{strconv.Itoa(from.Version), strconv.Itoa(to.Version), arrangement.Differences(from, to, v.locale.Lang)}, nil
}
