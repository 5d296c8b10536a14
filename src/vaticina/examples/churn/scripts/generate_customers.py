"""Writes data/customers.csv: invented customers of a telephone company, with the columns of the well-known table.

The relation is plausible and noisy: a short tenure, a monthly contract, fibre without support and electronic cheques
make customers leave. The same customers come every time: python scripts/generate_customers.py.
"""

import csv
import math
import random
from pathlib import Path

CUSTOMERS = 5_000
SEED = 42
FILE = Path(__file__).parents[1] / "data" / "customers.csv"

EXTRAS = ("OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV", "StreamingMovies")
PRICES = {"DSL": 25.0, "Fiber optic": 50.0, "No": 0.0}


def customer(chance: random.Random, number: int) -> dict[str, object]:
    """One customer, without the answer."""
    internet = chance.choices(["DSL", "Fiber optic", "No"], [34, 44, 22])[0]
    phone = "Yes" if internet == "No" or chance.random() < 0.88 else "No"
    contract = chance.choices(["Month-to-month", "One year", "Two year"], [55, 21, 24])[0]
    months = {"Month-to-month": 18, "One year": 42, "Two year": 56}[contract]
    tenure = max(0, min(72, round(chance.gauss(months, 18))))
    extras = {name: "No internet service" if internet == "No" else chance.choice(["Yes", "No"]) for name in EXTRAS}
    lines = "No phone service" if phone == "No" else chance.choice(["Yes", "No"])
    price = PRICES[internet] + 20.0 * (phone == "Yes") + 5.0 * (lines == "Yes")
    monthly = round(price + 6.5 * sum(value == "Yes" for value in extras.values()) + chance.uniform(-2, 2), 2)
    return {
        "customerID": f"{number:04d}-{''.join(chance.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ', k=5))}",
        "gender": chance.choice(["Female", "Male"]),
        "SeniorCitizen": int(chance.random() < 0.16),
        "Partner": chance.choice(["Yes", "No"]),
        "Dependents": chance.choices(["Yes", "No"], [30, 70])[0],
        "tenure": tenure,
        "PhoneService": phone,
        "MultipleLines": lines,
        "InternetService": internet,
        **extras,
        "Contract": contract,
        "PaperlessBilling": chance.choices(["Yes", "No"], [59, 41])[0],
        "PaymentMethod": chance.choice(
            ["Electronic check", "Mailed check", "Bank transfer (automatic)", "Credit card (automatic)"]
        ),
        "MonthlyCharges": monthly,
        "TotalCharges": round(monthly * tenure * chance.uniform(0.95, 1.05), 2) if tenure else "",
    }


def leaves(chance: random.Random, row: dict[str, object]) -> str:
    """Whether the customer leaves: Yes or No."""
    margin = -1.1 - 0.045 * int(str(row["tenure"])) + 0.012 * float(str(row["MonthlyCharges"]))
    margin += {"Month-to-month": 1.1, "One year": -0.3, "Two year": -1.2}[str(row["Contract"])]
    margin += 0.7 * (row["InternetService"] == "Fiber optic") - 0.6 * (row["InternetService"] == "No")
    margin += 0.5 * (row["PaymentMethod"] == "Electronic check") + 0.3 * (row["PaperlessBilling"] == "Yes")
    margin -= 0.5 * (row["TechSupport"] == "Yes") + 0.4 * (row["OnlineSecurity"] == "Yes")
    margin += 0.3 * int(str(row["SeniorCitizen"])) - 0.2 * (row["Dependents"] == "Yes")
    return "Yes" if chance.random() < 1 / (1 + math.exp(-margin)) else "No"


def main() -> None:
    """Writes the file."""
    chance = random.Random(SEED)
    rows = [customer(chance, number) for number in range(CUSTOMERS)]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "Churn"])
        writer.writeheader()
        writer.writerows({**row, "Churn": leaves(chance, row)} for row in rows)
    print(f"{FILE}: {len(rows)} customers")


if __name__ == "__main__":
    main()
