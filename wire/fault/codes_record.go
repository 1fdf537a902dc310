package fault

// Cuts, forks, contacts.
const (
	CutOpen      Code = "cut.open"
	ForkUnproved Code = "fork.unproved"

	ContactHello    Code = "contact.hello"
	ContactTurn     Code = "contact.turn"
	ContactRealm    Code = "contact.realm"
	ContactRefused  Code = "contact.refused"
	ContactHeld     Code = "contact.held"
	ContactRestore  Code = "contact.restoring"
	ContactFrozen   Code = "contact.frozen"
	ContactGap      Code = "contact.gap"
	ContactTooLarge Code = "contact.too-large"
	ContactQuota    Code = "contact.quota"
	ContactPeer     Code = "contact.peer"
	ContactDown     Code = "contact.down"
)
