package mail

import (
	"context"
	"slices"
	"testing"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/carrier/carriertest"
	"parley.example/internal/carrier/mailhost"
	"parley.example/wire/mail"
)

// world is a carrier with a mail server in memory, whose one mailbox takes what
// is for either side.
type world struct {
	t       *testing.T
	host    *mailhost.Host
	carrier *Carrier
}

const boxName, boxPassword, peerAddress = "line@us.example", "a secret of the box", "line@cn.example"

func newWorld(t *testing.T) *world {
	t.Helper()
	host, err := mailhost.Open(mailhost.Box{Address: boxName, Also: []string{peerAddress}, Password: boxPassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	settings := Settings{User: boxName, Password: boxPassword, From: boxName, Now: func() time.Time { return time.Date(2026, 6, 14, 3, 4, 5, 0, time.UTC) },
		SMTP: "smtp://" + host.SMTP, IMAP: "imap://" + host.IMAP, To: func(link [32]byte) string {
			if link == (carrier.Peer{}).Link {
				return peerAddress
			}
			return ""
		}}
	c, err := New(settings)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, host, c}
}

// put has a message stand in the mailbox.
func (w *world) put(raw string) {
	w.t.Helper()
	if err := w.host.Put(boxName, raw); err != nil {
		w.t.Error(err)
	}
}

func TestSuite(t *testing.T) {
	carriertest.Posted(t, func(t *testing.T) carriertest.Mailed {
		w := newWorld(t)
		return carriertest.Mailed{Poster: w.carrier, Box: w.carrier, Letter: func(_ *testing.T, text string) {
			w.put("From: someone@else.example\r\nTo: line@us.example\r\nSubject: hello\r\n\r\n" + text + "\r\n")
		}}
	})
}

// A call that comes while a look reads long messages does not wait for them, and
// what was read is done with, though the look ends early.
// Spec: MAIL-18.
func TestShortBetweenLong(t *testing.T) {
	w := newWorld(t)
	octets, short, long := "application/octet-stream", carriertest.File(t, 1), carriertest.File(t, mail.Part)
	for range 3 {
		w.put(letter(octets, lines(long)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var lengths []int
	looked, err := w.carrier.Collect(ctx, func(f []byte) error {
		if lengths = append(lengths, len(f)); len(lengths) == 1 {
			w.put(letter(octets, lines(short)))
		} else if len(lengths) == 3 {
			cancel()
		}
		return nil
	})
	if want := []int{len(long), len(short), len(long)}; !slices.Equal(lengths, want) || looked != 3 {
		t.Errorf("%v are read, %d looked at, %v", lengths, looked, err)
	}
	files, _ := w.take() // the session may end before what was read after the first is removed
	if len(files) == 0 || len(files) > 3 {
		t.Errorf("%d files come again", len(files))
	}
}

// take gives what one look into the mailbox brings.
func (w *world) take() (files [][]byte, looked int) {
	w.t.Helper()
	looked, err := w.carrier.Collect(context.Background(), func(f []byte) error {
		files = append(files, f)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files, looked
}
