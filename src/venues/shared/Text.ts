/** Words of a venue on their way into our errors and logs. They are a stranger's: short, printable, and without what was given to it in secret. */

/** Characters kept of what a venue says. */
export const wordsMax = 200
const cover = "***"

export const make = (secrets: () => ReadonlyArray<string>) => (said: string): string => {
  const plain = said.slice(0, 4 * wordsMax).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
  const covered = secrets().reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, cover)), plain)
  return covered.length > wordsMax ? `${covered.slice(0, wordsMax)}...` : covered
}
