package main

import (
	"embed"
	"encoding/json"
	"os"
	"path/filepath"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/stix"
)

//go:embed testdata/demo/bec.eml testdata/demo/indicators.json testdata/demo/reply-analysis.txt
var demoFiles embed.FS

func localeOf(lang string) *locale.Locale { return locale.New(lang) }

// unpack writes a file of the case where commands can read it.
func (d *demo) unpack(name string) (string, error) {
	raw, err := demoFiles.ReadFile("testdata/demo/" + name)
	if err != nil {
		return "", err
	}
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		return "", fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return path, nil
}

// playCase plays a business e-mail compromise from the request to the rating,
// each act by the command that an officer would use.
func (d *demo) playCase() error {
	us, cn := d.sides[0], d.sides[1]
	if err := d.ask(us); err != nil {
		return err
	}
	name, err := d.cross(cn, act.RequestOpen)
	if err != nil {
		return err
	}
	d.about = name
	d.told("demo.case.arrived", "name", cn.shown(d), "request", name)
	analysis, err := d.unpack("reply-analysis.txt")
	if err != nil {
		return err
	}
	steps := []struct {
		side *demoSide
		kind string
		text string
		o    sayOptions
	}{
		{cn, act.RequestOpened, "", sayOptions{}},
		{cn, act.RequestAccept, "demo.text.accept", sayOptions{}},
		{cn, act.RequestAsk, "demo.text.ask", sayOptions{}},
		{us, act.RequestReply, "demo.text.reply", sayOptions{}},
		{cn, act.RequestPartial, "demo.text.partial", sayOptions{attach: []string{analysis}}},
		{cn, act.RequestAnswer, "demo.text.answer", sayOptions{}},
		{us, act.RequestRate, "demo.text.rate", sayOptions{score: 5}},
		{us, act.RequestClose, "demo.text.close", sayOptions{}},
	}
	for _, s := range steps {
		o := s.o
		o.officer, o.handling = s.side.officer, "H1"
		if s.text != "" {
			o.text, o.lang = localeOf(languageOf(s.side.code)).T(s.text), textLanguage(s.side.code)
		}
		if err := s.side.runSay(d.ctx, s.kind, name, &o); err != nil {
			return err
		}
		d.acts++
		other := us
		if s.side == us {
			other = cn
		}
		if _, err := d.cross(other, s.kind); err != nil {
			return err
		}
		d.told("demo.case."+verb(s.kind), "name", s.side.shown(d), "officer", s.side.person, "other", other.shown(d))
	}
	return d.until(func() (bool, error) {
		r, err := d.request(us)
		if err != nil {
			return false, err
		}
		for _, a := range r.Acts {
			for _, f := range a.Attachments {
				if !f.Here {
					return false, nil
				}
			}
		}
		return true, nil
	})
}

// Each officer writes in their own language.
func languageOf(code string) string {
	if code == "cn" {
		return "zh"
	}
	return "en"
}

func textLanguage(code string) string {
	if code == "cn" {
		return "zh-Hans"
	}
	return "en"
}

// ask sends the request: a whole e-mail with full headers, and indicators.
func (d *demo) ask(us *demoSide) error {
	mail, err := d.unpack("bec.eml")
	if err != nil {
		return err
	}
	indicators, err := d.unpack("indicators.json")
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(indicators)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", indicators)
	}
	bundle, err := stix.Decode(raw)
	if err != nil {
		return err
	}
	body, err := json.Marshal(demoRequest(d.english))
	if err != nil {
		return err
	}
	path := filepath.Join(d.dir, "request.json")
	if err := os.WriteFile(path, body, 0o644); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	o := sayOptions{officer: us.officer, file: path, attach: []string{mail, indicators}}
	if err := us.runRequestNew(d.ctx, act.RequestOpen, &o); err != nil {
		return err
	}
	d.acts++
	d.told("demo.case.asked", "name", us.shown(d), "officer", us.person, "objects", fault.Int(len(bundle.Objects)))
	return nil
}

// demoRequest is the form as the requesting officer filled it in.
func demoRequest(t func(string) string) act.OpenBody {
	text := func(key string) json.RawMessage {
		raw, _ := json.Marshal(t("demo.form." + key)) // a string always encodes
		return raw
	}
	return act.OpenBody{
		Marked: act.Marked{Handling: "H1"}, Type: "incident", Urgency: "urgent", Area: "email-compromise",
		Why: act.Text{Lang: "en", Text: t("demo.form.why")}, FromUnit: "cyber", ToUnit: "cyber", Reference: "HM-2016-0417",
		Title: act.Text{Lang: "en", Text: t("demo.form.title")},
		Fields: map[string]json.RawMessage{
			"own-reference": json.RawMessage(`"HM-2016-0417"`), "authority": text("authority"), "offence": text("offence"),
			"facts": text("facts"), "class": json.RawMessage(`"fraud"`), "wanted": text("wanted"), "purpose": text("purpose"),
			"period": json.RawMessage(`{"from":"2016-06-14T07:41:00Z","to":"2016-06-14T16:00:00Z"}`), "identifiers": json.RawMessage(`[{"kind":"email","value":"dana.whitfield@corvane-va1ves.example",` +
				`"window":{"from":"2016-06-14T00:00:00Z","to":"2016-06-15T00:00:00Z"}},{"kind":"ip","value":"198.51.100.143"}]`),
			"earlier": json.RawMessage(`false`), "confidential": json.RawMessage(`false`),
			"contact":   json.RawMessage(`{"name":"Ellen Marsh","phone":"+1 202 555 0143"}`),
			"confirmer": json.RawMessage(`{"name":"Joseph Okoro","phone":"+1 202 555 0177"}`),
		},
	}
}

// request reads the one request of the demonstration at a side.
func (d *demo) request(s *demoSide) (one *api.Request, err error) {
	err = s.reach(d.ctx, func(client *api.Client) error {
		var list []api.Request
		if err := client.Call(d.ctx, "/v1/requests", nil, &list); err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(rule.NodeNoRequest, "request", "")
		}
		name := d.about
		if name == "" {
			name = list[0].Name
		}
		one, err = s.fetchRequest(d.ctx, client, name)
		return err
	})
	return one, err
}

// cross waits until an act of a kind has crossed the line to a side, in order.
func (d *demo) cross(to *demoSide, kind string) (name string, err error) {
	err = d.until(func() (bool, error) {
		r, err := d.request(to)
		if fault.Is(err, rule.NodeNoRequest) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		name = r.Name
		for _, a := range r.Acts {
			if a.NotInOrder != "" {
				return false, fault.New(fault.Code(a.NotInOrder), "kind", a.Kind)
			}
			if a.Kind == kind && !a.Ours {
				return true, nil
			}
		}
		return false, nil
	})
	return name, err
}
