-- Why: a node names its store, and which start of it is speaking, in every
-- hello, so that a copy that was started beside the original is noticed. A
-- second row would be a second identity; the check forbids it.
-- settled: raised when a commit ended unknown; see "Commit unknown".
CREATE TABLE identity (
  one     bigint PRIMARY KEY CHECK (one = 1),
  id      bytea  NOT NULL,
  starts  bigint NOT NULL,
  settled bigint NOT NULL
);
