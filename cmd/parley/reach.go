package main

import (
	"context"
	"crypto/x509"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/alarm"
	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/locale"
	"parley.example/internal/node"
	"parley.example/internal/vault"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// way is a kind of path that the configuration sets up.
type way struct {
	sender  alarm.Sender
	reveals duty.Reveals // at most
	link    string       // that messages of a call carry; empty: none
}

// readWays sets up the kinds of paths. One that cannot be set up stops the
// node: it would be found out at night.
func readWays(dir string, c *Config, proxy *url.URL) (map[string]way, error) {
	ways := map[string]way{}
	for _, name := range slices.Sorted(maps.Keys(c.Paths)) {
		p := c.Paths[name]
		bad := func(key string) error {
			return fault.New(rule.NodeConfig, "file", configName, "key", "paths."+name+"."+key)
		}
		if !duty.Name(name) || name == duty.Desk {
			return nil, bad("kind")
		}
		w := way{reveals: duty.Reveals(p.Reveals)}
		if !w.reveals.Known() {
			return nil, bad("reveals")
		}
		if p.Link {
			if len(c.Origins) == 0 {
				return nil, bad("link")
			}
			w.link = c.Origins[0] + "/ringing"
		}
		secret := ""
		if p.Secret != "" {
			s, err := vault.ReadSecret(at2(dir, p.Secret), nil)
			if err != nil {
				return nil, err
			}
			secret = s.Reveal()
		}
		roots, err := readRoots(dir, p.CA)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeConfig, "file", configName, "key", "paths."+name+".ca")
		}
		post := alarm.HTTPOptions{URL: p.URL, Token: secret, Roots: roots}
		if !p.Direct {
			post.Proxy = proxy
		}
		kind := p.Kind
		if kind == "" {
			kind = name
		}
		switch kind {
		case "mail":
			w.sender, err = alarm.NewMail(alarm.MailOptions{Host: p.Host, Port: p.Port, Implicit: p.ImplicitTLS, User: p.User, Password: secret, From: p.From, Roots: roots})
		case "command":
			w.sender, err = alarm.NewCommand(p.Command, alarmPatience)
		case "webhook":
			w.sender, err = alarm.NewWebhook(post)
		case "ntfy":
			w.sender, err = alarm.NewNtfy(post)
		default:
			return nil, bad("kind")
		}
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeConfig, "file", configName, "key", "paths."+name)
		}
		ways[name] = w
	}
	return ways, nil
}

// readAdministrator reads where the administrator is told; nowhere, unless the
// configuration says it whole.
func readAdministrator(c *Config, ways map[string]way) (node.Administrator, error) {
	bad := func(key string) (node.Administrator, error) {
		return node.Administrator{}, fault.New(rule.NodeConfig, "file", configName, "key", key)
	}
	if h := c.CheckHour; h != nil && (*h < 0 || *h > 23) {
		return bad("check_hour")
	}
	a := node.Administrator{Kind: c.Administrator.Path, Address: c.Administrator.Address, Reveals: duty.Reveals(c.Administrator.Reveals)}
	if a == (node.Administrator{}) {
		return a, nil
	}
	switch _, set := ways[a.Kind]; {
	case !set:
		return bad("administrator.path")
	case a.Address == "" || len(a.Address) > duty.MaxAddress || oneLine(safe(a.Address)) != a.Address:
		return bad("administrator.address")
	case !a.Reveals.Known():
		return bad("administrator.reveals")
	}
	return a, nil
}

// checkHour is when the next day's ladder is checked each day.
func (c *Config) checkHour() int {
	if c.CheckHour == nil {
		return duty.DefaultHour
	}
	return *c.CheckHour
}

// readRoots adds a file of certificates to those that the machine trusts; nil
// where none is named.
func readRoots(dir, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(at(dir, file))
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(raw) {
		return nil, fault.New(rule.NodeFile, "file", file)
	}
	return roots, nil
}

// reachPeople is told by the node of every message along a path.
func (o *office) reachPeople(ctx context.Context, t node.Telling) error {
	w, ok := o.ways[t.Kind]
	if !ok {
		return fault.New(rule.DutyKind, "name", t.Kind)
	}
	language := ""
	if o.people != nil {
		language = o.people.LanguageOf(ctx, t.Person)
	}
	var found []api.Finding
	if len(t.Findings) > 0 && o.people != nil {
		var err error
		if found, err = o.people.Named(ctx, t.Findings); err != nil {
			return err
		}
	}
	return w.sender.Send(ctx, message(t, found, w, language))
}

const maxSubject = 300 // characters of a subject that a message has

// message words a telling: in the person's language, or in both. What the path
// may not show is in none of its parts. That it is an exercise or a test stands
// before everything else, whatever the path may show: nobody is to be alarmed by
// a rehearsal, or to take a real call for one.
func message(t node.Telling, found []api.Finding, w way, language string) alarm.Message {
	shows := t.Reveals.Least(w.reveals)
	m := alarm.Message{To: t.Address, Words: wordsOf(&t, shows)}
	var titles, lines []string
	for _, l := range locale.All() {
		if language != "" && l.Lang != language {
			continue
		}
		before := rehearsal(l, &t)
		if before != "" {
			titles = append(titles, before)
		}
		text := sentence(l, &t, &m.Words, shows)
		if t.Event == duty.Finds {
			text = findings(l, &t, found, shows)
		}
		lines = append(lines, before+text)
	}
	m.Title, m.Text = strings.TrimSpace(strings.Join(titles, "")+"parley"), strings.Join(lines, "\n")
	if t.Event == duty.Rings && w.link != "" {
		m.Text, m.Words.Link = m.Text+"\n"+w.link, w.link
	}
	return m
}

// rehearses tells that a telling is of an exercise, and of a test.
func rehearses(t *node.Telling) (exercise, test bool) {
	if t.Event == duty.Finds {
		return !slices.ContainsFunc(t.Findings, func(f duty.Finding) bool { return f.Level != "exercise" }), false
	}
	return t.Ring.Realm == "exercise", t.Ring.Level == act.PurposeTest
}

// rehearsal is what stands before everything; empty: it is real.
func rehearsal(l *locale.Locale, t *node.Telling) (before string) {
	exercise, test := rehearses(t)
	if exercise {
		before = l.T("alarm.exercise")
	}
	if test {
		before += l.T("alarm.rehearsal.test")
	}
	return before
}

// wordsOf are the code words of a message, as far as the path may show them.
func wordsOf(t *node.Telling, shows duty.Reveals) alarm.Words {
	w := alarm.Words{Event: t.Event}
	exercise, test := rehearses(t)
	if exercise {
		w.Realm = "exercise"
	}
	if test {
		w.Level = act.PurposeTest
	}
	if t.Event != duty.Rings && t.Event != duty.Over || shows == duty.Nothing {
		return w
	}
	w.Late, w.Realm, w.Level, w.Rung = t.Late, t.Ring.Realm, oneLine(safe(t.Ring.Level)), oneLine(safe(t.Ring.Rung))
	if shows == duty.Subject {
		w.Call = oneLine(safe(t.Ring.Call))
	}
	return w
}

// sentence is what a message says in one language.
func sentence(l *locale.Locale, t *node.Telling, w *alarm.Words, shows duty.Reveals) string {
	rings := t.Event == duty.Rings || t.Event == duty.Over
	if !rings || shows == duty.Nothing {
		return l.T("alarm."+t.Event, "code", t.Code)
	}
	text := l.T("alarm."+t.Event+".level", "level", w.Level, "rung", w.Rung)
	if t.Late {
		text += " " + l.T("alarm.late", "time", l.Time(time.UnixMilli(t.Due), 0))
	}
	if shows == duty.Subject {
		subject := []rune(oneLine(safe(t.Ring.Subject)))
		text += "\n" + l.T("alarm.subject", "call", w.Call, "subject", string(subject[:min(len(subject), maxSubject)]))
	}
	return text
}

// findings words what the self-check found: that the roster is to be looked at;
// where the path shows the level, for how many reasons; and where it shows the
// subject, for which.
func findings(l *locale.Locale, t *node.Telling, found []api.Finding, shows duty.Reveals) string {
	if shows == duty.Nothing {
		return l.T("alarm.check")
	}
	text := l.T("alarm.check.level", "n", strconv.Itoa(len(t.Findings)+t.More))
	if shows != duty.Subject {
		return text
	}
	said := map[string]bool{} // one person may be missing on several rungs
	for i := range found {
		line := oneLine(safe(wording.Finding(l, &found[i]))) + l.T("alarm.check.from", "time", l.Time(time.UnixMilli(found[i].From), 0))
		if !said[line] {
			text += "\n– " + line
		}
		said[line] = true
	}
	if t.More > 0 {
		text += "\n" + l.T("alarm.check.more", "n", strconv.Itoa(t.More))
	}
	return text
}

// checkEvery is how often the node looks whether the next day's ladder holds, and
// hourEvery whether the hour has come at which people are told.
const (
	checkEvery = time.Hour
	hourEvery  = time.Minute
)

// checking looks at once and then every hour, and logs what is red when that
// changes. Codes and roles go to the log, and no person. Once a day, when its
// hour has come, people are told.
func (o *office) checking(ctx context.Context) {
	tick := time.NewTicker(hourEvery)
	defer tick.Stop()
	last, looked := "", int64(0)
	for {
		if now := o.node.Now(); looked == 0 || now < looked || now-looked >= checkEvery.Milliseconds() {
			last, looked = o.logFindings(ctx, now, last), now
		}
		if told, err := o.people.CheckNightly(ctx, o.config.checkHour()); err != nil && ctx.Err() == nil {
			o.log.Error("telling of the ladder of the next day", "error", err)
		} else if told > 0 {
			o.log.Warn("the ladder of the next day would not hold", "messages", told)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// logFindings logs what is red, if it is something else than last time.
func (o *office) logFindings(ctx context.Context, now int64, last string) string {
	found, err := o.people.SelfCheck(ctx, now, now+int64(calendar.Day))
	if err != nil {
		if ctx.Err() == nil {
			o.log.Error("checking the ladder of the next day", "error", err)
		}
		return last
	}
	red := redOf(found)
	if red != last && red != "" {
		o.log.Warn("the ladder of the next day would not hold: parley roster check", "findings", red)
	}
	return red
}

// redOf lists red findings by code and role. That there is no roster is said to
// who asks: a node may have no hotline.
func redOf(found *api.Checked) string {
	var list []string
	for _, f := range found.Findings {
		word := strings.TrimSuffix(string(f.Code)+" "+f.Role, " ")
		if f.Red && f.Code != duty.NoRoster && !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
	return strings.Join(list, ", ")
}
