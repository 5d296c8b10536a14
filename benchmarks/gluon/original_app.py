"""The original design: FastAPI, one frame and one `asyncio.to_thread(predictor.predict, frame)` a request.

`PREDICTOR` names AutoGluon's folder; with `PERSIST` its models stay in memory, which the original left out.
"""

import asyncio
import os
from typing import Any

import pandas as pd
from autogluon.tabular import TabularPredictor
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
predictor = TabularPredictor.load(os.environ["PREDICTOR"], verbosity=0)
if os.environ.get("PERSIST"):
    predictor.persist()


class DataPoint(BaseModel):
    """The sixteen fields and the three optional ones."""

    state: str
    city: str
    local_pickup: bool
    free_shipping: bool
    shipping_mode: str
    listing_type: str
    buying_mode: str
    attribute_group_id: str | None = None
    attribute_group: str | None = None
    attribute_id: str | None = None
    status: str
    accepts_mercadopago: bool
    currency: str
    automatic_relist: bool
    stock_quantity: int
    available_quantity: int
    total_amount: float
    date_difference_hr: float
    time_difference_hr: float


@app.post("/predict")
async def predict(point: DataPoint) -> dict[str, Any]:
    """The label, as the original answers it."""
    frame = pd.DataFrame([point.model_dump()])
    prediction = await asyncio.to_thread(predictor.predict, frame)
    return {"prediction": prediction.iloc[0]}


@app.get("/health")
async def health() -> dict[str, str]:
    """What the original lacks, for the same question to be asked of it."""
    return {"status": "healthy"}
