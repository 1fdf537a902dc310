package migrations

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestSteps: numbers run without gaps, each step says why, and none uses what
// only one engine knows.
func TestSteps(t *testing.T) {
	t.Parallel()
	all, err := All()
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	types := regexp.MustCompile(`(?m)^  \w+ +(\w+)`)
	barred := regexp.MustCompile(`(?i)\b(autoincrement|rowid|strict|serial|jsonb?|generated|now|current_timestamp|pragma|collate)\b`)
	for i, m := range all {
		if m.Version != int64(i+1) || !strings.HasPrefix(m.Name, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("step %d is %d, %s", i+1, m.Version, m.Name)
		}
		if !strings.HasPrefix(m.SQL, "-- Why: ") {
			t.Errorf("%s does not say why", m.Name)
		}
		code := regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(m.SQL, "")
		if bad := barred.FindString(code); bad != "" {
			t.Errorf("%s uses %s", m.Name, bad)
		}
		for _, column := range types.FindAllStringSubmatch(code, -1) {
			switch column[1] {
			case "bigint", "bytea", "boolean", "text", "KEY":
			default:
				t.Errorf("%s: type %s", m.Name, column[1])
			}
		}
	}
}
