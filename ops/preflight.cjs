"use strict"
/**
 * Makes a checkout ready to run: installs what package-lock.json names, once, and sees that a Node that can run the
 * sources is there. Owns: the install marker and the lock between concurrent starts. Runs on the Node a person happens
 * to have (18 or newer), so: CommonJS, no dependency, no TypeScript. Speaks on stderr only and only when it acts.
 */
const { spawnSync } = require("node:child_process")
const crypto = require("node:crypto")
const fs = require("node:fs")
const os = require("node:os")
const path = require("node:path")

const root = path.resolve(__dirname, "..")
const modules = path.join(root, "node_modules")
const marker = path.join(modules, ".interlock-lock")
const packagedNode = path.join(modules, ".bin", "node")
const lockDir = path.join(root, ".preflight-lock")
const lockOwner = path.join(lockDir, "owner.json")

const nodeMajorMin = 24
const lockAgeMsMax = 15 * 60_000
const lockPollMs = 100
const installArgs = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"]

const say = (line) => process.stderr.write(`interlock: ${line}\n`)

const fail = (line) => {
  say(line)
  process.exit(1)
}

const readText = (file) => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

/** What an install depends on. File times mean nothing: a clone makes them anew. */
const fingerprint = () => {
  const lock = readText(path.join(root, "package-lock.json"))
  if (lock === undefined) fail(`package-lock.json is missing in ${root}: restore it with \`git checkout package-lock.json\``)
  const hash = crypto.createHash("sha256").update(lock.replaceAll("\r\n", "\n")).digest("hex")
  return `${hash} ${process.platform}-${process.arch}\n`
}

const isInstalled = (wanted) => readText(marker) === wanted

/** A finished `npm ci` that a person or an image build ran: npm leaves its own list of what is there. */
const wasInstalledByHand = () => {
  const listed = readText(path.join(modules, ".package-lock.json"))
  if (listed === undefined) return false
  const present = JSON.parse(listed).packages
  const wanted = JSON.parse(readText(path.join(root, "package-lock.json"))).packages
  const isProduction = process.env.NODE_ENV === "production"
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === "" || (entry.dev && isProduction)) return true
    const found = present[place]
    return found === undefined ? entry.optional === true : found.integrity === entry.integrity
  })
}

/** The npm that called us, on the Node it runs on: the packaged Node is deleted while `npm ci` works. */
const npmCommand = () => {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env
  if (cli !== undefined && node !== undefined && path.basename(cli) === "npm-cli.js" && !node.startsWith(modules)) {
    return { command: node, args: [cli, ...installArgs], shell: false }
  }
  const isWindows = process.platform === "win32"
  return { command: isWindows ? "npm.cmd" : "npm", args: installArgs, shell: isWindows }
}

const pathWithoutModules = () => {
  const env = { ...process.env }
  for (const name of Object.keys(env)) {
    if (name.toUpperCase() !== "PATH") continue
    env[name] = env[name].split(path.delimiter).filter((folder) => !folder.startsWith(modules)).join(path.delimiter)
  }
  return env
}

const install = (wanted) => {
  say("installing the dependencies that package-lock.json names (npm ci)")
  const { command, args, shell } = npmCommand()
  // npm's own words go to stderr: stdout belongs to the command that is about to run.
  const done = spawnSync(command, args, { cwd: root, shell, env: pathWithoutModules(), stdio: ["ignore", 2, 2] })
  if (done.error !== undefined || done.status !== 0) {
    const why = done.error?.message ?? (done.signal === null ? `exit ${done.status}` : `signal ${done.signal}`)
    releaseLock()
    fail(`npm ci failed (${why}): see its message above, check network and free disk space, then run \`npm ci\` in ${root}`)
  }
  dropBrokenNode()
  linkOwnCommand()
  writeMarker(wanted)
}

const writeMarker = (wanted) => {
  const fresh = `${marker}.${process.pid}`
  fs.writeFileSync(fresh, wanted)
  fs.renameSync(fresh, marker)
}

/** A packaged Node that does not start here (other libc, other page size) must not stand first on PATH. */
const dropBrokenNode = () => {
  if (!fs.existsSync(packagedNode)) return
  if (spawnSync(packagedNode, ["--version"], { stdio: "ignore" }).status !== 0) fs.rmSync(packagedNode, { force: true })
}

/** npm links the commands of dependencies, not those of the package itself: with this, `npx interlock` asks nobody. */
const linkOwnCommand = () => {
  const link = path.join(modules, ".bin", "interlock")
  try {
    fs.rmSync(link, { force: true })
    if (process.platform === "win32") {
      fs.writeFileSync(`${link}.cmd`, `@node "%~dp0\\..\\..\\ops\\cli\\bin.cjs" %*\r\n`)
    } else {
      fs.symlinkSync(path.join("..", "..", "ops", "cli", "bin.cjs"), link)
    }
  } catch (error) {
    say(`\`npx interlock\` will not work (${error.message}); \`npm run -s interlock\` does`)
  }
}

const isLockStale = () => {
  try {
    if (Date.now() - fs.statSync(lockDir).mtimeMs > lockAgeMsMax) return true
    const owner = JSON.parse(fs.readFileSync(lockOwner, "utf8"))
    if (owner.host !== os.hostname()) return false
    process.kill(owner.pid, 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

const takeLock = () => {
  try {
    fs.mkdirSync(lockDir)
  } catch (error) {
    if (error.code === "EEXIST") return false
    fail(`cannot write to ${root} (${error.message}): run \`npm ci\` there as the owner of the folder`)
  }
  fs.writeFileSync(lockOwner, JSON.stringify({ pid: process.pid, host: os.hostname() }))
  return true
}

const releaseLock = () => fs.rmSync(lockDir, { recursive: true, force: true })

/** Renamed first, so that of several who find a dead owner's lock one alone removes it. */
const breakLock = () => {
  const aside = `${lockDir}.${process.pid}`
  try {
    fs.renameSync(lockDir, aside)
    fs.rmSync(aside, { recursive: true, force: true })
  } catch {
    // another start was quicker
  }
}

const installOnce = (wanted) => {
  let isWaiting = false
  while (!takeLock()) {
    if (isLockStale()) {
      breakLock()
      continue
    }
    if (!isWaiting) say("another start is installing the dependencies, waiting for it")
    isWaiting = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPollMs)
  }
  try {
    if (isInstalled(wanted)) return
    if (!wasInstalledByHand()) return install(wanted)
    dropBrokenNode()
    linkOwnCommand()
    writeMarker(wanted)
  } finally {
    releaseLock()
  }
}

const isNewEnough = () => Number(process.versions.node.split(".")[0]) >= nodeMajorMin

/** Installs if need be and returns the Node to run the sources with; else one line with the remedy, and exit 1. */
const ensure = () => {
  const wanted = fingerprint()
  if (!isInstalled(wanted)) installOnce(wanted)
  if (fs.existsSync(packagedNode)) return packagedNode
  if (isNewEnough()) return process.execPath
  return fail(
    `Node ${nodeMajorMin} or newer is needed, this is ${process.version} and no packaged Node runs on ` +
      `${process.platform}-${process.arch}: install Node 26 from https://nodejs.org, then start again`
  )
}

module.exports = { ensure }

if (require.main === module) ensure()
