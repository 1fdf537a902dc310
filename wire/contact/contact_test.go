package contact_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

func recodeHello(b []byte) ([]byte, error) {
	h, err := contact.DecodeHello(b)
	if err != nil {
		return nil, err
	}
	return h.Encode(), nil
}

func recodeTurn(b []byte) ([]byte, error) {
	t, err := contact.DecodeTurn(b)
	if err != nil {
		return nil, err
	}
	return t.Encode(), nil
}

func hello() *contact.Hello {
	p := wiretest.Parties()
	h := &contact.Hello{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Time: wiretest.Start, Nonce: [16]byte{1}, Answers: [16]byte{2},
		Rules: []uint16{1, 2}, Store: [16]byte{3}, Start: 4, Process: [16]byte{5}, Carriers: []string{"https"}, State: contact.Locked, Software: "parley 0.1"}
	for i := range h.Own {
		h.Own[i] = contact.Sized{Size: statement.Size{Generation: 1, Size: uint64(i)}, Root: tlog.Hash{byte(i)}}
		h.Shown[i] = contact.Sized{Size: statement.Size{Size: uint64(i + 10)}, Root: tlog.Hash{byte(i + 10)}}
		h.Stored[i] = statement.Size{Size: uint64(i + 20)}
	}
	h.Card = [2]statement.Size{{Size: 30}, {Generation: 2, Size: 31}}
	contact.SignHello(h, p[0].Sign)
	return h
}

// Spec: CON-1, OCT-8, OCT-9, OCT-10.
func TestHelloStrict(t *testing.T) {
	good := hello().Encode()
	wiretest.Strict(t, good, recodeHello)
	for i := range 17 { // tag and suite
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		_, err := contact.DecodeHello(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

// Spec: CON-2.
func TestHelloRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*contact.Hello)
		want   fault.Code
	}{
		"as it is":      {func(*contact.Hello) {}, ""},
		"state full":    {func(h *contact.Hello) { h.State = contact.Full }, ""},
		"state 4":       {func(h *contact.Hello) { h.State = 4 }, fault.ContactHello},
		"realm 0":       {func(h *contact.Hello) { h.Realm = 0 }, fault.ContactHello},
		"realm 3":       {func(h *contact.Hello) { h.Realm = 3 }, fault.ContactHello},
		"time":          {func(h *contact.Hello) { h.Time = math.MinInt64 }, fault.ContactHello},
		"65 versions":   {func(h *contact.Hello) { h.Rules = make([]uint16, 65) }, fault.OctetsLong},
		"9 carriers":    {func(h *contact.Hello) { h.Carriers = make([]string, 9) }, fault.OctetsLong},
		"long carrier":  {func(h *contact.Hello) { h.Carriers = []string{strings.Repeat("x", 33)} }, fault.OctetsLong},
		"software ESC":  {func(h *contact.Hello) { h.Software = "parley\x1b[2J" }, fault.OctetsText},
		"software long": {func(h *contact.Hello) { h.Software = strings.Repeat("x", 65) }, fault.OctetsLong},
	} {
		h := hello()
		c.change(h)
		_, err := contact.DecodeHello(h.Encode())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Spec: CON-1, CON-2. Every byte of a hello is signed.
func TestHelloSignature(t *testing.T) {
	p := wiretest.Parties()
	good := hello().Encode()
	verify := func(b []byte, key party.PublicKey) error {
		h, err := contact.DecodeHello(b)
		if err != nil {
			return err
		}
		return h.Verify(suite.Signatures{}, key)
	}
	wiretest.Code(t, verify(good, p[0].Sign.Public()), "")
	wiretest.Code(t, verify(good, p[1].Sign.Public()), fault.ContactHello)
	for i := range good {
		if i > len(good)-2400 && i%50 != 0 {
			continue // of the ML-DSA-44 signature some bytes will do
		}
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if verify(bad, p[0].Sign.Public()) == nil {
			t.Errorf("byte %d can be changed", i)
		}
	}
}

// Spec: CON-20. The nonce stands for all that is signed but itself, and not for
// the signature.
func TestCommitment(t *testing.T) {
	h := hello()
	want := h.Commitment()
	h.Nonce, h.Signature = [16]byte{9}, party.Signature{}
	if h.Commitment() != want {
		t.Error("nonce or signature have a part in it")
	}
	seen := map[[16]byte]string{want: "nothing"}
	for name, change := range map[string]func(*contact.Hello){
		"time":    func(h *contact.Hello) { h.Time++ },
		"answers": func(h *contact.Hello) { h.Answers[0] ^= 1 },
		"own":     func(h *contact.Hello) { h.Own[2].Root[0] ^= 1 },
		"shown":   func(h *contact.Hello) { h.Shown[0].Size.Size++ },
		"process": func(h *contact.Hello) { h.Process[0] ^= 1 },
		"config":  func(h *contact.Hello) { h.Config[31] ^= 1 },
	} {
		h := hello()
		change(h)
		if before, there := seen[h.Commitment()]; there {
			t.Errorf("with another %s it is as with another %s", name, before)
		}
		seen[h.Commitment()] = name
	}
}

func turn() *contact.Turn {
	w := wiretest.NewWorld()
	o := w.Origin(0, statement.Routine)
	head := suite.SignHead(ledger.Head{Origin: o.String(), Size: 2}, w.P[0].Sign)
	return &contact.Turn{Realm: party.Real, From: o.Writer, Hello: hello().Encode(), Stored: [3]statement.Size{{Size: 1}, {Size: 2}, {Generation: 1, Size: 3}},
		Want: [3]bool{true, false, true}, Lost: [3]uint64{4, 5, 6}, Outcome: &contact.Outcome{Channel: 2, Code: rule.ContactHeld, Need: statement.Size{Size: 7}},
		Push: &contact.Push{Origin: o.String(), Channel: 3, Own: true, From: 8, Entries: []contact.Entry{{Leaf: []byte{1}, Blob: []byte{2}}, {Leaf: []byte{3}}},
			Head: head, Cosign: suite.Cosign(ledger.Head{}, "x", 1, w.P[0].Sign), Cosigns: 9}}
}

// Spec: CON-6, OCT-8, OCT-9, OCT-10.
func TestTurnStrict(t *testing.T) {
	good := turn().Encode()
	wiretest.Strict(t, good, recodeTurn)
	for i := range 15 {
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		_, err := contact.DecodeTurn(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
	for _, without := range []func(*contact.Turn){func(t *contact.Turn) { t.Push = nil }, func(t *contact.Turn) { t.Outcome = nil },
		func(t *contact.Turn) { t.Hello = nil }, func(t *contact.Turn) { t.Push.Entries = nil }} {
		short := turn()
		without(short)
		b := short.Encode()
		if again, err := recodeTurn(b); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%v", err)
		}
	}
}

// Spec: CON-6, CON-7, OCT-7.
func TestTurnRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*contact.Turn)
		want   fault.Code
	}{
		"as it is":          {func(*contact.Turn) {}, ""},
		"push channel 0":    {func(t *contact.Turn) { t.Push.Channel = 0 }, fault.ContactTurn},
		"push channel 4":    {func(t *contact.Turn) { t.Push.Channel = 4 }, fault.ContactTurn},
		"outcome channel 0": {func(t *contact.Turn) { t.Outcome.Channel = 0 }, fault.ContactTurn},
		"outcome channel 4": {func(t *contact.Turn) { t.Outcome.Channel = 4 }, fault.ContactTurn},
		"1025 entries":      {func(t *contact.Turn) { t.Push.Entries = make([]contact.Entry, 1025) }, fault.OctetsLong},
		"1024 entries":      {func(t *contact.Turn) { t.Push.Entries = make([]contact.Entry, 1024) }, ""},
		"a long leaf":       {func(t *contact.Turn) { t.Push.Entries[0].Leaf = make([]byte, ledger.MaxLeaf+1) }, fault.OctetsLong},
		"a long blob":       {func(t *contact.Turn) { t.Push.Entries[0].Blob = make([]byte, ledger.MaxBytes+1) }, fault.OctetsLong},
		"a long hello":      {func(t *contact.Turn) { t.Hello = make([]byte, 16<<10+1) }, fault.OctetsLong},
		"a long origin":     {func(t *contact.Turn) { t.Push.Origin = strings.Repeat("x", 129) }, fault.OctetsLong},
		"origin, two lines": {func(t *contact.Turn) { t.Push.Origin = "a\nb" }, fault.OctetsText},
		"too long": {func(t *contact.Turn) {
			t.Push.Entries = []contact.Entry{{Blob: make([]byte, ledger.MaxBytes)}, {Blob: make([]byte, 256<<10)}}
		}, fault.ContactTooLarge},
		"code, two lines": {func(t *contact.Turn) { t.Outcome.Code = "a\nb" }, fault.OctetsText},
	} {
		turn := turn()
		c.change(turn)
		_, err := contact.DecodeTurn(turn.Encode())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	bare := &contact.Turn{Realm: 1}
	b := bare.Encode()
	for _, i := range []int{len(b) - 1, len(b) - 2, len(b) - 2 - 8 - 1} { // push, outcome, the last want
		bad := bytes.Clone(b)
		bad[i] = 2
		_, err := contact.DecodeTurn(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

// Spec: CON-9.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		turn contact.Turn
		want bool
	}{
		{contact.Turn{}, true},
		{contact.Turn{Hello: []byte{1}, Outcome: &contact.Outcome{}, Stored: [3]statement.Size{{Size: 1}}}, true},
		{contact.Turn{Push: &contact.Push{}}, false},
		{contact.Turn{Want: [3]bool{2: true}}, false},
	} {
		if got := c.turn.Idle(); got != c.want {
			t.Errorf("%+v: idle %v", c.turn, got)
		}
	}
}

// Spec: OCT-11.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := func() statement.Size {
			return statement.Size{Generation: rapid.Uint32().Draw(t, "generation"), Size: rapid.Uint64().Draw(t, "size")}
		}
		turn := &contact.Turn{Realm: rapid.Uint8().Draw(t, "realm"), Hello: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "hello")}
		for i := range turn.Stored {
			turn.Stored[i], turn.Want[i], turn.Lost[i] = size(), rapid.Bool().Draw(t, "want"), rapid.Uint64().Draw(t, "lost")
		}
		if rapid.Bool().Draw(t, "outcome") {
			turn.Outcome = &contact.Outcome{Channel: rapid.Uint8Range(1, 3).Draw(t, "channel"), Code: fault.Code(rapid.StringMatching(`[a-z.-]{0,64}`).Draw(t, "code")), Need: size()}
		}
		if rapid.Bool().Draw(t, "push") {
			p := &contact.Push{Origin: rapid.StringMatching(`[a-z/]{0,128}`).Draw(t, "origin"), Channel: rapid.Uint8Range(1, 3).Draw(t, "channel"),
				Own: rapid.Bool().Draw(t, "own"), From: rapid.Uint64().Draw(t, "from"), Head: rapid.StringMatching("[a-z\n]{0,40}").Draw(t, "head")}
			for range rapid.IntRange(0, 4).Draw(t, "entries") {
				p.Entries = append(p.Entries, contact.Entry{Leaf: rapid.SliceOf(rapid.Byte()).Draw(t, "leaf"), Blob: rapid.SliceOf(rapid.Byte()).Draw(t, "blob")})
			}
			turn.Push = p
		}
		b := turn.Encode()
		if again, err := recodeTurn(b); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v", err)
		}
		h := &contact.Hello{Realm: rapid.Uint8Range(1, 2).Draw(t, "realm"), Time: rapid.Int64Min(0).Draw(t, "time"), Rules: rapid.SliceOfN(rapid.Uint16(), 0, 64).Draw(t, "rules"),
			State: rapid.Uint8Range(0, contact.Full).Draw(t, "state"), Start: rapid.Uint64().Draw(t, "start")}
		b = h.Encode()
		if again, err := recodeHello(b); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v", err)
		}
	})
}

// Spec: CON-1, OCT-11.
func FuzzDecodeHello(f *testing.F) {
	wiretest.Seeds(f, "hello")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeHello) })
}

// Spec: CON-6, OCT-11.
func FuzzDecodeTurn(f *testing.F) {
	wiretest.Seeds(f, "turn")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeTurn) })
}

// Spec: FAU-3. The code in an outcome may be one of a later list.
func TestOutcomeOfLaterRules(t *testing.T) {
	turn := &contact.Turn{Realm: party.Real, Outcome: &contact.Outcome{Channel: statement.Routine, Code: "later.rule"}}
	back, err := contact.DecodeTurn(turn.Encode())
	if err != nil || back.Outcome == nil || back.Outcome.Code != "later.rule" {
		t.Errorf("%+v, %v", back, err)
	}
}
