// Package vault implements docs/at-rest.md: the store key, under which a node
// seals what it keeps, and the tokens by which it searches what it sealed.
//
// Words. The *store key* is 32 random bytes, drawn once. The *secret* is what
// opens it: a passphrase, or bytes that the system hands over. The *label* of a
// sealed value says where it belongs; under another label it does not open, so
// that values cannot be exchanged for one another.
//
// A sealed value is
//
//	1 byte    version, 1
//	32 bytes  random
//	n bytes   AES-256-GCM of the plaintext, nonce zero, the label as AAD,
//	          under HKDF-SHA256(store key, salt random, "parley vault seal v1\n" label)
//	16 bytes  its tag
//
// A key is used once, so the nonce need not vary.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

const (
	version    = 1
	randomSize = 32
	tagSize    = 16

	// Overhead is how much longer than its plaintext a sealed value is.
	Overhead = 1 + randomSize + tagSize
)

// Vault is an opened store key. Its methods may be called from any goroutine.
type Vault struct {
	key    [32]byte
	tokens [32]byte // the key of Token
}

func opened(key [32]byte) *Vault {
	v := &Vault{key: key}
	copy(v.tokens[:], derive(key[:], nil, "parley vault token v1\n"))
	return v
}

// derive cannot fail with the lengths used here.
func derive(key, salt []byte, info string) []byte {
	out, err := hkdf.Key(sha256.New, key, salt, info, 32)
	if err != nil {
		panic("vault: HKDF-SHA256: " + err.Error())
	}
	return out
}

func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err == nil {
		var gcm cipher.AEAD
		if gcm, err = cipher.NewGCM(block); err == nil {
			return gcm
		}
	}
	panic("vault: AES-256-GCM: " + err.Error())
}

func (v *Vault) aead(random []byte, label string) cipher.AEAD {
	return aead(derive(v.key[:], random, "parley vault seal v1\n"+label))
}

// Label names the place of a record so that no two places share a label.
func Label(bucket, key string) string {
	var w octet.Writer
	w.Text(bucket)
	w.Text(key)
	return string(w.Bytes)
}

// Seal seals a value for the place that label names.
func (v *Vault) Seal(label string, plaintext []byte) []byte {
	sealed := make([]byte, 1+randomSize, len(plaintext)+Overhead)
	sealed[0] = version
	rand.Read(sealed[1:])
	gcm := v.aead(sealed[1:], label)
	return gcm.Seal(sealed, make([]byte, gcm.NonceSize()), plaintext, []byte(label))
}

// Open gives back what was sealed for this place: vault.damaged when it was
// changed, cut, sealed for another place or under another store key.
func (v *Vault) Open(label string, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != version {
		return nil, fault.New(rule.VaultDamaged, "bytes", fault.Int(len(sealed)))
	}
	random, rest := sealed[1:1+randomSize], sealed[1+randomSize:]
	gcm := v.aead(random, label)
	plaintext, err := gcm.Open(nil, make([]byte, gcm.NonceSize()), rest, []byte(label))
	if err != nil {
		return nil, fault.New(rule.VaultDamaged, "bytes", fault.Int(len(sealed)))
	}
	return plaintext, nil
}

// Fingerprint names content so that only who has the store key can check a guess
// at it.
func (v *Vault) Fingerprint(content []byte) (out [32]byte) {
	mac := hmac.New(sha256.New, derive(v.key[:], nil, "parley vault fingerprint v1\n"))
	mac.Write(content)
	mac.Sum(out[:0])
	return out
}

// Token is what stands for a word in the index of the search: a keyed hash, so
// that the index tells a thief neither the words nor which he may guess.
func (v *Vault) Token(word string) (token [16]byte) {
	return v.tokenOf()(fold(word))
}

// tokenOf gives tokens of folded words. It is of one goroutine: what is derived
// from the key once serves for every word.
func (v *Vault) tokenOf() func(folded string) [16]byte {
	mac := hmac.New(sha256.New, v.tokens[:])
	var sum [sha256.Size]byte
	return func(folded string) [16]byte {
		mac.Reset()
		mac.Write([]byte(folded))
		return [16]byte(mac.Sum(sum[:0]))
	}
}
