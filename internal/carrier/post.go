package carrier

import (
	"context"
	"errors"
)

// MaxCollected is how many files one Collect hands over.
const MaxCollected = 64

// ErrForeign says of a file that came that it is nobody's: it is not handed
// over again, and whoever keeps the box may look at it.
var ErrForeign = errors.New("a file that is not of this line")

// ShortFirst orders what a Box hands over, by whether it is short.
func ShortFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Poster brings files to a peer that stores them until it looks. Nobody
// answers. A file may be lost, repeated, delayed, and overtaken by a later one.
type Poster interface {
	// Post hands over a file, at most MaxFile of wire/mail. When it returns
	// without an error somebody else has it, and nothing more is known of it.
	Post(ctx context.Context, peer Peer, file []byte) error
}

// Box is where files come in for us.
type Box interface {
	// Collect hands the files that wait to take, and says how many it looked at:
	// at most MaxCollected, those that came first, and of these the ones of the
	// greatest length after the others: a call has a short one. One for which take
	// returns nil is kept and need not come again; ErrForeign says that it is
	// nobody's; any other error leaves it for the next time. An error of Collect
	// means that not all could be looked at; it ends when its context does.
	Collect(ctx context.Context, take func(file []byte) error) (looked int, err error)
}
