"""The one catalogue of texts people read, keyed by code: for the API, the command line and the screens."""

from typing import Literal

Language = Literal["en", "es"]

LANGUAGES: tuple[Language, ...] = ("en", "es")

VIOLATIONS: dict[str, dict[Language, str]] = {
    "missing": {"en": "{field} is required", "es": "{field} es obligatorio"},
    "null": {"en": "{field} must not be null", "es": "{field} no puede ser null"},
    "not_object": {"en": "each row must be a JSON object", "es": "cada fila debe ser un objeto JSON"},
    "empty_list": {"en": "the list holds no row", "es": "la lista no contiene ninguna fila"},
    "too_many_rows": {
        "en": "at most {max} rows fit in one request",
        "es": "una petición admite como máximo {max} filas",
    },
    "unknown_field": {"en": "{field} is not a field of this contract", "es": "{field} no es un campo de este contrato"},
    "not_a_number": {"en": "{field} must be a number", "es": "{field} debe ser un número"},
    "not_an_integer": {"en": "{field} must be a whole number", "es": "{field} debe ser un número entero"},
    "not_a_flag": {"en": "{field} must be true or false", "es": "{field} debe ser true o false"},
    "not_a_text": {"en": "{field} must be a text", "es": "{field} debe ser un texto"},
    "not_an_instant": {
        "en": "{field} must be a moment in ISO 8601, like 2026-01-31T12:00:00Z",
        "es": "{field} debe ser un instante ISO 8601, como 2026-01-31T12:00:00Z",
    },
    "too_long": {
        "en": "{field} must have at most {max} characters",
        "es": "{field} debe tener como máximo {max} caracteres",
    },
    "not_allowed": {"en": "{field} must be one of: {allowed}", "es": "{field} debe ser uno de: {allowed}"},
    "out_of_range": {
        "en": "{field} must be between {min} and {max}{unit}, got {value}",
        "es": "{field} debe estar entre {min} y {max}{unit}, recibido: {value}",
    },
    "not_a_series": {
        "en": "{field} must be a list of points, each with timestamp and value",
        "es": "{field} debe ser una lista de puntos, cada uno con timestamp y value",
    },
    "not_a_point": {
        "en": "{field} must be an object with timestamp and value",
        "es": "{field} debe ser un objeto con timestamp y value",
    },
    "not_features": {
        "en": "{field} must be an object or null",
        "es": "{field} debe ser un objeto o null",
    },
    "points_out_of_range": {
        "en": "{field} must hold between {min} and {max} points, got {value}",
        "es": "{field} debe tener entre {min} y {max} puntos, recibidos: {value}",
    },
    "invalid": {"en": "{field} has a value that cannot be used", "es": "{field} tiene un valor que no se puede usar"},
}
"""What a row may do wrong."""

RANGES: dict[str, dict[Language, str]] = {
    "min": {
        "en": "{field} must be at least {min}{unit}, got {value}",
        "es": "{field} debe ser como mínimo {min}{unit}, recibido: {value}",
    },
    "max": {
        "en": "{field} must be at most {max}{unit}, got {value}",
        "es": "{field} debe ser como máximo {max}{unit}, recibido: {value}",
    },
}
"""What is said in the place of ``out_of_range`` when a range is declared on one side only: by that side."""

BODIES: dict[str, dict[Language, str]] = {
    "empty": {
        "en": "The body is empty; send one JSON object, or a list of them.",
        "es": "El cuerpo está vacío; envíe un objeto JSON, o una lista de ellos.",
    },
    "byte_order_mark": {
        "en": "The body starts with a byte order mark; send JSON in UTF-8 without one.",
        "es": "El cuerpo empieza con una marca de orden de bytes; envíe JSON en UTF-8 sin ella.",
    },
    "repeated_key": {
        "en": "The body is not one JSON document in UTF-8: {reason}.",
        "es": "El cuerpo no es un solo documento JSON en UTF-8: repite una clave, en la {place}.",
    },
    "syntax": {
        "en": "The body is not one JSON document in UTF-8: {reason}.",
        "es": "El cuerpo no es un solo documento JSON en UTF-8: hay un error en la {place}.",
    },
}
"""Why a body cannot be read. ``reason`` is the parser's complaint, in English; ``place`` is where it stopped."""

TITLES: dict[str, dict[Language, str]] = {
    "internal_error": {"en": "Internal error", "es": "Error interno"},
    "bad_request": {"en": "Bad request", "es": "Petición incorrecta"},
    "invalid_json": {"en": "The body is not valid JSON", "es": "El cuerpo no es JSON válido"},
    "contract_violation": {"en": "The data do not satisfy the contract", "es": "Los datos no cumplen el contrato"},
    "invalid_query": {"en": "A query parameter cannot be used", "es": "Un parámetro de consulta no se puede usar"},
    "not_local": {
        "en": "Only callers on this machine are answered",
        "es": "Solo se responde a clientes de esta máquina",
    },
    "not_found": {"en": "Not found", "es": "No encontrado"},
    "method_not_allowed": {"en": "Method not allowed", "es": "Método no permitido"},
    "too_few_points": {"en": "The series is too short", "es": "La serie es demasiado corta"},
    "window_not_trained": {
        "en": "No model was trained for this window",
        "es": "Ningún modelo está entrenado para esta ventana",
    },
    "unknown_parameter": {"en": "Unknown parameter", "es": "Parámetro desconocido"},
    "no_data": {"en": "No data found", "es": "No se encontraron datos"},
    "not_trained": {"en": "The model is not trained", "es": "El modelo no está entrenado"},
    "body_timeout": {"en": "The body did not come in time", "es": "El cuerpo no llegó a tiempo"},
    "idempotency_conflict": {
        "en": "The key was used for another request",
        "es": "La clave ya se usó en otra petición",
    },
    "body_too_large": {"en": "The body is too large", "es": "El cuerpo es demasiado grande"},
    "queue_full": {"en": "Too many requests are waiting", "es": "Hay demasiadas peticiones en espera"},
    "prediction_failed": {"en": "The model failed on this row", "es": "El modelo falló con esta fila"},
    "model_unavailable": {"en": "No model is loaded", "es": "No hay ningún modelo cargado"},
    "worker_lost": {"en": "The model's process ended", "es": "El proceso del modelo terminó"},
    "history_unavailable": {"en": "The prediction could not be recorded", "es": "No se pudo registrar la predicción"},
    "collections_unavailable": {
        "en": "The database of the collections does not answer",
        "es": "La base de datos de las colecciones no responde",
    },
    "deadline_exceeded": {"en": "The deadline passed", "es": "Se agotó el plazo"},
    "project_invalid": {"en": "The project cannot be used", "es": "El proyecto no se puede usar"},
    "data_invalid": {"en": "The data cannot be used", "es": "Los datos no se pueden usar"},
    "training_failed": {"en": "Training failed", "es": "Falló el entrenamiento"},
    "settings_invalid": {"en": "A setting cannot be used", "es": "Un ajuste no se puede usar"},
    "missing_extra": {"en": "An optional part is not installed", "es": "Falta instalar una parte opcional"},
    "server_unavailable": {"en": "The server does not answer", "es": "El servidor no responde"},
    "store_unavailable": {"en": "The store does not answer", "es": "El almacén no responde"},
    "version_not_found": {"en": "No such version", "es": "No existe esa versión"},
    "alias_conflict": {"en": "Somebody else moved the alias", "es": "Otra persona movió el alias"},
    "store_unsafe": {
        "en": "The store cannot keep aliases safely",
        "es": "El almacén no puede guardar alias con seguridad",
    },
    "bundle_corrupt": {"en": "A file of the version is damaged", "es": "Un archivo de la versión está dañado"},
    "format_too_new": {"en": "Written by a newer Vaticina", "es": "Escrito por un Vaticina más nuevo"},
    "pickle_refused": {"en": "The pickle is not allowed", "es": "El pickle no está permitido"},
    "import_refused": {"en": "The model cannot be imported", "es": "El modelo no se puede importar"},
    "foreign_version": {"en": "The model is of other versions", "es": "El modelo es de otras versiones"},
}
"""The title of each error, by its code."""


def language_of(accept_language: str | None) -> Language:
    """The language wanted most among those we have, by the quality values of RFC 9110 section 12.5.4; else English."""
    best: tuple[float, Language] = (0.0, "en")
    for item in (accept_language or "").lower().split(","):
        tag, _, weight = item.partition(";")
        primary = tag.strip().partition("-")[0]
        found = next((language for language in LANGUAGES if language == primary), None)
        quality = _quality(weight)
        if found and quality > best[0]:
            best = (quality, found)
    return best[1]


def _quality(weight: str) -> float:
    try:
        quality = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
