package evidence

import (
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

// Causes of a new generation.
const (
	AfterRestore uint8 = 1 // the writer came back from a backup
	AfterFreeze  uint8 = 2 // a fork was proved; both roots sign
)

// Generation opens a log anew at a size: the leaves before it stay, positions
// go on, the origin changes. It is the leaf at position Size, and travels by
// itself in the hello too.
type Generation struct {
	Origin   ledger.Origin // of the new generation
	Size     uint64
	Root     [32]byte // of the leaves that stay
	Cause    uint8
	Evidence [32]byte // SHA-256 of the fork, after a freeze
	Writer   party.Signature
	Reader   *party.Signature // after a freeze
}

const generationTag = "parley generation v1\n"

// ToSign is what the roots sign: the statement without its signatures.
func (g *Generation) ToSign() []byte {
	w := octet.Writer{Bytes: []byte(generationTag)}
	w.U8(party.Suite1)
	w.U8(g.Origin.Realm)
	w.U8(g.Origin.Channel)
	w.Fixed(g.Origin.Writer[:])
	w.Fixed(g.Origin.Reader[:])
	w.U32(g.Origin.Generation)
	w.U64(g.Size)
	w.Fixed(g.Root[:])
	w.U8(g.Cause)
	w.Fixed(g.Evidence[:])
	return w.Bytes
}

// Encode gives the statement's bytes.
func (g *Generation) Encode() []byte {
	w := octet.Writer{Bytes: g.ToSign()}
	g.Writer.Encode(&w)
	if g.Reader != nil {
		g.Reader.Encode(&w)
	}
	return w.Bytes
}

// DecodeGeneration reads a statement; its signatures are not checked.
func DecodeGeneration(b []byte) (*Generation, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(len(generationTag))) != generationTag || r.U8() != party.Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "generation")
	}
	g := &Generation{Origin: ledger.Origin{Realm: r.U8(), Channel: r.U8(), Writer: r.Hash(), Reader: r.Hash(), Generation: r.U32()},
		Size: r.U64(), Root: r.Hash(), Cause: r.U8(), Evidence: r.Hash(), Writer: party.DecodeSignature(r)}
	if g.Cause == AfterFreeze {
		s := party.DecodeSignature(r)
		g.Reader = &s
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	if g.Cause != AfterRestore && g.Cause != AfterFreeze || g.Origin.Generation == 0 || g.Cause == AfterRestore && g.Evidence != [32]byte{} {
		return nil, fault.New(fault.GenerationStatement, "rule", "cause or number unknown, or evidence after a restore")
	}
	return g, nil
}

// Verify checks the statement for the log that it continues: the writer's
// root signed it, and after a freeze the reader's root too.
func (g *Generation) Verify(v party.Signatures, before ledger.Origin, writer, reader party.PublicKey) error {
	want := before
	want.Generation++
	if g.Origin != want {
		return fault.New(fault.GenerationStatement, "rule", "it continues another log")
	}
	if (g.Reader != nil) != (g.Cause == AfterFreeze) || !g.Writer.Verify(v, writer, g.ToSign()) || g.Reader != nil && !g.Reader.Verify(v, reader, g.ToSign()) {
		return fault.New(fault.GenerationStatement, "rule", "a root's signature is missing or wrong")
	}
	return nil
}
