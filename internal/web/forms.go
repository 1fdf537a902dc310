package web

import (
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// paper is what is being filled in on a page: the form as it is kept, and what
// asks for it.
type paper struct {
	api.Form
	values url.Values
	asks   asking
}

// asking is what a form asks for, and what it says: a sheet or a slip.
type asking interface {
	// Steps lays it out for what is typed so far.
	Steps(url.Values) []form.Step
	// Read gives the body that it says, and what their acts it answers; else what
	// is missing, beside which entry.
	Read(v url.Values, attachments int, now calendar.Instant) (body any, replies []uint64, missing []form.Problem, err error)
}

// sheet is the form of a request with this counterpart.
func (v *visit) sheet() *form.Sheet {
	return &form.Sheet{Rules: v.rules, Us: v.frame.us, Them: v.frame.them, Codes: [2]string{v.frame.Us.Code, v.frame.Them.Code},
		Higher: v.frame.us > v.frame.them, Locale: v.locale}
}

// paperNumbered reads the form that a path names.
func (v *visit) paperNumbered() (*paper, error) { return v.paperOf(v.r.PathValue("number")) }

func (v *visit) paperOf(number string) (*paper, error) {
	p := &paper{}
	if err := v.client.Call(v.ctx(), "/v1/forms/"+url.PathEscape(number)+"?"+v.query(), nil, &p.Form); err != nil {
		return nil, err
	}
	p.values = url.Values(p.Values)
	if p.values == nil {
		p.values = url.Values{}
	}
	return p, v.ask(p)
}

// about is the type of the request that a form is about, or opens.
func (p *paper) about() string {
	if slip, ok := p.asks.(*form.Slip); ok {
		return slip.Type()
	}
	return p.values.Get("type")
}

// ask finds out what asks for a form.
func (v *visit) ask(p *paper) (err error) {
	switch p.Kind {
	case act.RequestOpen, act.RequestDraft:
		if len(v.rules.Types) == 0 {
			return fault.New(rule.ActUnstarted, "kind", p.Kind)
		}
		p.asks = v.sheet()
	case act.RequestAmend:
		p.asks, err = v.amending(p.Request)
	default:
		p.asks, err = v.slip(p.Kind, p.Request)
	}
	return err
}

// keep keeps what was typed; who else changed it meanwhile is desk.form-changed.
func (v *visit) keep(p *paper) error {
	p.Link, p.Realm, p.By, p.Values = v.link, v.realm, v.me.Name, p.values
	if p.Attachments == nil {
		p.Attachments = []string{}
	}
	return v.client.Call(v.ctx(), "/v1/forms", p.Form, &p.Form)
}

// drop forgets a form; one that is gone already is forgotten as well.
func (v *visit) drop(number int) error {
	err := v.client.Call(v.ctx(), "/v1/forms/drop", api.FormAsk{Link: v.link, Realm: v.realm, Number: number}, nil)
	if fault.Is(err, rule.DeskNoForm) {
		return nil
	}
	return err
}

// mostTyped bounds what is posted besides files.
const mostTyped = 1 << 20

// posted reads a form that was posted. Files go to the node as they come, and
// only their names stay here; without a file a form is read as ever.
func (v *visit) posted() (values url.Values, files []string, err error) {
	kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostTyped)
		if err := v.r.ParseForm(); err != nil {
			return nil, nil, fault.Wrap(err, rule.WebForm)
		}
		return v.r.PostForm, nil, nil
	}
	if most := v.rules.Quotas.MaxAttachmentBytes; most > 0 {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, 8*most+mostTyped)
	}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, nil, fault.Wrap(err, rule.WebForm)
	}
	values, total := url.Values{}, 0
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, files, nil
		}
		if err != nil {
			return nil, nil, fault.Wrap(err, rule.WebForm)
		}
		if part.FileName() != "" {
			id, err := v.attach(part)
			if err != nil {
				return nil, nil, err
			}
			files = append(files, id)
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(part, mostTyped+1))
		if total += len(raw) + 64; err != nil || total > mostTyped {
			return nil, nil, fault.New(rule.WebForm, "limit", fault.Int(mostTyped))
		}
		if part.FormName() != "file" {
			values.Add(part.FormName(), string(raw))
		}
	}
}

// attach has the node seal a file as it comes in. Its name loses its folder.
func (v *visit) attach(part *multipart.Part) (string, error) {
	name := filepath.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	media, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil {
		media = "application/octet-stream"
	}
	return v.client.Attach(v.ctx(), v.query("name", name, "media", media), part)
}

// attached is a file of a form.
type attached struct {
	ID     string
	Name   string
	Media  string
	Size   string
	Hash   string // of the sealed bytes
	Hidden bool   // it may hold what nobody sees, and nobody has looked
}

func (v *visit) attachedTo(ids []string) (list []attached, err error) {
	for _, id := range ids {
		raw, err := hex.DecodeString(id)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeAttachment, "name", id)
		}
		a, err := statement.DecodeAttachment(raw)
		if err != nil {
			return nil, err
		}
		hash := hex.EncodeToString(a.Sealed[:])
		list = append(list, attached{ID: id, Name: a.Name, Media: a.Media, Size: v.bytes(a.Size), Hash: hash[:8] + " … " + hash[len(hash)-8:],
			Hidden: !strings.HasPrefix(a.Media, "text/") && a.Media != "application/json"})
	}
	return list, nil
}

// estimate is what the counterpart would owe if the request were sent now.
type estimate struct {
	Step string
	At   int64
}

// ifSentNow counts the limits of the arrangement from now, on the calendar of
// the party that would owe. They can only be estimates: the clock starts with
// the receipt.
func (v *visit) ifSentNow(urgency, kind string) (list []estimate) {
	steps, err := v.rules.Steps(urgency, kind)
	them, known := v.rules.Party(v.frame.them)
	if err != nil || !known {
		return nil
	}
	for _, s := range steps {
		clock, err := calendar.Start(calendar.Instant(v.now.UnixMilli()), &them.Calendar, s.Time())
		if err != nil {
			continue
		}
		if due, err := clock.Due(); err == nil {
			list = append(list, estimate{Step: s.Step, At: int64(due)})
		}
	}
	return list
}

// stepAfter is the step behind or before another.
func stepAfter(steps []form.Step, code string, by int) string {
	at := slices.IndexFunc(steps, func(s form.Step) bool { return s.Code == code })
	return steps[min(max(at+by, 0), len(steps)-1)].Code
}

// window gives the local times of an instant that was typed in UTC.
func (v *visit) Locally(typed string) string {
	at, ok := form.ReadInstant(typed)
	if !ok {
		return ""
	}
	return v.T("web.form.both", "own", v.wallText(int64(at), true), "us", v.frame.Us.Name, "theirs", v.wallText(int64(at), false), "them", v.frame.Them.Name)
}

// wallText is an instant on one party's wall.
func (v *visit) wallText(ms int64, ours bool) string {
	wall := v.wall(ms, ours)
	return v.date(wall) + " " + wall.Format("15:04")
}

// Estimated words an estimate in both parties' times.
func (v *visit) Estimated(ms int64, ours bool) string { return v.when(v.wall(ms, ours)) }

// Guessed lists the identifiers of a line as they are read, so that a wrong
// guess is seen before it is sent.
func (v *visit) Guessed(e form.Entry, kind string) (list []string) {
	t, ok := v.rules.Type(kind)
	if !ok {
		return nil
	}
	f, ok := t.Field(strings.TrimPrefix(e.Name, "f."))
	if !ok || f.Kind != arrangement.KindIdentifiers {
		return nil
	}
	ids, _ := form.ReadIdentifiers(e.Value, f.Choices)
	for _, id := range ids {
		name := id.Kind
		for _, c := range f.Choices {
			if c.Code == id.Kind {
				name = c.Names.In(v.locale.Lang)
			}
		}
		list = append(list, name+": "+id.Value)
	}
	return list
}
