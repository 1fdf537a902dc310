package node

import (
	"context"
	"crypto/hpke"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/voice"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	words "parley.example/wire/voice"
)

// What is kept of a series of words for the telephone, sealed under the store
// key: for an offer of ours the key, until its answer was read; then what is
// left of the rows.
const (
	wordsKey  uint8 = 1
	wordsRows uint8 = 2
)

// firstOfferAfter is how long after its start a node of the higher side offers
// the first series of a line: until then the lower side has, and they do not
// cross.
const firstOfferAfter = 10 * int64(calendar.Minute)

// startedAgain is after how long it is looked again whether a hotline has come
// into force.
const startedAgain = 5 * int64(calendar.Second)

// Spoken is a series of words for the telephone as it stands at this node's
// own cut and clock.
type Spoken struct {
	Gathered
	Series *voice.Series
	Held   bool // this node can give rows of it
}

// voiceMark stands between the party and the position in the name of a series.
const voiceMark = "-words-"

// foldVoice reads the acts of a series and folds them.
func (l *Link) foldVoice(r store.Reader, id store.ThreadID, at int64) (*Spoken, error) {
	s, err := l.state(r)
	if err != nil {
		return nil, err
	}
	if err := l.syncBookTo(r, s); err != nil {
		return nil, err
	}
	if of, err := procedureAt(r, id); err != nil || of != ofVoice {
		return nil, errors.Join(err, fault.New(rule.VoiceNone))
	}
	g, err := l.gatherThread(r, s, id, at, l.entry)
	if err != nil {
		return nil, err
	}
	return &Spoken{Gathered: *g, Series: voice.Fold(g.Entries[0], g.Entries[1], l.view(s, id.Channel, at))}, nil
}

// Voice folds one series now.
func (n *Node) Voice(ctx context.Context, l *Link, id store.ThreadID) (x *Spoken, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		x, err = l.foldVoice(r, id, n.Now())
		return err
	})
	return x, err
}

// voices folds the series of a line, in no particular order.
func (n *Node) voices(r store.Reader, l *Link) (list []*Spoken, err error) {
	var inner error
	err = r.Records(bucketVoice, hex.EncodeToString(l.id[:])+"/", "", func(rec store.Record) bool {
		var id store.ThreadID
		var x *Spoken
		if id, inner = l.changedThread(rec.Key); inner == nil {
			x, inner = l.foldVoice(r, id, n.Now())
		}
		if inner == nil {
			var kind uint8
			kind, _, inner = n.wordsOf(r, id)
			x.Held = kind == wordsRows
			list = append(list, x)
		}
		return inner == nil
	})
	if err == nil {
		err = inner
	}
	return list, err
}

// Voices gives the series of a line, what counts most first.
func (n *Node) Voices(ctx context.Context, l *Link) (list []*Spoken, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		list, err = n.voices(once(r), l)
		return err
	})
	slices.SortFunc(list, func(a, b *Spoken) int { return -voice.Compare(a.Series, b.Series) })
	return list, err
}

func seriesOf(list []*Spoken) (all []*voice.Series) {
	for _, x := range list {
		all = append(all, x.Series)
	}
	return all
}

// FindVoice reads the name of a series.
func (l *Link) FindVoice(name string) (store.ThreadID, error) {
	id, ok := l.findMarked(name, voiceMark, statement.Hotline)
	if !ok {
		return id, fault.New(rule.VoiceNone)
	}
	return id, nil
}

// VoiceName is how people name a series where its number is not enough.
func (l *Link) VoiceName(id store.ThreadID) string {
	return l.code(id.Own) + voiceMark + fault.Int(id.Position)
}

// wordsOf opens what is kept of a series; 0 where there is nothing.
func (n *Node) wordsOf(r store.Reader, id store.ThreadID) (kind uint8, secret []byte, err error) {
	key := threadKey(id)
	sealed, err := r.Record(bucketWords, key)
	if store.Absent(err) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	plain, err := n.opener(bucketWords, key)(sealed)
	if err != nil || len(plain) == 0 {
		return 0, nil, err
	}
	return plain[0], plain[1:], nil
}

func (n *Node) keepWords(tx store.Tx, id store.ThreadID, kind uint8, secret []byte) error {
	key := threadKey(id)
	return tx.PutRecord(bucketWords, key, n.sealer(bucketWords, key)(append([]byte{kind}, secret...)))
}

// placeOf is what a series is bound to.
func (l *Link) placeOf(id store.ThreadID, offer *procedure.Entry) words.Place {
	b := offer.Body.(*act.VoiceOfferBody)
	o := ledger.Origin{Realm: l.Realm, Writer: l.Us, Reader: l.Them, Channel: statement.Hotline, Generation: offer.Generation}
	if !id.Own {
		o.Writer, o.Reader = l.Them, l.Us
	}
	return words.Place{Origin: o.Tuple(), Position: offer.Position, Series: uint32(b.Series), Until: int64(b.Until)}
}

// KeepWords says what our node owes for words for the telephone, reads answers
// to its offers, and destroys what is not to be used any more. It says when
// there is more to do by itself; 0: not before something new comes. What is
// said and the secret that belongs to it are stored together, so a kill at any
// point leaves both or none.
func (n *Node) KeepWords(ctx context.Context, l *Link) (next int64, err error) {
	if l.restoring() {
		return 0, n.dropWords(ctx, l)
	}
	if n.unscrubbed.Load() {
		n.scrub(ctx)
	}
	var look wordsLook
	err = n.Store.View(ctx, func(r store.Reader) error {
		look = wordsLook{}
		return n.lookAtWords(once(r), l, &look)
	})
	if err != nil {
		return 0, err
	}
	if len(look.stale) > 0 || len(look.answered) > 0 {
		if err := n.update(ctx, func(tx store.Tx) error { return n.settleWords(tx, l, &look) }); err != nil {
			return 0, err
		}
		n.scrub(ctx)
	}
	for _, x := range look.refusals {
		for _, reply := range x.replies {
			if err := n.sayAutomatic(ctx, l, x.ref, x.causes[reply.Cause], reply); err != nil {
				return 0, err
			}
		}
	}
	if look.answer != nil {
		return look.next, n.answerWords(ctx, l, look.answer)
	}
	if look.offer > 0 {
		return look.next, n.offerWords(ctx, l, look.offer)
	}
	return look.next, nil
}

// wordsLook is what is to be done about words for the telephone.
type wordsLook struct {
	next     int64
	answer   *Spoken
	offer    int64
	answered []*Spoken        // offers of ours whose answer is to be read
	stale    []store.ThreadID // series of which nothing is to be kept
	refusals []looked
}

func (n *Node) lookAtWords(r store.Reader, l *Link, look *wordsLook) error {
	s, err := l.state(r)
	if err != nil {
		return err
	}
	if err := l.syncBookTo(r, s); err != nil {
		return err
	}
	now := n.Now()
	if d := l.view(s, statement.Hotline, now).Current.Arrangement; d == nil || d.Hotline == nil {
		look.next = now + startedAgain // nothing of the hotline tells when one comes into force
		return nil
	}
	list, err := n.voices(r, l)
	if err != nil {
		return err
	}
	has := map[*voice.Series]bool{}
	for _, x := range list {
		kind, _, err := n.wordsOf(r, x.ID)
		if err != nil {
			return err
		}
		answered := x.Series.Answer() != nil
		has[x.Series] = kind == wordsRows || kind == wordsKey && x.ID.Own
		if kind == wordsKey && answered && x.Series.Phase == voice.Standing {
			look.answered = append(look.answered, x)
		}
		if kind != 0 && x.Series.Phase != voice.Standing && x.Series.Phase != voice.Offered {
			look.stale = append(look.stale, x.ID)
		}
		refused := looked{}
		if refused.owes(l, &x.Gathered, x.Series.Automatic(l.Higher())); len(refused.replies) > 0 {
			look.refusals = append(look.refusals, refused)
		}
	}
	look.stale = append(look.stale, superseded(l, list)...)
	owed := voice.Owes(seriesOf(list), l.Higher(), calendar.Instant(now), func(s *voice.Series) bool { return has[s] })
	look.next, look.offer = int64(owed.Next), owed.Offer
	if owed.Answer != nil {
		look.answer = list[slices.IndexFunc(list, func(x *Spoken) bool { return x.Series == owed.Answer })]
	}
	if wait := n.started + firstOfferAfter; look.offer > 0 && len(list) == 0 && l.Higher() && now < wait {
		look.offer, look.next = 0, wait
	}
	return nil
}

// superseded lists the series that count less than one that both are known to
// hold.
func superseded(l *Link, list []*Spoken) (old []store.ThreadID) {
	var most *Spoken
	for _, x := range list {
		known := x.ID.Own || x.Series.Answer() != nil && x.Series.Answer().Receipt > 0
		if x.Series.Phase == voice.Standing && x.Held && known && (most == nil || voice.Compare(x.Series, most.Series) > 0) {
			most = x
		}
	}
	for _, x := range list {
		if most != nil && x.Held && voice.Compare(x.Series, most.Series) < 0 {
			old = append(old, x.ID)
		}
	}
	return old
}

// settleWords reads answers and destroys what is not to be used any more. An
// answer that gives no secret leaves nothing, and so another offer is owed.
func (n *Node) settleWords(tx store.Tx, l *Link, look *wordsLook) error {
	for _, x := range look.answered {
		kind, raw, err := n.wordsOf(tx, x.ID)
		if err != nil || kind != wordsKey {
			return err
		}
		secret, err := l.openAnswer(x, raw)
		if err != nil {
			n.Log.Warn("an answer gives no words for the telephone", "link", l.Code(), "error", err)
			look.stale = append(look.stale, x.ID)
			continue
		}
		if err := n.keepWords(tx, x.ID, wordsRows, words.NewKeys(secret).Encode()); err != nil {
			return err
		}
	}
	for _, id := range look.stale {
		if err := tx.DropRecord(bucketWords, threadKey(id)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Link) openAnswer(x *Spoken, raw []byte) ([]byte, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(raw)
	if err != nil {
		return nil, fault.Wrap(err, rule.VoiceKey)
	}
	answer, err := hex.DecodeString(x.Series.Answer().Body.(*act.VoiceAnswerBody).Secret)
	if err != nil {
		return nil, fault.Wrap(err, rule.VoiceKey)
	}
	return words.Open(l.placeOf(x.ID, x.Series.Offer()), private, answer)
}

// offerWords offers a series, and keeps its key in the same transaction.
func (n *Node) offerWords(ctx context.Context, l *Link, number int64) error {
	key := suite.NewSealingKey()
	private, err := key.Bytes()
	if err != nil {
		return fault.Wrap(err, rule.VoiceKey)
	}
	public := key.Public()
	body := act.VoiceOfferBody{Series: number, Key: hex.EncodeToString(public[:]), Until: calendar.Instant(n.Now() + int64(voice.Life))}
	return n.sayOfVoice(ctx, l, act.VoiceOffer, &body, nil, func(tx store.Tx, at Ref) error {
		return n.keepWords(tx, store.ThreadID{Link: l.id, Channel: statement.Hotline, Own: true, Position: at.Position}, wordsKey, private)
	})
}

// answerWords answers an offer, and keeps the rows in the same transaction.
func (n *Node) answerWords(ctx context.Context, l *Link, x *Spoken) error {
	public, err := hex.DecodeString(x.Series.Offer().Body.(*act.VoiceOfferBody).Key)
	if err != nil {
		return fault.Wrap(err, rule.VoiceKey)
	}
	answer, secret, err := words.Answer(l.placeOf(x.ID, x.Series.Offer()), public)
	if err != nil {
		return err
	}
	thread := x.Ref(l)
	return n.sayOfVoice(ctx, l, act.VoiceAnswer, &act.VoiceAnswerBody{Secret: hex.EncodeToString(answer)}, &thread, func(tx store.Tx, _ Ref) error {
		return n.keepWords(tx, x.ID, wordsRows, words.NewKeys(secret).Encode())
	})
}

// sayOfVoice appends an act by which nodes agree on words. One that is not in
// order any more is left: the record moved on meanwhile, and is looked at anew.
func (n *Node) sayOfVoice(ctx context.Context, l *Link, kind string, body any, thread *statement.Ref, after func(store.Tx, Ref) error) error {
	k, _ := act.Lookup(act.Newest, kind)
	raw, err := act.WriteBody(body)
	if err != nil {
		return err
	}
	var replies []statement.Ref
	if thread != nil {
		replies = append(replies, *thread)
	}
	draft, err := n.Draft(ctx, l, k, thread, replies, raw, nil)
	if err != nil {
		return err
	}
	_, err = n.Append(ctx, l, Say{Draft: draft, Signed: draft.ToSign(), Judge: l.judge(draft, 0), After: after})
	if fault.Is(err, rule.ActThread) || fault.Is(err, rule.ActTerm) || fault.Is(err, rule.ActTerminated) {
		return nil
	}
	return err
}

// isVoice tells of a draft of the hotline channel whether it belongs to a
// series.
func (l *Link) isVoice(r store.Reader, st *statement.Statement) (bool, error) {
	if st.Thread == nil {
		return procedureOf(st.Kind) == ofVoice, nil
	}
	of, err := procedureAt(r, l.threadID(st.Channel, *st.Thread))
	return of == ofVoice, err
}

// judgeVoice is the fold's judgement of a draft that belongs to a series.
func (l *Link) judgeVoice(r store.Reader, draft *act.Draft, e *procedure.Entry, attachments int) error {
	st := &draft.Statement
	d := voice.Draft{Higher: l.Higher(), Kind: st.Kind, Body: e.Body, Signers: e.Officers(), Unsigned: e.Act == nil, Attachments: attachments}
	if st.Thread == nil {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		return voice.Fold(nil, nil, l.view(s, st.Channel, l.node.Now())).Check(d)
	}
	x, err := l.foldVoice(r, l.threadID(st.Channel, *st.Thread), l.node.Now())
	if err != nil {
		return err
	}
	return x.Series.Check(d)
}

// dropWords destroys what is kept of every series of a line: a store that was
// restored may hold rows that were said since.
func (n *Node) dropWords(ctx context.Context, l *Link) error {
	prefix := hex.EncodeToString(l.id[:]) + "/"
	dropped := false
	err := n.update(ctx, func(tx store.Tx) error {
		dropped = false
		for _, bucket := range []string{bucketWords, bucketTalk} {
			var keys []string
			if err := tx.Records(bucket, prefix, "", func(rec store.Record) bool {
				keys = append(keys, rec.Key)
				return true
			}); err != nil {
				return err
			}
			for _, key := range keys {
				dropped = true
				if err := tx.DropRecord(bucket, key); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil && dropped {
		n.scrub(ctx)
	}
	return err
}

// scrubFor bounds how long an officer at the telephone waits for the store's
// log to be emptied; whoever reads the store for longer has it tried again.
const scrubFor = time.Second

// scrub has what was dropped leave the store's log too, where it has one. What
// it cannot do now KeepWords does.
func (n *Node) scrub(ctx context.Context) {
	s, has := n.Store.(interface{ Scrub(context.Context) error })
	if !has {
		return
	}
	within, cancel := context.WithTimeout(ctx, scrubFor)
	defer cancel()
	n.unscrubbed.Store(s.Scrub(within) != nil)
}
