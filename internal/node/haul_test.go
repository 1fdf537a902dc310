package node_test

import (
	"strings"
	"testing"

	"parley.example/internal/node"
)

// An attachment moves as soon as the act that announces it is stored, at either
// side: it waits for no other contact, and for no pause after one.
func TestAttachmentHurries(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	for _, s := range p.sides {
		s.link.Hurries() // what was before
	}
	hurries := func(want bool) {
		t.Helper()
		p.must(us.node.Contact(p.ctx, us.link))
		for _, s := range p.sides {
			if got := s.link.Hurries(); got != want {
				t.Errorf("%s: %v", s.code, got)
			}
		}
	}
	us.ask("without a file")
	hurries(false)
	_, err := us.askWith("with a file", node.File{Name: "a", Media: "text/plain", Content: strings.NewReader("content")})
	p.must(err)
	hurries(true)
	hurries(false)
}
