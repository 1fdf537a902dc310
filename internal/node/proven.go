package node

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"parley.example/wire/party"
)

// proven checks signatures and remembers which were good, so that one that was
// checked before the write lock was taken is not checked again under it. What
// was good once is good for ever: the key is a part of what is remembered.
type proven struct {
	party.Signatures
	mu   sync.Mutex
	good *recent[[32]byte, struct{}]
}

// provenKept bounds what is remembered.
const provenKept = 4096

func newProven(v party.Signatures) *proven {
	return &proven{Signatures: v, good: newRecent[[32]byte, struct{}](provenKept)}
}

// Ed25519 is party.Signatures.
func (p *proven) Ed25519(key, message, signature []byte) bool {
	return p.once(1, key, message, signature, p.Signatures.Ed25519)
}

// MLDSA44 is party.Signatures.
func (p *proven) MLDSA44(key, message, signature []byte) bool {
	return p.once(2, key, message, signature, p.Signatures.MLDSA44)
}

func (p *proven) once(algorithm uint8, key, message, signature []byte, check func(key, message, signature []byte) bool) bool {
	h := sha256.New()
	h.Write([]byte{algorithm})
	for _, b := range [][]byte{key, message, signature} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	is := [32]byte(h.Sum(nil))
	p.mu.Lock()
	_, known := p.good.get(is)
	p.mu.Unlock()
	if known {
		return true
	}
	if !check(key, message, signature) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.good.put(is, struct{}{})
	return true
}
