package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley.example/internal/store"
	"parley.example/internal/store/migrations"
	"parley.example/internal/store/sqltext"
	"parley.example/internal/store/storetest"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		child(dir)
		return
	}
	if dir := os.Getenv(faultFolder); dir != "" {
		faultChild(dir)
		return
	}
	os.Exit(m.Run())
}

// folder makes a store and gives its folder.
func folder(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a store? 100% #1 存") // names that a URL would read otherwise
	if err := Create(ctx, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(ctx, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !fault.Is(err, rule.StoreClosed) {
			t.Error(err)
		}
	})
	return s
}

func wants(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	template := folder(t)
	storetest.Run(t, func(t testing.TB) storetest.Factory {
		dir := copyOf(t, template)
		var fail, stored bool
		o := Options{TestingOnlyCommit: func(commit func() error) error {
			if !fail {
				return commit()
			}
			fail = false
			if stored {
				if err := commit(); err != nil {
					return err
				}
			}
			return errors.New("the disk said nothing")
		}}
		return storetest.Factory{
			Open: func(t testing.TB) store.Store { return open(t, dir, o) },
			Fail: func(s bool) { fail, stored = true, s },
		}
	})
}

// copyOf gives a fresh store without making the schema each time.
func copyOf(t testing.TB, template string) string {
	t.Helper()
	dir := t.TempDir()
	db, err := os.ReadFile(filepath.Join(template, fileName))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fileName), db, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Open(ctx, dir, Options{})
	wants(t, err, rule.StoreAbsent)
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("Open left %v behind where no store is", entries)
	}
	// What a crash left of an earlier try is no obstacle.
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(filepath.Join(dir, newName+end), []byte("half a store"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Create(ctx, dir); err != nil {
		t.Fatal(err)
	}
	wants(t, Create(ctx, dir), rule.StoreExists)
	s := open(t, dir, Options{})
	other := open(t, folder(t), Options{})
	if s.Identity() == other.Identity() {
		t.Error("two stores have one identity")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := s.Update(ctx, func(tx store.Tx) error { return tx.PutRecord("b", "k", nil) }); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestInUse(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir, Options{})
	_, err := Open(ctx, dir, Options{})
	wants(t, err, rule.StoreLocked)
	if err == nil || !strings.Contains(err.Error(), filepath.Base(dir)) {
		t.Errorf("the folder is not named: %v", err)
	}
	wants(t, Create(ctx, dir), rule.StoreLocked)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{})
}

// change runs a statement in a store that is closed.
func change(t *testing.T, dir, query string) {
	t.Helper()
	e, err := engine(filepath.Join(dir, fileName), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.DB.Close()
	if _, err := e.DB.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func TestSchemaRefused(t *testing.T) {
	t.Parallel()
	newer := folder(t)
	change(t, newer, `INSERT INTO schema_steps (step, name) VALUES (1000, 'from later')`)
	_, err := Open(ctx, newer, Options{})
	wants(t, err, rule.StoreNewer)
	_, err = Open(ctx, newer, Options{}) // it was left as it was, and unlocked
	wants(t, err, rule.StoreNewer)
	other := folder(t)
	change(t, other, `UPDATE schema_steps SET name = 'another' WHERE step = 1`)
	_, err = Open(ctx, other, Options{})
	wants(t, err, rule.StoreDamaged)
	none := folder(t)
	change(t, none, `DELETE FROM identity`)
	_, err = Open(ctx, none, Options{})
	wants(t, err, rule.StoreDamaged)
	garbage := folder(t)
	if err := os.WriteFile(filepath.Join(garbage, fileName), []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(ctx, garbage, Options{})
	wants(t, err, rule.StoreDamaged)
}

// TestUpgrade: a store that stopped after any step goes on from there and keeps
// what it holds; a step that fails leaves nothing of itself.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	steps, err := migrations.All()
	if err != nil || len(steps) < 4 {
		t.Fatal(len(steps), err)
	}
	for n := 1; n < len(steps); n++ {
		dir := t.TempDir()
		e, err := engine(filepath.Join(dir, fileName), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := sqltext.Migrate(ctx, e, steps[:n]); err != nil || found != 0 {
			t.Fatal(found, err)
		}
		if err := sqltext.Create(ctx, e, [16]byte{7}); err != nil {
			t.Fatal(err)
		}
		broken := append(append([]migrations.Migration{}, steps[:n]...),
			migrations.Migration{Version: int64(n + 1), Name: "broken", SQL: "CREATE TABLE half (a bigint); CREATE TABLE half (a bigint)"})
		if _, err := sqltext.Migrate(ctx, e, broken); err == nil {
			t.Error("a broken step passed")
		}
		if err := e.DB.Close(); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, Options{})
		if s.Identity() != [16]byte{7} {
			t.Errorf("after step %d: identity %x", n, s.Identity())
		}
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		change(t, dir, "CREATE TABLE half (a bigint)") // which would fail were it there
	}
}

// TestUpgradeWords: what could be searched for before the words had rows of
// their own can be afterwards, and be dropped.
func TestUpgradeWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e, err := engine(filepath.Join(dir, fileName), Options{})
	if err != nil {
		t.Fatal(err)
	}
	steps, err := migrations.All()
	if err == nil {
		_, err = sqltext.Migrate(ctx, e, steps[:4])
	}
	if err == nil {
		err = sqltext.Create(ctx, e, [16]byte{7})
	}
	if err == nil {
		_, err = e.DB.Exec(`INSERT INTO lines (line, link, channel) VALUES (1, zeroblob(32), 3);
			INSERT INTO tokens (token, line, own, position) VALUES
			(zeroblob(16), 1, true, 4), (zeroblob(16), 1, true, 9), (x'ff000000000000000000000000000000', 1, true, 4)`)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := e.DB.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, Options{})
	find := func(tokens ...[16]byte) (found []store.ThreadID) {
		t.Helper()
		if err := s.View(ctx, func(r store.Reader) (err error) {
			found, err = r.Find(tokens, 9)
			return err
		}); err != nil {
			t.Error(err)
		}
		return found
	}
	id := store.ThreadID{Channel: 3, Own: true, Position: 4}
	if got := find([16]byte{}, [16]byte{0xff}); len(got) != 1 || got[0] != id {
		t.Errorf("found %v", got)
	}
	if got := find([16]byte{}); len(got) != 2 {
		t.Errorf("found %v", got)
	}
	if err := s.Update(ctx, func(tx store.Tx) error { return tx.DropThread(id) }); err != nil {
		t.Error(err)
	}
	if got := find([16]byte{}); len(got) != 1 {
		t.Errorf("found %v after the drop", got)
	}
}

// TestPlans asks the planner about every statement: none may read a whole table
// or sort what an index has in order.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := open(t, folder(t), Options{})
	plan := func(query string) (lines []string) {
		t.Helper()
		args := make([]any, len(regexp.MustCompile(`\$\d+`).FindAllString(query, -1)))
		rows, err := s.db.Query("EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, detail)
		}
		if err := rows.Err(); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return lines
	}
	scan := regexp.MustCompile(`^SCAN `)
	values := regexp.MustCompile(`^SCAN (\d+-ROW VALUES CLAUSE|CONSTANT ROW)$`) // what the statement itself brings
	bad := func(line string) bool {
		return scan.MatchString(line) && !values.MatchString(line) || strings.Contains(line, "TEMP B-TREE")
	}
	for name, query := range sqltext.Queries() {
		for _, line := range plan(query) {
			if all := regexp.MustCompile(`^DELETE FROM \w+$`).MatchString(query); bad(line) && !all {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	// The test itself would notice.
	for _, query := range []string{"SELECT leaf FROM leaves WHERE type = 1", "SELECT key FROM records ORDER BY value",
		"SELECT run FROM segments WHERE run > 1 ORDER BY -run", "DELETE FROM records WHERE value = $1"} {
		if lines := plan(query); !slices.ContainsFunc(lines, bad) {
			t.Errorf("%s: %q", query, lines)
		}
	}
}

// TestFull: on a full disk an update is refused and leaves nothing, what was
// acknowledged stays, and small updates that share its commit are answered.
func TestFull(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir, Options{TestingOnlyMaxPages: 120})
	id := store.LogID{Own: true}
	add := func(p uint64, blob int) error {
		return s.Update(ctx, func(tx store.Tx) error {
			if err := tx.Append(id, []store.Row{storetest.MakeRow(p)}); err != nil {
				return err
			}
			_ = tx.PutBlob(id, p, store.BlobFirst, make([]byte, blob)) // hiding it does not help
			return nil
		})
	}
	acked := uint64(0)
	var err error
	for err == nil && acked < 1000 {
		if err = add(acked, 20_000); err == nil {
			acked++
		}
	}
	wants(t, err, rule.StoreFull)
	if acked == 0 {
		t.Fatal("nothing fitted")
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.Update(ctx, func(tx store.Tx) error {
				return tx.PutBlob(id, 0, store.BlobRestated, make([]byte, 1_000_000))
			}); !fault.Is(err, rule.StoreFull) {
				t.Errorf("got %v", err)
			}
			_ = s.Update(ctx, func(tx store.Tx) error { return tx.DropBlob(id, 1000, store.BlobFirst) })
		})
	}
	all.Wait()
	check := func(s *Store) {
		t.Helper()
		if err := s.View(ctx, func(r store.Reader) error {
			n := uint64(0)
			if err := r.Rows(id, 0, 1000, func(row store.Row) error {
				if _, err := r.Blob(id, row.Position, store.BlobFirst); err != nil {
					return err
				}
				n++
				return nil
			}); err != nil {
				return err
			}
			if n != acked {
				return fmt.Errorf("%d rows, %d were acknowledged", n, acked)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{}) // the disk was made larger
	check(s)
	if err := add(acked, 20_000); err != nil {
		t.Error(err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	s := open(t, folder(t), Options{})
	id := store.LogID{Own: true}
	add := func(from, to uint64) {
		t.Helper()
		for p := from; p < to; p++ {
			if err := s.Update(ctx, func(tx store.Tx) error {
				return tx.Append(id, []store.Row{storetest.MakeRow(p)})
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(0, 50)
	var writer sync.WaitGroup
	writer.Go(func() { add(50, 150) }) // the store goes on meanwhile
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	if err := s.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	writer.Wait()
	wants(t, s.Backup(ctx, path), rule.StoreExists)
	wants(t, s.Backup(ctx, filepath.Join(dir, "no", "folder")), rule.StoreIO)
	copied := open(t, dir, Options{})
	if copied.Identity() != s.Identity() {
		t.Error("the backup has another identity")
	}
	if err := copied.Check(ctx); err != nil {
		t.Error(err)
	}
	n := uint64(0)
	if err := copied.View(ctx, func(r store.Reader) error {
		return r.Rows(id, 0, 1000, func(row store.Row) error {
			if fmt.Sprint(row) != fmt.Sprint(storetest.MakeRow(n)) {
				return fmt.Errorf("row %d is not what it was", n)
			}
			n++
			return nil
		})
	}); err != nil || n < 50 || n > 150 {
		t.Errorf("%d rows: %v", n, err)
	}
}

// TestScrub: what was dropped can be found in no file of the folder.
func TestScrub(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir, Options{})
	secret := strings.Repeat("this text must go for good ", 600) // longer than a page
	id := store.LogID{Own: true}
	found := func() int {
		n := 0
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			n += strings.Count(string(b), "must go for good")
		}
		return n
	}
	for _, f := range []func(store.Tx) error{
		func(tx store.Tx) error { return tx.PutBlob(id, 0, store.BlobFirst, []byte(secret)) },
		func(tx store.Tx) error { return tx.PutRecord("b", "k", []byte(secret)) },
	} {
		if err := s.Update(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if found() == 0 {
		t.Fatal("the test looks in the wrong place")
	}
	if err := s.Update(ctx, func(tx store.Tx) error {
		if err := tx.DropBlob(id, 0, store.BlobFirst); err != nil {
			return err
		}
		return tx.DropRecord("b", "k")
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if n := found(); n > 0 {
		t.Errorf("%d pieces are left", n)
	}
}

// TestDamage: a database whose pages were changed is noticed.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir, Options{})
	if err := s.Update(ctx, func(tx store.Tx) error {
		for p := range uint64(200) {
			if err := tx.Append(store.LogID{}, []store.Row{storetest.MakeRow(p)}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := 4096 * 10; page < len(b); page += 4096 {
		copy(b[page:], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	wants(t, s.Check(ctx), rule.StoreDamaged)
}
