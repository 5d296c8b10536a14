"""The API of this project: uvicorn app:app --port 8000."""

from pathlib import Path

from vaticina.api.server import create_app

app = create_app(Path(__file__).parent)
