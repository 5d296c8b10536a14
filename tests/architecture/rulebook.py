"""What may import what: the tables to edit when the design changes (by an ADR in docs/decisions/)."""

PACKAGE = "vaticina"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("extras",),
    ("errors", "progress"),
    ("contract",),
    ("settings", "tables"),
    ("audits",),
    ("pickles",),
    ("exact",),
    ("foreign",),
    ("registry", "sources", "history", "datasets"),
    ("evaluation",),
    ("tasks",),
    ("formats",),
    ("serving", "jobs", "scoring", "client"),
    ("bootstrap",),
    ("usecases",),
    ("api", "cli"),
    ("examples", "__main__"),
)
"""From the bottom up. A part imports what stands below it: nothing above, and none of its neighbours."""

ONLY: dict[str, frozenset[str]] = {
    "client": frozenset({"contract", "errors", "progress", "tables"}),
    "audits": frozenset(),
    "pickles": frozenset({"audits", "errors"}),
    "exact": frozenset({"errors"}),
    "foreign": frozenset({"audits", "errors", "exact", "pickles"}),
}
"""Parts that may import less than their layer allows. The client talks to a server, never to its insides; the other
four could leave the house any day."""

LAZY = (
    "bootstrap.py",
    "cli/__init__.py",
    "cli/verbs.py",
    "client/__init__.py",
    "datasets/__init__.py",
    "formats/__init__.py",
    "formats/*/__init__.py",
    "tasks/__init__.py",
    "tasks/*/__init__.py",
)
"""Where our own modules may be imported inside a function: the composition roots, and the light face of each room whose
other half is heavy."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    # the command line
    "click": ("cli",),
    "rich": ("cli",),
    "typer": ("cli",),
    # HTTP
    "aiohttp": ("client",),
    "fastapi": ("api",),
    "starlette": ("api",),
    "uvicorn": ("api", "cli"),
    # stores
    "alembic": ("history/migrate.py", "history/migrations"),
    "boto3": ("registry/aws_profile.py",),
    "obstore": ("registry",),
    "pyarrow": ("tables/parquet_file.py", "tables/parquet_check.py"),
    "openpyxl": ("tables/excel_file.py", "tables/excel_value.py"),
    "psycopg": ("history/postgres.py",),
    "pymongo": ("sources",),
    "sqlalchemy": ("history", "sources"),
    # models and data
    "autogluon": ("formats/autogluon/model.py", "formats/autogluon/fit.py"),
    "joblib": ("examples",),
    "lightgbm": ("foreign/boosters.py", "formats/lightgbm", "examples"),
    "onnx": ("exact", "formats", "tasks"),
    "onnxruntime": ("exact", "formats/onnx", "tasks"),
    "pandas": ("datasets", "evaluation", "foreign/script.py", "formats", "tables", "examples"),
    "scipy": ("evaluation",),
    "sklearn": (
        "datasets",
        "evaluation",
        "exact",
        "foreign",
        "formats",
        "pickles/neighbour_trees.py",
        "tasks",
        "examples",
    ),
    "skops": ("formats/skops/file.py",),
    "xgboost": ("foreign/boosters.py", "foreign/script.py", "formats/estimators", "formats/xgboost"),
    "uv": ("foreign/environment.py",),
    # whatever opens code
    "cloudpickle": (),
    "dill": (),
    "importlib.import_module": (),
    "pickle": ("exact", "foreign/script.py", "pickles", "tasks/native_runtime.py"),
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
