/** What is to run on one machine at this instant: rounds, the more urgent first within each, then as it came. What is added runs a round later. */

interface Bucket {
  readonly priority: number
  readonly tasks: Array<() => void>
}

export const make = () => {
  let plain: Array<() => void> = []
  /** Of any other priority than 0: rare. */
  let others: ReadonlyArray<Bucket> = []
  let isCleared = false

  const addOther = (task: () => void, priority: number): void => {
    const found = others.find((bucket) => bucket.priority === priority)
    if (found === undefined) others = [...others, { priority, tasks: [task] }].toSorted((one, other) => one.priority - other.priority)
    else found.tasks.push(task)
  }

  const run = (tasks: ReadonlyArray<() => void>): void => {
    for (const task of tasks) {
      if (isCleared) return
      task()
    }
  }

  return {
    add: (task: () => void, priority: number): void => {
      if (priority === 0) plain.push(task)
      else addOther(task, priority)
    },
    isEmpty: (): boolean => plain.length === 0 && others.length === 0,
    runRound: (): void => {
      const [nowPlain, nowOthers] = [plain, others]
      plain = []
      others = []
      for (const { priority, tasks } of nowOthers) if (priority < 0) run(tasks)
      run(nowPlain)
      for (const { priority, tasks } of nowOthers) if (priority > 0) run(tasks)
    },
    /** For ever: the round that runs ends with the task it is at. */
    clear: (): void => {
      plain = []
      others = []
      isCleared = true
    }
  }
}
export type Tasks = ReturnType<typeof make>
