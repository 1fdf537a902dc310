package api

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"parley.example/internal/access"
	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Buckets of what the office keeps about its people.
const (
	bucketAccounts     = "accounts"     // by identifier
	bucketInvitations  = "invitations"  // by hash of the code
	bucketCompartments = "compartments" // by request
	bucketAccess       = "access"       // entries of the access record, newest first
)

// Bounds of what is kept.
const (
	maxAccounts   = 2048
	maxSessions   = 4096
	sameRead      = 60 * 1000 // the same read of the same person within this time is one entry
	maxRemembered = 4096
)

// people is what the node keeps about one's own people, read once. What stands
// in the maps is never changed, but put anew.
type people struct {
	mu           sync.Mutex
	loaded       bool
	accounts     map[string]*access.Account
	compartments map[string]*access.Compartment
	sessions     map[[32]byte]*access.Session
	reads        map[string]int64 // when a read was last recorded
}

// load reads what is kept, once; after a change that failed, again.
func (s *Server) load(ctx context.Context) error {
	if s.people.loaded {
		return nil
	}
	accounts, compartments := map[string]*access.Account{}, map[string]*access.Compartment{}
	err := s.Node.ReadKept(ctx, func(k *node.Kept) error {
		err := k.Each(bucketAccounts, "", func(_ string, raw []byte) (bool, error) {
			a, err := access.DecodeAccount(raw)
			if err == nil {
				accounts[a.ID] = a
			}
			return true, err
		})
		if err != nil {
			return err
		}
		return k.Each(bucketCompartments, "", func(key string, raw []byte) (bool, error) {
			c, err := access.DecodeCompartment(raw)
			compartments[key] = c
			return true, err
		})
	})
	if err != nil {
		return err
	}
	p := &s.people
	p.loaded, p.accounts, p.compartments = true, accounts, compartments
	if p.sessions == nil {
		p.sessions, p.reads = map[[32]byte]*access.Session{}, map[string]int64{}
	}
	return nil
}

// withPeople calls f with what is known of people, under their lock.
func (s *Server) withPeople(ctx context.Context, f func(*people) error) error {
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return err
	}
	return f(&s.people)
}

// account finds an account by identifier or by name: access.account.
func (p *people) account(named string) (*access.Account, error) {
	if a := p.accounts[named]; a != nil {
		return a, nil
	}
	for _, a := range p.accounts {
		if a.Name == named && a.Ended == 0 {
			return a, nil
		}
	}
	return nil, fault.New(rule.AccessAccount, "name", named)
}

// list gives all accounts, by name.
func (p *people) list() []*access.Account {
	return slices.SortedFunc(maps.Values(p.accounts), func(a, b *access.Account) int {
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
}

// change is one change to what is kept: accounts put anew, and what is written
// to the access record with them.
type change struct {
	kept     *node.Kept
	people   *people
	now      int64
	accounts []*access.Account
	entries  []access.Entry
}

// copyOf gives an account that may be changed, and is kept when all went well.
func (c *change) copyOf(named string) (*access.Account, error) {
	a, err := c.people.account(named)
	if err != nil {
		return nil, err
	}
	twin := *a
	twin.NoteArrival(c.now)
	c.accounts = append(c.accounts, &twin)
	return &twin, nil
}

func (c *change) record(by *caller, action, words string) {
	e := access.Entry{At: c.now, Action: action, Words: words}
	by.sign(&e)
	c.entries = append(c.entries, e)
}

// change makes a change to people, all of it and its entries in the access
// record, or nothing.
func (s *Server) change(ctx context.Context, f func(*change) error) error {
	return s.withPeople(ctx, func(p *people) error {
		var c *change
		err := s.Node.ChangeKept(ctx, func(k *node.Kept) error {
			c = &change{kept: k, people: p, now: s.Node.Now()}
			if err := f(c); err != nil {
				return err
			}
			for _, a := range c.accounts {
				a.NoteArrival(c.now)
				raw, err := a.Encode()
				if err != nil {
					return err
				}
				if err := k.Put(bucketAccounts, a.ID, raw); err != nil {
					return err
				}
			}
			return enter(k, c.entries)
		})
		if err != nil {
			if fault.Is(err, rule.StoreUnknown) { // what it left is read anew
				p.loaded = false
			}
			return err
		}
		for _, a := range c.accounts {
			p.accounts[a.ID] = a
		}
		return nil
	})
}

// entryKey makes the newest entry the first.
func entryKey(n int64) string { return fmt.Sprintf("%016x", math.MaxInt64-n) }

// enter writes entries to the access record.
func enter(k *node.Kept, entries []access.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	newest := int64(0)
	err := k.Each(bucketAccess, "", func(key string, _ []byte) (bool, error) {
		var inverse int64
		_, err := fmt.Sscanf(key, "%x", &inverse)
		newest = math.MaxInt64 - inverse
		return false, err
	})
	if err != nil {
		return fault.Wrap(err, rule.StoreDamaged, "what", "access record")
	}
	for _, e := range entries {
		raw, err := e.Encode()
		if err != nil {
			return err
		}
		newest++
		if err := k.Put(bucketAccess, entryKey(newest), raw); err != nil {
			return err
		}
	}
	return nil
}

// recordRead writes a read down before its answer is given. The same person's
// same read again within a minute is the entry that there is: pages that are
// brought up to date ask again and again.
func (s *Server) recordRead(ctx context.Context, by *caller, action access.Action, route string, about scope) error {
	e := access.Entry{At: s.Node.Now(), Action: string(action), Route: route, Link: about.Link, Request: about.Request, Words: about.Words}
	by.sign(&e)
	same := strings.Join([]string{e.Account, e.Action, e.Route, e.Link, e.Request, e.Words}, "\x00")
	s.people.mu.Lock()
	last, again := s.people.reads[same]
	s.people.mu.Unlock()
	if again && e.At-last < sameRead {
		return nil
	}
	if err := s.Node.ChangeKept(ctx, func(k *node.Kept) error { return enter(k, []access.Entry{e}) }); err != nil {
		return err
	}
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	if len(s.people.reads) >= maxRemembered {
		clear(s.people.reads)
	}
	s.people.reads[same] = e.At
	return nil
}
