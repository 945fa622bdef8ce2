import { describe, expect, test } from "vitest";
import type { SourceRepository, SourceStore } from "../../src/ports/source.ts";
import { HASH_EMBEDDING } from "../../src/schema/built-in.ts";
import type { DocumentPart, SourceSettings } from "../../src/schema/source.ts";
import { at } from "../storage/support.ts";

const SETTINGS: SourceSettings = { description: "Notes", createdAt: at(1), embedding: HASH_EMBEDDING };
const WORDS = ["apple", "tree", "river", "stone", "yak", "boat", "cloud"];

/** What every SourceRepository must do. `open` opens the sources of an owner again, as another process would. */
export function sourcesContract(name: string, open: (owner: string) => SourceRepository): void {
  const sourcesOf = (): SourceRepository => open(crypto.randomUUID());

  /** A document of passages that say so. */
  const part = (
    document: string,
    texts: readonly string[],
    { root = "/notes", hash = texts.join(), isLast = true, from = 1 } = {},
  ): DocumentPart => {
    const bytes = texts.join().length;
    return {
      document: { root, name: document, kind: "text", hash, bytes },
      passages: texts.map((text, i) => ({
        ...{ id: `${document}-${hash}-${from + i}`, text, createdAt: at(2) },
        ...{ position: from + i, page: null, line: 3 * i + 1, heading: i % 2 === 0 ? "Top" : null },
        embedding: { model: "letters", vector: Float32Array.from("aeiounrst", (letter) => text.split(letter).length) },
      })),
      isLast,
    };
  };

  /** Loads into a source, as one process does. */
  async function loaded(sources: SourceRepository, load: (store: SourceStore) => Promise<void>): Promise<void> {
    const held = await sources.hold("notes", SETTINGS);
    try {
      await load(held.store);
    } finally {
      await held.close();
    }
  }

  /** Opens the source to search it. */
  async function searched<T>(sources: SourceRepository, search: (store: SourceStore) => Promise<T>): Promise<T> {
    const store = await sources.open("notes");
    try {
      return await search(store);
    } finally {
      await store.close();
    }
  }

  const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  };

  const find = async (sources: SourceRepository, text: string): Promise<[total: number, ids: string[]]> =>
    searched(sources, async ({ archival }) => {
      const { total, items } = await archival.search({ text }, { page: 0, size: 100 });
      return [total, items.map((hit) => hit.id)];
    });

  describe(`sources: ${name}`, () => {
    test.each(["zo\u00eb", "ZO\u00cb", "Zoe\u0308", "Zoe"])(
      "a name that differs in case or in its form in Unicode neither reveals nor overwrites another source: %j",
      async (other) => {
        const sources = sourcesOf();
        const own = await sources.hold("Zo\u00eb", SETTINGS);
        await own.store.add([part("a.txt", ["A secret."])]);
        await own.close();
        const isAnother = !(await sources.has(other));
        if (other.normalize("NFC") === "Zo\u00eb") expect(isAnother).toBe(false);

        const held = await sources.hold(other, SETTINGS);
        expect([held.isNew, (await held.store.totals()).passages]).toEqual(isAnother ? [true, 0] : [false, 1]);
        await held.close();
        if (isAnother) await sources.remove(other);

        const opened = await sources.open("Zo\u00eb");
        expect((await opened.totals()).passages).toBe(1);
        await opened.close();
      },
    );

    test("a loaded source can be listed, opened and searched, and its passages name their documents", async () => {
      const owner = crypto.randomUUID();
      const sources = open(owner);
      expect(await sources.names()).toEqual([]);
      await loaded(sources, async (store) => {
        await store.add([part("a.txt", ["An apple tree.", "A river."]), part("b.txt", ["A stone."])]);
      });

      const others = open(owner);

      expect([await others.names(), await others.has("notes"), await others.has("other")]).toEqual([
        ["notes"],
        true,
        false,
      ]);
      await searched(others, async (store) => {
        expect([store.name, await store.settings()]).toEqual(["notes", SETTINGS]);
        expect(await store.totals()).toEqual({ documents: 2, incomplete: 0, passages: 3, bytes: 23 + 8 });
        expect(
          (await collect(store.documents())).map((it) => [it.name, it.passages, it.isComplete, it.loadedAt]),
        ).toEqual([
          ["a.txt", 2, true, at(2)],
          ["b.txt", 1, true, at(2)],
        ]);
        const { items } = await store.archival.search({ text: "river" }, { page: 0, size: 10 });
        const ids = items.map(({ id }) => id);
        const place = { source: "notes", document: "a.txt", position: 2, page: null, line: 4, heading: null };
        expect((await store.origins(ids)).get(ids[0] ?? "")).toEqual(place);
        expect(items[0]).toMatchObject({ text: "A river.", origin: "document:a.txt" });
        expect(await store.archival.collection()).toMatchObject({ model: "letters", withoutVector: 0 });
      });
    });

    test("a complete document replaces its old version; an interrupted one resumes", async () => {
      const sources = sourcesOf();
      await loaded(sources, async (store) => {
        await store.add([
          part("a.txt", ["An old apple.", "An old river."], { hash: "1" }),
          part("b.txt", ["A stone."]),
        ]);
        await store.add([part("a.txt", ["A new apple."], { hash: "2", isLast: false })]);
      });
      await searched(sources, async (store) => {
        expect(await store.document("/notes", "a.txt", "2")).toMatchObject({ passages: 1, isComplete: false });
        // What is stored of the new version is found beside the old one.
        expect(await store.totals()).toMatchObject({ documents: 2, incomplete: 1, passages: 4 });
      });

      await loaded(sources, async (store) => {
        await store.add([part("a.txt", ["A new boat."], { hash: "2", from: 2 })]);
      });

      await searched(sources, async (store) => {
        expect(await store.document("/notes", "a.txt", "1")).toBeUndefined();
        expect((await collect(store.documents())).map(({ name, passages }) => [name, passages])).toEqual([
          ["b.txt", 1],
          ["a.txt", 2],
        ]);
        expect(await store.archival.size()).toBe(3);
      });
      expect(await find(sources, "old")).toEqual([0, []]);
      expect(await find(sources, "apple")).toEqual([1, ["a.txt-2-1"]]);
    });

    test("after removing documents, the rest are found as if the others had never existed", async () => {
      const [sources, fresh] = [sourcesOf(), sourcesOf()];
      const text = (n: number, i: number): string =>
        Array.from({ length: 5 }, (_, k) => WORDS[(n * 3 + i * 5 + k * k) % WORDS.length] ?? "").join(" ");
      const documents = await Promise.all(
        Array.from({ length: 60 }, async (_, n) =>
          part(
            `${n}.txt`,
            Array.from({ length: 5 }, (__, i) => text(n, i)),
          ),
        ),
      );
      const stays = (name: string): boolean => Number.parseInt(name, 10) % 3 === 0;
      await loaded(sources, async (store) => {
        for (let n = 0; n < documents.length; n += 10) await store.add(documents.slice(n, n + 10));
        await store.indexed();
        await store.drop((document) => stays(document.name));
      });
      await loaded(fresh, async (store) => {
        await store.add(documents.filter(({ document }) => stays(document.name)));
      });

      for (const word of [...WORDS, "apple tree", '"river stone"', "yak boat cloud"]) {
        expect([word, await find(sources, word)]).toEqual([word, await find(fresh, word)]);
      }
      expect(await searched(sources, async ({ archival }) => archival.size())).toBe(100);
    });

    test("its parts recreate the source elsewhere, vectors and unfinished documents included", async () => {
      const [sources, copy] = [sourcesOf(), sourcesOf()];
      const long = Array.from({ length: 300 }, (_, n) => `Paragraph ${n} of an apple.`);
      await loaded(sources, async (store) => {
        await store.add([part("long.txt", long), part("b.txt", ["A stone."], { isLast: false })]);
        await store.add([part("empty.txt", [])]);
      });

      await loaded(copy, async (store) => {
        await searched(sources, async (from) => {
          for await (const one of from.parts()) await store.add([one]);
        });
      });

      const all = async (of: SourceRepository): Promise<unknown[]> =>
        searched(of, async (store) => JSON.parse(JSON.stringify(await collect(store.parts()))) as unknown[]);
      expect(await all(copy)).toEqual(await all(sources));
      expect((await all(copy)).length).toBe(5);
      expect(await find(copy, "apple")).toEqual(await find(sources, "apple"));
    });

    test("one process loads at a time while others search; a removed source is gone for good", async () => {
      const owner = crypto.randomUUID();
      const [sources, others] = [open(owner), open(owner)];
      const held = await sources.hold("notes", SETTINGS);
      expect(held.isNew).toBe(true);
      await held.store.add([part("a.txt", ["An apple."])]);

      expect((await find(others, "apple"))[0]).toBe(1);
      await expect(others.hold("notes", SETTINGS)).rejects.toThrow(/^Source notes is (open|in use) /);
      await expect(others.remove("notes")).rejects.toMatchObject({ code: "agent_locked" });
      await held.close();
      await others.remove("notes");

      expect(await sources.names()).toEqual([]);
      await expect(sources.open("notes")).rejects.toThrow(/^There is no source named notes\. There are no sources yet/);
      const again = await sources.hold("notes", SETTINGS);
      expect([again.isNew, await again.store.archival.size()]).toEqual([true, 0]);
      await again.close();
    });

    test("names are checked, and a misspelt one gets a suggestion", async () => {
      const sources = sourcesOf();
      await (await sources.hold("papers", SETTINGS)).close();

      await expect(sources.open("paper")).rejects.toThrow(
        "There is no source named paper. Did you mean papers? There are: papers.",
      );
      await expect(sources.hold("../papers", SETTINGS)).rejects.toMatchObject({ code: "invalid_name" });
      await expect(sources.remove("none")).rejects.toMatchObject({ code: "not_found" });
    });
  });
}
