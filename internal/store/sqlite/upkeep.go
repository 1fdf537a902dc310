package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Backup writes a copy of the store, as it is at one moment, to a file that
// must not exist, while the store goes on. The copy has the store's identity:
// a node that is started on it is behind its own note, and must restore.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := emptyFile(path); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, "VACUUM INTO $1", path)
	if err != nil {
		err = fault.Wrap(err, code(err, false), "file", path)
	} else if err = syncFile(path); err == nil { // VACUUM INTO does not
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path) // half a backup is worse than none
	}
	return err
}

// Check reads the whole database and its indexes: store.damaged with the first
// thing that does not fit.
func (s *Store) Check(ctx context.Context) error {
	var word string
	if err := s.db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&word); err != nil {
		return fault.Wrap(err, code(err, false))
	}
	if word != "ok" {
		return fault.New(rule.StoreDamaged, "found", word)
	}
	return nil
}

// Scrub writes the log back and empties it. What was dropped before is then in
// neither file; until then the log may hold it. It fails with store.in-use when
// a view still looks at an older state.
func (s *Store) Scrub(ctx context.Context) error { return scrub(ctx, s.db) }

func scrub(ctx context.Context, db *sql.DB) error {
	var busy, frames, written int
	err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &written)
	if err != nil {
		return fault.Wrap(err, code(err, false))
	}
	if busy != 0 {
		return fault.New(rule.StoreLocked)
	}
	return nil
}
