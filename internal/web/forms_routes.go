package web

// formRoutes are the pages on which something is written, approved and signed.
func (s *Server) formRoutes() []route {
	return []route{
		{pattern: "GET /requests/new", page: s.requestNew, linked: true},
		{pattern: "POST /requests/new", page: s.requestBegin, linked: true, most: -1},
		{pattern: "GET /requests/{name}/say/{kind}", page: s.sayShow, linked: true},
		{pattern: "POST /requests/{name}/say/{kind}", page: s.sayBegin, linked: true, most: -1},
		{pattern: "POST /requests/{name}/desk", page: s.requestDesk, linked: true},
		{pattern: "GET /forms", page: s.formList, linked: true},
		{pattern: "GET /forms/{number}", page: s.formShow, linked: true},
		{pattern: "GET /forms/{number}/{step}", page: s.formShow, linked: true},
		{pattern: "POST /forms/{number}/{step}", page: s.formSave, linked: true, most: -1},
		{pattern: "GET /forms/{number}/check", page: s.formCheck, linked: true},
		{pattern: "GET /forms/{number}/file", page: s.formFile, linked: true},
		{pattern: "POST /forms/{number}/sign", page: s.formSign, linked: true},
		{pattern: "POST /forms/{number}/drop", page: s.formDrop, linked: true},
		{pattern: "GET /drafts/{number}", page: s.draftShow, linked: true},
		{pattern: "POST /drafts/{number}/sign", page: s.draftSign, linked: true},
		{pattern: "POST /drafts/{number}/drop", page: s.draftDrop, linked: true},
		{pattern: "POST /drafts/{number}/change", page: s.draftChange, linked: true},
		{pattern: "POST /drafts/{number}/checks/{check}", page: s.draftAnswer, linked: true},
		{pattern: "POST /drafts/{number}/checks/{check}/sign", page: s.draftAnswerSign, linked: true},
	}
}
