-- Why: the node's own small values (drafts, epoch secrets, the outbox). Keys
-- are bytea, since the order of text depends on a database's collation.
CREATE TABLE records (
  bucket bytea NOT NULL,
  key    bytea NOT NULL,
  value  bytea NOT NULL,
  PRIMARY KEY (bucket, key)
);
