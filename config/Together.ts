/**
 * Several files, put in place together. Owns: that nobody ever reads half of one, and that where one cannot be written none is changed. A driver
 * edge: real disk.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs"
import * as NodePath from "node:path"

export interface Write {
  readonly path: string
  readonly text: string
  /** For its owner alone. */
  readonly isSecret: boolean
  /** What it held when the change was made of it. Absent: whatever is there gives way. */
  readonly was?: string
}

const secretMode = 0o600
const secretFolderMode = 0o700
const plainMode = 0o644
const modeBits = 0o777

/** Somebody else wrote it meanwhile: their words must not be lost. */
export class ChangedMeanwhile extends Error {
  readonly path: string
  constructor(path: string) {
    super(`${path} was changed meanwhile: nothing was written, run it again`)
    this.path = path
  }
}

/** Behind a link: the link stays. */
const targetOf = (path: string): string => existsSync(path) ? realpathSync(path) : path

const stage = ({ isSecret, path, text }: Write) => {
  const target = targetOf(path)
  const beside = `${target}.${process.pid}.new`
  const mode = isSecret ? secretMode : existsSync(target) ? statSync(target).mode & modeBits : plainMode
  mkdirSync(NodePath.dirname(target), { recursive: true, ...(isSecret ? { mode: secretFolderMode } : {}) })
  rmSync(beside, { force: true }) // of a process of this number that died over it
  try {
    const file = openSync(beside, "wx", mode)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    chmodSync(beside, mode) // whatever this process's mask took from it
    return { beside, target }
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/**
 * Synchronous from the first byte to the last name: no signal comes between. Throws what the disk says. A machine that dies between two names keeps
 * the first of them: what others refer to comes first.
 */
export const write = (writes: ReadonlyArray<Write>): void => {
  const staged: Array<ReturnType<typeof stage>> = []
  try {
    for (const one of writes) {
      if (one.was !== undefined && readFileSync(one.path, "utf8") !== one.was) throw new ChangedMeanwhile(one.path)
      staged.push(stage(one))
    }
    for (const { beside, target } of staged) renameSync(beside, target)
  } finally {
    for (const { beside } of staged) rmSync(beside, { force: true })
  }
}
