/** Every format, by its name in `lanes.json`. Does not compile when one is missing. */
import * as AbTradexLegacy from "#src/ingress/formats/AbTradexLegacy.ts"
import * as Canonical from "#src/ingress/formats/Canonical.ts"
import type { Format, FormatId } from "#src/ingress/formats/Format.ts"
import type { JsonObject } from "#src/ingress/Json.ts"

export const formats: Readonly<Record<FormatId, Format>> = {
  canonical: Canonical.format,
  "abtradex-legacy": AbTradexLegacy.format
}

/** The first that recognises the body; what none does is judged by the lane's first, so that its sender learns what is missing. */
export const choose = (json: JsonObject, accepted: ReadonlyArray<FormatId>): FormatId =>
  accepted.find((id) => formats[id].recognise(json)) ?? accepted[0] ?? "canonical"
