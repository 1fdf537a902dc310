package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// How far the heap may grow over what is in use before it is collected: by so
// many bytes, within these bounds in percent. A node keeps little in memory and
// writes much, so with the usual 100 % a quarter of its work was collecting.
const (
	heapSlack   = 96 << 20
	heapLeast   = 100
	heapMost    = 400
	heapUnknown = 8 << 20 // in use before the first collection
)

// collectSeldom sets how often memory is collected, and does so anew after every
// collection. Whoever runs the node decides instead by GOGC or GOMEMLIMIT.
var collectSeldom = sync.OnceFunc(func() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	pace := &pacer{percent: heapLeast}
	pace.set()
	pace.again()
})

type pacer struct{ percent int }

// again has set called after the next collection: what nothing refers to is
// found by one.
func (p *pacer) again() {
	runtime.AddCleanup(new([2]uint64), func(p *pacer) { p.set(); p.again() }, p)
}

func (p *pacer) set() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	live := uint64(heapUnknown)
	if sample[0].Value.Kind() == metrics.KindUint64 {
		live = max(live, sample[0].Value.Uint64())
	}
	if percent := growth(live); percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}

// growth is the percentage by which a heap with so many bytes in use may grow,
// in steps of ten so that it seldom changes.
func growth(live uint64) int {
	return min(max(int(100*heapSlack/live)/10*10, heapLeast), heapMost)
}
