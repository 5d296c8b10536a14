"""What people write by hand for the second model: FastAPI, joblib, a pandas row, one insert a request."""

import os
from datetime import UTC, datetime

import joblib
import pandas as pd
from fastapi import FastAPI
from floor_app import Row  # type: ignore[import-not-found]  # uvicorn finds it beside this file
from sqlalchemy import Column, DateTime, Float, Integer, MetaData, String, Table, create_engine, insert

model = joblib.load(os.environ["MODEL"])
engine = create_engine("sqlite:///" + os.environ["DB"], connect_args={"check_same_thread": False})
tables = MetaData()
predictions = Table(
    "predictions",
    tables,
    Column("id", Integer, primary_key=True),
    Column("input", String),
    Column("prediction", String),
    Column("probability", Float),
    Column("time", DateTime),
)
tables.create_all(engine)
app = FastAPI()


@app.post("/predict")
def predict(row: Row) -> dict[str, object]:
    """Predicts one row, and records it."""
    probabilities = model.predict_proba(pd.DataFrame([row.model_dump()]))[0]
    best = int(probabilities.argmax())
    answer = {"prediction": str(model.classes_[best]), "probability": float(probabilities[best])}
    with engine.begin() as connection:
        connection.execute(insert(predictions).values(input=row.model_dump_json(), time=datetime.now(UTC), **answer))
    return answer
