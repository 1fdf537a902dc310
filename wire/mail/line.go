package mail

import (
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Line is what a file that opened is held against: one direction of one link.
type Line struct {
	Realm    uint8
	From, To party.ID
	Keys     []party.PublicKey // of the sender's last two cards announced
}

// Check says whether an item came from this line's sender.
func (l Line) Check(v party.Signatures, item Item) error {
	realm, writer, reader := item.Between()
	if realm != l.Realm {
		return fault.New(rule.ContactRealm, "realm", fault.Int(realm))
	}
	if writer != l.From || reader != l.To {
		return fault.New(rule.ContactPeer, "party", writer.String())
	}
	for _, key := range l.Keys {
		if item.Verify(v, key) == nil {
			return nil
		}
	}
	return fault.New(rule.MailSignature, "party", writer.String())
}

// Turn reads a turn that came whole, with its hello, whose signature is not
// checked: an older one is not met, and its turn may bring a delivery all the
// same.
func (l Line) Turn(raw []byte) (*contact.Turn, *contact.Hello, error) {
	t, err := contact.DecodeTurn(raw)
	if err != nil {
		return nil, nil, err
	}
	if t.Realm != l.Realm {
		return nil, nil, fault.New(rule.ContactRealm, "realm", fault.Int(t.Realm))
	}
	if t.From != l.From {
		return nil, nil, fault.New(rule.ContactPeer, "party", t.From.String())
	}
	if len(t.Hello) == 0 || t.Outcome != nil {
		return nil, nil, fault.New(fault.ContactTurn, "what", "mail")
	}
	h, err := contact.DecodeHello(t.Hello)
	if err != nil {
		return nil, nil, err
	}
	if t.Want != [3]bool{} && (h.State != contact.Restoring || t.Push != nil) {
		return nil, nil, fault.New(fault.ContactTurn, "what", "mail")
	}
	return t, h, nil
}
