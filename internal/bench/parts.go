package bench

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/wire/act"
	"parley.example/wire/envelope"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// repeat calls f for as long as a slice and says how often a second that was,
// each call counting for n.
func repeat(name string, slice time.Duration, n int, f func() error) (Rate, error) {
	began, done := time.Now(), 0
	for time.Since(began) < slice {
		if err := f(); err != nil {
			return Rate{}, err
		}
		done += n
	}
	return Rate{Name: name, PerSecond: float64(done) / time.Since(began).Seconds()}, nil
}

// parts measures what needs neither line nor disk, on one processor.
func parts(slice time.Duration) (list []Rate, err error) {
	b, err := newBatch(1024)
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name string
		n    int
		f    func() error
	}{
		{"records", len(b.leaves), b.verify},
		{"opened", 1, b.open},
		{"heads", 1, func() error { return b.head(suite.Signatures{}) }},
		{"heads-ed25519", 1, func() error { return b.head(onlyEd25519{}) }},
		{"heads-signed", 1, func() error { suite.SignHead(b.another(), b.key); return nil }},
		{"ed25519-signed", 1, func() error { root := b.another().Root; b.key.Ed25519(root[:]); return nil }},
		{"ml-dsa-signed", 1, func() error { root := b.another().Root; b.key.MLDSA44(root[:]); return nil }},
	} {
		rate, err := repeat(p.name, slice, p.n, p.f)
		if err != nil {
			return nil, err
		}
		list = append(list, rate)
	}
	return list, nil
}

// onlyEd25519 is what checking would cost without the second signature.
type onlyEd25519 struct{ suite.Signatures }

func (onlyEd25519) MLDSA44(_, _, _ []byte) bool { return true }

// batch is one delivery of acts with all that checking it needs.
type batch struct {
	origin     ledger.Origin
	leaves     [][]byte
	sealed     []byte
	epoch      envelope.Epoch
	commitment [32]byte
	key        *suite.SigningKey
	public     party.PublicKey
	signedHead ledger.Head
	note       string
	signed     uint64
}

func newBatch(n int) (*batch, error) {
	b := &batch{key: suite.NewSigningKey(), origin: ledger.Origin{Realm: party.Exercise, Channel: statement.Routine,
		Writer: party.ID{1}, Reader: party.ID{2}}}
	b.public = b.key.Public()
	var err error
	var publics [3][]byte
	for i := range publics {
		key := suite.NewSealingKey().Public()
		publics[i] = key[:]
	}
	var wraps []byte
	if b.epoch, wraps, err = envelope.NewEpoch(b.origin.Tuple(), publics); err != nil {
		return nil, err
	}
	body, err := form()
	if err != nil {
		return nil, err
	}
	draft := act.NewDraft(statement.Statement{Realm: b.origin.Realm, Writer: b.origin.Writer, Reader: b.origin.Reader,
		Channel: b.origin.Channel, Kind: act.RequestOpen, NotAfter: 1}, body, nil)
	parts := draft.Parts(statement.Slip{Number: 1}, draft.ToSign(), nil)
	b.sealed, b.commitment = b.epoch.Seal(b.origin.Tuple(), parts.Encode()), statement.Whole(parts.Commitments())
	log := monitor.Log{Origin: b.origin}
	for i := range n {
		leaf := &ledger.Leaf{Type: ledger.TypeAct, Position: uint64(i), Time: int64(i), Hash: sha256.Sum256(b.sealed), Commitment: b.commitment}
		if i == 0 {
			leaf.Type, leaf.Hash, leaf.Commitment = ledger.TypeEpoch, sha256.Sum256(wraps), b.epoch.Commitment
		}
		rand.Read(leaf.Salt[:])
		raw := leaf.Encode()
		if _, err := log.Next(leaf, raw, statement.Seen{}, firstEpoch{}); err != nil {
			return nil, err
		}
		b.leaves = append(b.leaves, raw)
	}
	b.signedHead = log.Head()
	b.note = suite.SignHead(b.signedHead, b.key)
	return b, nil
}

// firstEpoch is a record in which the first leaf opens the only epoch.
type firstEpoch struct{}

func (firstEpoch) Epoch(position uint64) bool              { return position == 0 }
func (firstEpoch) Substance(uint64, uint64) bool           { return false }
func (firstEpoch) ControlSeen(bool, uint64) (uint64, bool) { return 0, false }
func (firstEpoch) Root(uint64) (tlog.Hash, bool)           { return tlog.Hash{}, false }

// verify checks every leaf by hash and rules, and the root that they lead to.
func (b *batch) verify() error {
	log := monitor.Log{Origin: b.origin}
	for _, raw := range b.leaves {
		leaf, err := ledger.DecodeLeaf(raw)
		if err == nil {
			_, err = log.Next(leaf, raw, statement.Seen{}, firstEpoch{})
		}
		if err != nil {
			return err
		}
	}
	if log.Tree.Root() != b.signedHead.Root {
		return errFloor
	}
	return nil
}

// open checks the hash of sealed bytes, opens them, holds them against the
// commitment and reads the act.
func (b *batch) open() error {
	if _, _, verdict := link.OpenAct(b.origin, b.epoch, b.commitment, b.sealed); verdict != 0 || sha256.Sum256(b.sealed) == [32]byte{} {
		return errFloor
	}
	return nil
}

// another is a head that was not signed yet. ML-DSA begins anew until what it
// has may be shown, once for some messages and thirty times for others: one
// message would say nothing of the next.
func (b *batch) another() ledger.Head {
	b.signed++
	h := b.signedHead
	binary.BigEndian.PutUint64(h.Root[:], b.signed)
	return h
}

func (b *batch) head(v party.Signatures) error {
	_, err := ledger.VerifyHead(v, b.public, b.origin.String(), b.note)
	return err
}
