"""How each peer is made ready and started. What its batching options are is told in its service's file."""

import json
from pathlib import Path

from benchmarks.contenders import Contender, prepare
from benchmarks.peers.environment import installed, model_of

_SERVICES = Path(__file__).parent / "services"
_ROWS = "[[45.0, 39.5, 8.0]]"


def mosec(folder: Path) -> Contender:
    """A Rust front over one Python worker."""
    peer = installed("mosec")
    command = (str(peer / "python"), str(_SERVICES / "mosec_service.py"), "--address", "127.0.0.1", "--port", "{port}")
    return Contender("mosec, batching", folder, (*command, "--log-level", "error"), {"MODEL": model_of(peer, folder)})


def litserve(folder: Path) -> Contender:
    """uvicorn in one process, one worker behind a queue."""
    peer = installed("litserve")
    command = (str(peer / "python"), str(_SERVICES / "litserve_service.py"), "{port}")
    return Contender("LitServe, batching", folder, command, {"MODEL": model_of(peer, folder)})


def bentoml(folder: Path) -> Contender:
    """Adaptive batching inside one service."""
    peer = installed("bentoml")
    command = (
        *(str(peer / "bentoml"), "serve", "bentoml_service:Medico", "--working-dir", str(_SERVICES)),
        *("--host", "127.0.0.1", "--port", "{port}"),
    )
    environment = {"MODEL": model_of(peer, folder), "BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(folder)}
    return Contender("BentoML, adaptive batching", folder, command, environment, body=f'{{"rows": {_ROWS}}}')


def mlserver(folder: Path) -> Contender:
    """A custom runtime in the server's own process: no worker pool, no metrics port."""
    peer = installed("mlserver")
    settings = {"host": "127.0.0.1", "grpc_port": 0, "metrics_endpoint": None, "parallel_workers": 0, "debug": False}
    batching = {"max_batch_size": 64, "max_batch_time": 0.005}
    model = {"name": "medico", "implementation": "mlserver_service.Medico"} | batching
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    tensor = {"name": "rows", "shape": [1, 3], "datatype": "FP64", "data": [45.0, 39.5, 8.0]}
    return Contender(
        "MLServer, adaptive batching",
        folder,
        ("env", "MLSERVER_HTTP_PORT={port}", str(peer / "mlserver"), "start", str(folder)),
        {"MODEL": model_of(peer, folder), "PYTHONPATH": str(_SERVICES)},
        path="/v2/models/medico/infer",
        body=json.dumps({"inputs": [tensor]}),
    )


def ray(folder: Path) -> Contender:
    """Ray Serve with its documented high-throughput switches: HAProxy in front, replicas reached directly."""
    peer = installed("ray")
    command = (str(peer / "python"), str(_SERVICES / "ray_service.py"), "{port}")
    environment = {
        "MODEL": model_of(peer, folder),
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "haproxy.sock"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "metrics.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "haproxy-state"),
        "RAY_TMPDIR": str(folder),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    return Contender("Ray Serve, batching", folder, command, environment)


def mlflow(folder: Path) -> Contender:
    """MLflow's scoring server; it knows no batching."""
    peer = installed("mlflow")
    environment = {
        "MODEL": model_of(peer, folder),
        "PATH": f"{peer}:/usr/local/bin:/usr/bin:/bin",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "UVICORN_ACCESS_LOG": "false",
    }
    prepare(str(peer / "python"), str(_SERVICES / "mlflow_model.py"), "saved", folder=folder, environment=environment)
    command = (
        *(str(peer / "mlflow"), "models", "serve", "--model-uri", "saved", "--env-manager", "local"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
    )
    return Contender(
        "MLflow scoring server", folder, command, environment, path="/invocations", body=f'{{"inputs": {_ROWS}}}'
    )
