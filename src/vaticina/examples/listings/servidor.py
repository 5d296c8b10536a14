"""El servidor de este proyecto: python servidor.py, o uvicorn servidor:app --host 0.0.0.0 --port 5000."""

from pathlib import Path

from vaticina.api.launch import serve
from vaticina.api.server import create_app

FOLDER = Path(__file__).parent

if __name__ == "__main__":
    serve([FOLDER], host="0.0.0.0")  # noqa: S104 -- como dice el documento: para quien alcance esta máquina
else:
    app = create_app(FOLDER)
