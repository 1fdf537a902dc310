package web

import (
	"cmp"
	"context"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/pdf"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// callPaper is the printed page of a call as a document: the same page, piece by
// piece.
type callPaper struct {
	*callReader
	list []pdf.Block
}

// callPDF gives the whole conversation as one file, with the proof of it inside.
func (s *Server) callPDF(v *visit) error {
	raw, err := v.callOnPaper(v.r.PathValue("name"))
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(fileName(v.r.PathValue("name"))+".pdf"))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	_, err = v.w.Write(raw)
	return err
}

// CallPDF gives a command what the page gives a browser.
func CallPDF(ctx context.Context, client *api.Client, words *locale.Locale, link, realm, name string) ([]byte, error) {
	v := &visit{server: New(Options{API: client}), client: client, locale: words, now: time.Now(), link: link, realm: realm, paper: true,
		r: (&http.Request{URL: &url.URL{}}).WithContext(ctx)}
	if err := v.meet(); err != nil {
		return nil, err
	}
	return v.callOnPaper(name)
}

// callOnPaper writes a call down; that it is, and what is shown to a third
// person with it, is recorded.
func (v *visit) callOnPaper(name string) ([]byte, error) {
	x, err := v.readCall(name, "print", "1")
	if err != nil {
		return nil, err
	}
	var proof api.Disclosed
	ask := api.Disclose{Link: v.link, Realm: v.realm, Request: x.c.Name}
	if err := v.client.Call(v.ctx(), "/v1/disclose", ask, &proof); err != nil {
		return nil, err
	}
	x.c.Moves = nil
	page := x.page()
	out := &callPaper{callReader: x}
	out.front(page)
	out.talked(page)
	out.behind(page, &proof)
	raw, err := pdf.Write(&pdf.Document{Title: x.T("web.call.hotline") + " " + x.c.Name, Lang: v.Lang(), Foot: x.c.Name + " · " + page.Word + " · " + page.Cut,
		Made: v.now.UTC(), Blocks: out.list,
		Files: []pdf.File{{Name: fileName(x.c.Name) + ".disclosure", Description: x.T("web.call.pdf.file"), Content: proof.Content}}})
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", x.c.Name+".pdf")
	}
	return raw, nil
}

func (p *callPaper) add(kind pdf.Kind, text string) {
	if text != "" {
		p.list = append(p.list, pdf.Block{Kind: kind, Text: text})
	}
}

func (p *callPaper) row(label, text string) {
	if text != "" {
		p.list = append(p.list, pdf.Block{Kind: pdf.Row, Label: label, Text: text})
	}
}

func (p *callPaper) section(text string) {
	p.list = append(p.list, pdf.Block{Kind: pdf.Rule})
	p.add(pdf.Section, text)
}

// plainText is a piece of a page of ours without its elements.
func plainText(page template.HTML) string {
	var out strings.Builder
	for rest := string(page); rest != ""; {
		text, tag, found := strings.Cut(rest, "<")
		out.WriteString(html.UnescapeString(text))
		if !found {
			break
		}
		name, after, _ := strings.Cut(tag, ">")
		if strings.HasPrefix(name, "br") || strings.HasPrefix(name, "/p") {
			out.WriteByte('\n')
		}
		rest = after
	}
	return strings.TrimSpace(out.String())
}

// whole joins what is not empty.
func whole(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

func (p *callPaper) when(t *times) string { return plainText(p.Both(t)) }

// digest is what the officers' devices signed of an act.
func (p *callPaper) digest(name string) string {
	for i := range p.c.Acts {
		if p.c.Acts[i].Name == name {
			return p.c.Acts[i].Digest
		}
	}
	return ""
}

// front says what call it is, between whom, and how far it got.
func (p *callPaper) front(d *callPage) {
	p.add(pdf.Heading, plainText(d.Title))
	p.add(pdf.Text, whole(d.Word, p.T("web.call.hotline"), d.Rung, d.Phase))
	if d.Ended != "" {
		p.add(pdf.Text, p.T("web.call.ended", "how", d.Ended))
	}
	p.add(pdf.Small, whole(p.T("web.print.by", "who", p.Reader(), "time", p.Today()), p.T("web.owe.cut")+" "+d.Cut))
	if m := d.Marking; m != nil {
		p.row(p.T("web.call.pdf.handling"), whole(m.Code, m.Words))
	}
	p.row(p.T("web.call.pdf.parties"), p.frame.Us.Name+" · "+p.frame.Them.Name)
	p.row(p.T("web.call.pdf.begins"), p.when(p.at(d.Since)))
	p.row(p.T("web.call.pdf.opened"), whole(p.names.List(d.Opened), d.Place, p.digest(d.Place)))
	for _, s := range d.Scales {
		p.row(s.Who, s.Label)
	}
	for _, f := range d.Facts {
		var lines []string
		for _, l := range f.Lines {
			lines = append(lines, plainText(l))
		}
		p.row(f.Label, strings.Join(lines, "\n"))
	}
	p.passages(p.T("web.call.pdf.subject"), d.Subject)
	if !d.Once {
		p.passages(p.T("web.call.pdf.reason"), d.Reason)
	}
	p.section(p.T("web.call.pdf.receipts"))
	r := p.k.Receipts
	for _, one := range []struct {
		key string
		at  *hotline.Moment
	}{{"stored", r.Stored}, {"shown", r.Shown}, {"accepted", r.Accepted}} {
		text := p.T("web.call.pdf.not-yet")
		if one.at != nil {
			text = whole(cmp.Or(one.at.By, p.names.List(one.at.Signed)), p.when(p.at(int64(cmp.Or(one.at.Receipt, one.at.Claimed)))))
		}
		p.row(p.T("web.call.pdf.receipt."+one.key), text)
	}
	p.row(p.T("web.call.pdf.receipt.ended"), cmp.Or(d.Ended, p.T("web.call.pdf.not-yet")))
	p.section(p.T("web.call.pdf.ladders"))
	for _, side := range d.Ladders {
		for _, step := range side.Steps {
			p.row(side.Who, whole(strconv.Itoa(step.N), step.Rung, step.Who, step.Word))
		}
	}
	if f := d.Refusal; f != nil {
		p.row(p.T("web.call."+map[bool]string{true: "deferred", false: "declined"}[f.Until != nil]), whole(f.Reason, p.names.List(f.By), plainText(f.Note)))
	}
	for _, c := range d.Crossed {
		p.add(pdf.Text, "≠ "+c)
	}
}

// passages writes a text in each of its languages, the original marked.
func (p *callPaper) passages(label string, of passage) {
	for _, c := range of.Columns {
		p.row(label, plainText(c.Words))
		p.row("", p.source(&c))
	}
}

func (p *callPaper) source(c *column) string {
	if c.Translator == "" {
		return "[" + p.T("web.original") + " · " + c.Lang + "]"
	}
	review := p.T("web.not-reviewed")
	if c.Reviewer != "" {
		review = p.T("web.reviewed-by", "who", c.Reviewer)
	}
	return "[" + whole(p.T("web.translation"), c.Lang, p.T("web.translated-by", "who", c.Translator), review, c.Act) + "]"
}

// talked writes the conversation, words that are read differently, who took
// part, and the minutes.
func (p *callPaper) talked(d *callPage) {
	p.section(p.T("web.call.talk"))
	for i := range d.Talk.Messages {
		m := &d.Talk.Messages[i]
		state := m.State
		if m.ReadBy != "" {
			state += p.T("web.colon") + m.ReadBy
		}
		p.row(m.Name, whole(p.called(p.sideOf(m.Ours)), p.names.List(m.Officers), p.when(m.At), state))
		if m.Disowned {
			p.row("", p.T("cli.act.disowned"))
		}
		for _, c := range []*column{m.Own, m.Other} {
			if c != nil {
				p.row("", plainText(c.Words))
				p.row("", p.source(c))
			}
		}
		for _, f := range m.Files {
			p.row("", whole(f.Plain, f.Size, f.Sealed))
		}
		if digest := p.digest(m.Name); digest != "" && len(m.Officers) > 0 {
			p.row("", p.T("web.call.pdf.signed", "digest", digest))
		}
	}
	if len(d.Talk.Messages) == 0 {
		p.add(pdf.Text, p.T("web.call.no-messages"))
	}
	for _, w := range d.Talk.Words {
		text := whole(w.Who, plainText(w.Word), w.On, p.T("web.call.word.reads")+" "+plainText(w.Reading))
		if w.Lifted {
			text += " · " + p.T("web.call.word.lifted")
		}
		p.row("≠ "+p.T("web.call.words"), text)
	}
	p.section(p.T("web.call.people"))
	for _, one := range d.Talk.People {
		p.row(p.called(p.sideOf(one.Ours)), whole(one.Name, one.Says, plainText(one.Note)))
	}
	for _, m := range d.Talk.Minutes {
		p.section(p.T("web.call.minute", "who", m.Who))
		p.passages("", m.Text)
		p.row(m.Name, whole(p.when(m.At), p.digest(m.Name)))
		if m.Agreed {
			p.add(pdf.Text, "✓ "+p.T("web.call.minute.agreed"))
		}
	}
}

func (p *callPaper) sideOf(ours bool) string {
	if ours {
		return p.c.Side
	}
	return map[string]string{"lower": "higher", "higher": "lower"}[p.c.Side]
}

// behind writes all that was said, the heads that it stands under, and what the
// paper proves and does not.
func (p *callPaper) behind(d *callPage, proof *api.Disclosed) {
	p.section(p.T("web.call.course"))
	for _, c := range d.Course {
		state := p.T("web.receipt.sent")
		if c.Stored {
			state = p.T("web.receipt.stored")
		}
		if c.NotInOrder != "" {
			state = p.T("web.act.disorder") + " " + c.NotInOrder
		}
		signed := ""
		if len(c.Officers) > 0 {
			signed = p.digest(c.Name)
		}
		p.row(c.Name, whole(c.Kind, p.names.List(c.Officers), p.when(c.At), state, plainText(c.Note), signed))
	}
	p.section(p.T("web.call.pdf.proves"))
	p.row(p.T("web.owe.cut"), d.Cut)
	p.row(p.T("web.call.pdf.log"), whole(p.frame.Us.Name+" "+strconv.FormatUint(p.frame.Link.Own[1], 10), p.frame.Them.Name+" "+strconv.FormatUint(p.frame.Link.Theirs[1], 10)))
	p.row(p.T("web.call.pdf.file"), whole(fileName(p.c.Name)+".disclosure", "SHA-256 "+proof.SHA256))
	p.add(pdf.Text, p.T("web.call.pdf.does"))
	p.add(pdf.Text, p.T("web.call.pdf.does-not"))
}
