package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/notice"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

var update = flag.Bool("update", false, "write the vectors anew")

// maker writes the vectors of one kind.
type maker struct {
	t      *testing.T
	kind   string
	header map[string]string
}

func (m maker) with(pairs ...string) maker {
	h := map[string]string{}
	for k, v := range m.header {
		h[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1]
	}
	m.header = h
	return m
}

func (m maker) put(name string, expect fault.Code, body []byte) {
	v := wiretest.Vector{Kind: m.kind, Expect: expect, Header: m.header, Body: body}
	file := filepath.Join("vectors", m.kind, name+".txt")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(file, v.Format(), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// frame puts what every binary format refuses: the last byte missing, one too
// many.
func (m maker) frame(good []byte) {
	m.put("short", fault.OctetsShort, good[:len(good)-1])
	m.put("left-over", fault.OctetsLeftOver, append(bytes.Clone(good), 0))
}

func at(b []byte, i int, v ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[i:], v)
	return b
}

func swap(t *testing.T, b []byte, from, to []byte) []byte {
	if !bytes.Contains(b, from) {
		t.Fatalf("%q is not in the bytes", from)
	}
	return bytes.Replace(b, from, to, 1)
}

// TestUpdateVectors writes the vectors anew with -update. The bytes are those
// of a fixed random source; a new version of Go may draw others.
func TestUpdateVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	cryptotest.SetGlobalRandom(t, 20160101)
	kind := func(name string) maker { return maker{t: t, kind: name} }
	makeCards(kind("card"))
	w := wiretest.NewWorld()
	var sealed bytes.Buffer
	file, err := envelope.SealAttachment(&sealed, strings.NewReader("one line of a log\n"))
	if err != nil {
		t.Fatal(err)
	}
	file.Name, file.Media = "日志.txt", "text/plain"
	makeContents(kind("content"), &file, sealed.Bytes())
	body, err := act.WriteBody(&act.OpenBody{Marked: act.Marked{Handling: "amber"}, Type: "mitigation", Urgency: "routine",
		Why: act.Text{Lang: "en", Text: "none"}, Area: "fraud", FromUnit: "centre", ToUnit: "centre", Reference: "A-1",
		Title: act.Text{Lang: "zh-Hans", Text: "协助请求"}, Fields: nil})
	if err != nil {
		t.Fatal(err)
	}
	d := w.Draft(0, statement.Routine, act.RequestOpen, nil, body, &file)
	position := w.Say(0, statement.Routine, d, w.P[0].SignBy(d.ToSign()))
	parts := w.Log(0, statement.Routine).Acts[position]
	makeActs(kind, parts, body)
	receipt := w.Receipt(1, statement.Routine, ledger.Verdict{Position: 0, Reason: ledger.ReasonEpoch})
	makeLeaves(kind("leaf"), w)
	makeHeads(kind, w)
	makeForks(kind("fork"), w)
	makeGenerations(kind("generation"))
	makeCompromises(kind("compromise"))
	makeContacts(kind, w)
	makeEnvelopes(kind, w, parts)
	makeDisclosures(kind("disclosure"), w, position, receipt, &file)
	makeProofs(kind("proof"))
	makeCustody(kind("custody"), w, &file)
}

func makeCards(m maker) {
	p := wiretest.Parties()
	good := p[0].Card.Encode()
	m.put("founding", "", good)
	m.frame(good)
	m.put("suite-2", fault.OctetsUnknown, at(good, 15, 2))
	m.put("tag", fault.OctetsUnknown, at(good, 13, '2'))
	signed := func(change func(*party.Card)) []byte {
		c := *p[0].Card
		change(&c)
		c.Signature = p[0].Root.Sign(c.ToSign())
		return c.Encode()
	}
	m.put("realm-3", fault.CardMalformed, signed(func(c *party.Card) { c.Realm = 3 }))
	m.put("serial-0", fault.CardMalformed, signed(func(c *party.Card) { c.Serial = 0 }))
	m.put("officer-twice", fault.CardMalformed, signed(func(c *party.Card) { c.Officers = append(c.Officers[:1:1], c.Officers[0]) }))
	m.put("officer-key-length", fault.CardMalformed, signed(func(c *party.Card) {
		c.Officers = []party.Officer{{Algorithm: 1, Key: make([]byte, 31), Role: "duty", Name: "x"}}
	}))
	for name, point := range map[string]string{"neutral": "01", "order-8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"not-canonical": "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"} {
		key := [party.Ed25519Size]byte{}
		copy(key[:], unhex(point))
		m.put("sign-key-"+name, fault.CardMalformed, signed(func(c *party.Card) { c.Sign.Ed25519 = key }))
		key[31] |= 0x80 // and with the other sign
		m.put("officer-key-"+name, fault.CardMalformed, signed(func(c *party.Card) {
			c.Officers = []party.Officer{{Algorithm: party.PersonEd25519, Key: key[:], Role: "duty", Name: "x"}}
		}))
	}
	m.put("name-two-lines", fault.OctetsText, signed(func(c *party.Card) { c.Names[0] = "Party\nreceipt: valid" }))
	m.put("code-long", fault.OctetsLong, signed(func(c *party.Card) { c.Code = "seventeen letters" }))
	m.put("founding-with-link", fault.CardFounding, signed(func(c *party.Card) { c.Link = p[1].Card.Party }))
	m.put("founding-other-party", fault.CardFounding, signed(func(c *party.Card) { c.Party[0] ^= 1 }))
	m.put("signature-ed25519", fault.CardSignature, at(good, len(good)-2484, good[len(good)-2484]^1))
	m.put("signature-ml-dsa-44", fault.CardSignature, at(good, len(good)-1, good[len(good)-1]^1))

	m = m.with("after", "founding.txt")
	link := p[1].Card.Party
	next := func(root *suite.SigningKey, change func(*party.Card)) []byte {
		return wiretest.Successor(p[0].Card, link, root, change).Encode()
	}
	m.put("successor", "", next(p[0].Root, func(c *party.Card) { c.Officers = nil }))
	m.put("successor-new-root", "", next(p[0].NextRoot, func(c *party.Card) {
		c.Root, c.NextRoot = p[0].NextRoot.Public(), wiretest.Key("third root").Public().Hash()
	}))
	m.put("successor-serial", fault.CardSerial, next(p[0].Root, func(c *party.Card) { c.Serial = 3 }))
	m.put("successor-other-link", fault.CardOtherLink, next(p[0].Root, func(c *party.Card) { c.Link[0] ^= 1 }))
	m.put("successor-uncommitted-root", fault.CardRoot, next(wiretest.Key("thief"), func(c *party.Card) { c.Root = wiretest.Key("thief").Public() }))
	m.put("successor-changed-commitment", fault.CardRoot, next(p[0].Root, func(c *party.Card) { c.NextRoot = wiretest.Key("thief").Public().Hash() }))
	m.put("successor-old-root-signs", fault.CardSignature, next(p[0].Root, func(c *party.Card) { c.Root = p[0].NextRoot.Public() }))
}

func makeActs(kind func(string) maker, parts *statement.Parts, body []byte) {
	m := kind("parts")
	good := parts.Encode()
	m.put("act", "", good)
	m.frame(good)
	three := &statement.Parts{Seed: parts.Seed, List: parts.List[:3]}
	m.put("three", fault.PartsMalformed, three.Encode())
	m.put("65-parts", fault.OctetsLong, at(good, 32, 0, 65))
	m.put("part-long", fault.OctetsLong, at(good, 34, 0, 16, 0, 1))

	m = kind("slip")
	m.put("first", "", parts.List[0])
	m.frame(parts.List[0])

	m = kind("statement")
	good = parts.List[1]
	m.put("request", "", good)
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 0, 'P'))
	m.put("suite-2", fault.OctetsUnknown, at(good, 20, 2))
	m.put("realm-0", fault.StatementMalformed, at(good, 21, 0))
	m.put("channel-4", fault.StatementMalformed, at(good, 86, 4))
	m.put("writer-is-reader", fault.StatementMalformed, at(good, 22, good[54:86]...))
	m.put("not-after-2-63", fault.StatementMalformed, at(good, len(good)-40, 0x80))
	m.put("two-threads", fault.OctetsLong, at(good, 107, 0, 2))
	m.put("kind-control-character", fault.OctetsText, swap(m.t, good, []byte("request.open"), []byte("request\x1bopen")))
	reply, err := statement.Decode(good)
	if err != nil {
		m.t.Fatal(err)
	}
	reply.Kind, reply.Thread = act.RequestReply, &statement.Ref{Higher: true, Generation: 1, Position: 7}
	reply.Replies = []statement.Ref{{Position: 8}, {Higher: true, Position: 9}}
	m.put("reply", "", reply.Encode())
	m.put("side-3", fault.StatementMalformed, at(reply.Encode(), 109, 3))

	m = kind("signatures")
	good = parts.List[2]
	m.put("one", "", good)
	m.put("none", "", statement.EncodeSignatures(nil))
	m.frame(good)
	list, _ := statement.DecodeSignatures(good)
	m.put("one-key-twice", fault.StatementMalformed, statement.EncodeSignatures(append(list, list[0])))
	m.put("nine", fault.OctetsLong, at(good, 0, 0, 9))

	m = kind("attachment")
	good = parts.List[4]
	m.put("file", "", good)
	m.frame(good)
	m.put("name-bidi", fault.OctetsText, swap(m.t, good, []byte("日志"), []byte("日\u202e")))
	m.put("name-not-utf-8", fault.OctetsText, swap(m.t, good, []byte("日志"), []byte("日\xff\xff\xff")))

	m = kind("body").with("act", act.RequestOpen)
	line := func(s string) []byte { return []byte(s + "\n") }
	m.put("open", "", line(string(body)))
	m.put("open-spaces", rule.ActBody, line(strings.Replace(string(body), ":", ": ", 1)))
	m.put("open-missing", rule.JSONMissing, line(strings.Replace(string(body), `"area":"fraud",`, "", 1)))
	m.put("open-unknown", rule.JSONUnknown, line(strings.Replace(string(body), `"area"`, `"Area"`, 1)))
	m.put("open-twice", rule.JSONDuplicate, line(strings.Replace(string(body), `"area"`, `"type":"x","area"`, 1)))
	fields := func(s string) []byte { return line(strings.Replace(string(body), `"fields":{}`, `"fields":`+s, 1)) }
	m.put("open-field", "", fields(`{"a":{"to":[1,"A"],"from":{}},"b":"\n"}`))
	m.put("open-field-spaces", rule.ActBody, fields(`{"a":[1, 2]}`))
	m.put("open-field-escape", rule.ActBody, fields(`{"a":"\u0041"}`))
	m.put("open-field-order", rule.ActBody, fields(`{"b":1,"a":2}`))
	m = kind("body").with("act", act.RequestPartial)
	m.put("partial-use", "", line(`{"handling":"","use":{},"under":[2,1],"said":{"lang":"en","text":""}}`))
	m.put("partial-empty-list", rule.ActBody, line(`{"handling":"","under":[],"said":{"lang":"en","text":""}}`))
	m.put("partial-empty-form", rule.ActBody, line(`{"handling":"","form":"","said":{"lang":"en","text":""}}`))
	m = kind("body").with("act", act.QuotaNotice)
	m.put("quota-channel-256", rule.JSONNumber, line(`{"channel":256,"size":1,"quota":"day_acts"}`))
	m = kind("body").with("act", act.RequestRate)
	m.put("rate", "", line(`{"score":5,"note":{"lang":"en","text":"in time"}}`))
	m.put("rate-order", rule.ActBody, line(`{"note":{"lang":"en","text":"in time"},"score":5}`))
	m.put("rate-fraction", rule.JSONNumber, line(`{"score":4.5,"note":{"lang":"en","text":""}}`))
	kind("body").with("act", "request.shout").put("unknown-kind", rule.ActKind, line(`{}`))
}

func makeLeaves(m maker, w *wiretest.World) {
	log := w.Log(0, statement.Routine)
	epoch, said, receipt := log.Raws[0], log.Raws[1], w.Log(1, statement.Routine).Raws[0]
	for name, raw := range map[string][]byte{"epoch": epoch, "act": said, "receipt": receipt} {
		m.put(name, "", raw)
		m.put(name+"-short", fault.OctetsShort, raw[:len(raw)-1])
		m.put(name+"-left-over", fault.OctetsLeftOver, append(bytes.Clone(raw), 0))
	}
	leaf := func(kind uint8, fill func(*ledger.Leaf)) []byte {
		l := w.Leaf(0, statement.Control, kind)
		fill(l)
		return l.Encode()
	}
	hash := sha256.Sum256([]byte("something"))
	m.put("restatement", "", leaf(ledger.TypeRestate, func(l *ledger.Leaf) { l.Target, l.Epoch, l.Hash = 5, 4, hash }))
	m.put("freeze", "", leaf(ledger.TypeFreeze, func(l *ledger.Leaf) {
		l.Channel, l.Size, l.Hash = statement.Routine, statement.Size{Generation: 1, Size: 900}, hash
	}))
	correction := leaf(ledger.TypeCorrection, func(l *ledger.Leaf) { l.Old, l.New = wiretest.Start+9000, wiretest.Start })
	m.put("correction", "", correction)
	digest := leaf(ledger.TypeDigest, func(l *ledger.Leaf) { l.Day, l.Hours, l.Hash = 20833, 0x00ff_ff01, hash })
	m.put("digest", "", digest)
	m.put("generation", "", leaf(ledger.TypeGeneration, func(l *ledger.Leaf) { l.Statement = []byte("see the vectors of generations") }))
	m.put("version-2", fault.OctetsUnknown, at(said, 0, 2))
	m.put("suite-2", fault.OctetsUnknown, at(said, 1, 2))
	m.put("type-0", fault.OctetsUnknown, at(said, 2, 0))
	m.put("type-9", fault.OctetsUnknown, at(said, 2, 9))
	m.put("time-2-63", fault.LeafUntrue, at(said, 11, 0x80))
	m.put("digest-hour-25", fault.LeafUntrue, at(digest, len(digest)-36, 1))
	m.put("correction-2-63", fault.LeafUntrue, at(correction, len(correction)-8, 0x80))
	m.put("receipt-verdict-0", fault.OctetsUnknown, at(receipt, len(receipt)-4, 0, 0))
	m.put("receipt-verdict-6", fault.OctetsUnknown, at(receipt, len(receipt)-4, 0, 6))
	m.put("receipt-1025-verdicts", fault.OctetsLong, at(receipt, len(receipt)-14, 4, 1))
}

func makeHeads(kind func(string) maker, w *wiretest.World) {
	origin := w.Origin(0, statement.Routine).String()
	name := w.P[0].Card.Code + " sign"
	m := kind("head").with("key", name, "origin", origin)
	good := w.Head(0, statement.Routine, 2)
	lines := strings.SplitAfter(good, "\n")
	join := func(parts ...string) []byte { return []byte(strings.Join(parts, "")) }
	start := strings.Join(lines[:4], "")
	m.put("two", "", []byte(good))
	m.put("ml-dsa-44-stripped", fault.HeadUnsigned, join(start, lines[4]))
	m.put("ed25519-stripped", fault.HeadUnsigned, join(start, lines[5]))
	m.put("reordered", fault.HeadUnsigned, join(start, lines[5], lines[4]))
	m.put("line-too-many", fault.HeadUnsigned, join(start, lines[4], lines[5], lines[4]))
	m.put("no-lines", fault.HeadUnsigned, join(start))
	m.put("size-leading-zero", fault.HeadMalformed, join(lines[0], "02\n", lines[2], lines[3], lines[4], lines[5]))
	m.put("size-signed", fault.HeadMalformed, join(lines[0], "+2\n", lines[2], lines[3], lines[4], lines[5]))
	m.put("extension-line", fault.HeadMalformed, join(lines[0], lines[1], lines[2], "more\n", lines[3], lines[4], lines[5]))
	m.put("root-short", fault.HeadMalformed, join(lines[0], lines[1], "AAAA\n", lines[3], lines[4], lines[5]))
	m.put("root-spare-bits", fault.HeadMalformed, join(lines[0], lines[1], spareBits(lines[2]), lines[3], lines[4], lines[5]))
	m.put("signature-spare-bits", fault.HeadUnsigned, join(start, lines[4], spareBits(lines[5])))
	m.put("other-size", fault.HeadSignature, join(lines[0], "3\n", lines[2], lines[3], lines[4], lines[5]))
	m.with("origin", w.Origin(1, statement.Routine).String()).put("other-direction", fault.HeadOrigin, []byte(good))
	m.with("key", w.P[1].Card.Code+" sign").put("other-key", fault.HeadUnsigned, []byte(good))

	h, err := ledger.ParseHead(good)
	if err != nil {
		m.t.Fatal(err)
	}
	cosigner := suite.CosignerName(party.Real, w.P[1].Card.Party, w.P[0].Card.Party)
	m = kind("cosignature").with("key", w.P[1].Card.Code+" sign", "name", cosigner, "time", "1800000100")
	cosign := suite.Cosign(h, cosigner, 1800000100, w.P[1].Sign)
	both := strings.SplitAfter(cosign, "\n")
	other := strings.SplitAfter(suite.Cosign(h, cosigner, 1800000101, w.P[1].Sign), "\n")
	m.put("two", "", join(h.Text(), "\n", cosign))
	m.put("one-line", fault.HeadUnsigned, join(h.Text(), "\n", both[0]))
	m.put("two-times", fault.HeadSignature, join(h.Text(), "\n", both[0], other[1]))
	m.put("head-lines", fault.HeadUnsigned, join(h.Text(), "\n", lines[4], lines[5]))
}

// spareBits sets bits of the last base64 digit before the padding that carry
// nothing.
func spareBits(line string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.LastIndexByte(strings.TrimRight(line, "=\n"), line[len(strings.TrimRight(line, "=\n"))-1])
	return line[:i] + string(digits[strings.IndexByte(digits, line[i])|1]) + line[i+1:]
}

func makeForks(m maker, w *wiretest.World) {
	origin := w.Origin(0, statement.Routine).String()
	m = m.with("key", w.P[0].Card.Code+" sign", "origin", origin)
	sign := func(size uint64, root [32]byte) string {
		return suite.SignHead(ledger.Head{Origin: origin, Size: size, Root: root}, w.P[0].Sign)
	}
	a, b := ledger.LeafHash([]byte("a")), ledger.LeafHash([]byte("b"))
	var one, two ledger.Tree
	one.Append(a)
	two.Append(b)
	equal := &evidence.Fork{A: sign(1, one.Root()), B: sign(1, two.Root())}
	m.put("equal-sizes", "", equal.Encode())
	m.frame(equal.Encode())
	two.Append(a)
	longer := &evidence.Fork{A: sign(1, one.Root()), B: sign(2, two.Root()), Nodes: []tlog.Hash{b, a}}
	m.put("longer", "", longer.Encode())
	m.put("longer-swapped", fault.ForkUnproved, (&evidence.Fork{A: longer.B, B: longer.A, Nodes: longer.Nodes}).Encode())
	m.put("longer-node-missing", fault.ForkUnproved, (&evidence.Fork{A: longer.A, B: longer.B, Nodes: longer.Nodes[:1]}).Encode())
	m.put("longer-node-too-many", fault.ForkUnproved, (&evidence.Fork{A: longer.A, B: longer.B, Nodes: append(longer.Nodes, a)}).Encode())
	m.put("prefix", fault.ForkUnproved, (&evidence.Fork{A: equal.B, B: longer.B, Nodes: longer.Nodes}).Encode())
	m.put("same-head", fault.ForkUnproved, (&evidence.Fork{A: equal.A, B: equal.A}).Encode())
	m.put("unsigned", fault.HeadUnsigned, (&evidence.Fork{A: equal.A, B: strings.SplitAfter(equal.B, "\n\n")[0]}).Encode())
	m.put("size-2-63", fault.ForkUnproved, (&evidence.Fork{A: sign(0, one.Root()), B: sign(1<<63, two.Root()), Nodes: longer.Nodes}).Encode())
	m.put("tag", fault.OctetsUnknown, at(equal.Encode(), 0, 'P'))
}

func makeGenerations(m maker) {
	w := wiretest.NewWorld()
	origin := w.Origin(0, statement.Routine)
	origin.Generation = 1
	signed := func(change func(*evidence.Generation)) []byte {
		g := &evidence.Generation{Origin: origin, Size: 900, Root: sha256.Sum256([]byte("root")), Cause: evidence.AfterRestore}
		change(g)
		g.Writer = w.P[0].Root.Sign(g.ToSign())
		if g.Cause == evidence.AfterFreeze {
			s := w.P[1].Root.Sign(g.ToSign())
			g.Reader = &s
		}
		return g.Encode()
	}
	restored := signed(func(*evidence.Generation) {})
	frozen := signed(func(g *evidence.Generation) {
		g.Cause, g.Evidence = evidence.AfterFreeze, sha256.Sum256([]byte("fork"))
	})
	m.put("after-restore", "", restored)
	m.put("after-freeze", "", frozen)
	m.frame(restored)
	m.put("suite-2", fault.OctetsUnknown, at(restored, 21, 2))
	m.put("after-freeze-one-root", fault.OctetsShort, frozen[:len(frozen)-2484])
	m.put("after-freeze-reader-wrong", fault.GenerationStatement, at(frozen, len(frozen)-1, frozen[len(frozen)-1]^1))
	m.put("cause-3", fault.GenerationStatement, signed(func(g *evidence.Generation) { g.Cause = 3 }))
	m.put("evidence-after-restore", fault.GenerationStatement, signed(func(g *evidence.Generation) { g.Evidence[0] = 1 }))
	m.put("generation-0", fault.GenerationStatement, signed(func(g *evidence.Generation) { g.Origin.Generation = 0 }))
	m.put("generation-2", fault.GenerationStatement, signed(func(g *evidence.Generation) { g.Origin.Generation = 2 }))
	m.put("other-channel", fault.GenerationStatement, signed(func(g *evidence.Generation) { g.Origin.Channel = statement.Hotline }))
	m.put("size-changed", fault.GenerationStatement, at(restored, 95, 9))
}

func makeCompromises(m maker) {
	w := wiretest.NewWorld()
	signed := func(change func(*evidence.Compromise)) []byte {
		c := &evidence.Compromise{Origin: w.Origin(0, statement.Routine), Key: w.P[0].Card.Officers[0].KeyID(), From: 4100}
		change(c)
		c.Signature = w.P[0].Root.Sign(c.ToSign())
		return c.Encode()
	}
	good := signed(func(*evidence.Compromise) {})
	m.put("officer", "", good)
	m.put("office", "", signed(func(c *evidence.Compromise) { c.Key = "" }))
	m.frame(good)
	m.put("suite-2", fault.OctetsUnknown, at(good, 21, 2))
	m.put("channel-0", fault.OctetsUnknown, at(good, 23, 0))
	m.put("other-direction", fault.CardOtherLink, signed(func(c *evidence.Compromise) { c.Origin = w.Origin(1, statement.Routine) }))
	m.put("signature", fault.CardSignature, at(good, len(good)-1, good[len(good)-1]^1))
}

func makeContacts(kind func(string) maker, w *wiretest.World) {
	m := kind("hello").with("key", w.P[0].Card.Code+" sign")
	h := &contact.Hello{Realm: party.Real, Writer: w.P[0].Card.Party, Reader: w.P[1].Card.Party, Time: w.Now, Nonce: [16]byte{1}, Answers: [16]byte{2},
		Rules: []uint16{1}, Store: [16]byte{3}, Start: 4, Process: [16]byte{5}, Carriers: []string{"https", "mail"}, Software: "parley 0.1"}
	h.Own[2] = contact.Sized{Size: statement.Size{Size: 2}, Root: w.Log(0, statement.Routine).Tree.Root()}
	contact.SignHello(h, w.P[0].Sign)
	good := h.Encode()
	m.put("hello", "", good)
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 15, '2'))
	m.put("realm-0", fault.ContactHello, at(good, 17, 0))
	h.State = 4
	contact.SignHello(h, w.P[0].Sign)
	m.put("state-4", fault.ContactHello, h.Encode())
	m.put("signature", fault.ContactHello, at(good, len(good)-1, good[len(good)-1]^1))

	m = kind("turn")
	idle := &contact.Turn{Realm: party.Real, From: w.P[0].Card.Party}
	m.put("idle", "", idle.Encode())
	log := w.Log(0, statement.Routine)
	full := &contact.Turn{Realm: party.Real, From: w.P[0].Card.Party, Hello: good, Want: [3]bool{2: true}, Lost: [3]uint64{2: 1},
		Outcome: &contact.Outcome{Channel: statement.Hotline, Code: rule.ContactHeld, Need: statement.Size{Size: 3}},
		Push: &contact.Push{Origin: log.Origin.String(), Channel: statement.Routine, Head: w.Head(0, statement.Routine, 2),
			Entries: []contact.Entry{{Leaf: log.Raws[0], Blob: log.Blobs[0]}, {Leaf: log.Raws[1], Blob: log.Blobs[1]}}}}
	good = full.Encode()
	m.put("push", "", good)
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 0, 'P'))
	m.put("flag-2", fault.OctetsUnknown, at(idle.Encode(), len(idle.Encode())-1, 2))
	full.Push.Channel = 4
	m.put("push-channel-4", fault.ContactTurn, full.Encode())
	full.Push.Channel, full.Outcome.Channel = 3, 0
	m.put("outcome-channel-0", fault.ContactTurn, full.Encode())

	m = kind("writing")
	writing := notice.Writing{Realm: party.Exercise, From: w.P[0].Card.Party, Own: true, Position: 1 << 33}
	m.put("call", "", writing.Encode())
	m.frame(writing.Encode())
	m.put("tag", fault.OctetsUnknown, at(writing.Encode(), 7, 'W'))
	m.put("flag-2", fault.OctetsUnknown, at(writing.Encode(), notice.Size-9, 2))
	m.put("realm-3", fault.ContactTurn, at(writing.Encode(), 18, 3))

	m = kind("note")
	n := &link.Note{Clean: true, Heads: [3]contact.Sized{2: h.Own[2]}}
	m.put("clean", "", n.Encode())
	m.frame(n.Encode())
	m.put("flag-2", fault.OctetsUnknown, at(n.Encode(), 15, 2))
	m.put("tag", fault.OctetsUnknown, at(n.Encode(), 0, 'P'))
}

func makeEnvelopes(kind func(string) maker, w *wiretest.World, parts *statement.Parts) {
	log := w.Log(0, statement.Routine)
	origin := hex.EncodeToString(log.Origin.Tuple())
	secret, commitment := hex.EncodeToString(log.Epoch.Secret[:]), hex.EncodeToString(log.Epoch.Commitment[:])
	reader, writer := w.P[1].Card.Code, w.P[0].Card.Code
	m := kind("wraps").with("origin", origin, "commitment", commitment, "secret", secret, "place", "0", "key", reader+" seal")
	good := log.Blobs[0]
	m.put("receiver", "", good)
	m.with("place", "1", "key", reader+" archive").put("receiver-archive", "", good)
	m.with("place", "2", "key", writer+" archive").put("sender-archive", "", good)
	m.with("place", "1").put("other-key", rule.EnvelopeOtherKey, good)
	m.put("short", rule.EnvelopeWraps, good[:len(good)-1])
	m.put("changed", rule.EnvelopeWraps, at(good, 1175, good[1175]^1))
	m.with("commitment", strings.Repeat("00", 32)).put("commitment", rule.EnvelopeCommitment, good)
	m.with("origin", hex.EncodeToString(w.Origin(0, statement.Hotline).Tuple())).put("other-channel", rule.EnvelopeWraps, good)

	m = kind("sealed").with("origin", origin, "commitment", commitment, "secret", secret, "plain", hex.EncodeToString(parts.Encode()))
	good = log.Blobs[1]
	m.put("act", "", good)
	m.put("short", rule.EnvelopeSealed, good[:51])
	m.put("changed", rule.EnvelopeSealed, at(good, 40, good[40]^1))
	m.put("other-random", rule.EnvelopeSealed, at(good, 0, good[0]^1))
	m.with("origin", hex.EncodeToString(w.Origin(1, statement.Routine).Tuple())).put("other-direction", rule.EnvelopeSealed, good)
}

func makeContents(m maker, a *statement.Attachment, sealed []byte) {
	sum := sha256.Sum256([]byte("one line of a log\n"))
	m = m.with("descriptor", hex.EncodeToString(a.Encode()), "sha256", hex.EncodeToString(sum[:]))
	m.put("file", "", sealed)
	m.put("short", rule.EnvelopeAttachment, sealed[:len(sealed)-1])
	m.put("changed", rule.EnvelopeAttachment, at(sealed, 0, sealed[0]^1))
	lies := *a
	lies.SealedSize++
	m.with("descriptor", hex.EncodeToString(lies.Encode())).put("sealed-size", rule.EnvelopeAttachment, sealed)
	lies = *a
	lies.Content[0] ^= 1
	m.with("descriptor", hex.EncodeToString(lies.Encode())).put("content-hash", rule.EnvelopeAttachment, sealed)
}
