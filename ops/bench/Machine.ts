/** Where and on what a run was made, and how busy the machine was besides. */
import { execFileSync } from "node:child_process"
import { cpus, loadavg } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { home } from "./Child.ts"
import { rounded } from "./Stats.ts"

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly node: string
  readonly platform: string
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown", cores: cpus().length, node: process.versions.node, platform: `${process.platform} ${process.arch}`
})

const git = (...args: ReadonlyArray<string>): string => {
  try {
    return execFileSync("git", args, { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    return ""
  }
}

/** With `+` where the checkout differs from it. */
export const commit = (): string => {
  const name = git("rev-parse", "--short", "HEAD")
  const changes = git("status", "--porcelain", "--", ":!ops/bench/results.json", ":!README.md")
  return name === "" ? "unknown" : changes === "" ? name : `${name}+`
}

export interface Load {
  /** Of the last minute, with what the bench itself did in it. */
  readonly average: number
  /** Share of all cores at work just before a scenario, with the bench itself at rest. */
  readonly busy: number
}

const ticks = () => cpus().reduce(({ all, idle }, { times }) => ({
  all: all + times.user + times.nice + times.sys + times.irq + times.idle, idle: idle + times.idle
}), { all: 0, idle: 0 })

const lookMs = 500

export const load = async (): Promise<Load> => {
  const before = ticks()
  await sleep(lookMs)
  const after = ticks()
  return { average: rounded(loadavg()[0] ?? 0), busy: rounded(1 - (after.idle - before.idle) / Math.max(1, after.all - before.all)) }
}
