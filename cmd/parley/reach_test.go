package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/node"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func rung() node.Telling {
	return node.Telling{Address: "ann@agency.example", Telling: duty.Telling{Event: duty.Rings, Late: true, Due: 1_800_000_000_000,
		Ring: duty.Ring{Link: "canary-link", Realm: "exercise", Call: "canary-call", Level: "canary-level", Subject: "canary-subject\r\n\u202e\a", Rung: "canary-rung"}}}
}

// Spec: DTY-21. A path shows no more than the lesser of what person and
// configuration let it, in the text and in the words for machines.
func TestWhatAPathReveals(t *testing.T) {
	all := []duty.Reveals{duty.Nothing, duty.Level, duty.Subject}
	seen := [][]string{{}, {"canary-level", "canary-rung", "late"}, {"canary-level", "canary-rung", "canary-call", "canary-subject", "late"}}
	for i, person := range all {
		for j, most := range all {
			for _, language := range []string{"en", ""} {
				for _, event := range []string{duty.Rings, duty.Over} {
					told := rung()
					told.Reveals, told.Event = person, event
					m := message(told, nil, way{reveals: most}, language)
					raw, err := json.Marshal(m)
					if err != nil {
						t.Fatal(err)
					}
					for _, word := range seen[2] {
						want := false
						for _, w := range seen[min(i, j)] {
							want = want || w == word
						}
						if strings.Contains(string(raw), word) != want {
							t.Errorf("%q and %q, %s: %s, %q %v", person, most, event, raw, word, want)
						}
					}
					if strings.Contains(string(raw), "canary-link") || strings.ContainsAny(m.Text, "\r\u202e\a") || !strings.HasSuffix(m.Title, "parley") {
						t.Errorf("%s", raw)
					}
					if zh := strings.Contains(m.Text, "请登录") || strings.Contains(m.Text, "振铃") || strings.Contains(m.Text, "已结束"); zh != (language == "") {
						t.Errorf("%q in language %q", m.Text, language)
					}
				}
			}
		}
	}
	plain := rung()
	plain.Ring.Realm, plain.Late = "real", false
	if got := message(plain, nil, way{reveals: duty.Subject}, "en"); got.Text != "Please sign in." || got.Words.Realm != "" {
		t.Errorf("%+v", got)
	}
	const link = "https://desk.agency.example/ringing"
	if got := message(plain, nil, way{link: link}, "en"); got.Text != "Please sign in.\n"+link || got.Words.Link != link {
		t.Errorf("%+v", got)
	}
	for _, event := range []string{duty.Over, api.EventTest, api.EventCode} {
		plain.Event = event
		if got := message(plain, nil, way{link: link}, "en"); strings.Contains(got.Text+got.Words.Link, "desk.agency") {
			t.Errorf("%s: %+v", event, got)
		}
	}
	code := node.Telling{Telling: duty.Telling{Event: api.EventCode}, Code: "12345678"}
	if got := message(code, nil, way{}, "zh"); got.Text != "验证码：12345678，15 分钟内有效。" {
		t.Errorf("%+v", got)
	}
}

// Spec: DTY-27. Title, text and words begin with what is no real call, whatever
// the path may show, in each language; and say nothing of the kind of a real one.
func TestRehearsalComesFirst(t *testing.T) {
	words := map[string][2]string{"en": {"EXERCISE.", "TEST."}, "zh": {"【演练】", "【测试】"}}
	for language, word := range words {
		for _, shows := range []duty.Reveals{duty.Nothing, duty.Level, duty.Subject} {
			for _, event := range []string{duty.Rings, duty.Over} {
				told := rung()
				told.Event, told.Reveals = event, shows
				if m := message(told, nil, way{reveals: shows}, language); !strings.HasPrefix(m.Title, word[0]) || !strings.HasPrefix(m.Text, word[0]) || m.Words.Realm != "exercise" {
					t.Errorf("an exercise, %s, %q: %+v", language, shows, m)
				}
				told.Ring.Realm, told.Ring.Level = "real", "test"
				if m := message(told, nil, way{reveals: shows}, language); !strings.HasPrefix(m.Title, word[1]) || !strings.HasPrefix(m.Text, word[1]) || m.Words.Level != "test" || strings.Contains(m.Text, word[0]) {
					t.Errorf("a test, %s, %q: %+v", language, shows, m)
				}
				told.Ring.Realm = "exercise"
				if m := message(told, nil, way{reveals: shows}, ""); len(strings.Split(m.Text, "\n")) < 2 || strings.Count(m.Text, words["en"][0]) != 1 || strings.Count(m.Text, words["zh"][0]) != 1 {
					t.Errorf("a test of an exercise, %q: %+v", shows, m)
				}
				told.Ring.Realm, told.Ring.Level = "real", "major"
				if m := message(told, nil, way{reveals: shows}, language); m.Title != "parley" || strings.Contains(m.Text, word[0]) || strings.Contains(m.Text, word[1]) || shows == duty.Nothing && m.Words.Realm+m.Words.Level != "" {
					t.Errorf("a real call, %s, %q: %+v", language, shows, m)
				}
			}
		}
	}
}

// Spec: DTY-29. What a self-check found is told as far as the path may show it,
// and never as if it were a call.
func TestFindingsWorded(t *testing.T) {
	f := api.Finding{Finding: duty.Finding{Code: duty.NoPath, Red: true, Level: "real"}, Name: "canary-name"}
	for _, l := range []string{"en", "zh"} {
		for shows, want := range map[duty.Reveals][2]bool{duty.Nothing: {false, false}, duty.Level: {true, false}, duty.Subject: {true, true}} {
			told := node.Telling{Reveals: duty.Subject, Telling: duty.Telling{Event: duty.Finds, Findings: []duty.Finding{f.Finding}, More: 6}}
			m := message(told, []api.Finding{f}, way{reveals: shows}, l)
			raw, err := json.Marshal(m)
			if err != nil || strings.Contains(m.Text, "7") != want[0] || strings.Contains(string(raw), "canary-name") != want[1] || m.Title != "parley" || m.Words.Event != "check" || strings.Contains(m.Text, "alarm.") {
				t.Errorf("%s, %q: %s, %v", l, shows, raw, err)
			}
			told.Findings[0].Level = "exercise"
			if m := message(told, []api.Finding{f}, way{reveals: shows}, l); !strings.HasPrefix(m.Text, map[string]string{"en": "EXERCISE.", "zh": "【演练】"}[l]) || m.Words.Realm != "exercise" {
				t.Errorf("of the exercise realm alone: %+v", m)
			}
		}
	}
}

// Settings of the self-check that would tell nobody stop the node.
func TestCheckSettings(t *testing.T) {
	ways := map[string]way{"mail": {}}
	at := func(hour int) *int { return &hour }
	good := Administrator{Path: "mail", Address: "it@agency.example", Reveals: "level"}
	if a, err := readAdministrator(&Config{CheckHour: at(0), Administrator: good}, ways); err != nil || a.Kind != "mail" || a.Reveals != duty.Level {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := readAdministrator(&Config{}, nil); err != nil || a.Kind != "" || (&Config{}).checkHour() != duty.DefaultHour {
		t.Errorf("%+v, %v", a, err)
	}
	for name, c := range map[string]Config{"late": {CheckHour: at(24)}, "early": {CheckHour: at(-1)}, "no kind": {Administrator: Administrator{Address: "x"}},
		"no address": {Administrator: Administrator{Path: "mail"}}, "two lines": {Administrator: Administrator{Path: "mail", Address: "a\r\nb"}},
		"reveals": {Administrator: Administrator{Path: "mail", Address: "x", Reveals: "all"}}, "desk": {Administrator: Administrator{Path: duty.Desk, Address: "x"}}} {
		if _, err := readAdministrator(&c, ways); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A kind of path that could send nothing stops the node; a secret stands in no
// configuration and in no fault.
func TestPathSettings(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"token": "secret of a test", "nonsense.pem": "nonsense"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(paths string) (map[string]way, error) {
		t.Helper()
		text := "code = \"us\"\norigins = [\"https://desk.agency.example\"]\nproxy = \"http://127.0.0.1:1\"\n" + paths
		if err := os.WriteFile(filepath.Join(dir, configName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(dir)
		if err != nil {
			return nil, err
		}
		_, through, err := readProxy(dir, c)
		if err != nil {
			return nil, err
		}
		return readWays(dir, c, through)
	}
	ways, err := read(`[paths.mail]
host = "mail.agency.example"
from = "duty@agency.example"
secret = "file:token"
reveals = "level"
[paths.sms]
kind = "command"
command = ["/bin/true"]
link = true
[paths.webhook]
url = "https://alarm.agency.example/hook"
direct = true
[paths.ntfy]
url = "https://ntfy.agency.example"
`)
	if err != nil || len(ways) != 4 || ways["mail"].reveals != duty.Level || ways["sms"].reveals != duty.Nothing || ways["sms"].link != "https://desk.agency.example/ringing" || ways["mail"].link != "" {
		t.Fatalf("%v, %v", ways, err)
	}
	if ways, err := read(""); err != nil || len(ways) != 0 {
		t.Errorf("without paths: %v, %v", ways, err)
	}
	for name, text := range map[string]string{
		"no kind": "[paths.pigeon]\nurl = \"https://x\"\n", "the desk": "[paths.desk]\nkind = \"ntfy\"\nurl = \"https://x\"\n",
		"reveals": "[paths.sms]\nkind = \"command\"\ncommand = [\"/bin/true\"]\nreveals = \"all\"\n", "in the clear": "[paths.ntfy]\nurl = \"http://ntfy.example\"\n",
		"no program": "[paths.command]\n", "a relative one": "[paths.command]\ncommand = [\"ring\"]\n", "no server": "[paths.mail]\nfrom = \"a@b.example\"\n",
		"no certificates": "[paths.ntfy]\nurl = \"https://x\"\nca = \"nonsense.pem\"\n", "no such file": "[paths.ntfy]\nurl = \"https://x\"\nca = \"none.pem\"\n",
		"unknown": "[paths.ntfy]\nurl = \"https://x\"\nsecret_text = \"x\"\n",
	} {
		if _, err := read(text); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read("[paths.ntfy]\nurl = \"https://x\"\nsecret = \"secret of a test\"\n"); err == nil || strings.Contains(err.Error(), "secret of a test") && !strings.Contains(err.Error(), "vault") {
		t.Errorf("a password in the configuration: %v", err)
	}
}

// Spec: DTY-2. What set writes out for three years is what the machine's zone
// files say at every hour of them.
func TestZonesWrittenOut(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, name := range []string{"America/New_York", "Asia/Shanghai", "UTC", "Australia/Lord_Howe"} {
		place, err := time.LoadLocation(name)
		if err != nil {
			t.Skip("no zone files: ", err)
		}
		z, err := writtenOut(name, now)
		if err != nil {
			t.Fatal(err)
		}
		r := duty.Roster{Version: 1, Zones: []duty.Zone{z}}
		if err := r.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		i := 0
		for at := int64(z.From); at < int64(z.Until); at += int64(calendar.Hour) {
			for i+1 < len(z.Offsets) && int64(z.Offsets[i+1].At) <= at {
				i++
			}
			if _, want := time.UnixMilli(at).In(place).Zone(); z.Offsets[i].Minutes*60 != want {
				t.Fatalf("%s at %d: %d, want %d", name, at, z.Offsets[i].Minutes*60, want)
			}
		}
	}
	for _, bad := range []string{"", "Local", "Nowhere/Atlantis", "../../etc/passwd"} {
		if _, err := writtenOut(bad, now); !fault.Is(err, rule.DutyRoster) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The example of the manual is a roster.
func TestExampleRoster(t *testing.T) {
	const path = "../../docs/examples/roster.toml"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRoster(path, raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Zones {
		if r.Zones[i], err = writtenOut(r.Zones[i].Name, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Skip("no zone files: ", err)
		}
	}
	r.Version = 1
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 11, 2, 13, 0, 0, 0, time.UTC).UnixMilli() // eight in New York
	for _, role := range []string{"duty", "supervisor"} {
		if gaps := r.Gaps(role, from, from+int64(300*calendar.Day)); len(gaps) > 0 {
			t.Errorf("%s: nobody from %d", role, gaps[0].From)
		}
	}
	for name, text := range map[string]string{"x.toml": "[[roles]]\nrole = \"duty\"\nrota = 3\n", "y.toml": "= nonsense", "x.json": `{"version": 1} {}`, "y.json": `{"roles": [{"rotations": [{"start": "25:00"}]}]}`} {
		if _, err := readRoster(name, []byte(text)); !fault.Is(err, rule.DutyRoster) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
