package store

import (
	"errors"
	"math"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	own := errors.New("own")
	if err := Guard(func() error { return own }); err != own {
		t.Errorf("got %v", err)
	}
	err := Guard(func() error {
		var none []int
		_ = none[len(none)]
		return nil
	})
	if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), "store_test.go") {
		t.Errorf("the panic's place is not named: %v", err)
	}
}

func TestStorable(t *testing.T) {
	t.Parallel()
	if err := Storable(0, 1, math.MaxInt64-1); err != nil {
		t.Error(err)
	}
	for _, p := range []uint64{math.MaxInt64, math.MaxUint64} {
		if err := Storable(0, p); !fault.Is(err, rule.StorePosition) {
			t.Errorf("%d: %v", p, err)
		}
	}
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	if !Absent(fault.Wrap(fault.New(rule.StoreIO), rule.StoreAbsent)) || Absent(nil) || Absent(fault.New(rule.StoreIO)) {
		t.Error("absence is not told from other errors")
	}
}
