package main

import "testing"

// The heap of a small node grows by a bounded amount over what is in use, and
// that of a large one never by more than the usual.
func TestGrowth(t *testing.T) {
	t.Parallel()
	for live := uint64(heapUnknown); live < 1<<40; live += live / 7 {
		percent := growth(live)
		if more := live / 100 * uint64(percent); percent < heapLeast || percent > heapMost || percent > heapLeast && more > heapSlack {
			t.Fatalf("%d bytes in use may grow by %d%%", live, percent)
		}
	}
	if growth(heapUnknown) != heapMost || growth(heapSlack) != heapLeast {
		t.Errorf("%d%%, %d%%", growth(heapUnknown), growth(heapSlack))
	}
}
