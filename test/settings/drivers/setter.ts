import { once } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { type ConfigKey, storeKey, updateConfig } from "memgpt";
import { loadConfig } from "../../../src/settings/load-config.ts";
import { fileQuirks } from "../../../src/settings/quirks-file.ts";
import { homeAt } from "../../../src/storage/files/paths.ts";

/** Changes one setting again and again, stores keys and learns quirks, once it is told to go; prints what was lost. */
const { dir, setting, number, changes } = JSON.parse(process.argv[2] ?? "{}") as {
  dir: string;
  setting: ConfigKey;
  number: number;
  changes: number;
};
const home = homeAt(dir);
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
let lost = 0;
for (let value = 1; value <= changes; value += 1) {
  if (value > 1 && !isDeepStrictEqual(loadConfig(home, {}).config[setting], as(setting, value - 1))) lost += 1;
  updateConfig(home, { [setting]: as(setting, value) });
  storeKey(home, `http://127.0.0.1:${1000 * number + value}/v1`, `key-${number}-${value}`);
  fileQuirks(home.quirksFile, { endpoint: null, model: `${number}-${value}` }).learn({ stream: false });
}
process.stdout.write(`lost ${lost}\n`);

/** A value that the setting can have. */
function as(key: ConfigKey, value: number): unknown {
  if (key === "extra_body" || key === "extra_headers") return { "x-number": String(value) };
  return key === "model" || key === "persona" || key === "human" ? String(value) : value;
}
