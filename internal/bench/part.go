package bench

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Ask is what a part is told to do, one line of JSON.
type Ask struct {
	Do      string `json:"do"`
	Kind    string `json:"kind,omitempty"`
	At      int    `json:"at,omitempty"`     // how many at once
	Acts    int    `json:"acts,omitempty"`   // at most; 0: as many as there is time for
	Millis  int64  `json:"millis,omitempty"` // at most; 0: until all are said
	NoWait  bool   `json:"no_wait,omitempty"`
	Step    string `json:"step,omitempty"` // of the run, of which profiles are written
	Address string `json:"address,omitempty"`
	Keys    [][]byte
}

// Answer is what it says when that is done.
type Answer struct {
	Error   string  `json:"error,omitempty"`
	Acts    int     `json:"acts,omitempty"`
	Micros  int64   `json:"micros,omitempty"`
	Whole   []int64 `json:"whole,omitempty"`
	Sent    []int64 `json:"sent,omitempty"`
	CPU     int64   `json:"cpu,omitempty"` // of the process until now
	RSS     int64   `json:"rss,omitempty"`
	Peak    int64   `json:"peak,omitempty"`
	Address string  `json:"address,omitempty"`
	Stamps  []int64 `json:"stamps,omitempty"` // microseconds since 1970, one an act
	Keys    [][]byte
}

// Part is a process of the run, as its starter sees it.
type Part struct {
	cmd *exec.Cmd
	end io.Closer
	in  *json.Encoder
	out *json.Decoder
}

// NewPart starts a command that answers as Work does, and waits until it is
// ready.
func NewPart(cmd *exec.Cmd) (*Part, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Part{cmd: cmd, end: in, in: json.NewEncoder(in), out: json.NewDecoder(out)}
	if _, err := p.read("ready"); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (p *Part) read(what string) (a Answer, err error) {
	if err = p.out.Decode(&a); err != nil {
		return a, fault.Wrap(err, rule.NodeBench, "what", what)
	}
	if a.Error != "" {
		return a, fault.Wrap(errors.New(a.Error), rule.NodeBench, "what", what)
	}
	return a, nil
}

// Ask has the part do something, and waits for it.
func (p *Part) Ask(a Ask) (Answer, error) {
	if err := p.in.Encode(a); err != nil {
		return Answer{}, fault.Wrap(err, rule.NodeBench, "what", a.Do)
	}
	return p.read(a.Do)
}

// Stop ends the part in order.
func (p *Part) Stop() error {
	p.end.Close()
	if err := p.cmd.Wait(); err != nil {
		return fault.Wrap(err, rule.NodeBench, "what", "stop")
	}
	return nil
}

// Work is a part's own side: it says that it is ready, and then does what it is
// asked, until its input ends.
func Work(in io.Reader, out io.Writer, do func(Ask) (Answer, error)) error {
	to, from := json.NewEncoder(out), json.NewDecoder(in)
	if err := to.Encode(Answer{}); err != nil {
		return err
	}
	for {
		var ask Ask
		if err := from.Decode(&ask); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer, err := do(ask)
		if err != nil {
			answer.Error = err.Error()
		}
		answer.CPU = processorTime()
		answer.RSS, answer.Peak = memory()
		if err := to.Encode(answer); err != nil {
			return err
		}
	}
}
