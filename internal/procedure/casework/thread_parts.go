package casework

import (
	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// This file is what the view says beyond phase, receipts and clocks.

// Settled says what became of something that one side proposed to the other.
type Settled string

// What becomes of a proposal.
const (
	Pending   Settled = "pending"
	Agreed    Settled = "agreed"
	Refused   Settled = "refused"
	Covered   Settled = "covered"   // the other had given as much already, unasked
	Abandoned Settled = "abandoned" // the request ended first, or its writer went on without
)

// Proposal is more time asked for, a condition, a disputed urgency, a longer
// hold or another use, and what the other side said to it.
type Proposal struct {
	Where
	Kind    string           `json:"kind"`
	State   Settled          `json:"state"`
	By      *Where           `json:"by,omitempty"`    // the act that settled it
	Code    string           `json:"code,omitempty"`  // of the condition or the urgency; the step; the recipient is content
	Until   calendar.Instant `json:"until,omitempty"` // of more time, and of a longer hold
	Item    *Where           `json:"item,omitempty"`  // of another use
	Receipt calendar.Instant `json:"receipt,omitempty"`
}

// Grant is more time that the requester gave for a step.
type Grant struct {
	Where
	Step  string           `json:"step"`
	Until calendar.Instant `json:"until"`
}

// Interim is a promise: an answer in this form by then.
type Interim struct {
	Where
	Form string           `json:"form,omitempty"`
	By   calendar.Instant `json:"by"`
}

// Delay is a wait for a judge or another authority, or a postponement.
type Delay struct {
	Where
	Kind   string           `json:"kind"`
	Reason string           `json:"reason"`
	Until  calendar.Instant `json:"until"`           // expected, or fixed
	Ended  *Where           `json:"ended,omitempty"` // the act that ended it
}

// Forward is the hand-over to another unit.
type Forward struct {
	Where
	Unit string `json:"unit"`
}

// Item is something given, with its limits. They stay on it for ever.
type Item struct {
	Where
	Final       bool       `json:"final"`
	Form        string     `json:"form,omitempty"`
	Withheld    string     `json:"withheld,omitempty"`
	Handling    string     `json:"handling"` // as it is treated: the most restrictive where none was named
	Use         *act.Use   `json:"use,omitempty"`
	Grade       *act.Grade `json:"grade,omitempty"`
	Under       []Where    `json:"under,omitempty"` // the conditions that bind it
	Attachments int        `json:"attachments"`
	Retracted   bool       `json:"retracted"`
	Explain     int        `json:"explain"` // how often its use was asked for
	Explained   int        `json:"explained"`
}

// Correction is an act of a side's own that it corrected; both are kept.
type Correction struct {
	Of  Where  `json:"of"`
	By  Where  `json:"by"`
	How string `json:"how"`
}

// Mark is a dispute about one datum, by whoever set it.
type Mark struct {
	By     Where  `json:"by"`
	On     Where  `json:"on"`
	Path   string `json:"path"`
	Lifted bool   `json:"lifted"`
}

// Translation is texts of an act in another language.
type Translation struct {
	By       Where  `json:"by"`
	Of       Where  `json:"of"`
	Lang     string `json:"lang"`
	Texts    int    `json:"texts"`
	Reviewed bool   `json:"reviewed"`
}

// Linked is a link to another request, by the place of its opening.
type Linked struct {
	By       Where  `json:"by"`
	Relation string `json:"relation"`
	To       Where  `json:"to"`
}

// Contest is a side's disagreement with an act of the other's.
type Contest struct {
	By Where `json:"by"`
	Of Where `json:"of"`
}

// The states of a hold.
const (
	Held   = "held"
	Alarm  = "alarm"    // it will end soon, and nobody has asked for longer
	Lapsed = "lapsed"   // it ended, and nothing had come
	Kept   = "kept"     // the request for it has come: held until that is decided
	LetGo  = "released" // the requester needs it no more
	Unsaid = "unsaid"   // the receiver has not said that it holds
)

// Hold is how the preservation stands.
type Hold struct {
	State    string           `json:"state"`
	Since    calendar.Instant `json:"since,omitempty"` // absent while nothing is
	Until    calendar.Instant `json:"until,omitempty"` // absent while it is kept
	Alarm    calendar.Instant `json:"alarm,omitempty"` // from when both are warned
	Turn     string           `json:"turn"`            // whose it is to act, or was when it lapsed
	Renewals int              `json:"renewals"`
	Left     int              `json:"left"` // how often it may still be extended
	Follow   *Where           `json:"follow,omitempty"`
	Lapses   []Lapse          `json:"lapses"` // also those that a later hold mended
}

// Lapse is the end of a hold that nobody prolonged, and whose turn it was.
type Lapse struct {
	At   calendar.Instant `json:"at"`
	Turn string           `json:"turn"`
}

// Priority says who proposes the request for the list of priority cases; it is
// on the list when both do.
type Priority struct {
	Lower  bool `json:"lower"`
	Higher bool `json:"higher"`
}

// Course is how a case went on beyond its phase.
type Course struct {
	Unit         string        `json:"unit,omitempty"`    // the receiver's that has it now
	Urgency      string        `json:"urgency,omitempty"` // by which it is measured
	Priority     Priority      `json:"priority"`
	Reminders    int           `json:"reminders"`
	Comments     int           `json:"comments"`
	Versions     int           `json:"versions"` // of the form: 1 without amendments
	Softer       []string      `json:"softer"`   // kinds of what was offered before a refusal, once each
	Forwards     []Forward     `json:"forwards"`
	Interims     []Interim     `json:"interims"`
	Delays       []Delay       `json:"delays"`
	Grants       []Grant       `json:"grants"`
	Proposals    []Proposal    `json:"proposals"`
	Items        []Item        `json:"items"`
	Hold         *Hold         `json:"hold,omitempty"`
	Corrections  []Correction  `json:"corrections"`
	Marks        []Mark        `json:"marks"`
	Translations []Translation `json:"translations,omitempty"`
	Links        []Linked      `json:"links"`
	Contests     []Contest     `json:"contests"`
}
