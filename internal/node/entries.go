package node

import (
	"encoding/hex"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// cacheLimit bounds the entries kept opened in memory for one link, slimLimit
// the openings kept without their words, about 1 KiB each.
const (
	cacheLimit = 1024
	slimLimit  = 4096
)

func newCache() *recent[placeKey, *procedure.Entry] {
	return newRecent[placeKey, *procedure.Entry](cacheLimit)
}

func newSlim() *recent[placeKey, *procedure.Entry] {
	return newRecent[placeKey, *procedure.Entry](slimLimit)
}

// keep writes one entry of a log: its row, what lies beside it, and what a
// receipt says of the other's log.
func (l *Link) keep(tx store.Tx, own bool, channel uint8, t link.Taken, rec *ledger.Leaf) error {
	id := l.logID(own, channel)
	hashes := make([][32]byte, len(t.Hashes))
	for i, h := range t.Hashes {
		hashes[i] = h
	}
	row := store.Row{Position: t.Leaf.Position, Type: t.Leaf.Type, Time: t.Leaf.Time, Leaf: t.Raw, Hashes: hashes}
	if err := tx.Append(id, []store.Row{row}); err != nil {
		return err
	}
	if own {
		gained := l.gainedIn(tx)
		gained.entries = append(gained.entries, ownEntry{channel, t.Leaf, t.Raw, t.Blob})
	}
	if len(t.Blob) > 0 {
		if err := tx.PutBlob(id, t.Leaf.Position, store.BlobFirst, t.Blob); err != nil {
			return err
		}
	}
	switch {
	case t.Leaf.Type == ledger.TypeCorrection:
		return keepCorrection(tx, id, t.Leaf.Position)
	case t.Leaf.Type == ledger.TypeReceipt:
		return l.keepReceipt(tx, own, channel, t.Leaf)
	case t.Leaf.Type == ledger.TypeRestate && t.Verdict == 0:
		if err := tx.PutRecord(bucketVerdicts, restatedKey(id, t.Leaf.Target), octetU64(t.Leaf.Position)); err != nil {
			return err
		}
		l.uncache(own, channel, t.Leaf.Target)
	}
	if t.Epoch != nil {
		return l.keepSecret(tx, own, channel, t.Opens, *t.Epoch)
	}
	return nil
}

// keepReceipt notes what a receipt leaf says: which entries of the other log
// it covers, and which of them could not be read.
func (l *Link) keepReceipt(tx store.Tx, own bool, channel uint8, leaf *ledger.Leaf) error {
	about := l.logID(!own, channel)
	if err := tx.PutReceipt(about, leaf.Size.Size, leaf.Time, leaf.Position); err != nil {
		return err
	}
	for _, sealed := range leaf.Attached {
		if !own {
			if err := l.hasOurs(tx, sealed); err != nil {
				return err
			}
		}
		key := attachedKey(about, sealed)
		if _, err := tx.Record(bucketVerdicts, key); err == nil {
			continue // the first receipt counts
		} else if !store.Absent(err) {
			return err
		}
		if err := tx.PutRecord(bucketVerdicts, key, append(octetU64(uint64(leaf.Time)), octetU64(leaf.Position)...)); err != nil {
			return err
		}
	}
	for _, v := range leaf.Verdicts {
		if err := tx.PutRecord(bucketVerdicts, secretKey(about, v.Position), octetU64(uint64(v.Reason))); err != nil {
			return err
		}
		l.uncache(!own, channel, v.Position)
	}
	return nil
}

func octetU64(v uint64) []byte {
	var w octet.Writer
	w.U64(v)
	return w.Bytes
}

// attachedKey is the record of when an attachment was receipted, and at which
// position of the reader's log.
func attachedKey(id store.LogID, sealed [32]byte) string {
	return "attached/" + secretKey(id, 0) + "/" + hex.EncodeToString(sealed[:])
}

func restatedKey(id store.LogID, position uint64) string {
	return "restated/" + secretKey(id, position)
}

// keepSecret keeps an epoch's secret under the store key, so that the keys it
// was wrapped to can be retired.
func (l *Link) keepSecret(tx store.Tx, own bool, channel uint8, position uint64, e envelope.Epoch) error {
	key := secretKey(l.logID(own, channel), position)
	return tx.PutRecord(bucketSecrets, key, l.node.Vault.Seal(bucketSecrets+"/"+key, e.Secret[:]))
}

func (l *Link) secret(r store.Reader, id store.LogID, origin ledger.Origin, position uint64) (e envelope.Epoch, ok bool) {
	key := secretKey(id, position)
	sealed, err := r.Record(bucketSecrets, key)
	if err != nil {
		return e, false
	}
	secret, err := l.node.Vault.Open(bucketSecrets+"/"+key, sealed)
	if err != nil || len(secret) != 32 {
		return e, false
	}
	row, err := r.Row(id, position)
	if err != nil {
		return e, false
	}
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		return e, false
	}
	e, err = envelope.Known(origin.Tuple(), leaf.Commitment, [32]byte(secret))
	return e, err == nil
}

// originAt is the origin a position was written under: generations go on, and
// an old one's entries keep their origin.
func (l *Link) originAt(r store.Reader, own bool, channel uint8, position uint64) (ledger.Origin, error) {
	log, err := l.log(r, own, channel)
	if err != nil {
		return ledger.Origin{}, err
	}
	origin := log.Origin
	if position < log.Start {
		starts, err := l.generations(r, own, channel)
		if err != nil {
			return origin, err
		}
		origin.Generation = 0
		for i, start := range starts {
			if position >= start {
				origin.Generation = uint32(i + 1)
			}
		}
	}
	return origin, nil
}

// generations lists the sizes at which the log's generations after the first began.
func (l *Link) generations(r store.Reader, own bool, channel uint8) (starts []uint64, err error) {
	prefix := hex.EncodeToString(l.id[:]) + "/" + side(own) + "/" + fault.Int(channel) + "/"
	err = r.Records(bucketGenerations, prefix, "", func(rec store.Record) bool {
		starts = append(starts, octet.NewReader(rec.Value).U64())
		return true
	})
	return starts, err
}

func side(own bool) string {
	if own {
		return "own"
	}
	return "theirs"
}

// entry reads an act at a position, opened and judged. It may come from
// memory: what was judged once stays judged.
func (l *Link) entry(r store.Reader, own bool, channel uint8, position uint64) (*procedure.Entry, error) {
	key := placeKey{own, channel, position}
	l.mu.Lock()
	e, _ := l.cache.get(key)
	l.mu.Unlock()
	id := l.logID(own, channel)
	if e != nil && e.Receipt != 0 {
		return e, nil
	}
	if e == nil {
		if e = l.judgeOpened(key); e != nil && e.Receipt != 0 {
			return e, nil
		}
	}
	at, err := l.received(r, id, position)
	if err != nil {
		return nil, err
	}
	if e != nil {
		if at == 0 {
			return e, nil
		}
		received := *e
		received.Receipt = at
		l.recache(key, &received)
		return &received, nil
	}
	f, err := l.find(r, own, channel, position)
	if err != nil {
		return nil, err
	}
	f.Receipt = at
	e = l.judged(f)
	l.recache(key, e)
	return e, nil
}

// judged judges what was found, and looks at its form.
func (l *Link) judged(f procedure.Found) *procedure.Entry {
	e := procedure.Read(l.node.Signatures, f)
	casework.Look(e)
	return e
}

// slimEntry is entry for a fold that needs no words: an opening that left
// memory may be there without them.
func (l *Link) slimEntry(r store.Reader, own bool, channel uint8, position uint64) (*procedure.Entry, error) {
	key := placeKey{own, channel, position}
	l.mu.Lock()
	_, whole := l.cache.get(key)
	_, fresh := l.unjudged[key]
	slim, _ := l.slim.get(key)
	l.mu.Unlock()
	if whole || fresh || slim == nil {
		return l.entry(r, own, channel, position)
	}
	if slim.Receipt != 0 {
		return slim, nil
	}
	at, err := l.received(r, l.logID(own, channel), position)
	if err != nil || at == 0 {
		return slim, err
	}
	received := *slim
	received.Receipt = at
	l.mu.Lock()
	defer l.mu.Unlock()
	if now, _ := l.slim.get(key); now == slim {
		l.slim.put(key, &received)
	}
	return &received, nil
}

// judgeOpened judges an act that was opened when it came; nil where memory has
// none.
func (l *Link) judgeOpened(key placeKey) *procedure.Entry {
	l.mu.Lock()
	f, ok := l.unjudged[key]
	delete(l.unjudged, key)
	l.mu.Unlock()
	if !ok {
		return nil
	}
	f.Context = l.contextAt(key.channel, key.own, f.Leaf)
	e := l.judged(f)
	l.recache(key, e)
	return e
}

// received is when an act was first receipted, 0 for not yet. One that was
// stated again counts from there: the receipt before it said that nobody could
// read it.
func (l *Link) received(r store.Reader, id store.LogID, position uint64) (int64, error) {
	if at, err := l.restatement(r, id, position); err == nil {
		position = at
	}
	at, _, err := r.Receipt(id, position)
	if store.Absent(err) {
		return 0, nil
	}
	return at, err
}

// find gathers what the record says of an act.
func (l *Link) find(r store.Reader, own bool, channel uint8, position uint64) (f procedure.Found, err error) {
	id := l.logID(own, channel)
	row, err := r.Row(id, position)
	if err != nil {
		return f, err
	}
	if f.Leaf, err = ledger.DecodeLeaf(row.Leaf); err != nil {
		return f, fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
	}
	if f.Origin, err = l.originAt(r, own, channel, position); err != nil {
		return f, err
	}
	f.Place = record.Place{Higher: own == l.Higher(), Position: position, Seen: f.Leaf.Seen[0].Size}
	f.Context = l.contextAt(channel, own, f.Leaf)
	from, epoch := position, f.Leaf.Epoch
	if at, err := l.restatement(r, id, position); err == nil {
		if again, err := r.Row(id, at); err == nil {
			if leaf, err := ledger.DecodeLeaf(again.Leaf); err == nil {
				from, epoch = leaf.Position, leaf.Epoch
			}
		}
	} else if verdict, err := r.Record(bucketVerdicts, secretKey(id, position)); err == nil {
		f.Unreadable = uint16(octet.NewReader(verdict).U64())
		return f, nil
	}
	sealed, err := r.Blob(id, from, store.BlobFirst)
	if err != nil {
		return f, err
	}
	secret, ok := l.secret(r, id, f.Origin, epoch)
	if !ok {
		f.Unreadable = ledger.ReasonEpoch
		return f, nil
	}
	f.Parts, f.Act, f.Unreadable = link.OpenAct(f.Origin, secret, f.Leaf.Commitment, sealed)
	if f.Act != nil {
		first, err := r.ActAt(id, f.Act.Statement.Act)
		f.Repeated = err == nil && first < position
	}
	return f, nil
}

// restatement is where an act was stated again, readably.
func (l *Link) restatement(r store.Reader, id store.LogID, position uint64) (uint64, error) {
	raw, err := r.Record(bucketVerdicts, restatedKey(id, position))
	if err != nil {
		return 0, err
	}
	at := octet.NewReader(raw).U64()
	if _, err := r.Record(bucketVerdicts, secretKey(id, at)); err == nil {
		return 0, fault.New(rule.StoreAbsent, "what", "restatement")
	}
	return at, nil
}

func (l *Link) recache(key placeKey, e *procedure.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recacheLocked(key, e)
}

func (l *Link) recacheLocked(key placeKey, e *procedure.Entry) {
	l.cache.put(key, e)
	if slim := casework.Slim(e); slim != nil {
		l.slim.put(key, slim)
	}
}

func (l *Link) uncache(own bool, channel uint8, position uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops++
	key := placeKey{own, channel, position}
	l.cache.drop(key)
	l.slim.drop(key)
	delete(l.unjudged, key)
}

// threadID is the store's name of a thread.
func (l *Link) threadID(channel uint8, ref statement.Ref) store.ThreadID {
	return store.ThreadID{Link: l.id, Channel: channel, Own: ref.Higher == l.Higher(), Position: ref.Position}
}

// Place is the wire's name of one of our or their entries.
func (l *Link) Place(own bool, generation uint32, position uint64) statement.Ref {
	return statement.Ref{Higher: own == l.Higher(), Generation: generation, Position: position}
}

// contextAt is what the control record says where a leaf stands.
func (l *Link) contextAt(channel uint8, own bool, leaf *ledger.Leaf) *procedure.Context {
	mine, other := leaf.Seen[2].Size, leaf.Seen[1].Size
	if channel == statement.Control {
		mine, other = leaf.Position, leaf.Seen[0].Size
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.At(control.Sizes(own == l.Higher(), mine, other)).Context(leaf.Time)
}

// syncBook reads control entries that the store has and the book has not. A
// control entry is added once all that it has seen was added.
func (l *Link) syncBook(r store.Reader) error {
	s, err := l.state(r)
	if err != nil {
		return err
	}
	return l.syncBookTo(r, s)
}

// syncBookTo is syncBook where the state was read already.
func (l *Link) syncBookTo(r store.Reader, s *link.State) error {
	for moved := true; moved; {
		moved = false
		for i, own := range []bool{true, false} {
			log := s.Theirs[0]
			if own {
				log = s.Own[0]
			}
			for l.bookSize(i) < log.Tree.Size {
				ok, err := l.addControl(r, own, i)
				if err != nil {
					return err
				}
				if !ok {
					break
				}
				moved = true
			}
		}
	}
	return nil
}

func (l *Link) bookSize(i int) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read[i]
}

func (l *Link) addControl(r store.Reader, own bool, i int) (bool, error) {
	position := l.bookSize(i)
	row, err := r.Row(l.logID(own, statement.Control), position)
	if err != nil {
		return false, err
	}
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		return false, fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
	}
	if leaf.Seen[0].Size > l.bookSize(1-i) {
		return false, nil
	}
	var e *procedure.Entry
	if leaf.Type == ledger.TypeAct {
		if e, err = l.entry(r, own, statement.Control, position); err != nil {
			return false, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read[i] != position {
		return true, nil
	}
	l.read[i]++
	switch {
	case e != nil:
		l.book.Add(e)
	case leaf.Type == ledger.TypeDigest:
		l.book.Digest(own == l.Higher(), position, leaf.Day, leaf.Hours)
	case leaf.Type == ledger.TypeReceipt:
		l.book.Receipt(own != l.Higher(), leaf.Size.Size, position, leaf.Time)
	}
	return true, nil
}

func (l *Link) newestCards() (ours, theirs *party.Card) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newestCardsLocked()
}

// newestCardsLocked gives the cards in force for what we write now.
func (l *Link) newestCardsLocked() (ours, theirs *party.Card) {
	cards := l.book.At(control.Sizes(l.Higher(), l.read[0], l.read[1])).Cards()
	return cards[procedure.Side(l.Higher())], cards[procedure.Side(!l.Higher())]
}
