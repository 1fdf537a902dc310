package link

import (
	"parley.example/wire/contact"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
)

// Choose names the log to deliver from next: control before hotline before
// routine, always, whatever the length of a lower one. stored is what the
// other is known to hold of our logs. A log that has ended goes as far as it
// reaches: a new generation can begin only where the other holds all before it.
func (s *State) Choose(stored [3]statement.Size, refused [3]bool) (channel uint8, from uint64, ok bool) {
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		own, theirs := s.OwnLog(channel), stored[channel-1]
		if own.Mode == Frozen || refused[channel-1] {
			continue
		}
		from := theirs.Size
		if theirs.Generation != own.Origin.Generation {
			from = min(from, own.Start)
		}
		if from < own.Tree.Size {
			return channel, from, true
		}
	}
	return 0, 0, false
}

// Batch collects entries of one delivery, and says when it is full: no more
// than the bounds past what the reader stores.
type Batch struct {
	Most    int // bytes, where a carrier wants fewer than the bound; 0: the bound
	Entries []contact.Entry
	Last    *ledger.Leaf
	bytes   int
}

// Add takes an entry, or reports that it does not fit any more.
func (b *Batch) Add(leaf *ledger.Leaf, raw, blob []byte) bool {
	size, most := len(raw)+len(blob), ledger.MaxBytes
	if b.Most > 0 {
		most = min(most, b.Most)
	}
	if len(b.Entries) == ledger.MaxEntries || len(b.Entries) > 0 && b.bytes+size > most {
		return false
	}
	b.Entries, b.Last, b.bytes = append(b.Entries, contact.Entry{Leaf: raw, Blob: blob}), leaf, b.bytes+size
	return true
}

// TypeOf is the type that an entry's leaf says it has, before it is read; 0 for
// what is too short to be one.
func TypeOf(e contact.Entry) uint8 {
	if len(e.Leaf) < 3 {
		return 0
	}
	return e.Leaf[2]
}

// Stored gives the sizes of our copies of their logs, as every turn tells them.
func (s *State) Stored() (stored [3]statement.Size) {
	for i, log := range s.Theirs {
		stored[i] = log.Size()
	}
	return stored
}
