package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
)

// Incident is something of the other side's that was refused.
type Incident struct {
	Link  string // the other side's code
	Realm uint8
	Fault *fault.Fault
	Text  string // of the whole error, for logs
	First int64
	Last  int64
	Count uint32
	head  string // of the delivery
}

// Bounds of what is kept of incidents: the other side must not be able to fill
// our disk with its own faults.
const (
	incidentsKept = 64   // of one rule, for one link
	incidentText  = 1024 // of one text that may be the other side's
	incidentArgs  = 32
)

func (i *Incident) layout(c *octet.Codec) {
	c.Tag("parley incident v1\n", "incident")
	octet.Int(c, &i.First)
	octet.Int(c, &i.Last)
	octet.Int(c, &i.Count)
	octet.Int(c, &i.Realm)
	if i.Fault == nil {
		i.Fault = &fault.Fault{}
	}
	code, head := string(i.Fault.Code), i.head
	clipped(c, &i.Link)
	clipped(c, &code)
	octet.List(c, &i.Fault.Args, incidentArgs, func(s *string) { clipped(c, s) })
	clipped(c, &i.Text)
	clipped(c, &head)
	i.Fault.Code, i.head = fault.Code(code), head
}

// clipped is a text of any bytes, cut where it is too long.
func clipped(c *octet.Codec, s *string) {
	raw := []byte((*s)[:min(len(*s), incidentText)])
	c.Vec(&raw, incidentText)
	*s = strings.ToValidUTF8(string(raw), "")
}

// incident keeps what was refused, with the rule, for people to see.
func (n *Node) incident(ctx context.Context, l *Link, cause error, p *contact.Push) {
	code := fault.CodeOf(cause)
	n.Log.Warn("refused", "link", l.Code(), "code", code, "error", cause)
	key := hex.EncodeToString(l.id[:4]) + "/" + string(code)
	now := n.Now()
	i := &Incident{Link: l.Code(), Realm: l.Realm, Fault: fault.New(code, argsOf(cause)...), Text: cause.Error(), First: now}
	if p != nil {
		d := fingerprintOf(p)
		key += "/" + fault.Int(d[0]%incidentsKept)
		i.head = p.Head
	}
	err := n.update(ctx, func(tx store.Tx) error {
		before, err := tx.Record(bucketIncident, key)
		if err == nil {
			if old := n.readIncident(key, before); old != nil {
				i.First, i.Count = old.First, old.Count
			}
		} else if !store.Absent(err) {
			return err
		}
		i.Last, i.Count = now, max(i.Count+1, i.Count)
		return tx.PutRecord(bucketIncident, key, n.Vault.Seal(bucketIncident+"/"+key, octet.Write(i.layout)))
	})
	if err != nil {
		n.Log.Error("keeping an incident", "error", err)
	}
}

// argsOf are the pairs of the first fault in an error.
func argsOf(err error) (args []string) {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		args = f.Args[:min(len(f.Args), incidentArgs)]
	}
	return args
}

// readIncident opens what is kept; nil if it cannot be read.
func (n *Node) readIncident(key string, sealed []byte) *Incident {
	raw, err := n.Vault.Open(bucketIncident+"/"+key, sealed)
	i := &Incident{}
	if err != nil || octet.Read(raw, i.layout) != nil {
		return nil
	}
	return i
}

// Incidents lists what was refused, with the reasons, the newest first.
func (n *Node) Incidents(ctx context.Context) (list []*Incident, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		return r.Records(bucketIncident, "", "", func(rec store.Record) bool {
			if i := n.readIncident(rec.Key, rec.Value); i != nil {
				list = append(list, i)
			}
			return true
		})
	})
	slices.SortStableFunc(list, func(a, b *Incident) int { return cmp.Compare(b.Last, a.Last) })
	return list, err
}
