/** `doctor`, as far as it needs no running house: one line of JSON, an array of findings without a secret in it. */
import { existsSync } from "node:fs"
import { parseArgs } from "node:util"
import { Console, Effect, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Mask from "#config/Mask.ts"
import { Settings } from "#config/Settings.ts"
import { Finding } from "#schemas/contracts/Commands.ts"
import * as Configuration from "#src/layers/offline/doctor/Configuration.ts"
import * as DataFolder from "#src/layers/offline/doctor/DataFolder.ts"
import * as Disk from "#src/layers/offline/doctor/Disk.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"
import * as Machine from "#src/layers/offline/doctor/Machine.ts"
import * as Reach from "#src/layers/offline/doctor/Reach.ts"
import * as Running from "#src/layers/offline/doctor/Running.ts"
import * as Offline from "#src/layers/offline/Offline.ts"

interface Asked {
  readonly isOnline: boolean
  readonly url: string | undefined
}

/** The folder's own findings, and the house that lives in it. */
const folder = Effect.gen(function*() {
  const { dataFolder } = yield* Settings
  if (!existsSync(dataFolder)) {
    return { running: undefined, findings: [Found.ok("data folder", `${dataFolder} is not there yet: made at the first start`)] }
  }
  const { finding, isHeld } = yield* DataFolder.lock(dataFolder)
  const findings = [
    finding,
    ...DataFolder.unfinished(dataFolder),
    ...yield* Disk.all(dataFolder),
    ...yield* DataFolder.databases(dataFolder),
    DataFolder.permissions(dataFolder),
    yield* DataFolder.backups(dataFolder)
  ]
  return { running: isHeld ? Running.read(dataFolder) : undefined, findings }
})

const examined = ({ isOnline, url }: Asked) => Effect.gen(function*() {
  const { admin, webhook } = yield* Settings
  const { findings: inFolder, running } = yield* folder
  const { findings: ofConfig, secrets } = yield* Configuration.all
  const others = [yield* Machine.clock(isOnline), ...yield* Machine.ports(webhook, admin, running), ...yield* Reach.all(running, url)]
  return { findings: [...ofConfig, ...inFolder, ...others], secrets }
}).pipe(
  Effect.provide(Settings.layer),
  Effect.catchTag("SettingsInvalid", ({ message }) => Effect.succeed({
    findings: [Found.failed("settings", message, "correct the variable in the environment or in .env; the rest was not looked at")],
    secrets: []
  }))
)

const encode = Schema.encodeSync(Schema.fromJsonString(Schema.Array(Finding)))

const doctor = (asked: Asked) =>
  Effect.gen(function*() {
    const { findings, secrets } = yield* examined(asked)
    const mask = Mask.make(secrets)
    const all = [Machine.node(process.versions.node), ...findings].map((finding) => ({ ...finding, text: mask(finding.text) }))
    yield* Console.log(encode(all))
    return all.some(({ state }) => state === "failed") ? Offline.exitCodes.failed : Offline.exitCodes.done
  }).pipe(Effect.provide(FetchHttpClient.layer))

export const run = (args: ReadonlyArray<string>): void => {
  try {
    const { values: { online, url } } = parseArgs({ args: [...args], options: { online: { type: "boolean", default: false }, url: { type: "string" } } })
    Offline.run(doctor({ isOnline: online, url }), true)
  } catch {
    Offline.usage("doctor [--online] [--url <address>]", true)
  }
}
