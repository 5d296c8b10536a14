"""Writes data/raw.csv: python scripts/generate_raw_data.py."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(FOLDER))

from src.generator import write_patients  # type: ignore[import-not-found]  # noqa: E402

if __name__ == "__main__":
    target = FOLDER / "data" / "raw.csv"
    write_patients(target)
    print(f"{target}")
