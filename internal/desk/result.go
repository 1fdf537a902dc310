package desk

import (
	"crypto/sha256"

	"parley.example/wire/octet"
)

// Verdict is an officer's answer to a check, and the state of a check.
type Verdict struct{ code uint8 }

// The verdicts. Outstanding, as an officer's answer, says that it was asked
// for and has not come; it takes back what the same officer said before.
var (
	Outstanding = Verdict{0}
	Passed      = Verdict{1}
	Refused     = Verdict{2}
)

// Name is the verdict as interfaces call it: outstanding, passed, refused.
func (v Verdict) Name() string {
	switch v {
	case Passed:
		return "passed"
	case Refused:
		return "refused"
	}
	return "outstanding"
}

// VerdictNamed reads a verdict's name.
func VerdictNamed(name string) (Verdict, bool) {
	for _, v := range []Verdict{Outstanding, Passed, Refused} {
		if v.Name() == name {
			return v, true
		}
	}
	return Verdict{}, false
}

// Reply names an act that is answered: whose log it is in, and where.
type Reply struct {
	Own   bool
	Entry uint64 // its position
}

const contentTag = "parley desk content v1\n"

// Content is the hash of what would leave: the body's bytes, the attachments'
// descriptors, which commit to what is attached, and the acts it answers.
func Content(body []byte, attachments [][]byte, replies []Reply) [32]byte {
	return sha256.Sum256(octet.Write(func(c *octet.Codec) {
		c.Tag(contentTag, "desk content")
		c.Vec(&body, 1<<30)
		octet.List(c, &attachments, 1<<15, func(a *[]byte) { c.Vec(a, 1<<20) })
		octet.List(c, &replies, 1<<15, func(r *Reply) {
			own := uint8(0)
			if r.Own {
				own = 1
			}
			octet.Int(c, &own)
			octet.Int(c, &r.Entry)
		})
	}))
}

// Release is one act to be released: on which line, in which request, of which
// kind, with which content. A result is for one release and no other.
type Release struct {
	Realm        uint8
	Ours, Theirs [32]byte // party identifiers
	Request      string   // its name; empty for an act that opens one
	Kind         string
	Content      [32]byte
}

const checkTag = "parley desk check v1\n"

// Result is what one officer says of one check. The signature is over the text
// of Release.Text, and so for this release, this wording of the check, this
// verdict, this time and this note.
type Result struct {
	Check     string
	Verdict   Verdict
	At        int64 // milliseconds
	Note      Private
	Officer   string // key identifier
	Algorithm uint8
	Signature []byte
}

// Text is what an officer signs to answer a check:
//
//	"parley desk check v1\n"
//	1 byte    realm
//	32 bytes  own party, 32 bytes the other's
//	text      request, text kind
//	32 bytes  content
//	text      check, 32 bytes digest of its wording
//	1 byte    verdict: 0 outstanding, 1 passed, 2 refused
//	8 bytes   time, milliseconds
//	32 bytes  SHA-256 of the note
//
// No other thing that people sign begins like it.
func (x Release) Text(c *Check, r *Result) []byte {
	note := sha256.Sum256([]byte(r.Note.Words()))
	return octet.Write(func(o *octet.Codec) {
		o.Tag(checkTag, "desk check")
		octet.Int(o, &x.Realm)
		o.Fixed(x.Ours[:])
		o.Fixed(x.Theirs[:])
		o.Text(&x.Request, 64)
		o.Text(&x.Kind, 64)
		o.Fixed(x.Content[:])
		o.Text(&c.Code, 64)
		o.Fixed(c.Digest[:])
		octet.Int(o, &r.Verdict.code)
		octet.Int(o, &r.At)
		o.Fixed(note[:])
	})
}

// Person is an officer as our card in force names them.
type Person struct{ Key, Name, Unit, Role string }

// same reports whether two keys are one person's. People are told apart by name
// and unit: somebody with two keys is not two people.
func (p Person) same(q Person) bool {
	return p.Key == q.Key || p.Name == q.Name && p.Unit == q.Unit
}

// Verify says who signed a text, by our own card in force; false when nobody on
// it did.
type Verify func(text []byte, r *Result) (Person, bool)
