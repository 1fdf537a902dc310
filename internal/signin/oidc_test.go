package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parley.example/internal/signin"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

const clientID, callback = "parley", "https://desk.example/sign-in/agency/back"

// issuer is a provider of OpenID Connect over the real network, that may lie.
type issuer struct {
	*httptest.Server
	key, signs *ecdsa.PrivateKey
	header     string
	claims     map[string]any
	pkce       string
	bulk       int
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, signs: key, header: `{"alg":"ES256","kid":"1"}`}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat(" ", i.bulk))
		json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256", "none"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		point, _ := i.key.PublicKey.Bytes()
		b64 := base64.RawURLEncoding.EncodeToString
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "kid": "1", "alg": "ES256", "x": b64(point[1:33]), "y": b64(point[33:])}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if r.PostFormValue("code") != "good" || base64.RawURLEncoding.EncodeToString(sum[:]) != i.pkce || r.PostFormValue("redirect_uri") != callback {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": i.token()})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) token() string {
	body, _ := json.Marshal(i.claims)
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(i.header)) + "." + b64(body)
	sum := sha256.Sum256([]byte(signed))
	r, s, _ := ecdsa.Sign(rand.Reader, i.signs, sum[:])
	return signed + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// Spec: ACC-21. Every way in which an issuer, or who comes back from one, may
// not be what was asked for.
func TestAgency(t *testing.T) {
	const now = int64(1_800_000_000_000)
	for name, c := range map[string]struct {
		change func(*issuer)
		state  func(string) string
		code   string
		after  int64
		want   fault.Code
	}{
		"as it is":          {code: "good"},
		"another code":      {code: "bad", want: rule.AccessAgency},
		"another state":     {code: "good", state: func(s string) string { return s[1:] + "A" }, want: rule.AccessAgency},
		"no state":          {code: "good", state: func(string) string { return "" }, want: rule.AccessAgency},
		"late":              {code: "good", after: 5 * 60 * 1000, want: rule.AccessAgency},
		"another nonce":     {code: "good", change: func(i *issuer) { i.claims["nonce"] = "other" }, want: rule.AccessAgency},
		"no nonce":          {code: "good", change: func(i *issuer) { delete(i.claims, "nonce") }, want: rule.AccessAgency},
		"for somebody else": {code: "good", change: func(i *issuer) { i.claims["aud"] = "other" }, want: rule.AccessAgency},
		"of somebody else":  {code: "good", change: func(i *issuer) { i.claims["iss"] = "https://evil.example" }, want: rule.AccessAgency},
		"run out":           {code: "good", change: func(i *issuer) { i.claims["exp"] = now/1000 - 1 }, want: rule.AccessAgency},
		"no name":           {code: "good", change: func(i *issuer) { delete(i.claims, "sub"); i.claims["sub"] = "" }, want: rule.AccessAgency},
		"a name of numbers": {code: "good", change: func(i *issuer) { i.claims["sub"] = 7 }, want: rule.AccessAgency},
		"another key":       {code: "good", change: func(i *issuer) { i.signs, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }, want: rule.AccessAgency},
		"unsigned":          {code: "good", change: func(i *issuer) { i.header = `{"alg":"none"}` }, want: rule.AccessAgency},
	} {
		i := newIssuer(t)
		a, err := signin.NewAgency(signin.AgencyOptions{Issuer: i.URL, ClientID: clientID, Secret: "s", Callback: callback})
		if err != nil {
			t.Fatal(err)
		}
		address, state, err := a.Begin(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(address)
		q := u.Query()
		i.pkce = q.Get("code_challenge")
		if q.Get("state") != state || q.Get("response_type") != "code" || q.Get("redirect_uri") != callback || q.Get("scope") != "openid" || q.Get("code_challenge_method") != "S256" {
			t.Errorf("%s: %s", name, address)
		}
		i.claims = map[string]any{"iss": i.URL, "aud": clientID, "sub": "emarsh", "nonce": q.Get("nonce"), "exp": now/1000 + 60, "iat": now / 1000}
		if c.change != nil {
			c.change(i)
		}
		back := state
		if c.state != nil {
			back = c.state(state)
		}
		who, err := a.Finish(t.Context(), back, c.code, now+1+c.after)
		code(t, name, err, c.want)
		if (who == "emarsh") != (c.want == "") {
			t.Errorf("%s: %q came in", name, who)
		}
		if c.want == "" {
			_, err = a.Finish(t.Context(), back, c.code, now+2)
			code(t, name+", again", err, rule.AccessAgency)
		}
	}
}

// Spec: ACC-21. An issuer that cannot be asked, or says too much, lets nobody
// in and stops nothing.
func TestAgencyAway(t *testing.T) {
	for _, bad := range []string{"", "http://sign-in.example", "ftp://127.0.0.1", "://", "sign-in.example"} {
		_, err := signin.NewAgency(signin.AgencyOptions{Issuer: bad, ClientID: clientID})
		code(t, bad, err, rule.AccessAgency)
	}
	i := newIssuer(t)
	i.bulk = 2 << 20
	a, err := signin.NewAgency(signin.AgencyOptions{Issuer: i.URL, ClientID: clientID, Callback: callback})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = a.Begin(t.Context(), 1)
	code(t, "too much", err, rule.AccessAgency)
	i.bulk = 0
	if _, _, err := a.Begin(t.Context(), 1); err != nil {
		t.Errorf("it is there again, and not asked: %v", err)
	}
	i.Close()
	b, _ := signin.NewAgency(signin.AgencyOptions{Issuer: i.URL, ClientID: clientID, Callback: callback})
	_, _, err = b.Begin(t.Context(), 1)
	code(t, "away", err, rule.AccessAgency)
}
