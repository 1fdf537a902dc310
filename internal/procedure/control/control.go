// Package control implements spec/control.md: what the control record of a
// link says at any two of its sizes: which cards and arrangement are in force,
// and what is suspended. Every other procedure is judged in that context.
//
// A card is in force at two sizes when it stands within its party's size and a
// receipt for it within the other's: so both know it before either relies on
// it, and a key is never needed before it could have been learned. A
// suspension works from its receipt. An arrangement is in force when both
// signatures are within the sizes and its instant has come.
package control

import (
	"cmp"
	"slices"
	"sort"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// Fact is a control act with the place of its first receipt.
type Fact struct {
	*procedure.Entry
	Digest    [32]byte              // of a raw body that proposes an arrangement
	Proposal  *arrangement.Document // what it proposes
	Card      *party.Card           // what it announces
	Disowns   *evidence.Compromise  // what it disowns
	Replaces  *party.Replacement    // the officer's key that it replaces
	Receipted bool
	ReceiptAt uint64 // position of that receipt in the other's control log
	Effective int64  // its time: from when a suspension works
}

// Book is the control record of one link, as far as it was added.
type Book struct {
	v        party.Signatures
	link     [2]party.ID // lower, higher
	founding [2]*party.Card
	facts    [2][]*Fact
	receipts [2][]receipt         // of the lower's and of the higher's control log
	days     [2][]heard           // digests in the lower's and in the higher's control log
	states   map[[2]uint64]*State // cache; every state is a value and never changes
}

// receipt covers the first size entries of a control log; it stands at a
// position of the other's.
type receipt struct{ size, at uint64 }

// NewBook starts from the two founding cards that people compared.
func NewBook(v party.Signatures, founding [2]*party.Card) *Book {
	return &Book{v: v, link: [2]party.ID{founding[0].Party, founding[1].Party}, founding: founding, states: map[[2]uint64]*State{}}
}

// Add takes the next entry of one of the two control logs, in the order of its
// log; both logs' entries that it has seen were added before.
func (b *Book) Add(e *procedure.Entry) *Fact {
	side := procedure.Side(e.Higher)
	f := &Fact{Entry: e}
	if e.Fault == nil {
		e.Fault = b.read(f, side)
	}
	b.facts[side] = append(b.facts[side], f)
	clear(b.states)
	return f
}

// read reads raw bodies, which are judged by what stands before them.
func (b *Book) read(f *Fact, side int) error {
	switch f.Kind.Name {
	case act.Card:
		card, err := party.DecodeCard(f.Act.Body)
		if err != nil {
			return err
		}
		before := b.newest(side, f.Position)
		switch {
		case before.Digest() == card.Digest() && card.Serial == 1:
		default:
			if err := card.VerifySuccessor(b.v, before, b.link[1-side]); err != nil {
				return err
			}
		}
		f.Card = card
	case act.Compromise:
		declared, err := evidence.DecodeCompromise(f.Act.Body)
		if err != nil {
			return err
		}
		card := b.newest(side, f.Position)
		if err := declared.Verify(b.v, card.Realm, b.link[side], b.link[1-side], card.Root); err != nil {
			return err
		}
		f.Disowns = declared
	case act.OfficerReplace:
		replaced, err := party.DecodeReplacement(f.Act.Body)
		if err == nil {
			var keys []string
			for _, s := range f.Act.Signatures {
				keys = append(keys, s.KeyID)
			}
			err = replaced.Check(f.Context.Cards[side], keys)
		}
		if err != nil {
			return err
		}
		f.Replaces = replaced
	case act.ArrangementPropose:
		document, err := arrangement.Parse(f.Act.Body)
		if err == nil {
			err = b.inOrder(document)
		}
		if err != nil {
			return err
		}
		f.Proposal, f.Digest = document, arrangement.Digest(f.Act.Body)
	case act.Suspend, act.Narrow, act.Resume, act.Terminate:
		return b.mayStop(f, side)
	case act.ArrangementSign, act.ArrangementDrop:
		id, err := party.ParseID(f.Body.(*act.DigestBody).Digest)
		if err != nil {
			return err
		}
		f.Digest = id
	}
	return nil
}

// mayStop holds who suspends, narrows, resumes or terminates to the arrangement
// in force where they say so: their roles, how many persons they are (one person
// has two passkeys), and that a termination leaves the time it has to.
func (b *Book) mayStop(f *Fact, side int) error {
	if f.Context == nil {
		return nil
	}
	d := f.Context.Arrangement
	body, ends := f.Body.(*act.TerminateBody)
	if d == nil {
		if ends {
			return fault.New(rule.ActUnstarted, "kind", f.Kind.Name)
		}
		return nil
	}
	var roles []string
	persons := map[string]bool{}
	for _, o := range f.Officers() {
		roles, persons[o.Name] = append(roles, o.Role), true
	}
	if err := d.MayStop(f.Kind.Name, b.link[side].String(), roles, len(persons)); err != nil {
		return err
	}
	if ends && body.On < d.Effect(0, calendar.Instant(f.Time)) {
		return fault.New(rule.ActTerm, "kind", f.Kind.Name, "until", body.On.String())
	}
	return nil
}

// inOrder refuses a document with any breach, or for other parties than the
// link's, so that none comes into force whoever signs it; of several breaches it
// names the one whose path comes first.
func (b *Book) inOrder(d *arrangement.Document) error {
	problems := d.Check()
	if len(problems) == 0 {
		for _, id := range b.link {
			if _, ok := d.Party(id.String()); !ok {
				return fault.New(rule.ArrangementParty, "path", "/parties")
			}
		}
		return nil
	}
	return slices.MinFunc(problems, func(a, b *fault.Fault) int {
		return cmp.Or(cmp.Compare(a.Args[1], b.Args[1]), cmp.Compare(a.Code, b.Code)) // "path", and the path
	})
}

// Try judges an act of a control log as if it were added now, and says why it
// would have no effect; the book stays as it is. No act leaves that the other
// side would pass over.
func (b *Book) Try(e *procedure.Entry, sizes [2]uint64) error {
	trial := *b
	trial.states = map[[2]uint64]*State{}
	for side := range trial.facts {
		trial.facts[side] = slices.Clone(trial.facts[side])
	}
	said := *e
	f := trial.Add(&said)
	sizes[procedure.Side(e.Higher)] = e.Position + 1
	if f.Fault != nil {
		return f.Fault
	}
	for _, ignored := range trial.At(sizes).Ignored() {
		if ignored.Fact == f {
			return ignored.Err
		}
	}
	return nil
}

// newest is the card a party announced last before a position of its log.
func (b *Book) newest(side int, before uint64) *party.Card {
	card := b.founding[side]
	for _, f := range b.facts[side] {
		if f.Card != nil && f.Fault == nil && f.Position < before {
			card = f.Card
		}
	}
	return card
}

// Announced lists every card a party may hold keys of now: the one in force
// and those announced since, for pinning connections and checking hellos.
func (b *Book) Announced(side int) []*party.Card {
	cards := []*party.Card{b.founding[side]}
	for _, f := range b.facts[side] {
		if f.Card != nil && f.Fault == nil && f.Card.Serial > 1 {
			cards = append(cards, f.Card)
		}
	}
	return cards[max(0, len(cards)-2):]
}

// Chain lists a party's cards from the founding one on.
func (b *Book) Chain(side int) []*party.Card {
	cards := []*party.Card{b.founding[side]}
	for _, f := range b.facts[side] {
		if f.Card != nil && f.Fault == nil && f.Card.Serial > 1 {
			cards = append(cards, f.Card)
		}
	}
	return cards
}

// Known lists a party's cards and, behind each, what replacements made of it:
// whose key a signature is that was made at any time.
func (b *Book) Known(side int) []*party.Card {
	cards := []*party.Card{b.founding[side]}
	for _, f := range b.facts[side] {
		switch {
		case f.Fault != nil:
		case f.Card != nil && f.Card.Serial > 1:
			cards = append(cards, f.Card)
		case f.Replaces != nil:
			cards = append(cards, f.Replaces.On(cards[len(cards)-1]))
		}
	}
	return cards
}

// Receipt notes a receipt that covers one side's control entries up to a size:
// where it stands in the other's control log, and its time.
func (b *Book) Receipt(higher bool, size, at uint64, time int64) {
	side := procedure.Side(higher)
	b.receipts[side] = append(b.receipts[side], receipt{size, at})
	for _, f := range b.facts[side] {
		if !f.Receipted && f.Position < size {
			f.Receipted, f.ReceiptAt, f.Effective = true, at, time
		}
	}
	clear(b.states)
}

// heard is one daily digest: in which hours a hello of the other's came in.
type heard struct {
	at         uint64
	day, hours uint32
}

// Digest notes a daily digest of one side's, at a position of its control log.
func (b *Book) Digest(higher bool, at uint64, day, hours uint32) {
	side := procedure.Side(higher)
	b.days[side] = append(b.days[side], heard{at, day, hours})
}

// Outages gives, within two control sizes and two instants, the hours that are
// absent from the lower's and from the higher's digests. A day that nobody has
// spoken of yet has none.
func (b *Book) Outages(sizes [2]uint64, from, to calendar.Instant) (out [2][]calendar.Span) {
	const hour = 60 * 60 * 1000
	for side, days := range b.days {
		first := sort.Search(len(days), func(i int) bool { return calendar.Instant(days[i].day+1)*24*hour > from })
		for _, d := range days[first:] {
			start := calendar.Instant(d.day) * 24 * hour
			if d.at >= sizes[side] || start >= to {
				break
			}
			for h := range calendar.Instant(24) {
				if d.hours>>h&1 == 0 {
					out[side] = append(out[side], calendar.Span{From: start + h*hour, To: start + (h+1)*hour})
				}
			}
		}
		out[side] = calendar.Union(out[side])
	}
	return out
}

// Days calls f with the days that a side's log tells of within a size, and the
// hours of each in which it heard the other, in the order in which it told.
func (b *Book) Days(higher bool, size uint64, f func(day, hours uint32)) {
	for _, d := range b.days[procedure.Side(higher)] {
		if d.at >= size {
			return
		}
		f(d.day, d.hours)
	}
}

// Facts lists both logs' control acts in merged order.
func (b *Book) Facts() []*Fact { return record.Merge(b.facts[0], b.facts[1]) }

// within lists, in merged order, the facts before two sizes.
func (b *Book) within(sizes [2]uint64) []*Fact {
	var cut [2][]*Fact
	for side, facts := range b.facts {
		n := sort.Search(len(facts), func(i int) bool { return facts[i].Position >= sizes[side] })
		cut[side] = facts[:n]
	}
	return record.Merge(cut[0], cut[1])
}

// known reports whether the receipt of a fact is within the sizes.
func (f *Fact) known(sizes [2]uint64) bool {
	return f.Receipted && f.ReceiptAt < sizes[1-procedure.Side(f.Higher)]
}

// Sizes orders two control sizes as lower, higher for an entry of one side.
func Sizes(higher bool, own, other uint64) [2]uint64 {
	if higher {
		return [2]uint64{other, own}
	}
	return [2]uint64{own, other}
}

// CheckCard refuses a card of our own that may not be announced next.
func (b *Book) CheckCard(higher bool, card *party.Card) error {
	side := procedure.Side(higher)
	if err := card.VerifySuccessor(b.v, b.newest(side, ^uint64(0)), b.link[1-side]); err != nil {
		return fault.Wrap(err, rule.ActCard, "serial", fault.Int(card.Serial))
	}
	for _, f := range b.facts[side] { // made before the key was lost
		if f.Replaces == nil || f.Fault != nil {
			continue
		}
		if o, there := card.Officer(f.Replaces.Lost); there {
			return fault.New(rule.ActCard, "serial", fault.Int(card.Serial), "officer", o.Name, "key", f.Replaces.Lost)
		}
	}
	return nil
}
