import { join } from "node:path";
import { createStorage } from "../../src/compose.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import { temporaryFolder, testClock } from "../support/agents.ts";
import { repositoryContract } from "./repository.ts";

repositoryContract("files", () => {
  const [folder, clock] = [temporaryFolder(), testClock()];
  const now = (): string => {
    clock.advance(1000);
    return clock.now();
  };
  return async (owner) => (await createStorage({ home: homeAt(join(folder, owner)) }, { now })).repository;
});
