import { basename } from "node:path";
import type { ForgetRequest, Forgettable } from "../../index.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** Forgetting for good, after a look at what would go. */
export function forgetRoutes({ api }: Service): void {
  own(api, CONTRACTS.forgettable, async ({ owner, entry, body }) =>
    owner.use(await entry(), async (agent) => withoutPaths(await agent.forgettable(body satisfies ForgetRequest))),
  );

  own(api, CONTRACTS.forget, async ({ owner, entry, body: { keep = [], ...request } }) => {
    const agent = await entry();
    const forgotten = await owner.use(agent, (it) => it.forget(request, { keep, by: "page" }));
    owner.feed.forgot(agent.id);
    return withoutPaths(forgotten);
  });
}

/** Clients need not know the folders of the machine. */
function withoutPaths(found: Forgettable): Forgettable {
  return { ...found, backups: found.backups.map((file) => basename(file)) };
}
