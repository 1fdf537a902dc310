package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// CutFormat is the format of a cut file.
const CutFormat = "parley cut 1"

// maxCutFile bounds a cut file, in bytes: six heads with their signatures take
// less than a fifth of it.
const maxCutFile = 256 << 10

// CutFile is a cut and an instant, with heads over it that both parties have
// signed. It is one line of JSON after spec/json.md, and a line feed.
type CutFile struct {
	Format  string           `json:"cut"`
	Link    string           `json:"link"` // its identifier, in hexadecimal
	Realm   string           `json:"realm"`
	Lower   string           `json:"lower"` // party ids
	Higher  string           `json:"higher"`
	Instant calendar.Instant `json:"instant"`
	Logs    []CutLog         `json:"logs"` // the lower's control, hotline and routine, then the higher's
}

// CutLog is how much of a log the cut holds. Its writer signed the head, which
// is over that size or more; its reader cosigned the head, or says in entries
// under its own heads in this file that it has stored as much. Of a log of
// which that cannot be said the cut holds nothing.
type CutLog struct {
	Generation uint32 `json:"generation"` // of the last entry
	Size       uint64 `json:"size"`
	Head       string `json:"head"`     // a signed checkpoint; empty without one
	Cosigned   string `json:"cosigned"` // the reader's cosignature lines over it, if any
}

// NewCutFile begins a cut file; the logs are the caller's to fill in.
func NewCutFile(link [32]byte, realm uint8, parties [2]party.ID, at calendar.Instant) *CutFile {
	return &CutFile{Format: CutFormat, Link: hex.EncodeToString(link[:]), Realm: realmName(realm), Lower: parties[0].String(),
		Higher: parties[1].String(), Instant: at, Logs: make([]CutLog, 6)}
}

// Log finds a log of the file by its writer and channel.
func (f *CutFile) Log(higher bool, channel uint8) *CutLog {
	return &f.Logs[3*int(bit(higher))+int(channel-1)]
}

// Cut is the cut itself.
func (f *CutFile) Cut() (cut record.Cut) {
	for i, l := range f.Logs {
		cut[i/3][i%3] = statement.Size{Generation: l.Generation, Size: l.Size}
	}
	return cut
}

// Encode writes the file.
func (f *CutFile) Encode() ([]byte, error) {
	b, err := ijson.Encode(f)
	return append(b, '\n'), err
}

// DecodeCutFile reads a cut file and believes nothing of it: whether its heads
// are signed, and lead to this record, is the node's to find out. What Encode
// would not write is cut.file.
func DecodeCutFile(b []byte) (*CutFile, error) {
	f := &CutFile{}
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return nil, fault.New(rule.CutFile, "length", fault.Int(len(b)))
	}
	if err := ijson.Decode(b[:len(b)-1], f, ijson.Limits{Bytes: maxCutFile, Depth: 4}); err != nil {
		return nil, fault.Wrap(err, rule.CutFile)
	}
	if f.Format != CutFormat || len(f.Logs) != 6 {
		return nil, fault.New(rule.CutFile, "format", f.Format[:min(len(f.Format), 40)])
	}
	again, err := f.Encode()
	if err != nil || !bytes.Equal(again, b) {
		return nil, fault.Wrap(err, rule.CutFile)
	}
	return f, nil
}

// CutDigest names a cut file by its bytes, for people to compare.
func CutDigest(file []byte) [32]byte { return sha256.Sum256(file) }
