package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/hostile"
	"parley.example/internal/locale"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

const (
	control = statement.Control
	hotline = statement.Hotline
	routine = statement.Routine
)

// lying is a story in which cn's machine has gone bad, and us is an honest
// `parley serve` in a process of its own.
type lying struct {
	*story
	p     *hostile.Partner
	rules *arrangement.Document // in force
}

// newLying takes over cn's folder, and has us serve.
func newLying(t *testing.T) *lying {
	t.Helper()
	s, _ := newStory(t, "")
	s.run([]string{"nodes"})
	l := &lying{story: s}
	o, err := openOffice(t.Context(), s.path("cn"), io.Discard, nil)
	s.check(err)
	sh := &shell{dir: s.path("cn"), out: io.Discard, err: io.Discard, locale: localeOf("en"), realm: "real"}
	officer, err := sh.officerKey("duty")
	s.check(err)
	l.p, err = hostile.New(t.Context(), o.store, l.definition(o), officer)
	s.check(err)
	link, err := o.node.Link("us", party.Real)
	s.check(err)
	state, _, err := o.node.Control(t.Context(), link)
	s.check(err)
	now := state.Context(l.p.Now())
	l.p.Rules, l.rules = now.Digest, now.Arrangement
	s.check(o.Close())
	s.check(l.p.Serve(t.Context(), s.env["CN"]))
	s.run([]string{"parley --dir us serve &us&", "ready us"})
	// Its socket may answer its own people before its door is open.
	s.poll("the victim's door", func() bool { return l.p.Settle(t.Context()) == nil })
	return l
}

// definition reads the real realm's keys out of the folder.
func (l *lying) definition(o *office) (found hostile.Definition) {
	l.check(o.store.View(l.t.Context(), func(r store.Reader) error {
		return r.Records(hostile.LinkBucket, "", "", func(rec store.Record) bool {
			raw, err := o.node.Vault.Open(hostile.LinkBucket+"/"+rec.Key, rec.Value)
			l.check(err)
			var d struct {
				hostile.Definition
				Compared string `json:"compared"`
			}
			l.check(ijson.Decode(raw, &d, ijson.Limits{Bytes: 1 << 20}))
			if d.Realm == party.Real {
				found = d.Definition
			}
			return true
		})
	}))
	return found
}

// victim is us as its own commands see it.
func (l *lying) victim() (st api.LinkStatus) {
	var status api.Status
	l.check(api.Dial(l.path("us/parley.sock")).Call(l.t.Context(), "/v1/status", nil, &status))
	return realLink(&status)
}

// send delivers and gives the outcome's code; empty for stored.
func (l *lying) send(p *hostile.Partner, push *contact.Push) fault.Code {
	l.t.Helper()
	answer, err := p.Send(l.t.Context(), push)
	l.check(err)
	if answer.Outcome == nil {
		l.t.Fatal("the delivery is not answered")
	}
	return answer.Outcome.Code
}

// refused: a delivery has this outcome, leaves nothing behind, and is shown to
// people, in both languages, as what was refused.
func (l *lying) refused(p *hostile.Partner, push *contact.Push, want fault.Code) {
	l.t.Helper()
	before := l.victim()
	if have := l.send(p, push); have != want {
		l.t.Fatalf("outcome %q, want %q", have, want)
	}
	after := l.victim()
	for i := range after.Theirs {
		// The victim dials too, and is answered with what the partner's log really has.
		if after.Theirs[i] > max(before.Theirs[i], l.p.Size(true, uint8(i+1))) {
			l.t.Errorf("a refused delivery left something behind: %v, %v", before.Theirs, after.Theirs)
		}
	}
	l.told(want)
}

// goesOn: hotline and control still work, each with a receipt.
func (l *lying) goesOn() {
	l.t.Helper()
	l.p.Lie(nil)
	for _, channel := range []uint8{control, hotline} {
		at := l.p.Epoch(channel)
		if code := l.send(l.p, l.p.Rest(channel)); code != "" {
			l.t.Errorf("channel %d does not go on: %s", channel, code)
		}
		l.receipted(channel, at)
		if v := l.verdict(channel, at); v != 0 {
			l.t.Errorf("channel %d: an honest entry has the verdict %d", channel, v)
		}
	}
	l.run([]string{"parley --dir us --json log verify", "json ok true"})
}

// receipted: the victim's receipt of an entry comes, by whichever side dials.
func (l *lying) receipted(channel uint8, position uint64) {
	l.t.Helper()
	l.poll("a receipt", func() bool {
		l.check(l.p.Settle(l.t.Context()))
		return slices.ContainsFunc(l.p.Theirs(channel, 0), func(leaf *ledger.Leaf) bool {
			return leaf.Type == ledger.TypeReceipt && leaf.Size.Size > position
		})
	})
}

// verdict is what the victim's receipt says of an entry; it fails without one.
func (l *lying) verdict(channel uint8, position uint64) uint16 {
	l.t.Helper()
	for _, leaf := range l.p.Theirs(channel, 0) {
		if leaf.Type != ledger.TypeReceipt || leaf.From > position || leaf.Size.Size <= position {
			continue
		}
		for _, v := range leaf.Verdicts {
			if v.Position == position {
				return v.Reason
			}
		}
		return 0
	}
	l.t.Errorf("entry %d of channel %d is not receipted", position, channel)
	return 0
}

// request is the body of an honest request.
func (l *lying) request() any {
	l.t.Helper()
	raw, err := os.ReadFile(filepath.Join(l.env["FORMS"], "incident.json"))
	l.check(err)
	body, err := act.FromJSON(act.RequestOpen, raw)
	l.check(err)
	return body
}

// victimAsks has the victim say a request, and gives its place once it came.
func (l *lying) victimAsks() uint64 {
	l.t.Helper()
	l.run([]string{"parley --dir us --json request new --officer duty --file $FORMS/incident.json"})
	size := l.victim().Own[routine-1]
	l.poll("the request comes", func() bool {
		_, err := l.p.Exchange(l.t.Context(), l.p.Turn())
		l.check(err)
		return l.p.Size(false, routine) >= size
	})
	return size - 1
}

// told: the victim's people can read of it, in words with the next step.
func (l *lying) told(code fault.Code) {
	l.t.Helper()
	for _, lang := range []string{"en", "zh"} {
		l.run([]string{"parley --dir us --lang " + lang + " log incidents"})
		words := locale.New(lang).Code(code)
		for _, want := range []string{words.Text + " [" + string(code) + "]", words.Next} {
			if !strings.Contains(l.out, want) {
				l.t.Errorf("%q is not among what was refused:\n%s", want, l.out)
			}
		}
	}
	l.run([]string{"parley --dir us --json log incidents"})
	var list []api.Incident
	l.check(json.Unmarshal([]byte(l.out), &list))
	if !slices.ContainsFunc(list, func(i api.Incident) bool {
		return i.Code == string(code) && i.Link == "cn" && i.Realm == "real" && i.First > 0 && i.At >= i.First && i.Count > 0 && strings.HasPrefix(i.Text, i.Code)
	}) {
		l.t.Errorf("%s is not among what was refused: %s", code, l.out)
	}
}

// lie is one way to lie. It may leave the partner's own record spoiled only if
// it works on a clone.
type lie struct {
	name string
	tell func(l *lying)
}

func TestLyingPartner(t *testing.T) {
	for _, c := range slices.Concat(liesInHeads(), liesInLogs(), liesInReceipts(), liesBySilence(), liesInDisowning(), liesInActs(), liesInStatements(), liesAboutActs(), liesInControl(),
		floods()) {
		t.Run(c.name, func(t *testing.T) {
			l := newLying(t)
			c.tell(l)
			l.goesOn()
		})
	}
}
