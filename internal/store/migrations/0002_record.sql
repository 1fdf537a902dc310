-- Why: the record itself, which nothing can make again. A line is a link and a
-- channel by number, so that the keys of all other tables are short; own says
-- which of the line's two logs is meant. Leaves are never changed; blobs are
-- beside them because only blobs can be destroyed.
CREATE TABLE lines (
  line    bigint PRIMARY KEY,
  link    bytea  NOT NULL,
  channel bigint NOT NULL,
  UNIQUE (link, channel)
);

CREATE TABLE states (
  line  bigint  NOT NULL,
  own   boolean NOT NULL,
  state bytea   NOT NULL,
  PRIMARY KEY (line, own)
);

CREATE TABLE leaves (
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  position bigint  NOT NULL,
  type     bigint  NOT NULL,
  time     bigint  NOT NULL,
  hashes   bytea   NOT NULL,
  leaf     bytea   NOT NULL,
  PRIMARY KEY (line, own, position)
);

CREATE TABLE blobs (
  line     bigint  NOT NULL,
  own      boolean NOT NULL,
  position bigint  NOT NULL,
  kind     bigint  NOT NULL,
  bytes    bytea   NOT NULL,
  PRIMARY KEY (line, own, position, kind)
);
