package web

// watchShow shows what burns now.
func (s *Server) watchShow(v *visit) error { return v.give("watch", nil) }
