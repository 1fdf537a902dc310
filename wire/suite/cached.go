package suite

import (
	"sync"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
)

// Cached checks as Signatures does, and keeps the ML-DSA-44 keys that it has
// read: expanding one costs more than a check with it.
type Cached struct {
	Signatures
	mu   sync.Mutex
	keys map[[mldsa44.PublicKeySize]byte]*mldsa44.PublicKey
}

// cachedKeys bounds the keys that are kept; each takes some 20 KiB.
const cachedKeys = 64

// NewCached has no keys yet.
func NewCached() *Cached {
	return &Cached{keys: map[[mldsa44.PublicKeySize]byte]*mldsa44.PublicKey{}}
}

// MLDSA44 reports whether the signature is good (FIPS 204, empty context).
func (c *Cached) MLDSA44(key, message, signature []byte) bool {
	if len(key) != mldsa44.PublicKeySize || len(signature) != mldsa44.SignatureSize {
		return false
	}
	public := c.key([mldsa44.PublicKeySize]byte(key))
	return public != nil && mldsa44.Verify(public, message, nil, signature)
}

func (c *Cached) key(raw [mldsa44.PublicKeySize]byte) *mldsa44.PublicKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	if public := c.keys[raw]; public != nil {
		return public
	}
	public := &mldsa44.PublicKey{}
	if public.UnmarshalBinary(raw[:]) != nil {
		return nil
	}
	if len(c.keys) >= cachedKeys {
		clear(c.keys)
	}
	c.keys[raw] = public
	return public
}
