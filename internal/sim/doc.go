// Package sim implements docs/simulation.md: two nodes and a hostile world, in
// one process and one goroutine, from one seed. Time, network, disks, clocks,
// officers and accidents are drawn from the seed alone, so that what failed
// once fails again; one checker looks after every step whether all that the
// protocol promises still holds.
//
// Words. A *world* is one run. A *side* is one party's machine: its disk, its
// note, its clock, its officers, and the node that runs on it now. A *fate* is
// what befalls one commit. An *invariant* is a promise that the checker holds
// the world to, by name. The *reference* is a second opinion on what is owed by
// when. A *mutation* is a bug planted in what surrounds the nodes, to see that
// the checker notices.
//
// The package has no code but tests: nothing can import it.
package sim
