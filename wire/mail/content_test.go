package mail_test

import (
	"bytes"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

func piece() *mail.Piece {
	p := wiretest.Parties()
	x := &mail.Piece{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Sealed: [32]byte{1}, From: 7, Bytes: []byte("sealed")}
	x.Sign(p[0].Sign)
	return x
}

func wanted() *mail.Wanted {
	p := wiretest.Parties()
	q := &mail.Wanted{Realm: party.Exercise, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Time: 9,
		Ranges: []mail.Range{{Sealed: [32]byte{1}, From: 0, To: mail.Part}, {Sealed: [32]byte{2}, From: 3, To: 4}}}
	q.Sign(p[0].Sign)
	return q
}

func repiece(b []byte) ([]byte, error) {
	x, err := mail.DecodePiece(b)
	if err != nil {
		return nil, err
	}
	return x.Encode(), nil
}

func rewanted(b []byte) ([]byte, error) {
	q, err := mail.DecodeWanted(b)
	if err != nil {
		return nil, err
	}
	return q.Encode(), nil
}

// Spec: MAIL-19, MAIL-20, OCT-8, OCT-9, OCT-10.
func TestContentStrict(t *testing.T) {
	wiretest.Strict(t, piece().Encode(), repiece)
	wiretest.Strict(t, wanted().Encode(), rewanted)
	for _, good := range [][]byte{piece().Encode(), wanted().Encode()} {
		for i := range 16 {
			bad := bytes.Clone(good)
			bad[i] ^= 0x20
			_, err := mail.DecodePiece(bad)
			wiretest.Code(t, err, fault.OctetsUnknown)
			_, err = mail.DecodeWanted(bad)
			wiretest.Code(t, err, fault.OctetsUnknown)
		}
	}
}

// Every byte is signed, and who it is between is in it. Spec: MAIL-19, MAIL-20.
func TestContentSignature(t *testing.T) {
	p := wiretest.Parties()
	for _, item := range []mail.Item{piece(), wanted()} {
		wiretest.Code(t, item.Verify(suite.Signatures{}, p[0].Sign.Public()), "")
		wiretest.Code(t, item.Verify(suite.Signatures{}, p[1].Sign.Public()), rule.MailSignature)
		if _, writer, reader := item.Between(); writer != p[0].Card.Party || reader != p[1].Card.Party {
			t.Error("it is between others")
		}
		file, err := mail.Seal(item, p[1].Card.Seal[:])
		if err != nil {
			t.Fatal(err)
		}
		got, err := mail.Open(p[1].Seal.PrivateKey, file)
		if err != nil || !bytes.Equal(got.Encode(), item.Encode()) {
			t.Errorf("%T: %v", item, err)
		}
	}
	for _, good := range []mail.Item{piece(), wanted()} {
		raw := good.Encode()
		for i := 17; i < len(raw)-2600; i++ {
			bad := bytes.Clone(raw)
			bad[i] ^= 1
			if x, err := mail.DecodePiece(bad); err == nil && x.Verify(suite.Signatures{}, p[0].Sign.Public()) == nil {
				t.Errorf("byte %d of a piece can be changed", i)
			}
			if q, err := mail.DecodeWanted(bad); err == nil && q.Verify(suite.Signatures{}, p[0].Sign.Public()) == nil {
				t.Errorf("byte %d of a question can be changed", i)
			}
		}
	}
}

// Spec: MAIL-19, MAIL-20. Bounds that a piece and a question cannot have.
func TestContentBounds(t *testing.T) {
	for name, change := range map[string]func(*mail.Piece){
		"realm 3":  func(x *mail.Piece) { x.Realm = 3 },
		"nothing":  func(x *mail.Piece) { x.Bytes = nil },
		"far away": func(x *mail.Piece) { x.From = 1 << 63 },
	} {
		x := piece()
		change(x)
		if _, err := mail.DecodePiece(x.Encode()); !fault.Is(err, rule.MailChunk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := piece()
	long.Bytes = make([]byte, mail.Part+1)
	_, err := mail.DecodePiece(long.Encode())
	wiretest.Code(t, err, fault.OctetsLong)
	for name, change := range map[string]func(*mail.Wanted){
		"realm 0":   func(q *mail.Wanted) { q.Realm = 0 },
		"nothing":   func(q *mail.Wanted) { q.Ranges = nil },
		"empty":     func(q *mail.Wanted) { q.Ranges[1].To = 3 },
		"backwards": func(q *mail.Wanted) { q.Ranges[1].To = 2 },
		"far away":  func(q *mail.Wanted) { q.Ranges[1] = mail.Range{From: 1 << 63, To: 1<<63 + 1} },
		"too much":  func(q *mail.Wanted) { q.Ranges[1].To = mail.MaxWanted },
		"no time":   func(q *mail.Wanted) { q.Time = -1 },
	} {
		q := wanted()
		change(q)
		if _, err := mail.DecodeWanted(q.Encode()); !fault.Is(err, rule.MailChunk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := wanted()
	many.Ranges = make([]mail.Range, mail.MaxRanges+1)
	_, err = mail.DecodeWanted(many.Encode())
	wiretest.Code(t, err, fault.OctetsLong)
}

// Spec: MAIL-19, OCT-11.
func FuzzDecodePiece(f *testing.F) {
	wiretest.Seeds(f, "piece")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, repiece) })
}

// Spec: MAIL-20, OCT-11.
func FuzzDecodeWanted(f *testing.F) {
	wiretest.Seeds(f, "wanted")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, rewanted) })
}
