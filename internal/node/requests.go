package node

import (
	"context"
	"io"
	"strconv"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Signing is a person's way to sign: the digest of the statement in, the
// signature out. The node never holds the key.
type Signing interface {
	KeyID() string
	Algorithm() uint8
	SignPerson(statement []byte) ([]byte, error)
}

// File is an attachment as it is given.
type File struct {
	Name, Media string
	Content     io.Reader
}

// Speak drafts, has signed, and appends an act in a thread. It is the one way
// by which people's acts leave.
func (n *Node) Speak(ctx context.Context, l *Link, kindName string, thread *statement.Ref, replies []statement.Ref, body any, files []File, by Signing) (Ref, error) {
	kind, ok := act.Lookup(act.Newest, kindName)
	if !ok {
		return Ref{}, fault.New(fault.ActKind, "kind", kindName)
	}
	raw, isRaw := body.([]byte)
	if !isRaw {
		var err error
		if raw, err = act.WriteBody(body); err != nil {
			return Ref{}, err
		}
	}
	var attached []*statement.Attachment
	for _, f := range files {
		a, err := n.Attach(ctx, l, f.Name, f.Media, f.Content)
		if err != nil {
			return Ref{}, err
		}
		attached = append(attached, a)
	}
	draft, err := n.Draft(ctx, l, kind, thread, replies, raw, attached)
	if err != nil {
		return Ref{}, err
	}
	say := Say{Draft: draft, Signed: draft.ToSign()}
	if by != nil {
		if err := l.mayAct(by); err != nil {
			return Ref{}, err
		}
		signature, err := by.SignPerson(say.Signed)
		if err != nil {
			return Ref{}, err
		}
		say.Signatures = []statement.PersonSignature{{KeyID: by.KeyID(), Algorithm: by.Algorithm(), Signature: signature}}
	}
	if kind.Channel == statement.Routine {
		say.Judge = l.judge(draft, len(attached))
	}
	return n.Append(ctx, l, say)
}

// mayAct refuses a signature by somebody our card does not name.
func (l *Link) mayAct(by Signing) error {
	ours, _ := l.newestCards()
	if _, ok := ours.Officer(by.KeyID()); !ok {
		return fault.New(fault.StatementPerson, "key", by.KeyID(), "party", ours.Code, "card", fault.Int(ours.Serial))
	}
	return nil
}

// Officer finds an officer of ours by key.
func (l *Link) Officer(keyID string) (party.Officer, bool) {
	ours, _ := l.newestCards()
	return ours.Officer(keyID)
}

func parsePosition(s string) (uint64, error) {
	v, err := strconv.ParseUint(s, 10, 64)
	if err == nil && strconv.FormatUint(v, 10) != s {
		err = strconv.ErrSyntax
	}
	return v, err
}
