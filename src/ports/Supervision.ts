/** How the parts of the house are doing now. Set by the actors themselves, read by whoever shows it; nothing is decided on it. */
import { Context, Effect, Layer, type Stream, SubscriptionRef } from "effect"
import type { AccountView, SessionView } from "#schemas/contracts/Views.ts"
import type { AccountId, LoginId } from "#schemas/Ids.ts"

export type SessionState = SessionView["state"]
export type AccountState = AccountView["state"]
/** `working` covers start and running: which of the two follows from the accounts. */
export type HouseState = "working" | "stopping" | "rescue"

/** As many as are configured. Who has not said anything yet is connecting. */
export interface States {
  readonly house: HouseState
  readonly sessions: ReadonlyMap<LoginId, SessionState>
  readonly accounts: ReadonlyMap<AccountId, AccountState>
}

export class Supervision extends Context.Service<Supervision, {
  session(login: LoginId): Effect.Effect<SessionState>
  account(id: AccountId): Effect.Effect<AccountState>
  setSession(login: LoginId, state: SessionState): Effect.Effect<void>
  setAccount(id: AccountId, state: AccountState): Effect.Effect<void>
  setHouse(state: HouseState): Effect.Effect<void>
  readonly states: Effect.Effect<States>
  /** What is so now, then every change. */
  readonly changes: Stream.Stream<States>
}>()("src/ports/Supervision") {
  static readonly layer = Layer.effect(Supervision, Effect.gen(function*() {
    const held = yield* SubscriptionRef.make<States>({ house: "working", sessions: new Map(), accounts: new Map() })
    const states = SubscriptionRef.get(held)
    /** Said again and again by whoever has just done something: only what is new is told. */
    const unlessSo = (isSo: (now: States) => boolean, change: (now: States) => States) =>
      Effect.flatMap(states, (now) => isSo(now) ? Effect.void : SubscriptionRef.update(held, change))
    return Supervision.of({
      session: (login) => Effect.map(states, ({ sessions }) => sessions.get(login) ?? "connecting"),
      account: (id) => Effect.map(states, ({ accounts }) => accounts.get(id) ?? "connecting"),
      setSession: (login, state) =>
        unlessSo(({ sessions }) => sessions.get(login) === state, (now) => ({ ...now, sessions: new Map(now.sessions).set(login, state) })),
      setAccount: (id, state) =>
        unlessSo(({ accounts }) => accounts.get(id) === state, (now) => ({ ...now, accounts: new Map(now.accounts).set(id, state) })),
      setHouse: (house) => SubscriptionRef.update(held, (now) => ({ ...now, house })),
      states,
      changes: SubscriptionRef.changes(held)
    })
  }))
}
