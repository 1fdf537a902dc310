package suite_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"filippo.io/mldsa"

	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// Spec: SUI-3, SUI-8. Which of the edge cases that verifiers disagree about are
// taken, by the node and by the auditor's program alike: those whose only
// oddity is a component of small order in key or R that the equation cancels.
func TestEd25519EdgeCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/ed25519/ed25519vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Number        int
		Key, Sig, Msg string
		Flags         []string
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	good, refused := 0, 0
	for _, c := range cases {
		key, _ := hex.DecodeString(c.Key)
		sig, _ := hex.DecodeString(c.Sig)
		want := true
		for _, flag := range []string{"low_order_residue", "non_canonical_R", "low_order_A", "low_order_R", "non_canonical_A"} {
			want = want && !slices.Contains(c.Flags, flag)
		}
		for name, v := range map[string]party.Signatures{"suite": suite.Signatures{}, "audit": audit.Signatures{}} {
			if got := v.Ed25519(key, []byte(c.Msg), sig); got != want {
				t.Errorf("%d: %s says %v, flags %v", c.Number, name, got, c.Flags)
			}
		}
		if want {
			good++
		} else {
			refused++
		}
	}
	if good != 43 || refused != 871 {
		t.Errorf("%d are taken and %d refused", good, refused)
	}
}

// Spec: SUI-3, SUI-4. Lengths that are not the suite's are not good, and S
// beyond the order of the group neither.
func TestLengths(t *testing.T) {
	k := wiretest.Parties()[0].Sign
	public := k.Public()
	message := []byte("m")
	ed, ml := k.Ed25519(message), k.MLDSA44(message)
	for _, v := range []party.Signatures{suite.Signatures{}, audit.Signatures{}} {
		if !v.Ed25519(public.Ed25519[:], message, ed) || !v.MLDSA44(public.MLDSA44[:], message, ml) {
			t.Fatal("a good signature is refused")
		}
		if v.Ed25519(public.Ed25519[:31], message, ed) || v.Ed25519(public.Ed25519[:], message, ed[:63]) ||
			v.Ed25519(append(public.Ed25519[:], 0), message, ed) || v.Ed25519(nil, nil, nil) {
			t.Error("Ed25519 of another length is taken")
		}
		if v.MLDSA44(public.MLDSA44[:1311], message, ml) || v.MLDSA44(public.MLDSA44[:], message, ml[:2419]) ||
			v.MLDSA44(public.MLDSA44[:], message, append(bytes.Clone(ml), 0)) || v.MLDSA44(nil, nil, nil) {
			t.Error("ML-DSA-44 of another length is taken")
		}
		if v.Ed25519(public.Ed25519[:], message, plusOrder(ed)) {
			t.Error("S + L is taken for S")
		}
	}
}

// plusOrder adds the order of the group to S: the same number to a verifier
// that does not look.
func plusOrder(signature []byte) []byte {
	order, _ := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	out, carry := bytes.Clone(signature), 0
	for i := range order {
		carry += int(out[32+i]) + int(order[i])
		out[32+i], carry = byte(carry), carry>>8
	}
	return out
}

// Spec: SUI-1, SUI-5, SUI-6. CIRCL, with which the node signs, and filippo.io/mldsa,
// with which the auditor checks, make the same keys and take each other's
// signatures.
func TestTwoImplementations(t *testing.T) {
	for i := range 20 {
		var seed [64]byte
		rand.Read(seed[:])
		k := suite.SigningKeyFrom(seed)
		public := k.Public()
		other, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed[32:])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(other.PublicKey().Bytes(), public.MLDSA44[:]) {
			t.Fatal("one seed gives two keys")
		}
		if !bytes.Equal(ed25519.NewKeyFromSeed(seed[:32]).Public().(ed25519.PublicKey), public.Ed25519[:]) {
			t.Fatal("another Ed25519 key")
		}
		message := make([]byte, i*37)
		rand.Read(message)
		theirs, err := other.Sign(nil, message, nil)
		if err != nil || !(suite.Signatures{}).MLDSA44(public.MLDSA44[:], message, theirs) {
			t.Errorf("their signature is refused, %v", err)
		}
		ours := k.MLDSA44(message)
		if !(audit.Signatures{}).MLDSA44(public.MLDSA44[:], message, ours) {
			t.Error("our signature is refused")
		}
		if !bytes.Equal(ours, k.MLDSA44(message)) {
			t.Error("two signatures of one message differ")
		}
		withContext, err := other.Sign(nil, message, &mldsa.Options{Context: "c"})
		if err != nil || (suite.Signatures{}).MLDSA44(public.MLDSA44[:], message, withContext) {
			t.Errorf("a signature under another context is taken, %v", err)
		}
	}
}

// Spec: SUI-2, OCT-8, OCT-9. An office's keys come back, and strictly.
func TestOffice(t *testing.T) {
	o := suite.NewOffice(nil)
	b, err := o.Encode()
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Strict(t, b, func(b []byte) ([]byte, error) {
		o, err := suite.DecodeOffice(b, nil)
		if err != nil {
			return nil, err
		}
		return o.Encode()
	})
	again, err := suite.DecodeOffice(b, nil)
	if err != nil || again.Sign.Public() != o.Sign.Public() || again.Seal.Public() != o.Seal.Public() {
		t.Errorf("other keys come back, %v", err)
	}
	b[0] = 2
	_, err = suite.DecodeOffice(b, nil)
	wiretest.Code(t, err, fault.OctetsUnknown)
	_, err = suite.DecodeSealingKey(make([]byte, 31))
	wiretest.Code(t, err, rule.EnvelopeKey)
	if one, two := suite.NewSigningKey(), suite.NewSigningKey(); one.Public() == two.Public() {
		t.Error("two drawn keys are the same")
	}
}
