/** What decoders have broken on elsewhere: names, numbers and texts to be put where something else belongs. */

export const names: ReadonlyArray<string> = [
  "__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "then", "length", "toJSON", "_tag", "$schema", "$env", "$file", "id", "0", "-1",
  "", " ", "\u0000", "a.b", "a[0]", "\ud800", "\u202e", "secret", "token", "key", "password"
]

/** As they are written in JSON or nearly so: not all of them are. */
export const numbers: ReadonlyArray<string> = [
  "0", "-0", "1", "-1", "0.1", "1e-7", "1e999", "-1e999", "1e-999", "1e21", "9007199254740993", "-9007199254740993", "2147483648", "4294967296", "18446744073709551616",
  "123456789012345678901234567890", "0.1000000000000000055511151231257827", "NaN", "Infinity", "-Infinity", "na", "01", "+1", "1.", ".5", "0x10", "1_000", "1n", "1e", "--1",
  `1${"0".repeat(400)}`, `0.${"0".repeat(400)}1`, "1e40", "1e99", "1e-99", "99999999999999", "253402300800000", "8640000000000001"
]

export const texts: ReadonlyArray<string> = [
  "", " ", "\u0000", "\u0007\u001b[2J", "\r\nx-a: b", "\ud800", "\udc00\ud800", "\u202egnp", "\ufeff", "e\u0301", "\u{1f4a9}", "{{ticker}}", "{{strategy.order.action}}", "${jndi:x}",
  "../../etc/passwd", "%00", "%2e%2e", "%", "<script>", "' or 1=1 --", "null", "undefined", "NaN", "Infinity", "true", "[object Object]", "__proto__", "constructor",
  "1e999", "-1", "0", "1e40", "1e99", "1E+99", "0.0000001", "21,000.25", "40t", "0t", "999999999t", "1.5%", "1e99%", "%", "t", "99999999999999999999999999999999999999", `9${"9".repeat(39)}.${"9".repeat(40)}e99`,
  "2026-02-30T25:61:61Z", "9999-12-31T23:59:59.999999999+99:99", "0000-00-00T00:00:00Z", "99999999999", "9999999999999999", "MES1!", "CME:", ":", "::::", "MESZ2026", "a/b", "*", "\\", "\"", "'", "\u201c", "\u2018"
]

/** Long ones, made when asked for. */
export const long = (length: number): ReadonlyArray<() => string> => [
  () => "a".repeat(length),
  () => "[".repeat(length),
  () => "{\"a\":".repeat(length / 5),
  () => "\"".repeat(length),
  () => "\\".repeat(length),
  () => "\\\"".repeat(length / 2),
  () => "\"\\".repeat(length / 2),
  () => "{{".repeat(length / 2),
  () => " ".repeat(length),
  () => "/*".repeat(length / 2),
  () => "\ud83d\ude00".repeat(length / 4),
  () => "%25".repeat(length / 3),
  () => "\u201ca".repeat(length / 4),
  () => `${"\"source_symbol\":".repeat(length / 16)},}`,
  () => ",}".repeat(length / 2),
  () => "9".repeat(length)
]
