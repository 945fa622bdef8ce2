import { aText, expectArguments } from "../agent/expect.ts";
import { createBackups } from "../compose.ts";
import type { BackupOptions, BackupReport, RestoreBackupOptions, RestoreReport } from "../ports/backup.ts";
import { agentNames, backupOptions, restoreOptions } from "./arguments.ts";
import { type Household, awaitCheckpoints, chosenAgents } from "./household.ts";

/** Backs up agents to a file and restores them. */
export class AgentBackups {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  /**
   * Writes agents to one file, even while other processes talk to them: each as it was after one of its steps, with its
   * database and checkpoints, compressed and checksummed. All or nothing. Memory use does not grow with their size.
   *
   * @throws MemGPTError `agent_not_found`; `invalid_input` if the file exists, there is no agent to back up or the
   *   agents are in a database; `storage_failed` and `storage_damaged` if an agent cannot be read or the file cannot be
   *   written.
   */
  async write(names: readonly string[] | "all", file: string, options: BackupOptions = {}): Promise<BackupReport> {
    expectArguments({ names: [names, agentNames], file: [file, aText], options: [options, backupOptions] });
    const chosen = await chosenAgents(this.#house, names);
    for (const name of chosen) await awaitCheckpoints(this.#house, name);
    return (await createBackups(this.#house, this.#house)).write(chosen, file, options);
  }

  /**
   * Restores agents from a backup, after checking every byte of it. Writes nothing outside the home directory.
   *
   * @throws MemGPTError `not_found` if there is no such file; `storage_damaged`, naming each damaged part;
   *   `agent_exists` unless `as` or `force` is given; `storage_failed` if the file is not a backup or cannot be read.
   */
  async restore(file: string, options: RestoreBackupOptions = {}): Promise<RestoreReport> {
    expectArguments({ file: [file, aText], options: [options, restoreOptions] });
    return (await createBackups(this.#house, this.#house)).restore(file, options);
  }
}
