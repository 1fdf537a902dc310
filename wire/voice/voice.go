// Package voice implements spec/voice.md: words by which two people on any
// telephone prove to each other that each speaks for its office, when the line
// is down or doubted.
//
// Words. A *series* is a secret that both nodes hold and nobody else, made by
// an offer and an answer. It has *rows*, once for each side that may call; a
// row is three *groups* of four words: the caller says the first, the called
// the second, the caller the third. Whoever hears a group compares it with the
// words before their own eyes. Number 7 of a series whose lower side calls:
//
//	  secret ──► side that calls ──► 9 bits of the row, one step each ──► row
//	                                                                      │
//	12 bytes: word word word word | word word word word | word word word word
//
// A step is one-way, and a row that was taken leaves only what stands beside
// its path: what was said can be computed by nobody any more.
package voice

import (
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// What a series consists of.
const (
	Rows       = 512        // for each side that may call
	PaperFrom  = Rows/2 + 1 // the first row that is only printed
	SheetRows  = 16         // of one sheet
	Sheets     = (Rows - PaperFrom + 1) / SheetRows
	Groups     = 3
	GroupWords = 4
	depth      = 9 // of the tree: 2^9 rows
)

// Sizes in bytes.
const (
	OfferSize  = 1216 // public key of X25519+ML-KEM-768
	AnswerSize = 1120 // encapsulation to it
	SecretSize = 32
)

// Place is what a series is bound to: the log of the offer, as
// ledger.Origin.Tuple names it, its place there, who answers it, and what it
// says.
type Place struct {
	Origin   []byte
	Position uint64
	Series   uint32
	Until    int64 // milliseconds
}

func (p Place) info() []byte {
	w := octet.Writer{Bytes: []byte(tag)}
	w.Fixed(p.Origin)
	w.U64(p.Position)
	w.U32(p.Series)
	w.U64(uint64(p.Until))
	return w.Bytes
}

const (
	tag      = "parley voice v1\n"
	exported = tag + "series"
)

// Answer encapsulates a new secret to the public key of an offer.
func Answer(p Place, public []byte) (answer, secret []byte, err error) {
	key, err := hpke.MLKEM768X25519().NewPublicKey(public)
	if err != nil {
		return nil, nil, fault.Wrap(err, rule.VoiceKey)
	}
	answer, sender, err := hpke.NewSender(key, hpke.HKDFSHA256(), hpke.ExportOnly(), p.info())
	if err != nil {
		return nil, nil, fault.Wrap(err, rule.VoiceKey)
	}
	if secret, err = sender.Export(exported, SecretSize); err != nil {
		return nil, nil, fault.Wrap(err, rule.VoiceKey)
	}
	return answer, secret, nil
}

// Open gives the secret of an answer to an offer of one's own. An answer that
// was made to another key gives another secret: its words will not fit.
func Open(p Place, key hpke.PrivateKey, answer []byte) (secret []byte, err error) {
	recipient, err := hpke.NewRecipient(answer, key, hpke.HKDFSHA256(), hpke.ExportOnly(), p.info())
	if err != nil {
		return nil, fault.Wrap(err, rule.VoiceKey)
	}
	if secret, err = recipient.Export(exported, SecretSize); err != nil {
		return nil, fault.Wrap(err, rule.VoiceKey)
	}
	return secret, nil
}

// IsOffer tells whether bytes can be the public key of an offer.
func IsOffer(public []byte) bool {
	if len(public) != OfferSize {
		return false
	}
	_, err := hpke.MLKEM768X25519().NewPublicKey(public)
	return err == nil
}

func step(key []byte, label string, size int) []byte {
	out, err := hkdf.Key(sha256.New, key, nil, tag+label, size)
	if err != nil {
		panic("voice: HKDF-SHA256: " + err.Error())
	}
	return out
}

// Row is what is said of one row, as numbers of words.
type Row [Groups][GroupWords]byte

func rowOf(leaf []byte) (r Row) {
	out := step(leaf, "words", Groups*GroupWords)
	for i, b := range out {
		r[i/GroupWords][i%GroupWords] = b
	}
	return r
}

// SheetOf tells on which sheet a row is printed, from 1; 0: on none.
func SheetOf(row int) int {
	if row < PaperFrom || row > Rows {
		return 0
	}
	return (row-PaperFrom)/SheetRows + 1
}

// RowsOf gives the first and the last row of a sheet.
func RowsOf(sheet int) (first, last int) {
	first = PaperFrom + (sheet-1)*SheetRows
	return first, first + SheetRows - 1
}
