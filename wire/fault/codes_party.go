package fault

// Parties, cards, people's signatures.
const (
	PartyID       Code = "party.id"
	CardMalformed Code = "card.malformed"
	CardFounding  Code = "card.founding"
	CardOtherLink Code = "card.other-link"
	CardSerial    Code = "card.serial"
	CardRoot      Code = "card.root"
	CardSignature Code = "card.signature"

	StatementMalformed Code = "statement.malformed"
	StatementElsewhere Code = "statement.elsewhere"
	StatementPerson    Code = "statement.person"
	StatementSignature Code = "statement.signature"
	StatementPasskey   Code = "statement.passkey"
	PartsMalformed     Code = "parts.malformed"
	PartsCommitment    Code = "parts.commitment"
)
