/** Stories of orders: how they are entered, fill, change and end. */
import { type Story, tell } from "#test/simulation/calls/Story.ts"

const buy = { action: "buy", id: "in" }
const exit = { action: "exit", id: "out" }
const target = [{ at: "00:00:20", price: "6920" }]

export const stories: ReadonlyArray<Story> = [
  tell({ name: "target-native", about: "An entry under its bracket at the venue, until the target fills.", alerts: [["00:00:05", buy]], steps: target }),
  tell({ name: "target-plain", about: "An entry whose stop and target the house keeps, until the target is reached.", style: "plain", alerts: [["00:00:05", buy]], steps: target }),
  tell({ name: "target-paper", about: "The same at the paper venue.", style: "paper", alerts: [["00:00:05", buy]], steps: target }),
  tell({
    name: "limit-cancel",
    about: "A limit entry that rests until an alert cancels it.",
    style: "plain",
    alerts: [["00:00:05", { ...buy, orderType: "limit", limitPrice: "6890" }], ["00:00:20", { action: "cancel", id: "off" }]]
  }),
  tell({
    name: "partial-fill",
    about: "An entry of four that fills in part, the rest cancelled by the venue; then an exit.",
    style: "plain",
    faults: "F14:n=1",
    alerts: [["00:00:05", { ...buy, quantity: "4" }], ["00:00:25", exit]]
  }),
  tell({ name: "exit", about: "An entry and its exit.", style: "plain", alerts: [["00:00:05", buy], ["00:00:20", exit]] }),
  tell({
    name: "reverse",
    about: "A long turned into a short, and out.",
    alerts: [["00:00:05", buy], ["00:00:20", { action: "reverse", id: "turn" }], ["00:00:40", exit]]
  }),
  tell({
    name: "update-stop",
    about: "A stop moved closer, twice.",
    style: "plain",
    alerts: [["00:00:05", buy], ["00:00:15", { action: "update", sl: "6895", id: "up-1" }], ["00:00:25", { action: "update", sl: "6897", id: "up-2" }], ["00:00:40", exit]]
  }),
  tell({
    name: "add",
    about: "A position that is added to, and left whole.",
    style: "plain",
    strategy: { onSameSide: "add" },
    alerts: [["00:00:05", buy], ["00:00:20", { ...buy, id: "more", quantity: "1" }], ["00:00:40", exit]]
  }),
  tell({
    name: "two-accounts",
    about: "One alert for two accounts of one login, and their exit.",
    second: { sizing: { futures: { kind: "fixed", quantity: "1" } } },
    alerts: [["00:00:05", buy], ["00:00:20", exit]]
  })
]
