package api

import (
	"bytes"
	"encoding/hex"
	"encoding/json"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/statement"
)

// Meant is what a person meant to say. The node is not believed: before a
// person signs, what it prepared is held against this.
type Meant struct {
	Kind        string
	Body        []byte   // exact bytes, as the act would carry them
	Attachments []string // descriptors, hexadecimal
}

// MeantBy gives what is meant by a body of a kind, and the JSON to send for it:
// a list that was read as empty is written as one, and not left out.
func MeantBy(kind string, body any, attachments []string) (m Meant, raw json.RawMessage, err error) {
	m = Meant{Kind: kind, Attachments: attachments}
	if raw, err = act.WriteBody(body); err != nil {
		return m, nil, err
	}
	form, err := act.FromJSON(kind, raw)
	if err != nil {
		return m, nil, err
	}
	m.Body, err = act.WriteBody(form)
	return m, raw, err
}

// Opened gives the short digest of what is about to be signed, computed here:
// the statement's content commitment must open to what the node says it does.
func (p *Prepared) Opened() (string, error) {
	m := Meant{Kind: p.Kind, Body: p.Body}
	for _, a := range p.Attachments {
		m.Attachments = append(m.Attachments, hex.EncodeToString(a))
	}
	if err := m.Check(p); err != nil {
		return "", err
	}
	return statement.Short(p.Statement), nil
}

// Check holds a prepared act against what was meant: the statement must be of
// the kind that was asked for, and its content commitment must open to what was
// written here.
func (m Meant) Check(p *Prepared) error {
	st, err := statement.Decode(p.Statement)
	if err != nil {
		return err
	}
	if st.Kind != m.Kind || len(p.Seed) != 32 || !bytes.Equal(p.Body, m.Body) || len(p.Attachments) != len(m.Attachments) {
		return fault.New(fault.StatementElsewhere, "kind", st.Kind)
	}
	parts := statement.Parts{Seed: [32]byte(p.Seed), List: [][]byte{nil, nil, nil, p.Body}}
	for i, a := range p.Attachments {
		if hex.EncodeToString(a) != m.Attachments[i] {
			return fault.New(fault.StatementElsewhere, "kind", st.Kind)
		}
		parts.List = append(parts.List, a)
	}
	if statement.Content(parts.Commitments()) != st.Content {
		return fault.New(fault.PartsCommitment)
	}
	return nil
}
