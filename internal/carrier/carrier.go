// Package carrier implements docs/carriers.md: how sealed bytes travel. A
// carrier moves turns and sealed attachments between two nodes; it opens
// nothing, and what it says of a turn proves nothing: the turn proves itself.
package carrier

import (
	"context"
	"errors"
	"io"
	"time"
)

// Bounds of what is handed over: how much in one piece, how many attachments
// are asked for at a time, and a notice.
const (
	MaxPiece  = 256 << 10
	MaxWanted = 16
	MaxNotice = 256
)

// ErrReached is in the chain of an error when something answered at the other
// side's address, though its node did not: then the line itself is up.
var ErrReached = errors.New("the address was reached")

// ErrNotLeft is in the chain of an error when it is our own proxy or relay that
// was in the way: nothing is known of the other side.
var ErrNotLeft = errors.New("it did not leave our own side")

// Peer is the other end, as the cards in the record name it.
type Peer struct {
	Link      [32]byte
	Addresses []string
	Keys      [][32]byte // SHA-256 of the keys (SPKI) it may answer with: in force, and announced
}

// Want is a sealed attachment that one end asks the other to hand over, from
// an offset on.
type Want struct {
	Sealed [32]byte
	Offset int64
}

// Dialler reaches a peer. Every call ends when its context does. Turns may be
// lost, repeated and delayed; an error means only that no answer came.
type Dialler interface {
	// Exchange carries a turn there and the answer back.
	Exchange(ctx context.Context, peer Peer, turn []byte) ([]byte, error)
	// Fetch opens a sealed attachment from an offset on.
	Fetch(ctx context.Context, peer Peer, sealed [32]byte, offset int64) (io.ReadCloser, error)
}

// Keeper is a dialler that can keep a line open, for a side that nobody can
// dial: what the other has to say comes back on it at once.
type Keeper interface {
	Dialler
	// Await carries a turn there, and the answer back as soon as the other side
	// has something to say, at the latest after wait.
	Await(ctx context.Context, peer Peer, turn []byte, wait time.Duration) ([]byte, error)
	// Wanted lists what the other side asks to be handed, since it cannot dial
	// to fetch it; at most MaxWanted.
	Wanted(ctx context.Context, peer Peer) ([]Want, error)
	// Hand brings the piece that stands at the offset, at most MaxPiece.
	Hand(ctx context.Context, peer Peer, at Want, piece []byte) error
}

// Teller brings a notice: a few bytes that nobody keeps, repeats or waits for.
// An error means nothing but that it may not have come.
type Teller interface {
	Tell(ctx context.Context, peer Peer, notice []byte) error
}

// Hearer takes notices, from the holder of a connecting key.
type Hearer interface {
	Hear(from [32]byte, notice []byte) error
}

// Station answers what arrives. from is the hash of the key that the other end
// proved to hold.
type Station interface {
	Turn(ctx context.Context, from [32]byte, turn []byte) ([]byte, error)
	// Attachment opens sealed bytes that were announced to this peer.
	Attachment(ctx context.Context, from [32]byte, sealed [32]byte) (io.ReadSeekCloser, error)
}

// Host is a station where a line can be kept, and that takes what is handed over.
type Host interface {
	Station
	// Await answers a turn as soon as there is something to say, at the latest
	// when enough is closed.
	Await(ctx context.Context, from [32]byte, turn []byte, enough <-chan struct{}) ([]byte, error)
	// Wanted lists what this peer is asked to hand over.
	Wanted(ctx context.Context, from [32]byte) ([]Want, error)
	// Take keeps a piece of what was asked for, which it owns.
	Take(ctx context.Context, from [32]byte, at Want, piece []byte) error
}
