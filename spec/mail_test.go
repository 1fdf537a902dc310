package spec

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"parley.example/internal/link"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
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
	raw, _, err := meetMailed(v, &link.State{Own: [3]*link.Log{{}, {}, {}}})
	return raw, err
}

func meetMailed(v wiretest.Vector, s *link.State) ([]byte, *contact.Hello, error) {
	l := lineOf(v)
	t, h, err := l.Turn(v.Body)
	if err != nil {
		return nil, nil, err
	}
	s.Identity = link.Identity{Realm: l.Realm, Us: l.To, Them: l.From}
	_, err = s.Meet(suite.Signatures{}, l.Keys, h, nil, 0)
	return t.Encode(), h, err
}

// readAnswered has a restored node decide by a turn which of its logs have ended.
func readAnswered(v wiretest.Vector) ([]byte, error) {
	s := &link.State{Own: logsOf(v.Header["own"])}
	raw, h, err := meetMailed(v, s)
	if err != nil {
		return nil, err
	}
	var note *link.Note
	if v.Header["note"] != "none" {
		if note, err = link.DecodeNote(unhex(v.Header["note"])); err != nil {
			return nil, err
		}
	}
	ended, err := s.Continue(note, h, [16]byte(unhex(v.Header["nonce"])))
	if err == nil && endedWords(ended) != v.Header["ended"] {
		return nil, fault.New(fault.Internal)
	}
	return raw, err
}

// logsOf are three logs by "generation/size", whose leaves are letters: a, b, …
func logsOf(text string) (logs [3]*link.Log) {
	for i, one := range strings.Fields(text) {
		log := &link.Log{}
		var size int
		fmt.Sscanf(one, "%d/%d", &log.Origin.Generation, &size)
		for j := range size {
			log.Tree.Append(ledger.LeafHash([]byte{'a' + byte(j)}))
		}
		logs[i] = log
	}
	return logs
}

func endedWords(ended [3]bool) string {
	var words []string
	for i, name := range []string{"control", "hotline", "routine"} {
		if ended[i] {
			words = append(words, name)
		}
	}
	if words == nil {
		return "none"
	}
	return strings.Join(words, " ")
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
