package main

import (
	"bytes"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/review"
	"parley.example/wire/fault"
)

// reported has both nodes report at one cut on how well each side could be
// reached; what they write must be the same bytes. It shows the short form.
func (d *demo) reported() error {
	var first []byte
	in := api.ReviewAsk{Realm: "real", Reach: true}
	for i, s := range d.sides {
		client, done, err := s.client(d.ctx)
		if err != nil {
			return err
		}
		in.Link = d.sides[1-i].code
		raw, cut, err := client.Review(d.ctx, in, func(api.ReviewStep) {})
		done()
		if err != nil {
			return err
		}
		if first == nil {
			first, in.Cut = raw, cut
		} else if !bytes.Equal(first, raw) {
			return fault.New(fault.Internal, "what", "two reports of one cut")
		}
	}
	r, err := review.ReadReachability(first)
	if err != nil {
		return err
	}
	d.told("demo.reported")
	if d.json {
		return nil
	}
	var out bytes.Buffer
	t := &reachReporter{reporter{locale: d.locale, out: &out}}
	t.short(r)
	for line := range strings.Lines(out.String()) {
		d.out.Write([]byte("            " + line))
	}
	return nil
}
