package store

import (
	"fmt"
	"math"
	"runtime/debug"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Guard runs f and makes a fault of a panic, with the place it came from: one
// caller's mistake must not stop a store that others use.
func Guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Internal)
		}
	}()
	return f()
}

// Storable refuses, with store.position, positions that a database's signed
// integers cannot hold. No log comes near them.
func Storable(positions ...uint64) error {
	for _, p := range positions {
		if p >= math.MaxInt64 {
			return fault.New(rule.StorePosition, "position", fault.Int(p))
		}
	}
	return nil
}
