package api

import (
	"encoding/hex"
	"net/http"
	"strconv"

	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Feed implements spec/feed.md: what an observer may read of a node, and
// nothing else. It answers GET only, shows no content, and changes nothing.
type Feed struct {
	Node *node.Node
}

// FeedLink is one link.
type FeedLink struct {
	Link   string `json:"link"` // LNK-1
	Realm  string `json:"realm"`
	Lower  string `json:"lower"` // parties' identifiers
	Higher string `json:"higher"`
	Node   string `json:"node"` // which of the two this node is
}

// FeedLog is one of the six logs of a link.
type FeedLog struct {
	Party        string `json:"party"` // lower or higher
	Channel      uint8  `json:"channel"`
	Generation   uint32 `json:"generation"`
	Begins       uint64 `json:"begins"`
	Size         uint64 `json:"size"`
	Head         string `json:"head"`
	Cosigned     string `json:"cosigned"`
	CosignedSize uint64 `json:"cosigned_size"`
}

// Handler routes the feed.
func (f *Feed) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/links", answer(f.links))
	mux.HandleFunc("GET /v1/links/{link}/cards/{party}", answer(f.cards))
	mux.HandleFunc("GET /v1/links/{link}/logs", answer(f.logs))
	mux.HandleFunc("GET /v1/links/{link}/logs/{party}/{channel}/leaves", answer(f.leaves))
	return mux
}

func (f *Feed) links(*http.Request) ([]FeedLink, error) {
	list := []FeedLink{}
	for _, l := range f.Node.Links() {
		id := l.ID()
		one := FeedLink{Link: hex.EncodeToString(id[:]), Realm: realmName(l.Realm), Lower: l.Us.String(), Higher: l.Them.String(), Node: sideOf(l.Higher())}
		if l.Higher() {
			one.Lower, one.Higher = one.Higher, one.Lower
		}
		list = append(list, one)
	}
	return list, nil
}

func (f *Feed) logs(r *http.Request) ([]FeedLog, error) {
	l, err := f.link(r)
	if err != nil {
		return nil, err
	}
	observed, err := f.Node.ObservedLogs(r.Context(), l)
	list := []FeedLog{}
	for _, o := range observed {
		list = append(list, FeedLog{Party: sideOf(o.Higher), Channel: o.Channel, Generation: o.Size.Generation, Begins: o.Begins,
			Size: o.Size.Size, Head: o.Head, Cosigned: o.Cosigned, CosignedSize: o.At})
	}
	return list, err
}

// side finds the link that is asked for, and which party of it.
func (f *Feed) side(r *http.Request) (l *node.Link, higher bool, err error) {
	if l, err = f.link(r); err == nil {
		higher, err = feedParty(r)
	}
	return l, higher, err
}

func (f *Feed) leaves(r *http.Request) ([][]byte, error) {
	l, higher, err := f.side(r)
	if err != nil {
		return nil, err
	}
	channel, err := feedNumber(r.PathValue("channel"), 8)
	if err != nil {
		return nil, err
	}
	from, err := feedNumber(r.URL.Query().Get("from"), 64)
	if err != nil {
		return nil, err
	}
	leaves, err := f.Node.ObservedLeaves(r.Context(), l, higher, uint8(channel), from)
	return append([][]byte{}, leaves...), err
}

func (f *Feed) cards(r *http.Request) ([][]byte, error) {
	l, higher, err := f.side(r)
	if err != nil {
		return nil, err
	}
	from, err := feedNumber(r.URL.Query().Get("from"), 32)
	if err != nil {
		return nil, err
	}
	cards, err := f.Node.ObservedCards(r.Context(), l, higher, from)
	return append([][]byte{}, cards...), err
}

func (f *Feed) link(r *http.Request) (*node.Link, error) {
	var id [32]byte
	raw, err := hex.DecodeString(r.PathValue("link"))
	if err != nil || len(raw) != len(id) {
		return nil, fault.New(rule.NodeNoLink, "code", r.PathValue("link"))
	}
	copy(id[:], raw)
	return f.Node.LinkByID(id)
}

// feedParty says whether the higher party of the link is named.
func feedParty(r *http.Request) (higher bool, err error) {
	name := r.PathValue("party")
	if name != sideOf(true) && name != sideOf(false) {
		return false, fault.New(rule.NodeUsage, "command", "feed", "want", "lower, higher")
	}
	return name == sideOf(true), nil
}

// feedNumber reads a number of a path or a query; none is 0.
func feedNumber(text string, bits int) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return 0, fault.New(rule.NodeUsage, "command", "feed", "want", "0–9")
	}
	return n, nil
}
