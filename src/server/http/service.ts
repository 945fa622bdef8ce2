import type { Accounts } from "../house/accounts.ts";
import type { Metrics } from "../house/metrics.ts";
import type { Models } from "../house/models.ts";
import type { Owners } from "../house/owners.ts";
import type { Runs } from "../house/runs.ts";
import type { Api } from "./api.ts";

/** What routes are built on. */
export type Service = {
  readonly api: Api;
  readonly accounts: Accounts;
  readonly owners: Owners;
  readonly models: Models;
  readonly runs: Runs;
  readonly metrics: Metrics;
  /** Milliseconds between the pings of a stream whose client asked for them. */
  readonly pingMs: number;
};
