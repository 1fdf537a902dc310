package spec

import (
	"encoding/hex"
	"strconv"
	"strings"

	"parley.example/internal/link"
	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// lineOf is the line on which the party of a vector's key writes to the other.
func lineOf(v wiretest.Vector) mail.Line {
	l := mail.Line{Realm: party.Real, Keys: []party.PublicKey{wiretest.Key(v.Header["key"]).Public()}}
	if text := v.Header["realm"]; text != "" {
		realm, _ := strconv.Atoi(text)
		l.Realm = uint8(realm)
	}
	p := wiretest.Parties()
	l.From, l.To = p[0].Card.Party, p[1].Card.Party
	if strings.HasPrefix(v.Header["key"], p[1].Card.Code+" ") {
		l.From, l.To = l.To, l.From
	}
	return l
}

// readItem reads what a file carries, and holds it against its line.
func readItem[T mail.Item](v wiretest.Vector, decode func([]byte) (T, error)) ([]byte, error) {
	item, err := decode(v.Body)
	if err != nil {
		return nil, err
	}
	return item.Encode(), lineOf(v).Check(suite.Signatures{}, item)
}

// readMailed reads a turn that came by mail, the first that is heard of its sender.
func readMailed(v wiretest.Vector) ([]byte, error) {
	l := lineOf(v)
	t, h, err := l.Turn(v.Body)
	if err != nil {
		return nil, err
	}
	s := &link.State{Identity: link.Identity{Realm: l.Realm, Us: l.To, Them: l.From}, Own: [3]*link.Log{{}, {}, {}}}
	_, err = s.Meet(suite.Signatures{}, l.Keys, h, nil, 0)
	return t.Encode(), err
}

// readPosted opens a file.
func readPosted(v wiretest.Vector) ([]byte, error) {
	item, err := mail.Open(wiretest.SealingKey(v.Header["key"]).PrivateKey, v.Body)
	if err != nil {
		return nil, err
	}
	came := hex.EncodeToString(item.Encode()) == v.Header["item"]
	if c, ok := item.(*mail.Chunk); ok && v.Header["item"] == "" {
		came = hex.EncodeToString(c.Part) == v.Header["part"]
	}
	if !came {
		return nil, fault.New(fault.Internal)
	}
	return v.Body, nil
}
