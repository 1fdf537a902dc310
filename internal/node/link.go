package node

import (
	"context"
	"encoding/hex"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/ledger"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// Buckets of the node's own records.
const (
	bucketLinks       = "kept.links"       // definitions, sealed
	bucketPending     = "kept.pending"     // cards that were exported and not yet answered, sealed
	bucketSecrets     = "kept.secrets"     // epoch secrets, sealed
	bucketPeers       = "kept.peers"       // what the other was last known to hold
	bucketHellos      = "kept.hellos"      // the last hello of each, and our last that they answered
	bucketFetch       = "kept.fetch"       // attachments still to be fetched
	bucketOffers      = "kept.offers"      // attachments a counterpart may fetch
	bucketLost        = "kept.lost"        // attachments of ours that a restore lost, until the counterpart says that it has them
	bucketWanted      = "kept.wanted"      // the time of their newest question for attachments by mail
	bucketIncident    = "kept.incident"    // what was refused, and why
	bucketVerdicts    = "verdicts"         // entries a receipt calls unreadable, and restatements
	bucketHours       = "kept.hours"       // hours of days not yet over in which a hello came
	bucketDestroyed   = "kept.destroyed"   // threads whose content is gone
	bucketAnswered    = "kept.answered"    // causes that were answered automatically
	bucketChanged     = "kept.changed"     // threads to be looked through for automatic acts
	bucketCalls       = "kept.calls"       // calls about which something may still be to be done
	bucketProcedure   = "kept.procedure"   // by which procedure a thread is folded that is no request
	bucketDraws       = "kept.draws"       // secrets of tests that we planned, until they are told, sealed
	bucketContacts    = "kept.contacts"    // threads that are entries of a directory
	bucketVoice       = "kept.voice"       // threads that are series of words for the telephone
	bucketWords       = "kept.words"       // what is left of them, sealed
	bucketTalk        = "kept.talk"        // the row that is being said, sealed
	bucketOpen        = "kept.open"        // threads in which somebody may still owe something; also some in which nobody does
	bucketRanOut      = "kept.ranout"      // requests in which a hold ran out by itself
	bucketCorrections = "kept.corrections" // positions from which on times of a log may be earlier than before
	bucketSince       = "kept.since"       // links of which the two are kept from the beginning
	bucketOfficers    = "kept.officers"    // people whose keys cards publish, sealed
	bucketIndexed     = "kept.indexed"     // how far the words of each log were indexed
	bucketEvidence    = "kept.evidence"    // proofs of forks
	bucketRepeats     = "kept.repeats"     // second uses of act identifiers, with the place of the first
	bucketCustody     = "kept.custody"     // our steps of custody of attachments, sealed
	bucketDisclosed   = "kept.disclosed"   // what we disclosed to third persons, sealed
	bucketGenerations = "kept.generations" // sizes at which generations began
	bucketRegain      = "kept.regain"      // own entries given back, until the head they lead to is reached
	bucketSealed      = "kept.sealed"      // links whose own entries came back and wait for the archive key
	bucketLine        = "kept.line"        // of each line: since when, which alarm, how many of what follows
	bucketHeard       = "kept.heard"       // when a turn last came in, by carrier
	bucketWitness     = "kept.witness"     // hellos that show what was known while something was outstanding
	bucketDeclared    = "kept.declared"    // what the other declared of itself, from when on
	bucketAttempts    = "kept.attempts"    // what became of attempts to deliver
	bucketAlarms      = "kept.alarms"      // alarms that began, and when they ended
	bucketTold        = "kept.told"        // digests that were read to us, signed
	bucketProbes      = "kept.probes"      // results of our tests of the line
	bucketProbeHellos = "kept.probehellos" // the hellos that answered them
	bucketProbed      = "kept.probed"      // the last day of tests that was said
	bucketSurfaced    = "kept.surfaced"    // entries of an older generation of theirs that came too late
)

// definition is a link as it is stored: who, with which keys, from which
// founding cards on.
type definition struct {
	Realm    uint8  `json:"realm"`
	Office   []byte `json:"office"`  // private keys
	Connect  []byte `json:"connect"` // private key to connect with, PKCS #8
	Ours     []byte `json:"ours"`    // founding card
	Theirs   []byte `json:"theirs"`  // founding card
	Compared string `json:"compared"`
}

// Link is one counterpart in one realm.
type Link struct {
	link.Identity
	id      [32]byte
	node    *Node
	office  *suite.Office
	connect []byte
	ours    *party.Card
	theirs  *party.Card

	mu       sync.Mutex
	book     *control.Book
	epochs   map[uint8]*openEpoch // opened by this process, by channel
	read     [2]uint64            // control entries of ours and theirs that the book has
	cache    *recent[placeKey, *procedure.Entry]
	slim     *recent[placeKey, *procedure.Entry] // openings without their words
	unjudged map[placeKey]procedure.Found        // opened when they came, and not asked for yet
	drops    int                                 // how often an entry was dropped from the two
	newest   newest
	meta     linkMeta
	wake     chan struct{}
	marks    map[string]string // of threads that changed since this process started and were not looked through
	calling  chan struct{}     // something was said in a call
	looked   atomic.Bool       // no thread is to be looked through
	digested atomic.Int64      // the day on which the days before it were said
	fetched  atomic.Bool       // no attachment is outstanding
	gains    atomic.Uint64     // updates that changed a log
	indexing sync.Mutex        // one indexing at a time
	turns    sync.Mutex        // one contact at a time
	noting   sync.Mutex        // one note at a time
	leaving  sync.Mutex        // one delivery is chosen at a time
	waiting  []chan struct{}   // closed when something came
	flights  flights           // deliveries under way
	stirred  signal            // there may be something to say
	kept     chan struct{}     // closed when a newer turn than the one that waits has come
	hauls    chan struct{}     // attachments may move
	hurry    chan struct{}     // an attachment waits to be moved
	writing  writings          // that somebody writes
	offered  atomic.Bool       // an act with attachments was said since the last contact

	probes    probes
	probedDay atomic.Int64 // before which the days of tests were said

	mail      posted
	content   mailedContent
	posting   sync.Mutex // one turn by mail at a time
	gathering sync.Mutex
	gatherer  mail.Gatherer      // of what came by mail
	overtaken map[[32]byte]int64 // turns that are left in the mailbox, since when
}

// linkMeta is what the node remembers of contacts while it runs.
type linkMeta struct {
	said        []*contact.Hello // our newest hellos, the last one last
	heardHellos []*contact.Hello // their newest
	by          []Heard          // when a turn last came in, since this process began
	tried       *silence.Attempt // the newest attempt, if it failed and nothing was heard since
	counted     counted
	heard       [16]byte // nonce of their last
	last        *contact.Hello
	kept        *contact.Hello // the last of before this process
	met         link.Met
	lastTurn    int64
	restoring   bool
	failures    int
	failedAt    int64 // when our dialling failed last
	greeted     int64
	stored      [3]statement.Size // as their last turn said
	refused     [3]bool           // in this contact
	refusal     fault.Code
	found       *link.Note // at start
	noted       bool       // since the note was synced
	cosigned    [3]uint64  // sizes of their heads that we cosigned last
	cosignedAt  int64
	quotaSaid   [3]int64 // day of our last notice, by channel
	day         int64
	dayActs     int64
	dayBytes    int64
	lastError   error
	shown       [3]shownHead // of our logs, to observers
	reached     bool         // we reached them since the start
	dialled     int64        // when they dialled us last
	turns       uint64       // of ours that were sent
	held        bool         // a delivery was left to another exchange
	logged      int64        // when progress was logged last
	asked       string       // the last attachment that they were asked to hand over
}

type placeKey struct {
	own      bool
	channel  uint8
	position uint64
}

type openEpoch struct {
	envelope.Epoch
	position uint64
	opened   int64
	acts     int
	cards    [2][32]byte    // of ours and theirs when it was opened
	known    [2]*party.Card // that were found to be those
	origin   ledger.Origin
	wraps    []byte
}

// ID is the link's name in the store.
func (l *Link) ID() [32]byte { return l.id }

// Code is the counterpart's code.
func (l *Link) Code() string { return l.theirs.Code }

// Ours and Theirs are the founding cards.
func (l *Link) Ours() *party.Card   { return l.ours }
func (l *Link) Theirs() *party.Card { return l.theirs }

// Connect is the private key that the link's connections prove, PKCS #8.
func (l *Link) Connect() []byte { return l.connect }

// founding gives the founding cards as lower, higher.
func (l *Link) founding() [2]*party.Card {
	if l.Higher() {
		return [2]*party.Card{l.theirs, l.ours}
	}
	return [2]*party.Card{l.ours, l.theirs}
}

func (l *Link) logID(own bool, channel uint8) store.LogID {
	return store.LogID{Link: l.id, Own: own, Channel: channel}
}

func (n *Node) openDefinition(rec store.Record) (*definition, error) {
	raw, err := n.Vault.Open(bucketLinks+"/"+rec.Key, rec.Value)
	if err != nil {
		return nil, err
	}
	d := &definition{}
	return d, ijson.Decode(raw, d, ijson.Limits{Bytes: 1 << 20})
}

// addLink makes a running link of a definition, and reads its control record.
func (n *Node) addLink(ctx context.Context, d *definition) (*Link, error) {
	ours, err := party.DecodeCard(d.Ours)
	if err != nil {
		return nil, err
	}
	theirs, err := party.DecodeCard(d.Theirs)
	if err != nil {
		return nil, err
	}
	office, err := suite.DecodeOffice(d.Office, n.Signer)
	if err != nil {
		return nil, err
	}
	l := &Link{Identity: link.Identity{Realm: d.Realm, Us: ours.Party, Them: theirs.Party}, node: n, office: office,
		connect: d.Connect, ours: ours, theirs: theirs, epochs: map[uint8]*openEpoch{},
		cache: newCache(), slim: newSlim(), unjudged: map[placeKey]procedure.Found{}, overtaken: map[[32]byte]int64{}, marks: map[string]string{},
		newest: newest{entries: map[placeKey]ownEntry{}, decoded: map[store.LogID]decodedLog{}}, wake: make(chan struct{}, 1), calling: make(chan struct{}, 1), hauls: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
	l.id = l.Identity.ID()
	l.book = control.NewBook(n.Signatures, l.founding())
	if err := n.Store.View(ctx, l.syncBook); err != nil {
		return nil, err
	}
	if err := n.Store.View(ctx, l.checkNote); err != nil {
		return nil, err
	}
	if err := n.Store.View(ctx, func(r store.Reader) error { l.meta.kept, err = l.lastHello(r); return err }); err != nil {
		return nil, err
	}
	if err := l.keepSince(ctx); err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.links[l.id] = l
	n.mu.Unlock()
	return l, nil
}

// state reads the six logs.
func (l *Link) state(r store.Reader) (*link.State, error) {
	s := &link.State{Identity: l.Identity}
	var err error
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		if s.Own[channel-1], err = l.log(r, true, channel); err != nil {
			return nil, err
		}
		if s.Theirs[channel-1], err = l.log(r, false, channel); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// records answers, for one log, what its next leaf may say about other places.
type records struct {
	l       *Link
	r       store.Reader
	own     bool
	channel uint8
}

func (q records) Epoch(position uint64) bool {
	row, err := q.r.Row(q.l.logID(q.own, q.channel), position)
	return err == nil && row.Type == ledger.TypeEpoch
}

func (q records) Substance(from, to uint64) bool {
	yes, err := q.r.Other(q.l.logID(!q.own, q.channel), from, to, ledger.TypeReceipt)
	return err == nil && yes
}

func (q records) ControlSeen(own bool, size uint64) (uint64, bool) {
	row, err := q.r.Row(q.l.logID(own == q.own, statement.Control), size-1)
	if err != nil {
		return 0, false
	}
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		return 0, false
	}
	return leaf.Seen[0].Size, true
}

func (q records) Root(size uint64) (tlog.Hash, bool) {
	return rootAt(q.r, q.l.logID(!q.own, q.channel), size)
}

// secretKey is the record under which an epoch's secret is kept.
func secretKey(id store.LogID, position uint64) string {
	side := "theirs"
	if id.Own {
		side = "own"
	}
	return hex.EncodeToString(id.Link[:]) + "/" + side + "/" + string('0'+rune(id.Channel)) + "/" + fault.Int(position)
}

// bookSizesLocked gives the control sizes that the book has read.
func (l *Link) bookSizesLocked() [2]uint64 {
	return control.Sizes(l.Higher(), l.read[0], l.read[1])
}

func (l *Link) condition() uint8 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.meta.restoring {
		return contact.Restoring
	}
	return contact.Ready
}

func (l *Link) lastNonce() [16]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.heard
}

// sentHello remembers a hello of ours: one of theirs may answer it.
func (l *Link) sentHello(h *contact.Hello) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.said = remember(l.meta.said, h)
}
