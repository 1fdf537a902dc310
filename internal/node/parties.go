package node

import (
	"context"
	"encoding/hex"
	"encoding/pem"

	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

const cardBlock = "PARLEY CARD"

// Root signs as a party's root: the offline key, brought for the occasion.
type Root interface {
	Public() party.PublicKey
	Sign(message []byte) party.Signature
}

// Profile is what a party says of itself in its cards.
type Profile struct {
	Code      string
	Names     [2]string // English, Chinese
	Addresses []string
	RPID      string
	Origins   []string
	Archive   [party.SealKeySize]byte
	NextRoot  [32]byte
	Officers  []party.Officer
}

// pending is a card that was exported and waits for the counterpart's.
type pending struct {
	Realms []definition `json:"realms"`
}

// Realms every link has from the beginning.
func realms() []uint8 { return []uint8{party.Real, party.Exercise} }

// ExportCard draws keys of their own for a counterpart, in each realm, and
// gives the founding cards as a file. Asked again, it gives the same file.
func (n *Node) ExportCard(ctx context.Context, to string, profile Profile, root Root, connect func() ([]byte, [32]byte, error)) ([]byte, error) {
	if p, err := n.pendingFor(ctx, to); err == nil {
		return p.file(), nil
	} else if !store.Absent(err) {
		return nil, err
	}
	p := &pending{}
	for _, realm := range realms() {
		office := suite.NewOffice()
		raw, err := office.Encode()
		if err != nil {
			return nil, err
		}
		key, pin, err := connect()
		if err != nil {
			return nil, err
		}
		card := &party.Card{Realm: realm, Serial: 1, Party: party.ID(root.Public().Hash()), Created: n.Now(),
			Code: profile.Code, Names: profile.Names, Root: root.Public(), NextRoot: profile.NextRoot,
			Sign: office.Sign.Public(), Seal: office.Seal.Public(), Archive: profile.Archive, TLS: pin,
			Addresses: profile.Addresses, RPID: profile.RPID, Origins: profile.Origins, Officers: profile.Officers}
		card.Signature = root.Sign(card.ToSign())
		if err := card.VerifyFounding(n.Signatures); err != nil {
			return nil, err
		}
		p.Realms = append(p.Realms, definition{Realm: realm, Office: raw, Connect: key, Ours: card.Encode()})
	}
	value, err := ijson.Encode(p)
	if err != nil {
		return nil, err
	}
	sealed := n.Vault.Seal(bucketPending+"/"+to, value)
	err = n.update(ctx, func(tx store.Tx) error { return tx.PutRecord(bucketPending, to, sealed) })
	return p.file(), err
}

func (n *Node) pendingFor(ctx context.Context, code string) (*pending, error) {
	var sealed []byte
	err := n.Store.View(ctx, func(r store.Reader) (err error) {
		sealed, err = r.Record(bucketPending, code)
		return err
	})
	if err != nil {
		return nil, err
	}
	raw, err := n.Vault.Open(bucketPending+"/"+code, sealed)
	if err != nil {
		return nil, err
	}
	p := &pending{}
	return p, ijson.Decode(raw, p, ijson.Limits{Bytes: 1 << 20})
}

func (p *pending) file() (out []byte) {
	for _, d := range p.Realms {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: cardBlock, Bytes: d.Ours})...)
	}
	return out
}

// ReadCards reads a card file: one founding card a realm, of one party.
func ReadCards(v party.Signatures, file []byte) (cards []*party.Card, err error) {
	for rest := file; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != cardBlock || len(cards) == len(realms()) {
			return nil, fault.New(fault.CardMalformed, "what", block.Type)
		}
		card, err := party.DecodeCard(block.Bytes)
		if err != nil {
			return nil, err
		}
		if err := card.VerifyFounding(v); err != nil {
			return nil, err
		}
		cards = append(cards, card)
	}
	if len(cards) != len(realms()) {
		return nil, fault.New(fault.CardMalformed, "what", "realms")
	}
	for i, realm := range realms() {
		if cards[i].Realm != realm || cards[i].Party != cards[0].Party || cards[i].Code != cards[0].Code {
			return nil, fault.New(fault.CardMalformed, "what", "realms")
		}
	}
	return cards, nil
}

// Ceremony is how people compared fingerprints.
type Ceremony struct {
	Fingerprint party.ID // as it was read out by the other side
	Path        string   // "in person", "telephone", …
	With        string   // who read it out
}

// ImportCard opens the link with a counterpart whose fingerprint people have
// compared. Our founding card and the record of the ceremony are the first
// acts of each realm's control log.
func (n *Node) ImportCard(ctx context.Context, file []byte, c Ceremony, by Signing) (*Link, error) {
	cards, err := ReadCards(n.Signatures, file)
	if err != nil {
		return nil, err
	}
	if cards[0].Party != c.Fingerprint {
		return nil, fault.New(fault.NodeCompare, "card", cards[0].Party.Spoken(), "read", c.Fingerprint.Spoken())
	}
	if l, err := n.Link(cards[0].Code, party.Real); err == nil {
		return nil, fault.New(fault.NodeExists, "what", l.Code())
	}
	p, err := n.pendingFor(ctx, cards[0].Code)
	if err != nil {
		if store.Absent(err) {
			err = fault.New(fault.NodeNoLink, "code", cards[0].Code)
		}
		return nil, err
	}
	var real *Link
	for i, d := range p.Realms {
		d.Theirs, d.Compared = cards[i].Encode(), c.Path
		l, err := n.openLink(ctx, &d)
		if err != nil {
			return nil, err
		}
		if err := n.found(ctx, l, cards[i], c, by); err != nil {
			return nil, err
		}
		if d.Realm == party.Real {
			real = l
		}
	}
	return real, nil
}

// openLink stores a link's definition and makes it run.
func (n *Node) openLink(ctx context.Context, d *definition) (*Link, error) {
	value, err := ijson.Encode(d)
	if err != nil {
		return nil, err
	}
	ours, err := party.DecodeCard(d.Ours)
	if err != nil {
		return nil, err
	}
	theirs, err := party.DecodeCard(d.Theirs)
	if err != nil {
		return nil, err
	}
	id := linkOf(d.Realm, ours.Party, theirs.Party)
	key := hex.EncodeToString(id[:])
	sealed := n.Vault.Seal(bucketLinks+"/"+key, value)
	if err := n.update(ctx, func(tx store.Tx) error { return tx.PutRecord(bucketLinks, key, sealed) }); err != nil {
		return nil, err
	}
	return n.addLink(ctx, d)
}

// found writes the first acts of a link: our card, and how theirs was compared.
func (n *Node) found(ctx context.Context, l *Link, theirs *party.Card, c Ceremony, by Signing) error {
	if _, err := n.Speak(ctx, l, act.Card, nil, nil, l.ours.Encode(), nil, nil); err != nil {
		return err
	}
	officer, ok := l.Officer(by.KeyID())
	if !ok {
		return fault.New(fault.NodeNoOfficer, "officer", by.KeyID())
	}
	digest := theirs.Digest()
	body := act.CeremonyBody{Party: theirs.Party.String(), Card: hex.EncodeToString(digest[:]), Path: c.Path,
		Officer: officer.Name, With: c.With}
	_, err := n.Speak(ctx, l, act.Ceremony, nil, nil, &body, nil, by)
	return err
}

// Reissue announces a new card on every link of ours: officers or addresses
// changed. Keys stay. It is used once the other side has receipted it.
func (n *Node) Reissue(ctx context.Context, profile Profile, root Root) (links int, err error) {
	for _, l := range n.Links() {
		card := *l.newestOfOurs()
		card.Serial, card.Created, card.Link = card.Serial+1, n.Now(), l.Them
		card.Addresses, card.Origins, card.Officers = profile.Addresses, profile.Origins, profile.Officers
		card.Signature = root.Sign(card.ToSign())
		l.mu.Lock()
		err := l.book.CheckCard(l.Higher(), &card)
		l.mu.Unlock()
		if err != nil {
			return links, err
		}
		if _, err := n.Speak(ctx, l, act.Card, nil, nil, card.Encode(), nil, nil); err != nil {
			return links, err
		}
		links++
	}
	return links, nil
}

// newestOfOurs is the card announced last, in force or not.
func (l *Link) newestOfOurs() *party.Card {
	l.mu.Lock()
	defer l.mu.Unlock()
	chain := l.book.Chain(sideOf(l.Higher()))
	return chain[len(chain)-1]
}

// FileSigning signs with an officer's Ed25519 key.
type FileSigning struct {
	Key     []byte // public
	Message func(message []byte) []byte
}

// KeyID names the key as cards do.
func (f FileSigning) KeyID() string {
	return party.Officer{Algorithm: party.PersonEd25519, Key: f.Key}.KeyID()
}

// Algorithm is Ed25519.
func (f FileSigning) Algorithm() uint8 { return party.PersonEd25519 }

// SignPerson signs a statement's bytes.
func (f FileSigning) SignPerson(signed []byte) ([]byte, error) {
	return f.Message(statement.PersonMessage(statement.Digest(signed))), nil
}

// pair writes a root's signature as bytes.
func pair(s party.Signature) []byte {
	var w octet.Writer
	s.Encode(&w)
	return w.Bytes
}
