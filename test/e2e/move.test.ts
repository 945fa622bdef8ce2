import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { Running, dataFolder, memgpt, newHome, output, say } from "./support/program.ts";

/** A connection of its own. */
async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe.skipIf(TEST_SERVER === undefined)("memgpt move", () => {
  test("takes all agents to PostgreSQL and back, and says what stays and how to delete the originals", async () => {
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
    expect(moved).toMatch(/Sources, shared blocks, .* are not moved/);
    expect(await output(home, ["redo", "bob", "--database", url])).toContain("Redid");
    expect(await output(home, ["search", "bob", "Bob", "--database", url])).toContain("My name is Bob.");

    const returned = await output(home, ["move", "bob", "--to", dataFolder(back), "--database", url]);
    expect(returned).toContain("To delete one: memgpt delete agent NAME --database postgres:");
    expect(await output(back, ["search", "bob", "Bob"])).toContain("My name is Bob.");
    expect(await output(home, ["move", "sam", "--to", url])).toMatch(/^sam is there already and the same/m);
    expect(await say(home, "sam", "What is my name?")).toContain("Ada");
  });

  test("repeated after a kill in the middle it finishes, and the original was never touched", async () => {
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
