package sqltext

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// session is one connection with its prepared statements. Statements run under
// a context of their own: one that is interrupted half-way may take the whole
// transaction with it, and the other updates in that.
type session struct {
	st    *Store
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	err   error // the first failure of the database since it was last cleared
}

func (st *Store) open() (*session, error) {
	conn, err := st.engine.DB.Conn(context.Background())
	if err != nil {
		return nil, fault.Wrap(err, st.engine.Code(err, false))
	}
	return &session{st: st, conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// drop gives the connection up for good, and with it a transaction left open.
func (s *session) drop() *session {
	if s == nil {
		return nil
	}
	for _, stmt := range s.stmts {
		stmt.Close()
	}
	s.conn.Raw(func(any) error { return driver.ErrBadConn })
	s.conn.Close()
	return nil
}

// failed keeps the first failure: what comes after it in the same transaction
// stands on nothing.
func (s *session) failed(err error) error {
	if s.err == nil {
		s.err = fault.Wrap(err, s.st.engine.Code(err, false))
	}
	return s.err
}

func (s *session) stmt(query string) (*sql.Stmt, error) {
	if s.err != nil {
		return nil, s.err
	}
	if stmt := s.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, s.failed(err)
	}
	s.stmts[query] = stmt
	return stmt, nil
}

// exec runs a statement and gives the number of rows that it changed.
func (s *session) exec(query string, args ...any) (int64, error) {
	stmt, err := s.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, s.failed(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, s.failed(err)
	}
	return n, nil
}

// end runs COMMIT, ROLLBACK or the like, and leaves the error as it is.
func (s *session) end(query string) error {
	stmt, err := s.stmt(query)
	if err == nil {
		_, err = stmt.ExecContext(context.Background())
	}
	return err
}

// one reads the first row; store.absent when there is none.
func (s *session) one(query string, args []any, dest ...any) error {
	stmt, err := s.stmt(query)
	if err != nil {
		return err
	}
	err = stmt.QueryRowContext(context.Background(), args...).Scan(dest...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.New(rule.StoreAbsent)
	case err != nil:
		return s.failed(err)
	}
	return nil
}

// all reads every row into values that dest points to, calling take after each.
// It is for pages of bounded size: no cursor is open while a caller's f runs.
func (s *session) all(query string, args, dest []any, take func()) error {
	stmt, err := s.stmt(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return s.failed(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return s.failed(err)
		}
		take()
	}
	if err := rows.Err(); err != nil {
		return s.failed(err)
	}
	return nil
}
