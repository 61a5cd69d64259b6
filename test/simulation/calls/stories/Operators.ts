/** Stories of a person at the tools: flatten, kill, a close by hand, a reload. */
import * as Person from "#test/simulation/calls/Person.ts"
import { type Story, tell } from "#test/simulation/calls/Story.ts"

const buy = { action: "buy", id: "in" }
const exit = { action: "exit", id: "out" }
const resting = { action: "buy", id: "rest", orderType: "limit", limitPrice: "6890" }

export const stories: ReadonlyArray<Story> = [
  tell({
    name: "flatten",
    about: "A person flattens a position, and lets entries through again.",
    style: "plain",
    alerts: [["00:00:05", buy], ["00:00:40", { ...buy, id: "again" }]],
    hands: [{ at: "00:00:15", act: Person.flatten }, { at: "00:00:35", act: Person.resume("all") }],
    seconds: 60
  }),
  tell({
    name: "kill",
    about: "A person kills an account whose entry rests, an alert comes meanwhile, and the kill is lifted.",
    alerts: [["00:00:05", resting], ["00:00:20", buy], ["00:00:35", { ...buy, id: "after" }]],
    hands: [{ at: "00:00:15", act: Person.kill("account/paper-1") }, { at: "00:00:30", act: Person.kill("account/paper-1", false) }]
  }),
  tell({
    name: "close-part",
    about: "A person closes one of two contracts, an alert the other.",
    style: "plain",
    alerts: [["00:00:05", buy], ["00:00:35", exit]],
    hands: [{ at: "00:00:20", act: Person.close("paper-1", "MES1!", "1") }]
  }),
  tell({
    name: "reload",
    about: "Another configuration comes into force while an entry rests, which then fills.",
    style: "plain",
    alerts: [["00:00:05", resting], ["00:00:35", exit]],
    steps: [{ at: "00:00:20", price: "6885" }],
    hands: [{ at: "00:00:12", act: ({ reload }) => reload({ accounts: { "paper-1": { caps: { maxContracts: { futures: "3" } } } } }) }]
  })
]
