// Package bench implements docs/performance.md: what two nodes cost on the
// machine and the disk that they run on, held against the naive floor in the
// same run.
//
// Words. A *part* is a process that the run starts: a node, or one end of the
// floor. An *act* is said by one node and *receipted* by the other; it is
// through when the receipt is on the disk of the node that said it. The *floor*
// is the least that any two programs must do for it: seal, sign, sync, send,
// check, sync, open, signed receipt back, check, sync. What is compared is
// measured in turns, since a machine is never as fast twice; a part's
// processor time is told beside the clock's for the same reason.
package bench

import (
	"slices"
	"time"
)

// ActBytes is the length of what is said in every exchange.
const ActBytes = 4096

// Kinds of load.
const (
	Signed   = "signed"    // requests that a person signs; the signature is verified on both sides
	HeadOnly = "head-only" // acts without a person's signature: the head over them is signed
)

// Options say how much is measured, and how parts are started.
type Options struct {
	Slice   time.Duration // of one turn
	Only    string        // the one step to measure, or the one load of it: line/signed/256; empty: all
	Turns   int
	Acts    int   // in the long record
	Sizes   []int // of records whose folds are measured on the way there
	CatchUp int
	// Pair makes two nodes with an arrangement in force under a name.
	Pair func(name string) ([2]string, error)
	// Mailed gives the nodes of a pair mail as a second way to each other.
	Mailed func(dirs [2]string, accounts [2]Postal) error
	// Start starts a part; a trace of its syncs is written to a file unless that
	// is empty.
	Start func(part, dir, trace string) (*Part, error)
	Trace string            // an empty folder for traces; empty: syncs are not counted
	Step  func(name string) // what is measured now
}

// Report is everything that was measured. Times are microseconds.
type Report struct {
	Machine  Machine   `json:"machine"`
	Lines    []Line    `json:"lines"`
	Syncs    []Syncs   `json:"syncs"`
	Hotline  []Reach   `json:"hotline"`
	SyncsBy  string    `json:"syncs_by"` // what counted them; empty: nothing did
	Parts    []Rate    `json:"parts"`
	Folds    []Fold    `json:"folds"`
	Flat     []Flat    `json:"flat"`
	CatchUp  CatchUp   `json:"catch_up"`
	Start    []Startup `json:"start"`
	IdleRSS  int64     `json:"idle_rss_bytes"`
	Duration float64   `json:"seconds"`
}

// Machine is where it was measured.
type Machine struct {
	OS   string `json:"os"`
	CPU  string `json:"cpu"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

// Latency is a distribution in microseconds.
type Latency struct {
	P50 int64 `json:"p50_us"`
	P99 int64 `json:"p99_us"`
}

// Load is what one way of sending reached.
type Load struct {
	Acts      int     `json:"acts"`
	Whole     Latency `json:"whole"` // from wanting to say it until its receipt is durable
	Sent      Latency `json:"sent"`  // from being durable at its writer until then
	PerSecond float64 `json:"per_second"`
	CPU       float64 `json:"cpu_us_per_act"`    // of both processes together
	Behind    float64 `json:"behind_us_per_act"` // what indexing the words costs besides, once the line is quiet
}

// Line is a load over the line with the floor beside it.
type Line struct {
	Kind  string `json:"kind"`
	At    int    `json:"at_once"`
	Node  Load   `json:"node"`
	Floor Load   `json:"floor"`
	// Judged is the rate when the time until the reader has judged all acts too
	// is counted.
	Judged float64 `json:"judged_per_second"`
}

// Syncs are the system calls that make durable, counted over a load.
type Syncs struct {
	Kind   string  `json:"kind"`
	At     int     `json:"at_once"`
	Acts   int     `json:"acts"`
	Syncs  int     `json:"syncs"` // until the reader had judged them
	PerAct float64 `json:"per_act"`
	Behind int     `json:"behind"` // of what is done once the line is quiet
}

// Rate is how often something that needs no line can be done in a second, on
// one processor.
type Rate struct {
	Name      string  `json:"name"`
	PerSecond float64 `json:"per_second"`
}

// Fold is what folding every request of a record takes.
type Fold struct {
	Acts    int     `json:"acts"`
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak_rss_bytes"`
}

// Flat holds an act in a long record against one in a short.
type Flat struct {
	At    int     `json:"at_once"`
	Short int     `json:"short_acts"`
	Long  int     `json:"long_acts"`
	P50   Ratio   `json:"p50"`
	CPU   Ratio   `json:"cpu"`
	Rate  float64 `json:"rate_ratio"`
}

// Ratio is two figures.
type Ratio struct {
	Short float64 `json:"short"`
	Long  float64 `json:"long"`
}

// CatchUp is how a reader that was away is brought up to date.
type CatchUp struct {
	Acts      int     `json:"acts"`
	PerSecond float64 `json:"per_second"`
	Peak      int64   `json:"peak_rss_bytes"` // of the reader
}

// Startup is how long a node takes from being started until it answers.
type Startup struct {
	Acts   int     `json:"acts"`
	Millis float64 `json:"ms"`
	RSS    int64   `json:"rss_bytes"`
}

// latency sums up samples.
func latency(samples []int64) Latency {
	if len(samples) == 0 {
		return Latency{}
	}
	sorted := slices.Sorted(slices.Values(samples))
	at := func(q float64) int64 { return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))] }
	return Latency{P50: at(0.50), P99: at(0.99)}
}
