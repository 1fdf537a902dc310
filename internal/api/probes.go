package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/probe"
)

// TestAsk asks for a test of every carrier of a line, or of one, now.
type TestAsk struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Carrier string `json:"carrier"` // empty: each
	Wait    int64  `json:"wait_ms"` // how long to wait for an answer by mail; 0: five minutes
}

// TestStep is a line of the answer: a test that begins, or what came of it; the
// last of all may have an error.
type TestStep struct {
	Carrier string   `json:"carrier"`
	Begun   bool     `json:"begun"`
	Sent    int64    `json:"sent"`
	Took    int64    `json:"took_ms"`
	Silence string   `json:"silence"` // code word; empty: answered
	Open    bool     `json:"open"`    // the answer may still come
	Error   *Problem `json:"error,omitempty"`
}

// Results are a day's tests of a line by this node, one by one.
type Results struct {
	File   []byte       `json:"file"`   // the exact bytes of spec/probes.md
	Digest string       `json:"digest"` // as the record has it, or will
	Proved int          `json:"proved"` // answers with the other side's signed hello
	Lost   int          `json:"lost"`   // answers of which it is no longer kept
	Entry  string       `json:"entry"`  // in which the digest stands, as it is disclosed; empty while it is not said
	Sums   []CarrierSum `json:"sums"`
}

// CarrierSum is what a day's tests by a carrier came to.
type CarrierSum struct {
	Carrier  string `json:"carrier"`
	Tried    int64  `json:"tried"`
	Answered int64  `json:"answered"`
	Median   int64  `json:"median_ms"`
	Worst    int64  `json:"worst_ms"`
}

// Tested is a test of a carrier that this node made by itself, or was asked for.
type Tested struct {
	Carrier string `json:"carrier"`
	Sent    int64  `json:"sent"`
	Took    int64  `json:"took_ms"`
	Silence string `json:"silence"` // code word; empty: answered
}

func testedOf(list []probe.Result) []Tested {
	tested := []Tested{}
	for _, r := range list {
		tested = append(tested, Tested{r.Carrier, r.Sent, r.Took, r.Silence})
	}
	return tested
}

const (
	testWait = 5 * time.Minute
	mostWait = time.Hour
)

// lineTest answers with lines of JSON, as each test begins and ends.
func (s *Server) lineTest(w http.ResponseWriter, r *http.Request) {
	var in TestAsk
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	l, tell := s.lines(w, r, &in, d.Decode(&in))
	if l == nil {
		return
	}
	names := s.Node.Carriers(l)
	if in.Carrier != "" {
		names = []string{in.Carrier}
	}
	wait := testWait
	if in.Wait > 0 {
		wait = min(time.Duration(in.Wait)*time.Millisecond, mostWait)
	}
	for _, name := range names {
		tell(TestStep{Carrier: name, Begun: true})
		result, open, err := s.Node.Probe(r.Context(), l, name, wait)
		step := TestStep{Carrier: name, Sent: result.Sent, Took: result.Took, Silence: result.Silence, Open: open}
		if err != nil {
			step.Error = problem(err)
		}
		tell(step)
	}
}

// lineResults gives a day's tests.
func (s *Server) lineResults(r *http.Request) (*Results, error) {
	q := r.URL.Query()
	l, err := s.link(q.Get("link"), q.Get("realm"))
	if err != nil {
		return nil, err
	}
	day, err := calendar.ParseInstant(q.Get("day"))
	if err != nil {
		return nil, err
	}
	f, err := s.Node.Probes(r.Context(), l, day)
	if err != nil {
		return nil, err
	}
	found, err := s.Node.JudgeProbes(l, f)
	if err != nil {
		return nil, err
	}
	entry, err := s.Node.DayNamed(r.Context(), l, day)
	if err != nil {
		return nil, err
	}
	raw, err := f.Encode()
	return &Results{File: raw, Entry: entry, Digest: hex.EncodeToString(found.Digest[:]), Proved: found.Proved, Lost: found.Lost, Sums: sumsOf(found.Sums)}, err
}

func sumsOf(list []probe.Sum) []CarrierSum {
	sums := []CarrierSum{}
	for _, s := range list {
		sums = append(sums, CarrierSum(s))
	}
	return sums
}

// Test asks for tests and calls step with each line of the answer.
func (c *Client) Test(ctx context.Context, in TestAsk, step func(TestStep)) error {
	res, err := c.post(ctx, "/v1/line/test", in)
	if err != nil {
		return err
	}
	defer res.Close()
	lines := json.NewDecoder(res)
	for lines.More() {
		var one TestStep
		if err := lines.Decode(&one); err != nil {
			return fault.Wrap(err, fault.Internal)
		}
		step(one)
	}
	return nil
}
