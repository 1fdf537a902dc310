package node

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// tokensOf gives the words of an act under keyed hashes, so that a request can be
// found and a stolen disk holds no words. Of a long act the short texts come
// first: titles, names and numbers are what people look for.
func (l *Link) tokensOf(body []byte) (found [][16]byte) {
	var texts []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	walk(v)
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	for i := 0; i < len(texts) && len(found) < store.MaxTokens; i++ {
		found = append(found, l.node.Vault.Tokens(texts[i])...)
	}
	return append(found[:min(len(found), store.MaxTokens)], l.identifierTokens(identifiersIn(body))...)
}

// Search calls f with requests in which all the words occur, newest change
// first, until it returns false.
func (n *Node) Search(ctx context.Context, l *Link, words string, limit int, f func(*Folded) bool) error {
	tokens := n.Vault.Tokens(words)
	if len(tokens) == 0 {
		return fault.New(rule.NodeUsage, "command", "request find", "want", "WORDS")
	}
	if err := n.indexForSearch(ctx, l); err != nil {
		return err
	}
	return n.Store.View(ctx, func(r store.Reader) error {
		threads, err := r.Find(tokens, limit)
		if err != nil {
			return err
		}
		for _, id := range threads {
			if id.Link != l.id || id.Channel != statement.Routine {
				continue
			}
			folded, err := l.fold(r, id, n.Now())
			if errors.Is(err, errOther) {
				continue
			}
			if err != nil {
				return err
			}
			if !f(folded) {
				return nil
			}
		}
		return nil
	})
}
