/** The newest of many, at most so many. Owns: forgetting the oldest cheaply. */

export interface Recent<A> {
  readonly add: (value: A) => void
  readonly all: () => ReadonlyArray<A>
}

export const make = <A>(max: number): Recent<A> => {
  let older: Array<A> = []
  let newer: Array<A> = []
  return {
    add: (value) => {
      if (newer.length >= max) {
        older = newer
        newer = []
      }
      newer.push(value)
    },
    all: () => [...older, ...newer].slice(-max)
  }
}
