import { sumIndexes } from "./sums.ts";

/**
 * The schema, one step per released change, applied in order; SQLite's `user_version` counts the applied ones. Each step changes
 * the schema, if only by a comment in it, so that version and schema can be compared.
 *
 * The function `index_terms` gives the terms that the full-text index reads; others compute what is stored with a text (see
 * derived.ts). The indexes and `totals` cover live rows only. Triggers maintain both, so that no caller can forget to and no count
 * has to scan the table. Rows are removed from the indexes with FTS5's own 'delete' command and the indexed text:
 * `contentless_delete` would keep counting them in the statistics used for ranking.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT,
    terms TEXT,
    json TEXT NOT NULL,
    live INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE INDEX messages_said ON messages (created_at, seq) WHERE live = 1 AND text IS NOT NULL;
  CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
  );

  CREATE TABLE passages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    text TEXT NOT NULL,
    terms TEXT,
    embedding BLOB,
    live INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE VIRTUAL TABLE passages_fts USING fts5 (
    text, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
  );

  CREATE TABLE totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO totals VALUES ('messages', 0), ('passages', 0);

  CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.live = 1 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'messages';
    INSERT INTO messages_fts (rowid, text) SELECT new.seq, coalesce(new.terms, new.text) WHERE new.text IS NOT NULL;
  END;
  CREATE TRIGGER messages_revived AFTER UPDATE OF live ON messages WHEN new.live = 1 AND old.live = 0 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'messages';
    INSERT INTO messages_fts (rowid, text) SELECT new.seq, coalesce(new.terms, new.text) WHERE new.text IS NOT NULL;
  END;
  CREATE TRIGGER messages_retracted AFTER UPDATE OF live ON messages WHEN new.live = 0 AND old.live = 1 BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'messages';
    INSERT INTO messages_fts (messages_fts, rowid, text)
      SELECT 'delete', old.seq, coalesce(old.terms, old.text) WHERE old.text IS NOT NULL;
  END;
  CREATE TRIGGER passages_added AFTER INSERT ON passages WHEN new.live = 1 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'passages';
    INSERT INTO passages_fts (rowid, text) VALUES (new.seq, coalesce(new.terms, new.text));
  END;
  CREATE TRIGGER passages_revived AFTER UPDATE OF live ON passages WHEN new.live = 1 AND old.live = 0 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'passages';
    INSERT INTO passages_fts (rowid, text) VALUES (new.seq, coalesce(new.terms, new.text));
  END;
  CREATE TRIGGER passages_retracted AFTER UPDATE OF live ON passages WHEN new.live = 0 AND old.live = 1 BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'passages';
    INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', old.seq, coalesce(old.terms, old.text));
  END;

  CREATE TABLE journal (
    op INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    cause TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'passage', 'block', 'queue', 'state')),
    ref TEXT NOT NULL,
    before TEXT,
    after TEXT
  ) STRICT;

  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), json TEXT NOT NULL) STRICT;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // A journal that branches (see journal.ts), the turns and commands that an undo covers, rewritten messages.
  `
  CREATE TABLE journal_2 (
    op INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    cause TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'passage', 'block', 'queue', 'state', 'position')),
    ref TEXT NOT NULL,
    before TEXT,
    after TEXT
  ) STRICT;
  INSERT INTO journal_2 SELECT * FROM journal;
  DROP TABLE journal;
  ALTER TABLE journal_2 RENAME TO journal;
  CREATE INDEX journal_positions ON journal (op) WHERE kind = 'position';
  CREATE INDEX journal_blocks ON journal (ref, op) WHERE kind = 'block';
  CREATE INDEX journal_causes ON journal (cause) WHERE kind IN ('block', 'passage');

  CREATE TABLE actions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    label TEXT NOT NULL,
    first_op INTEGER NOT NULL,
    last_op INTEGER NOT NULL,
    undone INTEGER
  ) STRICT;
  CREATE INDEX actions_first ON actions (first_op);
  CREATE INDEX actions_done ON actions (seq) WHERE undone IS NULL;
  CREATE INDEX actions_undone ON actions (undone) WHERE undone IS NOT NULL;

  CREATE TRIGGER messages_rewritten AFTER UPDATE OF text, terms ON messages WHEN new.live = 1 AND old.live = 1 BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, text)
      SELECT 'delete', old.seq, coalesce(old.terms, old.text) WHERE old.text IS NOT NULL;
    INSERT INTO messages_fts (rowid, text) SELECT new.seq, coalesce(new.terms, new.text) WHERE new.text IS NOT NULL;
  END;
  `,
  // Lines are numbered (`n`, the rowid of their index), so that neighbours are one apart, and belong to a session, which has the
  // number of its first line.
  `
  ALTER TABLE messages ADD COLUMN n INTEGER;
  ALTER TABLE messages ADD COLUMN session INTEGER;
  ALTER TABLE messages ADD COLUMN speaker TEXT;

  DROP TRIGGER messages_added;
  DROP TRIGGER messages_revived;
  DROP TRIGGER messages_retracted;
  DROP TRIGGER messages_rewritten;

  UPDATE messages SET n = numbered.n FROM (
    SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM messages WHERE text IS NOT NULL
  ) AS numbered WHERE numbered.seq = messages.seq;
  CREATE UNIQUE INDEX messages_n ON messages (n) WHERE n IS NOT NULL;
  UPDATE messages SET session = numbered.session FROM (
    SELECT n, max(CASE WHEN opens THEN n END) OVER (ORDER BY n) AS session FROM (
      SELECT n, coalesce(abs(julianday(created_at) - julianday(lag(created_at) OVER (ORDER BY n))) * 24 > 1, 1) AS opens
      FROM messages WHERE n IS NOT NULL
    )
  ) AS numbered WHERE numbered.n = messages.n;
  CREATE INDEX messages_sessions ON messages (n) WHERE n = session;

  DROP TABLE messages_fts;
  CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
  );
  INSERT INTO messages_fts (rowid, text)
    SELECT n, coalesce(terms, text) FROM messages WHERE live = 1 AND n IS NOT NULL ORDER BY n;

  INSERT INTO totals SELECT 'said', count(*) FROM messages WHERE live = 1 AND n IS NOT NULL;
  INSERT INTO totals VALUES ('rewritten', 0);
  CREATE TABLE speakers (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.live = 1 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'messages' OR (name = 'said' AND new.n IS NOT NULL);
    INSERT OR IGNORE INTO speakers SELECT new.speaker WHERE new.speaker IS NOT NULL;
    INSERT INTO messages_fts (rowid, text) SELECT new.n, coalesce(new.terms, new.text) WHERE new.n IS NOT NULL;
  END;
  CREATE TRIGGER messages_revived AFTER UPDATE OF live ON messages WHEN new.live = 1 AND old.live = 0 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'messages' OR (name = 'said' AND new.n IS NOT NULL);
    INSERT INTO messages_fts (rowid, text) SELECT new.n, coalesce(new.terms, new.text) WHERE new.n IS NOT NULL;
  END;
  CREATE TRIGGER messages_retracted AFTER UPDATE OF live ON messages WHEN new.live = 0 AND old.live = 1 BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'messages' OR (name = 'said' AND old.n IS NOT NULL);
    INSERT INTO messages_fts (messages_fts, rowid, text)
      SELECT 'delete', old.n, coalesce(old.terms, old.text) WHERE old.n IS NOT NULL;
  END;
  CREATE TRIGGER messages_rewritten AFTER UPDATE OF text, terms, n ON messages WHEN new.live = 1 AND old.live = 1 BEGIN
    UPDATE totals SET value = value + (new.n IS NOT NULL) - (old.n IS NOT NULL) WHERE name = 'said';
    UPDATE totals SET value = value + 1 WHERE name = 'rewritten';
    INSERT INTO messages_fts (messages_fts, rowid, text)
      SELECT 'delete', old.n, coalesce(old.terms, old.text) WHERE old.n IS NOT NULL;
    INSERT INTO messages_fts (rowid, text) SELECT new.n, coalesce(new.terms, new.text) WHERE new.n IS NOT NULL;
  END;
  `,
  // Vectors of an unfinished reindexing have their own table (see reindexing.ts).
  `
  CREATE INDEX passages_without_vector ON passages (live) WHERE embedding IS NULL;
  CREATE TABLE reindexed (seq INTEGER PRIMARY KEY, embedding BLOB) STRICT;
  `,
  // Passages that were retracted or restored, in order: changes that the vector index must follow.
  `
  CREATE TABLE IF NOT EXISTS passage_toggles (n INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS passages_toggled AFTER UPDATE OF live ON passages WHEN new.live <> old.live BEGIN
    INSERT INTO passage_toggles (seq) VALUES (new.seq);
  END;
  `,
  // Folds more forms of letters (search/letters.ts): reindexes texts whose terms change. Adds indexes for all lines of one speaker,
  // and for passages in a time range.
  `
  UPDATE messages SET terms = index_terms(text) WHERE text IS NOT NULL AND terms IS NOT index_terms(text);

  CREATE TEMP TABLE folded AS SELECT seq, index_terms(text) AS terms FROM passages WHERE terms IS NOT index_terms(text);
  INSERT INTO passages_fts (passages_fts, rowid, text)
    SELECT 'delete', seq, coalesce(terms, text) FROM passages WHERE live = 1 AND seq IN (SELECT seq FROM folded);
  UPDATE passages SET terms = folded.terms FROM folded WHERE folded.seq = passages.seq;
  INSERT INTO passages_fts (rowid, text)
    SELECT seq, coalesce(terms, text) FROM passages WHERE live = 1 AND seq IN (SELECT seq FROM folded);
  DROP TABLE folded;

  CREATE INDEX IF NOT EXISTS messages_speakers ON messages (speaker, n) WHERE speaker IS NOT NULL;
  CREATE INDEX IF NOT EXISTS passages_kept ON passages (created_at, seq) WHERE live = 1 AND embedding IS NOT NULL;
  `,
  // What ranking needs of a line, in its own index: reading whole rows took a third of a search.
  `
  ALTER TABLE messages ADD COLUMN traits INTEGER;
  ALTER TABLE messages ADD COLUMN gist INTEGER;
  UPDATE messages SET traits = line_traits(text), gist = line_gist(text) WHERE n IS NOT NULL;
  CREATE INDEX messages_lines ON messages (n, session, role, speaker, created_at, traits, gist)
    WHERE live = 1 AND n IS NOT NULL;
  `,
  // The search computes the index terms (search/analyze.ts), the same for every kind of index; the tokenizer only splits them at
  // spaces. A text's terms are no longer stored with it.
  `
  DROP TRIGGER messages_added;
  DROP TRIGGER messages_revived;
  DROP TRIGGER messages_retracted;
  DROP TRIGGER messages_rewritten;
  DROP TRIGGER passages_added;
  DROP TRIGGER passages_revived;
  DROP TRIGGER passages_retracted;
  DROP TABLE messages_fts;
  DROP TABLE passages_fts;
  ALTER TABLE messages DROP COLUMN terms;
  ALTER TABLE passages DROP COLUMN terms;

  CREATE VIRTUAL TABLE messages_fts USING fts5 (text, content = '', tokenize = 'ascii');
  INSERT INTO messages_fts (rowid, text)
    SELECT n, index_terms(text) FROM messages WHERE live = 1 AND n IS NOT NULL ORDER BY n;
  CREATE VIRTUAL TABLE passages_fts USING fts5 (text, content = '', tokenize = 'ascii');
  INSERT INTO passages_fts (rowid, text) SELECT seq, index_terms(text) FROM passages WHERE live = 1 ORDER BY seq;

  CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.live = 1 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'messages' OR (name = 'said' AND new.n IS NOT NULL);
    INSERT OR IGNORE INTO speakers SELECT new.speaker WHERE new.speaker IS NOT NULL;
    INSERT INTO messages_fts (rowid, text) SELECT new.n, index_terms(new.text) WHERE new.n IS NOT NULL;
  END;
  CREATE TRIGGER messages_revived AFTER UPDATE OF live ON messages WHEN new.live = 1 AND old.live = 0 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'messages' OR (name = 'said' AND new.n IS NOT NULL);
    INSERT INTO messages_fts (rowid, text) SELECT new.n, index_terms(new.text) WHERE new.n IS NOT NULL;
  END;
  CREATE TRIGGER messages_retracted AFTER UPDATE OF live ON messages WHEN new.live = 0 AND old.live = 1 BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'messages' OR (name = 'said' AND old.n IS NOT NULL);
    INSERT INTO messages_fts (messages_fts, rowid, text)
      SELECT 'delete', old.n, index_terms(old.text) WHERE old.n IS NOT NULL;
  END;
  CREATE TRIGGER messages_rewritten AFTER UPDATE OF text, n ON messages WHEN new.live = 1 AND old.live = 1 BEGIN
    UPDATE totals SET value = value + (new.n IS NOT NULL) - (old.n IS NOT NULL) WHERE name = 'said';
    UPDATE totals SET value = value + 1 WHERE name = 'rewritten';
    INSERT INTO messages_fts (messages_fts, rowid, text)
      SELECT 'delete', old.n, index_terms(old.text) WHERE old.n IS NOT NULL;
    INSERT INTO messages_fts (rowid, text) SELECT new.n, index_terms(new.text) WHERE new.n IS NOT NULL;
  END;
  CREATE TRIGGER passages_added AFTER INSERT ON passages WHEN new.live = 1 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'passages';
    INSERT INTO passages_fts (rowid, text) VALUES (new.seq, index_terms(new.text));
  END;
  CREATE TRIGGER passages_revived AFTER UPDATE OF live ON passages WHEN new.live = 1 AND old.live = 0 BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'passages';
    INSERT INTO passages_fts (rowid, text) VALUES (new.seq, index_terms(new.text));
  END;
  CREATE TRIGGER passages_retracted AFTER UPDATE OF live ON passages WHEN new.live = 0 AND old.live = 1 BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'passages';
    INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', old.seq, index_terms(old.text));
  END;
  `,
  // A checksum for every row (see sums.ts).
  sumIndexes(["messages", "passages", "journal", "actions", "state"], "origin"),
  // Writes to memory that are held back until a person has reviewed them.
  `
  CREATE TABLE quarantine (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
  ${sumIndexes(["quarantine"])}
  `,
  // The vectors of lines, with one byte per number (see said-vectors.ts). A rewritten line loses its vector, to be embedded again.
  `
  CREATE TABLE said_vectors (
    seq INTEGER PRIMARY KEY,
    n INTEGER NOT NULL,
    model TEXT NOT NULL,
    embedding BLOB,
    UNIQUE (n, model)
  ) STRICT;
  CREATE TRIGGER said_rewritten AFTER UPDATE OF text, n ON messages WHEN new.text IS NOT old.text OR new.n IS NOT old.n BEGIN
    DELETE FROM said_vectors WHERE n = old.n;
  END;
  ${sumIndexes(["said_vectors"])}
  `,
  // Who or what a passage and a change are from (see schema/origin.ts).
  `
  DROP INDEX passages_sums;
  DROP INDEX journal_sums;
  ALTER TABLE passages ADD COLUMN origin TEXT;
  ALTER TABLE journal ADD COLUMN origin TEXT;
  ${sumIndexes(["passages", "journal"])}
  `,
];
