// Package contact implements spec/contact.md: what two nodes say to each other
// when they meet, on whatever carrier. A hello says, signed, who is here and
// how far each log is; a turn carries a delivery and the answer to the last.
package contact

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Sized is a head in short: how large, which generation, which root.
type Sized struct {
	statement.Size
	Root tlog.Hash
}

// Hello is sent once a contact and once an hour, signed. It is the handshake,
// the proof of silence and, over the asker's nonce, what a restored node is
// told of its own newest head.
type Hello struct {
	Realm          uint8
	Writer, Reader party.ID
	Time           int64
	Nonce          [16]byte // Commitment
	Answers        [16]byte // the other's last nonce; zero if none was heard
	Own            [3]Sized // own heads, by channel
	Shown          [3]Sized // the newest heads of the other's that were shown here
	Stored         [3]statement.Size
	Card           [2]statement.Size // own and other's control size at which the sender's card is in force
	Rules          []uint16          // versions of the rules this node can run
	Store          [16]byte          // identity of the store
	Start          uint64            // number of this process's start, from the store
	Process        [16]byte          // drawn at start: one number with two of these is a clone
	Carriers       []string          // carriers up
	State          uint8             // Ready, Restoring, Locked or Full
	Software       string            // declared version
	Config         [32]byte          // declared fingerprint of the configuration
	Signature      party.Signature
}

// States of a node, as it says itself.
const (
	Ready     uint8 = 0
	Restoring uint8 = 1 // writes nothing until it knows its own newest head
	Locked    uint8 = 2 // keys are locked: stores and receipts nothing
	Full      uint8 = 3 // no room: stores and receipts nothing
)

func (s Sized) encode(w *octet.Writer) {
	w.U32(s.Generation)
	w.U64(s.Size.Size)
	w.Fixed(s.Root[:])
}

func decodeSized(r *octet.Reader) Sized {
	return Sized{Size: decodeSize(r), Root: r.Hash()}
}

func decodeSize(r *octet.Reader) statement.Size {
	return statement.Size{Generation: r.U32(), Size: r.U64()}
}

func (h *Hello) body() []byte {
	w := octet.Writer{Bytes: []byte("parley hello v1\n")}
	w.U8(party.Suite1)
	w.U8(h.Realm)
	w.Fixed(h.Writer[:])
	w.Fixed(h.Reader[:])
	w.U64(uint64(h.Time))
	w.Fixed(h.Nonce[:])
	w.Fixed(h.Answers[:])
	for _, s := range append(h.Own[:], h.Shown[:]...) {
		s.encode(&w)
	}
	for _, s := range append(h.Stored[:], h.Card[:]...) {
		w.U32(s.Generation)
		w.U64(s.Size)
	}
	w.U16(uint16(len(h.Rules)))
	for _, v := range h.Rules {
		w.U16(v)
	}
	w.Fixed(h.Store[:])
	w.U64(h.Start)
	w.Fixed(h.Process[:])
	w.U16(uint16(len(h.Carriers)))
	for _, c := range h.Carriers {
		w.Text(c)
	}
	w.U8(h.State)
	w.Text(h.Software)
	w.Fixed(h.Config[:])
	return w.Bytes
}

// Encode gives the hello's bytes with its signature.
func (h *Hello) Encode() []byte {
	w := octet.Writer{Bytes: h.body()}
	h.Signature.Encode(&w)
	return w.Bytes
}

// Commitment is the nonce that stands for this hello and no other: who repeats
// it answers this one, and its sender cannot say later that it was another.
func (h *Hello) Commitment() [16]byte {
	blank := *h
	blank.Nonce = [16]byte{}
	sum := sha256.Sum256(append([]byte("parley nonce v1\n"), blank.body()...))
	return [16]byte(sum[:16])
}

// Signer signs as an office.
type Signer interface {
	Sign(message []byte) party.Signature
}

// SignHello signs the hello in place.
func SignHello(h *Hello, s Signer) { h.Signature = s.Sign(h.body()) }

// Verify checks the signature under a key.
func (h *Hello) Verify(v party.Signatures, key party.PublicKey) error {
	if !h.Signature.Verify(v, key, h.body()) {
		return fault.New(fault.ContactHello, "party", h.Writer.String())
	}
	return nil
}

// DecodeHello reads a hello; its signature is not checked.
func DecodeHello(b []byte) (*Hello, error) {
	const tag = "parley hello v1\n"
	r := octet.NewReader(b)
	if string(r.Fixed(len(tag))) != tag || r.U8() != party.Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "hello")
	}
	h := &Hello{Realm: r.U8(), Writer: r.Hash(), Reader: r.Hash(), Time: int64(r.U64())}
	copy(h.Nonce[:], r.Fixed(16))
	copy(h.Answers[:], r.Fixed(16))
	for i := range h.Own {
		h.Own[i] = decodeSized(r)
	}
	for i := range h.Shown {
		h.Shown[i] = decodeSized(r)
	}
	for i := range h.Stored {
		h.Stored[i] = decodeSize(r)
	}
	for i := range h.Card {
		h.Card[i] = decodeSize(r)
	}
	for range r.Count(64) {
		h.Rules = append(h.Rules, r.U16())
	}
	copy(h.Store[:], r.Fixed(16))
	h.Start = r.U64()
	copy(h.Process[:], r.Fixed(16))
	for range r.Count(8) {
		h.Carriers = append(h.Carriers, r.Text(32))
	}
	h.State, h.Software, h.Config, h.Signature = r.U8(), r.Text(64), r.Hash(), party.DecodeSignature(r)
	if err := r.Done(); err != nil {
		return nil, err
	}
	if h.Realm != party.Real && h.Realm != party.Exercise || h.Time < 0 || h.State > Full {
		return nil, fault.New(fault.ContactHello, "party", h.Writer.String())
	}
	return h, nil
}
