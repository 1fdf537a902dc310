package mailhost

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var (
	ours   = Box{Address: "parley@us.example", Also: []string{"box@us.example"}, Password: "one"}
	theirs = Box{Address: "parley@cn.example", Password: "two"}
)

func opened(t *testing.T) *Host {
	t.Helper()
	h, err := Open(ours, theirs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

const letter = "From: parley@us.example\r\nTo: parley@cn.example\r\nSubject: file\r\n\r\nhello\r\n"

// submits is one submission, as a client makes it.
func submits(h *Host, by Box, from, message string, to ...string) error {
	c, err := smtp.Dial(h.SMTP)
	if err != nil {
		return err
	}
	defer c.Close()
	if by.Address != "" {
		if err := c.Auth(sasl.NewPlainClient("", by.Address, by.Password)); err != nil {
			return err
		}
	}
	return c.SendMail(from, to, strings.NewReader(message))
}

// reads opens a mailbox, as a client does.
func reads(t *testing.T, h *Host, b Box) (*imapclient.Client, uint32) {
	t.Helper()
	c, err := imapclient.DialInsecure(h.IMAP, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(b.Address, b.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return c, box.NumMessages
}

// What is submitted stands in the mailbox of each address that it is for, under
// whichever of its names, and is noted once.
func TestSubmission(t *testing.T) {
	h := opened(t)
	if err := submits(h, ours, ours.Address, letter, theirs.Address, ours.Also[0]); err != nil {
		t.Fatal(err)
	}
	if sent := h.Sent(); len(sent) != 1 || sent[0] != letter {
		t.Errorf("%q was submitted", sent)
	}
	for _, b := range []Box{ours, theirs} {
		if _, n := reads(t, h, b); n != 1 {
			t.Errorf("%d messages stand in %s", n, b.Address)
		}
	}
}

// Nobody submits who did not prove who he is, in a name that is not his, to
// whom there is not, or more than is taken; and nothing of it is kept.
func TestSubmissionRefused(t *testing.T) {
	h := opened(t)
	wrong := ours
	wrong.Password = "two"
	for name, err := range map[string]error{
		"without a password":     submits(h, Box{}, ours.Address, letter, theirs.Address),
		"with another's":         submits(h, wrong, ours.Address, letter, theirs.Address),
		"in another's name":      submits(h, ours, theirs.Address, letter, theirs.Address),
		"in a name of the same":  submits(h, ours, ours.Also[0], letter, theirs.Address),
		"to nobody":              submits(h, ours, ours.Address, letter, "nobody@cn.example"),
		"to somebody and nobody": submits(h, ours, ours.Address, letter, theirs.Address, "nobody@cn.example"),
		"too much":               submits(h, ours, ours.Address, letter+strings.Repeat(strings.Repeat("x", 70)+"\r\n", MaxMessage/72), theirs.Address),
	} {
		var answer *smtp.SMTPError
		if !errors.As(err, &answer) || answer.Code < 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if sent := h.Sent(); len(sent) != 0 {
		t.Errorf("%d were taken", len(sent))
	}
	if _, n := reads(t, h, theirs); n != 0 {
		t.Errorf("%d stand in the mailbox", n)
	}
	if err := h.Put("nobody@cn.example", letter); err == nil {
		t.Error("a message was put into no mailbox")
	}
}

// A mailbox does what the carrier goes by: what nobody looked at is found, looking
// at a part of it marks nothing, marks are there for the next who comes, and
// what was marked as deleted goes alone.
func TestMailbox(t *testing.T) {
	h := opened(t)
	for _, text := range []string{"first", "second", "third"} {
		if err := h.Put(theirs.Address, letter+text); err != nil {
			t.Fatal(err)
		}
	}
	c, n := reads(t, h, theirs)
	if n != 3 {
		t.Fatalf("%d messages", n)
	}
	unseen := func(c *imapclient.Client) []imap.UID {
		t.Helper()
		found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		return found.AllUIDs()
	}
	uids := unseen(c)
	if len(uids) != 3 {
		t.Fatalf("%v are unseen", uids)
	}
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: 5}}
	list, err := c.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil || len(list) != 3 {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	for i, m := range list {
		if want := int64(len(letter) + len([]string{"first", "second", "third"}[i])); m.RFC822Size != want {
			t.Errorf("message %d has %d bytes, want %d", i, m.RFC822Size, want)
		}
		if part := m.FindBodySection(section); !bytes.Equal(part, []byte("From:")) {
			t.Errorf("five bytes of message %d are %q", i, part)
		}
	}
	if again := unseen(c); len(again) != 3 {
		t.Errorf("looking marked: only %v are unseen", again)
	}
	mark := func(uid imap.UID, flags ...imap.Flag) {
		t.Helper()
		if err := c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}, nil).Close(); err != nil {
			t.Fatal(err)
		}
	}
	mark(uids[0], imap.FlagSeen)
	mark(uids[1], imap.FlagSeen, imap.FlagDeleted)
	mark(uids[2], imap.FlagDeleted)
	if err := c.UIDExpunge(imap.UIDSetNum(uids[1])).Close(); err != nil {
		t.Fatal(err)
	}
	next, n := reads(t, h, theirs)
	if left := unseen(next); n != 2 || len(left) != 0 {
		t.Errorf("%d stand there, and %v as if nobody had looked", n, left)
	}
	if err := h.Put(theirs.Address, letter); err != nil {
		t.Fatal(err)
	}
	if left := unseen(next); len(left) != 1 || left[0] <= uids[2] {
		t.Errorf("what came then is %v, behind %v", left, uids)
	}
}

// A mailbox is read by whoever knows its password, and by nobody when the
// server has ended.
func TestClosed(t *testing.T) {
	h := opened(t)
	c, err := imapclient.DialInsecure(h.IMAP, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var refused *imap.Error
	if err := c.Login(theirs.Address, ours.Password).Wait(); !errors.As(err, &refused) {
		t.Errorf("read with another's password: %v", err)
	}
	h.Close()
	if c, err := imapclient.DialInsecure(h.IMAP, nil); err == nil {
		c.Close()
		t.Error("IMAP still answers")
	}
	if err := submits(h, ours, ours.Address, letter, theirs.Address); err == nil {
		t.Error("SMTP still answers")
	}
}
