package web

// requestPrint shows a request as it is printed: what crossed the line, with the
// marking above and below, and nothing of what stays. That it is, is recorded.
func (s *Server) requestPrint(v *visit) error {
	_, p, err := v.said("print", "1")
	if err != nil {
		return err
	}
	return v.give("request_print", p)
}
