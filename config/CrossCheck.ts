/** What no single file can tell: that names are unique and that what one file names, another has. */
import { type LoginConfig, quotesFrom, urlsOf } from "#schemas/config/LoginConfig.ts"
import type { ConfigProblem } from "./ConfigInvalid.ts"
import { type Decoded, fileOf, type FileName } from "./Files.ts"
import * as ManualStrategy from "./ManualStrategy.ts"
import * as Runner from "./Runner.ts"
import { nearest } from "./Nearest.ts"
import { show } from "./Problems.ts"
import * as Symbols from "./Symbols.ts"

interface Named {
  readonly file: FileName
  readonly list: string
  readonly key: string
  readonly ids: ReadonlyArray<string>
}

const unique = ({ file, list, key, ids }: Named): ReadonlyArray<ConfigProblem> =>
  ids.flatMap((id, index) => {
    const first = ids.indexOf(id)
    if (first === index) return []
    return [{ file: fileOf(file), path: `${list}[${index}].${key}`, expected: `a name of its own`, got: `${show(id)}, as in ${list}[${first}]` }]
  })

/** A name at `path` of `file` that must be one of `ids`, which `home` lists. */
const reference = (
  file: FileName, path: string, entry: string, name: string, home: FileName, ids: ReadonlyArray<string>, what: string
): ReadonlyArray<ConfigProblem> => {
  if (ids.includes(name)) return []
  const meant = nearest(name, ids)
  return [{
    file: fileOf(file),
    path,
    entry,
    expected: `${what} of ${fileOf(home)}`,
    got: show(name),
    ...(meant === undefined ? {} : { nearest: meant })
  }]
}

const zoneProblem = (file: FileName, path: string, entry: string, zone: string): ReadonlyArray<ConfigProblem> => {
  try {
    void new Intl.DateTimeFormat("en", { timeZone: zone })
    return []
  } catch {
    const meant = nearest(zone, Intl.supportedValuesOf("timeZone"))
    return [{
      file: fileOf(file), path, entry, expected: "a time zone such as America/New_York", got: show(zone),
      ...(meant === undefined ? {} : { nearest: meant })
    }]
  }
}

const strategyProblems = ({ strategies: { strategies }, instruments: { instruments } }: Decoded, laneIds: ReadonlyArray<string>) => {
  const known = Symbols.known(instruments)
  return strategies.flatMap(({ id, lanes, symbols, session, fires }, index) => {
    const at = `strategies[${index}]`
    return [
      ...lanes.flatMap((lane, place) => reference("strategies", `${at}.lanes[${place}]`, id, lane, "lanes", laneIds, "a lane")),
      ...symbols.flatMap((symbol, place) =>
        Symbols.resolves(instruments, symbol)
          ? []
          : reference("strategies", `${at}.symbols[${place}]`, id, symbol, "instruments", known, "a symbol")),
      ...(session === undefined ? [] : zoneProblem("strategies", `${at}.session.zone`, id, session.zone)),
      ...zoneProblem("strategies", `${at}.fires.zone`, id, fires.zone)
    ]
  })
}

const accountProblems = (decoded: Decoded, laneIds: ReadonlyArray<string>): ReadonlyArray<ConfigProblem> => {
  const logins = decoded.venues.logins.map(({ id }): string => id)
  const roots = decoded.instruments.instruments.map(({ root }) => root)
  return decoded.accounts.accounts.flatMap(({ id, login, lanes = [], symbols = [], assets, sizing, caps, dayStartsAt, reconciliation, adoptStop }, index) => {
    const at = `accounts[${index}]`
    return [
      ...reference("accounts", `${at}.login`, id, login, "venues", logins, "a login"),
      ...lanes.flatMap((lane, place) => reference("accounts", `${at}.lanes[${place}]`, id, lane, "lanes", laneIds, "a lane")),
      ...symbols.flatMap((root, place) => reference("accounts", `${at}.symbols[${place}]`, id, root, "instruments", roots, "a root")),
      ...Object.keys(caps.maxContractsBySymbol ?? {}).flatMap((root) =>
        reference("accounts", `${at}.caps.maxContractsBySymbol.${root}`, id, root, "instruments", roots, "a root")),
      ...assets.flatMap((asset) => sizing[asset] !== undefined ? [] : [{
        file: fileOf("accounts"), path: `${at}.sizing.${asset}`, entry: id, expected: "a size for each asset class it trades", got: "nothing"
      }]),
      ...zoneProblem("accounts", `${at}.dayStartsAt.zone`, id, dayStartsAt.zone),
      ...(reconciliation !== "adopt" || adoptStop !== undefined ? [] : [{
        file: fileOf("accounts"), path: `${at}.adoptStop`, entry: id, expected: "how far from the market the stop of an adopted position is put", got: "nothing"
      }])
    ]
  })
}

const instrumentProblems = ({ instruments: { instruments }, calendars: { calendars } }: Decoded): ReadonlyArray<ConfigProblem> => {
  const calendarIds = calendars.map(({ id }) => id)
  const names = instruments.flatMap(({ root, aliases }, index) => [root, ...aliases].map((name) => ({ name, root, index })))
  return [
    ...instruments.flatMap(({ root, calendar, roll }, index) => [
      ...reference("instruments", `instruments[${index}].calendar`, root, calendar, "calendars", calendarIds, "a calendar"),
      ...(roll === undefined ? [] : zoneProblem("instruments", `instruments[${index}].roll.zone`, root, roll.zone))
    ]),
    ...names.flatMap(({ name, root, index }, place) => {
      const first = names.findIndex((other) => other.name === name)
      if (first === place || name === root) return []
      return [{
        file: fileOf("instruments"), path: `instruments[${index}].aliases`, entry: root,
        expected: "names that mean this instrument alone", got: `${show(name)}, also of "${names[first]?.root ?? ""}"`
      }]
    }),
    ...calendars.flatMap(({ id, zone }, index) => zoneProblem("calendars", `calendars[${index}].zone`, id, zone))
  ]
}

/** A paper login may listen to another login's quotes: to one that is there, speaks, and does not itself listen to a third. */
const quotesProblems = (logins: ReadonlyArray<LoginConfig>, login: LoginConfig, index: number): ReadonlyArray<ConfigProblem> => {
  const from = quotesFrom(login)
  if (from === undefined) return []
  const { enabled, id } = login
  const path = `logins[${index}].paper.quotesFrom`
  const others = logins.filter((other) => other.id !== id)
  const source = others.find((other) => other.id === from)
  const problem = (expected: string, got: string) => [{ file: fileOf("venues"), path, entry: id, expected, got }]
  if (from === id) return problem("another login", "itself")
  if (source === undefined) return reference("venues", path, id, from, "venues", others.map((other) => other.id), "a login")
  const further = quotesFrom(source)
  if (further !== undefined) return problem("a login with quotes of its own", `${show(from)}, which takes them from ${show(further)}`)
  return enabled && !source.enabled ? problem("an enabled login", `${show(from)}, which is disabled`) : []
}

const hostsHere = new Set(["localhost", "127.0.0.1", "[::1]"])

/** A key and its secret go over the network only under TLS. */
const urlProblems = (login: LoginConfig, index: number): ReadonlyArray<ConfigProblem> =>
  Object.entries(urlsOf(login)).flatMap(([setting, address]) => {
    const url = URL.parse(address)
    if (url !== null && (url.protocol === "https:" || hostsHere.has(url.hostname))) return []
    return [{ file: fileOf("venues"), path: `logins[${index}].${setting}`, entry: login.id, expected: "https://, or http:// of this machine", got: show(address) }]
  })

/** Two accounts of ours on one of the venue's would each believe that they own what it holds. */
const venueAccountProblems = ({ accounts: { accounts }, venues: { logins } }: Decoded): ReadonlyArray<ConfigProblem> => {
  const nameOf = ({ id, login, venueAccount }: (typeof accounts)[number]) => JSON.stringify([login, venueAccount ?? id])
  const alone = new Set<string>(logins.filter(({ venue }) => venue !== "paper").map(({ id }) => id))
  return accounts.flatMap((account, index) => {
    const first = accounts.findIndex((other) => nameOf(other) === nameOf(account))
    return first === index || !alone.has(account.login) ? [] : [{
      file: fileOf("accounts"), path: `accounts[${index}].venueAccount`, entry: account.id, expected: "an account at the venue of its own",
      got: `${show(account.venueAccount ?? account.id)}, as in accounts[${first}]`
    }]
  })
}

const loginProblems = ({ venues: { logins } }: Decoded): ReadonlyArray<ConfigProblem> =>
  logins.flatMap((login, index) => [...quotesProblems(logins, login, index), ...urlProblems(login, index)])

export const problems = (decoded: Decoded): ReadonlyArray<ConfigProblem> => {
  const laneIds = decoded.lanes.lanes.map(({ id }): string => id)
  const named: ReadonlyArray<Named> = [
    { file: "lanes", list: "lanes", key: "id", ids: laneIds },
    { file: "strategies", list: "strategies", key: "id", ids: decoded.strategies.strategies.map(({ id }) => id) },
    { file: "accounts", list: "accounts", key: "id", ids: decoded.accounts.accounts.map(({ id }) => id) },
    { file: "venues", list: "logins", key: "id", ids: decoded.venues.logins.map(({ id }) => id) },
    { file: "instruments", list: "instruments", key: "root", ids: decoded.instruments.instruments.map(({ root }) => root) },
    { file: "calendars", list: "calendars", key: "id", ids: decoded.calendars.calendars.map(({ id }) => id) }
  ]
  return [
    ...named.flatMap(unique),
    ...strategyProblems(decoded, laneIds),
    ...accountProblems(decoded, laneIds),
    ...loginProblems(decoded),
    ...venueAccountProblems(decoded),
    ...instrumentProblems(decoded),
    ...ManualStrategy.problems(decoded),
    ...Runner.problems(decoded)
  ]
}
