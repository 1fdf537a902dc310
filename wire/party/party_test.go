package party_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

var verify = suite.Signatures{}

func recode(b []byte) ([]byte, error) {
	c, err := party.DecodeCard(b)
	if err != nil {
		return nil, err
	}
	return c.Encode(), nil
}

// Spec: PAR-1. The fingerprint is computed from the specification alone.
func TestFingerprint(t *testing.T) {
	p := wiretest.Parties()[0]
	k := p.Root.Public()
	b := append([]byte("parley root v1\n\x01"), k.Ed25519[:]...)
	if want := sha256.Sum256(append(b, k.MLDSA44[:]...)); p.Card.Party != want {
		t.Errorf("%s, want %x", p.Card.Party, want)
	}
}

// Spec: PAR-4, PAR-5.
func TestID(t *testing.T) {
	id := wiretest.Parties()[0].Card.Party
	s := id.String()
	if got, err := party.ParseID(s); err != nil || got != id {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", s[:63], s + "0", strings.ToUpper(s), "g" + s[1:], s[:62], " " + s[1:]} {
		_, err := party.ParseID(bad)
		wiretest.Code(t, err, fault.PartyID)
	}
	spoken := id.Spoken()
	if groups := strings.Split(spoken, " "); len(groups) != 16 || strings.Join(groups, "") != s {
		t.Errorf("spoken as %q", spoken)
	}
	a, b := party.ID{0: 1, 31: 9}, party.ID{0: 2}
	if !a.Less(b) || b.Less(a) || a.Less(a) {
		t.Error("identifiers are not ordered as strings of bytes")
	}
}

// Spec: PAR-2, PAR-3. One good signature of the pair is none.
func TestBothSignatures(t *testing.T) {
	p := wiretest.Parties()
	message := []byte("a message")
	good := p[0].Sign.Sign(message)
	if !good.Verify(verify, p[0].Sign.Public(), message) {
		t.Fatal("a good pair is refused")
	}
	other := p[1].Sign.Sign(message)
	for name, s := range map[string]party.Signature{
		"no Ed25519":            {MLDSA44: good.MLDSA44},
		"no ML-DSA-44":          {Ed25519: good.Ed25519},
		"Ed25519 of another":    {Ed25519: other.Ed25519, MLDSA44: good.MLDSA44},
		"ML-DSA-44 of another":  {Ed25519: good.Ed25519, MLDSA44: other.MLDSA44},
		"both of another party": other,
		"none":                  {},
	} {
		if s.Verify(verify, p[0].Sign.Public(), message) {
			t.Errorf("%s: accepted", name)
		}
	}
	if good.Verify(verify, p[0].Sign.Public(), []byte("a massage")) {
		t.Error("accepted for another message")
	}
}

// Spec: PAR-7, OCT-8, OCT-9, OCT-10.
func TestCardStrict(t *testing.T) {
	good := wiretest.Parties()[0].Card.Encode()
	wiretest.Strict(t, good, recode)
	_, err := party.DecodeCard(append(good, make([]byte, party.MaxCard)...))
	wiretest.Code(t, err, fault.OctetsUnknown)
	for i := range 16 { // tag and suite
		b := append([]byte(nil), good...)
		b[i] ^= 0x20
		_, err := party.DecodeCard(b)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

// Spec: PAR-6, PAR-9, OCT-5. Everything that a card alone can be wrong about.
func TestCardMalformed(t *testing.T) {
	p := wiretest.Parties()[0]
	officer := p.Card.Officers[0]
	with := func(o party.Officer, change func(*party.Officer)) func(*party.Card) {
		change(&o)
		return func(c *party.Card) { c.Officers = []party.Officer{o} }
	}
	for name, c := range map[string]struct {
		change func(*party.Card)
		want   fault.Code
	}{
		"nothing":         {func(c *party.Card) {}, ""},
		"exercise":        {func(c *party.Card) { c.Realm = party.Exercise }, ""},
		"no officers":     {func(c *party.Card) { c.Officers = nil }, ""},
		"no unit":         {with(officer, func(o *party.Officer) { o.Unit = "" }), ""},
		"realm 0":         {func(c *party.Card) { c.Realm = 0 }, fault.CardMalformed},
		"realm 3":         {func(c *party.Card) { c.Realm = 3 }, fault.CardMalformed},
		"serial 0":        {func(c *party.Card) { c.Serial = 0 }, fault.CardMalformed},
		"time":            {func(c *party.Card) { c.Created = math.MinInt64 }, fault.CardMalformed},
		"no code":         {func(c *party.Card) { c.Code = "" }, fault.CardMalformed},
		"long code":       {func(c *party.Card) { c.Code = strings.Repeat("x", 17) }, fault.OctetsLong},
		"long name":       {func(c *party.Card) { c.Names[1] = strings.Repeat("x", 256) }, fault.OctetsLong},
		"name, two lines": {func(c *party.Card) { c.Names[1] = "a\nb" }, fault.OctetsText},
		"17 addresses":    {func(c *party.Card) { c.Addresses = make([]string, 17) }, fault.OctetsLong},
		"17 origins":      {func(c *party.Card) { c.Origins = make([]string, 17) }, fault.OctetsLong},
		"algorithm 0":     {with(officer, func(o *party.Officer) { o.Algorithm = 0 }), fault.CardMalformed},
		"algorithm 3":     {with(officer, func(o *party.Officer) { o.Algorithm = 3 }), fault.CardMalformed},
		"passkey of 32":   {with(officer, func(o *party.Officer) { o.Algorithm = party.PersonPasskey }), fault.CardMalformed},
		"key of 33":       {with(officer, func(o *party.Officer) { o.Key = make([]byte, 33) }), fault.CardMalformed},
		"key of 66":       {with(officer, func(o *party.Officer) { o.Key = make([]byte, 66) }), fault.OctetsLong},
		"no role":         {with(officer, func(o *party.Officer) { o.Role = "" }), fault.CardMalformed},
		"no name":         {with(officer, func(o *party.Officer) { o.Name = "" }), fault.CardMalformed},
		"one key twice":   {func(c *party.Card) { c.Officers = []party.Officer{officer, officer} }, fault.CardMalformed},
		"1025 officers":   {func(c *party.Card) { c.Officers = make([]party.Officer, 1025) }, fault.OctetsLong},
	} {
		card := *p.Card
		c.change(&card)
		_, err := party.DecodeCard(card.Encode())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Spec: PAR-8, PAR-10.
func TestFounding(t *testing.T) {
	p := wiretest.Parties()
	for name, c := range map[string]struct {
		change func(*party.Card)
		signer *suite.SigningKey
		want   fault.Code
	}{
		"as it is":            {func(*party.Card) {}, p[0].Root, ""},
		"serial 2":            {func(c *party.Card) { c.Serial = 2 }, p[0].Root, fault.CardFounding},
		"a link":              {func(c *party.Card) { c.Link[31] = 1 }, p[0].Root, fault.CardFounding},
		"another party":       {func(c *party.Card) { c.Party = p[1].Card.Party }, p[0].Root, fault.CardFounding},
		"another root":        {func(c *party.Card) { c.Root = p[1].Root.Public() }, p[1].Root, fault.CardFounding},
		"the office signs":    {func(*party.Card) {}, p[0].Sign, fault.CardSignature},
		"the next root signs": {func(*party.Card) {}, p[0].NextRoot, fault.CardSignature},
	} {
		card := *p[0].Card
		c.change(&card)
		card.Signature = c.signer.Sign(card.ToSign())
		if got := fault.CodeOf(card.VerifyFounding(verify)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	card := *p[0].Card // without the tag of its own, a card's bytes are not what is signed
	card.Signature = p[0].Root.Sign(card.ToSign()[len("parley card signature v1\n"):])
	wiretest.Code(t, card.VerifyFounding(verify), fault.CardSignature)
	card = *p[0].Card
	card.Addresses = []string{"elsewhere.example:8443"} // what is not signed anew does not verify
	wiretest.Code(t, card.VerifyFounding(verify), fault.CardSignature)
}

// Spec: PAR-11, PAR-12.
func TestSuccession(t *testing.T) {
	p := wiretest.Parties()
	link, thief, third := p[1].Card.Party, wiretest.Key("thief"), wiretest.Key("third root")
	rotate := func(c *party.Card) { c.Root, c.NextRoot = p[0].NextRoot.Public(), third.Public().Hash() }
	for name, c := range map[string]struct {
		signer *suite.SigningKey
		change func(*party.Card)
		want   fault.Code
	}{
		"new office key":                {p[0].Root, func(c *party.Card) { c.Sign = third.Public() }, ""},
		"the committed root":            {p[0].NextRoot, rotate, ""},
		"the committed root unsigned":   {p[0].Root, rotate, fault.CardSignature},
		"a root never committed to":     {thief, func(c *party.Card) { c.Root = thief.Public() }, fault.CardRoot},
		"a thief chooses the next root": {p[0].Root, func(c *party.Card) { c.NextRoot = thief.Public().Hash() }, fault.CardRoot},
		"the same serial":               {p[0].Root, func(c *party.Card) { c.Serial-- }, fault.CardSerial},
		"a serial left out":             {p[0].Root, func(c *party.Card) { c.Serial++ }, fault.CardSerial},
		"another link":                  {p[0].Root, func(c *party.Card) { c.Link = thief.Public().Hash() }, fault.CardOtherLink},
		"no link":                       {p[0].Root, func(c *party.Card) { c.Link = party.ID{} }, fault.CardOtherLink},
		"another realm":                 {p[0].Root, func(c *party.Card) { c.Realm = party.Exercise }, fault.CardOtherLink},
		"another party":                 {p[0].Root, func(c *party.Card) { c.Party = p[1].Card.Party }, fault.CardOtherLink},
		"the office signs":              {p[0].Sign, nil, fault.CardSignature},
	} {
		card := wiretest.Successor(p[0].Card, link, c.signer, c.change)
		if got := fault.CodeOf(card.VerifySuccessor(verify, p[0].Card, link)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	second := wiretest.Successor(p[0].Card, link, p[0].NextRoot, rotate)
	back := wiretest.Successor(second, link, p[0].Root, func(c *party.Card) { c.Root = p[0].Root.Public() })
	wiretest.Code(t, back.VerifySuccessor(verify, second, link), fault.CardRoot)
	if second.Party != p[0].Card.Party {
		t.Error("a new root changed the party's identifier")
	}
}

// Spec: PAR-13, PAR-14.
func TestNames(t *testing.T) {
	c := wiretest.Parties()[0].Card
	for _, o := range c.Officers {
		h := sha256.Sum256(append([]byte{o.Algorithm}, o.Key...))
		if got := o.KeyID(); got != hex.EncodeToString(h[:8]) {
			t.Errorf("%s", got)
		}
		if found, ok := c.Officer(o.KeyID()); !ok || found.Name != o.Name {
			t.Errorf("%s is not found by key", o.Name)
		}
	}
	if _, ok := c.Officer("0000000000000000"); ok {
		t.Error("somebody is found by a key that nobody has")
	}
	if c.Digest() != sha256.Sum256(c.Encode()) {
		t.Error("a card is not named by its bytes")
	}
}

func text(t *rapid.T, name string, max int) string {
	return rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 -é网")), 0, max/3, -1).Draw(t, name)
}

// Spec: OCT-11. Any card that is in its bounds comes back as it was.
func TestCardRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := *wiretest.Parties()[0].Card
		c.Realm, c.Serial = rapid.SampledFrom([]uint8{party.Real, party.Exercise}).Draw(t, "realm"), rapid.Uint32Min(1).Draw(t, "serial")
		c.Created = rapid.Int64Min(0).Draw(t, "created")
		c.Code, c.Names = "c"+text(t, "code", 15), [2]string{text(t, "en", 255), text(t, "zh", 255)}
		c.Addresses = rapid.SliceOfN(rapid.StringMatching(`[a-z.]{0,20}`), 0, 16).Draw(t, "addresses")
		c.Officers = nil
		for i := range rapid.IntRange(0, 20).Draw(t, "officers") {
			key := sha256.Sum256([]byte{byte(i)})
			c.Officers = append(c.Officers, party.Officer{Algorithm: 1, Key: key[:], Role: "r" + text(t, "role", 60), Name: "n" + text(t, "name", 200), Unit: text(t, "unit", 60)})
		}
		b := c.Encode()
		got, err := recode(b)
		if err != nil || string(got) != string(b) {
			t.Fatalf("%v", err)
		}
	})
}

// Spec: PAR-3. A signature has the length of its two halves, and no other.
func TestSignatureBytes(t *testing.T) {
	s := wiretest.Parties()[0].Sign.Sign([]byte("m"))
	var w octet.Writer
	s.Encode(&w)
	if len(w.Bytes) != 64+2420 {
		t.Fatalf("%d bytes", len(w.Bytes))
	}
	r := octet.NewReader(w.Bytes)
	if got := party.DecodeSignature(r); r.Done() != nil || got != s {
		t.Error("a signature does not come back")
	}
	r = octet.NewReader(w.Bytes[:2483])
	party.DecodeSignature(r)
	wiretest.Code(t, r.Done(), fault.OctetsShort)
}

// Spec: PAR-7, OCT-11.
func FuzzDecodeCard(f *testing.F) {
	wiretest.Seeds(f, "card")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recode) })
}
