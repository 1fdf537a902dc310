package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/arrangement"
)

// rulesOf reads a version of the arrangement with a counterpart; with an empty
// digest the one in force. Without any, codes are shown as they are: an empty
// document.
func (sh *shell) rulesOf(ctx context.Context, client *api.Client, link, digest string) *arrangement.Document {
	query := url.Values{"link": {cmp.Or(link, sh.link)}, "realm": {sh.realm}, "digest": {digest}}
	var a api.Arrangement
	if client.Call(ctx, "/v1/arrangement?"+query.Encode(), nil, &a) != nil {
		return &arrangement.Document{}
	}
	d, err := arrangement.Parse(a.Document)
	if err != nil {
		return &arrangement.Document{}
	}
	return d
}

// viewOf reads the shared view of a request.
func viewOf(r *api.Request) (*casework.Thread, error) {
	var v struct {
		Thread casework.Thread `json:"thread"`
	}
	err := json.Unmarshal(r.View, &v)
	return &v.Thread, err
}

// versionOf names the version of the arrangement that a request's view was
// computed under.
func versionOf(r *api.Request) string {
	var v struct {
		Arrangement string `json:"arrangement"`
	}
	if json.Unmarshal(r.View, &v) != nil || strings.Trim(v.Arrangement, "0") == "" {
		return ""
	}
	return v.Arrangement
}

// worded is a name of the arrangement in the officer's language, or the code
// where there is none.
func (sh *shell) worded(words arrangement.Words, known bool, code string) string {
	if text := words.In(sh.locale.Lang); known && text != "" {
		return text
	}
	return code
}

func (sh *shell) typeName(d *arrangement.Document, code string) string {
	if t, ok := d.Type(code); ok {
		return sh.worded(t.Names, ok, code)
	}
	return code
}

func (sh *shell) urgencyName(d *arrangement.Document, code string) string {
	if u, ok := d.Urgency(code); ok {
		return sh.worded(u.Names, ok, code)
	}
	return code
}

func (sh *shell) areaName(d *arrangement.Document, code string) string {
	if a, ok := d.Area(code); ok {
		return sh.worded(a.Names, ok, code)
	}
	return code
}

func (sh *shell) unitName(d *arrangement.Document, code string) string {
	for i := range d.Parties {
		if u, ok := d.Parties[i].Unit(code); ok {
			return sh.worded(u.Names, ok, code)
		}
	}
	return code
}

func (sh *shell) reasonName(d *arrangement.Document, code string) string {
	if r, ok := d.Reason(code); ok {
		return sh.worded(r.Names, ok, code)
	}
	return code
}

func (sh *shell) choiceName(c *arrangement.Choice, known bool, code string) string {
	if !known {
		return code
	}
	return sh.worded(c.Names, known, code)
}

// formName is a form that an answer may take, of whichever type foresees it.
func (sh *shell) formName(d *arrangement.Document, typeCode, code string) string {
	if t, ok := d.Type(typeCode); ok {
		c, known := t.Answer(code)
		return sh.choiceName(c, known, code)
	}
	return code
}

func (sh *shell) handlingName(d *arrangement.Document, code string) string {
	h, ok := d.HandlingCode(code)
	if !ok && code == "" && len(d.Handling) > 0 {
		h = d.MostRestrictive()
		ok = h != nil
	}
	if !ok {
		return cmp.Or(code, "–")
	}
	return h.Code + " " + sh.worded(h.Names, true, "")
}

// at writes an instant shortly, so that columns can be compared.
func (sh *shell) at(ms int64) string {
	t := time.UnixMilli(ms).UTC()
	return sh.locale.T("cli.at", "weekday", sh.locale.T(fmt.Sprintf("cli.weekday.%d", int(t.Weekday()))),
		"date", t.Format("2006-01-02"), "time", t.Format("15:04"))
}

// after writes an instant that follows another: of the same day the time is enough.
func (sh *shell) after(ms, before int64) string {
	t, b := time.UnixMilli(ms).UTC(), time.UnixMilli(before).UTC()
	if t.Format(time.DateOnly) == b.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return sh.at(ms)
}

func indented(text, by string) string { return by + strings.ReplaceAll(text, "\n", "\n"+by) }

func joined(list []string) string {
	var full []string
	for _, s := range list {
		if s != "" {
			full = append(full, s)
		}
	}
	return strings.Join(full, " · ")
}

// list writes several names as the officer's language does.
func (sh *shell) list(names []string) string { return strings.Join(names, sh.locale.T("cli.between")) }
