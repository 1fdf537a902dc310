//go:build race

package audit_test

// raced: the race detector makes verification three times slower.
const raced = true
