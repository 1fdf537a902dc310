package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"parley.example/internal/api"
)

// Followers of one desk, and how often its node is looked at for all of them
// together.
const (
	mostFollowers = 256
	lookEvery     = time.Second
	keepAlive     = 20 * time.Second
)

// watch looks at the node while somebody follows, and tells all followers that
// something changed. It tells nobody what: a page asks for that itself, under
// the session of who looks at it.
type watch struct {
	client *api.Client

	mu        sync.Mutex
	followers map[chan string]bool
	stop      context.CancelFunc
	last      string
}

// follow adds a follower; nil when there are too many.
func (w *watch) follow() (chan string, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.followers) >= mostFollowers {
		return nil, nil
	}
	if w.followers == nil {
		w.followers = map[chan string]bool{}
	}
	if w.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		go w.look(ctx)
	}
	told := make(chan string, 1)
	w.followers[told] = true
	return told, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.followers, told)
		if len(w.followers) == 0 && w.stop != nil {
			w.stop()
			w.stop = nil
		}
	}
}

func (w *watch) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		w.tell(w.mark(ctx))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// mark is a digest of how much the node's logs hold and how its lines stand.
func (w *watch) mark(ctx context.Context) string {
	var pulse api.Pulse
	if err := w.client.Call(ctx, "/v1/pulse", nil, &pulse); err != nil {
		return ""
	}
	raw, _ := json.Marshal(pulse) // of numbers and words
	sum := sha256.Sum256(raw)
	return fmt.Sprintf("%x", sum[:8])
}

func (w *watch) tell(mark string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if mark == "" || mark == w.last {
		return
	}
	w.last = mark
	for f := range w.followers {
		select {
		case f <- mark:
		default: // it has one waiting, which says as much
		}
	}
}

// follow answers with server-sent events: one when something changed.
func (s *Server) follow(v *visit) error {
	told, leave := s.live.follow()
	if told == nil {
		v.w.WriteHeader(http.StatusServiceUnavailable)
		return nil
	}
	defer leave()
	v.w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(v.w)
	fmt.Fprint(v.w, "retry: 5000\n\n")
	out.Flush()
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		text := ": alive\n\n"
		select {
		case <-v.ctx().Done():
			return nil
		case mark := <-told:
			text = "event: changed\ndata: " + mark + "\n\n"
		case <-alive.C:
		}
		if _, err := fmt.Fprint(v.w, text); err != nil || out.Flush() != nil {
			return nil
		}
	}
}
