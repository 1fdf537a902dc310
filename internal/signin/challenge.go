package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// lasting is how long a challenge is good, in milliseconds.
const lasting = 5 * 60 * 1000

// maxUsed bounds the challenges that are remembered as answered.
const maxUsed = 1 << 14

// challenges draws challenges that need not be kept: each says when it was
// drawn and is authenticated with its purpose under a key of this process.
// Whoever asks for very many of them takes no room. Only those that were
// answered well are remembered, so that none is answered twice.
//
//	instant (8 bytes, milliseconds) | random (16) | HMAC-SHA-256 of both and the purpose
type challenges struct {
	key [32]byte

	mu   sync.Mutex
	used map[string]int64
}

func newChallenges() *challenges {
	c := &challenges{used: map[string]int64{}}
	rand.Read(c.key[:])
	return c
}

const headSize = 8 + 16

func (c *challenges) draw(purpose string, now int64) []byte {
	head := binary.BigEndian.AppendUint64(nil, uint64(now))
	var random [16]byte
	rand.Read(random[:])
	head = append(head, random[:]...)
	return append(head, c.tag(purpose, head)...)
}

func (c *challenges) tag(purpose string, head []byte) []byte {
	m := hmac.New(sha256.New, c.key[:])
	m.Write(head)
	m.Write([]byte(purpose))
	return m.Sum(nil)
}

// check refuses a challenge that is not ours, not for this, or late.
func (c *challenges) check(purpose, text string, now int64) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != headSize+sha256.Size || !hmac.Equal(raw[headSize:], c.tag(purpose, raw[:headSize])) {
		return fault.New(rule.AccessPasskey, "what", "challenge")
	}
	if drawn := int64(binary.BigEndian.Uint64(raw)); now < drawn || now-drawn >= lasting {
		return fault.New(rule.AccessPasskey, "what", "late")
	}
	return nil
}

// use remembers that a challenge was answered: once.
func (c *challenges) use(text string, now int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t, at := range c.used {
		if now-at >= lasting {
			delete(c.used, t)
		}
	}
	if _, again := c.used[text]; again || len(c.used) >= maxUsed {
		return fault.New(rule.AccessPasskey, "what", "late")
	}
	c.used[text] = now
	return nil
}
