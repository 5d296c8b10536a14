"""medico as people write it by hand: FastAPI, joblib, a pandas row, one insert a request with SQLAlchemy's ORM."""

import json
import os
from datetime import datetime

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel, Field
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

LABELS = ["NO ENFERMO", "LEVE", "AGUDA", "CRONICA", "TERMINAL"]

model = joblib.load(os.environ["MODEL"])
engine = create_engine("sqlite:///" + os.environ["DB"], connect_args={"check_same_thread": False})
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    """The tables."""


class Prediction(Base):
    """A recorded prediction."""

    __tablename__ = "prediccion"

    id: Mapped[int] = mapped_column(primary_key=True)
    entrada: Mapped[str]
    prediccion: Mapped[str]
    prob: Mapped[float]
    ts: Mapped[datetime]


Base.metadata.create_all(engine)


class Row(BaseModel):
    """The inputs, within their ranges."""

    edad: float = Field(ge=0, le=150)
    fiebre: float = Field(ge=35, le=45)
    dolor: float = Field(ge=0, le=10)


app = FastAPI()


@app.post("/predict", response_model=None)
def predict(row: Row) -> dict[str, object]:
    """Predicts one row, and records it."""
    frame = pd.DataFrame([row.model_dump()])
    probabilities = model.predict_proba(frame.to_numpy())[0]
    best = int(probabilities.argmax())
    label, probability, now = LABELS[best], float(probabilities[best]), datetime.now()  # noqa: DTZ005 -- as people do
    with Session() as session:
        entry = json.dumps(row.model_dump())
        session.add(Prediction(entrada=entry, prediccion=label, prob=probability, ts=now))
        session.commit()
    return {"prediccion": label, "probabilidad": probability, "timestamp": now.isoformat(), "entrada": row.model_dump()}
