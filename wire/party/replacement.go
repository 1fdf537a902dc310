package party

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
)

// Replacement says that an officer's key is another one from now on, or, where
// there is no other, none. Name, role and unit stay, so that nobody comes in by
// it. It is the body of an act that two other officers of the card sign.
type Replacement struct {
	Lost      string // name of the key that counts no more
	Algorithm uint8  // of the new one; 0: there is none
	Key       []byte
}

const replacementTag = "parley officer replacement v1\n"

func (r *Replacement) layout(o *octet.Codec) {
	o.Tag(replacementTag, "replacement")
	o.Text(&r.Lost, 16)
	octet.Int(o, &r.Algorithm)
	o.Vec(&r.Key, 65)
}

// Encode gives the replacement's bytes.
func (r *Replacement) Encode() []byte { return octet.Write(r.layout) }

// DecodeReplacement reads one; whether a card allows it is not checked.
func DecodeReplacement(b []byte) (*Replacement, error) {
	r := &Replacement{}
	return r, octet.Read(b, r.layout)
}

// None reports whether nothing stands in the lost key's place.
func (r *Replacement) None() bool { return r.Algorithm == 0 && len(r.Key) == 0 }

// KeyID names the new key; empty when there is none.
func (r *Replacement) KeyID() string {
	if r.None() {
		return ""
	}
	return Officer{Algorithm: r.Algorithm, Key: r.Key}.KeyID()
}

// Check refuses a replacement on a card in force that does not name the lost
// key, whose new key no card could have or this one has, or that was not signed
// by officers of two further names: card.officer.
func (r *Replacement) Check(card *Card, signers []string) error {
	bad := func(what string) error { return fault.New(fault.CardOfficer, "what", what, "key", r.Lost) }
	lost, ok := card.Officer(r.Lost)
	if !ok {
		return bad("lost")
	}
	if fresh := (Officer{r.Algorithm, r.Key, lost.Role, lost.Name, lost.Unit}); !r.None() {
		if _, there := card.Officer(fresh.KeyID()); there || !fresh.sound() {
			return bad("new")
		}
	}
	var names []string
	for _, key := range signers {
		o, ok := card.Officer(key)
		if !ok || key == r.Lost {
			return bad("signed")
		}
		if o.Name != lost.Name && !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
	}
	if len(names) < 2 {
		return bad("two")
	}
	return nil
}

// On gives a card as it counts with the replacement: never to be encoded, for no
// root signed it. A card without the lost key stays as it is.
func (r *Replacement) On(card *Card) *Card {
	at := slices.IndexFunc(card.Officers, func(o Officer) bool { return o.KeyID() == r.Lost })
	if at < 0 {
		return card
	}
	next := *card
	next.Officers = slices.Clone(card.Officers)
	if _, there := card.Officer(r.KeyID()); there || r.None() {
		next.Officers = slices.Delete(next.Officers, at, at+1)
	} else {
		next.Officers[at].Algorithm, next.Officers[at].Key = r.Algorithm, r.Key
	}
	return &next
}
