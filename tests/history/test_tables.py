"""The mapping serves any SQLAlchemy session, on either database."""

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests.history.samples import records
from vaticina.contract import Record
from vaticina.history.sql import open_history
from vaticina.history.stored_prediction import microseconds
from vaticina.history.tables import PredictionRow
from vaticina.history.urls import parse


def test_predictions_through_the_mapping(history_url: str) -> None:
    history = open_history(history_url)
    last = records(1)[0]
    history.append([*records(2), last])
    history.close()
    engine = create_engine(parse(history_url))
    with Session(engine) as session:
        newest = session.scalars(select(PredictionRow).order_by(PredictionRow.seq.desc()).limit(1)).one()
        assert (newest.uid, newest.label, newest.time) == (last.uid, last.label, microseconds(last.time))
        assert session.scalar(select(func.count()).select_from(PredictionRow)) == 3
    engine.dispose()


def test_columns_are_the_record_s() -> None:
    """The fast paths rely on it."""
    assert tuple(column.name for column in PredictionRow.__table__.columns) == ("seq", *Record._fields)
