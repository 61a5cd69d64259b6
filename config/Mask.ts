/** Replaces secrets in text by value, in each form in which they leave: plain, in a URL, in JSON. */

/** Shorter ones would blot out ordinary words: they are refused as secrets. */
export const lengthMin = 6
const cover = "***"

const formsOf = (secret: string): ReadonlyArray<string> => {
  const inUrl = encodeURIComponent(secret)
  const inLowerUrl = inUrl.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  const inJson = JSON.stringify(secret).slice(1, -1)
  return [secret, inUrl, inLowerUrl, inUrl.replaceAll("%20", "+"), encodeURI(secret), inJson, inJson.replaceAll("/", "\\/")]
}

/** The longest first, so that no secret that begins like another leaves its end behind. */
export const make = (secrets: Iterable<string>): (text: string) => string => {
  const forms = Array.from(secrets).filter((secret) => secret.length >= lengthMin).flatMap(formsOf)
  const ordered = Array.from(new Set(forms)).sort((one, other) => other.length - one.length)
  return (text) => ordered.reduce((masked, form) => masked.replaceAll(form, cover), text)
}
