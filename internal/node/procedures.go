package node

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Procedures whose folds give the views of threads.
const (
	ofCasework = "casework"
	ofHotline  = "hotline"
	ofContacts = "contacts"

	ofTests        = "tests" // calls that were planned, folded as any
	ofReachability = "reachability"
	ofVoice        = "voice"
)

// procedureOf tells which procedure folds the threads that a kind opens, and
// so which one a kind of its own is said in.
func procedureOf(kind string) string {
	family, _, _ := strings.Cut(kind, ".")
	switch family {
	case "call":
		return ofHotline
	case "contact":
		return ofContacts
	case "voice":
		return ofVoice
	case "test":
		if kind == act.TestDay {
			return ofReachability
		}
		return ofTests
	}
	return ofCasework // also of a kind that nobody knows: it is refused there
}

// errOther says that a thread is no request.
var errOther = errors.New("a thread of another procedure")

// request refuses a thread that is folded by another procedure: what opens it
// tells, in order or not, and what cannot be read opens a request.
func (l *Link) request(r store.Reader, id store.ThreadID, entry func(r store.Reader, own bool, channel uint8, position uint64) (*procedure.Entry, error)) error {
	e, err := entry(r, id.Own, id.Channel, id.Position)
	if err == nil && e.Act != nil && procedureOf(e.Act.Statement.Kind) != ofCasework {
		return fault.Wrap(errOther, rule.NodeNoRequest, "request", l.RequestName(id))
	}
	return nil // one that is not there is told where the thread is gathered
}

// opens keeps which procedure folds a thread that is opened, so that its
// threads are listed without looking at any other.
func opens(tx store.Tx, key, kind string) error {
	if procedureOf(kind) == ofCasework {
		return nil
	}
	if err := tx.PutRecord(bucketProcedure, key, []byte(procedureOf(kind))); err != nil {
		return err
	}
	switch procedureOf(kind) {
	case ofContacts:
		return tx.PutRecord(bucketContacts, key, nil)
	case ofVoice:
		return tx.PutRecord(bucketVoice, key, nil)
	}
	return nil
}

// procedureAt is the procedure that opens kept of a thread; "" for the one
// that most threads of its channel are folded by.
func procedureAt(r store.Reader, id store.ThreadID) (string, error) {
	raw, err := r.Record(bucketProcedure, threadKey(id))
	if store.Absent(err) {
		return "", nil
	}
	return string(raw), err
}

// isRequest tells of a thread of the routine channel whether it is a request.
func isRequest(r store.Reader, id store.ThreadID) (bool, error) {
	_, err := r.Record(bucketProcedure, threadKey(id))
	if store.Absent(err) {
		return true, nil
	}
	return false, err
}

// Listed is an entry of a directory as it stands at this node's own cut and
// clock.
type Listed struct {
	Gathered
	Contact *contacts.Contact
}

// contactMark stands between the party and the position in the name of an
// entry of a directory.
const contactMark = "-contact-"

// foldContact reads the acts of an entry of a directory and folds them.
func (l *Link) foldContact(r store.Reader, id store.ThreadID, at int64) (*Listed, error) {
	s, err := l.state(r)
	if err != nil {
		return nil, err
	}
	if err := l.syncBookTo(r, s); err != nil {
		return nil, err
	}
	if err := l.request(r, id, l.entry); !errors.Is(err, errOther) {
		return nil, fault.New(rule.NodeNoContact, "contact", l.ContactName(id))
	}
	g, err := l.gatherThread(r, s, id, at, l.entry)
	if err != nil {
		return nil, err
	}
	return &Listed{*g, contacts.Fold(g.Entries[0], g.Entries[1], l.view(s, id.Channel, at))}, nil
}

// ContactPoint folds one entry of a directory now.
func (n *Node) ContactPoint(ctx context.Context, l *Link, id store.ThreadID) (c *Listed, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		c, err = l.foldContact(r, id, n.Now())
		return err
	})
	return c, err
}

// ContactPoints calls f with the entries of both parties' directories, in no
// particular order, until it returns false.
func (n *Node) ContactPoints(ctx context.Context, l *Link, f func(*Listed) bool) error {
	return n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		var inner error
		err := r.Records(bucketContacts, hex.EncodeToString(l.id[:])+"/", "", func(rec store.Record) bool {
			var id store.ThreadID
			var c *Listed
			if id, inner = l.changedThread(rec.Key); inner == nil {
				c, inner = l.foldContact(r, id, n.Now())
			}
			return inner == nil && f(c)
		})
		if err == nil {
			err = inner
		}
		return err
	})
}

// ContactName is how people name an entry of a directory.
func (l *Link) ContactName(id store.ThreadID) string {
	return l.code(id.Own) + contactMark + fault.Int(id.Position)
}

// FindContact reads the name of an entry of a directory.
func (l *Link) FindContact(name string) (store.ThreadID, error) {
	id, ok := l.findMarked(name, contactMark, statement.Routine)
	if !ok {
		return id, fault.New(rule.NodeNoContact, "contact", name)
	}
	return id, nil
}

// findMarked reads a name that has a mark between the party and the position.
func (l *Link) findMarked(name, mark string, channel uint8) (store.ThreadID, bool) {
	id := store.ThreadID{Link: l.id, Channel: channel}
	code, position, found := strings.Cut(name, mark)
	if !found || code != l.ours.Code && code != l.theirs.Code {
		return id, false
	}
	var err error
	id.Own = code == l.ours.Code
	id.Position, err = parsePosition(position)
	return id, err == nil
}

// NameBy is how people name the thread that an act of a kind belongs to.
func (l *Link) NameBy(kind string, id store.ThreadID) string {
	switch procedureOf(kind) {
	case ofContacts:
		return l.ContactName(id)
	case ofVoice:
		return l.VoiceName(id)
	}
	return l.ThreadName(id)
}

// foresee tells before anybody signs that an act of a call or of a directory
// could not be said: what is wrong with it is best told where it was typed, and
// a signature that leads to nothing costs time that a call does not have.
func (n *Node) foresee(ctx context.Context, l *Link, kind act.Kind, draft *act.Draft) error {
	of := procedureOf(kind.Name)
	if of != ofContacts && of != ofHotline && of != ofVoice {
		return nil
	}
	body, err := act.CheckBody(kind, draft.Body)
	if err != nil {
		return err
	}
	return n.Store.View(ctx, func(r store.Reader) error {
		if of == ofHotline || of == ofVoice {
			return l.judgeCall(r, draft, &procedure.Entry{Body: body}, len(draft.Attachments))
		}
		return l.judge(draft, len(draft.Attachments))(r, &procedure.Entry{Body: body})
	})
}

// judgeContact is the fold's judgement of a draft that belongs to an entry of
// a directory.
func (l *Link) judgeContact(r store.Reader, draft *act.Draft, e *procedure.Entry, attachments int) error {
	st := &draft.Statement
	d := contacts.Draft{Higher: l.Higher(), Kind: st.Kind, Body: e.Body, Attachments: attachments}
	if st.Thread == nil {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		return contacts.Fold(nil, nil, l.view(s, st.Channel, l.node.Now())).Check(d)
	}
	c, err := l.foldContact(r, l.threadID(st.Channel, *st.Thread), l.node.Now())
	if err != nil {
		return err
	}
	return c.Contact.Check(d)
}
