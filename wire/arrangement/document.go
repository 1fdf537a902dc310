// Package arrangement implements spec/arrangement.md: the rules that both
// parties signed, as data. One document, in both languages, says what a
// request must contain, how soon it is answered, what may be refused and why,
// and what survives a suspension.
//
// The document that is signed is the bytes, not what is read from them: keep
// the bytes, and never write them again. Nothing here knows a country.
package arrangement

import (
	"crypto/sha256"
	"encoding/json"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Format is the format that this package reads. A field more, or one less, is
// another format with another number.
const Format = "parley arrangement 1"

// MaxBytes is the greatest length of a document.
const MaxBytes = 1 << 20

const digestLabel = "parley arrangement v1\n"

// Digest names a version: SHA-256 over the label and the exact bytes.
func Digest(b []byte) [32]byte {
	return sha256.Sum256(append([]byte(digestLabel), b...))
}

// Document is the content of an arrangement.
type Document struct {
	Format    string           `json:"format"`
	Version   int              `json:"version"`  // 1 for the first, then one more each time
	Base      string           `json:"base"`     // digest of the predecessor in hexadecimal; "" for the first
	InForce   calendar.Instant `json:"in_force"` // from when it holds, once both have signed
	Rules     int              `json:"rules"`    // version of the vocabulary and the folds
	Titles    []Title          `json:"titles"`   // what each party calls it
	Parties   []Party          `json:"parties"`  // exactly two
	Tolerance int              `json:"tolerance_seconds"`
	Clock     ClockRules       `json:"clock"`
	Amendment AmendmentRules   `json:"amendment"`
	Quotas    Quotas           `json:"quotas"`
	Areas     []Area           `json:"areas"`
	Types     []RequestType    `json:"request_types"`
	Urgencies []Urgency        `json:"urgencies"`
	Reasons   []Reason         `json:"reasons"`
	Handling  []Handling       `json:"handling"`
	Survives  Survives         `json:"survives"`
	Text      []Section        `json:"text,omitempty"`
}

// Words is a text in both languages of the arrangement.
type Words struct {
	En string `json:"en"`
	Zh string `json:"zh"`
}

// In gives the words in "zh" or "en"; any other language reads the English.
func (w Words) In(lang string) string {
	if lang == "zh" {
		return w.Zh
	}
	return w.En
}

// Title is what one party calls the arrangement. The two may differ.
type Title struct {
	Party string `json:"party"`
	Names Words  `json:"names"`
}

// Party is one of the two.
type Party struct {
	ID       string            `json:"id"`   // party id, 64 hexadecimal digits
	Code     string            `json:"code"` // short, as in "us"
	Names    Words             `json:"names"`
	Units    []Unit            `json:"units"`
	Roles    []Role            `json:"roles"`
	Calendar calendar.Calendar `json:"calendar"`
	Severity []Level           `json:"severity,omitempty"` // its own scale, lowest first
}

// Unit is an office of a party that acts are addressed to.
type Unit struct {
	Code  string `json:"code"`
	Names Words  `json:"names"`
	Hours *Words `json:"hours,omitempty"` // a note for people; clocks read the calendar
}

// Role is what an officer may be.
type Role struct {
	Code  string `json:"code"`
	Names Words  `json:"names"`
}

// Level is one step of a party's scale of severity.
type Level struct {
	Level int   `json:"level"`
	Names Words `json:"names"`
}

// ClockRules say what starts and stops the clocks of a request.
type ClockRules struct {
	Starts string  `json:"starts"` // stored, or attachments: when these have come as well
	Pauses []Pause `json:"pauses"`
}

// Pause lets an act of some kind stop the clocks of some steps.
type Pause struct {
	Kind  string   `json:"kind"`
	Steps []string `json:"steps"`
}

// AmendmentRules say, rule by rule, whether an open thread keeps the version
// it was opened under or follows the one in force. Absent means keep.
type AmendmentRules struct {
	Fields    string `json:"fields,omitempty"`
	Urgencies string `json:"urgencies,omitempty"`
	Reasons   string `json:"reasons,omitempty"`
	Handling  string `json:"handling,omitempty"`
	Pauses    string `json:"pauses,omitempty"`
}

// Quotas bound what one party may send the other.
type Quotas struct {
	MaxActBytes            int64 `json:"max_act_bytes"`
	DayActs                int64 `json:"day_acts"`
	DayBytes               int64 `json:"day_bytes"`
	MaxAttachmentBytes     int64 `json:"max_attachment_bytes"`
	LongestCourierHours    int64 `json:"longest_courier_hours"`
	ReceiptWithheldSeconds int64 `json:"receipt_withheld_seconds"`
}

// Area is a field of crime that the parties work on together. Each says for
// itself what it means by the name.
type Area struct {
	Code      string     `json:"code"`
	Names     Words      `json:"names"`
	NoContent bool       `json:"no_content,omitempty"` // hashes and referrals only, never an attachment
	Positions []Position `json:"positions"`
}

// Position is one party's definition of an area, and its reservation.
type Position struct {
	Party       string `json:"party"`
	Definition  Words  `json:"definition"`
	Reservation *Words `json:"reservation,omitempty"`
}

// RequestType is one kind of request, with the fields it must contain.
type RequestType struct {
	Code             string   `json:"code"`
	Names            Words    `json:"names"`
	Description      Words    `json:"description"`
	Fields           []Field  `json:"fields"`
	Steps            []string `json:"steps"`                       // which of the four deadlines apply
	PreservationDays int      `json:"preservation_days,omitempty"` // how long what is asked for is kept
}

// Field is one item of a request.
type Field struct {
	Code       string     `json:"code"`
	Names      Words      `json:"names"`
	Help       *Words     `json:"help,omitempty"`
	Kind       string     `json:"kind"`
	Need       string     `json:"need"` // required, optional, conditional
	RequiredIf *Condition `json:"required_if,omitempty"`
	Max        int64      `json:"max,omitempty"`     // see spec/arrangement.md; 0 means the kind's own
	Choices    []Choice   `json:"choices,omitempty"` // of a choice; the kinds of identifiers
	Unit       *Words     `json:"unit,omitempty"`    // of a number
}

// Condition makes a field required when another has this value: the code of a
// choice, or "yes" or "no".
type Condition struct {
	Field  string `json:"field"`
	Equals string `json:"equals"`
}

// Choice is one value that may be chosen.
type Choice struct {
	Code  string `json:"code"`
	Names Words  `json:"names"`
}

// Urgency says how soon what is due.
type Urgency struct {
	Code          string `json:"code"`
	Names         Words  `json:"names"`
	Justification bool   `json:"justification"` // the sender must say why
	Steps         []Step `json:"steps"`
}

// Step is a deadline.
type Step struct {
	Step   string        `json:"step"` // acknowledge, decide, report, answer
	Amount int           `json:"amount"`
	Unit   calendar.Unit `json:"unit"`
}

// Time gives the amount as a clock takes it.
func (s Step) Time() calendar.Amount { return calendar.Amount{N: s.Amount, Unit: s.Unit} }

// Reason is a coded reason, for the acts it applies to.
type Reason struct {
	Code    string   `json:"code"`
	Names   Words    `json:"names"`
	Applies []string `json:"applies"`
	Words   bool     `json:"words,omitempty"` // it must be explained in words
}

// Handling is a rule for what may be done with a content.
type Handling struct {
	Code            string `json:"code"`
	Names           Words  `json:"names"`
	MostRestrictive bool   `json:"most_restrictive,omitempty"`
}

// Survives lists what goes on during a suspension. The control and hotline
// channels need not be listed: they always do.
type Survives struct {
	Areas     []string `json:"areas"`
	Types     []string `json:"types"`
	Urgencies []string `json:"urgencies"`
}

// Section is text for people, which no machine reads.
type Section struct {
	Heading Words `json:"heading"`
	Body    Words `json:"body"`
}

// Parse reads a document. It refuses what is not JSON after spec/json.md,
// longer than MaxBytes, of another format (arrangement.format) or of another
// shape, and keeps nothing of b. What the content means is Check's to judge.
func Parse(b []byte) (*Document, error) {
	var head struct {
		Format string `json:"format"`
	}
	// The format comes first: a document of a later format is not a document
	// of this one with an unknown field.
	if err := ijson.Check(b, ijson.Limits{Bytes: MaxBytes}); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fault.Wrap(err, rule.JSONType, "path", "")
	}
	if head.Format != Format {
		return nil, fault.New(rule.ArrangementFormat, "format", clip(head.Format))
	}
	d := new(Document)
	if err := ijson.Decode(b, d, ijson.Limits{Bytes: MaxBytes}); err != nil {
		return nil, err
	}
	return d, nil
}

// clip keeps a fault short, whatever was sent.
func clip(s string) string { return s[:min(len(s), 80)] }
