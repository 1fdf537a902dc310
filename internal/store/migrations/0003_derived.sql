-- Why: what folds give, kept so that a page need not fold again. All of it can
-- be dropped and made again from the record. A thread is named by the place of
-- its opening entry (line, own, position).
CREATE TABLE receipts (
  line bigint  NOT NULL,
  own  boolean NOT NULL,
  size bigint  NOT NULL,
  time bigint  NOT NULL,
  at   bigint  NOT NULL,
  PRIMARY KEY (line, own, size)
);

CREATE TABLE acts (
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  act      bytea   NOT NULL,
  position bigint  NOT NULL,
  PRIMARY KEY (line, own, act)
);

CREATE TABLE thread_entries (
  line      bigint  NOT NULL,
  own       boolean NOT NULL,
  position  bigint  NOT NULL,
  entry_own boolean NOT NULL,
  entry     bigint  NOT NULL,
  PRIMARY KEY (line, own, position, entry_own, entry)
);

CREATE TABLE thread_rows (
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  position bigint  NOT NULL,
  changed  bigint  NOT NULL,
  value    bytea   NOT NULL,
  PRIMARY KEY (line, own, position)
);

-- The lists of the counter: newest change first.
CREATE INDEX thread_rows_changed ON thread_rows (line, changed, own, position);

CREATE TABLE tokens (
  token    bytea   NOT NULL,
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  position bigint  NOT NULL,
  PRIMARY KEY (token, line, own, position)
);

-- Destroying a thread takes its tokens with it; without this it would read all.
CREATE INDEX tokens_thread ON tokens (line, own, position);
