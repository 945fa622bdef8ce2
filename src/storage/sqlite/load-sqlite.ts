import { createRequire } from "node:module";
import Sqlite from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";

export type Database = Sqlite.Database;

let loaded: typeof Sqlite | undefined;

/** Loads better-sqlite3. @throws MemGPTError `native_missing`, with instructions, if it is not built for this Node. */
export async function loadSqlite(): Promise<typeof Sqlite> {
  return loadSqliteNow();
}

/** Like `loadSqlite`, synchronously. */
export function loadSqliteNow(): typeof Sqlite {
  if (loaded !== undefined) return loaded;
  try {
    const binary = "better-sqlite3/build/Release/better_sqlite3.node";
    const Constructor = withBinary(createRequire(import.meta.url).resolve(binary));
    const usable = abortsWhenCollected() ? keeping(Constructor) : Constructor;
    // The package loads its binary at the first open, so open something.
    new usable(":memory:").close();
    loaded = usable;
    return usable;
  } catch (cause) {
    throw new MemGPTError(
      "native_missing",
      `The native part of better-sqlite3 is not built for Node ${process.version} on this machine. Run \`npm rebuild ` +
        "better-sqlite3` (it needs python3, make and a C++ compiler); if you installed memgpt globally with npm 12, " +
        "install it again with --allow-scripts=better-sqlite3,hnswlib-node.",
      { cause },
    );
  }
}

/** Passes the binary's path, which the package would otherwise search in a dozen places. */
function withBinary(nativeBinding: string): typeof Sqlite {
  return class extends Sqlite {
    constructor(filename?: string | Buffer, options?: Sqlite.Options) {
      super(filename, { nativeBinding, ...options });
    }
  } as unknown as typeof Sqlite;
}

/**
 * From Node 24.19 on the process aborts when a database or a statement of better-sqlite3 12 is garbage-collected while no
 * JavaScript runs (`Assertion failed: (env) != nullptr` in RemoveEnvironmentCleanupHook). Version 13 does not, but refuses
 * Node 20.
 */
function abortsWhenCollected(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 19);
}

/** Keeps its contents from being collected: about 40 small objects for each database ever opened. */
const kept: unknown[] = [];

function keep<T>(value: T): T {
  kept.push(value);
  return value;
}

/** A constructor whose databases and statements are never collected. */
function keeping(Constructor: typeof Sqlite): typeof Sqlite {
  class KeptDatabase extends Constructor {
    readonly #pragmas = new Map<string, Sqlite.Statement<[]>>();

    constructor(filename?: string | Buffer, options?: Sqlite.Options) {
      super(filename, options);
      keep(this);
    }

    /** `never`, because no signature written here would be assignable to the original's generic ones. */
    override prepare(source: string): never {
      return keep(super.prepare(source)) as never;
    }

    /** The original creates and drops a statement for each call. */
    override pragma(source: string, options?: Sqlite.PragmaOptions): unknown {
      const known = this.#pragmas.get(source);
      const statement = known ?? keep(super.prepare<[]>(`PRAGMA ${source}`));
      this.#pragmas.set(source, statement);
      if (!statement.reader) return statement.run();
      return options?.simple === true ? statement.pluck().get() : statement.pluck(false).all();
    }
  }
  return KeptDatabase as unknown as typeof Sqlite;
}
