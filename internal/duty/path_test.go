package duty

import (
	"fmt"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Spec: DTY-19.
func TestPaths(t *testing.T) {
	p := NewPaths("ann")
	for i := range MaxPaths {
		if _, err := p.Add([4]byte{byte(i)}, "mail", fmt.Sprint("ann", i, "@example"), Nothing, 5); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string, _ *Path, err error) {
		t.Helper()
		if !fault.Is(err, rule.DutyPath) {
			t.Errorf("%s: %v", what, err)
		}
	}
	x, err := p.Add([4]byte{9}, "mail", "one more", Nothing, 5)
	refused("too many", x, err)
	if err := p.Remove("07000000"); err != nil || len(p.List) != MaxPaths-1 {
		t.Fatalf("%d paths, %v", len(p.List), err)
	}
	for name, c := range map[string]struct {
		kind, address string
		reveals       Reveals
	}{
		"twice": {"mail", "ann0@example", Nothing}, "blank": {"mail", " ", Nothing}, "lines": {"mail", "a\r\nBcc: b", Nothing},
		"long": {"mail", strings.Repeat("x", MaxAddress+1), Nothing}, "the desk": {Desk, "x", Nothing}, "no kind": {"", "x", Nothing}, "reveals": {"mail", "x", "all"},
	} {
		x, err := p.Add([4]byte{10}, c.kind, c.address, c.reveals, 5)
		refused(name, x, err)
	}
	refused("unknown", nil, p.Remove("none"))
	raw, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodePaths(raw)
	if err != nil || len(again.List) != MaxPaths-1 || again.Person != "ann" {
		t.Errorf("%v, %v", again, err)
	}
	if _, err := DecodePaths([]byte(strings.Replace(string(raw), `"version":1`, `"version":2`, 1))); !fault.Is(err, rule.DutyPath) {
		t.Errorf("another version: %v", err)
	}
}

// Spec: DTY-20.
func TestCode(t *testing.T) {
	p := NewPaths("ann")
	x, err := p.Add([4]byte{1}, "sms", "+1 555 0100", Nothing, 5)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, rule.DutyCode) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("none was asked for", x.Confirm("12345678", 10))
	now := int64(1_000_000)
	code, err := x.Issue([16]byte{1, 2, 3}, now)
	if err != nil || len(code) != 8 {
		t.Fatal(code, err)
	}
	raw, err := p.Encode()
	if err != nil || strings.Contains(string(raw), code) {
		t.Errorf("the code itself is kept: %v", err)
	}
	_, err = x.Issue([16]byte{4}, now+CodeEvery-1)
	refused("again at once", err)
	refused("too late", x.Confirm(code, now+CodeFor))
	refused("before it was made", x.Confirm(code, now-1))
	if x.Fresh(now, 90) {
		t.Error("confirmed by nothing")
	}
	if err := x.Confirm(code, now+CodeFor-1); err != nil {
		t.Fatal(err)
	}
	refused("twice", x.Confirm(code, now+2))
	if day := x.Verified + 90*dayMillis; !x.Fresh(day-1, 90) || x.Fresh(day, 90) {
		t.Error("90 days are not 90 days")
	}
	if code, err = x.Issue([16]byte{7}, now+CodeFor); err != nil {
		t.Fatal(err)
	}
	for range CodeTries {
		refused("wrong", x.Confirm("00000000", now+CodeFor+1))
	}
	refused("right, after too many wrong ones", x.Confirm(code, now+CodeFor+1))
	if x.Verified == 0 {
		t.Error("what was confirmed is so no more")
	}
	// A code of one path is none of another.
	y, err := p.Add([4]byte{2}, "mail", "ann@example", Nothing, 5)
	if err != nil {
		t.Fatal(err)
	}
	x, _ = p.Find("01000000")
	y.Code = &Code{Hash: x.hash("11111111"), Issued: now}
	refused("another's", y.Confirm("11111111", now))
}

// Spec: DTY-21.
func TestReveals(t *testing.T) {
	all := []Reveals{Nothing, Level, Subject}
	for i, a := range all {
		for j, b := range all {
			if got := a.Least(b); got != all[min(i, j)] {
				t.Errorf("%q and %q show %q", a, b, got)
			}
		}
	}
}
