package web

import (
	"net/url"
	"slices"
	"sync"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Acts that wait for a second signature are few, and not kept for long: the
// node lays out 256 acts at a time, and a call does not wait.
const (
	mostFirsts = 64
	firstsKept = 24 * time.Hour
)

// firstSigned is an act that one officer has signed and that waits for another.
// It is kept in memory alone: when the node starts anew, the first signs anew.
type firstSigned struct {
	Token, Link, Realm string
	Kind, Call, By     string
	At                 time.Time
	Signature          api.Signature
	Persons            int
}

// firsts are those of a desk, oldest first.
type firsts struct {
	mu   sync.Mutex
	list []*firstSigned
}

func (f *firsts) put(one *firstSigned) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(slices.DeleteFunc(f.list, func(x *firstSigned) bool { return one.At.Sub(x.At) > firstsKept }), one)
	if len(f.list) > mostFirsts {
		f.list = slices.Clone(f.list[len(f.list)-mostFirsts:])
	}
}

func (f *firsts) get(token string) *firstSigned {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.IndexFunc(f.list, func(x *firstSigned) bool { return x.Token == token }); i >= 0 {
		return f.list[i]
	}
	return nil
}

func (f *firsts) drop(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(f.list, func(x *firstSigned) bool { return x.Token == token })
}

// of lists those with a counterpart.
func (f *firsts) of(link, realm string) (list []*firstSigned) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.list {
		if x.Link == link && x.Realm == realm {
			list = append(list, x)
		}
	}
	return list
}

// waitsRow is an act that waits for a second officer.
type waitsRow struct{ Path, Kind, By, At string }

// waitingFor lists what waits for a second officer, of some kinds; what the node
// has let go of is forgotten.
func (v *visit) waitingFor(takes func(kind string) bool) (list []waitsRow) {
	for _, x := range v.server.firsts.of(v.link, v.realm) {
		if !takes(x.Kind) {
			continue
		}
		page := "calls-second"
		if stops(x.Kind) {
			page = "suspension-second"
		}
		if _, err := v.prepared(x.Token, takes); fault.Is(err, rule.ActLate) {
			v.server.firsts.drop(x.Token)
			continue
		}
		list = append(list, waitsRow{v.path(page, x.Token), v.names().Kind(x.Kind), x.By, v.Clock(x.At.UnixMilli())})
	}
	return list
}

// prepared is an act that waits for signatures, if it is of the kinds of a page.
func (v *visit) prepared(token string, takes func(kind string) bool) (*api.Prepared, error) {
	p := &api.Prepared{}
	if err := v.client.Call(v.ctx(), "/v1/prepared/"+url.PathEscape(token), nil, p); err != nil {
		return nil, err
	}
	if !takes(p.Kind) {
		return nil, fault.New(rule.ActKind, "kind", p.Kind)
	}
	return p, nil
}

// gather joins the signature that came with a form to the one that waits for it,
// and gives what is to be submitted; nil when it is the first and waits now. One
// person signs once: that is act.persons, to be told beside the act. persons is
// how many must sign, about what the act is about.
func (v *visit) gather(token, kind, about string, persons func() (int, error)) (*api.Submit, error) {
	signature, err := v.assertion()
	if err != nil {
		return nil, err
	}
	in := &api.Submit{Token: token, Signatures: []api.Signature{signature}}
	if first := v.server.firsts.get(token); first != nil {
		if first.Signature.KeyID == signature.KeyID {
			return nil, fault.New(rule.ActPersons, "kind", kind, "persons", fault.Int(first.Persons), "signed", "1")
		}
		in.Signatures = []api.Signature{first.Signature, signature}
		return in, nil
	}
	n, err := persons()
	if err != nil || n <= 1 {
		return in, err
	}
	v.server.firsts.put(&firstSigned{Token: token, Link: v.link, Realm: v.realm, Kind: kind, Call: about, By: v.me.Name, At: v.now,
		Signature: signature, Persons: n})
	return nil, nil
}

// secondOf is the act that a path asks a second officer to sign, and who signed
// it first.
func (v *visit) secondOf(takes func(kind string) bool) (*firstSigned, *api.Prepared, error) {
	first := v.server.firsts.get(v.r.PathValue("token"))
	if first == nil || first.Link != v.link || first.Realm != v.realm {
		return nil, nil, fault.New(rule.ActLate, "kind", "prepared act")
	}
	p, err := v.prepared(first.Token, takes)
	return first, p, err
}

// secondDrop has an act not wait any more, for those who have a power.
func (v *visit) secondDrop(power, page string) error {
	if !v.may(power) {
		return fault.New(rule.AccessDenied)
	}
	v.server.firsts.drop(v.r.PathValue("token"))
	return v.see(v.path(page))
}
