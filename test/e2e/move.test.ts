import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { Server } from "./support/server-process.ts";
import { Running, dataFolder, memgpt, newHome, output, say } from "./support/program.ts";

/** A connection of its own. */
async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe.skipIf(TEST_SERVER === undefined)("memgpt move", () => {
  test("moves all agents to PostgreSQL and back, and says what stays and how to delete the originals", async () => {
    const home = newHome();
    const [url, back] = [await databaseUrl(), newHome()];
    await say(home, "sam", "My name is Ada.");
    await say(home, "bob", "My name is Bob.");
    await output(home, ["undo", "bob"]);

    const moved = await output(home, ["move", "--all", "--to", url]);
    expect(moved).toMatch(
      /^sam moved and verified: \d+ messages, 0 passages, \d+ journal operations, \d+ checkpoints?$/m,
    );
    expect(moved).toContain(`remove its folder: ${dataFolder(home, "agents", "NAME")}`);
    expect(moved).toMatch(/Presets, functions, .* are not moved/);
    expect(await output(home, ["redo", "bob", "--database", url])).toContain("Redid");
    expect(await output(home, ["search", "bob", "Bob", "--database", url])).toContain("My name is Bob.");

    const returned = await output(home, ["move", "bob", "--to", dataFolder(back), "--database", url]);
    expect(returned).toContain("To delete one: memgpt delete agent NAME --database postgres:");
    expect(await output(back, ["search", "bob", "Bob"])).toContain("My name is Bob.");
    expect(await output(home, ["move", "sam", "--to", url])).toMatch(/^sam is there already and the same/m);
    expect(await say(home, "sam", "What is my name?")).toContain("Ada");
  });

  test("moves sources and shared blocks too, either way, and resumes an interrupted source", async () => {
    const [home, back, url] = [newHome(), newHome(), await databaseUrl()];
    const notes = newHome();
    writeFileSync(join(notes, "a.txt"), "The yak is called Okapi.");
    writeFileSync(join(notes, "b.txt"), "The boat is red.");
    await output(home, ["load", "directory", "--name", "notes", "--input-dir", notes]);
    await output(home, ["load", "directory", "--name", "other", "--input-files", join(notes, "b.txt")]);
    await say(home, "sam", "My name is Ada.");
    await output(home, ["attach", "sam", "notes"]);
    await output(home, ["block", "create", "team", "--text", "Two people."]);
    await output(home, ["block", "attach", "sam", "team"]);
    const client = await connected(url);

    const first = await output(home, ["move", "sam", "--to", url]);
    expect(first).toMatch(/^source notes moved and verified: 2 documents, 2 passages$/m);
    expect(first).not.toContain("other");
    // As if the move had been stopped between two documents.
    await client.query(
      "DELETE FROM passages p USING places l, documents d WHERE l.seq = p.seq AND d.id = l.document AND d.name = 'b.txt'",
    );
    await client.query("DELETE FROM places l USING documents d WHERE d.id = l.document AND d.name = 'b.txt'");
    await client.query("DELETE FROM documents WHERE name = 'b.txt'");
    await client.query("UPDATE heads SET passages = 1 WHERE passages = 2");
    const all = await output(home, ["move", "--all", "--to", url]);
    expect(all).toMatch(/^source notes moved and verified: 2 documents, 2 passages$/m);
    expect(all).toMatch(/^source other moved and verified: 1 document, 1 passage$/m);
    expect(all).toMatch(/^shared blocks: \d+ records? moved$/m);
    expect(await output(home, ["move", "--all", "--to", url])).toMatch(/^source notes is there already and the same/m);

    for (const [at, ...where] of [[newHome(), "--database", url], [back]] as const) {
      if (at === back) await output(home, ["move", "--all", "--to", dataFolder(back), "--database", url]);
      expect(await output(at, ["search", "sam", "yak", "--in", "archival", ...where])).toContain("Okapi");
      expect(await output(at, ["block", "show", "team", ...where])).toContain("sam");
      expect(await output(at, ["list", "sources", ...where])).toMatch(/notes[^]*other/);
    }
  });

  test("takes the agents of all users of a server along, either way, and their keys open them there", async () => {
    const [home, back, url] = [newHome(), newHome(), await databaseUrl()];
    await say(home, "sam", "My name is Ada.");
    await output(home, ["users", "add", "ana"]);
    await output(home, ["users", "add", "idle"]);
    const { token = "" } = JSON.parse(await output(home, ["keys", "create", "--user", "ana", "--json"])) as Record<
      string,
      string
    >;
    const key = { authorization: `Bearer ${token}` };
    const files = await new Server(home).start();
    const made = await fetch(`${files.address}/v1/agents/`, {
      method: "POST",
      headers: { ...key, "content-type": "application/json" },
      body: JSON.stringify({ name: "kim" }),
    });
    const { id } = (await made.json()) as { readonly id: string };
    expect((await files.say(id, "I live in Lisbon.", {}, key)).status).toBe(200);
    files.running.kill("SIGTERM");
    await files.running.finished;

    const moved = await output(home, ["move", "--all", "--to", url]);
    expect(moved).toMatch(/^sam moved and verified/m);
    expect(moved).toMatch(/^ana: kim moved and verified: \d+ messages/m);
    await output(newHome(), ["move", "--all", "--to", dataFolder(back), "--database", url]);

    for (const server of [await new Server(newHome(), url).start(), await new Server(back).start()]) {
      expect((await server.get("/v1/agents/", key)).text).toContain("kim");
      expect((await server.say(id, "Where do I live?", {}, key)).text).toContain("Lisbon");
    }
  });

  test("finishes when repeated after a kill, and never touches the original", async () => {
    const home = newHome();
    const url = await databaseUrl();
    await say(home, "sam", "My name is Ada.");
    await output(home, ["list", "agents", "--database", url]);
    const client = await connected(url);
    // What is moved waits for the journal, which comes in the middle.
    await client.query("BEGIN");
    await client.query("LOCK TABLE journal IN EXCLUSIVE MODE");
    const first = new Running(home, ["move", "sam", "--to", url]);
    const observer = await connected(url);
    await expect
      .poll(
        async () => {
          const sql =
            "SELECT count(*)::integer AS count FROM pg_locks WHERE NOT granted AND relation = 'journal'::regclass";
          return (await observer.query<{ count: number }>(sql)).rows[0]?.count;
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    first.kill("SIGKILL");
    await first.finished;
    await client.query("ROLLBACK");
    expect(JSON.parse(await output(home, ["list", "agents", "--json", "--database", url]))).toEqual([]);

    // The one that was killed counts as alive for a few seconds.
    await expect.poll(async () => (await memgpt(home, ["move", "sam", "--to", url])).code, { timeout: 30_000 }).toBe(0);

    expect(await say(home, "sam", "What is my name?", "--database", url)).toContain("Ada");
    const { rows } = await observer.query<{ name: string }>("SELECT name FROM agents");
    expect(rows).toEqual([{ name: "sam" }]);
  });

  test("refuses a move to the same kind of storage and one without agents", async () => {
    const home = newHome();
    await say(home, "sam", "hi");

    expect(await memgpt(home, ["move", "sam", "--to", newHome()])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("in files already") as string,
    });
    expect(await memgpt(home, ["move", "--to", newHome()])).toMatchObject({
      stderr: expect.stringContaining("name an agent, or pass --all") as string,
    });
    expect((await memgpt(home, ["move", "sam", "--to", "mysql://u:s3cret@h/db"])).stderr).toMatch(/^(?!.*s3cret)/s);
  });
});
