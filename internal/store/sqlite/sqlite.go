// Package sqlite implements docs/store.md, "SQLite": the default store, one
// folder with one database that one process serves.
//
// The folder holds store.db, beside it what SQLite keeps while it runs
// (store.db-wal, store.db-shm), and store.lock. A commit is answered after the
// log has been synced: write-ahead log, synchronous=FULL.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"parley.example/internal/store/migrations"
	"parley.example/internal/store/sqltext"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The files of a store's folder.
const (
	fileName = "store.db"
	lockName = "store.lock"
	newName  = "store.new"
)

// Options are for tests; the zero value is what a node runs with.
type Options struct {
	TestingOnlyCommit   func(commit func() error) error // see sqltext.Engine
	TestingOnlyMaxPages int                             // of the database, as on a small disk; 0: no limit
}

// Store is a store.Store in a folder.
type Store struct {
	*sqltext.Store
	db     *sql.DB
	lock   *os.File
	keeper *keeper
}

// readers is how many views run at once. More would only contend: two cores
// that scan already starve a writer.
const readers = 4

// Create makes a store in a folder, which it makes too if need be, and closes
// it again. Where a store is, it is left alone: store.exists. It is made under
// another name and renamed, so that a crash leaves a store or none.
func Create(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(err, rule.StoreIO, "folder", dir)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer release(lock)
	target, made := filepath.Join(dir, fileName), filepath.Join(dir, newName)
	if _, err := os.Lstat(target); err == nil {
		return fault.New(rule.StoreExists, "folder", dir)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(made + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(err, rule.StoreIO, "folder", dir)
		}
	}
	if err := fill(ctx, made); err != nil {
		return err
	}
	if err := os.Rename(made, target); err != nil {
		return fault.Wrap(err, rule.StoreIO, "folder", dir)
	}
	return syncFolder(dir)
}

// fill makes an empty database with the newest schema and a new identity.
func fill(ctx context.Context, path string) error {
	if err := emptyFile(path); err != nil {
		return err
	}
	e, err := engine(path, Options{})
	if err != nil {
		return err
	}
	steps, err := migrations.All()
	if err == nil {
		_, err = sqltext.Migrate(ctx, e, steps)
	}
	var id [16]byte
	rand.Read(id[:])
	if err == nil {
		err = sqltext.Create(ctx, e, id)
	}
	// The last connection that is closed would write the log back into the file,
	// but not say that it could not; and only the file gets its name.
	if err == nil {
		err = scrub(ctx, e.DB)
	}
	if fail := e.DB.Close(); err == nil && fail != nil {
		err = fault.Wrap(fail, rule.StoreIO)
	}
	if err == nil {
		err = syncFile(path)
	}
	return err
}

// Open serves the store in a folder, after bringing an older schema up to date.
// A folder without a store is store.absent: none is ever made by the way.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(rule.StoreAbsent, "folder", dir)
	} else if err != nil {
		return nil, fault.Wrap(err, rule.StoreIO, "folder", dir)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock}
	if err := s.open(ctx, path, o); err != nil {
		if s.keeper != nil {
			s.keeper.conn.Close()
		}
		if s.db != nil {
			s.db.Close()
		}
		release(lock)
		return nil, err
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string, o Options) error {
	e, err := engine(path, o)
	if err != nil {
		return err
	}
	s.db = e.DB
	// On file systems that cannot share memory SQLite quietly keeps another
	// journal; the guarantees of this store are those of the write-ahead log.
	var journal string
	var synchronous int
	err = s.db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal)
	if err == nil {
		err = s.db.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous)
	}
	if err != nil {
		return fault.Wrap(err, e.Code(err, false), "file", path)
	}
	if journal != "wal" || synchronous != 2 {
		return fault.New(rule.StoreIO, "file", path, "journal", journal, "synchronous", fault.Int(synchronous))
	}
	steps, err := migrations.All()
	if err != nil {
		return err
	}
	if _, err := sqltext.Migrate(ctx, e, steps); err != nil {
		return err
	}
	if s.keeper, err = newKeeper(ctx, e.DB); err != nil {
		return fault.Wrap(err, e.Code(err, false), "file", path)
	}
	e.Committed = s.keeper.committed
	if s.Store, err = sqltext.New(ctx, e); err != nil {
		return err
	}
	go s.keeper.run()
	return nil
}

// Close waits for updates and views that run, writes the log back into the
// database and gives the folder free.
func (s *Store) Close() error {
	if err := s.Store.Close(); err != nil {
		return err
	}
	s.keeper.end()
	err := s.db.Close()
	if fail := release(s.lock); err == nil {
		err = fail
	}
	if err != nil {
		return fault.Wrap(err, rule.StoreIO)
	}
	return nil
}

// engine is SQLite as sqltext needs it.
func engine(path string, o Options) (sqltext.Engine, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return sqltext.Engine{}, fault.Wrap(err, rule.StoreIO, "file", path)
	}
	query := url.Values{"_pragma": pragmas}
	if o.TestingOnlyMaxPages > 0 {
		query.Add("_pragma", "max_page_count("+fault.Int(o.TestingOnlyMaxPages)+")")
	}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return sqltext.Engine{}, fault.Wrap(err, rule.StoreIO, "file", path)
	}
	return sqltext.Engine{DB: db, Writer: "PRAGMA cache_size = -8192", Room: qRestart, BeginWrite: "BEGIN IMMEDIATE", BeginRead: "BEGIN", Text: text, Clustered: "WITHOUT ROWID", Readers: readers,
		Code: code, TestingOnlyCommit: o.TestingOnlyCommit}, nil
}

// text writes parameters that come in their order without numbers: SQLite takes
// a number for a name, and looks for it in a list.
func text(query string) string {
	n := 0
	inOrder := true
	plain := numbered.ReplaceAllStringFunc(query, func(p string) string {
		n++
		inOrder = inOrder && p == "$"+fault.Int(n)
		return "?"
	})
	if !inOrder {
		return query
	}
	return plain
}

var numbered = regexp.MustCompile(`\$\d+`)

// pragmas are set on every connection.
var pragmas = []string{
	"busy_timeout(10000)",     // a backup's or a checkpoint's lock is waited for
	"journal_mode(wal)",       // readers and the writer do not stop each other
	"synchronous(full)",       // a commit is on the disk before it is answered
	"fullfsync(1)",            // where fsync alone does not empty the disk's cache
	"checkpoint_fullfsync(1)", // the same
	"wal_autocheckpoint(" + fault.Int(logLimit) + ")", // see keeper
	"secure_delete(on)",   // what is dropped is overwritten in the file
	"temp_store(memory)",  // sorted pages never reach another file
	"trusted_schema(off)", // a changed file cannot make us call functions
	"cell_size_check(on)", // damage is noticed where it is read
}

// code is what an error of SQLite means. A full disk is noticed before the
// frame that would make a commit valid; of any other failure of a commit SQLite
// cannot say what a restart would find.
func code(err error, commit bool) fault.Code {
	var e *driver.Error
	primary := -1
	if errors.As(err, &e) {
		primary = e.Code() & 0xff
	}
	switch {
	case primary == codes.SQLITE_FULL:
		return rule.StoreFull
	case commit:
		return rule.StoreUnknown
	case primary == codes.SQLITE_CORRUPT, primary == codes.SQLITE_NOTADB:
		return rule.StoreDamaged
	case primary == codes.SQLITE_BUSY, primary == codes.SQLITE_LOCKED:
		return rule.StoreLocked
	}
	return rule.StoreIO
}
