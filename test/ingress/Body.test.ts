import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Body from "#src/ingress/Body.ts"
import type { Json } from "#src/ingress/Json.ts"

const decode = (text: string) => Body.decode(new TextEncoder().encode(text))

const good: ReadonlyArray<readonly [what: string, text: string, json: Record<string, Json>, repairs: ReadonlyArray<string>]> = [
  ["strict", "{\"a\":\"b\"}", { a: "b" }, []],
  ["white space around", " \n{ \"a\" : \"b\" }\r\n", { a: "b" }, []],
  ["a tenth", "{\"p\":0.1}", { p: "0.1" }, []],
  ["an exponent", "{\"p\":1e-7}", { p: "1e-7" }, []],
  ["a price with its zero", "{\"p\":21000.250}", { p: "21000.250" }, []],
  ["a large whole number", "{\"p\":123456789012345678901234567890}", { p: "123456789012345678901234567890" }, []],
  ["more digits than a float holds", "{\"p\":0.1000000000000000055511151231257827}", { p: "0.1000000000000000055511151231257827" }, []],
  ["nested numbers", "{\"sl\":{\"price\":1.10},\"l\":[1.0,2]}", { sl: { price: "1.10" }, l: ["1.0", "2"] }, []],
  ["words", "{\"a\":true,\"b\":null}", { a: true, b: null }, []],
  ["escapes", "{\"a\":\"\\u00e9\\n\\\"\"}", { a: "\u00e9\n\"" }, []],
  ["eight levels", "{\"a\":[[[[[[[1]]]]]]]}", { a: [[[[[[["1"]]]]]]] }, []],
  ["brackets inside text", "{\"a\":\"[[[[[[[[[[{{{{\\\"[[[\"}", { a: "[[[[[[[[[[{{{{\"[[[" }, []],
  ["NaN", "{\"tp\":NaN}", { tp: null }, ["bareValue"]],
  ["NaN before more", "{\"tp\": NaN , \"sl\":1}", { tp: null, sl: "1" }, ["bareValue"]],
  ["Infinity", "{\"tp\":Infinity,\"sl\":-Infinity}", { tp: null, sl: null }, ["bareValue"]],
  ["na", "{\"tp\":na}", { tp: null }, ["bareValue"]],
  ["NaN in a list", "{\"l\":[NaN,1]}", { l: [null, "1"] }, ["bareValue"]],
  ["NaN in text stays", "{\"tp\":NaN,\"c\":\"x:NaN,\"}", { tp: null, c: "x:NaN," }, ["bareValue"]],
  ["trailing comma", "{\"a\":\"b\",}", { a: "b" }, ["trailingComma"]],
  ["trailing comma in a list", "{\"a\":[1,2, ] ,\n}", { a: ["1", "2"] }, ["trailingComma"]],
  ["a comma in text stays", "{\"a\":\",}\",}", { a: ",}" }, ["trailingComma"]],
  ["byte-order mark", "\ufeff{\"a\":\"b\"}", { a: "b" }, ["byteOrderMark"]],
  ["byte-order mark and more", "\ufeff{\"a\":NaN,}", { a: null }, ["byteOrderMark", "bareValue", "trailingComma"]],
  ["smart quotes", "{\u201caction\u201d: \u201cbuy\u201d}", { action: "buy" }, ["smartQuotes"]],
  ["low and high quotes", "{\u201eaction\u201f:\u201ebuy\u201d}", { action: "buy" }, ["smartQuotes"]],
  ["single smart quotes", "{\u2018action\u2019: \u2018buy\u2019}", { action: "buy" }, ["smartQuotes"]],
  ["smart quotes in text stay", "{\"c\":\"say \u201chi\u201d\",\u201ca\u201d:1}", { c: "say \u201chi\u201d", a: "1" }, ["smartQuotes"]],
  ["smart quotes in strict JSON stay", "{\"c\":\"\u201chi\u201d\"}", { c: "\u201chi\u201d" }, []],
  ["source_symbol unquoted", "{\"source_symbol\": CME_MINI:MES1!,\"a\":1}", { source_symbol: "CME_MINI:MES1!", a: "1" }, ["sourceSymbol"]],
  ["source_symbol unquoted and last", "{\"a\":1,\"source_symbol\":CME_MINI:MES1!}", { a: "1", source_symbol: "CME_MINI:MES1!" }, ["sourceSymbol"]],
  ["source_symbol doubled quotes", "{\"source_symbol\":\"\"CME_MINI:MES1!\"\",\"a\":1}", { source_symbol: "CME_MINI:MES1!", a: "1" }, ["sourceSymbol"]],
  ["source_symbol inner quotes", "{\"source_symbol\":\"CME\"MINI:MES1!\",\"a\":1}", { source_symbol: "CMEMINI:MES1!", a: "1" }, ["sourceSymbol"]],
  ["source_symbol half quoted", "{\"source_symbol\":\"MES1!,\"a\":\"b\"}", { source_symbol: "MES1!", a: "b" }, ["sourceSymbol"]],
  ["source_symbol missing", "{\"source_symbol\": ,\"a\":1}", { source_symbol: null, a: "1" }, ["sourceSymbol"]],
  ["source_symbol missing and last", "{\"a\":1,\"source_symbol\":}", { a: "1", source_symbol: null }, ["sourceSymbol"]],
  ["source_symbol begins with a digit", "{\"source_symbol\":6E1!}", { source_symbol: "6E1!" }, ["sourceSymbol"]],
  ["source_symbol and a bare value", "{\"source_symbol\":MES1!,\"tp\":NaN}", { source_symbol: "MES1!", tp: null }, ["sourceSymbol", "bareValue"]],
  ["source_symbol itself bare", "{\"source_symbol\":NaN}", { source_symbol: null }, ["bareValue"]],
  ["a sound source_symbol stays", "{\"source_symbol\":\"A,B}\",\"tp\":na}", { source_symbol: "A,B}", tp: null }, ["bareValue"]],
  ["source_symbol named once more within its value", "{\"source_symbol\":\"source_symbol\":MES1!,\"a\":1}", { source_symbol: "source_symbol:MES1!", a: "1" }, ["sourceSymbol"]],
  ["source_symbol quoted in text stays", "{\"c\":\"x \\\"source_symbol\\\": y\",}", { c: "x \"source_symbol\": y" }, ["trailingComma"]]
]

const bad: ReadonlyArray<readonly [what: string, text: string, message: RegExp]> = [
  ["empty", "", /empty/],
  ["only space", " \n ", /empty/],
  ["plain text", "buy MES1! now", /not JSON/],
  ["k=v text", "key=1;command=PLACE;", /not JSON/],
  ["a list", "[{\"a\":1}]", /a list/],
  ["a text", "\"buy\"", /a single value/],
  ["a number", "12", /a single value/],
  ["null", "null", /null/],
  ["cut off", "{\"a\":\"b\"", /not JSON/],
  ["two objects", "{\"a\":1}{\"b\":2}", /character 8/],
  ["an unquoted key", "{a:1}", /not JSON/],
  ["an unquoted value elsewhere", "{\"symbol\":MES1!}", /not JSON/],
  ["single quotes", "{'a':'b'}", /not JSON/],
  ["a comment", "{\"a\":1 /* x */}", /not JSON/],
  ["a quote in text", "{\"comment\":\"say \"hi\" now\"}", /not JSON/],
  ["a leading zero", "{\"p\":01}", /not JSON/],
  ["nan in another case", "{\"p\":nan}", /not JSON/],
  ["two commas", "{\"a\":1,,\"b\":2}", /not JSON/],
  ["nine levels", "{\"a\":[[[[[[[[1]]]]]]]]}", /8 levels/],
  ["nine levels and a repair", "{\"a\":[[[[[[[[NaN]]]]]]]]}", /8 levels/],
  ["very deep", "[".repeat(60_000), /8 levels/]
]

describe("Body", () => {
  for (const [what, text, json, repairs] of good) {
    it(what, () => {
      const decoded = Result.getOrThrow(decode(text))
      assert.deepStrictEqual([decoded.json, decoded.repairs, decoded.text], [json, repairs, text])
    })
  }

  for (const [what, text, message] of bad) {
    it(`refuses ${what}`, () => {
      const decoded = decode(text)
      assert.match(Result.isFailure(decoded) ? decoded.failure.message : "decoded", message)
    })
  }

  it("refuses bytes that are no UTF-8", () => {
    for (const bytes of [[0xff, 0xfe, 0x7b, 0x00], [0x7b, 0x22, 0xc3, 0x22, 0x7d], [0xed, 0xa0, 0x80]]) {
      assert.isTrue(Result.isFailure(Body.decode(Uint8Array.from(bytes))))
    }
  })

  it("never quotes the body", () => {
    const decoded = decode("{\"secret\":\"open-sesame-4711\",oops}")
    assert.isTrue(Result.isFailure(decoded) && !decoded.failure.message.includes("sesame"))
  })

  it("keeps a key called __proto__ a key", () => {
    const { json } = Result.getOrThrow(decode("{\"__proto__\":{\"action\":\"buy\"}}"))
    assert.isUndefined(json["action"])
  })
})
