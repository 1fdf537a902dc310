package main

import (
	"os"
	"runtime"
	"runtime/pprof"
)

// startProfiles writes where the processor's time went, and where goroutines
// waited, into two files, until stop is called.
func startProfiles(path string) (stop func(), err error) {
	f, err := os.Create(path + ".cpu")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	runtime.SetBlockProfileRate(100_000) // nanoseconds
	return func() {
		pprof.StopCPUProfile()
		f.Close()
		if b, err := os.Create(path + ".block"); err == nil {
			pprof.Lookup("block").WriteTo(b, 0) // what cannot be written is missed by whoever reads it
			b.Close()
		}
	}, nil
}
