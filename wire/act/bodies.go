package act

import (
	"encoding/json"

	"parley.example/wire/calendar"
)

// Text is what a person wrote, in the language they wrote it in, which is the
// authoritative one.
type Text struct {
	Lang string `json:"lang"` // BCP 47: "en", "zh-Hans"
	Text string `json:"text"`
}

// Marked says how the act may be handled: a code of the arrangement's. An act
// without one is handled as the most restrictive.
type Marked struct {
	Handling string `json:"handling"`
}

// Use is what may be done with a content beside what its handling code says;
// it stays on the content.
type Use struct {
	Action string  `json:"action,omitempty"` // code of the arrangement's: what may be done with it
	Case   string  `json:"case,omitempty"`   // the one case it may be used for, by its reference
	Origin *Origin `json:"origin,omitempty"` // whose it is, when it is not the giver's own
}

// Origin names the third party that a content came from.
type Origin struct {
	From    Text `json:"from"`
	Consent bool `json:"consent"` // whether it has agreed to this use
}

// Grade is how far the giver trusts a content, by codes of the arrangement's.
type Grade struct {
	Source   string `json:"source"`
	Accuracy string `json:"accuracy"`
}

// Link names another request of the channel by the place of its opening.
type Link struct {
	Relation string `json:"relation"` // one of Relations
	Higher   bool   `json:"higher"`   // whose log the opening is in
	Position uint64 `json:"position"`
}

// Relations lists how a request can stand to an earlier one.
func Relations() []string {
	return []string{"draft", "extends", "follows", "replaces", "related", "enquires", "same-case"}
}

// OpenBody is a request for assistance, a draft of one, or the form anew:
// type, urgency, area and fields are the arrangement's.
type OpenBody struct {
	Marked
	Type      string                     `json:"type"`
	Urgency   string                     `json:"urgency"`
	Why       Text                       `json:"why"` // reasons for the urgency
	Area      string                     `json:"area"`
	FromUnit  string                     `json:"from_unit"`
	ToUnit    string                     `json:"to_unit"`
	Reference string                     `json:"reference"` // the sender's own
	Title     Text                       `json:"title"`
	Use       *Use                       `json:"use,omitempty"`
	Grade     *Grade                     `json:"grade,omitempty"`
	Links     []Link                     `json:"links,omitempty"`
	Fields    map[string]json.RawMessage `json:"fields"`
}

// OpenedBody says which officer opened the request.
type OpenedBody struct {
	Officer string `json:"officer"`
	Role    string `json:"role"`
}

// AcceptBody takes a request on, by a named officer of a unit.
type AcceptBody struct {
	Officer string `json:"officer"`
	Role    string `json:"role"`
	Unit    string `json:"unit,omitempty"` // of the receiver's; absent means the one it was sent to
	Note    Text   `json:"note"`
}

// DeclineBody refuses with a coded reason of the arrangement's.
type DeclineBody struct {
	Reason string `json:"reason"`
	Note   Text   `json:"note"`
}

// SayBody is a question, a reply, a reminder, a comment, a closing or a
// withdrawal.
type SayBody struct {
	Marked
	Said Text `json:"said"`
}

// NoteBody is a word on what the kind alone says.
type NoteBody struct {
	Note Text `json:"note"`
}

// GiveBody is an answer, whole or in part: an item with its limits.
type GiveBody struct {
	Marked
	Form     string   `json:"form,omitempty"`     // one of the answers that the type foresees
	Withheld string   `json:"withheld,omitempty"` // why not all is given: a reason for "partial"
	Use      *Use     `json:"use,omitempty"`
	Grade    *Grade   `json:"grade,omitempty"`
	Under    []uint64 `json:"under,omitempty"` // own conditions, agreed to, that bind it: positions
	Said     Text     `json:"said"`
}

// ForwardBody hands the request to another unit of the receiver's.
type ForwardBody struct {
	Unit string `json:"unit"`
	Note Text   `json:"note"`
}

// RedirectBody says which other authority is to be asked.
type RedirectBody struct {
	To   Text `json:"to"`
	Note Text `json:"note"`
}

// DisputeBody says which urgency the request has in truth.
type DisputeBody struct {
	Urgency string `json:"urgency"`
	Note    Text   `json:"note"` // the reasons
}

// InterimBody says that an answer will come, in which form and by when.
type InterimBody struct {
	Form string           `json:"form,omitempty"` // one of the answers that the type foresees
	By   calendar.Instant `json:"by"`
	Said Text             `json:"said"`
}

// AwaitBody says for whom the receiver waits, and how long that usually takes;
// and, as a postponement, until which date.
type AwaitBody struct {
	Reason string           `json:"reason"` // a reason for "await", or for "postpone"
	Until  calendar.Instant `json:"until"`
	Note   Text             `json:"note"`
}

// ExtendBody asks for more time for a step.
type ExtendBody struct {
	Step   string           `json:"step"`
	Until  calendar.Instant `json:"until"`
	Reason string           `json:"reason"` // a reason for "extend"
	Note   Text             `json:"note"`
}

// GrantBody gives more time for a step.
type GrantBody struct {
	Step  string           `json:"step"`
	Until calendar.Instant `json:"until"`
	Note  Text             `json:"note"`
}

// ConditionBody offers what is asked for on a condition of the arrangement's.
type ConditionBody struct {
	Condition string `json:"condition"`
	Terms     Text   `json:"terms"`
}

// HoldBody says until when what was asked for is held.
type HoldBody struct {
	Until calendar.Instant `json:"until"`
	Said  Text             `json:"said"`
}

// FollowBody names the request for what is held: on this line, or elsewhere by
// its reference.
type FollowBody struct {
	Request   *Link  `json:"request,omitempty"`
	Reference string `json:"reference"`
}

// ItemBody says something of an item, by its position in the receiver's log:
// how it is asked to be used, or was.
type ItemBody struct {
	Position uint64 `json:"position"`
	Said     Text   `json:"said"`
}

// ReuseBody asks to use an item for another case, or to pass it on.
type ReuseBody struct {
	Position  uint64 `json:"position"` // of the item, in the receiver's log
	Case      string `json:"case"`
	Recipient string `json:"recipient"`
	Purpose   Text   `json:"purpose"`
}

// CorrectBody corrects, supersedes or retracts an act of the writer's own;
// what was said stays in the record.
type CorrectBody struct {
	Position uint64 `json:"position"`
	How      string `json:"how"` // correct, supersede, retract
	Said     Text   `json:"said"`
}

// MarkBody disputes one datum of an act, or lifts a mark of the writer's own.
type MarkBody struct {
	Higher   bool   `json:"higher"` // whose log the act is in
	Position uint64 `json:"position"`
	Path     string `json:"path"` // JSON Pointer into the act's body
	Lift     bool   `json:"lift"`
	Note     Text   `json:"note"`
}

// TranslateBody translates texts of an act; the original stays authoritative,
// and its marking holds for the translation too.
type TranslateBody struct {
	Higher     bool         `json:"higher"` // whose log the act is in
	Position   uint64       `json:"position"`
	Lang       string       `json:"lang"` // translated into
	Translator string       `json:"translator"`
	Reviewer   string       `json:"reviewer"` // empty: not reviewed yet
	Texts      []Translated `json:"texts"`
}

// Translated is one text of an act in another language.
type Translated struct {
	Path string `json:"path"` // JSON Pointer into the act's body
	Text string `json:"text"`
}

// PriorityBody proposes the request for the list of priority cases, or no
// longer does.
type PriorityBody struct {
	On   bool `json:"on"`
	Note Text `json:"note"`
}

// ContestBody disagrees with an act of the other's: a rating, a refusal, an
// answer.
type ContestBody struct {
	Position uint64 `json:"position"`
	Note     Text   `json:"note"`
}

// RateBody is the requester's opinion of the answer.
type RateBody struct {
	Score int  `json:"score"` // 1 to 5
	Note  Text `json:"note"`
}

// ReturnBody gives an incomplete request back, itemised.
type ReturnBody struct {
	Items []ReturnItem `json:"items"`
}

// ReturnItem names a field and the rule it breaks.
type ReturnItem struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
}

// DisorderBody says that an act was not in order, and which rule it broke.
type DisorderBody struct {
	Position uint64 `json:"position"` // in the other's log of this channel
	Rule     string `json:"rule"`     // a fault code
}

// CeremonyBody records that people compared fingerprints.
type CeremonyBody struct {
	Party   string `json:"party"`   // whose card was compared, 64 hexadecimal digits
	Card    string `json:"card"`    // digest of that card
	Path    string `json:"path"`    // "in person", "telephone", …: how it was compared
	Officer string `json:"officer"` // who compared on this side
	With    string `json:"with"`    // who read it out on the other side
}

// DigestBody names an arrangement by its digest: to sign it or to withdraw it.
type DigestBody struct {
	Digest string `json:"digest"`
}

// SuspendBody suspends or narrows; empty lists mean everything.
type SuspendBody struct {
	Types  []string `json:"types"`
	Areas  []string `json:"areas"`
	Reason string   `json:"reason"`
	Note   Text     `json:"note"`
}

// TerminateBody says from when the arrangement ends, and why: a reason for
// "suspend".
type TerminateBody struct {
	On     calendar.Instant `json:"on"`
	Reason string           `json:"reason"`
	Note   Text             `json:"note"`
}

// ResumeBody lifts a suspension of the writer's own, or takes back a
// termination that has no effect yet.
type ResumeBody struct {
	Note Text `json:"note"`
}

// QuotaBody says at which size reading stopped, and which quota was used up.
type QuotaBody struct {
	Channel uint8  `json:"channel"`
	Size    uint64 `json:"size"`
	Quota   string `json:"quota"`
}

// TombstoneBody names a whole closed thread whose content both destroy, and
// what reports still count of it.
type TombstoneBody struct {
	Channel   uint8           `json:"channel"`
	Higher    bool            `json:"higher"` // whose log the opening entry is in
	Thread    uint64          `json:"thread"` // position of the opening entry
	Positions [2][]uint64     `json:"positions"`
	Residue   json.RawMessage `json:"residue"`
}

// AgreeBody agrees to a tombstone, by its place.
type AgreeBody struct {
	Position uint64 `json:"position"`
}
