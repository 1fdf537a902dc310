// Package signin implements spec/access.md, "Passkeys and keys": it knows one's
// own people by their passkeys and key files. It keeps nothing but which
// challenges were answered; accounts are given to it, and given back.
package signin

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"parley.example/internal/access"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// What a challenge is for.
const (
	ForSignIn  = "sign-in"  // to sign in with
	ForSigning = "signing"  // to sign acts with
	forKeyFile = "key-file" // a key file signs in
	forAnybody = "enter"    // whoever has a passkey
)

// MaxResponse bounds what a browser answers, in bytes.
const MaxResponse = 64 << 10

// Options of a party's desk.
type Options struct {
	RPID    string
	Origins []string
	Name    string // what an authenticator shows
	Synced  bool   // keys that sign may be such as are copied to other devices
}

// Desk knows people.
type Desk struct {
	options    Options
	web        *webauthn.WebAuthn
	challenges *challenges
}

// New makes a desk: access.passkey where the name or the origins cannot be.
func New(o Options) (*Desk, error) {
	if o.Name == "" {
		o.Name = o.RPID
	}
	web, err := webauthn.New(&webauthn.Config{RPID: o.RPID, RPDisplayName: o.Name, RPOrigins: o.Origins,
		AttestationPreference:             protocol.PreferNoAttestation,
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
		AuthenticatorSelection:            protocol.AuthenticatorSelection{UserVerification: protocol.VerificationRequired}})
	if err == nil {
		err = protocol.ValidateRPID(o.RPID)
	}
	if err != nil {
		return nil, fault.Wrap(err, rule.AccessPasskey, "what", "name")
	}
	return &Desk{options: o, web: web, challenges: newChallenges()}, nil
}

// user is an account as the library wants it. What signs acts has a handle of
// its own: an authenticator keeps one discoverable passkey for each handle.
type user struct {
	handle, name string
	credentials  []webauthn.Credential
}

func (u *user) WebAuthnID() []byte                         { return []byte(u.handle) }
func (u *user) WebAuthnName() string                       { return u.name }
func (u *user) WebAuthnDisplayName() string                { return u.name }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

const handleSignIn, handleSigning = "s", "k"

func userOf(a *access.Account, purpose string) *user {
	if purpose == ForSigning {
		return &user{handle: handleSigning + a.ID, name: a.Name}
	}
	u := &user{handle: handleSignIn + a.ID, name: a.Name}
	for _, p := range a.SignIn {
		u.credentials = append(u.credentials, webauthn.Credential{ID: p.ID, PublicKey: p.Public,
			Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: p.Eligible},
			Authenticator: webauthn.Authenticator{SignCount: p.Count}})
	}
	return u
}

// Ask gives what a browser needs to sign somebody in, whoever it is
// (PublicKeyCredentialRequestOptionsJSON).
func (d *Desk) Ask(now int64) (json.RawMessage, error) {
	out, _, err := d.web.BeginDiscoverableLogin(webauthn.WithChallenge(d.challenges.draw(forAnybody, now)))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	return json.Marshal(out.Response)
}

// Enter checks a browser's answer. find gives the account of an identifier, or
// an error. It gives the account and the passkey as it is now, whose count must
// be kept: access.passkey.
func (d *Desk) Enter(response []byte, now int64, find func(id string) (*access.Account, error)) (*access.Account, access.Passkey, error) {
	refused := func(err error) (*access.Account, access.Passkey, error) {
		return nil, access.Passkey{}, refusal(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(bounded(response))
	if err != nil {
		return refused(err)
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if err := d.challenges.check(forAnybody, challenge, now); err != nil {
		return nil, access.Passkey{}, err
	}
	var account *access.Account
	_, credential, err := d.web.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		id, ok := bytes.CutPrefix(handle, []byte(handleSignIn))
		if !ok {
			return nil, errors.New("a key that signs acts does not sign in")
		}
		var err error
		if account, err = find(string(id)); err != nil {
			return nil, err
		}
		return userOf(account, ForSignIn), nil
	}, webauthn.SessionData{Challenge: challenge, RelyingPartyID: d.options.RPID, UserVerification: protocol.VerificationRequired}, parsed)
	if err != nil {
		return refused(err)
	}
	// An authenticator whose count goes back was copied.
	if credential.Authenticator.CloneWarning {
		return refused(errors.New("the passkey was used elsewhere since"))
	}
	if err := d.challenges.use(challenge, now); err != nil {
		return nil, access.Passkey{}, err
	}
	for _, p := range account.SignIn {
		if bytes.Equal(p.ID, credential.ID) {
			p.Count = credential.Authenticator.SignCount
			return account, p, nil
		}
	}
	return refused(errors.New("no such passkey"))
}

// Invite gives what a browser needs to make a passkey for an account, for one
// of the two purposes (PublicKeyCredentialCreationOptionsJSON).
func (d *Desk) Invite(a *access.Account, purpose string, now int64) (json.RawMessage, error) {
	u := userOf(a, purpose)
	resident := protocol.ResidentKeyRequirementRequired
	var others []protocol.CredentialDescriptor
	if purpose == ForSigning {
		resident = protocol.ResidentKeyRequirementDiscouraged
		for _, k := range a.Signing {
			if len(k.Credential) > 0 {
				others = append(others, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: k.Credential})
			}
		}
	}
	for _, c := range u.credentials {
		others = append(others, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: c.ID})
	}
	out, _, err := d.web.BeginRegistration(u, webauthn.WithExclusions(others), webauthn.WithResidentKeyRequirement(resident),
		webauthn.WithCredentialParameters(algorithms(purpose)), func(o *protocol.PublicKeyCredentialCreationOptions) error {
			o.Challenge = d.challenges.draw(purpose+" "+a.ID, now)
			o.AuthenticatorSelection.UserVerification = protocol.VerificationRequired
			return nil
		})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	return json.Marshal(out.Response)
}

// algorithms are what a passkey may sign with: cards know ES256 alone.
func algorithms(purpose string) []protocol.CredentialParameter {
	if purpose != ForSigning {
		return webauthn.CredentialParametersDefault()
	}
	return []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256}}
}

// made checks a browser's answer to Invite.
func (d *Desk) made(a *access.Account, purpose string, response []byte, now int64) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(bounded(response))
	if err != nil {
		return nil, refusal(err)
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if err := d.challenges.check(purpose+" "+a.ID, challenge, now); err != nil {
		return nil, err
	}
	u := userOf(a, purpose)
	credential, err := d.web.CreateCredential(u, webauthn.SessionData{Challenge: challenge, RelyingPartyID: d.options.RPID, UserID: u.WebAuthnID(),
		UserVerification: protocol.VerificationRequired, CredParams: algorithms(purpose)}, parsed)
	if err != nil {
		return nil, refusal(err)
	}
	return credential, d.challenges.use(challenge, now)
}

// Passkey checks the answer for a passkey to sign in with.
func (d *Desk) Passkey(a *access.Account, name string, response []byte, now int64) (access.Passkey, error) {
	c, err := d.made(a, ForSignIn, response, now)
	if err != nil {
		return access.Passkey{}, err
	}
	return access.Passkey{ID: c.ID, Name: name, Public: c.PublicKey, Count: c.Authenticator.SignCount, Eligible: c.Flags.BackupEligible, Added: now}, nil
}

// Signing checks the answer for a passkey that signs acts.
func (d *Desk) Signing(a *access.Account, name string, response []byte, now int64) (access.SigningKey, error) {
	c, err := d.made(a, ForSigning, response, now)
	if err != nil {
		return access.SigningKey{}, err
	}
	if c.Flags.BackupEligible && !d.options.Synced {
		return access.SigningKey{}, fault.New(rule.AccessPasskey, "what", "synced")
	}
	point, err := pointOf(c.PublicKey)
	if err != nil {
		return access.SigningKey{}, err
	}
	key := party.Officer{Algorithm: party.PersonPasskey, Key: point}
	return access.SigningKey{KeyID: key.KeyID(), Algorithm: key.Algorithm, Public: point, Credential: c.ID, Name: name, Added: now}, nil
}

// pointOf reads a COSE key that must be ES256 as the uncompressed point that a
// card holds.
func pointOf(cose []byte) ([]byte, error) {
	parsed, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return nil, refusal(err)
	}
	key, ok := parsed.(webauthncose.EC2PublicKeyData)
	if !ok || key.Algorithm != int64(webauthncose.AlgES256) || len(key.XCoord) != 32 || len(key.YCoord) != 32 {
		return nil, fault.New(rule.AccessPasskey, "what", "algorithm")
	}
	return append(append([]byte{4}, key.XCoord...), key.YCoord...), nil
}

// KeyChallenge draws a challenge for a key file.
func (d *Desk) KeyChallenge(keyID string, now int64) []byte {
	return d.challenges.draw(forKeyFile+" "+keyID, now)
}

// KeyMessage is what a key file signs to sign in. No statement and no answer to
// a check begins as this does.
func KeyMessage(rpID string, challenge []byte) []byte {
	return []byte("parley sign-in v1\n" + rpID + "\n" + base64.RawURLEncoding.EncodeToString(challenge) + "\n")
}

// Key checks a key file's signature over a challenge: access.passkey.
func (d *Desk) Key(public, challenge, signature []byte, now int64) error {
	keyID := party.Officer{Algorithm: party.PersonEd25519, Key: public}.KeyID()
	text := base64.RawURLEncoding.EncodeToString(challenge)
	if err := d.challenges.check(forKeyFile+" "+keyID, text, now); err != nil {
		return err
	}
	if len(public) != ed25519.PublicKeySize || party.WeakPoint(public) || !ed25519.Verify(public, KeyMessage(d.options.RPID, challenge), signature) {
		return fault.New(rule.AccessPasskey, "what", "signature")
	}
	return d.challenges.use(text, now)
}

// RPID is the permanent name that key files sign for.
func (d *Desk) RPID() string { return d.options.RPID }

// bounded cuts what is too long to be an answer; what is cut is no JSON.
func bounded(b []byte) []byte { return b[:min(len(b), MaxResponse)] }

// refusal says of a passkey that it is not taken, with the library's reason for
// the log and none of it for whoever tries.
func refusal(err error) error {
	var p *protocol.Error
	if errors.As(err, &p) {
		return fault.Wrap(errors.New(p.Details), rule.AccessPasskey, "what", "answer")
	}
	return fault.Wrap(err, rule.AccessPasskey, "what", "answer")
}
