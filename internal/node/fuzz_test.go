package node_test

import (
	"bytes"
	"encoding/pem"
	"testing"

	"parley.example/internal/node"
	"parley.example/wire/party"
	"parley.example/wire/suite"
)

// cardFile is a party's founding cards of both realms, as they are handed over.
func cardFile(f *testing.F) (file []byte) {
	root, next, archive := suite.NewSigningKey(), suite.NewSigningKey(), suite.NewSealingKey()
	for _, realm := range []uint8{party.Real, party.Exercise} {
		office := suite.NewOffice(nil)
		c := &party.Card{Realm: realm, Serial: 1, Party: party.ID(root.Public().Hash()), Code: "us", Root: root.Public(), NextRoot: next.Public().Hash(),
			Sign: office.Sign.Public(), Seal: office.Seal.Public(), Archive: archive.Public(), Names: [2]string{"Us", "我方"}}
		c.Signature = root.Sign(c.ToSign())
		file = append(file, pem.EncodeToMemory(&pem.Block{Type: "PARLEY CARD", Bytes: c.Encode()})...)
	}
	if _, err := node.ReadCards(suite.Signatures{}, file); err != nil {
		f.Fatal(err)
	}
	return file
}

// A file that somebody handed over gives the two cards that its root signed,
// or none. Spec: PAR-10.
func FuzzReadCards(f *testing.F) {
	file := cardFile(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add(append(bytes.Clone(file), file...))
	f.Fuzz(func(t *testing.T, b []byte) {
		cards, err := node.ReadCards(suite.Signatures{}, b)
		if err != nil {
			return
		}
		if len(cards) != 2 || cards[0].Realm != party.Real || cards[1].Realm != party.Exercise || cards[0].Party != cards[1].Party {
			t.Fatalf("%+v", cards)
		}
		for _, c := range cards {
			again, err := party.DecodeCard(c.Encode())
			if err != nil || again.VerifyFounding(suite.Signatures{}) != nil {
				t.Fatalf("%+v, %v", c, err)
			}
		}
	})
}
