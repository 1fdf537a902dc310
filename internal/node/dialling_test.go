package node_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// keptWire is a wire on which a line can be kept.
type keptWire struct{ wire }

func (w keptWire) Await(ctx context.Context, _ carrier.Peer, raw []byte, _ time.Duration) ([]byte, error) {
	return w.from.other().node.Await(ctx, w.from.pin(raw), raw, ctx.Done())
}

func (w keptWire) Wanted(ctx context.Context, _ carrier.Peer) ([]carrier.Want, error) {
	return w.from.other().node.Wanted(ctx, w.from.link.Ours().TLS)
}

func (w keptWire) Hand(ctx context.Context, _ carrier.Peer, at carrier.Want, piece []byte) error {
	return w.from.other().node.Take(ctx, w.from.link.Ours().TLS, at, piece)
}

// dialsAlone makes a pair of which only us dials, and keeps a line.
func dialsAlone(t *testing.T) (p *pair, us, cn *side) {
	t.Helper()
	p = newPair(t)
	us, cn = p.sides[0], p.sides[1]
	us.node.Dial = func(*node.Link) carrier.Dialler { return keptWire{wire{us}} }
	cn.node.Dial = func(*node.Link) carrier.Dialler { return nil }
	return p, us, cn
}

// asked is a turn of us that waits at cn; it gives what came of it.
func (s *side) asked(ctx context.Context, enough <-chan struct{}) <-chan *contact.Turn {
	s.p.t.Helper()
	st := s.state()
	raw := (&contact.Turn{Realm: s.link.Realm, From: s.link.Us, Stored: st.Theirs}).Encode()
	answers := make(chan *contact.Turn, 1)
	go func() {
		defer close(answers)
		raw, err := s.other().node.Await(ctx, s.link.Ours().TLS, raw, enough)
		if err != nil {
			return
		}
		if t, err := contact.DecodeTurn(raw); err == nil {
			answers <- t
		}
	}()
	return answers
}

// Spec: CON-12, CON-13, CON-14.
func TestAwait(t *testing.T) {
	p, us, cn := dialsAlone(t)
	enough := make(chan struct{})
	waits := us.asked(p.ctx, enough)
	_, err := cn.askNow("said while a turn waits")
	p.must(err)
	answer := <-waits
	if answer == nil || answer.Push == nil || len(answer.Push.Entries) == 0 {
		t.Fatalf("%+v", answer)
	}

	p.must(us.node.Contact(p.ctx, us.link))
	p.must(us.node.Contact(p.ctx, us.link))
	waits = us.asked(p.ctx, enough)
	close(enough)
	if answer = <-waits; answer == nil || !answer.Idle() {
		t.Errorf("when the time is over: %+v", answer)
	}

	first := us.asked(p.ctx, nil)
	if answer = <-first; answer == nil || !answer.Idle() {
		t.Errorf("without a wait: %+v", answer)
	}
	// Of three turns that come at once two are ended by a newer one.
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	never, ended := make(chan struct{}), make(chan *contact.Turn, 3)
	for range 3 {
		waits := us.asked(ctx, never)
		go func() { ended <- <-waits }()
	}
	for range 2 {
		if answer = <-ended; answer == nil || !answer.Idle() {
			t.Errorf("ended by a newer turn: %+v", answer)
		}
	}
	cancel()
	if answer = <-ended; answer != nil {
		t.Errorf("the last one, when its line broke: %+v", answer)
	}
}

// Spec: CON-14. Receipts that went in an answer which was not heard do not hold
// back an act that is said after them: the turn that waits is answered with it,
// since time alone would not.
func TestActBehindReceipts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, us, cn := dialsAlone(t)
		p.must(us.node.Contact(p.ctx, us.link))
		us.ask("said first")
		ctx, cancel := context.WithCancel(p.ctx)
		defer cancel()
		waits := us.asked(ctx, make(chan struct{}))
		synctest.Wait() // until it does
		said := us.turn()
		us.hook(func(_ int, turn *contact.Turn) { said = turn })
		us.other().deaf = true
		if err := us.node.Contact(p.ctx, us.link); err == nil {
			t.Fatal("there was somebody")
		}
		if !pushes(said, statement.Routine) {
			t.Fatalf("nothing was delivered: %+v", said)
		}
		if answer := us.dials(said); !pushes(answer, statement.Routine) {
			t.Fatalf("answered without receipts: %+v", answer)
		}
		synctest.Wait()
		_, err := cn.askNow("said behind receipts that nobody heard of")
		p.must(err)
		synctest.Wait()
		select {
		case answer := <-waits:
			if answer == nil || !pushes(answer, statement.Routine) || len(answer.Push.Entries) < 2 {
				t.Errorf("answered with %+v", answer)
			}
		default:
			t.Error("the act waits behind receipts")
		}
	})
}

// Spec: CON-17, CON-18. A side that cannot be dialled hands over what is asked
// for, from where it broke off, and nothing else gets in.
func TestHandOver(t *testing.T) {
	p, us, cn := dialsAlone(t)
	content := bytes.Repeat([]byte("what was found on the disk "), 40_000)
	_, err := us.askWith("with a file", node.File{Name: "image.bin", Media: "application/octet-stream", Content: bytes.NewReader(content)})
	p.must(err)
	p.must(us.node.Contact(p.ctx, us.link))
	pin := us.link.Ours().TLS
	wanted, err := cn.node.Wanted(p.ctx, pin)
	if err != nil || len(wanted) != 1 || wanted[0].Offset != 0 {
		t.Fatalf("%v, %v", wanted, err)
	}
	at := wanted[0]
	for name, c := range map[string]struct {
		at   carrier.Want
		want fault.Code
	}{
		"beyond what is kept": {carrier.Want{Sealed: at.Sealed, Offset: 5}, rule.ContactGap},
		"what nobody said":    {carrier.Want{Sealed: [32]byte{1}}, rule.StoreAbsent},
	} {
		if err := cn.node.Take(p.ctx, pin, c.at, []byte("piece")); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := cn.node.Take(p.ctx, [32]byte{9}, at, []byte("piece")); !fault.Is(err, rule.StoreAbsent) {
		t.Errorf("of a stranger: %v", err)
	}
	sealed, err := us.files.Open(at.Sealed)
	p.must(err)
	piece := make([]byte, carrier.MaxPiece)
	_, err = io.ReadFull(sealed, piece)
	p.must(err)
	p.must(cn.node.Take(p.ctx, pin, at, piece)) // then the line breaks
	if wanted, err = cn.node.Wanted(p.ctx, pin); err != nil || len(wanted) != 1 || wanted[0].Offset != carrier.MaxPiece {
		t.Errorf("%v, %v", wanted, err)
	}
	p.must(us.node.HandAll(p.ctx, us.link))
	if !cn.files.Has(at.Sealed) {
		t.Fatal("it was not handed over")
	}
	p.must(us.node.Contact(p.ctx, us.link))
	p.must(us.node.Contact(p.ctx, us.link))
	if wanted, _ = cn.node.Wanted(p.ctx, pin); len(wanted) != 0 {
		t.Errorf("still wanted: %v", wanted)
	}

	// Bytes that are not what was announced are dropped, all of them.
	_, err = us.askWith("with a file", node.File{Name: "b", Media: "text/plain", Content: bytes.NewReader([]byte("short"))})
	p.must(err)
	p.must(us.node.Contact(p.ctx, us.link))
	if wanted, err = cn.node.Wanted(p.ctx, pin); err != nil || len(wanted) != 1 {
		t.Fatalf("%v, %v", wanted, err)
	}
	if err := cn.node.Take(p.ctx, pin, wanted[0], make([]byte, 100_000)); !fault.Is(err, rule.NodeAttachment) || cn.files.Begun(wanted[0].Sealed) != 0 {
		t.Errorf("more than was announced: %v", err)
	}
}

// Spec: CON-16. Both sides dial at the same moment: each delivers in its own
// exchange, and the turns that cross carry nothing twice.
func TestBothDial(t *testing.T) {
	p := newPair(t)
	for round := range 5 {
		p.now += 10_000
		seen := &carriedOnce{seen: map[string]bool{}, t: t}
		for _, s := range p.sides {
			s.ask(fmt.Sprint("request ", round, " of ", s.code))
			meeting := &meeting{wire: wire{s}, seen: seen}
			s.node.Dial = func(*node.Link) carrier.Dialler { return meeting }
		}
		seen.both.Add(2) // each first turn waits until the other has one too
		var ended sync.WaitGroup
		for _, s := range p.sides {
			ended.Go(func() {
				if err := s.node.Contact(p.ctx, s.link); err != nil {
					t.Error(err)
				}
			})
		}
		ended.Wait()
	}
	p.talk()
	p.verified()
}

// carriedOnce remembers which entries were delivered.
type carriedOnce struct {
	t    *testing.T
	both sync.WaitGroup
	mu   sync.Mutex
	seen map[string]bool
}

func (c *carriedOnce) note(raw []byte) {
	t, err := contact.DecodeTurn(raw)
	if err != nil || t.Push == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range t.Push.Entries {
		key := fmt.Sprint(t.Push.Origin, t.Push.From+uint64(i))
		if c.seen[key] {
			c.t.Errorf("%s is carried twice", key)
		}
		c.seen[key] = true
	}
}

// meeting holds the first turn back until both sides have dialled.
type meeting struct {
	wire
	once sync.Once
	seen *carriedOnce
}

func (m *meeting) Exchange(ctx context.Context, peer carrier.Peer, raw []byte) ([]byte, error) {
	crossing := false
	m.once.Do(func() {
		crossing = true
		m.seen.note(raw)
		m.seen.both.Done()
		m.seen.both.Wait()
	})
	answer, err := m.wire.Exchange(ctx, peer, raw)
	if err == nil && crossing {
		m.seen.note(answer)
	}
	return answer, err
}

// Spec: CON-15. A line that is kept carries a hello once an hour.
func TestKeptLineGreets(t *testing.T) {
	p, us, cn := dialsAlone(t)
	p.must(us.node.Contact(p.ctx, us.link))
	for _, c := range []struct {
		minutes int64
		greets  bool
	}{{1, false}, {61, true}, {1, false}} {
		p.now += c.minutes * 60_000
		sent := &sentOnce{keptWire: keptWire{wire{us}}, sent: make(chan []byte, 1)}
		us.node.Dial = func(*node.Link) carrier.Dialler { return sent }
		_, err := us.node.Keep(p.ctx, us.link, sent)
		p.must(err)
		turn, err := contact.DecodeTurn(<-sent.sent)
		p.must(err)
		if greets := len(turn.Hello) > 0; greets != c.greets || !turn.Idle() {
			t.Errorf("after %d minutes: hello %v", c.minutes, greets)
		}
	}
	if cn.state().Heard == 0 {
		t.Error("the side that never dials says that it never heard anything")
	}
}

// sentOnce shows the turn that waits, and answers it at once.
type sentOnce struct {
	keptWire
	sent chan []byte
}

func (s *sentOnce) Await(ctx context.Context, peer carrier.Peer, raw []byte, _ time.Duration) ([]byte, error) {
	s.sent <- raw
	return s.Exchange(ctx, peer, raw)
}

// Spec: CON-19. No piece begins while turns pass.
func TestTurnsGoFirst(t *testing.T) {
	p, us, cn := dialsAlone(t)
	_, err := us.askWith("with a file", node.File{Name: "b", Media: "text/plain", Content: bytes.NewReader(make([]byte, 1000))})
	p.must(err)
	p.must(us.node.Contact(p.ctx, us.link))
	held := &heldTurn{keptWire: keptWire{wire{us}}, begun: make(chan struct{}), on: make(chan struct{})}
	us.node.Dial = func(*node.Link) carrier.Dialler { return held }
	ended := make(chan error, 2)
	go func() { ended <- us.node.Contact(p.ctx, us.link) }()
	<-held.begun
	go func() { ended <- us.node.HandAll(p.ctx, us.link) }()
	<-held.begun // it has asked, and has a piece to hand over
	close(held.on)
	for range 2 {
		p.must(<-ended)
	}
	if held.early {
		t.Error("a piece goes while a turn is under way")
	}
	if wanted, err := cn.node.Wanted(p.ctx, us.link.Ours().TLS); err != nil || len(wanted) != 0 {
		t.Errorf("not handed over: %v, %v", wanted, err)
	}
}

// heldTurn keeps the first turn under way until it may go on.
type heldTurn struct {
	keptWire
	begun, on chan struct{}
	under     atomic.Bool // a turn is under way
	early     bool        // a piece went meanwhile
}

func (h *heldTurn) Exchange(ctx context.Context, peer carrier.Peer, raw []byte) ([]byte, error) {
	h.under.Store(true)
	defer h.under.Store(false)
	select {
	case h.begun <- struct{}{}:
		<-h.on
	case <-h.on:
	}
	return h.keptWire.Exchange(ctx, peer, raw)
}

func (h *heldTurn) Wanted(ctx context.Context, peer carrier.Peer) ([]carrier.Want, error) {
	list, err := h.keptWire.Wanted(ctx, peer)
	select {
	case h.begun <- struct{}{}:
	case <-h.on:
	}
	return list, err
}

func (h *heldTurn) Hand(ctx context.Context, peer carrier.Peer, at carrier.Want, piece []byte) error {
	h.early = h.early || h.under.Load()
	return h.keptWire.Hand(ctx, peer, at, piece)
}
