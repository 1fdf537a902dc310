package node

import (
	"context"
	"encoding/hex"
	"io"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// expected is an attachment that the other side is to give: an act of theirs
// announced it, or an act of ours whose bytes a restore lost.
type expected struct {
	Size    int64 `json:"size"`
	Channel uint8 `json:"channel"`
	Own     bool  `json:"own,omitempty"`
}

// expect notes attachments to fetch: bytes are never in an entry.
func (l *Link) expect(tx store.Tx, channel uint8, list []*statement.Attachment) error {
	for _, a := range list {
		if limit := l.maxAttachment(); limit > 0 && a.Size > uint64(limit) || l.node.Attachments.Has(a.Sealed) {
			continue // more than was agreed is never fetched, and stays outstanding
		}
		key := l.attachmentKey(a.Sealed)
		known, err := expectedAt(tx, key)
		if err == nil && known.Own {
			continue // what is ours stays ours, whoever else announces it
		}
		if err != nil && !store.Absent(err) {
			return err
		}
		if err := putExpected(tx, bucketFetch, key, expected{Size: int64(a.SealedSize), Channel: channel}); err != nil {
			return err
		}
	}
	return nil
}

func putExpected(tx store.Tx, bucket, key string, want expected) error {
	value, err := ijson.Encode(want)
	if err != nil {
		return err
	}
	return tx.PutRecord(bucket, key, value)
}

func (l *Link) attachmentKey(sealed [32]byte) string {
	return hex.EncodeToString(l.id[:]) + "/" + hex.EncodeToString(sealed[:])
}

// Attach seals content for an act of ours and keeps it for the counterpart to
// fetch. Memory does not grow with the content.
func (n *Node) Attach(ctx context.Context, l *Link, name, media string, content io.Reader) (*statement.Attachment, error) {
	limit := l.maxAttachment()
	if limit > 0 {
		content = &bounded{content, limit}
	}
	reader, writer := io.Pipe()
	var described statement.Attachment
	sealing := make(chan error, 1)
	go func() {
		a, err := envelope.SealAttachment(writer, content)
		described = a
		writer.CloseWithError(err)
		sealing <- err
	}()
	sealed, err := n.Attachments.Add(reader)
	reader.CloseWithError(io.ErrClosedPipe)
	if serr := <-sealing; err == nil {
		err = serr
	}
	if err == nil && sealed != described.Sealed {
		err = fault.New(rule.StoreDamaged, "what", "attachment")
	}
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeAttachment, "name", name)
	}
	described.Name, described.Media = name, media
	return &described, n.update(ctx, func(tx store.Tx) error {
		return tx.PutRecord(bucketOffers, l.attachmentKey(sealed), nil)
	})
}

// bounded fails, and does not merely end, when more than the limit is read.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fault.New(fault.ContactTooLarge, "limit", "max_attachment_bytes")
	}
	return n, err
}

// maxAttachment is how large an attachment may be by the arrangement; 0 where
// it does not say.
func (l *Link) maxAttachment() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	in := l.book.At(l.bookSizesLocked()).Context(l.node.Now())
	if in.Arrangement == nil {
		return 0
	}
	return in.Arrangement.Quotas.MaxAttachmentBytes
}

// Attachment opens sealed bytes that were offered to the holder of a key.
func (n *Node) Attachment(ctx context.Context, from [32]byte, sealed [32]byte) (io.ReadSeekCloser, error) {
	for _, l := range n.linksOf(from) {
		if content, err := n.offered(ctx, l, sealed); !store.Absent(err) {
			return content, err
		}
	}
	return nil, fault.New(rule.StoreAbsent, "what", "attachment")
}

// receiptAttachment says in our log that the bytes have come and are kept.
func (n *Node) receiptAttachment(tx store.Tx, l *Link, channel uint8, sealed [32]byte, key string) error {
	s, err := l.state(tx)
	if err != nil {
		return err
	}
	theirs := s.TheirLog(channel)
	leaf := s.Leaf(channel, ledger.TypeReceipt, n.Now())
	leaf.Size, leaf.Hash, leaf.Attached = theirs.Size(), theirs.Tree.Root(), [][32]byte{sealed}
	w, err := s.Write(channel, leaf, nil, records{l, tx, true, channel})
	if err != nil {
		return err
	}
	if err := l.keep(tx, true, channel, link.Taken{Written: w}, nil); err != nil {
		return err
	}
	if err := tx.PutState(l.logID(true, channel), s.OwnLog(channel).Encode()); err != nil {
		return err
	}
	return tx.DropRecord(bucketFetch, key)
}

// ReadAttachment writes an attachment's content; only a nil error says that it
// is whole and what was announced.
func (n *Node) ReadAttachment(a *statement.Attachment, to io.Writer) error {
	sealed, err := n.Attachments.Open(a.Sealed)
	if err != nil {
		return err
	}
	defer sealed.Close()
	return envelope.OpenAttachment(to, sealed, a)
}

func decodePair(raw []byte) (party.Signature, error) {
	r := octet.NewReader(raw)
	s := party.DecodeSignature(r)
	return s, r.Done()
}

// maxAct is how large an act may be, sealed, by the arrangement as we know it;
// 0 where it does not say.
func (l *Link) maxAct(channel uint8) int {
	if channel != statement.Routine {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	in := l.book.At(l.bookSizesLocked()).Context(l.node.Now())
	if in.Arrangement == nil {
		return 0
	}
	return int(in.Arrangement.Quotas.MaxActBytes)
}

// quota counts what the arrangement lets a writer send in a day.
func (l *Link) quota(r store.Reader, channel uint8) func(entries, bytes int) error {
	if channel != statement.Routine {
		return nil
	}
	l.mu.Lock()
	in := l.book.At(l.bookSizesLocked()).Context(l.node.Now())
	l.mu.Unlock()
	if in.Arrangement == nil {
		return nil
	}
	q := in.Arrangement.Quotas
	return func(entries, bytes int) error {
		const day = 24 * 60 * 60 * 1000
		l.mu.Lock()
		defer l.mu.Unlock()
		if today := l.node.Now() / day; l.meta.day != today {
			l.meta.day, l.meta.dayActs, l.meta.dayBytes = today, 0, 0
		}
		if q.DayActs > 0 && l.meta.dayActs+int64(entries) > q.DayActs || q.DayBytes > 0 && l.meta.dayBytes+int64(bytes) > q.DayBytes {
			return fault.New(rule.ContactQuota, "entries", fault.Int(l.meta.dayActs), "bytes", fault.Int(l.meta.dayBytes))
		}
		l.meta.dayActs, l.meta.dayBytes = l.meta.dayActs+int64(entries), l.meta.dayBytes+int64(bytes)
		return nil
	}
}
