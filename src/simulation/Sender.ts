/** Whoever sends alerts: posts them at their instant, and again after an answer of 5xx or none, as TradingView does. */
import type { Answer } from "#src/ingress/Receive.ts"
import type { Delivery } from "#src/simulation/Deliveries.ts"
import type { Life } from "#src/simulation/Life.ts"

/** After 5xx or nothing; so often at most. */
export const againAfterMs = 5_000
const triesMax = 4
/** Without an answer it is given up and sent again. */
const patienceMs = 3_000

export interface Post {
  readonly life: () => Life | undefined
  /** Calls back so much later. */
  readonly later: (ms: number, then: () => void) => void
  readonly onAnswer: (answer: Answer) => void
}

export const make = ({ later, life, onAnswer }: Post) => {
  const counts = { sent: 0, answered: 0, unanswered: 0, byStatus: new Map<number, number>() }

  const post = (delivery: Delivery, tries: number, repeats: number): void => {
    counts.sent += 1
    let isOver = false
    const over = (isFine: boolean) => {
      isOver = true
      if (repeats > 0) later(againAfterMs, () => post(delivery, 1, repeats - 1))
      else if (!isFine && tries < triesMax) later(againAfterMs, () => post(delivery, tries + 1, 0))
    }
    later(patienceMs, () => {
      if (isOver) return
      counts.unanswered += 1
      over(false)
    })
    const { body, contentType, lane } = delivery
    life()?.receive({ lane, token: undefined, body, peer: "127.0.0.1", forwardedFor: undefined, contentType }, (answer) => {
      counts.byStatus.set(answer.status, (counts.byStatus.get(answer.status) ?? 0) + 1)
      onAnswer(answer) // it left, whether or not somebody still listens
      if (isOver) return
      counts.answered += 1
      over(answer.status < 500)
    })
  }
  return { send: (delivery: Delivery) => post(delivery, 1, delivery.repeats), counts }
}
