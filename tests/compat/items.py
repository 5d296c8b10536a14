"""A project with the contract of the example listings that trains in a moment, and items to train it on."""

import pandas as pd

PORT = 5000

FLAGS = ("local_pickup", "free_shipping", "accepts_mercadopago", "automatic_relist")
TEXTS = ("state", "city", "shipping_mode", "listing_type", "buying_mode", "status", "currency")
OPTIONAL = ("attribute_group_id", "attribute_group", "attribute_id")
WHOLE = ("stock_quantity", "available_quantity")
REAL = ("total_amount", "date_difference_hr", "time_difference_hr")


def contract() -> str:
    """The 16 documented fields and the three optional ones, as a project that trains in a moment."""
    kinds = {"flag": FLAGS, "category": TEXTS, "integer": WHOLE, "number": REAL}
    inputs = [f'[inputs.{name}]\ntype = "{kind}"\n' for kind, names in kinds.items() for name in names]
    inputs += [f'[inputs.{name}]\ntype = "category"\noptional = true\n' for name in OPTIONAL]
    return (
        f'[project]\nname = "listings"\nport = {PORT}\n[data]\nsource = "data/train.csv"\ntarget = "condition"\n'
        '[model]\nestimator = "sklearn.linear_model.LogisticRegression"\n[security]\nauth = "none"\n'
        '[outputs]\nprediction = "label"\nprobability = "probability"\n' + "".join(inputs)
    )


def items(count: int) -> pd.DataFrame:
    """Items whose condition hangs on the stock; optional values missing, as in the original data."""
    frame = pd.DataFrame({"condition": ["new" if at % 20 > 9 else "used" for at in range(count)]})
    for name in FLAGS:
        frame[name] = [at % 3 == 0 for at in range(count)]
    for name in TEXTS:
        frame[name] = [f"{name} {'abc'[at % 3]}" for at in range(count)]
    for name in OPTIONAL:
        frame[name] = [None if at % 2 else f"{name} x" for at in range(count)]
    frame["stock_quantity"] = [float(at % 20) for at in range(count)]
    frame["available_quantity"] = [at % 20 for at in range(count)]
    for name in REAL:
        frame[name] = [at * 1.5 for at in range(count)]
    return frame
