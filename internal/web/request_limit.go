package web

import (
	"slices"

	"parley.example/internal/api"
)

// limited is the page of who may see a request.
type limited struct {
	Name   string
	People []seeing
	All    bool // who may read may see it
}

// seeing is somebody who may be named.
type seeing struct {
	api.Account
	Named bool
}

func (s *Server) requestLimit(v *visit) error {
	name := v.r.PathValue("name")
	var now api.CompartmentAsk
	if err := v.client.Call(v.ctx(), "/v1/compartment?"+v.query("request", name), nil, &now); err != nil {
		return err
	}
	var list []api.Account
	if err := v.client.Call(v.ctx(), "/v1/accounts", nil, &list); err != nil {
		return err
	}
	page := limited{Name: now.Request, All: len(now.Named) == 0}
	for _, a := range list {
		if a.Ended == 0 {
			page.People = append(page.People, seeing{a, slices.Contains(now.Named, a.ID)})
		}
	}
	return v.give("limit", page)
}

// requestLimitSet names who may see a request; nobody named opens it.
func (s *Server) requestLimitSet(v *visit) error {
	in := api.CompartmentAsk{Link: v.link, Realm: v.realm, Request: v.r.PathValue("name"), Named: []string{}}
	if v.r.PostForm.Get("who") == "named" {
		in.Named = append(in.Named, v.r.PostForm["named"]...)
	}
	if err := v.client.Call(v.ctx(), "/v1/compartment", in, nil); err != nil {
		return err
	}
	if me := v.me.Account; len(in.Named) > 0 && !slices.Contains(in.Named, me) {
		return v.see(v.path("requests")) // who did not name themselves does not see it any more
	}
	return v.see(v.path("requests", in.Request))
}
