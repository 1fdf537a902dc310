package mail

import (
	"bytes"
	"io"

	"github.com/emersion/go-message"

	"parley.example/internal/carrier"
	wire "parley.example/wire/mail"
)

// attached finds the file in a message: the first part of the outermost level
// that has the length of one. What lies deeper, or is packed, is not looked at.
func attached(raw []byte) ([]byte, error) {
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil || err != nil && !message.IsUnknownCharset(err) {
		return nil, carrier.ErrForeign
	}
	parts := entity.MultipartReader()
	if parts == nil {
		return nil, carrier.ErrForeign
	}
	defer parts.Close()
	for range maxParts {
		part, err := parts.NextPart()
		if part == nil || err != nil && !message.IsUnknownCharset(err) {
			return nil, carrier.ErrForeign
		}
		if kind, _, _ := part.Header.ContentType(); kind != "application/octet-stream" {
			continue
		}
		file, err := io.ReadAll(io.LimitReader(part.Body, wire.MaxFile+1))
		if err == nil && wire.Fits(len(file)) {
			return file, nil
		}
	}
	return nil, carrier.ErrForeign
}
