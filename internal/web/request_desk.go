package web

import (
	"strconv"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// requestDesk changes what we keep beside a request: a note, a task, a task
// done, an assignment. None of it leaves.
func (s *Server) requestDesk(v *visit) error {
	posted := v.r.PostForm
	in := api.DeskChange{Link: v.link, Realm: v.realm, Request: v.r.PathValue("name"), What: posted.Get("what"), Text: posted.Get("text"), For: posted.Get("for")}
	if key := v.me.Signing; len(key) > 0 {
		in.By = key[0].KeyID
	}
	if due := posted.Get("due"); due != "" {
		at, ok := form.ReadInstant(due)
		if !ok {
			return fault.New(rule.NodeInstant, "value", due)
		}
		in.Due = int64(at)
	}
	if in.What == "done" {
		number, err := strconv.Atoi(posted.Get("number"))
		if err != nil {
			return fault.New(rule.DeskNoTask, "number", posted.Get("number"))
		}
		in.Number = number
	}
	if err := v.client.Call(v.ctx(), "/v1/desk/change", in, nil); err != nil {
		return err
	}
	return v.see(v.path("requests", in.Request) + "#desk")
}
