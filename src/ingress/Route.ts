/** Where a request to the webhook's port goes, by method and path alone. */

export type Route =
  | { readonly _tag: "Alert"; readonly lane: string; readonly token: string | undefined }
  | { readonly _tag: "Health" }
  | { readonly _tag: "Nothing" }

/** Longest part of a path: a lane, or a secret. */
const partMax = 512

const nothing: Route = { _tag: "Nothing" }

const decoded = (part: string): string | undefined => {
  if (part.length > partMax) return undefined
  if (!part.includes("%")) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

export const of = (method: string, url: string): Route => {
  const [path = ""] = url.split("?", 1)
  if (path === "/healthz") return method === "GET" || method === "HEAD" ? { _tag: "Health" } : nothing
  if (method !== "POST") return nothing
  const [before, name, lane, token, ...more] = path.split("/")
  if (before !== "" || name !== "webhook" || lane === undefined || lane === "" || token === "" || more.length > 0) return nothing
  const at = decoded(lane)
  const secret = token === undefined ? undefined : decoded(token)
  return at === undefined || (token !== undefined && secret === undefined) ? nothing : { _tag: "Alert", lane: at, token: secret }
}
