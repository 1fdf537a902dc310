package sqlite

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"sync/atomic"

	driver "modernc.org/sqlite"
)

// writeBack is how many pages the log may gain before it is written back into
// the database; at logLimit a commit does it itself, whatever it takes.
const (
	writeBack = 8000  // 32 MiB
	logLimit  = 16000 // 64 MiB
)

// keeper writes the log back beside the commits, on a connection and in a
// goroutine of its own. Since the writer goes on meanwhile, the log is never
// quite empty when it has done so; the leader then writes the few pages that
// are left, between two commits, and the next commit begins the log anew. What
// fails here fails no commit: the log has it all, and is tried again.
type keeper struct {
	conn   *sql.Conn
	limit  int           // how many pages are written back at once
	pages  int           // written since the last time; the leader's
	due    chan struct{} // holds one
	finish atomic.Bool   // the leader is to write the rest
	ended  chan struct{} // closed when the goroutine has ended

	testingOnlyWatch func(conn any) // sees the writer's connection after each commit
}

func newKeeper(ctx context.Context, db *sql.DB) (*keeper, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &keeper{conn: conn, limit: writeBack, due: make(chan struct{}, 1), ended: make(chan struct{})}, nil
}

const (
	qCheckpoint = "PRAGMA wal_checkpoint(PASSIVE)"
	// qRestart has the next commit begin the log anew, over what is there: it
	// needs no room that the log does not have, and ends what a failed commit left.
	qRestart = "PRAGMA wal_checkpoint(RESTART)"
)

func (k *keeper) run() {
	defer close(k.ended)
	for range k.due {
		if _, err := k.conn.ExecContext(context.Background(), qCheckpoint); err == nil {
			k.finish.Store(true)
		}
	}
}

// committed is called by the leader after each commit, with its connection.
func (k *keeper) committed(conn any) {
	if k.testingOnlyWatch != nil {
		k.testingOnlyWatch(conn)
	}
	written, _, err := conn.(driver.DBStatus).Status(driver.DBStatusCacheWrite, true)
	if err == nil {
		k.pages += written
	}
	if k.finish.Swap(false) {
		k.pages = 0
		conn.(sqldriver.ExecerContext).ExecContext(context.Background(), qCheckpoint, nil)
		return
	}
	if k.pages >= k.limit {
		k.pages = 0
		select {
		case k.due <- struct{}{}:
		default: // it is still at it
		}
	}
}

// end waits for what runs. Nothing may be committed any more.
func (k *keeper) end() {
	close(k.due)
	<-k.ended
	k.conn.Close()
}
