package act

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strconv"

	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Kinds of tests of the line, in the hotline channel. A node says them all by
// itself; a person only answers the call, as any other (spec/tests.md).
const (
	TestPlan    = "test.plan"    // when one test is held: opens the thread in which it is
	TestCall    = "test.call"    // begins the call of a plan
	TestOutcome = "test.outcome" // what came of it
	TestDay     = "test.day"     // a day's digest of the tests of machines
)

// Results of a test.
const (
	ResultAnswered  = "answered"  // a person took it in time
	ResultLate      = "late"      // a person took it, late
	ResultDeclined  = "declined"  // a person declined it, or put it off, and nobody took it
	ResultSilent    = "silent"    // nobody answered
	ResultPostponed = "postponed" // a real call was under way
	ResultNotHeld   = "not-held"  // no call was made
)

// TestPlanBody says in which window a test is held: at an instant that is
// announced, or at one that its writer has drawn and is bound to.
type TestPlanBody struct {
	Test       string            `json:"test"`   // code of the timetable
	Period     int64             `json:"period"` // of its timetable
	Opens      calendar.Instant  `json:"opens"`
	Closes     calendar.Instant  `json:"closes"`
	Instant    *calendar.Instant `json:"instant,omitempty"`    // of an announced test
	Commitment string            `json:"commitment,omitempty"` // of another, in hexadecimal
}

// TestOutcomeBody says what came of a test, as its writer's side saw it.
type TestOutcomeBody struct {
	Result  string `json:"result"`
	By      string `json:"by,omitempty"` // who took it
	Took    int64  `json:"took_ms"`      // until then; 0 where nobody did
	Silence string `json:"silence,omitempty"`
	Call    *Place `json:"call,omitempty"`   // the real call for which it was postponed: its opening
	Secret  string `json:"secret,omitempty"` // that the plan is bound to, in hexadecimal
}

// TestDayBody counts the tests that machines made of each other on one day.
type TestDayBody struct {
	Day      calendar.Instant `json:"day"` // its beginning
	Carriers []TestedCarrier  `json:"carriers"`
	Digest   string           `json:"digest"` // over the single results, in hexadecimal
}

// TestedCarrier is a carrier's day.
type TestedCarrier struct {
	Carrier  string `json:"carrier"`
	Tried    int64  `json:"tried"`
	Answered int64  `json:"answered"`
	Median   int64  `json:"median_ms"`
	Worst    int64  `json:"worst_ms"`
}

// tests are the kinds of tests of the line.
func tests() []Kind {
	list := []Kind{{Name: TestPlan, Opens: true}, {Name: TestCall}, {Name: TestOutcome}, {Name: TestDay, Opens: true}}
	for i := range list {
		list[i].Channel, list[i].Anyway, list[i].Automatic = statement.Hotline, true, true
	}
	return list
}

// testBody gives a new value of the body type of a kind of tests; nil for any
// other.
func testBody(kind string) any {
	switch kind {
	case TestPlan:
		return new(TestPlanBody)
	case TestCall:
		return new(CallBody)
	case TestOutcome:
		return new(TestOutcomeBody)
	case TestDay:
		return new(TestDayBody)
	}
	return nil
}

// Labels of what is hashed for tests.
const (
	testIDLabel   = "parley test act v1\n"
	testBindLabel = "parley test plan v1\n"
	testDrawLabel = "parley test instant v1\n"
)

// TestIdentifier is the identifier of the one plan of a test of the period that
// closes then, or (without a code) of the one digest of a day: an act that is
// said twice is a repeated one, by the rule that holds for all.
func TestIdentifier(kind, code string, at calendar.Instant) (id [16]byte) {
	sum := sha256.Sum256([]byte(testIDLabel + kind + "\n" + code + "\n" + strconv.FormatInt(int64(at), 10)))
	copy(id[:], sum[:])
	return id
}

// Identified tells whether an act has the identifier that its kind gives it;
// one of most kinds is drawn, and any is good.
func Identified(kind string, body any, id [16]byte) bool {
	switch b := body.(type) {
	case *TestPlanBody:
		return id == TestIdentifier(kind, b.Test, b.Closes)
	case *TestDayBody:
		return id == TestIdentifier(kind, "", b.Day)
	}
	return true
}

// TestBinding is what the instant of an unannounced test hangs on: one writer
// and one reader in one realm, and the plan's own words.
type TestBinding struct {
	Realm          uint8
	Writer, Reader party.ID
	Plan           *TestPlanBody
}

func (b TestBinding) sum(label string, secret [32]byte) [32]byte {
	w := append([]byte(label), b.Realm)
	w = append(append(w, b.Writer[:]...), b.Reader[:]...)
	w = binary.BigEndian.AppendUint16(w, uint16(len(b.Plan.Test)))
	w = append(w, b.Plan.Test...)
	for _, v := range []int64{b.Plan.Period, int64(b.Plan.Opens), int64(b.Plan.Closes)} {
		w = binary.BigEndian.AppendUint64(w, uint64(v))
	}
	return sha256.Sum256(append(w, secret[:]...))
}

// Commitment binds a plan's writer to a secret, without telling it.
func (b TestBinding) Commitment(secret [32]byte) [32]byte { return b.sum(testBindLabel, secret) }

// Instant is the one that a secret gives: any of the window, each as likely as
// the other, and none outside. The window is not empty.
func (b TestBinding) Instant(secret [32]byte) calendar.Instant {
	sum := b.sum(testDrawLabel, secret)
	within, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), uint64(b.Plan.Closes-b.Plan.Opens))
	return b.Plan.Opens + calendar.Instant(within)
}
