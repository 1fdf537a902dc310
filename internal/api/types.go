// Package api implements docs/api.md: the node's own interface for machines,
// and for our own commands, as JSON over a Unix socket. It has no rules of its
// own: every change goes through the node. What people must sign comes back as
// bytes to sign; no private key of a person or of the root ever goes in.
package api

import (
	"encoding/json"

	"parley.example/wire/act"
)

// Problem is an error as the interface gives it.
type Problem struct {
	Code string   `json:"code"`
	Args []string `json:"args"`
	Text string   `json:"text"` // for logs; people get words from the code
}

// Incident is something of the other side's that was refused, and how often.
type Incident struct {
	Problem
	Link  string `json:"link"`
	Realm string `json:"realm"`
	First int64  `json:"first"`
	At    int64  `json:"at"` // the last time
	Count uint32 `json:"count"`
}

// Status says what runs.
type Status struct {
	Party     string       `json:"party"`
	Code      string       `json:"code"`
	Names     [2]string    `json:"names"` // ours: English, Chinese
	Software  string       `json:"software"`
	Links     []LinkStatus `json:"links"`
	Incidents int          `json:"incidents"`
	Relay     *Relay       `json:"relay,omitempty"`
}

// Relay is our own outer machine, and how the line to it stands.
type Relay struct {
	Address string `json:"address"`
	Listen  string `json:"listen"` // where it listens for the counterparts; empty: nowhere
	Dial    bool   `json:"dial"`   // the counterparts are dialled through it
	Up      bool   `json:"up"`
	Since   int64  `json:"since"`
	Code    string `json:"code"` // why it is not up
}

// LinkStatus is one link at a glance.
type LinkStatus struct {
	Code      string    `json:"code"`
	Names     [2]string `json:"names"`
	Party     string    `json:"party"`
	Realm     string    `json:"realm"`
	State     string    `json:"state"` // ready, restoring
	Own       [3]uint64 `json:"own"`   // entries of control, hotline, routine
	Theirs    [3]uint64 `json:"theirs"`
	Held      [3]uint64 `json:"held"`  // how many of ours the other is known to hold
	Known     [3]uint64 `json:"known"` // how many of theirs there are, as they last said
	Heard     int64     `json:"heard"` // when anything was last heard, milliseconds; 0 never
	Skew      int64     `json:"skew"`  // their clock less ours, milliseconds
	LastError string    `json:"last_error"`
	Silence   string    `json:"silence"` // code word of GET /v1/line; empty: it is heard
	Since     int64     `json:"since"`
	Alarm     bool      `json:"alarm"`
	Modes     [6]uint8  `json:"modes"`
	Sealed    bool      `json:"sealed"` // entries of ours came back after a restore and wait for the archive key
}

// CardDraft asks for cards for a counterpart.
type CardDraft struct {
	To   string `json:"to"`
	Root []byte `json:"root"` // the root's public keys
}

// ToSign is what a root or a person must sign.
type ToSign struct {
	Messages [][]byte `json:"messages"`
}

// CardSigned brings the root's signatures.
type CardSigned struct {
	To         string   `json:"to"`
	Signatures [][]byte `json:"signatures"`
}

// File is a file's content.
type File struct {
	Content []byte `json:"content"`
}

// Import opens a link.
type Import struct {
	File        []byte `json:"file"`
	Fingerprint string `json:"fingerprint"` // as it was read out
	Path        string `json:"path"`
	With        string `json:"with"`
	Officer     string `json:"officer"` // name of who compared
}

// Officer is a person to publish.
type Officer struct {
	Algorithm uint8  `json:"algorithm"`
	Key       []byte `json:"key"`
	KeyID     string `json:"key_id"`
	Role      string `json:"role"`
	Name      string `json:"name"`
	Unit      string `json:"unit"`
}

// Prepare asks for an act to sign.
type Prepare struct {
	Link        string          `json:"link"`  // the counterpart's code; empty: the only one
	Realm       string          `json:"realm"` // real or exercise; empty: real
	Kind        string          `json:"kind"`
	Request     string          `json:"request"`        // name of the request it belongs to
	Suspension  string          `json:"suspension"`     // name of the one of ours that is narrowed or lifted
	Replies     []uint64        `json:"replies"`        // positions of their acts that it answers
	Body        json.RawMessage `json:"body,omitempty"` // of the kind's form
	Raw         []byte          `json:"raw"`            // a body that is not JSON
	Attachments []string        `json:"attachments"`
}

// Prepared is an act to sign: the statement's bytes, and the short digest that
// a second program or a telephone can show.
type Prepared struct {
	Token     string `json:"token"`
	Kind      string `json:"kind"`
	Person    bool   `json:"person"`
	Statement []byte `json:"statement"`
	Short     string `json:"short"`
	// What the statement's content commitment opens to: whoever signs checks that
	// it is what they wrote.
	Seed        []byte   `json:"seed"`
	Body        []byte   `json:"body"`
	Attachments [][]byte `json:"attachments"`
}

// Submit brings the signatures.
type Submit struct {
	Token      string      `json:"token"`
	Signatures []Signature `json:"signatures"`
}

// Signature is a person's.
type Signature struct {
	KeyID     string `json:"key_id"`
	Algorithm uint8  `json:"algorithm"`
	Signature []byte `json:"signature"`
}

// Ref is where an act stands.
type Ref struct {
	Link     string `json:"link"`
	Channel  uint8  `json:"channel"`
	Position uint64 `json:"position"`
	Time     int64  `json:"time"`
	Request  string `json:"request"`
	Waiting  bool   `json:"waiting,omitempty"` // nothing was said yet: a second officer must sign
}

// Request is a request as it stands: the view both nodes compute alike, and
// what was said, which is this node's to show.
type Request struct {
	Name    string          `json:"name"`
	Link    string          `json:"link"`
	Own     string          `json:"own"`  // our code on this link
	Ours    bool            `json:"ours"` // we asked
	Side    string          `json:"side"` // which side of the view we are: lower or higher
	Phase   string          `json:"phase"`
	Title   act.Text        `json:"title"`
	Moves   []string        `json:"moves"` // what we may say now
	View    json.RawMessage `json:"view"`
	Acts    []Said          `json:"acts"`
	Instant int64           `json:"instant"`
}

// Said is one act of a request.
type Said struct {
	Name        string          `json:"name"` // what people call it by: code of its writer and position, us.17
	Ours        bool            `json:"ours"`
	Position    uint64          `json:"position"`
	Kind        string          `json:"kind"`
	Time        int64           `json:"time"`
	Receipt     int64           `json:"receipt"` // 0 while there is none
	Officers    []string        `json:"officers"`
	Digest      string          `json:"digest"` // of what was signed, as it is shown before the signature
	Body        json.RawMessage `json:"body"`
	Attachments []Attached      `json:"attachments"`
	NotInOrder  string          `json:"not_in_order"` // the code; empty when in order
	Disowned    bool            `json:"disowned"`     // by its own party, after a key was compromised; it still stands
}

// Attached is an attachment of an act.
type Attached struct {
	Name   string `json:"name"`
	Media  string `json:"media"`
	Size   uint64 `json:"size"`
	Sealed string `json:"sealed"` // SHA-256 of the sealed bytes
	Here   bool   `json:"here"`   // fetched
}

// Verify asks for the logs of a link to be computed anew.
type Verify struct {
	Done  uint64   `json:"done"`
	Total uint64   `json:"total"`
	Logs  []LogSum `json:"logs,omitempty"` // in the last line
	Error *Problem `json:"error,omitempty"`
}

// LogSum is one verified log.
type LogSum struct {
	Writer     string `json:"writer"` // code
	Channel    string `json:"channel"`
	Generation uint32 `json:"generation"`
	Entries    uint64 `json:"entries"`
	Acts       uint64 `json:"acts"`
	Receipts   uint64 `json:"receipts"`
	Root       string `json:"root"`
	Signed     uint64 `json:"signed"` // size of the newest head of theirs that was checked
}

// Channels and realms by name.
func channelNames() []string { return []string{"", "control", "hotline", "routine"} }
