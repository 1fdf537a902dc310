package web

import (
	"io"
	"net/http"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// mostDocument bounds a proposed arrangement, in bytes.
const mostDocument = 4 << 20

// arrangementSigning is an act about the arrangement, to be signed.
type arrangementSigning struct {
	Step     string // sign, withdraw, propose
	Digest   string // of the version it is about; empty for a proposal
	Version  int
	Short    string // digest of what is signed, for a second program
	Compared *comparison
	Sign     signing
}

// arrangementStep shows what would be signed about a proposal: that it holds,
// or that it is withdrawn.
func (s *Server) arrangementStep(v *visit) error {
	kind, step := v.amendment()
	if kind == "" {
		return fault.New(rule.WebNoPage)
	}
	digest := v.r.PathValue("digest")
	a, err := v.arrangement("")
	if err != nil {
		return err
	}
	compared, err := v.compared(a, digest)
	if err != nil {
		return err
	}
	var p api.Prepared
	ask := api.SignAsk{Link: v.link, Realm: v.realm, Digest: digest}
	if err := v.client.Call(v.ctx(), "/v1/arrangement/"+step, ask, &p); err != nil {
		return err
	}
	body, err := act.WriteBody(&act.DigestBody{Digest: digest})
	if err != nil {
		return err
	}
	return v.asksToSign(&arrangementSigning{Step: step, Digest: digest, Compared: compared}, &p, api.Meant{Kind: kind, Body: body})
}

// amendment is the kind of act that a path is about.
func (v *visit) amendment() (kind, step string) {
	switch step = v.r.PathValue("step"); step {
	case "sign":
		return act.ArrangementSign, step
	case "withdraw":
		return act.ArrangementDrop, step
	case "propose":
		return act.ArrangementPropose, step
	}
	return "", step
}

// arrangementPropose reads a document from a file and shows what of the version
// in force it would change, before anybody signs it.
func (s *Server) arrangementPropose(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostDocument)
	file, _, err := v.r.FormFile("document")
	if err != nil {
		return fault.Wrap(err, rule.WebForm, "field", "document")
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		return fault.Wrap(err, rule.WebForm, "field", "document")
	}
	to, err := arrangement.Parse(raw)
	if err != nil {
		return err
	}
	a, err := v.arrangement("")
	if err != nil {
		return err
	}
	compared, err := v.differs(a, to)
	if err != nil {
		return err
	}
	var p api.Prepared
	ask := api.Prepare{Link: v.link, Realm: v.realm, Kind: act.ArrangementPropose, Raw: raw}
	if err := v.client.Call(v.ctx(), "/v1/prepare", ask, &p); err != nil {
		return err
	}
	return v.asksToSign(&arrangementSigning{Step: "propose", Version: to.Version, Compared: compared}, &p, api.Meant{Kind: act.ArrangementPropose, Body: raw})
}

// asksToSign shows the page that asks for the passkey, once the node's act was
// held against what is meant.
func (v *visit) asksToSign(page *arrangementSigning, p *api.Prepared, meant api.Meant) (err error) {
	if page.Sign, err = v.toSign(p, meant); err != nil {
		return err
	}
	page.Short, page.Sign.Action = p.Short, v.path("arrangement", "said", page.Step)
	return v.give("arrangement_sign", page)
}

// arrangementSaid says what was signed.
func (s *Server) arrangementSaid(v *visit) error {
	kind, _ := v.amendment()
	if kind == "" {
		return fault.New(rule.WebNoPage)
	}
	if _, err := v.submit(kind); err != nil {
		return err
	}
	return v.see(v.path("arrangement"))
}
