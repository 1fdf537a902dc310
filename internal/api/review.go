package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/review"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
)

// ReviewAsk asks for a report. Without a cut file the cut is made on the spot,
// at the instant, or now when there is none.
type ReviewAsk struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Cut     []byte `json:"cut"`          // a cut file
	Instant string `json:"instant"`      // as in 2016-06-30T23:59:59Z; empty with a cut file, which has its own
	Cases   bool   `json:"cases"`        // the status report on cases instead of the figures
	All     bool   `json:"all"`          // with cases: also those that nobody proposes for the list
	Reach   bool   `json:"reachability"` // how well each side could be reached, instead of either
	Export  bool   `json:"export"`       // it leaves the house, which is recorded
}

// ReviewStep is a line of the answer; the last has the report or the error.
type ReviewStep struct {
	Done   uint64   `json:"done"`
	Total  uint64   `json:"total"`
	Report []byte   `json:"report,omitempty"` // the exact bytes: both nodes have the same
	Cut    []byte   `json:"cut,omitempty"`    // the file of the cut it was made at
	Error  *Problem `json:"error,omitempty"`
}

// eachReview is how many entries lie between two lines of progress.
const eachReview = 1000

// CutAsk asks for a cut file.
type CutAsk struct {
	Link    string `json:"link"`
	Realm   string `json:"realm"`
	Instant string `json:"instant"` // empty: now
}

func (s *Server) cut(ctx context.Context, in *CutAsk) (*File, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	f, err := s.makeCut(ctx, l, in.Instant)
	if err != nil {
		return nil, err
	}
	raw, err := f.Encode()
	return &File{raw}, err
}

func (s *Server) makeCut(ctx context.Context, l *node.Link, instant string) (*review.CutFile, error) {
	at := s.Node.Now()
	if instant != "" {
		asked, err := calendar.ParseInstant(instant)
		if err != nil {
			return nil, err
		}
		at = int64(asked)
	}
	return s.Node.MakeCut(ctx, l, at)
}

// lines begins an answer in lines of JSON about what a body names, and gives
// what writes one; no link: it was refused, also for what reading the body came
// to.
func (s *Server) lines(w http.ResponseWriter, r *http.Request, in scoped, err error) (l *node.Link, tell func(line any)) {
	if err == nil {
		err = admit(r.Context(), in.scope())
	}
	if err == nil {
		of := in.scope()
		l, err = s.link(of.Link, of.Realm)
	}
	if err != nil {
		reply(w, nil, err)
		return nil, nil
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := json.NewEncoder(w)
	return l, func(line any) {
		out.Encode(line)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
}

// review answers with lines of JSON, as verify does.
func (s *Server) review(w http.ResponseWriter, r *http.Request) {
	var in ReviewAsk
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	l, tell := s.lines(w, r, &in, d.Decode(&in))
	if l == nil {
		return
	}
	last := ReviewStep{}
	var err error
	last.Report, last.Cut, err = s.report(r.Context(), l, &in, func(done, total uint64) {
		if last.Done, last.Total = done, total; done%eachReview == 0 {
			tell(ReviewStep{Done: done, Total: total})
		}
	})
	if err != nil {
		last.Error = problem(err)
	}
	tell(last)
}

func (s *Server) report(ctx context.Context, l *node.Link, in *ReviewAsk, progress func(done, total uint64)) (report, cut []byte, err error) {
	var f *review.CutFile
	if len(in.Cut) > 0 {
		f, err = s.Node.CheckCut(ctx, l, in.Cut)
	} else {
		f, err = s.makeCut(ctx, l, in.Instant)
	}
	if err != nil {
		return nil, nil, err
	}
	if cut, err = f.Encode(); err != nil {
		return nil, nil, err
	}
	ask := node.ReviewAsk{Cut: f.Cut(), Instant: int64(f.Instant), Cases: in.Cases, Progress: progress}
	if in.Reach {
		made, err := s.Node.Reachability(ctx, l, ask)
		if err == nil {
			report, err = made.Report().JSON()
		}
		return report, cut, err
	}
	made, err := s.Node.Review(ctx, l, ask)
	switch {
	case err != nil:
	case in.Cases:
		cases := made.Cases(in.All)
		visible(cases, func(name string) bool { return s.seesNamed(ctx, l, name) })
		report, err = cases.JSON()
	default:
		report, err = made.Report().JSON()
	}
	return report, cut, err
}

// visible leaves in a report on cases what somebody may see: no line about
// another request, and no link to one.
func visible(cases *review.Cases, sees func(name string) bool) {
	cases.Lines = slices.DeleteFunc(cases.Lines, func(x review.Line) bool { return !sees(x.Name) })
	for i := range cases.Lines {
		cases.Lines[i].Links = slices.DeleteFunc(cases.Lines[i].Links, func(x review.Linked) bool { return !sees(x.Name) })
	}
}

// Review asks for a report and calls step with each line of progress. It gives
// the report's exact bytes, and the file of the cut it was made at.
func (c *Client) Review(ctx context.Context, in ReviewAsk, step func(ReviewStep)) (report, cut []byte, err error) {
	res, err := c.post(ctx, "/v1/review", in)
	if err != nil {
		return nil, nil, err
	}
	defer res.Close()
	lines := json.NewDecoder(res)
	for {
		var one ReviewStep
		if err := lines.Decode(&one); err != nil {
			return nil, nil, fault.Wrap(err, fault.Internal)
		}
		step(one)
		if one.Error != nil {
			return nil, nil, &fault.Fault{Code: fault.Code(one.Error.Code), Args: one.Error.Args}
		}
		if one.Report != nil {
			return one.Report, one.Cut, nil
		}
	}
}

// post sends a body and gives the answer's.
func (c *Client) post(ctx context.Context, path string, in any) (io.ReadCloser, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	res, err := c.send(ctx, http.MethodPost, path, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}
