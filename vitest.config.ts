/** How the tests run: no globals; what lives on virtual time first, then what starts processes or waits for the real disk. */
import { statfsSync } from "node:fs"
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** Real processes, ports, disks and seconds: after the others, so that nothing that only computes takes the machine from them. */
const real = [
  "test/process/**/*.test.ts",
  "test/stores/**/*.test.ts",
  "test/ops/**/*.test.ts",
  "test/fuzz/**/*.test.ts",
  "test/simulation/kills/**/*.test.ts",
  "test/simulation/planted/**/*.test.ts",
  "test/simulation/Cli.test.ts",
  "test/admin/FlattenSpeed.test.ts",
  "test/src/layers/ServiceManager.test.ts",
  "test/src/observe/Traces.test.ts"
]

/** Where files are kept in memory. A death on virtual time keeps what was written, not what was synced: the disk's own pace proves nothing there. */
const memory = "/dev/shm"
const roomMin = 512 * 1024 * 1024
const inMemory = (): Record<string, string> => {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize < roomMin ? {} : { TMPDIR: memory }
  } catch {
    return {}
  }
}

export default defineConfig({
  test: {
    pool: "forks",
    /** Loading Effect and the house takes longer than most files' tests: a worker loads them once. No file may leave anything behind in its process. */
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: "virtual", include: ["test/**/*.test.ts"], exclude: real, env: inMemory(), sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: "real", include: real, sequence: { groupOrder: 1 } } }
    ]
  }
})
