package web

import (
	"net/url"
	"strconv"

	"parley.example/internal/api"
)

// formsPage lists what is being filled in, and what waits for approval.
type formsPage struct {
	Forms  []formRow
	Drafts []formRow
}

type formRow struct {
	Path, Drop       string
	Kind, Type       string
	Title, By, At    string
	Request          string
	Waits            []string
	Number           int
	Said, WaitsForMe bool
}

// formList lists our drafts with this counterpart. None of them has left.
func (s *Server) formList(v *visit) error {
	var forms []api.Form
	if err := v.client.Call(v.ctx(), "/v1/forms?"+v.query(), nil, &forms); err != nil {
		return err
	}
	page := &formsPage{}
	for _, f := range forms {
		page.Forms = append(page.Forms, formRow{Number: f.Number, Path: v.path("forms", strconv.Itoa(f.Number)), Drop: v.path("forms", strconv.Itoa(f.Number), "drop"),
			Kind: v.names().Kind(f.Kind), Type: v.names().Type(v.rules, url.Values(f.Values).Get("type")), Title: url.Values(f.Values).Get("title"), By: f.By, At: v.Clock(f.At), Request: f.Request})
	}
	var desks []api.Desk
	if err := v.client.Call(v.ctx(), "/v1/desk?"+v.query(), nil, &desks); err != nil {
		return err
	}
	for _, d := range desks {
		for _, one := range d.Drafts {
			if one.Link != v.link {
				continue
			}
			row := formRow{Number: one.Number, Path: v.path("drafts", strconv.Itoa(one.Number)), Kind: v.names().Kind(one.Kind), At: v.Clock(one.At), Request: one.Request}
			for _, c := range one.Checks {
				if c.Verdict != "passed" {
					row.Waits = append(row.Waits, v.name(c.Names, c.Code))
				}
			}
			page.Drafts = append(page.Drafts, row)
		}
	}
	return v.give("forms", page)
}

// formDrop forgets a form.
func (s *Server) formDrop(v *visit) error {
	number, err := strconv.Atoi(v.r.PathValue("number"))
	if err == nil {
		err = v.drop(number)
	}
	if err != nil {
		return err
	}
	return v.see(v.path("forms"))
}
