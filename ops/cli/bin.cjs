#!/usr/bin/env node
"use strict"
/**
 * Starts the `interlock` command: makes the checkout ready, then runs main.ts on the Node that belongs to it.
 * Where this process is that Node already, main.ts is imported here; else it runs as a child whose exit is ours.
 */
const { spawn } = require("node:child_process")
const fs = require("node:fs")
const os = require("node:os")
const path = require("node:path")
const { pathToFileURL } = require("node:url")
const { ensure } = require("../preflight.cjs")

const main = path.join(__dirname, "main.ts")

const isThisProcess = (node) => fs.realpathSync(node) === fs.realpathSync(process.execPath)

const runHere = () => {
  process.argv[1] = main
  return import(pathToFileURL(main).href)
}

const runAsChild = (node) => {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" })
  // A Ctrl+C at a terminal reaches the child by itself; sent on, it would count as the second one.
  const isAtTerminal = process.stdin.isTTY === true
  process.on("SIGINT", () => isAtTerminal || child.kill("SIGINT"))
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    process.stderr.write(`interlock: cannot start ${node} (${error.message}): run \`npm ci\` again\n`)
    process.exit(1)
  })
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (os.constants.signals[signal] ?? 0)))
}

const node = ensure()
if (isThisProcess(node)) runHere()
else runAsChild(node)
