// Package alarm implements docs/reaching-people.md: what brings a short message
// to one person without a maker's cloud: mail, a program, a web hook, ntfy. It
// is given the words and sends them; what they may say was decided before, and
// nothing that comes back is an acceptance.
package alarm

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Message is what one person is sent. Words are for machines on the way; they
// have nothing in them that the text has not.
type Message struct {
	To    string // address of the kind
	Title string // one line
	Text  string
	Words Words
}

// Words are code words of a message. What the path may not show is empty.
type Words struct {
	Event string `json:"event"` // ring, over, test or code
	Late  bool   `json:"late,omitempty"`
	Realm string `json:"realm,omitempty"`
	Level string `json:"level,omitempty"`
	Rung  string `json:"rung,omitempty"`
	Call  string `json:"call,omitempty"`
	Link  string `json:"link,omitempty"` // of the desk's page of what rings
}

// Sender sends messages of one kind. A nil error says that a server or a
// program took the message, and nothing about any person. It may be called by
// several at once, and ends with its context.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

const maxMessage = 4096

// check refuses what would break out of a line, or is no message.
func (m *Message) check() error {
	what := ""
	switch {
	case m.To == "" || !line(m.To):
		what = "address"
	case !line(m.Title) || len(m.Title)+len(m.Text) > maxMessage || strings.ContainsFunc(m.Text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }):
		what = "text"
	}
	if what != "" {
		return fault.New(rule.DutyUnsent, "what", what)
	}
	return nil
}

func line(s string) bool { return len(s) <= 1024 && !strings.ContainsFunc(s, unicode.IsControl) }

func unsent(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, rule.DutyUnsent)
}

// given is what a program and a web hook are given.
type given struct {
	To    string `json:"to"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Words
}

// Command is a program that is run for each message, as for a modem or a
// telephone. No shell reads it, and the message comes on its standard input: an
// address never stands on a command line.
type Command struct {
	command  []string
	patience time.Duration
}

// NewCommand wants an absolute path: node.config.
func NewCommand(command []string, patience time.Duration) (*Command, error) {
	if len(command) == 0 || !filepath.IsAbs(command[0]) {
		return nil, fault.New(rule.NodeConfig, "key", "command")
	}
	return &Command{append([]string{}, command...), patience}, nil
}

// Send runs the program; a status that is not zero is duty.unsent.
func (c *Command) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	return unsent(Run(ctx, c.command, given{m.To, m.Title, m.Text, m.Words}, c.patience))
}

// Run runs a program with one line of JSON on its standard input. It is given
// nothing of our environment but the path, and what it writes is thrown away.
func Run(ctx context.Context, command []string, words any, patience time.Duration) error {
	raw, err := json.Marshal(words)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = []string{"PATH=" + os.Getenv("PATH")}
	c.Stdin = bytes.NewReader(append(raw, '\n'))
	c.WaitDelay = time.Second // for a child that keeps our end open
	return c.Run()
}
