package node

import (
	"context"
	"io"
	"strconv"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
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

// Prepared is an act that waits for its signatures.
type Prepared struct {
	Link  *Link
	Kind  act.Kind
	Draft *act.Draft
	Sign  []byte // the statement's bytes
}

// Prepare drafts an act on the view of now. body is a body of the kind's type,
// or its bytes. Where checks of our own stand before the act it is kept as a
// draft of the desk, and the error is desk.gate.
func (n *Node) Prepare(ctx context.Context, l *Link, kindName string, thread *statement.Ref, replies []statement.Ref, body any, attached []*statement.Attachment) (*Prepared, error) {
	kind, ok := act.Lookup(act.Newest, kindName)
	if !ok {
		return nil, fault.New(rule.ActKind, "kind", kindName)
	}
	raw, isRaw := body.([]byte)
	if !isRaw {
		var err error
		if raw, err = act.WriteBody(body); err != nil {
			return nil, err
		}
	}
	if kindName == act.ArrangementPropose {
		if err := l.checkProposal(raw); err != nil {
			return nil, err
		}
	}
	if kindName == act.Suspend || kindName == act.Narrow || kindName == act.Terminate {
		if err := n.checkSuspension(ctx, l, kindName, thread, raw); err != nil {
			return nil, err
		}
	}
	draft, err := n.Draft(ctx, l, kind, thread, replies, raw, attached)
	if err != nil {
		return nil, err
	}
	if err := n.foresee(ctx, l, kind, draft); err != nil {
		return nil, err
	}
	if err := n.hold(ctx, l, kind, draft); err != nil {
		return nil, err
	}
	return &Prepared{Link: l, Kind: kind, Draft: draft, Sign: draft.ToSign()}, nil
}

// Submit appends a prepared act with its signatures; none where the kind asks
// for none.
func (n *Node) Submit(ctx context.Context, p *Prepared, signatures []statement.PersonSignature) (Ref, error) {
	ours, _ := p.Link.newestCards()
	for _, s := range signatures {
		if _, ok := ours.Officer(s.KeyID); !ok {
			return Ref{}, fault.New(fault.StatementPerson, "key", s.KeyID, "party", ours.Code, "card", fault.Int(ours.Serial))
		}
		statement.VerifyPerson(n.Signatures, ours, p.Sign, s) // what is good is remembered, and not checked under the write lock; the judgement is made there
	}
	say := Say{Draft: p.Draft, Signed: p.Sign, Signatures: signatures}
	if p.Kind.Channel == statement.Hotline {
		say.Judge = p.Link.judge(p.Draft, len(p.Draft.Attachments))
	}
	if p.Kind.Channel == statement.Routine {
		judge := p.Link.judge(p.Draft, len(p.Draft.Attachments))
		say.Judge = func(r store.Reader, e *procedure.Entry) error {
			if err := judge(r, e); err != nil {
				return err
			}
			return n.gated(r, p.Link, p.Draft, signatures)
		}
		say.After = func(tx store.Tx, at Ref) error { return n.released(tx, p.Link, p.Draft, at) }
	}
	return n.Append(ctx, p.Link, say)
}

// Speak prepares an act, has it signed and submits it.
func (n *Node) Speak(ctx context.Context, l *Link, kind string, thread *statement.Ref, replies []statement.Ref, body any, files []File, by Signing) (Ref, error) {
	var attached []*statement.Attachment
	for _, f := range files {
		a, err := n.Attach(ctx, l, f.Name, f.Media, f.Content)
		if err != nil {
			return Ref{}, err
		}
		attached = append(attached, a)
	}
	p, err := n.Prepare(ctx, l, kind, thread, replies, body, attached)
	if err != nil {
		return Ref{}, err
	}
	if by == nil {
		return n.Submit(ctx, p, nil)
	}
	signature, err := by.SignPerson(p.Sign)
	if err != nil {
		return Ref{}, err
	}
	return n.Submit(ctx, p, []statement.PersonSignature{{KeyID: by.KeyID(), Algorithm: by.Algorithm(), Signature: signature}})
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
