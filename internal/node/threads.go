package node

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Gathered is a thread's entries at this node's own cut and clock.
type Gathered struct {
	ID      store.ThreadID
	Entries [2][]*procedure.Entry // lower, higher
	Cut     record.Cut
	Instant int64
}

// Folded is a request as it stands at this node's own cut and clock.
type Folded struct {
	Gathered
	Thread *casework.Thread
}

// fold reads a thread's entries and folds them.
func (l *Link) fold(r store.Reader, id store.ThreadID, at int64) (*Folded, error) {
	return l.foldOf(r, id, at, l.entry)
}

// foldSlim is fold for what is asked about a thread and never shown: what is
// owed in it, and whether an act of a kind may be said to it.
func (l *Link) foldSlim(r store.Reader, id store.ThreadID, at int64, kind string) (*Folded, error) {
	if !casework.Slims(kind) {
		return l.fold(r, id, at)
	}
	f, err := l.foldOf(r, id, at, l.slimEntry)
	if err != nil {
		return nil, err
	}
	for _, side := range f.Entries {
		for _, e := range side {
			if !casework.Slims(e.Kind.Name) {
				return l.fold(r, id, at)
			}
		}
	}
	return f, nil
}

func (l *Link) foldOf(r store.Reader, id store.ThreadID, at int64, entry func(r store.Reader, own bool, channel uint8, position uint64) (*procedure.Entry, error)) (*Folded, error) {
	s, err := l.state(r)
	if err != nil {
		return nil, err
	}
	if err := l.syncBookTo(r, s); err != nil {
		return nil, err
	}
	if t, ok := l.tombstone(id); ok {
		f := &Folded{Gathered: Gathered{ID: id, Instant: at, Cut: l.cut(s)}}
		f.Thread, err = casework.FromResidue(t.Residue, l.view(s, id.Channel, at))
		return f, err
	}
	if err := l.request(r, id, entry); err != nil {
		return nil, err
	}
	g, err := l.gatherThread(r, s, id, at, entry)
	if err != nil {
		return nil, err
	}
	f := &Folded{Gathered: *g}
	f.Thread = casework.FoldWith(f.Entries[0], f.Entries[1], l.view(s, id.Channel, at), l.options(r, s, f))
	return f, nil
}

// gatherThread reads a thread's entries.
func (l *Link) gatherThread(r store.Reader, s *link.State, id store.ThreadID, at int64, entry func(r store.Reader, own bool, channel uint8, position uint64) (*procedure.Entry, error)) (*Gathered, error) {
	refs, err := r.Thread(id)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeNoRequest, "request", l.ThreadName(id))
	}
	f := &Gathered{ID: id, Instant: at, Cut: l.cut(s)}
	for _, ref := range refs {
		e, err := entry(r, ref.Own, id.Channel, ref.Position)
		if err != nil {
			return nil, err
		}
		side := procedure.Side(e.Higher)
		f.Entries[side] = append(f.Entries[side], e)
	}
	return f, nil
}

// Ref is how acts in the thread name it: the place of its opening.
func (f *Gathered) Ref(l *Link) statement.Ref { return f.Place(l, f.ID.Own, f.ID.Position) }

// Place is how acts name an entry of the thread: with the generation that its
// writer's log was in when it was written.
func (f *Gathered) Place(l *Link, own bool, position uint64) statement.Ref {
	ref := l.Place(own, 0, position)
	for _, e := range f.Entries[procedure.Side(ref.Higher)] {
		if e.Position == ref.Position {
			ref.Generation = e.Generation
		}
	}
	return ref
}

// options is what the record says beside the thread's own entries: recorded
// outages, when attachments were receipted, which version was in force when.
func (l *Link) options(r store.Reader, s *link.State, f *Folded) (o casework.Options) {
	ref := f.Ref(l)
	for _, e := range f.Entries[procedure.Side(ref.Higher)] {
		if e.Position == ref.Position && e.Act != nil {
			o.AttachmentsStored = l.attachmentsStored(r, f.ID, e)
			l.mu.Lock()
			o.Outages = l.book.Outages(l.sizes(s), calendar.Instant(e.Time), calendar.Instant(f.Instant))
			l.mu.Unlock()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	o.InForce = l.book.At(l.sizes(s)).InForce
	return o
}

// attachmentsStored is when the last attachment of an act was receipted; zero
// while one is outstanding.
func (l *Link) attachmentsStored(r store.Reader, id store.ThreadID, e *procedure.Entry) (at calendar.Instant) {
	for _, a := range e.Act.Attachments {
		raw, err := r.Record(bucketVerdicts, attachedKey(l.logID(id.Own, id.Channel), a.Sealed))
		if err != nil {
			return 0
		}
		at = max(at, calendar.Instant(octet.NewReader(raw).U64()))
	}
	return at
}

// sizes gives the control sizes of a state as lower, higher.
func (l *Link) sizes(s *link.State) [2]uint64 {
	return control.Sizes(l.Higher(), s.OwnLog(statement.Control).Tree.Size, s.TheirLog(statement.Control).Tree.Size)
}

// view is where folds are looked at from: this node's cut and clock.
func (l *Link) view(s *link.State, channel uint8, at int64) procedure.View {
	parties := [2]party.ID{l.Us, l.Them}
	if l.Higher() {
		parties = [2]party.ID{l.Them, l.Us}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return procedure.View{Parties: parties, Channel: channel, Instant: calendar.Instant(at),
		Current: l.book.At(l.sizes(s)).Context(at)}
}

// cut is how much of the record this node holds.
func (l *Link) cut(s *link.State) (cut record.Cut) {
	mine, other := procedure.Side(l.Higher()), procedure.Side(!l.Higher())
	for i := range s.Own {
		cut[mine][i], cut[other][i] = s.Own[i].Size(), s.Theirs[i].Size()
	}
	return cut
}

// Fold folds one thread now.
func (n *Node) Fold(ctx context.Context, l *Link, id store.ThreadID) (f *Folded, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		f, err = l.fold(r, id, n.Now())
		return err
	})
	return f, err
}

// Requests calls f with the requests of a link, newest change first, until it
// returns false.
func (n *Node) Requests(ctx context.Context, l *Link, f func(*Folded) bool) error {
	return n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		var inner error
		err := r.Threads(l.id, statement.Routine, nil, func(row store.ThreadRow) bool {
			var folded *Folded
			if folded, inner = l.fold(r, row.ID, n.Now()); errors.Is(inner, errOther) {
				inner = nil
				return true
			} else if inner != nil {
				return false
			}
			return f(folded)
		})
		if err == nil {
			err = inner
		}
		return err
	})
}

// OpenRequests calls f with the requests of a link that may not be over, in no
// particular order, until it returns false. It costs by how many are open, and
// not by how long the record is.
func (n *Node) OpenRequests(ctx context.Context, l *Link, f func(*Folded) bool) error {
	prefix := hex.EncodeToString(l.id[:]) + "/"
	return n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		var inner error
		err := r.Records(bucketOpen, prefix, "", func(rec store.Record) bool {
			var id store.ThreadID
			if id, inner = l.changedThread(rec.Key); inner != nil || id.Channel != statement.Routine {
				return inner == nil
			}
			var folded *Folded
			if folded, inner = l.fold(r, id, n.Now()); errors.Is(inner, errOther) { // it could be read only later
				inner = nil
				return true
			} else if inner != nil {
				return false
			}
			return f(folded)
		})
		if err == nil {
			err = inner
		}
		return err
	})
}

// RequestName is how people name a request: the code of the party that opened
// it and the place of the opening in its log.
func (l *Link) RequestName(id store.ThreadID) string {
	return l.code(id.Own) + "-" + fault.Int(id.Position)
}

// FindRequest reads a request's name.
func (l *Link) FindRequest(name string) (store.ThreadID, error) {
	id := store.ThreadID{Link: l.id, Channel: statement.Routine}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '-' {
			continue
		}
		var err error
		id.Own = name[:i] == l.ours.Code
		if id.Position, err = parsePosition(name[i+1:]); err == nil && (id.Own || name[:i] == l.theirs.Code) {
			return id, nil
		}
		break
	}
	return id, fault.New(rule.NodeNoRequest, "request", name)
}

// lookAtOnce is how many changed threads are looked through at a time.
const lookAtOnce = 256

// Automatic says what our node owes by itself in the threads that changed:
// giving an incomplete request back, and saying what was not in order. It
// never answers an automatic act, and never one cause twice. Which threads
// changed is in the store, so neither a restart nor a clock that jumps
// forgets one.
func (n *Node) Automatic(ctx context.Context, l *Link) (err error) {
	if l.looked.Swap(true) {
		return nil
	}
	defer func() {
		if err != nil {
			l.looked.Store(false)
		}
	}()
	for {
		list, err := n.lookThrough(ctx, l)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, x := range list {
			for _, reply := range x.replies {
				if err := n.sayAutomatic(ctx, l, x.ref, x.causes[reply.Cause], reply); err != nil {
					return err
				}
			}
		}
		if err := n.lookedThrough(ctx, l, list); err != nil {
			return err
		}
	}
}

// looked is a changed thread that was looked through, and what is owed in it.
type looked struct {
	key, mark string
	quiet     bool
	ranOut    bool // a hold in it did, by itself
	ref       statement.Ref
	replies   []procedure.Reply
	causes    map[record.Place]statement.Ref
}

// lookThrough folds the next threads that changed.
func (n *Node) lookThrough(ctx context.Context, l *Link) (list []looked, err error) {
	prefix := hex.EncodeToString(l.id[:]) + "/"
	err = n.Store.View(ctx, func(r store.Reader) error {
		err := r.Records(bucketChanged, prefix, "", func(rec store.Record) bool {
			list = append(list, looked{key: rec.Key, mark: string(rec.Value)})
			return len(list) < lookAtOnce
		})
		if err != nil {
			return err
		}
		r = once(r)
		for i := range list {
			x := &list[i]
			id, err := l.changedThread(x.key)
			if err != nil {
				return err
			}
			folded, err := l.foldSlim(r, id, n.Now(), "")
			if errors.Is(err, errOther) {
				if err := x.owesInContact(r, l, id); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
			x.quiet, x.ranOut = folded.Thread.Quiet(), folded.Thread.RanOut()
			x.owes(l, &folded.Gathered, folded.Thread.Automatic(l.Higher()))
		}
		return nil
	})
	return list, err
}

// owesInContact notes what our node owes in an entry of a directory, in which
// nothing comes due by itself.
func (x *looked) owesInContact(r store.Reader, l *Link, id store.ThreadID) error {
	c, err := l.foldContact(r, id, l.node.Now())
	if err != nil {
		return err
	}
	x.quiet = true
	x.owes(l, &c.Gathered, c.Contact.Automatic(l.Higher()))
	return nil
}

// owes notes what our node owes in a thread.
func (x *looked) owes(l *Link, g *Gathered, replies []procedure.Reply) {
	x.ref, x.replies, x.causes = g.Ref(l), replies, map[record.Place]statement.Ref{}
	for _, reply := range replies {
		x.causes[reply.Cause] = g.Place(l, reply.Cause.Higher == l.Higher(), reply.Cause.Position)
	}
}

// lookedThrough forgets that threads changed, unless they changed again
// meanwhile: marks of this process are in memory, older ones are as they were
// read.
func (n *Node) lookedThrough(ctx context.Context, l *Link, list []looked) error {
	return n.update(ctx, func(tx store.Tx) error {
		for _, x := range list {
			l.mu.Lock()
			mark, marked := l.marks[x.key]
			delete(l.marks, x.key)
			l.mu.Unlock()
			if marked && mark != x.mark { // in memory it may also be of an update that was undone
				if now, err := tx.Record(bucketChanged, x.key); err != nil || string(now) != x.mark {
					continue
				}
			}
			if x.quiet {
				if err := tx.DropRecord(bucketOpen, x.key); err != nil {
					return err
				}
			}
			if x.ranOut {
				if err := tx.PutRecord(bucketRanOut, x.key, nil); err != nil {
					return err
				}
			}
			if err := tx.DropRecord(bucketChanged, x.key); err != nil {
				return err
			}
		}
		return nil
	})
}

// changed marks a thread as open, and to be looked through: the mark is its
// newest entry. kind is that entry's.
func (l *Link) changed(tx store.Tx, id store.ThreadID, own bool, position uint64, kind string) error {
	key := threadKey(id)
	opening := own == id.Own && id.Position == position
	if id.Channel == statement.Hotline {
		return l.changedCall(tx, id, key, side(own)+"/"+fault.Int(position), opening, kind)
	}
	if opening {
		if err := opens(tx, key, kind); err != nil {
			return err
		}
	}
	request, err := isRequest(tx, id)
	if err != nil {
		return err
	}
	if request {
		if err := tx.PutRecord(bucketOpen, key, nil); err != nil {
			return err
		}
	}
	if own && opening {
		return nil // what we open ourselves is open, and nothing is owed by us
	}
	return l.look(tx, key, own, position)
}

// look marks a thread as one to be looked through.
func (l *Link) look(tx store.Tx, key string, own bool, position uint64) error {
	l.gainedIn(tx).changed = true
	mark := side(own) + "/" + fault.Int(position)
	l.mu.Lock()
	l.marks[key] = mark
	l.mu.Unlock()
	return tx.PutRecord(bucketChanged, key, []byte(mark))
}

// changedCall is changed for a thread of the hotline channel: a call is looked
// at until it is over, and a digest of machine tests never.
func (l *Link) changedCall(tx store.Tx, id store.ThreadID, key, mark string, opening bool, kind string) error {
	if opening && procedureOf(kind) != ofHotline && procedureOf(kind) != ofCasework {
		if err := opens(tx, key, kind); err != nil {
			return err
		}
	}
	switch of, err := procedureAt(tx, id); {
	case err != nil, of == ofReachability:
		return err
	case of == ofVoice:
		l.gainedIn(tx).called = true
		return nil
	}
	return l.called(tx, key, mark)
}

// threadKey is how records name a thread.
func threadKey(id store.ThreadID) string {
	return hex.EncodeToString(id.Link[:]) + "/" + side(id.Own) + "/" + fault.Int(id.Channel) + "/" + fault.Int(id.Position)
}

func (l *Link) changedThread(key string) (id store.ThreadID, err error) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 {
		return id, fault.New(rule.StoreDamaged, "what", "changed thread")
	}
	id = store.ThreadID{Link: l.id, Own: parts[1] == side(true), Channel: parts[2][0] - '0'}
	id.Position, err = parsePosition(parts[3])
	return id, err
}

// sayAutomatic says one automatic act, once for its cause.
func (n *Node) sayAutomatic(ctx context.Context, l *Link, thread, cause statement.Ref, reply procedure.Reply) error {
	kind, _ := act.Lookup(act.Newest, reply.Kind)
	body, err := act.WriteBody(reply.Body)
	if err != nil {
		return err
	}
	answered := hex.EncodeToString(l.id[:]) + "/" + reply.Key
	err = n.Store.View(ctx, func(r store.Reader) error {
		_, err := r.Record(bucketAnswered, answered)
		return err
	})
	if err == nil || !store.Absent(err) {
		return err
	}
	draft, err := n.Draft(ctx, l, kind, &thread, []statement.Ref{cause}, body, nil)
	if err != nil {
		return err
	}
	_, err = n.Append(ctx, l, Say{Draft: draft, Signed: draft.ToSign(), Judge: l.judge(draft, 0)})
	if err != nil && !fault.Is(err, rule.ActAutomatic) {
		return err
	}
	return n.update(ctx, func(tx store.Tx) error { return tx.PutRecord(bucketAnswered, answered, nil) })
}

// judge is the fold's judgement of a draft inside the append transaction.
func (l *Link) judge(draft *act.Draft, attachments int) func(store.Reader, *procedure.Entry) error {
	return func(r store.Reader, e *procedure.Entry) error {
		st := &draft.Statement
		if st.Kind == act.TestDay {
			return l.judgeDay(r, draft, e)
		}
		if st.Channel == statement.Hotline {
			return l.judgeCall(r, draft, e, attachments)
		}
		d := casework.Draft{Higher: l.Higher(), Kind: st.Kind, Body: e.Body, Replies: st.Replies, Attachments: attachments, Form: e.Form}
		if st.Thread == nil && procedureOf(st.Kind) == ofContacts {
			return l.judgeContact(r, draft, e, attachments)
		}
		if st.Thread == nil {
			s, err := l.state(r)
			if err != nil {
				return err
			}
			return casework.Fold(nil, nil, l.view(s, st.Channel, l.node.Now())).Check(d)
		}
		f, err := l.foldSlim(r, l.threadID(st.Channel, *st.Thread), l.node.Now(), st.Kind)
		if errors.Is(err, errOther) {
			return l.judgeContact(r, draft, e, attachments)
		}
		if err != nil {
			return err
		}
		if f.Thread.Moved(l.Higher(), st.Kind, st.Seen) {
			return fault.New(rule.ActMoved, "kind", st.Kind)
		}
		return f.Thread.Check(d)
	}
}

// ThreadOf names the thread that an act of ours belongs to.
func (l *Link) ThreadOf(thread *statement.Ref, ref Ref) store.ThreadID {
	if thread != nil {
		return l.threadID(ref.Channel, *thread)
	}
	return store.ThreadID{Link: l.id, Channel: ref.Channel, Own: true, Position: ref.Position}
}
