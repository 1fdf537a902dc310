-- Why: an act touches one page less for every table whose rows lie in the order
-- of their key, and words no longer land in as many places of an index as there
-- are words. The words of a thread are a row, in the order in which they came;
-- from time to time many rows are sorted into a segment, whose pages hold
-- postings in order: token, line, place. A row's number, run, is never used
-- twice; a segment bears the number of its last row, and covers all since the
-- segment before it.
CREATE TABLE states_5 (
  line  bigint  NOT NULL,
  own   boolean NOT NULL,
  state bytea   NOT NULL,
  PRIMARY KEY (line, own)
) /* clustered */;
INSERT INTO states_5 SELECT line, own, state FROM states;
DROP TABLE states;
ALTER TABLE states_5 RENAME TO states;

CREATE TABLE receipts_5 (
  line bigint  NOT NULL,
  own  boolean NOT NULL,
  size bigint  NOT NULL,
  time bigint  NOT NULL,
  at   bigint  NOT NULL,
  PRIMARY KEY (line, own, size)
) /* clustered */;
INSERT INTO receipts_5 SELECT line, own, size, time, at FROM receipts;
DROP TABLE receipts;
ALTER TABLE receipts_5 RENAME TO receipts;

CREATE TABLE acts_5 (
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  act      bytea   NOT NULL,
  position bigint  NOT NULL,
  PRIMARY KEY (line, own, act)
) /* clustered */;
INSERT INTO acts_5 SELECT line, own, act, position FROM acts;
DROP TABLE acts;
ALTER TABLE acts_5 RENAME TO acts;

CREATE TABLE thread_entries_5 (
  line      bigint  NOT NULL,
  own       boolean NOT NULL,
  position  bigint  NOT NULL,
  entry_own boolean NOT NULL,
  entry     bigint  NOT NULL,
  PRIMARY KEY (line, own, position, entry_own, entry)
) /* clustered */;
INSERT INTO thread_entries_5 SELECT line, own, position, entry_own, entry FROM thread_entries;
DROP TABLE thread_entries;
ALTER TABLE thread_entries_5 RENAME TO thread_entries;

CREATE TABLE thread_rows_5 (
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  position bigint  NOT NULL,
  changed  bigint  NOT NULL,
  value    bytea   NOT NULL,
  PRIMARY KEY (line, own, position)
) /* clustered */;
INSERT INTO thread_rows_5 SELECT line, own, position, changed, value FROM thread_rows;
DROP TABLE thread_rows;
ALTER TABLE thread_rows_5 RENAME TO thread_rows;
CREATE INDEX thread_rows_changed ON thread_rows (line, changed, own, position);

CREATE TABLE records_5 (
  bucket bytea NOT NULL,
  key    bytea NOT NULL,
  value  bytea NOT NULL,
  PRIMARY KEY (bucket, key)
) /* clustered */;
INSERT INTO records_5 SELECT bucket, key, value FROM records;
DROP TABLE records;
ALTER TABLE records_5 RENAME TO records;

CREATE TABLE thread_words (
  run      bigint  NOT NULL PRIMARY KEY,
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  position bigint  NOT NULL,
  words    bytea   NOT NULL
) /* clustered */;
CREATE INDEX thread_words_thread ON thread_words (line, own, position, run);
INSERT INTO thread_words (run, line, own, position, words) SELECT
row_number() OVER (ORDER BY line, own, position, token), line, own, position, token
FROM tokens;
DROP TABLE tokens;

CREATE TABLE segments (
  run bigint NOT NULL PRIMARY KEY
) /* clustered */;

CREATE TABLE postings (
  run     bigint NOT NULL,
  first   bytea  NOT NULL,
  entries bytea  NOT NULL,
  PRIMARY KEY (run, first)
);
