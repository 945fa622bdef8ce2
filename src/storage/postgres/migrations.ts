/**
 * The schema, one step per released change, applied in order; the table `memgpt_schema` counts the applied ones. Steps are never
 * edited and only go forward. Older programs that are running keep the agents they hold, but open no others. A step that older
 * programs must not write beside raises the fence of every agent, so that they can store nothing more.
 *
 * The agent is the first column of every table of an agent's memory and of every key, so that tables can be partitioned or
 * distributed by its hash (docs/SCALING.md). Times are ISO 8601 in UTC, and texts compare by bytes, as in SQLite. Texts numbered up
 * to `messages_packed` and `passages_packed` are searched through their packed postings. Newer ones are read directly, and so are
 * stale ones, whose postings are outdated.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE processes (
    process uuid PRIMARY KEY,
    address text,
    alive_until timestamptz NOT NULL
  );
  CREATE TABLE agents (
    agent bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    UNIQUE (owner, name)
  );
  CREATE TABLE heads (
    agent bigint PRIMARY KEY,
    holder uuid,
    fence bigint NOT NULL DEFAULT 0,
    token uuid,
    op bigint NOT NULL DEFAULT 0,
    state text,
    spent text,
    collection text,
    reindex text,
    seq bigint NOT NULL DEFAULT 0,
    n bigint NOT NULL DEFAULT 0,
    session bigint NOT NULL DEFAULT 0,
    said_at text COLLATE "C",
    action bigint NOT NULL DEFAULT 0,
    messages bigint NOT NULL DEFAULT 0,
    said bigint NOT NULL DEFAULT 0,
    said_terms bigint NOT NULL DEFAULT 0,
    rewritten bigint NOT NULL DEFAULT 0,
    retracted bigint NOT NULL DEFAULT 0,
    passage bigint NOT NULL DEFAULT 0,
    passages bigint NOT NULL DEFAULT 0,
    passage_terms bigint NOT NULL DEFAULT 0,
    toggled bigint NOT NULL DEFAULT 0,
    messages_packed bigint NOT NULL DEFAULT 0,
    passages_packed bigint NOT NULL DEFAULT 0,
    vectors bigint NOT NULL DEFAULT 0
  );
  CREATE TABLE messages (
    agent bigint NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    role text NOT NULL,
    live boolean NOT NULL DEFAULT true,
    n bigint,
    session bigint,
    speaker text COLLATE "C",
    traits bigint,
    gist bigint,
    terms integer,
    is_stale boolean NOT NULL DEFAULT false,
    text text,
    json text NOT NULL,
    PRIMARY KEY (agent, seq),
    UNIQUE (agent, id)
  );
  CREATE INDEX messages_n ON messages (agent, n) WHERE n IS NOT NULL;
  CREATE INDEX messages_said ON messages (agent, created_at, seq) WHERE live AND n IS NOT NULL;
  CREATE INDEX messages_sessions ON messages (agent, n) WHERE n = session;
  CREATE INDEX messages_read ON messages (agent, n) WHERE n IS NOT NULL AND (NOT live OR is_stale);
  CREATE INDEX messages_speakers ON messages (agent, speaker, n) WHERE speaker IS NOT NULL;
  CREATE TABLE speakers (
    agent bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (agent, name)
  );
  CREATE TABLE passages (
    agent bigint NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    live boolean NOT NULL DEFAULT true,
    terms integer NOT NULL,
    text text NOT NULL,
    embedding bytea,
    PRIMARY KEY (agent, seq),
    UNIQUE (agent, id)
  );
  CREATE INDEX passages_read ON passages (agent, seq) WHERE NOT live;
  CREATE TABLE postings (
    agent bigint NOT NULL,
    kind smallint NOT NULL,
    term text COLLATE "C" NOT NULL,
    block bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (agent, kind, term, block)
  );
  CREATE TABLE journal (
    agent bigint NOT NULL,
    op bigint NOT NULL,
    at text NOT NULL,
    cause text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    ref text COLLATE "C" NOT NULL,
    before text,
    after text,
    PRIMARY KEY (agent, op)
  );
  CREATE INDEX journal_positions ON journal (agent, op) WHERE kind = 'position';
  CREATE INDEX journal_blocks ON journal (agent, ref, op) WHERE kind = 'block';
  CREATE INDEX journal_causes ON journal (agent, cause, op) WHERE kind IN ('block', 'passage', 'state');
  CREATE TABLE actions (
    agent bigint NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    at text NOT NULL,
    label text NOT NULL,
    first_op bigint NOT NULL,
    last_op bigint NOT NULL,
    undone bigint,
    PRIMARY KEY (agent, seq),
    UNIQUE (agent, id)
  );
  CREATE INDEX actions_first ON actions (agent, first_op);
  CREATE INDEX actions_undone ON actions (agent, undone) WHERE undone IS NOT NULL;
  CREATE TABLE quarantine (
    agent bigint NOT NULL,
    op bigint NOT NULL,
    place integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    json text NOT NULL,
    PRIMARY KEY (agent, id)
  );
  CREATE TABLE said_vectors (
    agent bigint NOT NULL,
    n bigint NOT NULL,
    model text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    embedding bytea,
    PRIMARY KEY (agent, n, model)
  );
  CREATE INDEX said_vectors_seq ON said_vectors (agent, seq);
  CREATE TABLE reindexed (
    agent bigint NOT NULL,
    seq bigint NOT NULL,
    embedding bytea,
    PRIMARY KEY (agent, seq)
  );
  CREATE TABLE checkpoints (
    agent bigint NOT NULL,
    file text COLLATE "C" NOT NULL,
    op bigint NOT NULL,
    time text NOT NULL,
    name text,
    json text NOT NULL,
    PRIMARY KEY (agent, file)
  );
  `,
  // Who or what a passage and a change are from (see schema/origin.ts).
  `
  ALTER TABLE passages ADD COLUMN origin text COLLATE "C";
  ALTER TABLE journal ADD COLUMN origin text COLLATE "C";
  `,
  // Records besides agents, by owner. The changes of a book are numbered; a record has the number of its newest change.
  `
  CREATE TABLE books (
    owner text COLLATE "C" NOT NULL,
    book text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    token uuid NOT NULL,
    PRIMARY KEY (owner, book)
  );
  CREATE TABLE records (
    owner text COLLATE "C" NOT NULL,
    book text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    version bigint NOT NULL,
    body text,
    PRIMARY KEY (owner, book, kind, id)
  );
  CREATE INDEX records_news ON records (owner, book, version);
  `,
  // Sources: each is a row of `agents` under a name that no agent can have, with passages like an agent's.
  `
  CREATE TABLE sources (
    agent bigint PRIMARY KEY,
    settings text NOT NULL
  );
  CREATE TABLE documents (
    agent bigint NOT NULL,
    id bigint NOT NULL,
    root text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    hash text COLLATE "C" NOT NULL,
    bytes bigint NOT NULL,
    passages bigint NOT NULL,
    complete boolean NOT NULL,
    loaded_at text NOT NULL,
    PRIMARY KEY (agent, id),
    UNIQUE (agent, root, name, hash)
  );
  CREATE TABLE places (
    agent bigint NOT NULL,
    seq bigint NOT NULL,
    document bigint NOT NULL,
    position bigint NOT NULL,
    page bigint,
    line bigint,
    heading text,
    PRIMARY KEY (agent, seq)
  );
  CREATE INDEX places_documents ON places (agent, document, seq);
  `,
  // `pruned`: the change up to which rows of removed records may be deleted.
  `
  ALTER TABLE books ADD COLUMN pruned bigint NOT NULL DEFAULT 0;
  CREATE INDEX records_removed ON records (owner, book, version) WHERE body IS NULL;
  `,
];
