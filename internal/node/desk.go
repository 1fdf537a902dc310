package node

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"parley.example/internal/desk"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// What the desk keeps: local records, sealed, and in no log.
const (
	bucketDesk     = "kept.desk"     // dossiers, by request, sealed
	bucketDrafts   = "kept.drafts"   // acts that wait for checks, by number, sealed
	bucketResults  = "kept.results"  // answers to checks, by draft and number, sealed
	bucketReleased = "kept.released" // drafts that were said, by place, sealed
)

// lastDraft is the record of the newest draft's number; its key is shorter than
// any draft's.
const lastDraft = "last"

// checkGate refuses release rules that speak of kinds that do not exist, or
// that a node must be able to say by itself.
func checkGate(rules *desk.Rules) error {
	if rules == nil {
		return nil
	}
	for _, c := range rules.Checks {
		for _, name := range c.Acts {
			if kind, ok := act.Lookup(act.Newest, name); !ok || kind.Channel != statement.Routine || kind.Automatic {
				return fault.New(rule.DeskRules, "check", c.Code, "kind", name)
			}
		}
		for _, said := range []desk.Coded{c.Outstanding, c.Refused} {
			if kind, ok := act.Lookup(act.Newest, said.Act); said.Act != "" && (!ok || kind.Channel != statement.Routine || kind.Automatic) {
				return fault.New(rule.DeskRules, "check", c.Code, "kind", said.Act)
			}
		}
	}
	return nil
}

func (n *Node) sealer(bucket, key string) func([]byte) []byte {
	return func(plain []byte) []byte { return n.Vault.Seal(bucket+"/"+key, plain) }
}

func (n *Node) opener(bucket, key string) func([]byte) ([]byte, error) {
	return func(sealed []byte) ([]byte, error) { return n.Vault.Open(bucket+"/"+key, sealed) }
}

func dossierKey(id store.ThreadID) string {
	return hex.EncodeToString(id.Link[:]) + "/" + side(id.Own) + "/" + fault.Int(id.Position)
}

// dossier reads a request's dossier; an empty one where nothing was kept.
func (n *Node) dossier(r store.Reader, id store.ThreadID) (*desk.Dossier, error) {
	if _, err := r.Thread(id); err != nil {
		return nil, err
	}
	key := dossierKey(id)
	raw, err := r.Record(bucketDesk, key)
	if store.Absent(err) {
		return &desk.Dossier{}, nil
	}
	if err != nil {
		return nil, err
	}
	return desk.OpenDossier(raw, n.opener(bucketDesk, key))
}

// Dossier is what the office keeps beside a request.
func (n *Node) Dossier(ctx context.Context, l *Link, id store.ThreadID) (d *desk.Dossier, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		d, err = n.dossier(r, id)
		return err
	})
	if store.Absent(err) {
		err = fault.Wrap(err, rule.NodeNoRequest, "request", l.RequestName(id))
	}
	return d, err
}

// ChangeDossier changes a request's dossier, all of it or, with an error of
// change, nothing. change is given the instant.
func (n *Node) ChangeDossier(ctx context.Context, l *Link, id store.ThreadID, change func(d *desk.Dossier, now int64) error) error {
	err := n.update(ctx, func(tx store.Tx) error {
		d, err := n.dossier(tx, id)
		if err != nil {
			return err
		}
		if err := change(d, n.Now()); err != nil {
			return err
		}
		key := dossierKey(id)
		sealed, err := d.Seal(n.sealer(bucketDesk, key))
		if err != nil {
			return err
		}
		return tx.PutRecord(bucketDesk, key, sealed)
	})
	if store.Absent(err) {
		err = fault.Wrap(err, rule.NodeNoRequest, "request", l.RequestName(id))
	}
	return err
}

// Dossiers calls f with each dossier of a link and the name of its request,
// until it returns false.
func (n *Node) Dossiers(ctx context.Context, l *Link, f func(request string, d *desk.Dossier) bool) error {
	return n.Store.View(ctx, func(r store.Reader) error {
		var inner error
		prefix := hex.EncodeToString(l.id[:]) + "/"
		err := r.Records(bucketDesk, prefix, "", func(rec store.Record) bool {
			parts := strings.Split(strings.TrimPrefix(rec.Key, prefix), "/")
			position, perr := strconv.ParseUint(parts[len(parts)-1], 10, 64)
			if len(parts) != 2 || perr != nil {
				inner = fault.New(rule.StoreDamaged, "what", "dossier")
				return false
			}
			var d *desk.Dossier
			if d, inner = desk.OpenDossier(rec.Value, n.opener(bucketDesk, rec.Key)); inner != nil {
				return false
			}
			return f(l.RequestName(store.ThreadID{Own: parts[0] == side(true), Position: position}), d)
		})
		if err == nil {
			err = inner
		}
		return err
	})
}

// signed says who signed a text of the desk, by our card in force.
func (l *Link) signed(text []byte, r *desk.Result) (desk.Person, bool) {
	ours, _ := l.newestCards()
	o, err := statement.VerifyPerson(l.node.Signatures, ours, text,
		statement.PersonSignature{KeyID: r.Officer, Algorithm: r.Algorithm, Signature: r.Signature})
	return desk.Person{Key: r.Officer, Name: o.Name, Unit: o.Unit, Role: o.Role}, err == nil
}

// people are the officers of our card whose keys these are.
func (l *Link) people(signatures []statement.PersonSignature) (list []desk.Person) {
	for _, s := range signatures {
		if o, ok := l.Officer(s.KeyID); ok {
			list = append(list, desk.Person{Key: s.KeyID, Name: o.Name, Unit: o.Unit, Role: o.Role})
		}
	}
	return list
}

// matter is what an act is about: of a form its own codes, of anything else
// those of its request.
func matter(body any, f *Folded) desk.Matter {
	if open, ok := body.(*act.OpenBody); ok {
		return desk.Matter{Type: open.Type, Area: open.Area, Urgency: open.Urgency}
	}
	if f == nil || f.Thread.Request == nil {
		return desk.Matter{}
	}
	q := f.Thread.Request
	return desk.Matter{Type: q.Type, Area: q.Area, Urgency: q.Urgency}
}

// GateOf says which checks stand before an act of this kind in a request,
// before there is any content.
func (n *Node) GateOf(ctx context.Context, l *Link, id store.ThreadID, kind string) ([]*desk.Check, error) {
	if _, ok := act.Lookup(act.Newest, kind); !ok {
		return nil, fault.New(rule.ActKind, "kind", kind)
	}
	f, err := n.Fold(ctx, l, id)
	if err != nil || n.Gate == nil {
		return nil, err
	}
	return n.Gate.Applies(kind, matter(nil, f)), nil
}
