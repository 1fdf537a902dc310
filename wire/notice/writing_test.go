package notice_test

import (
	"bytes"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/notice"
	"parley.example/wire/party"
	"parley.example/wire/wiretest"
)

func recode(b []byte) ([]byte, error) {
	x, err := notice.Decode(b)
	if err != nil {
		return nil, err
	}
	return x.Encode(), nil
}

// Spec: CON-22, OCT-8, OCT-9, OCT-10.
func TestWriting(t *testing.T) {
	good := notice.Writing{Realm: party.Real, From: party.ID{7}, Own: true, Position: 300}.Encode()
	if len(good) != notice.Size {
		t.Errorf("%d bytes, and %d are said", len(good), notice.Size)
	}
	wiretest.Strict(t, good, recode)
	for at, c := range map[int]struct {
		b    byte
		want fault.Code
	}{
		0:               {'P', fault.OctetsUnknown}, // the tag
		18:              {3, fault.ContactTurn},     // the realm
		notice.Size - 9: {2, fault.OctetsUnknown},   // whose call it is
	} {
		bad := bytes.Clone(good)
		bad[at] = c.b
		_, err := notice.Decode(bad)
		wiretest.Code(t, err, c.want)
	}
}

// Spec: CON-22, OCT-11.
func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "writing")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recode) })
}
