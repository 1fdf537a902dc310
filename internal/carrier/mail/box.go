package mail

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"parley.example/internal/carrier"
	"parley.example/wire/rule"
)

// mailbox is all that is asked of a mail server, so that another library, or
// another protocol, can take this one's place.
type mailbox interface {
	// fetch gives see the oldest messages that are not done, at most so many, in
	// the order of carrier.Box; nil for one that is too long to be ours.
	fetch(most int, see func(id uint32, raw []byte)) error
	// done removes messages, and marks others as read.
	done(remove, read []uint32) error
}

// Collect hands over what has come. What was taken is removed; what is nobody's
// is marked as read and left to whoever keeps the mailbox.
func (c *Carrier) Collect(ctx context.Context, take func(file []byte) error) (looked int, err error) {
	box, end, err := c.open(ctx)
	if err != nil {
		return 0, wrap(err, rule.MailFetch, c.imap)
	}
	defer end()
	looked, err = collect(ctx, box, take)
	return looked, wrap(err, rule.MailFetch, c.imap)
}

func collect(ctx context.Context, box mailbox, take func(file []byte) error) (looked int, err error) {
	var remove, read []uint32
	var failed error
	settle := func() {
		if len(remove)+len(read) > 0 {
			failed = errors.Join(failed, box.done(remove, read))
		}
		remove, read = nil, nil
	}
	err = box.fetch(carrier.MaxCollected, func(id uint32, raw []byte) {
		if ctx.Err() != nil {
			return
		}
		looked++
		file, err := attached(raw)
		if err == nil {
			err = take(file)
		}
		switch {
		case err == nil:
			remove = append(remove, id)
		case errors.Is(err, carrier.ErrForeign):
			read = append(read, id)
		}
		if len(raw) > maxShort {
			settle() // on a slow line the session may end before the rest is here
		}
	})
	settle()
	return looked, errors.Join(err, failed)
}

// imapBox is a mailbox over IMAP (RFC 9051, or 3501).
type imapBox struct{ client *imapclient.Client }

func (c *Carrier) open(ctx context.Context) (mailbox, func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	conn, err := c.connect(ctx, c.imap, maxSession)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	options := &imapclient.Options{TLSConfig: c.tls(c.imap)}
	var client *imapclient.Client
	if c.imap.implicit || c.imap.clear {
		client = imapclient.New(conn, options)
	} else if client, err = imapclient.NewStartTLS(conn, options); err != nil {
		cancel()
		return nil, nil, err
	}
	end := func() {
		client.Logout().Wait()
		client.Close()
		cancel()
	}
	if c.User != "" {
		err = client.Login(c.User, c.Password).Wait()
	}
	if err == nil {
		_, err = client.Select("INBOX", nil).Wait()
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return &imapBox{client}, end, nil
}

func (b *imapBox) fetch(most int, see func(id uint32, raw []byte)) error {
	seen := map[imap.UID]bool{}
	for left := most; left > 0; {
		list, err := b.waiting(left, seen)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, m := range list {
			seen[m.UID] = true
			left--
			var raw []byte
			if m.RFC822Size <= maxMessage {
				if raw, err = b.message(m.UID); err != nil {
					return err
				}
				if raw == nil {
					continue // it has gone meanwhile
				}
			}
			see(uint32(m.UID), raw)
			if len(raw) > maxShort {
				break // that took long, and a short one may have come
			}
		}
	}
	return nil
}

// waiting lists the oldest messages that are neither done nor seen, the short
// ones first.
func (b *imapBox) waiting(most int, seen map[imap.UID]bool) ([]*imapclient.FetchMessageBuffer, error) {
	found, err := b.client.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return nil, err
	}
	uids := slices.DeleteFunc(found.AllUIDs(), func(uid imap.UID) bool { return seen[uid] })
	slices.Sort(uids)
	if uids = uids[:min(most, len(uids))]; len(uids) == 0 {
		return nil, nil
	}
	list, err := b.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	list = list[:min(most, len(list))] // whatever the server says
	slices.SortFunc(list, func(a, b *imapclient.FetchMessageBuffer) int {
		return cmp.Or(carrier.ShortFirst(a.RFC822Size <= maxShort, b.RFC822Size <= maxShort), cmp.Compare(a.UID, b.UID))
	})
	return list, err
}

// message reads one, but no more than the longest that is ours: what the server
// says of a length proves nothing.
func (b *imapBox) message(uid imap.UID) ([]byte, error) {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: maxMessage}}
	cmd := b.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
	var raw []byte
	var failed error
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			if body, ok := item.(imapclient.FetchItemDataBodySection); ok && body.Literal != nil && raw == nil {
				raw, failed = io.ReadAll(io.LimitReader(body.Literal, maxMessage))
			}
		}
	}
	return raw, errors.Join(cmd.Close(), failed)
}

func (b *imapBox) done(remove, read []uint32) error {
	mark := func(ids []uint32, flags ...imap.Flag) error {
		if len(ids) == 0 {
			return nil
		}
		return b.client.Store(set(ids), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}, nil).Close()
	}
	if err := errors.Join(mark(read, imap.FlagSeen), mark(remove, imap.FlagSeen, imap.FlagDeleted)); err != nil || len(remove) == 0 {
		return err
	}
	if b.client.Caps().Has(imap.CapUIDPlus) || b.client.Caps().Has(imap.CapIMAP4rev2) {
		return b.client.UIDExpunge(set(remove)).Close()
	}
	return b.client.Expunge().Close()
}

func set(ids []uint32) imap.UIDSet {
	var s imap.UIDSet
	for _, id := range ids {
		s.AddNum(imap.UID(id))
	}
	return s
}
