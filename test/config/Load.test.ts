import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Result } from "effect"
import type { ConfigInvalid } from "#config/ConfigInvalid.ts"
import * as Load from "#config/Load.ts"
import { AccountId } from "#schemas/Ids.ts"
import { house, houseTexts, type Overrides } from "#test/support/house.ts"
import { folder, write } from "#test/support/folder.ts"

const errorOf = (texts: Load.Texts): ConfigInvalid => Result.getOrThrow(Result.flip(Load.fromTexts(texts)))
const linesOf = (overrides: Overrides): ReadonlyArray<string> => errorOf(houseTexts(overrides)).message.split("\n").slice(1)

const text = (texts: Load.Texts, file: string): string => texts[file] ?? ""

describe("a good configuration", () => {
  it("is decoded into exact values", () => {
    const { accounts, strategies, lanes, logins, instruments, calendars } = house()
    assert.deepStrictEqual(Array.from(lanes.keys(), String), ["futures", "crypto"])
    assert.deepStrictEqual(Array.from(strategies.keys(), String), ["demo-futures", "demo-crypto"])
    assert.deepStrictEqual(Array.from(accounts.keys(), String), ["paper-1", "paper-2", "paper-3"])
    assert.deepStrictEqual(Array.from(logins.keys(), String), ["paper-demo"])
    assert.deepStrictEqual(Array.from(calendars.keys()), ["always", "cme-futures"])
    const mes = instruments.find(({ root }) => root === "MES")
    assert.isTrue(mes !== undefined && BigDecimal.equals(mes.tickValue, BigDecimal.fromStringUnsafe("1.25")))
  })

  it("gives one tick of each instrument the value of price step x lot size x multiplier", () => {
    const multipliers: Record<string, string> =
      { MES: "5", MNQ: "2", ES: "50", NQ: "20", MGC: "10", MCL: "100", PF_XBTUSD: "1", PF_ETHUSD: "1" }
    for (const { root, tickSize, lotSize, tickValue } of house().instruments) {
      const multiplier = BigDecimal.fromStringUnsafe(multipliers[root] ?? "0")
      const expected = BigDecimal.multiply(BigDecimal.multiply(tickSize, lotSize), multiplier)
      assert.isTrue(BigDecimal.equals(tickValue, expected), root)
    }
  })

  it("denies every demo alert on paper-3: its smallest stop loses more than its day may", () => {
    const { accounts, instruments } = house()
    const paper3 = Array.from(accounts.values()).find(({ id }) => String(id) === "paper-3")
    const cap = paper3?.caps.dailyLoss ?? BigDecimal.fromStringUnsafe("1000000")
    const stops = ["MES", "MNQ", "PF_XBTUSD", "PF_ETHUSD"].map((root) => {
      const instrument = instruments.find((one) => one.root === root)
      const sizing = instrument === undefined ? undefined : paper3?.sizing[instrument.asset]
      if (instrument === undefined || sizing?.kind !== "fixed") throw new Error(root)
      return instrument.asset === "futures"
        ? BigDecimal.multiply(BigDecimal.multiply(instrument.tickValue, sizing.quantity), BigDecimal.fromStringUnsafe("40"))
        : BigDecimal.multiply(BigDecimal.multiply(instrument.simulation.price, sizing.quantity), BigDecimal.fromStringUnsafe("0.005"))
    })
    assert.deepStrictEqual(stops.map(BigDecimal.format), ["50", "20", "450", "15"])
    assert.isTrue(stops.every((stop) => BigDecimal.isGreaterThan(stop, cap)))
  })

  it("grows to a thousand accounts by copying one", () => {
    const accounts = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`copy-${index}`, {}]))
    assert.strictEqual(house({ accounts }).accounts.size, 1003)
  })
})

describe("the hash", () => {
  const plain = houseTexts()
  const hashOf = (texts: Load.Texts) => Result.getOrThrow(Load.fromTexts(texts)).hash

  it("does not see formatting, comments, key order, the schema's name or how a decimal is written", () => {
    const lanes = `{ "lanes": [
      { "formats": ["canonical", "abtradex-legacy"], "secret": {"$file": "secrets/webhook-secret"}, "enabled": true, "id": "futures" }, // one
      { "id": "crypto", "enabled": true, "secret": {"$file": "secrets/webhook-secret"}, "formats": ["canonical", "abtradex-legacy"], },
    ] }`
    const instruments = text(plain, "instruments.json").replace(`"0.50"`, `"0.5"`).replace(`"12.50"`, `"12.5"`)
    assert.notStrictEqual(instruments, text(plain, "instruments.json"))
    assert.strictEqual(hashOf({ ...plain, "lanes.json": lanes, "instruments.json": instruments }), hashOf(plain))
    assert.match(hashOf(plain), /^[0-9a-f]{64}$/)
  })

  it("does not see the order of names in a table", () => {
    const withCaps = (maxContractsBySymbol: Record<string, string>) => house({ accounts: { "paper-1": { caps: { maxContractsBySymbol } } } }).hash
    assert.strictEqual(withCaps({ MES: "1", MNQ: "2" }), withCaps({ MNQ: "2", MES: "1" }))
    assert.notStrictEqual(withCaps({ MES: "1", MNQ: "2" }), withCaps({ MES: "2", MNQ: "1" }))
  })

  it("sees every change of content", () => {
    const changed: ReadonlyArray<Overrides> = [
      { lanes: { futures: { enabled: false } } },
      { strategies: { "demo-futures": { coolDownMs: 1 } } },
      { accounts: { "paper-1": { caps: { dailyLoss: "100" } } } },
      { venues: { "paper-demo": { paper: { seed: 2 } } } },
      { instruments: { MES: { version: 2 } } },
      { calendars: { "cme-futures": { closedOn: [] } } }
    ]
    const hashes = [hashOf(plain), ...changed.map((overrides) => house(overrides).hash)]
    assert.strictEqual(new Set(hashes).size, hashes.length)
  })
})

describe("a bad file", () => {
  it("offers the key that was meant", () => {
    assert.deepStrictEqual(linesOf({ accounts: { "paper-2": { caps: { dailyLos: "5" } } } }), [
      `accounts.json: accounts[1].caps.dailyLos (in "paper-2"): expected a known key, got "dailyLos"; did you mean "dailyLoss"?`
    ])
    assert.deepStrictEqual(linesOf({ venues: { "paper-demo": { paper: { colour: "red" } } } }), [
      `venues.json: logins[0].paper.colour (in "paper-demo"): expected a known key, got "colour"`
    ])
  })

  it("adopts nothing without knowing where its stop goes", () => {
    assert.deepStrictEqual(linesOf({ accounts: { "paper-2": { reconciliation: "adopt" } } }), [
      `accounts.json: accounts[1].adoptStop (in "paper-2"): expected how far from the market the stop of an adopted position is put, got nothing`
    ])
    assert.strictEqual(house({ accounts: { "paper-2": { reconciliation: "adopt", adoptStop: { _tag: "Percent", percent: "0.5" } } } })
      .accounts.get(AccountId.make("paper-2"))?.reconciliation, "adopt")
    assert.strictEqual(linesOf({ accounts: { "paper-2": { reconciliation: "adopt", adoptStop: { _tag: "Price", price: "1" } } } }).length, 1)
  })

  it("names a key that is missing", () => {
    assert.deepStrictEqual(linesOf({ accounts: { "paper-2": { sizing: null } } }), [
      `accounts.json: accounts[1].sizing (in "paper-2"): expected this key, got nothing`
    ])
  })

  it("says which words, tags, shapes and forms are allowed", () => {
    assert.deepStrictEqual(linesOf({
      strategies: { "demo-futures": { onSameSide: "denny", defaultStop: { _tag: "Tick", ticks: 40 }, fires: { dayStartsAt: "24:00" } } },
      accounts: { "paper-1": { balance: { amount: 5 }, sizing: { futures: { quantity: "-1" } }, id: "a b" } }
    }), [
      `strategies.json: strategies[0].defaultStop._tag (in "demo-futures"): expected one of "Price", "Distance", "Percent", got "Tick"`,
      `strategies.json: strategies[0].onSameSide (in "demo-futures"): expected one of "deny", "add", "replace", got "denny"; did you mean "deny"?`,
      `strategies.json: strategies[0].fires.dayStartsAt (in "demo-futures"): expected a time of day, HH:MM, got "24:00"`,
      `accounts.json: accounts[0].id (in "a b"): expected a name of at most 64 letters, digits, ".", "_" or "-", the first a letter or digit, got "a b"`,
      `accounts.json: accounts[0].balance.amount (in "a b"): expected a decimal in quotes, such as "0.25", got 5`,
      `accounts.json: accounts[0].sizing.futures.quantity (in "a b"): expected a value greater than 0, got "-1"`
    ])
  })

  it("never quotes a secret that was written where its name belongs", () => {
    const error = errorOf(houseTexts({ lanes: { futures: { secret: "hunter2-canary" }, crypto: { secret: { $env: "A", $fil: "hunter2-canary" } } } }))
    assert.notInclude(error.message, "hunter2")
    assert.notInclude(JSON.stringify(error), "hunter2")
    assert.include(error.message, `lanes[0].secret (in "futures"): expected an object with "$env" or with "$file", got a string (not shown)`)
  })

  it("says in bounds what is wrong with a name without bounds", () => {
    const long = "x".repeat(50_000)
    const lines = linesOf({ accounts: { "paper-2": { caps: { [long]: "5" } }, [long]: {} }, strategies: { "demo-futures": { fires: { [long]: { [long]: 1 } } } } })
    assert.isAbove(lines.length, 1)
    for (const line of lines) assert.isBelow(line.length, 500, line)
  })

  it("tells line and column where it is no JSON", () => {
    assert.deepStrictEqual(errorOf({ ...houseTexts(), "lanes.json": `{\n  "lanes": [}\n` }).problems, [
      { file: "lanes.json", path: "line 2, column 13", expected: "a value", got: `"}"` }
    ])
  })

  it("tells all problems of all files, at most twenty, and counts the rest", () => {
    const accounts = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`copy-${index}`, { enabled: 1 }]))
    const error = errorOf({ ...houseTexts({ accounts }), "calendars.json": "" })
    assert.strictEqual(error.problems.length, 20)
    assert.strictEqual(error.unnamed, 11)
    assert.include(error.message, "... and 11 more")
  })
})

describe("the cross-check", () => {
  it("finds every name that leads nowhere", () => {
    assert.deepStrictEqual(linesOf({
      strategies: { "demo-crypto": { lanes: ["crypo"], symbols: ["BTCUSDT", "KRAKEN:ETHUSD", "DOGEUSD"], fires: { zone: "America/NewYork" } } },
      accounts: { "paper-1": { login: "paper-dmo", lanes: ["future"], symbols: ["MESS"], caps: { maxContractsBySymbol: { MESX: "1" } } } },
      instruments: { MCL: { calendar: "cme" } }
    }), [
      `strategies.json: strategies[1].lanes[0] (in "demo-crypto"): expected a lane of lanes.json, got "crypo"; did you mean "crypto"?`,
      `strategies.json: strategies[1].symbols[0] (in "demo-crypto"): expected a symbol of instruments.json, got "BTCUSDT"; did you mean "BTCUSD"?`,
      `strategies.json: strategies[1].symbols[2] (in "demo-crypto"): expected a symbol of instruments.json, got "DOGEUSD"`,
      `strategies.json: strategies[1].fires.zone (in "demo-crypto"): expected a time zone such as America/New_York, got "America/NewYork"; did you mean "America/New_York"?`,
      `accounts.json: accounts[0].login (in "paper-1"): expected a login of venues.json, got "paper-dmo"; did you mean "paper-demo"?`,
      `accounts.json: accounts[0].lanes[0] (in "paper-1"): expected a lane of lanes.json, got "future"; did you mean "futures"?`,
      `accounts.json: accounts[0].symbols[0] (in "paper-1"): expected a root of instruments.json, got "MESS"; did you mean "MES"?`,
      `accounts.json: accounts[0].caps.maxContractsBySymbol.MESX (in "paper-1"): expected a root of instruments.json, got "MESX"; did you mean "MES"?`,
      `instruments.json: instruments[5].calendar (in "MCL"): expected a calendar of calendars.json, got "cme"`
    ])
  })

  it("lets a paper login listen to another that speaks for itself, and to no other", () => {
    const from = (quotesFrom: string) => ({ paper: { quotesFrom } })
    assert.isDefined(house({ venues: { "paper-demo": from("source"), source: {} } }))
    assert.deepStrictEqual(linesOf({
      venues: {
        "paper-demo": from("paper-demo"), lost: from("sourcee"), second: from("first"), first: from("source"), deaf: from("off"), source: {},
        off: { enabled: false }, asleep: { enabled: false, ...from("off") }
      }
    }), [
      `venues.json: logins[0].paper.quotesFrom (in "paper-demo"): expected another login, got itself`,
      `venues.json: logins[1].paper.quotesFrom (in "lost"): expected a login of venues.json, got "sourcee"; did you mean "source"?`,
      `venues.json: logins[2].paper.quotesFrom (in "second"): expected a login with quotes of its own, got "first", which takes them from "source"`,
      `venues.json: logins[4].paper.quotesFrom (in "deaf"): expected an enabled login, got "off", which is disabled`
    ])
  })

  it("lets a family answer to its months and no others", () => {
    const symbols = ["MES", "MES1!", "CME_MINI:MES1!", "MESZ6", "MESH27", "MESM2027"]
    assert.isDefined(house({ strategies: { "demo-futures": { symbols } } }))
    for (const symbol of ["MESF6", "MES2!", "MESZ", "mes1!", "MGCH7", "PF_XBTUSD1!"]) {
      assert.strictEqual(linesOf({ strategies: { "demo-futures": { symbols: [symbol] } } }).length, 1, symbol)
    }
  })

  it("refuses a name given twice, an alias of two and an asset class without a size", () => {
    assert.deepStrictEqual(linesOf({
      accounts: { "paper-2": { id: "paper-1" }, "paper-3": { sizing: { crypto: null } } },
      instruments: { PF_ETHUSD: { aliases: ["ETHUSD", "XBTUSD"] } }
    }), [
      `accounts.json: accounts[1].id: expected a name of its own, got "paper-1", as in accounts[0]`,
      `accounts.json: accounts[2].sizing.crypto (in "paper-3"): expected a size for each asset class it trades, got nothing`,
      `instruments.json: instruments[7].aliases (in "PF_ETHUSD"): expected names that mean this instrument alone, got "XBTUSD", also of "PF_XBTUSD"`
    ])
  })
})

describe("a folder", () => {
  it.effect("gives the same as its texts", () =>
    Effect.gen(function*() {
      const root = yield* folder
      yield* write(root, houseTexts())
      assert.deepStrictEqual(yield* Load.fromFolder(root), house())
    }).pipe(Effect.scoped))

  it.effect("names each file it lacks and what to do", () =>
    Effect.gen(function*() {
      const root = yield* folder
      const { "accounts.json": _, ...rest } = houseTexts()
      yield* write(root, rest)
      const error = yield* Effect.flip(Load.fromFolder(root))
      assert.strictEqual(error.problems.length, 1)
      assert.include(error.message, `${root}/accounts.json: expected this file, got nothing; copy it from config/default`)
    }).pipe(Effect.scoped))
})
