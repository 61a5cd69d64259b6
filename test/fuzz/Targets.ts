/** Everything that is fed. */
import type { Target } from "./engine/Target.ts"
import * as Adapter from "./targets/adapter.ts"
import * as Cli from "./targets/cli.ts"
import * as Config from "./targets/config.ts"
import * as Formats from "./targets/formats.ts"
import * as Journal from "./targets/journal.ts"
import * as Listener from "./targets/listener.ts"
import * as Operator from "./targets/operator.ts"
import * as Paper from "./targets/paper.ts"
import * as Scenario from "./targets/scenario.ts"
import * as Venue from "./targets/venue.ts"
import * as Webhook from "./targets/webhook.ts"

export const targets: ReadonlyArray<Target> = [
  Formats.target, Webhook.target, Journal.target, Config.target, Scenario.target, Paper.target, Venue.target, Adapter.target, Cli.target, Listener.target, Operator.target
]

export const named = (name: string): Target | undefined => targets.find((target) => target.name === name)
