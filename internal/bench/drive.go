package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"time"

	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// errSpent says that there is no request left to say anything to.
var errSpent = errors.New("no request is left")

// Driver makes a running node say acts and times them.
type Driver struct {
	node   *node.Node
	link   *node.Link
	line   *Direct
	by     node.Signing
	ctx    context.Context
	form   []byte
	opened []byte

	mu      sync.Mutex
	covered uint64
	waiting map[uint64]chan struct{}
	from    uint64   // of the other's log: behind it requests were not noted yet
	ready   []uint64 // requests of the other's that nothing was said to
	heard   heard
	call    statement.Ref // the open call of ours
}

// NewDriver drives a node on its only link, which dials over a line; by signs as
// one of its officers.
func NewDriver(ctx context.Context, n *node.Node, line *Direct, by node.Signing) (*Driver, error) {
	link, err := n.Link("", party.Real)
	if err != nil {
		return nil, err
	}
	d := &Driver{node: n, link: link, line: line, by: by, ctx: ctx, waiting: map[uint64]chan struct{}{}}
	if d.form, err = form(); err != nil {
		return nil, err
	}
	if d.opened, err = padded(func(text string) (any, error) { return act.OpenedBody{Officer: text, Role: "duty"}, nil }); err != nil {
		return nil, err
	}
	if err := d.look(); err != nil {
		return nil, err
	}
	go d.watch()
	return d, nil
}

// Do answers asks.
func (d *Driver) Do(a Ask) (Answer, error) {
	switch a.Do {
	case "say":
		if a.Kind == HeadOnly {
			if err := d.gather(); err != nil {
				return Answer{}, err
			}
		}
		return run(a, func(int) (whole, sent time.Duration, err error) { return d.say(a) })
	case "await":
		return d.await()
	case "judged":
		return d.judged()
	case "index":
		return Answer{}, d.node.Index(d.ctx, d.link)
	case "fold":
		return d.fold()
	case "hear":
		go d.hear()
	case "heard":
		return d.heardSo(a)
	case "call":
		return d.sayCalls(a)
	case "message":
		return d.sayMessages(a.Acts)
	case "accept":
		return d.accept()
	case "cut":
		d.line.died.Store(0)
		d.line.cut.Store(true)
	case "mend":
		d.line.cut.Store(false)
		d.link.Wake()
	case "died":
		return Answer{Stamps: []int64{d.line.died.Load()}}, nil
	case "hang-up":
		return Answer{}, d.hangUp()
	}
	return Answer{}, nil
}

// say says one act and waits for its receipt.
func (d *Driver) say(a Ask) (whole, sent time.Duration, err error) {
	began := time.Now()
	var ref node.Ref
	if a.Kind == HeadOnly {
		var thread statement.Ref
		if thread, err = d.next(); err != nil {
			return 0, 0, err
		}
		ref, err = d.node.Speak(d.ctx, d.link, act.RequestOpened, &thread, nil, d.opened, nil, nil)
	} else {
		ref, err = d.node.Speak(d.ctx, d.link, act.RequestOpen, nil, nil, d.form, nil, d.by)
	}
	if err != nil {
		return 0, 0, err
	}
	durable := time.Now()
	if !a.NoWait {
		<-d.receipted(ref.Position)
	}
	return time.Since(began), time.Since(durable), nil
}

// gather notes the requests of the other's that came since it was called last.
func (d *Driver) gather() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := store.LogID{Link: d.link.ID(), Channel: statement.Routine}
	return d.node.Store.View(d.ctx, func(r store.Reader) error {
		return r.Rows(id, d.from, math.MaxInt64, func(row store.Row) error {
			d.from = row.Position + 1
			if row.Type == ledger.TypeAct {
				d.ready = append(d.ready, row.Position)
			}
			return nil
		})
	})
}

// next is a request of the other's that nothing was said to yet. What
// came last is opened first, as what has just come is in an office.
func (d *Driver) next() (statement.Ref, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := len(d.ready) - 1
	if last < 0 {
		return statement.Ref{}, errSpent
	}
	ref := d.link.Place(false, 0, d.ready[last])
	d.ready = d.ready[:last]
	return ref, nil
}

// receipted gives a channel that is closed once a position of our log is
// receipted, durably here.
func (d *Driver) receipted(position uint64) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := make(chan struct{})
	if position < d.covered {
		close(c)
	} else {
		d.waiting[position] = c
	}
	return c
}

func (d *Driver) look() error {
	covered, err := d.node.Receipted(d.ctx, d.link, statement.Routine)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.covered = max(d.covered, covered)
	for position, c := range d.waiting {
		if position < d.covered {
			close(c)
			delete(d.waiting, position)
		}
	}
	return nil
}

func (d *Driver) watch() {
	for d.ctx.Err() == nil {
		changed := d.link.Changed()
		if d.look() != nil {
			return
		}
		select {
		case <-changed:
		case <-d.ctx.Done():
		}
	}
}

// poll waits until something is so, and says how long that took.
func (d *Driver) poll(so func() (bool, error)) (Answer, error) {
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := so()
		if ok || err != nil {
			return Answer{Micros: time.Since(began).Microseconds()}, err
		}
		select {
		case <-tick.C:
		case <-d.ctx.Done():
			return Answer{}, d.ctx.Err()
		}
	}
}

// await waits until the other side has receipted all that was said.
func (d *Driver) await() (Answer, error) {
	return d.poll(func() (bool, error) {
		size, err := d.node.Said(d.ctx, d.link, statement.Routine)
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.covered >= size, err
	})
}

// judged waits until everything that came was judged.
func (d *Driver) judged() (Answer, error) {
	return d.poll(func() (bool, error) { return d.node.Judged(d.ctx, d.link) })
}

// fold folds every request there is.
func (d *Driver) fold() (Answer, error) {
	forgetPeak()
	began := time.Now()
	answer := Answer{}
	err := d.node.Requests(d.ctx, d.link, func(f *node.Folded) bool {
		answer.Acts += len(f.Entries[0]) + len(f.Entries[1])
		return true
	})
	answer.Micros = time.Since(began).Microseconds()
	return answer, err
}

// padded writes a body whose text makes it as long as an act of the benchmark.
func padded(body func(text string) (any, error)) ([]byte, error) {
	text := strings.Builder{}
	for i := 0; text.Len() < ActBytes; i++ {
		text.WriteString(vocabulary[(i*i+i/7)%len(vocabulary)])
		text.WriteByte(' ')
	}
	short, err := body("")
	if err != nil {
		return nil, err
	}
	empty, err := act.WriteBody(short)
	if err != nil {
		return nil, err
	}
	long, err := body(text.String()[:max(0, ActBytes-len(empty))])
	if err != nil {
		return nil, err
	}
	return act.WriteBody(long)
}

// vocabulary is what the texts are made of.
var vocabulary = strings.Fields(`the request concerns an account from which invoices were altered on the way to
 their payer money went to another bank and was moved on within a day logs of sign ins headers of messages addresses
 devices sessions subscriber data for the period named below are asked for under the law of our side please preserve
 them until a letter arrives victims have been told not to write to that mailbox again server hosting provider domain
 registrar payment wallet exchange transfer amount currency reference number case officer prosecutor court order warrant
 evidence copy hash file archive image disk telephone number message chat group member alias name birth place street
 city province district postal code time zone offset minute hour day week month year first second third last next`)

// form is a request that lacks nothing under the small arrangement.
func form() ([]byte, error) {
	return padded(func(text string) (any, error) {
		facts, err := json.Marshal("Facts: " + text)
		if err != nil {
			return nil, err
		}
		raw := func(s string) json.RawMessage { return json.RawMessage(s) }
		return act.OpenBody{
			Marked: act.Marked{Handling: "H1"}, Type: "incident", Urgency: "urgent", Area: "email-compromise",
			Why: act.Text{Lang: "en", Text: "Money is still moving."}, FromUnit: "cyber", ToUnit: "cyber", Reference: "HM-2016-0417",
			Title: act.Text{Lang: "en", Text: "Altered invoices"},
			Fields: map[string]json.RawMessage{
				"own-reference": raw(`"HM-2016-0417"`), "authority": raw(`"Police act, section 12"`), "offence": raw(`"Fraud by computer"`),
				"facts": facts, "class": raw(`"fraud"`), "wanted": raw(`"Sign-in logs"`), "purpose": raw(`"Criminal proceedings"`),
				"period": raw(`{"from":"2016-06-14T07:41:00Z","to":"2016-06-14T16:00:00Z"}`),
				"identifiers": raw(`[{"kind":"email","value":"dana.whitfield@corvane-va1ves.example",` +
					`"window":{"from":"2016-06-14T00:00:00Z","to":"2016-06-15T00:00:00Z"}},{"kind":"ip","value":"198.51.100.143"}]`),
				"earlier": raw(`false`), "confidential": raw(`false`),
				"contact":   raw(`{"name":"Ellen Marsh","phone":"+1 202 555 0143"}`),
				"confirmer": raw(`{"name":"Joseph Okoro","phone":"+1 202 555 0177"}`),
			},
		}, nil
	})
}
