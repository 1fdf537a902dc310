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

func (c *Card) body() []byte {
	w := octet.Writer{Bytes: []byte(cardTag)}
	w.U8(Suite1)
	w.U8(c.Realm)
	w.U32(c.Serial)
	w.Fixed(c.Party[:])
	w.Fixed(c.Link[:])
	w.U64(uint64(c.Created))
	w.Text(c.Code)
	w.Text(c.Names[0])
	w.Text(c.Names[1])
	c.Root.encode(&w)
	w.Fixed(c.NextRoot[:])
	c.Sign.encode(&w)
	w.Fixed(c.Seal[:])
	w.Fixed(c.Archive[:])
	w.Fixed(c.TLS[:])
	texts(&w, c.Addresses)
	w.Text(c.RPID)
	texts(&w, c.Origins)
	w.U16(uint16(len(c.Officers)))
	for _, o := range c.Officers {
		w.U8(o.Algorithm)
		w.Vec(o.Key)
		w.Text(o.Role)
		w.Text(o.Name)
		w.Text(o.Unit)
	}
	return w.Bytes
}

func texts(w *octet.Writer, list []string) {
	w.U16(uint16(len(list)))
	for _, s := range list {
		w.Text(s)
	}
}

func readTexts(r *octet.Reader) (list []string) {
	for range r.Count(16) {
		list = append(list, r.Text(255))
	}
	return list
}

// Encode gives the card's bytes, signature included.
func (c *Card) Encode() []byte {
	w := octet.Writer{Bytes: c.body()}
	c.Signature.Encode(&w)
	return w.Bytes
}

// ToSign is what the root signs.
func (c *Card) ToSign() []byte { return append([]byte("parley card signature v1\n"), c.body()...) }

// Digest names this very card.
func (c *Card) Digest() [32]byte { return sha256.Sum256(c.Encode()) }

// DecodeCard reads a card and checks all that the card alone can show, but
// for its signature.
func DecodeCard(b []byte) (*Card, error) {
	r := octet.NewReader(b)
	if len(b) > MaxCard || string(r.Fixed(len(cardTag))) != cardTag || r.U8() != Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "card")
	}
	c := &Card{Realm: r.U8(), Serial: r.U32(), Party: r.Hash(), Link: r.Hash(), Created: int64(r.U64())}
	c.Code, c.Names[0], c.Names[1] = r.Text(16), r.Text(255), r.Text(255)
	c.Root, c.NextRoot, c.Sign = decodeKey(r), r.Hash(), decodeKey(r)
	copy(c.Seal[:], r.Fixed(SealKeySize))
	copy(c.Archive[:], r.Fixed(SealKeySize))
	c.TLS, c.Addresses, c.RPID, c.Origins = r.Hash(), readTexts(r), r.Text(255), readTexts(r)
	for range r.Count(1024) {
		o := Officer{Algorithm: r.U8(), Key: r.Vec(65), Role: r.Text(64), Name: r.Text(255), Unit: r.Text(64)}
		c.Officers = append(c.Officers, o)
	}
	c.Signature = DecodeSignature(r)
	if err := r.Done(); err != nil {
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
	}
	seen := map[string]bool{}
	for _, o := range c.Officers {
		size := map[uint8]int{PersonEd25519: Ed25519Size, PersonPasskey: 65}[o.Algorithm]
		if size == 0 || len(o.Key) != size || o.Role == "" || o.Name == "" || seen[o.KeyID()] {
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
