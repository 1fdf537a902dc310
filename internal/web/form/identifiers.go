package form

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"parley.example/wire/arrangement"
)

// between parts the value of an identifier from its time window, and a window's
// two ends from each other.
const (
	between = " |"
	until   = " / "
)

// ReadIdentifiers reads what was typed, one on each line: a value, before it
// the code or the name of its kind with a colon where that is not plain, behind
// it its time window: 198.51.100.17 | 2026-03-09 04:10 / 2026-03-10. bad are
// the lines, from 1, whose window cannot be read.
func ReadIdentifiers(typed string, kinds []arrangement.Choice) (list []arrangement.Identifier, bad []int) {
	for i, raw := range strings.Split(text(typed), "\n") {
		raw = line(raw)
		if raw == "" {
			continue
		}
		one := arrangement.Identifier{}
		value := raw
		if at := strings.LastIndex(raw, between); at >= 0 {
			window, ok := readWindow(raw[at+len(between):])
			if !ok {
				bad = append(bad, i+1)
				continue
			}
			value, one.Window = strings.TrimSpace(raw[:at]), window
		}
		one.Kind, one.Value = kindOf(value, kinds)
		list = append(list, one)
	}
	return list, bad
}

func readWindow(s string) (*arrangement.Window, bool) {
	if strings.TrimSpace(s) == "" {
		return nil, true
	}
	from, to, both := strings.Cut(s, until)
	if !both {
		to = from
	}
	w := &arrangement.Window{}
	var ok [2]bool
	w.From, ok[0] = ReadInstant(from)
	w.To, ok[1] = ReadInstant(to)
	return w, ok[0] && ok[1]
}

// WriteIdentifiers writes identifiers as they would be typed.
func WriteIdentifiers(list []arrangement.Identifier, kinds []arrangement.Choice) string {
	var lines []string
	for _, one := range list {
		s := line(one.Value)
		if kind, value := kindOf(s, kinds); kind != one.Kind || value != s {
			s = one.Kind + ": " + s
		}
		switch {
		case one.Window != nil:
			s += between + " " + WriteInstant(one.Window.From) + until + WriteInstant(one.Window.To)
		case strings.Contains(s, between):
			s += between
		}
		lines = append(lines, s)
	}
	return strings.Join(lines, "\n")
}

// kindOf takes the kind before the colon, or guesses it.
func kindOf(typed string, kinds []arrangement.Choice) (kind, value string) {
	typed = strings.TrimSpace(typed)
	if at := strings.IndexAny(typed, ":："); at > 0 {
		named := strings.TrimSpace(typed[:at])
		_, rest, _ := strings.Cut(typed[at:], string([]rune(typed[at:])[0]))
		for _, k := range kinds {
			if named == k.Code || strings.EqualFold(named, k.Names.En) || named == k.Names.Zh {
				return k.Code, strings.TrimSpace(rest)
			}
		}
	}
	return guess(typed, kinds), typed
}

var (
	hashForm   = regexp.MustCompile(`^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$`)
	mailForm   = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
	phoneForm  = regexp.MustCompile(`^\+[0-9][0-9 ()-]{5,24}$`)
	walletForm = regexp.MustCompile(`^(?:bc1[0-9a-z]{20,80}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33})$`)
	domainForm = regexp.MustCompile(`^(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]{1,62}$`)
)

// guess tells of which kind a value looks. It is shown beside what was typed,
// so that a wrong guess is seen.
func guess(value string, kinds []arrangement.Choice) string {
	has := func(code string) bool {
		return slices.ContainsFunc(kinds, func(c arrangement.Choice) bool { return c.Code == code })
	}
	_, addr := netip.ParseAddr(value)
	_, net := netip.ParsePrefix(value)
	for _, g := range []struct {
		code string
		is   bool
	}{
		{"ip", addr == nil || net == nil},
		{"url", strings.Contains(value, "://")},
		{"hash", hashForm.MatchString(value)},
		{"email", mailForm.MatchString(value)},
		{"phone", phoneForm.MatchString(value)},
		{"wallet", walletForm.MatchString(value)},
		{"domain", domainForm.MatchString(value)},
		{"account", !strings.Contains(value, " ")},
		{"other", true},
	} {
		if g.is && has(g.code) {
			return g.code
		}
	}
	if len(kinds) > 0 {
		return kinds[len(kinds)-1].Code
	}
	return "other"
}
