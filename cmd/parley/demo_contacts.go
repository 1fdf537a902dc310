package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// reachable has each side say how its duty desk is reached, by numbers and names
// that are reserved for examples.
func (d *demo) reachable() error {
	for i, s := range d.sides {
		telephone := []string{"+1 202 555 0143", "+86 10 5555 0143"}[i]
		zone := []string{"America/New_York", "Asia/Shanghai"}[i]
		both := func(key string) act.Words { return act.Words{En: d.english(key), Zh: d.chinese(key)} }
		body := act.ContactBody{Role: "duty", Unit: "cyber", Names: both("demo.contact.name"), Hours: both("demo.contact.hours"), Zone: zone, Languages: []string{"en", "zh-Hans"},
			Ways:     []act.Way{{Kind: act.WayPhone, Value: telephone}, {Kind: act.WayMail, Value: "duty@" + s.code + ".example"}},
			Deputies: []string{"supervisor"}, Confirmers: []act.Confirmer{{Role: "supervisor", Kind: act.WayPhone, Value: telephone}}}
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		path := filepath.Join(d.dir, "contact-of-"+s.code+".json")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", path)
		}
		if err := s.runContactPublish(d.ctx, &contactOptions{officer: s.officer, until: "+180d"}, []string{path}); err != nil {
			return err
		}
		d.acts++
		other := d.sides[1-i]
		err = d.until(func() (found bool, err error) {
			return found, other.reach(d.ctx, func(client *api.Client) error {
				list, err := other.fetchContacts(d.ctx, client)
				for _, c := range list {
					found = found || !c.Ours
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		d.told("demo.contact", "name", s.shown(d), "other", other.shown(d))
	}
	return nil
}
