//go:build unix

package node_test

import (
	"strings"
	"syscall"
	"testing"
)

func processorTime(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1000
}

// BenchmarkAct is what an act of 4 KiB costs both nodes together, in memory and
// without a line: said and signed, delivered, stored and receipted, looked
// through on both sides. So many are said before they are delivered.
func BenchmarkAct(b *testing.B) {
	for _, at := range []int{1, 128} {
		b.Run(map[int]string{1: "alone", 128: "128 at once"}[at], func(b *testing.B) {
			p := newPair(b)
			us, cn := p.sides[0], p.sides[1]
			facts := strings.Repeat("words of it ", 280)
			before := processorTime(b)
			for said := 0; b.Loop(); said++ {
				p.now += 60_000 // no more in a day than was agreed
				_, err := us.tryAskAbout("altered invoices", facts)
				p.must(err)
				if said%at != at-1 {
					continue
				}
				p.must(us.node.Contact(p.ctx, us.link))
				for _, s := range []*side{cn, us} {
					p.must(s.node.Automatic(p.ctx, s.link))
				}
			}
			b.ReportMetric((processorTime(b)-before)/float64(b.N), "cpu-µs/op")
		})
	}
}
