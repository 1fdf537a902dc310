package web

// callRoutes are the pages of the hotline.
func (s *Server) callRoutes() []route {
	return []route{
		{pattern: "GET /alarm", page: s.alarm},
		{pattern: "GET /calls", page: s.callsList, linked: true},
		{pattern: "GET /calls/new", page: s.callNew, linked: true},
		{pattern: "POST /calls/new", page: s.callBegin, linked: true, most: -1},
		{pattern: "GET /calls/{name}", page: s.callShow, linked: true},
		{pattern: "GET /calls/{name}/print", page: s.callPrint, linked: true},
		{pattern: "GET /calls/{name}/pdf", page: s.callPDF, linked: true},
		{pattern: "GET /calls/{name}/attachments/{sealed}", page: s.callAttachment, linked: true},
		{pattern: "GET /calls/{name}/say/{kind}", page: s.callSay, linked: true},
		{pattern: "POST /calls/{name}/say/{kind}", page: s.callSaid, linked: true, most: -1},
		{pattern: "POST /calls/{name}/read", page: s.callRead, linked: true},
		{pattern: "POST /calls/{name}/writing", page: s.callWriting, linked: true},
		{pattern: "POST /calls-sign", page: s.callSign, linked: true},
		{pattern: "GET /calls-second/{token}", page: s.callSecond, linked: true},
		{pattern: "POST /calls-second/{token}/drop", page: s.callSecondDrop, linked: true},
	}
}

// callAttachment hands out a file of a message's.
func (s *Server) callAttachment(v *visit) error { return v.pour("calls") }
