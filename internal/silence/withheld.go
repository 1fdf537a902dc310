package silence

import (
	"cmp"
	"slices"

	"parley.example/wire/contact"
	"parley.example/wire/statement"
)

// Witness is a hello of the reader's, as it signed it, and the writer's hello
// over whose nonce it is: what was told in that was known when this was said.
type Witness struct {
	Hello    *contact.Hello
	Answered *contact.Hello // nil: it answers none that is kept
}

// Log is what a cut holds of one log of the writer's.
type Log struct {
	Generation uint32
	Start      uint64 // where that generation began
	Covered    uint64 // receipted, by the reader's receipt leaves within the cut
}

// Item is a run of entries of one log that the reader was told of by one
// instant, and for which the cut holds no receipt.
type Item struct {
	Channel  uint8
	From, To uint64 // positions, To apart
	Since    int64  // time of the reader's first hello that shows it knew
	Until    int64  // time of its newest hello
	Stored   bool   // by that it has stored them, else it says it has not
	State    uint8  // of it, as it said then
}

// Over reports whether the run has been outstanding for longer than the limit
// by the reader's own hellos; the writer's clock has no part in it.
func (i Item) Over(limit int64) bool { return i.Until-i.Since > limit }

// Outstanding gives what the reader was told of and the cut holds no receipt
// for, up to an instant, from the reader's own hellos alone. substance says
// whether a run of stored entries has one that asks for a receipt (LED-25). The
// order of the witnesses has no part in it, nor who computes it.
func Outstanding(logs [3]Log, list []Witness, instant int64, substance func(channel uint8, from, to uint64) bool) (items []Item) {
	list = slices.DeleteFunc(slices.Clone(list), func(w Witness) bool { return w.Hello.Time > instant })
	if len(list) == 0 {
		return nil
	}
	list = InOrder(list)
	newest := list[len(list)-1].Hello
	for i, log := range logs {
		at := log.Covered
		stored := max(at, log.reach(newest.Stored[i]))
		for _, w := range list {
			to := w.told(i, log)
			for at < to {
				item := Item{Channel: uint8(i + 1), From: at, To: to, Since: w.Hello.Time, Until: newest.Time, Stored: at < stored, State: newest.State}
				if item.Stored {
					item.To = min(to, stored)
				}
				if at = item.To; !item.Stored || substance(item.Channel, item.From, item.To) {
					items = append(items, item)
				}
			}
		}
	}
	return items
}

// InOrder sorts by what was signed alone, and leaves out what is there twice.
func InOrder(list []Witness) []Witness {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Witness) int {
		return cmp.Or(cmp.Compare(a.Hello.Time, b.Hello.Time), slices.Compare(a.Hello.Nonce[:], b.Hello.Nonce[:]),
			cmp.Compare(len(answers(b)), len(answers(a))))
	})
	return slices.CompactFunc(list, func(a, b Witness) bool { return a.Hello.Nonce == b.Hello.Nonce })
}

// answers is empty when the hello answered is not kept.
func answers(w Witness) []*contact.Hello {
	if w.Answered == nil {
		return nil
	}
	return []*contact.Hello{w.Answered}
}

// told is up to where the reader knew of a log when it signed its hello: what
// it says it was shown or has stored, or what the hello it answers named.
func (w Witness) told(i int, log Log) uint64 {
	to := max(log.reach(w.Hello.Shown[i].Size), log.reach(w.Hello.Stored[i]))
	if w.Answered != nil {
		to = max(to, log.reach(w.Answered.Own[i].Size))
	}
	return to
}

// reach reads a size in the log's generation: of an earlier one only what stayed.
func (l Log) reach(s statement.Size) uint64 {
	if s.Generation < l.Generation {
		return min(s.Size, l.Start)
	}
	return s.Size
}

// NothingSince reports whether a hello of theirs, held against what is stored
// here of their logs, shows that all they have written until its time is here.
func NothingSince(h *contact.Hello, stored [3]contact.Sized) bool {
	for i, own := range h.Own {
		if own.Size.Size > 0 && own != stored[i] {
			return false
		}
	}
	return true
}
