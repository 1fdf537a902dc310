package review

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"

	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// intake is what every report takes in alike: its input, and one thing after
// the other in the order of their openings.
type intake struct {
	in      Input
	label   string // of the input digest
	cut     [32]byte
	threads uint64
	hash    hash.Hash
	last    struct {
		any      bool
		higher   bool
		position uint64
	}
}

func newIntake(in Input, label, threads string) intake {
	r := intake{in: in, label: label, cut: in.Cut.Digest(), hash: sha256.New()}
	r.hash.Write([]byte(threads))
	return r
}

// follows refuses what does not come in order, or comes twice: review.order.
func (r *intake) follows(higher bool, position uint64) error {
	if l := r.last; l.any && (l.higher && !higher || l.higher == higher && l.position >= position) {
		return fault.New(rule.ReviewOrder, "position", fault.Int(position), "behind", fault.Int(l.position))
	}
	return nil
}

// take counts a thing into the input digest, with the exact bytes of its view.
func (r *intake) take(higher bool, position uint64, view []byte) {
	r.last.any, r.last.higher, r.last.position = true, higher, position
	r.threads++
	one := sha256.Sum256(view)
	var w octet.Writer
	w.U8(bit(higher))
	w.U64(position)
	w.Fixed(one[:])
	r.hash.Write(w.Bytes)
}

// Digest is the input digest, over what was taken in so far.
func (r *intake) Digest() [32]byte {
	w := octet.Writer{Bytes: []byte(r.label)}
	w.U8(r.in.Realm)
	w.Fixed(r.in.Parties[0].ID[:])
	w.Fixed(r.in.Parties[1].ID[:])
	w.Fixed(r.cut[:])
	w.U64(uint64(r.in.Instant))
	w.Fixed(r.in.Arrangement[:])
	w.U16(r.in.Rules)
	w.U64(r.threads)
	w.Fixed(r.hash.Sum(nil))
	return sha256.Sum256(w.Bytes)
}

// unit gives a unit's code if the party has, or had, such a unit.
func (r *intake) unit(higher bool, code string) string {
	return r.known(code, func(d *arrangement.Document) bool { return unitOf(d, r.id(higher), code) != nil })
}

func (r *intake) id(higher bool) string { return r.in.Parties[bit(higher)].ID.String() }

// known keeps out of reports what anybody could have written where a code
// belongs: a request with an unknown code is kept, and counted as such.
func (r *intake) known(code string, in func(*arrangement.Document) bool) string {
	if code == "" || slices.ContainsFunc(r.in.Versions, in) {
		return code
	}
	return Unknown
}

// Head says what a report was computed from.
type Head struct {
	Realm       string           `json:"realm"` // real or exercise
	Parties     []Named          `json:"parties"`
	Cut         string           `json:"cut"`
	Sizes       []Sizes          `json:"sizes"` // of the cut: the lower's logs, the higher's
	Instant     calendar.Instant `json:"instant"`
	Arrangement string           `json:"arrangement"` // digest of the version in force
	Rules       uint16           `json:"rules"`
	Threads     uint64           `json:"threads"`
	Input       string           `json:"input"` // the input digest
}

// Named is a party by side.
type Named struct {
	Side string `json:"side"`
	ID   string `json:"id"`
	Code string `json:"code"`
}

// Sizes are how much of one party's logs a cut holds.
type Sizes struct {
	Side    string `json:"side"`
	Control Size   `json:"control"`
	Hotline Size   `json:"hotline"`
	Routine Size   `json:"routine"`
}

// Size is a number of entries, and the generation of the last of them.
type Size struct {
	Generation uint32 `json:"generation"`
	Size       uint64 `json:"size"`
}

func (r *intake) head() Head {
	digest := r.Digest()
	h := Head{Realm: realmName(r.in.Realm), Cut: hex.EncodeToString(r.cut[:]), Instant: r.in.Instant,
		Arrangement: hex.EncodeToString(r.in.Arrangement[:]), Rules: r.in.Rules, Threads: r.threads, Input: hex.EncodeToString(digest[:])}
	for i, p := range r.in.Parties {
		h.Parties = append(h.Parties, Named{Side: sideName(i == 1), ID: p.ID.String(), Code: p.Code})
		logs := r.in.Cut[i]
		h.Sizes = append(h.Sizes, Sizes{Side: sideName(i == 1), Control: Size(logs[0]), Hotline: Size(logs[1]), Routine: Size(logs[2])})
	}
	return h
}

func realmName(realm uint8) string {
	if realm == party.Exercise {
		return "exercise"
	}
	return "real"
}
