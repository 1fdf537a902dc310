package spec

import (
	"bytes"
	"crypto/hpke"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"testing"
	"testing/cryptotest"

	"parley.example/internal/link"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// TestUpdateMailVectors writes the vectors of kinds mail, piece, wanted, posted
// and mailed anew with -update.
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
	m.item(good)
	m.put("part-long", fault.OctetsLong, at(good, 15+2+64+32+8, 0, 7, 0xd0, 1)) // 512,001
	makeChunks(m, c)
	piece := makePieces(maker{t: t, kind: "piece", header: m.header})
	wanted := makeWanted(maker{t: t, kind: "wanted", header: m.header})

	m = maker{t: t, kind: "posted"}.with("key", p[1].Card.Code+" seal", "part", hex.EncodeToString(turn))
	makePosted(m, good, piece, wanted)
	makeMailed(maker{t: t, kind: "mailed"}.with("key", p[0].Card.Code+" sign"))
	makeAnswered(maker{t: t, kind: "answered"}.with("key", p[0].Card.Code+" sign"))
}

// item puts what everything that a file carries is refused for: its frame, its
// tag, its suite, and by whom it is signed.
func (m maker) item(good []byte) {
	p := wiretest.Parties()
	suite := bytes.IndexByte(good, '\n') + 1
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, suite-2, '2'))
	m.put("suite-2", fault.OctetsUnknown, at(good, suite, 2))
	m.put("signature", rule.MailSignature, at(good, len(good)-1, good[len(good)-1]^1))
	m.put("signature-ed25519", rule.MailSignature, at(good, len(good)-2484, good[len(good)-2484]^1))
	m.with("key", p[0].Card.Code+" root").put("another-key", rule.MailSignature, good)
	m.with("key", p[1].Card.Code+" sign").put("other-direction", rule.ContactPeer, good)
	m.with("realm", "2").put("other-realm", rule.ContactRealm, good)
}

var stranger = party.ID(bytes.Repeat([]byte{9}, 32))

func makeChunks(m maker, good *mail.Chunk) {
	p := wiretest.Parties()
	for name, x := range map[string]struct {
		expect fault.Code
		change func(*mail.Chunk)
	}{
		"realm-0":       {rule.MailChunk, func(c *mail.Chunk) { c.Realm = 0 }},
		"realm-3":       {rule.MailChunk, func(c *mail.Chunk) { c.Realm = 3 }},
		"between":       {rule.MailChunk, func(c *mail.Chunk) { c.From = 1 }},
		"part-short":    {rule.MailChunk, func(c *mail.Chunk) { c.Size++ }},
		"part-beyond":   {rule.MailChunk, func(c *mail.Chunk) { c.Size-- }},
		"size-0":        {rule.MailChunk, func(c *mail.Chunk) { c.Size, c.Part = 0, nil }},
		"from-beyond":   {rule.MailChunk, func(c *mail.Chunk) { c.From = mail.Part }},
		"from-size":     {rule.MailChunk, func(c *mail.Chunk) { c.Size, c.From, c.Part = mail.Part, mail.Part, nil }},
		"beyond-a-turn": {rule.MailChunk, func(c *mail.Chunk) { c.Size = contact.MaxTurn + 1 }},
		"last-of-nine":  {"", func(c *mail.Chunk) { c.Size, c.From = 8*mail.Part+uint32(len(c.Part)), 8*mail.Part }},
		"other-writer":  {rule.ContactPeer, func(c *mail.Chunk) { c.Writer = stranger }},
		"other-reader":  {rule.ContactPeer, func(c *mail.Chunk) { c.Reader = stranger }},
		"exercise":      {rule.ContactRealm, func(c *mail.Chunk) { c.Realm = party.Exercise }},
	} {
		c := *good
		x.change(&c)
		c.Sign(p[0].Sign)
		m.put(name, x.expect, c.Encode())
	}
}

func makePieces(m maker) []byte {
	p := wiretest.Parties()
	signed := func(change func(*mail.Piece)) []byte {
		x := &mail.Piece{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Sealed: [32]byte{1, 2}, From: mail.Part, Bytes: []byte("sealed bytes")}
		change(x)
		x.Sign(p[0].Sign)
		return x.Encode()
	}
	good := signed(func(*mail.Piece) {})
	m.put("piece", "", good)
	m.item(good)
	m.with("realm", "2").put("exercise", "", signed(func(x *mail.Piece) { x.Realm = party.Exercise }))
	m.put("long", fault.OctetsLong, at(good, 16+2+64+32+8, 0, 7, 0xd0, 1)) // 512,001
	for name, x := range map[string]struct {
		expect fault.Code
		change func(*mail.Piece)
	}{
		"from-0":           {"", func(x *mail.Piece) { x.From = 0 }},
		"from-between":     {"", func(x *mail.Piece) { x.From = 7 }},
		"one-byte":         {"", func(x *mail.Piece) { x.Bytes = x.Bytes[:1] }},
		"from-2-62":        {"", func(x *mail.Piece) { x.From = 1 << 62 }},
		"from-beyond-2-62": {rule.MailChunk, func(x *mail.Piece) { x.From = 1<<62 + 1 }},
		"from-2-64":        {rule.MailChunk, func(x *mail.Piece) { x.From = 1<<64 - 1 }},
		"empty":            {rule.MailChunk, func(x *mail.Piece) { x.Bytes = nil }},
		"realm-0":          {rule.MailChunk, func(x *mail.Piece) { x.Realm = 0 }},
		"realm-3":          {rule.MailChunk, func(x *mail.Piece) { x.Realm = 3 }},
		"other-writer":     {rule.ContactPeer, func(x *mail.Piece) { x.Writer = stranger }},
		"other-reader":     {rule.ContactPeer, func(x *mail.Piece) { x.Reader = stranger }},
	} {
		m.put(name, x.expect, signed(x.change))
	}
	return good
}

func makeWanted(m maker) []byte {
	p := wiretest.Parties()
	one, two := [32]byte{1, 2}, [32]byte{3}
	signed := func(change func(*mail.Wanted)) []byte {
		q := &mail.Wanted{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Time: wiretest.Start,
			Ranges: []mail.Range{{Sealed: one, From: mail.Part, To: 3 * mail.Part}, {Sealed: two, From: 3, To: 4}}}
		change(q)
		q.Sign(p[0].Sign)
		return q.Encode()
	}
	// of lists ranges of the first attachment, by where they begin and end.
	of := func(bounds ...uint64) func(*mail.Wanted) {
		return func(q *mail.Wanted) {
			q.Ranges = nil
			for i := 0; i < len(bounds); i += 2 {
				q.Ranges = append(q.Ranges, mail.Range{Sealed: one, From: bounds[i], To: bounds[i+1]})
			}
		}
	}
	good := signed(func(*mail.Wanted) {})
	m.put("wanted", "", good)
	m.item(good)
	m.with("realm", "2").put("exercise", "", signed(func(q *mail.Wanted) { q.Realm = party.Exercise }))
	const most, far = mail.MaxWanted, 1 << 62
	for name, x := range map[string]struct {
		expect fault.Code
		change func(*mail.Wanted)
	}{
		"one-byte":         {"", of(0, 1)},
		"two-of-one":       {"", of(0, 5, 9, 12)},
		"backwards-listed": {"", of(9, 12, 0, 5)},
		"overlapping":      {"", of(0, 9, 5, 12)},
		"doubled":          {"", of(0, 5, 0, 5)},
		"all-at-once":      {"", of(7, 7+most)},
		"up-to-2-62":       {"", of(far-1, far)},
		"sixteen":          {"", of(slices.Repeat([]uint64{0, 256_000}, 16)...)},
		"seventeen":        {fault.OctetsLong, of(slices.Repeat([]uint64{0, 1}, 17)...)},
		"none":             {rule.MailChunk, of()},
		"empty":            {rule.MailChunk, of(0, 5, 5, 5)},
		"backwards":        {rule.MailChunk, of(5, 4)},
		"too-much":         {rule.MailChunk, of(0, most+1)},
		"doubled-too-much": {rule.MailChunk, of(0, most, 0, 1)},
		"sum-2-64":         {rule.MailChunk, of(0, far, 0, far, 0, far, 0, far)},
		"beyond-2-62":      {rule.MailChunk, of(far, far+1)},
		"beyond-2-63":      {rule.MailChunk, of(1<<63, 1<<63+1)},
		"time-last":        {"", func(q *mail.Wanted) { q.Time = 1<<63 - 1 }},
		"time-2-63":        {rule.MailChunk, func(q *mail.Wanted) { q.Time = -1 << 63 }},
		"realm-0":          {rule.MailChunk, func(q *mail.Wanted) { q.Realm = 0 }},
		"realm-3":          {rule.MailChunk, func(q *mail.Wanted) { q.Realm = 3 }},
		"other-writer":     {rule.ContactPeer, func(q *mail.Wanted) { q.Writer = stranger }},
		"other-reader":     {rule.ContactPeer, func(q *mail.Wanted) { q.Reader = stranger }},
	} {
		m.put(name, x.expect, signed(x.change))
	}
	return good
}

// makePosted seals what the other vectors hold, and what nobody should.
func makePosted(m maker, chunk, piece, wanted []byte) {
	p := wiretest.Parties()
	sealed := func(info string, additional, plain []byte) []byte {
		key, err := hpke.MLKEM768X25519().NewPublicKey(p[1].Card.Seal[:])
		if err != nil {
			m.t.Fatal(err)
		}
		enc, sender, err := hpke.NewSender(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info))
		if err != nil {
			m.t.Fatal(err)
		}
		ciphertext, err := sender.Seal(additional, plain)
		if err != nil {
			m.t.Fatal(err)
		}
		return append(enc, ciphertext...)
	}
	const info = "parley mail v1\n"
	seal := func(plain []byte) []byte { return sealed(info, nil, plain) }
	padded := func(item []byte, step int) []byte {
		plain := make([]byte, step)
		binary.BigEndian.PutUint32(plain, uint32(len(item)))
		copy(plain[4:], item)
		return plain
	}
	plain := padded(chunk, 32<<10)
	file := seal(plain)
	m.put("file", "", file)
	m.put("padding", rule.MailChunk, seal(at(plain, len(plain)-1, 1)))
	m.with("key", p[0].Card.Code+" seal").put("another-key", rule.MailForeign, file)

	holds := func(name string, item []byte) {
		of := maker{t: m.t, kind: m.kind}.with("key", m.header["key"], "item", hex.EncodeToString(item))
		of.put(name, "", seal(padded(item, 32<<10)))
	}
	holds("piece", piece)
	holds("wanted", wanted)
	full := &mail.Piece{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Bytes: []byte{1}}
	full.Bytes = bytes.Repeat(full.Bytes, 32<<10-4-len(full.Encode())+1) // no zero follows
	full.Sign(p[0].Sign)
	holds("full", full.Encode())
	m.put("short", rule.MailForeign, file[:len(file)-1])
	m.put("left-over", rule.MailForeign, append(bytes.Clone(file), 0))
	m.put("of-no-step", rule.MailForeign, seal(padded(chunk, 4096)))
	m.put("step-too-long", rule.MailChunk, seal(padded(chunk, 128<<10)))
	m.put("length-beyond", rule.MailChunk, seal(at(plain, 0, 0, 0, 0x7f, 0xfd))) // 32,765 behind four bytes
	m.put("length-far-beyond", rule.MailChunk, seal(at(plain, 0, 0xff, 0xff, 0xff, 0xff)))
	m.put("item-cut", fault.OctetsShort, seal(padded(chunk[:len(chunk)-1], 32<<10)))
	m.put("item-left-over", fault.OctetsLeftOver, seal(padded(append(bytes.Clone(chunk), 0), 32<<10)))
	m.put("item-unknown", fault.OctetsUnknown, seal(padded(at(chunk, 7, 'p', 'o', 's', 't'), 32<<10)))
	m.put("item-of-other-bounds", rule.MailChunk, seal(padded(at(chunk, 16, 0), 32<<10)))
	m.put("info", rule.MailForeign, sealed("parley wrap v1\n", nil, plain))
	m.put("additional-data", rule.MailForeign, sealed(info, []byte{1}, plain))
	m.put("encapsulated", rule.MailForeign, at(file, 0, file[0]^1))
	m.put("encapsulated-0", rule.MailForeign, at(file, 1088, make([]byte, 32)...))
	m.put("ciphertext", rule.MailForeign, at(file, len(file)-1, file[len(file)-1]^1))
}

// makeMailed puts turns that go by mail, those of a restored node among them.
func makeMailed(m maker) {
	w := wiretest.NewWorld()
	w.Begin(0, statement.Routine)
	log := w.Log(0, statement.Routine)
	push := &contact.Push{Origin: log.Origin.String(), Channel: statement.Routine, Head: w.Head(0, statement.Routine, log.Tree.Size)}
	for i, raw := range log.Raws {
		push.Entries = append(push.Entries, contact.Entry{Leaf: raw, Blob: log.Blobs[i]})
	}
	back := *push
	back.Own, back.Origin = true, w.Origin(1, statement.Routine).String()
	type turn = *contact.Turn
	type hello = *contact.Hello
	said := func(change func(turn, hello)) []byte {
		t := &contact.Turn{Realm: party.Real, From: w.P[0].Card.Party}
		h := &contact.Hello{Realm: party.Real, Writer: w.P[0].Card.Party, Reader: w.P[1].Card.Party, Time: w.Now, Rules: []uint16{1}, Carriers: []string{"mail"}, Software: "parley"}
		h.Own[2] = contact.Sized{Size: log.Size(), Root: log.Tree.Root()}
		change(t, h)
		h.Nonce = h.Commitment()
		contact.SignHello(h, w.P[0].Sign)
		if t.Hello == nil {
			t.Hello = h.Encode()
		}
		return t.Encode()
	}
	good := said(func(t turn, _ hello) { t.Push = push })
	m.put("delivery", "", good)
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 0, 'P'))
	m.with("realm", "2").put("other-realm", rule.ContactRealm, good)
	m.with("key", w.P[1].Card.Code+" sign").put("other-sender", rule.ContactPeer, good)
	m.with("key", w.P[0].Card.Code+" root").put("another-key", fault.ContactHello, good)
	asks := func(t turn, h hello) {
		h.State, h.Own, t.Want, t.Lost = contact.Restoring, [3]contact.Sized{}, [3]bool{1: true, 2: true}, [3]uint64{2: 1}
	}
	signed := said(asks)
	for name, x := range map[string]struct {
		expect fault.Code
		change func(turn, hello)
	}{
		"hello":                 {"", func(turn, hello) {}},
		"answer":                {"", func(_ turn, h hello) { h.Answers = [16]byte{7} }},
		"locked":                {"", func(_ turn, h hello) { h.State = contact.Locked }},
		"restoring-asks":        {"", asks},
		"restoring-asks-none":   {"", func(_ turn, h hello) { h.State = contact.Restoring }},
		"restoring-delivers":    {"", func(t turn, h hello) { h.State, t.Push = contact.Restoring, push }},
		"given-back":            {"", func(t turn, _ hello) { t.Push = &back }},
		"lost-not-wanted":       {"", func(t turn, _ hello) { t.Lost[1] = 1 << 63 }},
		"exercise":              {rule.ContactRealm, func(t turn, h hello) { t.Realm, h.Realm = party.Exercise, party.Exercise }},
		"of-a-stranger":         {rule.ContactPeer, func(t turn, h hello) { t.From, h.Writer = stranger, stranger }},
		"no-hello":              {fault.ContactTurn, func(t turn, _ hello) { t.Hello, t.Push = []byte{}, push }},
		"outcome":               {fault.ContactTurn, func(t turn, _ hello) { t.Outcome = &contact.Outcome{Channel: statement.Routine} }},
		"channel-0":             {fault.ContactTurn, func(t turn, _ hello) { back := back; back.Channel = 0; t.Push = &back }},
		"wants-ready":           {fault.ContactTurn, func(t turn, h hello) { asks(t, h); h.State = contact.Ready }},
		"wants-full":            {fault.ContactTurn, func(t turn, h hello) { asks(t, h); h.State = contact.Full }},
		"wants-and-delivers":    {fault.ContactTurn, func(t turn, h hello) { asks(t, h); t.Push = push }},
		"hello-realm":           {rule.ContactRealm, func(_ turn, h hello) { h.Realm = party.Exercise }},
		"hello-of-a-stranger":   {rule.ContactPeer, func(_ turn, h hello) { h.Writer = stranger }},
		"hello-for-a-stranger":  {rule.ContactPeer, func(_ turn, h hello) { h.Reader = stranger }},
		"hello-state-4":         {fault.ContactHello, func(_ turn, h hello) { h.State = 4 }},
		"hello-time-2-63":       {fault.ContactHello, func(_ turn, h hello) { h.Time = -1 }},
		"hello-cut":             {fault.OctetsShort, func(t turn, _ hello) { t.Hello = []byte("parley hello v1\n\x01") }},
		"stranger-and-no-hello": {rule.ContactPeer, func(t turn, _ hello) { t.From, t.Hello = stranger, []byte{} }},
		"wants-of-a-stranger":   {fault.ContactTurn, func(t turn, h hello) { asks(t, h); h.State, h.Writer = contact.Ready, stranger }},
	} {
		m.put(name, x.expect, said(x.change))
	}
	at63 := bytes.Index(signed, []byte("parley hello v1\n")) // the signature of the hello ends where the logs begin
	length := int(binary.BigEndian.Uint32(signed[at63-4:]))
	m.put("hello-signature", fault.ContactHello, at(signed, at63+length-1, signed[at63+length-1]^1))
	m.put("hello-signature-ed25519", fault.ContactHello, at(signed, at63+length-2484, signed[at63+length-2484]^1))
	m.put("flag-2", fault.OctetsUnknown, at(signed, len(signed)-1, 2))
}

// makeAnswered puts answers to a restored node, of which its logs depend.
func makeAnswered(m maker) {
	p := wiretest.Parties()
	nonce := [16]byte{5, 6}
	const own = "0/2 0/0 1/3"
	heads := func() (list [3]contact.Sized) {
		for i, log := range logsOf(own) {
			list[i] = contact.Sized{Size: log.Size(), Root: log.Tree.Root()}
		}
		return list
	}
	type hello = *contact.Hello
	type note = *link.Note
	put := func(name string, expect fault.Code, ended string, change func(hello, note)) {
		n := &link.Note{Clean: true, Heads: heads()}
		h := &contact.Hello{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Time: wiretest.Start, Answers: nonce, Shown: heads()}
		change(h, n)
		h.Nonce = h.Commitment()
		contact.SignHello(h, p[0].Sign)
		text := hex.EncodeToString(n.Encode())
		if name == "note-lost" || name == "note-lost-all-empty" {
			text = "none"
		}
		with := m.with("nonce", hex.EncodeToString(nonce[:]), "own", own, "note", text, "ended", ended)
		if h.Shown == [3]contact.Sized{} {
			with = with.with("own", "0/0 0/0 0/0")
		}
		with.put(name, expect, (&contact.Turn{Realm: party.Real, From: p[0].Card.Party, Hello: h.Encode()}).Encode())
	}
	const none, some = "none", "control routine"
	put("agreed", "", none, func(hello, note) {})
	put("note-not-clean", "", some, func(_ hello, n note) { n.Clean = false })
	put("note-lost", "", some, func(hello, note) {})
	put("note-older", "", "routine", func(_ hello, n note) { n.Heads[2].Size.Size-- })
	put("note-newer", "", "control", func(_ hello, n note) { n.Heads[0].Size.Size++ })
	put("note-of-other-root", "", "control", func(_ hello, n note) { n.Heads[0].Root[0] ^= 1 })
	put("note-of-other-generation", "", "routine", func(_ hello, n note) { n.Heads[2].Size.Generation = 0 })
	put("note-of-what-is-empty", "", "hotline", func(_ hello, n note) { n.Heads[1].Size.Size = 1 })
	put("shown-more", "", "routine", func(h hello, _ note) { h.Shown[2].Size.Size++ })
	put("shown-less", "", "routine", func(h hello, _ note) { h.Shown[2].Size.Size-- })
	put("shown-nothing", "", "control", func(h hello, _ note) { h.Shown[0] = contact.Sized{} })
	put("shown-other-root", "", "control", func(h hello, _ note) { h.Shown[0].Root[31] ^= 1 })
	put("shown-other-generation", "", "routine", func(h hello, _ note) { h.Shown[2].Size.Generation++ })
	put("shown-of-what-is-empty", "", "hotline", func(h hello, _ note) { h.Shown[1].Size.Size = 1 })
	empty := func(h hello, n note) { h.Shown, n.Heads, n.Clean = [3]contact.Sized{}, [3]contact.Sized{}, false }
	put("all-empty", "", none, empty)
	put("note-lost-all-empty", "", none, empty)
	put("other-nonce", rule.ContactRestore, none, func(h hello, _ note) { h.Answers[15] ^= 1 })
	put("answers-none", rule.ContactRestore, none, func(h hello, _ note) { h.Answers = [16]byte{} })
	put("of-another-party", rule.ContactPeer, none, func(h hello, _ note) { h.Writer = stranger })
}
