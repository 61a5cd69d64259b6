/** Who may speak to the operator listener: by name of the host, by origin of the page, by token. */
import { createHash, timingSafeEqual } from "node:crypto"
import { Option, Redacted } from "effect"

export interface Refusal {
  readonly status: 400 | 401 | 403
  readonly error: "hostNotAllowed" | "originNotAllowed" | "unauthorized" | "unreadable"
  readonly message: string
}

export interface Rules {
  readonly token: Redacted.Redacted
  /** Names beside the loopback ones under which it may be asked for. */
  readonly hosts: ReadonlyArray<string>
}

export interface Request {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly authorization: string | undefined
  readonly needsToken: boolean
}

const loopback: ReadonlyArray<string> = ["localhost", "127.0.0.1", "[::1]"]

/** The name without its port. A name that is no loopback name may point here all the same: a page elsewhere could have it rebound. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, "")

/** As a Host header writes it: an IPv6 address stands in brackets there. */
const asWritten = (name: string): string => (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name).toLowerCase()

/** A page speaks to us only from our own address. */
const isOwnOrigin = (origin: string, host: string): boolean => {
  const url = URL.parse(origin)
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.host === host.toLowerCase()
}

const sha256 = (text: string) => createHash("sha256").update(text).digest()

const bearer = "Bearer "

const isToken = (authorization: string | undefined, token: Redacted.Redacted): boolean =>
  authorization !== undefined && authorization.startsWith(bearer) &&
  timingSafeEqual(sha256(authorization.slice(bearer.length)), sha256(Redacted.value(token)))

export const check = ({ hosts, token }: Rules, { authorization, host, needsToken, origin }: Request): Option.Option<Refusal> => {
  const allowed = [...loopback, ...hosts.map(asWritten)]
  if (host === undefined || !allowed.includes(nameOf(host))) {
    return Option.some({ status: 403, error: "hostNotAllowed", message: "ask for this address as localhost, or configure the host name it is reached by" })
  }
  if (origin !== undefined && !isOwnOrigin(origin, host)) {
    return Option.some({ status: 403, error: "originNotAllowed", message: "only pages of this address may speak to it" })
  }
  if (needsToken && !isToken(authorization, token)) {
    return Option.some({
      status: 401,
      error: "unauthorized",
      message: "send the header `Authorization: Bearer <token>`; the token is in the file operator-token of the data folder"
    })
  }
  return Option.none()
}
