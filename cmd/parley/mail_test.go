package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Mail that cannot be used stops the node, and no error shows the password.
func TestReadMail(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"secret": "sesame\n", "no.pem": "nothing\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := Mail{SMTP: "smtps://mail.example", IMAP: "imaps://mail.example", User: "u", Secret: "file:secret", From: "line@us.example", To: map[string]string{"cn": "line@cn.example"}}
	for name, c := range map[string]struct {
		change func(*Mail)
		want   fault.Code
	}{
		"as it is":       {func(*Mail) {}, ""},
		"no server":      {func(m *Mail) { m.SMTP = "" }, rule.MailSettings},
		"a password":     {func(m *Mail) { m.IMAP = "imaps://u:sesame@mail.example" }, rule.MailSettings},
		"no address":     {func(m *Mail) { m.From = "" }, rule.MailSettings},
		"to nobody":      {func(m *Mail) { m.To["cn"] = "cn" }, rule.MailSettings},
		"no certificate": {func(m *Mail) { m.Roots = "no.pem" }, rule.MailSettings},
		"no file":        {func(m *Mail) { m.Roots = "absent.pem" }, rule.NodeFile},
	} {
		m := good
		m.To = map[string]string{"cn": good.To["cn"]}
		c.change(&m)
		carrier, err := readMail(dir, &Config{Mail: &m})
		if got := fault.CodeOf(err); got != c.want || (carrier == nil) != (err != nil) || err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && carrier.Password != "sesame" {
			t.Errorf("%s: another password", name)
		}
	}
	m := good
	m.Secret = "file:absent"
	if _, err := readMail(dir, &Config{Mail: &m}); err == nil {
		t.Error("a password that is not there is not missed")
	}
	if c, err := readMail(dir, &Config{}); c != nil || err != nil {
		t.Errorf("without mail: %v, %v", c, err)
	}
}
