package act

import (
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// Kinds of the routine channel by which a party says how it is reached. Each
// entry of its directory is a thread of its own.
const (
	ContactPublish = "contact.publish"
	ContactChange  = "contact.change"  // the entry anew
	ContactConfirm = "contact.confirm" // it stands as it is, until
	ContactEnd     = "contact.end"     // nobody is reached like this any more
)

// Ways in which a contact point is reached.
const (
	WayPhone = "phone"
	WayMail  = "mail"
	WayPost  = "post"
	WayLine  = "line" // this line: a request or a call
	WayOther = "other"
)

// Ways lists them in the order in which pages show them.
func Ways() []string { return []string{WayPhone, WayMail, WayPost, WayLine, WayOther} }

// Words is a text in both languages, neither a translation of the other.
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

// ContactBody is an entry of the writer's own directory: a role, never a
// person, and all that is needed to reach who holds it.
type ContactBody struct {
	Role       string           `json:"role"` // code of the writer's in the arrangement
	Unit       string           `json:"unit"` // code of the writer's in the arrangement
	Names      Words            `json:"names"`
	Ways       []Way            `json:"ways"`  // the first is tried first
	Hours      Words            `json:"hours"` // for people; what computes uses the arrangement's calendar
	Zone       string           `json:"zone"`  // IANA name, for people
	Languages  []string         `json:"languages"`
	Deputies   []string         `json:"deputies"` // roles of the writer's, in the order in which they stand in
	Confirmers []Confirmer      `json:"confirmers"`
	Mandate    *Mandate         `json:"mandate,omitempty"`
	Until      calendar.Instant `json:"until"`     // when it lapses unless confirmed
	Temporary  bool             `json:"temporary"` // until is its end, which a confirmation cannot put off
}

// Way is one way in which a contact point is reached.
type Way struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Key   string `json:"key,omitempty"` // fingerprint of the key that holds for it
	Note  Text   `json:"note"`
}

// Confirmer says who of the writer's can be asked whether a message is
// genuine, and how.
type Confirmer struct {
	Role  string `json:"role"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Mandate is what who holds the role may do for the party, and when.
type Mandate struct {
	What  Text             `json:"what"`
	From  calendar.Instant `json:"from"`
	Until calendar.Instant `json:"until"`
}

// ContactConfirmBody says that a version of an entry stands as it is.
type ContactConfirmBody struct {
	Position uint64           `json:"position"` // of the version, in the writer's log
	Until    calendar.Instant `json:"until"`    // when it lapses unless confirmed again
}

// contacts are the kinds of a directory.
func contacts() []Kind {
	list := []Kind{{Name: ContactPublish, Opens: true}, {Name: ContactChange}, {Name: ContactConfirm}, {Name: ContactEnd}}
	for i := range list {
		list[i].Channel, list[i].Person = statement.Routine, true
	}
	return list
}

// contactBody gives a new value of the body type of a kind of a directory; nil
// for any other.
func contactBody(kind string) any {
	switch kind {
	case ContactPublish, ContactChange:
		return new(ContactBody)
	case ContactConfirm:
		return new(ContactConfirmBody)
	case ContactEnd:
		return new(NoteBody)
	}
	return nil
}
