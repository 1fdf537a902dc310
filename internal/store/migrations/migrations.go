// Package migrations implements docs/store.md, "Schema": the tables, as
// numbered SQL files that every engine runs unchanged.
//
// Forward only, one transaction each. A file that was released is never
// edited: what it did wrong, the next one mends. The subset of SQL is what
// SQLite and PostgreSQL read alike: bigint, bytea, boolean and text columns,
// numbers made by the program, no identity columns, no clock.
package migrations

import (
	"embed"
	"strings"

	"parley.example/wire/fault"
)

//go:embed *.sql
var files embed.FS

// Migration is one step from a version of the schema to the next.
type Migration struct {
	Version int64 // 1 and up, without gaps
	Name    string
	SQL     string
}

// All lists the steps in order.
func All() ([]Migration, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	all := make([]Migration, 0, len(entries))
	for i, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal)
		}
		all = append(all, Migration{int64(i + 1), strings.TrimSuffix(e.Name(), ".sql"), string(text)})
	}
	return all, nil
}
