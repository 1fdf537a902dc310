package web

// requestPrint shows a request as it is printed: what crossed the line, with the
// marking above and below, and nothing of what stays. That it is, is recorded.
func (s *Server) requestPrint(v *visit) error {
	x, err := v.read(v.r.PathValue("name"), "print", "1")
	if err != nil {
		return err
	}
	p := x.head()
	x.owing(p)
	p.Acts = x.acts()
	p.Course, p.Limits = x.course(), x.limits()
	return v.give("request_print", p)
}
