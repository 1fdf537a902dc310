package audit

import (
	"bytes"

	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Proof is a fork, a beginning of a generation or a compromise, with the cards
// by which a third person can check it.
type Proof struct {
	Parties
	Content []byte
}

func (p *Proof) layout(c *octet.Codec) {
	c.Tag(TagProof, "proof")
	p.Parties.layout(c)
	c.Vec(&p.Content, maxProof)
}

// Encode gives the proof's bytes.
func (p *Proof) Encode() []byte { return octet.Write(p.layout) }

// DecodeProof reads a proof and believes nothing of it.
func DecodeProof(data []byte) (*Proof, error) {
	p := &Proof{}
	return p, octet.Read(data, p.layout)
}

// Proven is what a proof proves: one of the three, against the writer of the
// log.
type Proven struct {
	Parties    [2]Party
	Origin     ledger.Origin // of the log concerned
	Higher     bool          // it is the higher party's
	Fork       *[2]ledger.Head
	Generation *evidence.Generation
	Compromise *evidence.Compromise
}

// VerifyProof checks a proof from the founding roots down; known is as for
// Verify.
func VerifyProof(data []byte, known ...party.ID) (*Proven, error) {
	p, err := DecodeProof(data)
	if err != nil {
		return nil, err
	}
	v := &Proven{}
	chains, parties, err := p.Parties.Chains(known)
	if err == nil {
		v.Parties = parties
		err = v.prove(p, chains)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// prove tells by its tag what the content is.
func (v *Proven) prove(p *Proof, chains [2][]*party.Card) error {
	switch {
	case bytes.HasPrefix(p.Content, []byte("parley fork v1\n")):
		fork, err := evidence.DecodeFork(p.Content)
		if err != nil {
			return err
		}
		return v.fork(p, chains, fork)
	case bytes.HasPrefix(p.Content, []byte("parley generation v1\n")):
		g, err := evidence.DecodeGeneration(p.Content)
		if err != nil {
			return err
		}
		before := g.Origin
		before.Generation--
		v.Generation, v.Origin, v.Higher = g, g.Origin, g.Origin.Writer == p.IDs[1]
		if g.Origin.Realm != p.Realm || g.Origin.Writer != p.IDs[side(v.Higher)] || g.Origin.Reader != p.IDs[side(!v.Higher)] {
			return fault.New(fault.CardOtherLink, "party", g.Origin.Writer.String())
		}
		return rooted(chains, side(v.Higher), g, before)
	}
	c, err := evidence.DecodeCompromise(p.Content)
	if err != nil {
		return err
	}
	v.Compromise, v.Origin, v.Higher = c, c.Origin, c.Origin.Writer == p.IDs[1]
	return declared(chains[side(v.Higher)], p.Realm, p.IDs[side(!v.Higher)], c)
}

// fork finds the log whose origin both heads name, and checks that its writer
// signed two histories of it.
func (v *Proven) fork(p *Proof, chains [2][]*party.Card, fork *evidence.Fork) error {
	a, err := ledger.ParseHead(fork.A)
	if err != nil {
		return err
	}
	b, err := ledger.ParseHead(fork.B)
	if err != nil {
		return err
	}
	v.Fork = &[2]ledger.Head{a, b}
	for i := range 2 * 3 * (maxGenerations + 1) {
		v.Higher = i%2 == 1
		v.Origin = ledger.Origin{Realm: p.Realm, Channel: statement.Control + uint8(i/2%3), Writer: p.IDs[side(v.Higher)],
			Reader: p.IDs[side(!v.Higher)], Generation: uint32(i / 6)}
		if v.Origin.String() != a.Origin {
			continue
		}
		key := func(note string) (key party.PublicKey, err error) {
			_, serial, err := SignedBy(chains[i%2], a.Origin, note)
			if err == nil {
				key = chains[i%2][serial-1].Sign
			}
			return key, err
		}
		keyA, err := key(fork.A)
		if err != nil {
			return err
		}
		keyB, err := key(fork.B)
		if err != nil {
			return err
		}
		return fork.Verify(Signatures{}, keyA, keyB, a.Origin)
	}
	return fault.New(fault.HeadOrigin, "have", a.Origin, "want", "of this link")
}
