package node_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"parley.example/internal/node"
)

// spelling is a vault that seals nothing, and whose tokens are whole words.
type spelling struct{ clear }

func (spelling) Tokens(text string) (tokens [][16]byte) {
	for _, word := range strings.Fields(text) {
		sum := sha256.Sum256([]byte(word))
		tokens = append(tokens, [16]byte(sum[:16]))
	}
	return tokens
}

func (s *side) finds(words string) (n int) {
	s.p.t.Helper()
	s.p.must(s.node.Search(s.p.ctx, s.link, words, 100, func(*node.Folded) bool { n++; return true }))
	return n
}

// Words are indexed behind the receipt, and yet whoever searches finds what was
// said a moment ago, on both sides, also after a restart that came before
// anything was indexed.
func TestWordsAreFoundAtOnce(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	for _, s := range p.sides {
		s.vault = spelling{}
		s.start()
	}
	us.ask("altered invoices")
	us.ask("stolen accounts")
	p.talk()
	cn.start()
	for _, s := range p.sides {
		if n := s.finds("invoices"); n != 1 {
			t.Errorf("%s finds %d", s.code, n)
		}
		if n := s.finds("words"); n != 2 {
			t.Errorf("%s finds %d", s.code, n)
		}
	}
	us.ask("invoices again")
	p.talk()
	for _, s := range p.sides {
		if n := s.finds("invoices"); n != 2 {
			t.Errorf("%s finds %d when one act was outstanding", s.code, n)
		}
	}
}

// What was destroyed before its words were indexed is never found.
func TestDestroyedIsNotIndexed(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	for _, s := range p.sides {
		s.vault = spelling{}
		s.start()
	}
	gone, _ := p.closed("altered invoices")
	us.ask("other invoices")
	p.talk()
	tomb := us.submit(us.node.PrepareTombstone(p.ctx, us.link, gone))
	p.talk()
	cn.submit(cn.node.PrepareAgree(p.ctx, cn.link, tomb.Position))
	p.talk()
	for _, s := range p.sides {
		if n, err := s.node.Destroy(p.ctx, s.link); err != nil || n != 1 {
			t.Fatalf("%s: %d threads are destroyed, %v", s.code, n, err)
		}
		if n := s.finds("invoices"); n != 1 {
			t.Errorf("%s finds %d, want the one that is left", s.code, n)
		}
	}
}
