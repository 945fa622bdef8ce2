import { basename } from "node:path";
import type { ForgetRequest, Forgettable } from "../../index.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** Forgetting for good, with a preview. */
export function forgetRoutes({ api, runs }: Service): void {
  own(api, CONTRACTS.forgettable, async ({ owner, entry, body }) =>
    owner.use(await entry(), async (agent) => withoutPaths(await agent.forgettable(body satisfies ForgetRequest))),
  );

  own(api, CONTRACTS.forget, async ({ owner, entry, body: { keep = [], ...request } }) => {
    const agent = await entry();
    const forgotten = await owner.use(agent, (it) => it.forget(request, { keep, by: "page" }));
    owner.feed.forgot(agent.id);
    runs.forget(owner.id, agent.id);
    return withoutPaths(forgotten);
  });
}

/** Hides the machine's folders from clients. */
function withoutPaths(found: Forgettable): Forgettable {
  return { ...found, backups: found.backups.map((file) => basename(file)) };
}
