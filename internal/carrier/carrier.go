// Package carrier implements docs/carriers.md: how sealed bytes travel. A
// carrier moves turns and sealed attachments between two nodes; it opens
// nothing, and what it says of a turn proves nothing: the turn proves itself.
package carrier

import (
	"context"
	"io"
)

// Peer is the other end, as the cards in the record name it.
type Peer struct {
	Link      [32]byte
	Addresses []string
	Keys      [][32]byte // SHA-256 of the keys (SPKI) it may answer with: in force, and announced
}

// Dialler reaches a peer. Every call ends when its context does. Turns may be
// lost, repeated and delayed; an error means only that no answer came.
type Dialler interface {
	// Exchange carries a turn there and the answer back.
	Exchange(ctx context.Context, peer Peer, turn []byte) ([]byte, error)
	// Fetch opens a sealed attachment from an offset on.
	Fetch(ctx context.Context, peer Peer, sealed [32]byte, offset int64) (io.ReadCloser, error)
}

// Station answers what arrives. from is the hash of the key that the other end
// proved to hold.
type Station interface {
	Turn(ctx context.Context, from [32]byte, turn []byte) ([]byte, error)
	// Attachment opens sealed bytes that were announced to this peer.
	Attachment(ctx context.Context, from [32]byte, sealed [32]byte) (io.ReadSeekCloser, error)
}
