/**
 * The tables of a source besides those of an agent. The `seq` of a removed passage is never reused, so that an index can rely on
 * it.
 */
export const SOURCE_TABLES = `
  CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    loaded_at TEXT NOT NULL,
    UNIQUE (root, name, hash)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS places (
    seq INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (id),
    position INTEGER NOT NULL,
    page INTEGER,
    line INTEGER,
    heading TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS places_documents ON places (document);
`;
