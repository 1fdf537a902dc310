package node

import (
	"context"
	"encoding/hex"
	"encoding/pem"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
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
	Signed bool         `json:"signed"`
	Realms []definition `json:"realms"`
}

// Realms every link has from the beginning.
func realms() []uint8 { return []uint8{party.Real, party.Exercise} }

// DraftCards draws keys of their own for a counterpart, in each realm, and
// gives what the root must sign: nothing when the cards are signed already.
func (n *Node) DraftCards(ctx context.Context, to string, profile Profile, root party.PublicKey, connect func() ([]byte, [32]byte, error)) (toSign [][]byte, err error) {
	if p, err := n.pendingFor(ctx, to); err == nil && p.Signed {
		return nil, nil
	} else if err != nil && !store.Absent(err) {
		return nil, err
	}
	p := &pending{}
	for _, realm := range realms() {
		office := suite.NewOffice(n.Signer)
		raw, err := office.Encode()
		if err != nil {
			return nil, err
		}
		key, pin, err := connect()
		if err != nil {
			return nil, err
		}
		card := &party.Card{Realm: realm, Serial: 1, Party: party.ID(root.Hash()), Created: n.Now(),
			Code: profile.Code, Names: profile.Names, Root: root, NextRoot: profile.NextRoot,
			Sign: office.Sign.Public(), Seal: office.Seal.Public(), Archive: profile.Archive, TLS: pin,
			Addresses: profile.Addresses, RPID: profile.RPID, Origins: profile.Origins, Officers: profile.Officers}
		toSign = append(toSign, card.ToSign())
		p.Realms = append(p.Realms, definition{Realm: realm, Office: raw, Connect: key, Ours: card.Encode()})
	}
	return toSign, n.putPending(ctx, to, p)
}

// SignedCards takes the root's signatures and gives the card file. Asked again
// without any, it gives the same file.
func (n *Node) SignedCards(ctx context.Context, to string, signatures []party.Signature) ([]byte, error) {
	p, err := n.pendingFor(ctx, to)
	if err != nil {
		return nil, err
	}
	if p.Signed {
		return p.file(), nil
	}
	if len(signatures) != len(p.Realms) {
		return nil, fault.New(fault.CardSignature, "party", to)
	}
	for i := range p.Realms {
		card, err := party.DecodeCard(p.Realms[i].Ours)
		if err != nil {
			return nil, err
		}
		card.Signature = signatures[i]
		if err := card.VerifyFounding(n.Signatures); err != nil {
			return nil, err
		}
		p.Realms[i].Ours = card.Encode()
	}
	p.Signed = true
	return p.file(), n.putPending(ctx, to, p)
}

// ExportCard drafts cards, has the root sign them, and gives the file.
func (n *Node) ExportCard(ctx context.Context, to string, profile Profile, root Root, connect func() ([]byte, [32]byte, error)) ([]byte, error) {
	toSign, err := n.DraftCards(ctx, to, profile, root.Public(), connect)
	if err != nil {
		return nil, err
	}
	var signatures []party.Signature
	for _, message := range toSign {
		signatures = append(signatures, root.Sign(message))
	}
	return n.SignedCards(ctx, to, signatures)
}

func (n *Node) putPending(ctx context.Context, to string, p *pending) error {
	value, err := ijson.Encode(p)
	if err != nil {
		return err
	}
	sealed := n.Vault.Seal(bucketPending+"/"+to, value)
	return n.update(ctx, func(tx store.Tx) error { return tx.PutRecord(bucketPending, to, sealed) })
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
			return nil, fault.Wrap(err, fault.CardMalformed, "what", "file")
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

// PrepareImport opens the link with a counterpart whose fingerprint people
// have compared, in each realm, says our founding card in it, and prepares the
// record of the ceremony for the officer who compared to sign.
func (n *Node) PrepareImport(ctx context.Context, file []byte, c Ceremony, officer string) ([]*Prepared, error) {
	cards, err := ReadCards(n.Signatures, file)
	if err != nil {
		return nil, err
	}
	if cards[0].Party != c.Fingerprint {
		return nil, fault.New(rule.NodeCompare, "card", cards[0].Party.Spoken(), "read", c.Fingerprint.Spoken())
	}
	if l, err := n.Link(cards[0].Code, party.Real); err == nil {
		return nil, fault.New(rule.NodeExists, "what", l.Code())
	}
	p, err := n.pendingFor(ctx, cards[0].Code)
	if store.Absent(err) || err == nil && !p.Signed {
		return nil, fault.New(rule.NodeNoLink, "code", cards[0].Code)
	}
	if err != nil {
		return nil, err
	}
	var list []*Prepared
	for i, d := range p.Realms {
		d.Theirs, d.Compared = cards[i].Encode(), c.Path
		l, err := n.openLink(ctx, &d)
		if err != nil {
			return nil, err
		}
		if _, err := n.Speak(ctx, l, act.Card, nil, nil, l.ours.Encode(), nil, nil); err != nil {
			return nil, err
		}
		digest := cards[i].Digest()
		body := act.CeremonyBody{Party: cards[i].Party.String(), Card: hex.EncodeToString(digest[:]), Path: c.Path, Officer: officer, With: c.With}
		prepared, err := n.Prepare(ctx, l, act.Ceremony, nil, nil, &body, nil)
		if err != nil {
			return nil, err
		}
		list = append(list, prepared)
	}
	return list, nil
}

// ImportCard opens the link and signs the record of the ceremony.
func (n *Node) ImportCard(ctx context.Context, file []byte, c Ceremony, by Signing) (*Link, error) {
	list, err := n.PrepareImport(ctx, file, c, by.KeyID())
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		signature, err := by.SignPerson(p.Sign)
		if err != nil {
			return nil, err
		}
		if _, err := n.Submit(ctx, p, []statement.PersonSignature{{KeyID: by.KeyID(), Algorithm: by.Algorithm(), Signature: signature}}); err != nil {
			return nil, err
		}
	}
	return list[0].Link, nil
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
	// The first note says that nothing was shown yet. Without it a node that
	// starts again before its first contact would take itself for a restored one.
	if err := n.Notes.Write(id, &link.Note{}, true); err != nil {
		return nil, err
	}
	if err := n.update(ctx, func(tx store.Tx) error { return tx.PutRecord(bucketLinks, key, sealed) }); err != nil {
		return nil, err
	}
	return n.addLink(ctx, d)
}

// Reissued is a card of ours that the root must sign before it is announced.
type Reissued struct {
	Link *Link
	Card *party.Card
}

// DraftReissue prepares a new card for every link: officers or addresses
// changed. Keys stay.
func (n *Node) DraftReissue(profile Profile) (list []Reissued) {
	for _, l := range n.Links() {
		card := *l.newestOfOurs()
		card.Serial, card.Created, card.Link = card.Serial+1, n.Now(), l.Them
		card.Addresses, card.Origins, card.Officers = profile.Addresses, profile.Origins, profile.Officers
		list = append(list, Reissued{l, &card})
	}
	return list
}

// Announce says a signed card in the control log. It is in force once the
// other side has receipted it.
func (n *Node) Announce(ctx context.Context, r Reissued) error {
	r.Link.mu.Lock()
	err := r.Link.book.CheckCard(r.Link.Higher(), r.Card)
	r.Link.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = n.Speak(ctx, r.Link, act.Card, nil, nil, r.Card.Encode(), nil, nil)
	return err
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

// AddOfficer notes a person whose key the next card publishes.
func (n *Node) AddOfficer(ctx context.Context, o party.Officer) error {
	value, err := ijson.Encode(o)
	if err != nil {
		return err
	}
	key := o.KeyID()
	sealed := n.Vault.Seal(bucketOfficers+"/"+key, value)
	return n.update(ctx, func(tx store.Tx) error {
		if _, err := tx.Record(bucketOfficers, key); err == nil {
			return fault.New(rule.NodeExists, "what", o.Name)
		}
		return tx.PutRecord(bucketOfficers, key, sealed)
	})
}

// Officers lists the people whose keys the next card publishes.
func (n *Node) Officers(ctx context.Context) (list []party.Officer, err error) {
	var inner error
	err = n.Store.View(ctx, func(r store.Reader) error {
		return r.Records(bucketOfficers, "", "", func(rec store.Record) bool {
			var o party.Officer
			var raw []byte
			if raw, inner = n.Vault.Open(bucketOfficers+"/"+rec.Key, rec.Value); inner == nil {
				inner = ijson.Decode(raw, &o, ijson.Limits{Bytes: 1 << 16})
			}
			list = append(list, o)
			return inner == nil
		})
	})
	if err == nil {
		err = inner
	}
	return list, err
}
