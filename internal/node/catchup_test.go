package node_test

import (
	"context"
	"fmt"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/wire/contact"
	"parley.example/wire/statement"
)

// Spec: LNK-6, LNK-8. What is missing comes in bounded deliveries, and in as
// many contacts as it takes; what is said on the hotline meanwhile goes before
// the rest of it.
func TestHotlineOvertakes(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	const acts = 1200 // two deliveries
	for i := range acts {
		us.ask(fmt.Sprint("request ", i))
	}
	line := &overtaking{wire: wire{us}, t: t}
	us.node.Dial = func(*node.Link) carrier.Dialler { return line }
	us.node.Turns(1)
	for range 8 {
		p.now += 1500
		p.must(us.node.Contact(p.ctx, us.link))
	}
	us.node.Turns(4096)
	p.talk()
	if len(line.order) < 3 || line.order[0] != statement.Routine || line.order[1] != statement.Hotline || line.order[2] != statement.Routine {
		t.Errorf("delivered by channel: %v", line.order)
	}
	st, theirs := us.state(), cn.state()
	if st.Held[2] != st.Own[2].Size || theirs.Theirs[2].Size != st.Own[2].Size || theirs.Theirs[1].Size == 0 {
		t.Errorf("held %v of %v, they have %v", st.Held, st.Own, theirs.Theirs)
	}
	p.verified()
}

// overtaking says something on the hotline after the first delivery, and notes
// which channels are delivered from.
type overtaking struct {
	wire
	t     *testing.T
	order []uint8
}

func (o *overtaking) Exchange(ctx context.Context, peer carrier.Peer, raw []byte) ([]byte, error) {
	turn, err := contact.DecodeTurn(raw)
	if err != nil {
		o.t.Fatal(err)
	}
	if turn.Push != nil {
		if len(turn.Push.Entries) > 1024 {
			o.t.Errorf("%d entries in a delivery", len(turn.Push.Entries))
		}
		if o.order = append(o.order, turn.Push.Channel); len(o.order) == 1 {
			o.from.p.must(o.from.node.OpenHotline(ctx, o.from.link))
		}
	}
	return o.wire.Exchange(ctx, peer, raw)
}
