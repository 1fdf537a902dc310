package stix

import (
	"strings"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// domain are the types of domain and relationship objects. Types that are
// neither here nor in meta are observables or somebody's own: they carry
// version and times or not.
var domain = set("attack-pattern campaign course-of-action grouping identity incident indicator infrastructure " +
	"intrusion-set location malware malware-analysis note observed-data opinion report threat-actor tool " +
	"vulnerability relationship sighting")

// meta are the types that speak about other objects.
var meta = set("marking-definition extension-definition language-content")

// required has what a type needs besides the common properties.
var required = map[string][]string{
	"indicator":    {"pattern", "pattern_type", "valid_from"},
	"relationship": {"relationship_type", "source_ref", "target_ref"},
	"sighting":     {"sighting_of_ref"},
}

// watched are the properties that are kept, and must be strings.
var watched = set("type id spec_version created modified name description definition_type pattern pattern_type " +
	"valid_from valid_until relationship_type source_ref target_ref sighting_of_ref")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// check applies STIX-8 to STIX-12 and STIX-20 to an object that was read.
func (o *Object) check(path string) error {
	if !validType(o.Type) {
		return fault.New(o.lack("type", rule.StixID), "path", path+"/type")
	}
	if o.Type == "bundle" {
		return fault.New(rule.StixBundle, "path", path)
	}
	if kind, ok := identifier(o.ID); !ok || kind != o.Type {
		return fault.New(o.lack("id", rule.StixID), "path", path+"/id")
	}
	if v, ok := o.props["spec_version"]; ok && v != "2.1" {
		return fault.New(rule.StixVersion, "path", path+"/spec_version", "have", clip(v))
	}
	var need []string
	switch {
	case o.Type == "marking-definition":
		need = []string{"spec_version", "created"}
	case domain[o.Type], meta[o.Type]:
		need = append([]string{"spec_version", "created", "modified"}, required[o.Type]...)
	}
	for _, name := range need {
		if o.props[name] == "" {
			return fault.New(rule.StixMissing, "path", path+"/"+name)
		}
	}
	if err := o.checkTimes(path); err != nil {
		return err
	}
	return o.checkColour(path)
}

// lack tells a property that is absent from one that is wrong.
func (o *Object) lack(name string, wrong fault.Code) fault.Code {
	if o.props[name] == "" {
		return rule.StixMissing
	}
	return wrong
}

func (o *Object) checkTimes(path string) error {
	for _, name := range []string{"created", "modified", "valid_from", "valid_until"} {
		if v, ok := o.props[name]; ok {
			if _, ok := instant(v); !ok {
				return fault.New(rule.StixTime, "path", path+"/"+name, "have", clip(v))
			}
		}
	}
	p := o.props
	if p["created"] != "" && p["modified"] != "" && before(p["modified"], p["created"]) {
		return fault.New(rule.StixTime, "path", path+"/modified", "have", p["modified"])
	}
	if p["valid_from"] != "" && p["valid_until"] != "" && !before(p["valid_from"], p["valid_until"]) {
		return fault.New(rule.StixTime, "path", path+"/valid_until", "have", p["valid_until"])
	}
	return nil
}

// instant reads a timestamp. The package time alone would also take a comma
// for the point, one digit for an hour and any offset for the Z.
func instant(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || !strings.HasSuffix(s, "Z") || strings.Contains(s, ",") {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

func validType(s string) bool {
	if len(s) < 3 || len(s) > 250 {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// identifier takes an identifier apart and returns its type.
func identifier(s string) (kind string, ok bool) {
	const uuid = 36
	at := len(s) - uuid - 2
	if at < 0 || s[at:at+2] != "--" || !validType(s[:at]) {
		return "", false
	}
	for i, c := range []byte(s[at+2:]) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return "", false
			}
			continue
		}
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return "", false
		}
	}
	return s[:at], true
}

// clip keeps a fault short, whatever was sent.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "")
	}
	return s
}
