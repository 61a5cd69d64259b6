/** Looks through one SQLite file, beside whoever asks: on a large file that takes seconds. Says `ok` or what is wrong. A process or a thread of its own. */
import { DatabaseSync } from "node:sqlite"
import { parentPort, workerData } from "node:worker_threads"

const look = (path: string, isCopy: boolean): string => {
  const db = new DatabaseSync(path, { readOnly: !isCopy })
  try {
    // A copy that is to lie still is one file: no log beside it.
    if (isCopy) db.exec("pragma journal_mode=delete")
    return String(Object.values(db.prepare("pragma quick_check(1)").get() ?? {})[0])
  } finally {
    db.close()
  }
}

if (parentPort === null) process.stdout.write(look(process.argv[2] ?? "", false))
else parentPort.postMessage(look(String(workerData), true))
