"""A server that is none of ours: the original design, of which the client knows only its OpenAPI document."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

SEEN: list[dict[str, Any]] = []


class DataPoint(BaseModel):
    state: str
    free_shipping: bool
    attribute_id: str | None = None
    stock_quantity: int
    total_amount: float


app = FastAPI()


@app.post("/predict")
def predict(point: DataPoint) -> dict[str, str]:
    SEEN.append(point.model_dump())
    return {"prediction": "new" if point.stock_quantity > 10 else "used"}


@contextmanager
def foreign() -> Iterator[str]:
    """The address of the server, while it runs."""
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    bound.close()
