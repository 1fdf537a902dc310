package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// InvitedFor is how long a one-time link is good, in milliseconds.
const InvitedFor = 24 * 60 * 60 * 1000

// Invitation is a one-time code, of which the hash alone is kept.
type Invitation struct {
	Version int    `json:"version"`
	Hash    []byte `json:"hash"`
	Account string `json:"account"`
	By      string `json:"by"` // account; empty: the machine's own command
	At      int64  `json:"at"`
	From    int64  `json:"from,omitempty"` // good from then on; 0: at once
	Until   int64  `json:"until"`
	Used    int64  `json:"used"`
}

// NewInvitation makes one of 20 random bytes, and the code that stands for it.
func NewInvitation(random [20]byte, account, by string, now int64) (*Invitation, string) {
	code := strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
	return &Invitation{Version: version, Hash: HashCode(code), Account: account, By: by, At: now, Until: now + InvitedFor}, code
}

// HashCode is what is kept of a code.
func HashCode(code string) []byte {
	h := sha256.Sum256([]byte("parley invitation v1\n" + code))
	return h[:]
}

// Check refuses a code that is another's, used, or late: access.invitation.
func (i *Invitation) Check(code string, now int64) error {
	what := ""
	switch {
	case subtle.ConstantTimeCompare(i.Hash, HashCode(code)) != 1:
		what = "unknown"
	case i.Used != 0:
		what = "used"
	case now < i.From:
		what = "early"
	case now >= i.Until:
		what = "late"
	}
	if what != "" {
		return fault.New(rule.AccessInvitation, "what", what)
	}
	return nil
}

// Redeem uses the code up.
func (i *Invitation) Redeem(code string, now int64) error {
	err := i.Check(code, now)
	if err == nil {
		i.Used = now
	}
	return err
}

// Encode gives the invitation as it is kept.
func (i *Invitation) Encode() ([]byte, error) { return ijson.Encode(i) }

// DecodeInvitation reads one, strictly.
func DecodeInvitation(b []byte) (*Invitation, error) {
	i := &Invitation{}
	if err := ijson.Decode(b, i, ijson.Limits{Bytes: maxKept}); err != nil {
		return nil, err
	}
	if i.Version != version || len(i.Hash) != sha256.Size {
		return nil, fault.New(rule.AccessAccount, "what", "version")
	}
	return i, nil
}
