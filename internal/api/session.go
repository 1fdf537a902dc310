package api

import "net/http"

// Me is who calls, and what they may do.
type Me struct {
	// Open says that the node has no accounts: whoever reaches its socket may do
	// everything.
	Open     bool     `json:"open"`
	Account  string   `json:"account"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Roles    []string `json:"roles"`
	May      []string `json:"may"` // actions
	Language string   `json:"language"`
	Theme    string   `json:"theme"` // light, dark, or empty: as the system has it
	Seen     int64    `json:"seen"`  // up to when this person has seen what changed
	Signing  []Key    `json:"signing"`
}

// Key is a key that a person signs acts with.
type Key struct {
	KeyID      string   `json:"key_id"`
	Algorithm  uint8    `json:"algorithm"`
	Credential []byte   `json:"credential"` // of a passkey
	Links      []string `json:"links"`      // codes of the counterparts that have it on the card in force
}

// As calls on behalf of the person whose session the token is.
func (c *Client) As(token string) *Client {
	if token == "" {
		return c
	}
	return &Client{do: func(r *http.Request) (*http.Response, error) {
		r.Header.Set("Authorization", "Parley "+token)
		return c.do(r)
	}}
}

func (s *Server) me(*http.Request) (*Me, error) {
	return &Me{Open: true, Roles: []string{}, May: []string{}, Signing: []Key{}}, nil
}
