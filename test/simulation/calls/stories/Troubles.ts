/** Stories of what goes wrong without anybody dying: lost answers, refused stops, gaps, repeats, outages, a shut exchange. */
import { host, type Story, tell } from "#test/simulation/calls/Story.ts"

const buy = { action: "buy", id: "in" }
const exit = { action: "exit", id: "out" }

/** Mondays with a minute's pause. */
const brief = {
  zone: "Etc/UTC",
  always: false,
  windows: [
    { from: { day: "sun", time: "00:00" }, to: { day: "mon", time: "00:01" } },
    { from: { day: "mon", time: "00:02" }, to: { day: "sat", time: "00:00" } }
  ],
  closedOn: [],
  earlyCloses: []
}

export const stories: ReadonlyArray<Story> = [
  tell({
    name: "unknown-entry",
    about: "The answer to an entry is lost: it may have been executed.",
    style: "plain",
    faults: "F3:n=1",
    alerts: [["00:00:05", buy], ["00:00:30", exit]]
  }),
  tell({ name: "stop-rejected", about: "The venue refuses the stop after the entry has filled.", style: "plain", faults: "F18:n=1", alerts: [["00:00:05", buy]] }),
  tell({
    name: "stop-gap",
    about: "The market jumps over the stop.",
    alerts: [["00:00:05", buy]],
    hands: [{ at: "00:00:20", act: ({ venue }) => venue(host)?.market.set("MESZ26", "6870") }]
  }),
  tell({
    name: "duplicate",
    about: "An alert and its resend, both without an id of their own, and again five seconds later.",
    style: "plain",
    alerts: [["00:00:05", { action: "buy" }], ["00:00:05.100", { action: "buy" }], ["00:00:10", { action: "buy" }], ["00:00:25", exit]]
  }),
  tell({
    name: "disconnect",
    about: "The venue is gone as an entry has filled and its exit comes; it is back 20 s later.",
    alerts: [["00:00:05", { ...buy, orderType: "limit", limitPrice: "6895" }], ["00:00:15.200", exit]],
    steps: [{ at: "00:00:15", price: "6890" }],
    hands: [
      { at: "00:00:15.100", act: ({ venue }) => venue(host)?.outage("refused") },
      { at: "00:00:35", act: ({ venue }) => venue(host)?.outage(undefined) }
    ],
    seconds: 60
  }),
  tell({
    name: "shut",
    about: "The exchange closes over a position for a minute; an exit and an entry come while it is shut.",
    start: "2026-11-16T00:00:30Z",
    instrument: { calendar: "brief" },
    calendars: { brief },
    style: "plain",
    alerts: [["00:00:05", buy], ["00:00:40", exit], ["00:00:45", { ...buy, id: "late" }]],
    hands: [
      { at: "00:00:30", act: ({ venue }) => venue(host)?.market.open("MESZ26", false) },
      { at: "00:01:30", act: ({ venue }) => venue(host)?.market.open("MESZ26", true) }
    ],
    seconds: 100
  })
]
