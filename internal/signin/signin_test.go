package signin_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"testing"

	"github.com/descope/virtualwebauthn"

	"parley.example/internal/access"
	"parley.example/internal/signin"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

const rpID, origin = "parley.us.internal", "https://parley.us.internal:4443"

func code(t *testing.T, name string, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("%s: %q (%v), want %q", name, got, err, want)
	}
}

func newDesk(t *testing.T, synced bool) *signin.Desk {
	t.Helper()
	d, err := signin.New(signin.Options{RPID: rpID, Origins: []string{origin}, Synced: synced})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func officer(t *testing.T) *access.Account {
	t.Helper()
	a, err := access.NewAccount("0011aabb", "Li Wei", "", []access.Role{access.Officer}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// device is an authenticator and the browser before it.
type device struct {
	rp         virtualwebauthn.RelyingParty
	credential virtualwebauthn.Credential
	options    virtualwebauthn.AuthenticatorOptions
}

func newDevice() *device {
	return &device{rp: virtualwebauthn.RelyingParty{Name: rpID, ID: rpID, Origin: origin}, credential: newCredential()}
}

func (d *device) make(t *testing.T, options json.RawMessage) []byte {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(d.rp, virtualwebauthn.NewAuthenticatorWithOptions(d.options), d.credential, *parsed))
}

func (d *device) answer(t *testing.T, options json.RawMessage) []byte {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, virtualwebauthn.NewAuthenticatorWithOptions(d.options), d.credential, *parsed))
}

// join gives the account a passkey on this device.
func (d *device) join(t *testing.T, desk *signin.Desk, a *access.Account) {
	t.Helper()
	options, err := desk.Invite(a, signin.ForSignIn, 1000)
	if err != nil {
		t.Fatal(err)
	}
	p, err := desk.Passkey(a, "laptop", d.make(t, options), 1000)
	if err == nil {
		err = a.AddPasskey(p)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.options.UserHandle = []byte("s" + a.ID)
}

// Spec: ACC-17, ACC-18. Everything that a passkey may not be.
func TestSignIn(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*device)
		after  int64
		want   fault.Code
	}{
		"as it is":            {func(*device) {}, 1, ""},
		"late":                {func(*device) {}, 5 * 60 * 1000, rule.AccessPasskey},
		"not verified":        {func(d *device) { d.options.UserNotVerified = true }, 1, rule.AccessPasskey},
		"not present":         {func(d *device) { d.options.UserNotPresent = true }, 1, rule.AccessPasskey},
		"another origin":      {func(d *device) { d.rp.Origin = "https://evil.example" }, 1, rule.AccessPasskey},
		"another port":        {func(d *device) { d.rp.Origin = "https://parley.us.internal:9" }, 1, rule.AccessPasskey},
		"another name":        {func(d *device) { d.rp.ID = "evil.example" }, 1, rule.AccessPasskey},
		"another key":         {func(d *device) { d.credential.Key = newDevice().credential.Key }, 1, rule.AccessPasskey},
		"an unknown passkey":  {func(d *device) { d.credential = newDevice().credential }, 1, rule.AccessPasskey},
		"nobody":              {func(d *device) { d.options.UserHandle = nil }, 1, rule.AccessPasskey},
		"somebody else":       {func(d *device) { d.options.UserHandle = []byte("sother") }, 1, rule.AccessPasskey},
		"a key that signs":    {func(d *device) { d.options.UserHandle = []byte("k0011aabb") }, 1, rule.AccessPasskey},
		"copied to elsewhere": {func(d *device) { d.options.BackupEligible = true }, 1, rule.AccessPasskey},
	} {
		desk, a, d := newDesk(t, false), officer(t), newDevice()
		d.join(t, desk, a)
		options, err := desk.Ask(2000)
		if err != nil {
			t.Fatal(err)
		}
		c.change(d)
		find := func(id string) (*access.Account, error) {
			if id != a.ID {
				return nil, errors.New("nobody")
			}
			return a, nil
		}
		response := d.answer(t, options)
		who, _, err := desk.Enter(response, 2000+c.after, find)
		code(t, name, err, c.want)
		if (who == a) != (c.want == "") {
			t.Errorf("%s: %v came in", name, who)
		}
		if c.want == "" {
			_, _, err = desk.Enter(response, 2002, find)
			code(t, name+", again", err, rule.AccessPasskey)
		}
	}
}

// Spec: ACC-17. What signs acts is ES256, and is on one device unless the party
// says otherwise.
func TestSigningKey(t *testing.T) {
	for name, c := range map[string]struct {
		synced  bool
		change  func(*device)
		purpose string
		want    fault.Code
	}{
		"as it is":         {false, func(*device) {}, signin.ForSigning, ""},
		"synced":           {false, func(d *device) { d.options.BackupEligible = true }, signin.ForSigning, rule.AccessPasskey},
		"synced, allowed":  {true, func(d *device) { d.options.BackupEligible = true }, signin.ForSigning, ""},
		"RSA":              {true, func(d *device) { d.credential = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA) }, signin.ForSigning, rule.AccessPasskey},
		"not verified":     {false, func(d *device) { d.options.UserNotVerified = true }, signin.ForSigning, rule.AccessPasskey},
		"the other's link": {false, func(*device) {}, signin.ForSignIn, rule.AccessPasskey},
	} {
		desk, a, d := newDesk(t, c.synced), officer(t), newDevice()
		c.change(d)
		options, err := desk.Invite(a, c.purpose, 1000)
		if err != nil {
			t.Fatal(err)
		}
		response := d.make(t, options)
		key, err := desk.Signing(a, "key", response, 1001)
		code(t, name, err, c.want)
		if err == nil && (len(key.Public) != 65 || key.KeyID != party.Officer{Algorithm: party.PersonPasskey, Key: key.Public}.KeyID() || !bytes.Equal(key.Credential, d.credential.ID)) {
			t.Errorf("%s: %+v", name, key)
		}
		_, err = desk.Signing(a, "key", response, 1002)
		code(t, name+", again", err, rule.AccessPasskey)
		other, _ := access.NewAccount("other", "Wang", "", []access.Role{access.Officer}, 1)
		_, err = desk.Passkey(other, "key", response, 1001)
		code(t, name+", for somebody else", err, rule.AccessPasskey)
	}
}

// Spec: ACC-19.
func TestKeyFile(t *testing.T) {
	desk := newDesk(t, false)
	public, private, _ := ed25519.GenerateKey(nil)
	otherPublic, other, _ := ed25519.GenerateKey(nil)
	keyID := party.Officer{Algorithm: party.PersonEd25519, Key: public}.KeyID()
	for name, c := range map[string]struct {
		sign   func(challenge []byte) []byte
		public []byte
		after  int64
		want   fault.Code
	}{
		"as it is":            {func(ch []byte) []byte { return ed25519.Sign(private, signin.KeyMessage(rpID, ch)) }, public, 1, ""},
		"late":                {func(ch []byte) []byte { return ed25519.Sign(private, signin.KeyMessage(rpID, ch)) }, public, 5 * 60 * 1000, rule.AccessPasskey},
		"another desk's":      {func(ch []byte) []byte { return ed25519.Sign(private, signin.KeyMessage("parley.cn.internal", ch)) }, public, 1, rule.AccessPasskey},
		"another's signature": {func(ch []byte) []byte { return ed25519.Sign(other, signin.KeyMessage(rpID, ch)) }, public, 1, rule.AccessPasskey},
		"another's key":       {func(ch []byte) []byte { return ed25519.Sign(other, signin.KeyMessage(rpID, ch)) }, otherPublic, 1, rule.AccessPasskey},
		"the challenge alone": {func(ch []byte) []byte { return ed25519.Sign(private, ch) }, public, 1, rule.AccessPasskey},
	} {
		challenge := desk.KeyChallenge(keyID, 100)
		code(t, name, desk.Key(c.public, challenge, c.sign(challenge), 100+c.after), c.want)
		if c.want == "" {
			code(t, name+", again", desk.Key(c.public, challenge, c.sign(challenge), 102), rule.AccessPasskey)
		}
	}
	stranger := newDesk(t, false).KeyChallenge(keyID, 100)
	code(t, "another process's challenge", desk.Key(public, stranger, ed25519.Sign(private, signin.KeyMessage(rpID, stranger)), 101), rule.AccessPasskey)
}

// Spec: ACC-17. Whatever a browser sends is refused with a code, and nobody
// comes in.
func FuzzEnter(f *testing.F) {
	desk, err := signin.New(signin.Options{RPID: rpID, Origins: []string{origin}})
	if err != nil {
		f.Fatal(err)
	}
	a, _ := access.NewAccount("0011aabb", "Li Wei", "", []access.Role{access.Officer}, 1)
	d := newDevice()
	options, _ := desk.Invite(a, signin.ForSignIn, 1)
	parsed, _ := virtualwebauthn.ParseAttestationOptions(string(options))
	f.Add([]byte(virtualwebauthn.CreateAttestationResponse(d.rp, virtualwebauthn.NewAuthenticator(), d.credential, *parsed)))
	asked, _ := desk.Ask(1)
	parsedAsk, _ := virtualwebauthn.ParseAssertionOptions(string(asked))
	f.Add([]byte(virtualwebauthn.CreateAssertionResponse(d.rp, virtualwebauthn.NewAuthenticator(), d.credential, *parsedAsk)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, err := range []error{
			func() error {
				_, _, err := desk.Enter(b, 2, func(string) (*access.Account, error) { return a, nil })
				return err
			}(),
			func() error { _, err := desk.Signing(a, "x", b, 1<<40); return err }(),
		} {
			if !fault.Is(err, rule.AccessPasskey) {
				t.Fatalf("%q: %v", b, err)
			}
		}
	})
}

// newCredential draws a key on P-256. The library writes a coordinate that
// begins with a zero byte too short, which nobody takes.
func newCredential() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}
