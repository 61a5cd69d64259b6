/** The console's one page. Plain text in, plain text out: nothing from the venue is ever read as markup. */
export const of = (title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} (simulated)</title>
<style>
body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;max-width:75rem;color:#222;background:#fff}
h1{font-size:1.2rem}h2{font-size:1rem;margin:1.2rem 0 .3rem}table{border-collapse:collapse}td,th{padding:.15rem .6rem .15rem 0;text-align:left;vertical-align:top}
input{font:inherit;padding:.15rem .3rem}button{font:inherit}pre{font-size:12px;max-height:24rem;overflow:auto;background:#f6f6f6;padding:.5rem}
#said{min-height:1.4em;color:#a00}tr.hit td{font-weight:600}
@media (prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#222}#said{color:#f88}}
</style></head><body>
<h1>${title}: simulated, no money moves</h1><div id="said" role="status"></div>
<h2>Market</h2><table id="markets"></table>
<h2>Accounts</h2><table id="accounts"></table>
<p><label>By hand: account <input id="account" size="6"></label> <label>symbol <input id="symbol" size="12"></label> <label>quantity <input id="qty" size="5" value="1"></label>
<button id="buy">Buy</button> <button id="sell">Sell</button> <button id="cancelAll">Cancel all of the account</button></p>
<h2>Connection</h2><p><button data-outage="refused">Unreachable</button> <button data-outage="maintenance">Maintenance</button> <button data-outage="none">Reachable again</button></p>
<h2>Faults</h2>
<p><label>Plan <input id="plan" size="70" placeholder="F3:p=0.02 F24:n=5,burst=3 F18:every=10"></label> <button id="set">Set</button> <button id="off">All off</button></p>
<table id="faults"></table>
<h2>Ledger, newest first</h2><pre id="ledger"></pre>
<script>
const at = (id) => document.getElementById(id)
const post = async (path, body) => {
  const answer = await fetch("/console/" + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  const told = await answer.json()
  at("said").textContent = told.error ? told.error.message : ""
  await show(true)
}
const cell = (row, text) => { const td = document.createElement("td"); td.textContent = text; row.append(td); return td }
const button = (row, label, act) => { const b = document.createElement("button"); b.textContent = label; b.onclick = act; (row.tagName === "TR" ? row.insertCell() : row).append(b) }
const fill = (table, rows, draw) => { table.replaceChildren(...rows.map((one) => { const row = document.createElement("tr"); draw(row, one); return row })) }
let isFirst = true
const show = async (isForced) => {
  if (!isForced && (document.hidden || document.activeElement.tagName === "INPUT")) return
  const now = await (await fetch("/console/state")).json()
  if (isFirst) { at("plan").value = now.plan; at("symbol").value = now.markets[0] ? now.markets[0].symbol : ""; at("account").value = now.accounts[0] ? now.accounts[0].id : ""; isFirst = false }
  fill(at("markets"), now.markets, (row, one) => {
    cell(row, one.symbol); cell(row, one.price); cell(row, one.isOpen ? "open" : "shut"); cell(row, one.isScripted ? "set by hand" : "walks")
    button(row, "Jump to", () => { const price = prompt("Price"); if (price) post("price", { symbol: one.symbol, price, how: "jump" }) })
    button(row, "Walk to", () => { const price = prompt("Price"); if (price) post("price", { symbol: one.symbol, price, how: "walk" }) })
    button(row, "Let it walk", () => post("free", { symbol: one.symbol }))
    button(row, one.isOpen ? "Shut" : "Open", () => post("open", { symbol: one.symbol, open: !one.isOpen }))
  })
  fill(at("accounts"), now.accounts, (row, one) => {
    cell(row, one.id); cell(row, one.cash); cell(row, one.positions.map((p) => p.net + " " + p.symbol).join(", ") || "flat"); cell(row, one.live + " orders")
  })
  fill(at("faults"), now.faults, (row, one) => {
    if (one.rules) row.className = "hit"
    cell(row, one.name); cell(row, one.what); cell(row, one.rules); cell(row, one.hits + " of " + one.chances)
    button(row, "Next chance", () => post("strike", { name: one.name }))
  })
  at("ledger").textContent = now.ledger.reverse().map((record) => JSON.stringify(record)).join("\\n")
}
at("set").onclick = () => post("faults", { plan: at("plan").value })
at("off").onclick = () => { at("plan").value = ""; post("faults", { plan: "" }) }
const trade = (side) => post("trade", { account: at("account").value, symbol: at("symbol").value, side, qty: at("qty").value })
at("buy").onclick = () => trade("buy")
at("sell").onclick = () => trade("sell")
at("cancelAll").onclick = () => post("cancel-all", { account: at("account").value })
for (const one of document.querySelectorAll("[data-outage]")) one.onclick = () => post("outage", { kind: one.dataset.outage })
show(true)
setInterval(() => show(false), 2000)
</script></body></html>
`
