/** How much is measured. */

export interface Options {
  readonly rounds: number
  /** Of one measurement. */
  readonly seconds: number
  readonly isShort: boolean
}

export const full: Options = { rounds: 3, seconds: 5, isShort: false }
export const short: Options = { rounds: 1, seconds: 0.6, isShort: true }
