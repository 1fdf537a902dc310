package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"io"
	"math"
	"slices"

	"parley.example/internal/carrier"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/mail"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

const (
	contentAgain = 10 * 60 * 1000 // of what was asked for nothing came: it is asked for again, and later at ever longer intervals
	maxAhead     = mail.MaxWanted / mail.Part
	neverAgain   = 1 << 30 // times in vain
)

// mailedContent is what goes by mail of attachments since the direct line went
// down.
type mailedContent struct {
	asked []mail.Range     // by us, and has not come
	ahead []*mail.Piece    // what came before what belongs before it
	vain  map[[32]byte]int // how often we asked for one in vain
	again int64
	wait  int64

	wanted []mail.Range // of us
	refusals
}

// askContent asks for attachments that have not come, once for what was asked
// for has come or will not. What a call announced goes when the call does, and
// the rest when routine does.
func (n *Node) askContent(ctx context.Context, l *Link, poster carrier.Poster) error {
	down, since, err := n.directDown(ctx, l)
	if err != nil {
		return err
	}
	now := n.Now()
	if !l.mayAsk(down, now) {
		return nil
	}
	list, err := n.lacking(ctx, l, now-since >= l.mailAfter())
	if err != nil || len(list) == 0 {
		return err
	}
	q := &mail.Wanted{Realm: l.Realm, Writer: l.Us, Reader: l.Them, Time: now, Ranges: list}
	q.Sign(l.office.Sign)
	err = l.postItem(ctx, poster, q)
	if ctx.Err() != nil {
		return err
	}
	l.mu.Lock()
	if c := &l.content; err != nil {
		l.mail.refused(now)
	} else {
		l.mail.taken()
		c.wait = min(mailLongest, max(contentAgain, 2*c.wait))
		c.asked, c.again = list, now+c.wait
	}
	l.mu.Unlock()
	n.keepPosting(ctx, l, now, err)
	return err
}

// mayAsk reports whether the next question may go. When the direct line is up
// it brings the rest, and what mail was asked for is forgotten.
func (l *Link) mayAsk(down bool, now int64) bool {
	ready := !l.restoring() && l.othersState() == contact.Ready
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.content
	if !down {
		c.asked, c.ahead, c.vain, c.again, c.wait = nil, nil, nil, 0, 0
		return false
	}
	if !ready || now < l.mail.next || len(c.asked) > 0 && now < c.again {
		return false
	}
	for _, x := range c.asked { // others first
		c.vainly(x.Sealed, 1)
	}
	c.asked = nil
	return true
}

func (c *mailedContent) vainly(sealed [32]byte, times int) {
	if c.vain == nil {
		c.vain = map[[32]byte]int{}
	}
	c.vain[sealed] = min(neverAgain, c.vain[sealed]+times)
}

// lacked is an attachment that has not come.
type lacked struct {
	sealed [32]byte
	expected
	vain int
}

// lacking is what to ask for: of calls first, then what was asked for in vain
// least often.
func (n *Node) lacking(ctx context.Context, l *Link, routine bool) (list []mail.Range, err error) {
	var all, here []lacked
	var inner error
	err = n.Store.View(ctx, func(r store.Reader) error {
		return r.Records(bucketFetch, hex.EncodeToString(l.id[:])+"/", "", func(rec store.Record) bool {
			x := lacked{}
			if x.sealed, inner = sealedOf(rec.Key); inner == nil {
				inner = ijson.Decode(rec.Value, &x.expected, ijson.Limits{Bytes: 1 << 10})
			}
			if inner != nil {
				return false
			}
			if x.vain = l.vain(x.sealed); n.Attachments.Has(x.sealed) {
				here = append(here, x)
			} else if x.Size <= n.MailContent && x.vain < neverAgain && (routine || x.Channel == statement.Hotline) {
				all = append(all, x)
				slices.SortStableFunc(all, func(a, b lacked) int {
					return cmp.Or(cmp.Compare(calls(b), calls(a)), cmp.Compare(a.vain, b.vain))
				})
				all = all[:min(len(all), mail.MaxRanges)]
			}
			return true
		})
	})
	err = cmp.Or(err, inner)
	for _, x := range here { // whole, and not receipted yet: a crash came between
		if err == nil {
			err = n.came(ctx, l, l.attachmentKey(x.sealed), x.sealed)
		}
	}
	if err != nil {
		return nil, err
	}
	left := uint64(mail.MaxWanted)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range all {
		for _, gap := range l.content.gaps(mail.Range{Sealed: x.sealed, To: uint64(x.Size)}, uint64(n.Attachments.Begun(x.sealed))) {
			if left == 0 || len(list) == mail.MaxRanges {
				return list, nil
			}
			gap.To = min(gap.To, gap.From+left)
			left -= gap.To - gap.From
			list = append(list, gap)
		}
	}
	return list, nil
}

func calls(x lacked) int {
	if x.Channel == statement.Hotline {
		return 1
	}
	return 0
}

func (l *Link) vain(sealed [32]byte) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.content.vain[sealed]
}

// gaps is what of a range has not come, where so much is kept from the beginning.
func (c *mailedContent) gaps(x mail.Range, begun uint64) (list []mail.Range) {
	at := max(x.From, begun)
	for _, p := range c.ahead {
		if p.Sealed != x.Sealed {
			continue
		}
		if at < min(p.From, x.To) {
			list = append(list, mail.Range{Sealed: x.Sealed, From: at, To: min(p.From, x.To)})
		}
		at = max(at, p.From+uint64(len(p.Bytes)))
	}
	if at < x.To {
		list = append(list, mail.Range{Sealed: x.Sealed, From: at, To: x.To})
	}
	return list
}

// keepAhead keeps a piece until what belongs before it has come. What is kept so
// is lost with the process, and is asked for again.
func (l *Link) keepAhead(p *mail.Piece) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.content
	same := func(o *mail.Piece) bool { return o.Sealed == p.Sealed && o.From == p.From }
	if len(c.ahead) == maxAhead || slices.ContainsFunc(c.ahead, same) {
		return
	}
	c.ahead = append(c.ahead, p)
	slices.SortFunc(c.ahead, func(a, b *mail.Piece) int { return cmp.Compare(a.From, b.From) })
}

// nextAhead takes out a piece that may be kept now, or of which nothing is needed
// any more.
func (l *Link) nextAhead(sealed [32]byte, begun int64) *mail.Piece {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.content
	i := slices.IndexFunc(c.ahead, func(p *mail.Piece) bool { return p.Sealed == sealed && p.From <= uint64(begun) })
	if i < 0 {
		return nil
	}
	p := c.ahead[i]
	c.ahead = slices.Delete(c.ahead, i, i+1)
	return p
}

// takePiece keeps a piece of an attachment that was announced to us. What has
// come already, or was never announced, is passed over: mail repeats, and comes
// late.
func (n *Node) takePiece(ctx context.Context, l *Link, p *mail.Piece) error {
	sealed, want := p.Sealed, expected{}
	key := l.attachmentKey(sealed)
	err := n.Store.View(ctx, func(r store.Reader) (err error) {
		want, err = expectedAt(r, key)
		return err
	})
	if store.Absent(err) || err == nil && want.Size > n.MailContent {
		return nil
	}
	whole := false
	for err == nil && p != nil && !whole {
		whole, err = n.Attachments.Continue(sealed, want.Size, int64(p.From), p.Bytes)
		if fault.Is(err, rule.ContactGap) && p.From+uint64(len(p.Bytes)) <= uint64(want.Size) {
			l.keepAhead(p)
			err = nil
		}
		p = l.nextAhead(sealed, n.Attachments.Begun(sealed))
	}
	if whole {
		err = n.came(ctx, l, key, sealed)
	}
	spoilt := fault.Is(err, rule.NodeAttachment) || fault.Is(err, rule.ContactGap)
	if spoilt {
		n.incident(ctx, l, err, nil)
		err = nil
	}
	if err == nil {
		n.pieceCame(l, sealed, whole, spoilt)
	}
	return err
}

// pieceCame has the waiting begin anew, and the next question go when all of the
// one before has come.
func (n *Node) pieceCame(l *Link, sealed [32]byte, whole, spoilt bool) {
	begun := func(of [32]byte) uint64 {
		if of == sealed && (whole || spoilt) {
			return math.MaxUint64
		}
		return uint64(n.Attachments.Begun(of))
	}
	l.mu.Lock()
	c := &l.content
	if whole || spoilt {
		c.ahead = slices.DeleteFunc(c.ahead, func(p *mail.Piece) bool { return p.Sealed == sealed })
	}
	if delete(c.vain, sealed); spoilt {
		c.vainly(sealed, neverAgain)
	}
	var left []mail.Range
	for _, x := range c.asked {
		left = append(left, c.gaps(x, begun(x.Sealed))...)
	}
	c.asked, c.wait, c.again = left, 0, n.Now()+contentAgain
	l.mu.Unlock()
	if len(left) == 0 {
		l.stirred.broadcast()
	}
}

// takeWanted notes what they ask for: an older question is delayed, or repeated
// by whoever carries it.
func (n *Node) takeWanted(ctx context.Context, l *Link, q *mail.Wanted) error {
	fresh := false
	err := n.update(ctx, func(tx store.Tx) error {
		raw, err := tx.Record(bucketWanted, l.key())
		if err != nil && !store.Absent(err) {
			return err
		}
		if err == nil && octet.NewReader(raw).U64() >= uint64(q.Time) {
			return nil
		}
		fresh = true
		return tx.PutRecord(bucketWanted, l.key(), octetU64(uint64(q.Time)))
	})
	if err == nil && fresh {
		l.mu.Lock()
		l.content.wanted = q.Ranges
		l.mu.Unlock()
		l.stirred.broadcast()
	}
	return err
}

// PostContent posts what they ask for by mail, while the direct line is down,
// and says after how many milliseconds to look again. Before each piece it lets
// go what is said: no piece begins while a turn is being posted.
func (n *Node) PostContent(ctx context.Context, l *Link) (again int64, err error) {
	const idle = 5 * 1000
	poster := n.poster(l)
	if poster == nil {
		return hourMillis, nil
	}
	for range maxAhead + mail.MaxRanges {
		at, any := l.nextWanted(n.Now())
		if !any {
			break
		}
		down, _, err := n.directDown(ctx, l)
		if err == nil && !down {
			l.mu.Lock()
			l.content.wanted = nil // the direct line brings it
			l.mu.Unlock()
			break
		}
		if err != nil {
			return idle, err
		}
		l.yieldToMail()
		if err := n.postPiece(ctx, l, poster, at); err != nil {
			return idle, err
		}
	}
	return idle, nil
}

// yieldToMail waits until no turn is being posted.
func (l *Link) yieldToMail() {
	l.posting.Lock()
	defer l.posting.Unlock()
}

func (l *Link) nextWanted(now int64) (at mail.Range, any bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.content
	if len(c.wanted) == 0 || now < c.next {
		return at, false
	}
	return c.wanted[0], true
}

// postPiece posts the first piece of a range. What was not offered to them, is
// not here, or is more than goes by mail, is passed over.
func (n *Node) postPiece(ctx context.Context, l *Link, poster carrier.Poster, at mail.Range) error {
	piece, err := n.pieceAt(ctx, l, at)
	if err != nil || piece == nil {
		l.handed(at, at.To)
		return err
	}
	piece.Sign(l.office.Sign)
	err = l.postItem(ctx, poster, piece)
	if ctx.Err() != nil {
		return err
	}
	now := n.Now()
	l.mu.Lock()
	if err != nil {
		l.content.refused(now)
	} else {
		l.content.taken()
	}
	l.mu.Unlock()
	if err == nil {
		l.handed(at, at.From+uint64(len(piece.Bytes)))
	}
	n.keepPosting(ctx, l, now, err)
	return err
}

// pieceAt reads what a piece carries; nil: nothing does.
func (n *Node) pieceAt(ctx context.Context, l *Link, at mail.Range) (*mail.Piece, error) {
	content, err := n.offered(ctx, l, at.Sealed)
	if store.Absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer content.Close()
	size, err := content.Seek(0, io.SeekEnd)
	if err == nil && (size > n.MailContent || at.From >= uint64(size)) {
		return nil, nil
	}
	if err == nil {
		_, err = content.Seek(int64(at.From), io.SeekStart)
	}
	bytes := make([]byte, min(mail.Part, at.To-at.From, uint64(size)-at.From))
	if err == nil {
		_, err = io.ReadFull(content, bytes)
	}
	if err != nil {
		return nil, err
	}
	return &mail.Piece{Realm: l.Realm, Writer: l.Us, Reader: l.Them, Sealed: at.Sealed, From: at.From, Bytes: bytes}, nil
}

// handed takes note that of a range everything before to went.
func (l *Link) handed(at mail.Range, to uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.content
	if len(c.wanted) == 0 || c.wanted[0] != at { // they asked anew meanwhile
		return
	}
	if c.wanted[0].From = to; to >= at.To {
		c.wanted = c.wanted[1:]
	}
}
