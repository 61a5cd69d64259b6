/**
 * Tells systemd, where it started this process, that the doors are open, that the house leaves, and again and again that it lives: that the
 * webhook's door answers, whatever it answers. Node cannot write to the manager's datagram socket, so `systemd-notify` does.
 */
import { execFile } from "node:child_process"
import * as Http from "node:http"
import { Duration, Effect, Option, Schedule } from "effect"

/** A manager that waits for a sign of life every n seconds gets one every n/3. */
const signsPerPeriod = 3
const toldWithinMs = 5_000

export type Environment = Readonly<Record<string, string | undefined>>

/** How often systemd wants a sign of life. None: it wants none, or not from this process. */
export const beatEveryMs = ({ WATCHDOG_PID, WATCHDOG_USEC }: Environment, pid: number): Option.Option<number> => {
  const periodMs = Number(WATCHDOG_USEC ?? "0") / 1_000
  const isMeant = WATCHDOG_PID === undefined || WATCHDOG_PID === String(pid)
  return isMeant && periodMs > 0 ? Option.some(periodMs / signsPerPeriod) : Option.none()
}

const tell = (environment: Environment, word: string) =>
  Effect.callback<void>((resume) => {
    execFile("systemd-notify", [word], { timeout: toldWithinMs, env: { ...environment } }, (error) =>
      resume(error === null ? Effect.void : Effect.logWarning(`systemd was not told ${word}: ${error.message}`)))
  })

/** 503 is an answer too: what cannot be written or is in rescue mode lives. */
const answers = (url: string, withinMs: number) =>
  Effect.callback<boolean>((resume) => {
    const request = Http.get(url, { agent: false }, (response) => {
      response.resume()
      resume(Effect.succeed(true))
    })
    request.on("error", () => resume(Effect.succeed(false)))
    return Effect.sync(() => { request.destroy() })
  }).pipe(Effect.timeoutOption(Duration.millis(withinMs)), Effect.map(Option.getOrElse(() => false)))

/** For as long as the scope lives. Without systemd it does nothing. */
export const attend = Effect.fnUntraced(function*(webhookUrl: string, environment: Environment) {
  if (environment["NOTIFY_SOCKET"] === undefined) return
  yield* Effect.acquireRelease(tell(environment, "READY=1"), () => tell(environment, "STOPPING=1"))
  const every = beatEveryMs(environment, process.pid)
  if (Option.isNone(every)) return
  const beat = Effect.flatMap(answers(`${webhookUrl}/healthz`, every.value), (isAnswered) =>
    isAnswered ? tell(environment, "WATCHDOG=1") : Effect.logWarning("the webhook's own door does not answer: systemd gets no sign of life"))
  yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(Duration.millis(every.value))))
})
