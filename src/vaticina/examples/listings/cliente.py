"""Envía al servidor 100 filas de data/test_data.parquet y muestra lo que respondió: python cliente.py.

SERVER_HOST dice dónde está el servidor; sin ella, en esta máquina.
"""

from pathlib import Path

from vaticina.client.replay import replay
from vaticina.client.replay_plan import ReplayPlan
from vaticina.settings import usual_server

FOLDER = Path(__file__).parent

PLAN = ReplayPlan(count=100, delay=(0.5, 3.0), timeout=10.0, seed=77, keep_answers=True)

if __name__ == "__main__":
    for answer in replay(FOLDER / "data" / "test_data.parquet", usual_server(FOLDER), PLAN).answers:
        print(f"Respuesta solicitud: {answer}")
