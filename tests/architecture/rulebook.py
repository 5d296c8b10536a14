"""What may import what: the tables to edit when the design changes (by an ADR in docs/decisions/)."""

PACKAGE = "vaticina"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("extras",),
    ("errors",),
    ("contract",),
    ("settings",),
    ("runtimes", "registry", "sources", "history", "security"),
    ("training", "compilation", "importing", "serving", "scoring", "monitoring", "jobs"),
    ("bootstrap", "checks"),
    ("inlet",),
    ("client",),
    ("api", "cli"),
    ("ui", "examples", "__main__"),
)
"""From the bottom up. A part imports what stands below it: nothing above, and none of its neighbours."""

ONLY: dict[str, frozenset[str]] = {
    "client": frozenset({"contract", "errors"}),
    "ui": frozenset({"client", "contract", "errors"}),
}
"""Parts that may import less than their layer allows: they talk to a server, never to its insides."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    # the command line
    "click": ("cli",),
    "rich": ("cli",),
    "typer": ("cli",),
    # HTTP
    "aiohttp": ("client",),
    "fastapi": ("api", "examples"),
    "httpx": ("client",),
    "starlette": ("api", "examples"),
    "streamlit": ("ui", "examples"),
    "uvicorn": ("api", "cli"),
    # stores
    "alembic": ("history/migrate.py", "history/migrations"),
    "boto3": ("registry/profile.py",),
    "obstore": ("registry",),
    "pyarrow": ("client/sheet.py", "sources"),
    "psycopg": ("history/postgres.py",),
    "pymongo": ("sources",),
    "sqlalchemy": ("history", "sources"),
    # models and data
    "autogluon": ("runtimes/autogluon.py", "training/autogluon.py"),
    "joblib": ("runtimes", "training", "examples"),
    "matplotlib": ("training", "examples"),
    "mlflow": ("registry/mlflow.py", "training/mlflow.py"),
    "onnx": ("compilation", "importing/graphs.py"),
    "onnxruntime": ("compilation", "importing/graphs.py", "runtimes"),
    "pandas": ("importing/foreign_script.py", "runtimes", "sources", "training", "examples"),
    "scipy": ("runtimes", "training", "examples"),
    "skl2onnx": ("compilation",),
    "sklearn": ("compilation", "importing", "runtimes", "training", "examples"),
    "uv": ("importing/environments.py",),
    # whatever opens code
    "cloudpickle": (),
    "dill": (),
    "importlib.import_module": ("bootstrap.py",),
    "pickle": ("compilation", "importing/foreign_script.py", "runtimes", "security"),
    # the environment
    "dotenv": ("settings.py",),
    "os.environ": ("settings.py",),
    "os.environb": ("settings.py",),
    "os.getenv": ("settings.py",),
    "os.putenv": ("settings.py",),
    "os.unsetenv": ("settings.py",),
}
"""Library, or one name of it -> the packages and files of ours that may use it. The rest never hear of it."""

VAGUE = frozenset({"base", "common", "helper", "helpers", "misc", "tools", "util", "utils"})
"""What no module is called: a module is named after the one noun in it."""

VAGUE_SUFFIXES = ("Manager", "Helper", "Handler", "Util", "Utils")
"""How no class of ours ends."""

LONG_FILE = 400
LONG_FUNCTION = 60
