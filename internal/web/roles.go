package web

import "parley.example/internal/access"

// granted is the page of who may do what: the table itself.
type granted struct {
	Roles   []role
	Actions []granting
	Tabs    tabs
}

// role is one of the roles, and whether it is that of who looks.
type role struct {
	Name string
	Mine bool
}

// granting is a row: an action, and how each role may do it.
type granting struct {
	Action string
	How    []string // yes, exercise, or empty
}

func (s *Server) rolesShow(v *visit) error {
	page := granted{Tabs: tabs{"roles"}}
	for _, r := range access.Roles() {
		one := role{Name: string(r)}
		for _, mine := range v.me.Roles {
			one.Mine = one.Mine || mine == one.Name
		}
		page.Roles = append(page.Roles, one)
	}
	for _, a := range access.Actions() {
		row := granting{Action: string(a)}
		for _, r := range access.Roles() {
			how := ""
			switch real, exercise := access.Where(r, a); {
			case real:
				how = "yes"
			case exercise:
				how = "exercise"
			}
			row.How = append(row.How, how)
		}
		page.Actions = append(page.Actions, row)
	}
	return v.give("roles", page)
}
