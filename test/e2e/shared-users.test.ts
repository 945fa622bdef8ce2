import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { newHome, output } from "./support/program.ts";
import { Server } from "./support/server-process.ts";

describe.skipIf(TEST_SERVER === undefined)("two servers of one database, each with its own home", () => {
  test("serve the same users and keys, and each sees the other's changes at once", async () => {
    const url = await databaseUrl();
    const homes = [newHome(), newHome()] as const;
    const [one, two] = [await new Server(homes[0], url).start(), await new Server(homes[1], url).start()];
    const keys = async (...args: string[]): Promise<string> => output(newHome(), [...args, "--database", url]);
    await keys("users", "add", "ana");
    const { id, token } = JSON.parse(await keys("keys", "create", "--user", "ana", "--json")) as Record<string, string>;
    const bearer = { authorization: `Bearer ${token ?? ""}` };
    const ask = async <T>(server: Server, method: string, path: string, body?: object): Promise<T> => {
      const headers = { ...bearer, "content-type": "application/json" };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${server.address}${path}`, { method, headers, ...sent });
      return (await answer.json()) as T;
    };
    const names = async (server: Server, path: string, name = "name"): Promise<unknown[]> =>
      (await ask<Record<string, unknown>[]>(server, "GET", path)).map((it) => it[name]);

    expect((await one.get("/v1/agents/")).status).toBe(401);
    const agent = await ask<{ id: string }>(one, "POST", "/v1/agents/", { name: "sam", tags: ["work"] });
    const block = await ask<{ id: string }>(two, "POST", "/v1/blocks/", { label: "team", value: "Two people." });
    await ask(two, "PATCH", `/v1/agents/${agent.id}/core-memory/blocks/attach/${block.id}`);
    await ask(one, "POST", "/v1/identities/", { identifier_key: "k", name: "Ana", identity_type: "user" });
    await ask(two, "POST", "/v1/folders/", { name: "papers" });
    await ask(one, "POST", `/v1/conversations/?agent_id=${agent.id}`, {});
    await ask(two, "PATCH", `/v1/blocks/${block.id}`, { value: "Three people." });

    for (const server of [one, two]) {
      expect(await names(server, "/v1/agents/?tags=work")).toEqual(["sam"]);
      expect(await names(server, "/v1/identities/")).toEqual(["Ana"]);
      expect(await names(server, "/v1/folders/")).toEqual(["papers"]);
      expect(await names(server, "/v1/conversations/?agent_id=" + agent.id, "agent_id")).toEqual([agent.id]);
      expect(await names(server, "/v1/blocks/?label=team", "value")).toEqual(["Three people."]);
      const { memory } = await ask<{ memory: { blocks: { label: string; value: string }[] } }>(
        ...([server, "GET", `/v1/agents/${agent.id}`] as const),
      );
      expect(memory.blocks.find(({ label }) => label === "team")?.value).toBe("Three people.");
    }

    await keys("keys", "revoke", id ?? "");
    await keys("keys", "create");
    expect((await one.get("/v1/agents/", bearer)).status).toBe(401);
    expect((await two.get("/v1/agents/", bearer)).status).toBe(401);
  });

  test("search the same sources, whichever server loaded a document, and so does the command line", async () => {
    const url = await databaseUrl();
    const [one, two] = [await new Server(newHome(), url).start(), await new Server(newHome(), url).start()];
    const json = { "content-type": "application/json" };
    const post = async (server: Server, path: string, body: object): Promise<{ readonly id: string }> => {
      const answer = await fetch(`${server.address}${path}`, {
        method: "POST",
        headers: json,
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { id: string };
    };
    const agent = await post(one, "/v1/agents/", { name: "sam" });
    const folder = await post(one, "/v1/folders/", { name: "papers" });
    await fetch(`${one.address}/v1/agents/${agent.id}/folders/attach/${folder.id}`, { method: "PATCH" });
    const upload = new FormData();
    upload.append("file", new Blob(["The yak is called Okapi."]), "yak.txt");
    const path = `/v1/folders/${folder.id}/upload`;
    expect((await fetch(`${two.address}${path}`, { method: "POST", body: upload })).status).toBe(200);

    const home = newHome();
    await expect
      .poll(async () => output(home, ["search", "sam", "yak", "--in", "archival", "--database", url]), {
        timeout: 30_000,
      })
      .toContain("Okapi");
    expect((await one.say(agent.id, "What do the papers say of the yak?")).text).toContain("Okapi");
    const notes = newHome();
    writeFileSync(join(notes, "boat.txt"), "The boat is red.");
    await output(home, ["load", "notes", join(notes, "boat.txt"), "--database", url]);
    for (const server of [one, two]) {
      const names = (await server.get("/v1/folders/")).text.match(/"name":"(papers|notes)"/g);
      expect(names).toHaveLength(2);
    }
  });
});
