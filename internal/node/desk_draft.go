package node

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"parley.example/internal/desk"
	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// maxDrafts bounds the acts that wait for checks, on all links together.
const maxDrafts = 256

// resultSkew is how far the time of a result may be from the node's, in
// milliseconds.
const resultSkew = 10 * 60 * 1000

// held is an act that waits for checks, as it is kept: exactly what would leave,
// and where it belongs. It is made of parts of acts; nothing of the desk is in
// it.
type held struct {
	Number      int         `json:"number"`
	Link        []byte      `json:"link"`
	Kind        string      `json:"kind"`
	Opens       bool        `json:"opens"`
	Own         bool        `json:"own"`    // of the request, when it does not open one
	Thread      uint64      `json:"thread"` // position of its opening
	Body        []byte      `json:"body"`
	Attachments [][]byte    `json:"attachments"`
	Replies     []heldReply `json:"replies"`
	At          int64       `json:"at"`
}

type heldReply struct {
	Own        bool   `json:"own"`
	Generation uint32 `json:"generation"`
	Position   uint64 `json:"position"`
}

// Held is an act that waits for checks, laid open for one's own officers.
type Held struct {
	Number      int
	Link        *Link
	Kind        string
	Request     string // its name; empty for an act that opens one
	Body        []byte
	Attachments []*statement.Attachment
	Replies     []desk.Reply
	At          int64
	Release     desk.Release
	Standings   []desk.Standing
	kept        held
}

func heldKey(number int) string { return fmt.Sprintf("%010d", number) }

// lay lays a kept draft open and has the gate say how it stands at an instant.
func (n *Node) lay(r store.Reader, k held, signers []desk.Person, at int64) (*Held, error) {
	h := &Held{Number: k.Number, Kind: k.Kind, Body: k.Body, At: k.At, kept: k}
	n.mu.Lock()
	h.Link = n.links[[32]byte(k.Link)]
	n.mu.Unlock()
	if h.Link == nil {
		return nil, fault.New(rule.NodeNoLink)
	}
	for _, raw := range k.Attachments {
		a, err := statement.DecodeAttachment(raw)
		if err != nil {
			return nil, err
		}
		h.Attachments = append(h.Attachments, a)
	}
	for _, p := range k.Replies {
		h.Replies = append(h.Replies, desk.Reply{Own: p.Own, Entry: p.Position})
	}
	if !k.Opens {
		h.Request = h.Link.NameBy(k.Kind, h.thread())
	}
	h.Release = desk.Release{Realm: h.Link.Realm, Ours: h.Link.Us, Theirs: h.Link.Them, Request: h.Request, Kind: k.Kind,
		Content: desk.Content(k.Body, k.Attachments, h.Replies)}
	if n.Gate == nil {
		return h, nil
	}
	kind, _ := act.Lookup(act.Newest, k.Kind)
	body, err := act.CheckBody(kind, k.Body)
	if err != nil {
		return nil, err
	}
	var f *Folded
	if !k.Opens && procedureOf(k.Kind) == ofCasework {
		if f, err = h.Link.fold(r, h.thread(), at); err != nil {
			return nil, err
		}
	}
	results, err := n.results(r, k.Number)
	if err != nil {
		return nil, err
	}
	h.Standings = n.Gate.Gate(h.Release, matter(body, f), results, signers, at, h.Link.signed)
	return h, nil
}

func (h *Held) thread() store.ThreadID {
	return store.ThreadID{Link: h.Link.id, Channel: statement.Routine, Own: h.kept.Own, Position: h.kept.Thread}
}

// results reads the answers to the checks of a draft; a draft that is not kept,
// whose number is 0, has none.
func (n *Node) results(r store.Reader, number int) (list []desk.Result, err error) {
	if number == 0 {
		return nil, nil
	}
	var inner error
	err = r.Records(bucketResults, heldKey(number)+"/", "", func(rec store.Record) bool {
		var one *desk.Result
		if one, inner = desk.OpenResult(rec.Value, n.opener(bucketResults, rec.Key)); inner == nil {
			list = append(list, *one)
		}
		return inner == nil
	})
	if err == nil {
		err = inner
	}
	return list, err
}

// eachHeld calls f with each draft that waits.
func (n *Node) eachHeld(r store.Reader, f func(held) bool) error {
	var inner error
	err := r.Records(bucketDrafts, "", "", func(rec store.Record) bool {
		if rec.Key == lastDraft {
			return true
		}
		var k held
		if k, inner = n.openHeld(rec); inner != nil {
			return false
		}
		return f(k)
	})
	if err == nil {
		err = inner
	}
	return err
}

func (n *Node) openHeld(rec store.Record) (k held, err error) {
	raw, err := n.Vault.Open(bucketDrafts+"/"+rec.Key, rec.Value)
	if err != nil {
		return k, err
	}
	return k, ijson.Decode(raw, &k, ijson.Limits{Bytes: 4 * act.MaxBody})
}

// draftOf writes down what a draft would say, without a number.
func (l *Link) draftOf(d *act.Draft) held {
	st := &d.Statement
	k := held{Link: l.id[:], Kind: st.Kind, Opens: st.Thread == nil, Body: d.Body, At: l.node.Now()}
	if st.Thread != nil {
		id := l.threadID(st.Channel, *st.Thread)
		k.Own, k.Thread = id.Own, id.Position
	}
	for _, a := range d.Attachments {
		k.Attachments = append(k.Attachments, a.Encode())
	}
	for _, p := range st.Replies {
		k.Replies = append(k.Replies, heldReply{p.Higher == l.Higher(), p.Generation, p.Position})
	}
	return k
}

// find gives the waiting draft that would say the same, or the same without a
// number when none waits.
func (n *Node) find(r store.Reader, l *Link, d *act.Draft, signers []desk.Person) (*Held, error) {
	want := l.draftOf(d)
	h, err := n.lay(r, want, signers, n.Now())
	if err != nil {
		return nil, err
	}
	var found *held
	err = n.eachHeld(r, func(k held) bool {
		if string(k.Link) == string(want.Link) && k.Kind == want.Kind && k.Opens == want.Opens && k.Own == want.Own &&
			k.Thread == want.Thread && slices.EqualFunc(k.Attachments, want.Attachments, slices.Equal) &&
			slices.Equal(k.Body, want.Body) && slices.Equal(k.Replies, want.Replies) {
			found = &k
		}
		return found == nil
	})
	if err != nil || found == nil {
		return h, err
	}
	return n.lay(r, *found, signers, n.Now())
}

// hold is asked before anybody signs: an act whose gate is closed is kept as a
// draft, with a number, and refused with desk.gate. The same act again finds
// the same draft. Where the gate is open nothing is kept.
func (n *Node) hold(ctx context.Context, l *Link, kind act.Kind, d *act.Draft) error {
	if n.Gate == nil || kind.Channel != statement.Routine || kind.Automatic {
		return nil
	}
	var closed error
	err := n.update(ctx, func(tx store.Tx) error {
		closed = nil
		h, err := n.find(tx, l, d, nil)
		if err != nil || len(desk.Closed(h.Standings)) == 0 {
			return err
		}
		if h.Number == 0 {
			// What could not be said anyway is told now, and not after a judge
			// was asked.
			body, err := act.CheckBody(kind, d.Body)
			if err != nil {
				return err
			}
			if err := l.judge(d, len(d.Attachments))(tx, &procedure.Entry{Body: body}); err != nil {
				return err
			}
			if err := n.keepHeld(tx, h); err != nil {
				return err
			}
		}
		closed = h.refusal()
		return nil
	})
	if err != nil {
		return err
	}
	return closed
}

// keepHeld gives a draft its number and keeps it.
func (n *Node) keepHeld(tx store.Tx, h *Held) error {
	last, waiting := 0, 0
	if raw, err := tx.Record(bucketDrafts, lastDraft); err == nil {
		if _, err := fmt.Sscan(string(raw), &last); err != nil {
			return fault.Wrap(err, rule.StoreDamaged, "what", "number of drafts")
		}
	} else if !store.Absent(err) {
		return err
	}
	if err := n.eachHeld(tx, func(held) bool { waiting++; return true }); err != nil {
		return err
	}
	if waiting >= maxDrafts {
		return fault.New(rule.DeskFull, "limit", fault.Int(maxDrafts))
	}
	h.Number, h.kept.Number = last+1, last+1
	value, err := ijson.Encode(h.kept)
	if err != nil {
		return err
	}
	if err := tx.PutRecord(bucketDrafts, heldKey(h.Number), n.sealer(bucketDrafts, heldKey(h.Number))(value)); err != nil {
		return err
	}
	return tx.PutRecord(bucketDrafts, lastDraft, []byte(fault.Int(h.Number)))
}

// refusal says what an act waits for, and what may be said meanwhile.
func (h *Held) refusal() error {
	var codes []string
	for _, s := range desk.Closed(h.Standings) {
		codes = append(codes, s.Check.Code)
	}
	args := []string{"draft", fault.Int(h.Number), "kind", h.Kind, "checks", strings.Join(codes, " ")}
	if h.Request != "" {
		args = append(args, "request", h.Request)
	}
	if next := desk.Next(h.Standings); next.Act != "" && h.Request != "" {
		args = append(args, "instead", next.Act)
		if next.Reason != "" {
			args = append(args, "reason", next.Reason)
		}
	}
	return fault.New(rule.DeskGate, args...)
}

// gated is asked again inside the transaction that appends: whatever happened
// since, an act whose gate is closed does not leave.
func (n *Node) gated(r store.Reader, l *Link, d *act.Draft, signatures []statement.PersonSignature) error {
	if n.Gate == nil {
		return nil
	}
	h, err := n.find(r, l, d, l.people(signatures))
	if err == nil && len(desk.Closed(h.Standings)) > 0 {
		err = h.refusal()
	}
	return err
}

// released moves a draft that was said out of those that wait, in the same
// transaction. Its answers stay, with the place of the act; its content is in
// the record now.
func (n *Node) released(tx store.Tx, l *Link, d *act.Draft, at Ref) error {
	if n.Gate == nil && n.undrafted.Load() {
		return nil
	}
	none := true
	if err := n.eachHeld(tx, func(held) bool { none = false; return false }); err != nil || none {
		n.undrafted.Store(err == nil && n.Gate == nil) // without a gate none is ever added
		return err
	}
	h, err := n.find(tx, l, d, nil)
	if err != nil || h.Number == 0 {
		return err
	}
	said := h.kept
	said.Body, said.Attachments = nil, nil
	value, err := ijson.Encode(said)
	if err != nil {
		return err
	}
	key := secretKey(l.logID(true, at.Channel), at.Position)
	if err := tx.PutRecord(bucketReleased, key, n.sealer(bucketReleased, key)(value)); err != nil {
		return err
	}
	return tx.DropRecord(bucketDrafts, heldKey(h.Number))
}

// Released lists the acts of ours in a request that were drafts of the desk, as
// their gates stood when they were said.
func (n *Node) Released(ctx context.Context, l *Link, id store.ThreadID) (list []*Held, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		f, err := l.fold(r, id, n.Now())
		if err != nil {
			return err
		}
		for _, e := range f.Entries[procedure.Side(l.Higher())] {
			key := secretKey(l.logID(true, id.Channel), e.Position)
			raw, err := r.Record(bucketReleased, key)
			if err != nil || e.Act == nil {
				continue
			}
			var said held
			if raw, err = n.Vault.Open(bucketReleased+"/"+key, raw); err == nil {
				err = ijson.Decode(raw, &said, ijson.Limits{Bytes: 4 * act.MaxBody})
			}
			if err != nil {
				return err
			}
			k := l.draftOf(&act.Draft{Statement: *e.Act.Statement, Body: e.Act.Body, Attachments: e.Act.Attachments})
			k.Number, k.At = said.Number, e.Time
			h, err := n.lay(r, k, l.people(e.Act.Signatures), e.Time)
			if err != nil {
				return err
			}
			list = append(list, h)
		}
		return nil
	})
	return list, err
}

// laid reads one draft that waits, by its number.
func (n *Node) laid(r store.Reader, number int) (*Held, error) {
	key := heldKey(number)
	raw, err := r.Record(bucketDrafts, key)
	if err != nil {
		if store.Absent(err) {
			err = fault.Wrap(err, rule.DeskNoDraft, "number", fault.Int(number))
		}
		return nil, err
	}
	k, err := n.openHeld(store.Record{Key: key, Value: raw})
	if err != nil {
		return nil, err
	}
	return n.lay(r, k, nil, n.Now())
}

// HeldDraft lays one draft open: desk.no-draft.
func (n *Node) HeldDraft(ctx context.Context, number int) (h *Held, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		h, err = n.laid(r, number)
		return err
	})
	return h, err
}

// HeldDrafts lists the drafts that wait on a link, by number.
func (n *Node) HeldDrafts(ctx context.Context, l *Link) (list []*Held, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		var inner error
		err := n.eachHeld(r, func(k held) bool {
			if string(k.Link) != string(l.id[:]) {
				return true
			}
			var h *Held
			if h, inner = n.lay(r, k, nil, n.Now()); inner == nil {
				list = append(list, h)
			}
			return inner == nil
		})
		if err == nil {
			err = inner
		}
		return err
	})
	return list, err
}

// Answer keeps an officer's signed answer to a check of a draft. desk.no-check
// when no such check stands before it; desk.result when the signature is not
// one of our officer's over this very release, the role is not the check's, the
// time is not now, or the officer has said something newer.
func (n *Node) Answer(ctx context.Context, number int, result *desk.Result) (h *Held, err error) {
	err = n.update(ctx, func(tx store.Tx) error {
		if h, err = n.laid(tx, number); err != nil {
			return err
		}
		if err := n.mayAnswer(h, result); err != nil {
			return err
		}
		results, err := n.results(tx, number)
		if err != nil {
			return err
		}
		if len(results) >= desk.MaxResults {
			return fault.New(rule.DeskFull, "limit", fault.Int(desk.MaxResults))
		}
		key := fmt.Sprintf("%s/%06d", heldKey(number), len(results))
		sealed, err := result.Seal(n.sealer(bucketResults, key))
		if err != nil {
			return err
		}
		if err := tx.PutRecord(bucketResults, key, sealed); err != nil {
			return err
		}
		h, err = n.laid(tx, number)
		return err
	})
	return h, err
}

func (n *Node) mayAnswer(h *Held, result *desk.Result) error {
	at := slices.IndexFunc(h.Standings, func(s desk.Standing) bool { return s.Check.Code == result.Check })
	if at < 0 {
		return fault.New(rule.DeskNoCheck, "check", result.Check, "draft", fault.Int(h.Number))
	}
	c := h.Standings[at].Check
	bad := func(what string) error {
		return fault.New(rule.DeskResult, "check", c.Code, "what", what)
	}
	who, ok := h.Link.signed(h.Release.Text(c, result), result)
	if !ok {
		return bad("signature")
	}
	if len(c.Roles) > 0 && !slices.Contains(c.Roles, who.Role) {
		return fault.New(rule.DeskResult, "check", c.Code, "role", who.Role)
	}
	if skew := result.At - n.Now(); skew > resultSkew || skew < -resultSkew {
		return bad("time")
	}
	for _, by := range h.Standings[at].By {
		if by.Person.Key == who.Key && by.At >= result.At {
			return bad("not newer")
		}
	}
	return nil
}

// Release prepares a draft's act anew, with the same body and attachments, on
// the view of now. desk.gate while its gate is closed.
func (n *Node) Release(ctx context.Context, number int) (*Prepared, error) {
	h, err := n.HeldDraft(ctx, number)
	if err != nil {
		return nil, err
	}
	var thread *statement.Ref
	if !h.kept.Opens {
		f, err := n.Fold(ctx, h.Link, h.thread())
		if err != nil {
			return nil, err
		}
		ref := f.Ref(h.Link)
		thread = &ref
	}
	var replies []statement.Ref
	for _, p := range h.kept.Replies {
		replies = append(replies, h.Link.Place(p.Own, p.Generation, p.Position))
	}
	return n.Prepare(ctx, h.Link, h.Kind, thread, replies, h.Body, h.Attachments)
}

// DropDraft forgets a draft that waits, and the answers to its checks. With the
// draft go the keys of its attachments.
func (n *Node) DropDraft(ctx context.Context, number int) error {
	return n.update(ctx, func(tx store.Tx) error {
		if _, err := n.laid(tx, number); err != nil {
			return err
		}
		return dropDraft(tx, number)
	})
}

// dropDraft drops a draft and the answers to its checks.
func dropDraft(tx store.Tx, number int) error {
	var keys []string
	err := tx.Records(bucketResults, heldKey(number)+"/", "", func(rec store.Record) bool {
		keys = append(keys, rec.Key)
		return true
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := tx.DropRecord(bucketResults, key); err != nil {
			return err
		}
	}
	return tx.DropRecord(bucketDrafts, heldKey(number))
}

// forgetDesk drops what the desk keeps of a request whose content both parties
// destroyed: notes, tasks, forms, and drafts that wait.
func (n *Node) forgetDesk(tx store.Tx, l *Link, id store.ThreadID) error {
	var drafts []int
	err := n.eachHeld(tx, func(k held) bool {
		if !k.Opens && k.Own == id.Own && k.Thread == id.Position && bytes.Equal(k.Link, l.id[:]) {
			drafts = append(drafts, k.Number)
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, number := range drafts {
		if err := dropDraft(tx, number); err != nil {
			return err
		}
	}
	if err := n.forgetForms(tx, l, l.RequestName(id)); err != nil {
		return err
	}
	return tx.DropRecord(bucketDesk, dossierKey(id))
}
