package spec

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"testing"

	"parley.example/wire/wiretest"
)

// Spec: SUI-5
// TestKeys: vectors/keys.json lists the public keys that vectors/README.md
// draws from names, for readers whose libraries cannot draw all of them.
func TestKeys(t *testing.T) {
	const file = "vectors/keys.json"
	keys := map[string]string{}
	for _, of := range []string{"alpha ", "beta "} {
		for _, use := range []string{"root", "next root", "sign"} {
			public := wiretest.Key(of + use).Public()
			keys[of+use] = hex.EncodeToString(append(public.Ed25519[:], public.MLDSA44[:]...))
		}
		for _, use := range []string{"seal", "archive"} {
			public := wiretest.SealingKey(of + use).Public()
			keys[of+use] = hex.EncodeToString(public[:])
		}
	}
	if *update {
		raw, err := json.MarshalIndent(keys, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var listed map[string]string
	if err := json.Unmarshal(raw, &listed); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(listed, keys) {
		t.Errorf("%s does not list the %d keys that are drawn", file, len(keys))
	}
}
