import { readFileSync, readdirSync } from "node:fs";
import type { Behaviour } from "../../support/model-server.ts";

const FOLDER = new URL("../../fixtures/wire/", import.meta.url);

/** An answer of a real server, or made after its documentation: `origin` says which. */
export type Fixture = { readonly origin: string; readonly status: number; readonly body: unknown };

export function fixture(name: string): Fixture {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as Fixture;
}

export function fixtureNames(): string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ""));
}

/** Answers what was recorded, with the status it had or another. */
export function recorded(name: string, status = fixture(name).status): Behaviour {
  const { body } = fixture(name);
  const isText = typeof body === "string" || body === null;
  return (response) => {
    response.writeHead(status, { "content-type": isText ? "text/html" : "application/json" });
    response.end(isText ? (body ?? "") : JSON.stringify(body));
  };
}
