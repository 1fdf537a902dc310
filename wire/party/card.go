package party

import (
	"crypto/sha256"
	"encoding/hex"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
)

const cardTag = "parley card v1\n"

// MaxCard bounds a card, in bytes.
const MaxCard = 256 << 10

// Card says, under its party's root signature, which keys and which people
// speak for the party on one link in one realm.
type Card struct {
	Realm     uint8
	Serial    uint32 // 1 in the founding card, then one more each time
	Party     ID
	Link      ID // the counterpart; zero in a founding card, which is made before the two have met
	Created   int64
	Code      string
	Names     [2]string // English, Chinese
	Root      PublicKey
	NextRoot  [32]byte // hash of the root that may follow this one
	Sign      PublicKey
	Seal      [SealKeySize]byte
	Archive   [SealKeySize]byte
	TLS       [32]byte // SHA-256 of the key (SPKI) that answers and dials
	Addresses []string // where this node may be dialled; empty when it cannot
	RPID      string   // name under which officers' passkeys are made
	Origins   []string // web origins a passkey may be used from
	Officers  []Officer
	Signature Signature
}

// Ways in which a person signs.
const (
	PersonEd25519 uint8 = 1 // a key in a file
	PersonPasskey uint8 = 2 // WebAuthn, ES256
)

// Officer is one person's signing key under a role.
type Officer struct {
	Algorithm uint8
	Key       []byte // Ed25519: 32 bytes; passkey: the P-256 point, uncompressed, 65 bytes
	Role      string // a code of the arrangement's roles
	Name      string
	Unit      string
}

// KeyID names an officer's key: the first 8 bytes of its hash, in hexadecimal.
func (o Officer) KeyID() string {
	h := sha256.Sum256(append([]byte{o.Algorithm}, o.Key...))
	return hex.EncodeToString(h[:8])
}

// sound reports whether the key can be one of its algorithm.
func (o Officer) sound() bool {
	size := map[uint8]int{PersonEd25519: Ed25519Size, PersonPasskey: 65}[o.Algorithm]
	return size != 0 && len(o.Key) == size && (o.Algorithm != PersonEd25519 || !WeakPoint(o.Key))
}

// layout is the card's bytes but for its signature: tag, suite 1, the fields in
// their order.
func (c *Card) layout(o *octet.Codec) {
	o.Tag(cardTag+"\x01", "card")
	octet.Int(o, &c.Realm)
	octet.Int(o, &c.Serial)
	o.Fixed(c.Party[:])
	o.Fixed(c.Link[:])
	octet.Int(o, &c.Created)
	o.Text(&c.Code, 16)
	o.Text(&c.Names[0], 255)
	o.Text(&c.Names[1], 255)
	c.Root.layout(o)
	o.Fixed(c.NextRoot[:])
	c.Sign.layout(o)
	o.Fixed(c.Seal[:])
	o.Fixed(c.Archive[:])
	o.Fixed(c.TLS[:])
	text := func(s *string) { o.Text(s, 255) }
	octet.List(o, &c.Addresses, 16, text)
	o.Text(&c.RPID, 255)
	octet.List(o, &c.Origins, 16, text)
	octet.List(o, &c.Officers, 1024, func(p *Officer) {
		octet.Int(o, &p.Algorithm)
		o.Vec(&p.Key, 65)
		o.Text(&p.Role, 64)
		o.Text(&p.Name, 255)
		o.Text(&p.Unit, 64)
	})
}

// whole is all of the card's bytes, signature included.
func (c *Card) whole(o *octet.Codec) {
	c.layout(o)
	o.Fixed(c.Signature.Ed25519[:])
	o.Fixed(c.Signature.MLDSA44[:])
}

// Encode gives the card's bytes, signature included.
func (c *Card) Encode() []byte { return octet.Write(c.whole) }

// ToSign is what the root signs.
func (c *Card) ToSign() []byte {
	return append([]byte("parley card signature v1\n"), octet.Write(c.layout)...)
}

// Digest names this very card.
func (c *Card) Digest() [32]byte { return sha256.Sum256(c.Encode()) }

// DecodeCard reads a card and checks all that the card alone can show, but
// for its signature.
func DecodeCard(b []byte) (*Card, error) {
	if len(b) > MaxCard {
		return nil, fault.New(fault.OctetsUnknown, "what", "card")
	}
	c := &Card{}
	if err := octet.Read(b, c.whole); err != nil {
		return nil, err
	}
	return c, c.check()
}

func (c *Card) check() error {
	bad := func(what string) error { return fault.New(fault.CardMalformed, "what", what) }
	switch {
	case c.Realm != Real && c.Realm != Exercise:
		return bad("realm")
	case c.Serial == 0 || c.Created < 0 || c.Code == "":
		return bad("serial, time or code")
	case WeakPoint(c.Root.Ed25519[:]) || WeakPoint(c.Sign.Ed25519[:]):
		return bad("key")
	}
	seen := map[string]bool{}
	for _, o := range c.Officers {
		if !o.sound() || o.Role == "" || o.Name == "" || seen[o.KeyID()] {
			return bad("officer " + o.Name)
		}
		seen[o.KeyID()] = true
	}
	return nil
}

// VerifyFounding checks a first card: its own root signed it, that root's
// fingerprint is the party's name, and it names no link yet.
func (c *Card) VerifyFounding(v Signatures) error {
	if c.Party != ID(c.Root.Hash()) || c.Serial != 1 || c.Link != (ID{}) {
		return fault.New(fault.CardFounding, "party", c.Party.String())
	}
	return c.verify(v)
}

// VerifySuccessor checks that c may follow the card before it on this link:
// same party, realm and link, the next serial, and a root that is the one the
// card before committed to, or the same with the same commitment: whoever
// stole a root must not choose the next one.
func (c *Card) VerifySuccessor(v Signatures, before *Card, link ID) error {
	switch {
	case c.Party != before.Party, c.Realm != before.Realm, c.Link != link:
		return fault.New(fault.CardOtherLink, "party", c.Party.String())
	case c.Serial != before.Serial+1:
		return fault.New(fault.CardSerial, "serial", fault.Int(c.Serial), "want", fault.Int(before.Serial+1))
	case c.Root != before.Root && c.Root.Hash() != before.NextRoot, c.Root == before.Root && c.NextRoot != before.NextRoot:
		return fault.New(fault.CardRoot, "party", c.Party.String())
	}
	return c.verify(v)
}

func (c *Card) verify(v Signatures) error {
	if !c.Signature.Verify(v, c.Root, c.ToSign()) {
		return fault.New(fault.CardSignature, "party", c.Code)
	}
	return nil
}

// Officer finds an officer by key identifier.
func (c *Card) Officer(keyID string) (Officer, bool) {
	for _, o := range c.Officers {
		if o.KeyID() == keyID {
			return o, true
		}
	}
	return Officer{}, false
}
