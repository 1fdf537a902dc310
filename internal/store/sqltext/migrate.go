package sqltext

import (
	"context"
	"database/sql"
	"strings"

	"parley.example/internal/store/migrations"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Migrate brings the schema to the newest of these steps, each in a transaction
// of its own, and gives the version it found. A schema that is newer, or that
// came by other steps, is refused and left as it is.
func Migrate(ctx context.Context, e Engine, steps []migrations.Migration) (found int64, err error) {
	conn, err := e.DB.Conn(ctx)
	if err != nil {
		return 0, fault.Wrap(err, e.Code(err, false))
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, qSchemaTable); err != nil {
		return 0, fault.Wrap(err, e.Code(err, false))
	}
	found, err = schema(ctx, conn, e, steps)
	if err != nil {
		return found, err
	}
	for _, m := range steps[found:] {
		if err := step(ctx, conn, e, m); err != nil {
			return found, err
		}
	}
	return found, nil
}

func schema(ctx context.Context, conn *sql.Conn, e Engine, steps []migrations.Migration) (int64, error) {
	rows, err := conn.QueryContext(ctx, qSchemaList, int64(0))
	if err != nil {
		return 0, fault.Wrap(err, e.Code(err, false))
	}
	defer rows.Close()
	var found int64
	var name string
	for rows.Next() {
		before := found
		if err := rows.Scan(&found, &name); err != nil {
			return 0, fault.Wrap(err, e.Code(err, false))
		}
		if found > int64(len(steps)) {
			return found, fault.New(rule.StoreNewer, "schema", fault.Int(found), "known", fault.Int(len(steps)))
		}
		if found != before+1 || name != steps[before].Name {
			return found, fault.New(rule.StoreDamaged, "table", "schema", "step", name)
		}
	}
	if err := rows.Err(); err != nil {
		return found, fault.Wrap(err, e.Code(err, false))
	}
	return found, nil
}

func step(ctx context.Context, conn *sql.Conn, e Engine, m migrations.Migration) error {
	run := func(query string, args ...any) error {
		_, err := conn.ExecContext(ctx, query, args...)
		return err
	}
	err := run(e.BeginWrite)
	if err == nil {
		err = run(strings.ReplaceAll(m.SQL, "/* clustered */", e.Clustered))
	}
	if err == nil {
		err = run(qSchemaAdd, m.Version, m.Name)
	}
	if err == nil {
		err = run("COMMIT")
	}
	if err != nil {
		run("ROLLBACK") // nothing more can be done when this fails too
		return fault.Wrap(err, e.Code(err, false), "step", m.Name)
	}
	return nil
}
