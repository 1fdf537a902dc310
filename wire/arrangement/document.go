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
	"strings"

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

	RefusalLast bool     `json:"refusal_last,omitempty"` // a softer outcome is offered before a refusal
	Conditions  []Choice `json:"conditions,omitempty"`   // on which something may be given
	Actions     []Choice `json:"actions,omitempty"`      // what may be done with an item
	Grades      *Grades  `json:"grades,omitempty"`
	Severities  []Match  `json:"severities,omitempty"` // the two scales beside each other, lowest first
	Hotline     *Hotline `json:"hotline,omitempty"`
	Glossary    []Term   `json:"glossary,omitempty"` // words that both agree on what they mean

	Suspension *Suspension `json:"suspension,omitempty"` // who may suspend, and how soon the whole may end

	Text []Section `json:"text,omitempty"`
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
	Holding  *Holding          `json:"holding,omitempty"`  // how long its law lets it preserve for the other
}

// Holding is how long a party preserves what the other asks it to.
type Holding struct {
	Days          int `json:"days"`           // at least, from the day it says so
	ExtensionDays int `json:"extension_days"` // how much longer each time; 0 where it does not extend
	Extensions    int `json:"extensions"`     // how often; 0 where it does not extend
	AlarmDays     int `json:"alarm_days"`     // how long before it ends both are warned
}

// Grades are the codes by which a giver says how far a content is to be
// trusted.
type Grades struct {
	Sources    []Choice `json:"sources"`
	Accuracies []Choice `json:"accuracies"`
}

// Term is a word of both languages, and what both parties mean by it.
type Term struct {
	Code    string `json:"code"`
	Names   Words  `json:"names"`
	Meaning Words  `json:"meaning"`
}

// Match says which levels of the two scales the parties take for alike, and
// which rung of the hotline that calls for.
type Match struct {
	Code   string       `json:"code"`
	Names  Words        `json:"names"`
	Levels []PartyLevel `json:"levels"` // of each party
	Rung   string       `json:"rung,omitempty"`
}

// PartyLevel is a run of levels on a party's scale.
type PartyLevel struct {
	Party string `json:"party"`
	From  int    `json:"from"`
	To    int    `json:"to"`
}

// Hotline is the ladder of calls and the timetable of its tests.
type Hotline struct {
	Purposes  []Purpose `json:"purposes"`  // each party's own account of what it is for
	Threshold string    `json:"threshold"` // code of the lowest match at which it is used
	Rungs     []Rung    `json:"rungs"`     // lowest first
	Tests     []Test    `json:"tests"`
	Criteria  []Choice  `json:"criteria,omitempty"` // what a call may be for; absent: its severity says enough

	Texts []TestText `json:"texts,omitempty"` // what calls of tests say, of each party in turn
}

// TestText is a text by which a party tests the other, in its own language.
type TestText struct {
	Party string `json:"party"`
	Lang  string `json:"lang"` // BCP 47
	Text  string `json:"text"`
}

// Purpose is one party's account of what the hotline is for.
type Purpose struct {
	Party string `json:"party"`
	Words Words  `json:"words"`
}

// Rung is one step of the ladder: who is called there, and how long it rings
// before the next.
type Rung struct {
	Code    string      `json:"code"`
	Names   Words       `json:"names"`
	Roles   []PartyRole `json:"roles"`             // of each party
	Minutes int         `json:"minutes"`           // until the call climbs
	Repeat  int         `json:"repeat"`            // minutes between two rings
	Persons int         `json:"persons"`           // how many must agree before it is used; 1 or 2
	Accepts int         `json:"accepts,omitempty"` // how many must accept a call that people took there; absent: 1
	Callers []PartyRole `json:"callers,omitempty"` // who may take a call there; absent: who stands on the ladder
}

// PartyRole names a role of a party's.
type PartyRole struct {
	Party string `json:"party"`
	Role  string `json:"role"`
}

// Test is an entry of the timetable of tests.
type Test struct {
	Code      string            `json:"code"`
	Names     Words             `json:"names"`
	Announced bool              `json:"announced"`
	Every     *Every            `json:"every,omitempty"`  // absent for one that is held once
	Before    *calendar.Instant `json:"before,omitempty"` // by when the first is held
	Rung      string            `json:"rung"`             // up to which it climbs
	Minutes   int               `json:"minutes"`          // within which a person answers
	Window    int               `json:"window,omitempty"` // hours of each period in which it is held; absent: all of them
}

// Every is how often: so many hours or days.
type Every struct {
	Amount int           `json:"amount"`
	Unit   calendar.Unit `json:"unit"`
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
	Starts  string  `json:"starts"` // stored, or attachments: when these have come as well
	Pauses  []Pause `json:"pauses"`
	Forward string  `json:"forward,omitempty"` // keep (or absent), or restart: what forwarding does to what is not done
}

// Pause lets an act of some kind stop the clocks of some steps: a question
// until its reply, await until it is over, a postponement until its date, a
// condition until it is answered.
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
	MailAfterMinutes       int64 `json:"mail_after_minutes,omitempty"` // of a direct line that is down; 0: MAIL-13's own
	MachineMinutes         int64 `json:"machine_minutes,omitempty"`    // between two tests that a node makes of a carrier; 0: PRB-2's own
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
	Code        string   `json:"code"`
	Names       Words    `json:"names"`
	Description Words    `json:"description"`
	Class       string   `json:"class,omitempty"` // request (or absent), inquiry, notification, enquiry
	Fields      []Field  `json:"fields"`
	Steps       []string `json:"steps"`               // which of the four deadlines apply
	Preserves   bool     `json:"preserves,omitempty"` // it is answered by holding data, as long as the receiver's law lets it
	Answers     []Choice `json:"answers,omitempty"`   // the forms that an answer may take; absent where it takes none
	Relation    string   `json:"relation,omitempty"`  // a link that it must have to an earlier request
	Refusals    []string `json:"refusals,omitempty"`  // the only reasons for which it may be declined; absent where any may be given
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
	FallsTo       string `json:"falls_to,omitempty"` // the urgency by which it is handled when the claim is disputed
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

	Outright bool `json:"outright,omitempty"` // a refusal for it needs no softer outcome before
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

// Suspension says who may suspend, narrow, resume and terminate, and how long
// before its end the arrangement is given notice. Absent: one officer of any
// role, and no notice.
type Suspension struct {
	Persons int         `json:"persons"`               // how many of a party must sign; 1 or 2
	Roles   []PartyRole `json:"roles,omitempty"`       // who may sign; absent: every officer
	Notice  int         `json:"notice_days,omitempty"` // from the receipt of a termination to its effect
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
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 80)], "") }
