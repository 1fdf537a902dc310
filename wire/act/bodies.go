package act

import "encoding/json"

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

// OpenBody is a request for assistance: type, urgency, area and fields are the
// arrangement's.
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
	Fields    map[string]json.RawMessage `json:"fields"`
}

// OpenedBody says which officer opened the request.
type OpenedBody struct {
	Officer string `json:"officer"`
	Role    string `json:"role"`
}

// AcceptBody takes a request on, by a named officer.
type AcceptBody struct {
	Officer string `json:"officer"`
	Role    string `json:"role"`
	Note    Text   `json:"note"`
}

// DeclineBody refuses with a coded reason of the arrangement's.
type DeclineBody struct {
	Reason string `json:"reason"`
	Note   Text   `json:"note"`
}

// SayBody is a question, a reply, an answer whole or in part, a closing or a
// withdrawal.
type SayBody struct {
	Marked
	Said Text `json:"said"`
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

// ResumeBody lifts a suspension of the writer's own.
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
