package main

import (
	"os"
	"runtime"
	"runtime/pprof"

	"parley.example/internal/bench"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// profiles writes two files a step of a part of the benchmark: where the
// processor's time went in it, and where goroutines waited from the part's start
// until its end, since that count cannot be begun anew. Without a base it writes
// nothing.
type profiles struct {
	base string // what the files' names begin with
	stop func()
}

// beside answers what is asked about profiles, and leaves the rest to do.
func (p *profiles) beside(do func(bench.Ask) (bench.Answer, error)) func(bench.Ask) (bench.Answer, error) {
	return func(a bench.Ask) (bench.Answer, error) {
		if a.Do != "profile" {
			return do(a)
		}
		return bench.Answer{}, p.begin(a.Step)
	}
}

// begin ends what is written and starts anew under the name of a step.
func (p *profiles) begin(step string) error {
	p.end()
	if p.base == "" {
		return nil
	}
	path := p.base + "-" + step
	f, err := os.Create(path + ".cpu")
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path+".cpu")
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return fault.Wrap(err, rule.NodeFile, "file", path+".cpu")
	}
	runtime.SetBlockProfileRate(100_000) // nanoseconds
	p.stop = func() {
		pprof.StopCPUProfile()
		f.Close()
		if b, err := os.Create(path + ".block"); err == nil {
			pprof.Lookup("block").WriteTo(b, 0) // what cannot be written is missed by whoever reads it
			b.Close()
		}
	}
	return nil
}

func (p *profiles) end() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}
