/**
 * What a source has beside the tables that its passages share with an agent's. `seq` of a passage is never given again, so
 * that an index knows every one of them for good.
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
