"""The floors of medico: a bare ASGI app that reads the body, and FastAPI with medico's contract; no model in either."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ANSWER = (
    b'{"prediccion":"CRONICA","probabilidad":0.82,"timestamp":"2026-01-01T00:00:00",'
    b'"entrada":{"edad":45.0,"fiebre":39.5,"dolor":8.0}}'
)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


async def bare(scope: Message, receive: Receive, send: Send) -> None:
    """Reads the whole body and answers a constant."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


async def _live(receive: Receive, send: Send) -> None:
    kind = ""
    while kind != "lifespan.shutdown":
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})


class Row(BaseModel):
    """The inputs, within their ranges."""

    edad: float = Field(ge=0, le=150)
    fiebre: float = Field(ge=35, le=45)
    dolor: float = Field(ge=0, le=10)


app = FastAPI()


@app.post("/predict", response_model=None)
async def predict(row: Row) -> dict[str, object]:
    """Answers what Vaticina would, without knowing it."""
    return {
        "prediccion": "CRONICA",
        "probabilidad": 0.82,
        "timestamp": "2026-01-01T00:00:00",
        "entrada": row.model_dump(),
    }
