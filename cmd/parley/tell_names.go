package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/arrangement"
)

// names are what codes are called in the language of this command.
func (sh *shell) names() wording.Names { return wording.Names{Locale: sh.locale} }

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
