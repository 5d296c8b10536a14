"""The API of this project: uvicorn api.main:app --host 0.0.0.0 --port 8000."""

from pathlib import Path

from vaticina.api.server import create_app

app = create_app(Path(__file__).parents[1])
