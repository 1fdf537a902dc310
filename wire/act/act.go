package act

import (
	"crypto/rand"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// MaxBody bounds a JSON body, in bytes.
const MaxBody = 512 << 10

// Act is an act laid open and read.
type Act struct {
	Slip        statement.Slip
	Statement   *statement.Statement
	Signed      []byte // the statement's exact bytes
	Signatures  []statement.PersonSignature
	Body        []byte // exact bytes
	Attachments []*statement.Attachment
}

// Decode reads the parts of an act. It checks shape and that the statement
// commits to this content; whether the kind, the signatures and the body are
// in order is judged where the record is known.
func Decode(p *statement.Parts) (*Act, error) { return DecodeCommitted(p, p.Commitments()) }

// DecodeCommitted is Decode where the parts' commitments were computed before.
func DecodeCommitted(p *statement.Parts, commitments [][32]byte) (*Act, error) {
	if len(p.List) <= statement.PartBody {
		return nil, fault.New(fault.PartsMalformed, "parts", fault.Int(len(p.List)))
	}
	slip, err := statement.DecodeSlip(p.List[statement.PartSlip])
	if err != nil {
		return nil, err
	}
	a := &Act{Slip: slip, Signed: p.List[statement.PartStatement], Body: p.List[statement.PartBody]}
	if a.Statement, err = statement.Decode(a.Signed); err != nil {
		return nil, err
	}
	if a.Signatures, err = statement.DecodeSignatures(p.List[statement.PartSignatures]); err != nil {
		return nil, err
	}
	for _, part := range p.List[statement.PartAttachment:] {
		attachment, err := statement.DecodeAttachment(part)
		if err != nil {
			return nil, err
		}
		a.Attachments = append(a.Attachments, attachment)
	}
	if statement.Content(commitments) != a.Statement.Content {
		return nil, fault.New(fault.PartsCommitment)
	}
	return a, nil
}

// Draft is an act before it is signed and appended: all of it but the slip.
type Draft struct {
	Statement   statement.Statement
	Body        []byte
	Attachments []*statement.Attachment
	Seed        [32]byte
}

// NewDraft draws the act's identifier and the seed of its salts.
func NewDraft(s statement.Statement, body []byte, attachments []*statement.Attachment) *Draft {
	d := &Draft{Statement: s, Body: body, Attachments: attachments}
	rand.Read(d.Statement.Act[:])
	rand.Read(d.Seed[:])
	p := d.Parts(statement.Slip{}, nil, nil)
	d.Statement.Content = statement.Content(p.Commitments())
	return d
}

// ToSign is the statement's bytes, which people sign and which are kept.
func (d *Draft) ToSign() []byte { return d.Statement.Encode() }

// Parts lays the act out for sealing. signed must be what ToSign gave.
func (d *Draft) Parts(slip statement.Slip, signed []byte, signatures []statement.PersonSignature) *statement.Parts {
	p := &statement.Parts{Seed: d.Seed, List: [][]byte{slip.Encode(), signed, statement.EncodeSignatures(signatures), d.Body}}
	for _, a := range d.Attachments {
		p.List = append(p.List, a.Encode())
	}
	return p
}

// ReadBody reads a JSON body strictly into one of the body types.
func ReadBody(body []byte, into any) error {
	return ijson.Decode(body, into, ijson.Limits{Bytes: MaxBody})
}

// WriteBody writes a body; what it wrote ReadBody reads back.
func WriteBody(v any) ([]byte, error) {
	b, err := ijson.Encode(v)
	if err != nil {
		return nil, err
	}
	return ijson.Plain(b), nil // values of fields come as somebody spelt them
}

// bodyOf gives a new value of a kind's body type; nil for raw bodies.
func bodyOf(kind string) any {
	switch kind {
	case RequestOpen, RequestDraft, RequestAmend:
		return new(OpenBody)
	case RequestOpened:
		return new(OpenedBody)
	case RequestAccept:
		return new(AcceptBody)
	case RequestDecline:
		return new(DeclineBody)
	case RequestReturn:
		return new(ReturnBody)
	case RequestAsk, RequestReply, RequestRemind, RequestComment, RequestClose, RequestWithdraw:
		return new(SayBody)
	case RequestPartial, RequestAnswer:
		return new(GiveBody)
	case RequestForward:
		return new(ForwardBody)
	case RequestRedirect:
		return new(RedirectBody)
	case RequestDispute:
		return new(DisputeBody)
	case RequestInterim:
		return new(InterimBody)
	case RequestAwait, RequestPostpone:
		return new(AwaitBody)
	case RequestAwaited, RequestRelease, RequestAgree, RequestRefuse:
		return new(NoteBody)
	case RequestExtend:
		return new(ExtendBody)
	case RequestGrant:
		return new(GrantBody)
	case RequestCondition:
		return new(ConditionBody)
	case RequestHold, RequestRenew:
		return new(HoldBody)
	case RequestFollow:
		return new(FollowBody)
	case RequestExplain, RequestUsage:
		return new(ItemBody)
	case RequestReuse:
		return new(ReuseBody)
	case RequestCorrect:
		return new(CorrectBody)
	case RequestMark:
		return new(MarkBody)
	case RequestTranslate:
		return new(TranslateBody)
	case RequestLink:
		return new(Link)
	case RequestPriority:
		return new(PriorityBody)
	case RequestContest:
		return new(ContestBody)
	case RequestRate:
		return new(RateBody)
	case Disorder:
		return new(DisorderBody)
	}
	for _, of := range []func(string) any{controlBody, contactBody, testBody, voiceBody} {
		if body := of(kind); body != nil {
			return body
		}
	}
	return callBody(kind)
}

// controlBody gives a new value of the body type of a kind of the control
// channel; nil for another.
func controlBody(kind string) any {
	switch kind {
	case Ceremony:
		return new(CeremonyBody)
	case ArrangementSign, ArrangementDrop:
		return new(DigestBody)
	case Suspend, Narrow:
		return new(SuspendBody)
	case Resume:
		return new(ResumeBody)
	case Terminate:
		return new(TerminateBody)
	case QuotaNotice:
		return new(QuotaBody)
	case Tombstone:
		return new(TombstoneBody)
	case TombstoneAgree:
		return new(AgreeBody)
	}
	return nil
}

// CheckBody reads a body as its kind demands and returns what it read; nil for
// a raw body, which its own package reads. A body that would not be written as
// it stands is refused: one content, one encoding.
func CheckBody(kind Kind, body []byte) (any, error) {
	if kind.Raw {
		return nil, nil
	}
	v := bodyOf(kind.Name)
	if v == nil {
		return nil, fault.New(rule.ActKind, "kind", kind.Name)
	}
	if err := ReadBody(body, v); err != nil {
		return nil, err
	}
	same, err := ijson.Writes(v, body)
	if err != nil {
		return nil, err
	}
	if !same || !ijson.IsPlain(body) { // values of fields are kept as somebody spelt them
		return nil, fault.New(rule.ActBody, "kind", kind.Name)
	}
	return v, nil
}

// FromJSON reads a body of a kind from JSON that people or programs wrote, in
// any spelling of its form, so that it can be written as it should be.
func FromJSON(kind string, raw []byte) (any, error) {
	v := bodyOf(kind)
	if v == nil {
		return nil, fault.New(rule.ActKind, "kind", kind)
	}
	return v, ReadBody(raw, v)
}
