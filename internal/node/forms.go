package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// bucketForms has forms that are being filled in, by number, sealed.
const bucketForms = "kept.forms"

// Bounds of forms, on all links together.
const (
	maxForms    = 256
	maxFormSize = 512 << 10
)

// Form is what somebody has typed so far of an act, as it was typed. It is in no
// log, starts no clock and never leaves. A version is one state of it: whoever
// changes it says which they changed.
type Form struct {
	Number      int                 `json:"number"`
	Version     int                 `json:"version"`
	Link        []byte              `json:"link"`
	Kind        string              `json:"kind"`
	Request     string              `json:"request"` // empty for an act that opens one
	Values      map[string][]string `json:"values"`
	Attachments [][]byte            `json:"attachments"` // descriptors
	By          string              `json:"by"`          // who changed it last; a remark
	At          int64               `json:"at"`
}

// KeepForm keeps a form: a new one where the number is 0, and otherwise the one
// of that number, if nobody has changed it since the version given: else
// desk.form-changed, and what is kept stays as it is.
func (n *Node) KeepForm(ctx context.Context, l *Link, f Form) (Form, error) {
	kind, known := act.Lookup(act.Newest, f.Kind)
	if !known || kind.Automatic || kind.Raw {
		return f, fault.New(rule.ActKind, "kind", f.Kind)
	}
	f.Link, f.At = l.id[:], n.Now()
	err := n.update(ctx, func(tx store.Tx) error {
		others := 0
		var old *Form
		err := n.eachForm(tx, func(k *Form) bool {
			if others++; k.Number == f.Number {
				old = k
			}
			return true
		})
		switch {
		case err != nil:
			return err
		case f.Number == 0 && others >= maxForms:
			return fault.New(rule.DeskFull, "limit", fault.Int(maxForms))
		case f.Number == 0:
			if f.Number, err = n.countForm(tx); err != nil {
				return err
			}
			f.Version = 1
		case old == nil || !bytes.Equal(old.Link, f.Link):
			return fault.New(rule.DeskNoForm, "number", fault.Int(f.Number))
		case old.Version != f.Version:
			return fault.New(rule.DeskFormChanged, "number", fault.Int(f.Number), "by", old.By)
		default:
			f.Version++
		}
		return n.putForm(tx, &f)
	})
	return f, err
}

// countForm gives the next number: none is ever given twice, so that a page
// that was left open never shows another's form.
func (n *Node) countForm(tx store.Tx) (int, error) {
	last := 0
	if raw, err := tx.Record(bucketForms, lastDraft); err == nil {
		if _, err := fmt.Sscan(string(raw), &last); err != nil {
			return 0, fault.Wrap(err, rule.StoreDamaged, "what", "number of forms")
		}
	} else if !store.Absent(err) {
		return 0, err
	}
	return last + 1, tx.PutRecord(bucketForms, lastDraft, []byte(fault.Int(last+1)))
}

func (n *Node) putForm(tx store.Tx, f *Form) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if len(raw) > maxFormSize {
		return fault.New(rule.WebForm, "limit", fault.Int(maxFormSize))
	}
	key := heldKey(f.Number)
	return tx.PutRecord(bucketForms, key, n.sealer(bucketForms, key)(raw))
}

func (n *Node) eachForm(r store.Reader, f func(*Form) bool) error {
	var inner error
	err := r.Records(bucketForms, "", "", func(rec store.Record) bool {
		if rec.Key == lastDraft {
			return true
		}
		var one *Form
		if one, inner = n.openForm(rec.Key, rec.Value); inner != nil {
			return false
		}
		return f(one)
	})
	if err == nil {
		err = inner
	}
	return err
}

func (n *Node) openForm(key string, sealed []byte) (*Form, error) {
	raw, err := n.Vault.Open(bucketForms+"/"+key, sealed)
	if err != nil {
		return nil, err
	}
	f := &Form{}
	if err := json.Unmarshal(raw, f); err != nil {
		return nil, fault.Wrap(err, rule.StoreDamaged, "what", "form")
	}
	return f, nil
}

// Forms lists the forms of a link, the newest first.
func (n *Node) Forms(ctx context.Context, l *Link) (list []*Form, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		return n.eachForm(r, func(f *Form) bool {
			if bytes.Equal(f.Link, l.id[:]) {
				list = append(list, f)
			}
			return true
		})
	})
	slices.SortFunc(list, func(a, b *Form) int { return b.Number - a.Number })
	return list, err
}

// FormNumbered gives a form of a link: desk.no-form.
func (n *Node) FormNumbered(ctx context.Context, l *Link, number int) (f *Form, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		raw, err := r.Record(bucketForms, heldKey(number))
		if err == nil {
			f, err = n.openForm(heldKey(number), raw)
		}
		if store.Absent(err) || err == nil && !bytes.Equal(f.Link, l.id[:]) {
			return fault.New(rule.DeskNoForm, "number", fault.Int(number))
		}
		return err
	})
	return f, err
}

// DropForm forgets a form.
func (n *Node) DropForm(ctx context.Context, l *Link, number int) error {
	if _, err := n.FormNumbered(ctx, l, number); err != nil {
		return err
	}
	return n.update(ctx, func(tx store.Tx) error { return tx.DropRecord(bucketForms, heldKey(number)) })
}

// forgetForms drops the forms about a request whose content is destroyed.
func (n *Node) forgetForms(tx store.Tx, l *Link, request string) error {
	var keys []string
	err := n.eachForm(tx, func(f *Form) bool {
		if bytes.Equal(f.Link, l.id[:]) && f.Request == request {
			keys = append(keys, heldKey(f.Number))
		}
		return true
	})
	for _, key := range keys {
		if err == nil {
			err = tx.DropRecord(bucketForms, key)
		}
	}
	return err
}
