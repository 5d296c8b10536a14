"""The floor of FastAPI for the second model: its contract, no model, a constant answer."""

from fastapi import FastAPI
from pydantic import BaseModel, Field


class Row(BaseModel):
    """The inputs, each of which may be missing."""

    age: float | None = Field(None, ge=0, le=120)
    income: float | None = Field(None, ge=0, le=1_000_000)
    score: float | None = Field(None, ge=0, le=10)
    hours: float | None = Field(None, ge=0, le=100)
    region: str | None = None
    work: str | None = None


app = FastAPI()


@app.post("/predict")
async def predict(row: Row) -> dict[str, object]:
    """Answers what Vaticina would, without knowing it."""
    del row
    return {"prediction": "middle", "probability": 0.82}
