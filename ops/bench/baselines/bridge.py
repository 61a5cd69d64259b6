"""
The common webhook bridge, as a baseline: validate, answer 200, dispatch in memory, append JSONL afterwards. Not durable.
Run by the bench: bridge.py <broker port> <accounts> <strategy> <symbols, comma separated> <log file>; the secret in BENCH_SECRET.
"""
import asyncio
import hmac
import json
import os
import socket
import sys
import time
from typing import Optional

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel

BROKER_PORT = int(sys.argv[1])
ACCOUNTS = ["acct-%02d" % n for n in range(int(sys.argv[2]))]
STRATEGIES = {sys.argv[3]}
SYMBOLS = set(sys.argv[4].split(","))
LOG = open(sys.argv[5], "a", encoding="utf8")
SECRET = os.environ["BENCH_SECRET"].encode()
ACTIONS = {"buy", "sell", "exit", "close", "reverse", "flatten", "cancel", "update"}
LANES = {"bench"}


class Alert(BaseModel):
    secret: str
    strategy: str
    action: str
    symbol: str
    price: Optional[float]
    sl: Optional[str]
    tp: Optional[str]
    quantity: Optional[float]
    id: str
    order_id: Optional[str]
    time: Optional[str]
    timenow: Optional[str]
    market_position: Optional[str]
    market_position_size: Optional[str]
    prev_market_position: Optional[str]
    prev_market_position_size: Optional[str]


app = FastAPI(openapi_url=None)
waiting: "asyncio.Queue[Alert]" = asyncio.Queue()
idle_connections = []


def refused(status, error):
    return JSONResponse({"error": error}, status_code=status)


@app.post("/webhook/{lane}")
async def webhook(lane: str, alert: Alert):
    if lane not in LANES:
        return refused(404, "unknownLane")
    if not hmac.compare_digest(alert.secret.encode(), SECRET):
        return refused(401, "badSecret")
    if alert.action.lower() not in ACTIONS:
        return refused(422, "invalid")
    if alert.strategy not in STRATEGIES:
        return refused(422, "unknownStrategy")
    if alert.symbol not in SYMBOLS:
        return refused(422, "unknownSymbol")
    waiting.put_nowait(alert)
    return {"alertId": alert.id, "status": "accepted"}


async def post_order(alert, account):
    """One order over a kept-alive connection."""
    body = json.dumps({
        "alert": alert.id, "account": account, "symbol": alert.symbol, "side": alert.action,
        "qty": alert.quantity or 1, "type": "market", "sl": alert.sl, "tp": alert.tp
    }).encode()
    head = "POST /orders HTTP/1.1\r\nhost: broker\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    reader, writer = idle_connections.pop() if idle_connections else await asyncio.open_connection("127.0.0.1", BROKER_PORT)
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in answer.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line[15:])
    await reader.readexactly(length)
    idle_connections.append((reader, writer))
    return int(answer[9:12])


async def dispatch(alert):
    statuses = await asyncio.gather(*(post_order(alert, account) for account in ACCOUNTS))
    LOG.write(json.dumps({"at": time.time(), "alert": alert.dict(exclude={"secret"}), "statuses": statuses}) + "\n")
    LOG.flush()


running = set()


async def dispatcher():
    while True:
        task = asyncio.create_task(dispatch(await waiting.get()))
        running.add(task)
        task.add_done_callback(running.discard)


@app.on_event("startup")
async def begin():
    task = asyncio.create_task(dispatcher())
    running.add(task)


listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listening.bind(("127.0.0.1", 0))
listening.listen(1024)
print("ready http://127.0.0.1:%d" % listening.getsockname()[1], flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False, lifespan="on")
uvicorn.Server(config).run(sockets=[listening])
