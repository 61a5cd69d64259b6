/** All that is tried, behind the port and over the whole house. */
import { answers } from "./Answers.ts"
import { brackets, closing } from "./Closing.ts"
import { interruptions } from "./Interruptions.ts"
import type { Listed } from "./Matrix.ts"
import { orders } from "./Orders.ts"
import { others } from "./Others.ts"
import { questions } from "./Questions.ts"
import { sessions } from "./Sessions.ts"
import { stories } from "./Stories.ts"
import { telling } from "./Telling.ts"

export const overPort = [orders, closing, brackets, questions, telling, answers, sessions, others]
export const overHouse = [stories, interruptions]

/** As the matrix shows it. */
export const listed: ReadonlyArray<Listed> = [...overPort, ...overHouse]
