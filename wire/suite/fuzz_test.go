package suite_test

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/wire/ledger"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// An office's keys that are read are written alike.
// Spec: none, how an office keeps its keys is its own.
func FuzzDecodeOffice(f *testing.F) {
	o := &suite.Office{Sign: wiretest.Key("office"), Seal: wiretest.SealingKey("office")}
	b, err := o.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		wiretest.Recode(t, b, func(b []byte) ([]byte, error) {
			o, err := suite.DecodeOffice(b, nil)
			if err != nil {
				return nil, err
			}
			return o.Encode()
		})
	})
}

// Lines that are taken as a cosignature are those that its signer wrote. Spec: LED-34.
func FuzzCosignature(f *testing.F) {
	name, key, made := "", "", []byte(nil)
	for _, v := range wiretest.Vectors(f, "cosignature") {
		f.Add(v.Body)
		if v.Expect == "" {
			name, key, made = v.Header["name"], v.Header["key"], v.Body
		}
	}
	public := wiretest.Key(key).Public()
	f.Fuzz(func(t *testing.T, b []byte) {
		text, lines, _ := strings.Cut(string(b), "\n\n")
		h, err := ledger.ParseHead(text + "\n\n")
		if err != nil {
			return
		}
		if _, err := suite.VerifyCosignature(suite.Signatures{}, public, name, h, lines); err == nil && !bytes.Equal(b, made) {
			t.Errorf("%q counts, and nobody wrote it", b)
		}
	})
}
