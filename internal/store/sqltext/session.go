package sqltext

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// session is one connection with its prepared statements, which it gives to the
// driver itself: what database/sql does for a statement costs as much as the
// statement. Statements run under a context of their own: one that is
// interrupted half-way may take the whole transaction with it, and the other
// updates in that.
type session struct {
	st    *Store
	conn  *sql.Conn
	stmts map[string]statement
	err   error // the first failure of the database since it was last cleared
	args  []driver.NamedValue
}

// statement is what a driver must offer.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func (st *Store) open() (*session, error) {
	conn, err := st.engine.DB.Conn(context.Background())
	if err != nil {
		return nil, fault.Wrap(err, st.engine.Code(err, false))
	}
	return &session{st: st, conn: conn, stmts: map[string]statement{}}, nil
}

// drop gives the connection up for good, and with it a transaction left open.
func (s *session) drop() *session {
	if s == nil {
		return nil
	}
	s.conn.Raw(func(any) error {
		for _, stmt := range s.stmts {
			stmt.Close()
		}
		return driver.ErrBadConn
	})
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

// with runs f on a statement, prepared once, and its arguments.
func (s *session) with(query string, args []any, f func(statement, []driver.NamedValue) error) error {
	return s.conn.Raw(func(conn any) error {
		stmt := s.stmts[query]
		if stmt == nil {
			text := query
			if s.st.engine.Text != nil {
				text = s.st.engine.Text(query)
			}
			made, err := conn.(driver.ConnPrepareContext).PrepareContext(context.Background(), text)
			if err != nil {
				return err
			}
			var ok bool
			if stmt, ok = made.(statement); !ok {
				return errors.New("a driver without contexts")
			}
			s.stmts[query] = stmt
		}
		s.args = s.args[:0]
		for i, arg := range args {
			s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
		}
		defer clear(s.args) // what was written is not kept alive
		return f(stmt, s.args)
	})
}

// end runs COMMIT, ROLLBACK or the like, and leaves the error as it is.
func (s *session) end(query string) error {
	return s.with(query, nil, func(stmt statement, args []driver.NamedValue) error {
		_, err := stmt.ExecContext(context.Background(), args)
		return err
	})
}

// exec runs a statement. Arguments are int64, bool or []byte.
func (s *session) exec(query string, args ...any) error {
	if s.err != nil {
		return s.err
	}
	if err := s.with(query, args, func(stmt statement, args []driver.NamedValue) error {
		_, err := stmt.ExecContext(context.Background(), args)
		return err
	}); err != nil {
		return s.failed(err)
	}
	return nil
}

// one reads the first row; store.absent when there is none.
func (s *session) one(query string, args []any, dest ...any) error {
	found := false
	if err := s.all(query, args, dest, func() { found = true }); err != nil {
		return err
	}
	if !found {
		return fault.New(rule.StoreAbsent)
	}
	return nil
}

// all reads every row into values that dest points to, calling take after each.
// It is for pages of bounded size: no cursor is open while a caller's f runs.
func (s *session) all(query string, args, dest []any, take func()) error {
	if s.err != nil {
		return s.err
	}
	err := s.with(query, args, func(stmt statement, args []driver.NamedValue) (err error) {
		rows, err := stmt.QueryContext(context.Background(), args)
		if err != nil {
			return err
		}
		defer func() {
			if cerr := rows.Close(); err == nil {
				err = cerr
			}
		}()
		values := make([]driver.Value, len(dest))
		for {
			switch err := rows.Next(values); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			for i, v := range values {
				if err := scan(dest[i], v); err != nil {
					return err
				}
			}
			take()
		}
	})
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// scan puts one value where it belongs. Bytes are copied, since a driver may
// use theirs again.
func scan(dest any, v driver.Value) error {
	switch to := dest.(type) {
	case *int64:
		if n, ok := v.(int64); ok {
			*to = n
			return nil
		}
	case *bool:
		switch x := v.(type) {
		case bool:
			*to = x
			return nil
		case int64:
			*to = x != 0
			return nil
		}
	case *[]byte:
		switch x := v.(type) {
		case []byte:
			*to = kept(x)
			return nil
		case nil: // how one engine gives nothing at all
			*to = []byte{}
			return nil
		}
	}
	return fmt.Errorf("a column of type %T where %T belongs", v, dest)
}
