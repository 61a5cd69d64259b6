/** The real house as a child process, over a folder of the bench's own. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import * as JournalCodec from "#src/stores/JournalCodec.ts"
import * as JournalFile from "#src/stores/JournalFile.ts"
import * as Child from "./Child.ts"
import type { Folder } from "./Config.ts"

export interface House extends Child.Child {
  readonly webhookPort: number
  readonly operatorUrl: string
  readonly secret: string
  readonly token: string
  /** From the process to its ready line. */
  readonly readyMs: number
}

/** Before the first start: entries of this scope stop at the gates. */
export const pause = ({ data }: Folder, scope: RiskScope, nowMs: number): void => {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const file = JournalFile.open({ path: join(data, "journal.sqlite") })
  const event = JournalEvent.cases.SwitchSet.make({ kind: "pause", scope, on: true, who: "bench", why: "acknowledgements alone are measured" })
  const [seq, version] = [file.lastSeq() + 1, file.headOf("operator") + 1]
  file.write([{ ...JournalCodec.encode(event), seq, version, stream: "operator", atMs: nowMs, key: undefined }])
  file.close()
}

const readyLine = /^ready webhook=http:\/\/127\.0\.0\.1:(\d+) operator=(\S+)$/m

/** `nodeArgs`: before the program, such as what stamps its orders. `env`: the secrets that its configuration names. */
export const start = async ({ config, data }: Folder, nodeArgs: ReadonlyArray<string> = [], env: Readonly<Record<string, string>> = {}): Promise<House> => {
  const bornMs = performance.now()
  const child = Child.start(process.execPath, [...nodeArgs, join(Child.home, "src/main.ts"), "start"], {
    INTERLOCK_DATA: data, INTERLOCK_CONFIG: config, INTERLOCK_WEBHOOK_PORT: "0", INTERLOCK_ADMIN_HOST: "127.0.0.1", INTERLOCK_ADMIN_PORT: "0",
    INTERLOCK_LOG: "error", ...env
  })
  await Child.until("the house ready", () => {
    if (!child.isAlive()) throw new Error(`the house ended before it was ready: ${child.out()}`)
    return readyLine.test(child.out())
  }, 120_000, 2)
  const readyMs = performance.now() - bornMs
  const [, port = "", operatorUrl = ""] = readyLine.exec(child.out()) ?? []
  return {
    ...child, readyMs, operatorUrl, webhookPort: Number(port),
    secret: readFileSync(join(data, "secrets/webhook-secret"), "utf8").trim(),
    token: readFileSync(join(data, "operator-token"), "utf8").trim()
  }
}

/** Until so many accounts may trade. */
export const open = (house: House, accounts: number): Promise<void> =>
  Child.until("accounts open", () => new Set(house.out().match(/^account \S+ open/gm) ?? []).size >= accounts, 120_000)

/** Bytes that it holds in memory. */
export const residentBytes = ({ pid }: Child.Child): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024
