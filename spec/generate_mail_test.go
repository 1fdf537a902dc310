package spec

import (
	"bytes"
	"crypto/hpke"
	"encoding/binary"
	"encoding/hex"
	"testing"
	"testing/cryptotest"

	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/wiretest"
)

// TestUpdateMailVectors writes the vectors of kinds mail and posted anew with
// -update.
func TestUpdateMailVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	cryptotest.SetGlobalRandom(t, 20160103)
	p := wiretest.Parties()
	turn := bytes.Repeat([]byte("a turn "), 3)
	chunks, err := mail.Cut(party.Real, p[0].Card.Party, p[1].Card.Party, turn, p[0].Sign)
	if err != nil {
		t.Fatal(err)
	}
	c := chunks[0]
	good := c.Encode()
	m := maker{t: t, kind: "mail"}.with("key", p[0].Card.Code+" sign")
	m.put("whole", "", good)
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 13, '2'))
	m.put("suite-2", fault.OctetsUnknown, at(good, 15, 2))
	m.put("signature", rule.MailSignature, at(good, len(good)-1, good[len(good)-1]^1))
	for name, change := range map[string]func(*mail.Chunk){
		"realm-0": func(c *mail.Chunk) { c.Realm = 0 }, "between": func(c *mail.Chunk) { c.From = 1 },
		"part-short": func(c *mail.Chunk) { c.Size++ }, "beyond-a-turn": func(c *mail.Chunk) { c.Size = 4456449 },
	} {
		bad := *c
		change(&bad)
		bad.Sign(p[0].Sign)
		m.put(name, rule.MailChunk, bad.Encode())
	}

	m = maker{t: t, kind: "posted"}.with("key", p[1].Card.Code+" seal", "part", hex.EncodeToString(turn))
	seal := func(plain []byte) []byte {
		key, err := hpke.MLKEM768X25519().NewPublicKey(p[1].Card.Seal[:])
		if err != nil {
			t.Fatal(err)
		}
		file, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("parley mail v1\n"), plain)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	plain := make([]byte, 32<<10)
	binary.BigEndian.PutUint32(plain, uint32(len(good)))
	copy(plain[4:], good)
	file := seal(plain)
	m.put("file", "", file)
	m.put("padding", rule.MailChunk, seal(at(plain, len(plain)-1, 1)))
	m.with("key", p[0].Card.Code+" seal").put("another-key", rule.MailForeign, file)
}
