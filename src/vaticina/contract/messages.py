"""The one catalogue of the texts that a server answers, keyed by code, in each language."""

from typing import Literal

Language = Literal["en", "es"]

LANGUAGES: tuple[Language, ...] = ("en", "es")

VIOLATIONS: dict[str, dict[Language, str]] = {
    "missing": {"en": "{field} is required", "es": "{field} es obligatorio"},
    "padded_name": {
        "en": "{field} is required; the row has {value!r}, so leave out the white space around the name",
        "es": "{field} es obligatorio; la fila tiene {value!r}, así que quite los espacios alrededor del nombre",
    },
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

MISSING_TEXT: dict[Language, str] = {
    "en": "{field} is required, and {value!r} means that it has no value",
    "es": "{field} es obligatorio, y {value!r} significa que no tiene valor",
}
"""What is said in the place of ``missing`` when the field has something that means no value."""

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

SENTENCES: dict[str, dict[Language, str]] = {
    "trained": {"en": "Model trained for {parameter}", "es": "Modelo entrenado exitosamente para {parameter}"},
    "model_reset": {"en": "Model reset", "es": "Modelo reiniciado"},
    "empty_body": {
        "en": "The body is empty; send one JSON object, or a list of them.",
        "es": "El cuerpo está vacío; envíe un objeto JSON o una lista de ellos.",
    },
    "byte_order_mark": {
        "en": "The body starts with a byte order mark; send JSON in UTF-8 without one.",
        "es": "El cuerpo empieza con una marca de orden de bytes; envíe JSON en UTF-8 sin ella.",
    },
    "repeated_key": {
        "en": "The body is not one JSON document in UTF-8: {reason}.",
        "es": "El cuerpo no es un solo documento JSON en UTF-8: repite una clave en la línea {line}, columna {column}.",
    },
    "unreadable_body": {
        "en": "The body is not one JSON document in UTF-8: {reason}.",
        "es": "El cuerpo no es un solo documento JSON en UTF-8: hay un error en la línea {line}, columna {column}.",
    },
    "body_too_large": {
        "en": "The body is larger than this server takes; send fewer rows at a time.",
        "es": "El cuerpo es mayor de lo que este servidor admite; envíe menos filas a la vez.",
    },
    "body_timeout": {
        "en": "The body did not come whole in time; send it faster, or fewer rows at once.",
        "es": "El cuerpo no llegó completo a tiempo; envíelo más rápido, o menos filas a la vez.",
    },
    "send_a_post": {"en": "Send a POST with the rows as JSON.", "es": "Envíe un POST con las filas en JSON."},
    "no_such_address": {
        "en": "Nothing is served at this address; GET / names the projects that are.",
        "es": "No se sirve nada en esta dirección; GET / nombra los proyectos que se sirven.",
    },
    "query_invalid": {
        "en": "{field}: {reason}.",
        "es": "El parámetro de consulta {field} no se puede usar; sus valores posibles están en /docs.",
    },
    "query_not_a_number": {"en": "{field}: {reason}.", "es": "{field} debe ser un número entero."},
    "query_at_least": {"en": "{field}: {reason}.", "es": "{field} debe ser {bound} o más."},
    "query_at_most": {"en": "{field}: {reason}.", "es": "{field} debe ser {bound} o menos."},
    "key_without_history": {
        "en": "This project does not record its answers before it gives them ([history] durability), so it cannot know "
        "a request again; leave Idempotency-Key out.",
        "es": "Este proyecto no registra sus respuestas antes de darlas ([history] durability), así que no puede "
        "reconocer una petición repetida; no envíe Idempotency-Key.",
    },
    "key_unusable": {
        "en": "Idempotency-Key must have 1 to {max} printable ASCII characters.",
        "es": "Idempotency-Key debe tener de 1 a {max} caracteres ASCII imprimibles.",
    },
    "key_other_count": {
        "en": "This Idempotency-Key was sent before, with {before} rows, and now with {now}; send a new key with new "
        "rows.",
        "es": "Esta Idempotency-Key ya se envió antes, con {before} filas, y ahora con {now}; envíe una clave nueva "
        "con filas nuevas.",
    },
    "key_other_row": {
        "en": "This Idempotency-Key was sent before, and row {row} was another; send a new key with new rows.",
        "es": "Esta Idempotency-Key ya se envió antes, y la fila {row} era otra; envíe una clave nueva con filas "
        "nuevas.",
    },
    "no_prediction": {
        "en": "No prediction of {project} is called {uid!r}.",
        "es": "Ninguna predicción de {project} se llama {uid!r}.",
    },
    "no_job": {
        "en": "No job is called {job!r}; GET /jobs lists the last {count}.",
        "es": "Ningún trabajo se llama {job!r}; GET /jobs enumera los últimos {count}.",
    },
    "jobs_waiting": {
        "en": "{count} jobs are waiting, and {max} may; try again later.",
        "es": "Esperan {count} trabajos, y pueden esperar {max}; inténtelo más tarde.",
    },
    "rows_waiting": {
        "en": "{count} rows are waiting and at most {max} may; try again in a moment.",
        "es": "Esperan {count} filas y pueden esperar como máximo {max}; inténtelo de nuevo en un momento.",
    },
    "window_not_trained": {
        "en": "no model was trained for {field} = {value}; trained: {trained}. Ask for one of them, or train this one.",
        "es": "Ningún modelo está entrenado para {field} = {value}; hay modelos para: {trained}. Pida uno de ellos, o "
        "entrene este.",
    },
    "row_window_not_trained": {
        "en": "Row {row}: no model was trained for {field} = {value}; trained: {trained}. Ask for one of them, or "
        "train this one.",
        "es": "Fila {row}: ningún modelo está entrenado para {field} = {value}; hay modelos para: {trained}. Pida uno "
        "de ellos, o entrene este.",
    },
    "points_needed": {
        "en": "at least {min} points are needed in {field}, got {value}.",
        "es": "Se necesitan al menos {min} puntos en {field}, recibidos: {value}.",
    },
    "row_points_needed": {
        "en": "Row {row}: at least {min} points are needed in {field}, got {value}.",
        "es": "Fila {row}: se necesitan al menos {min} puntos en {field}, recibidos: {value}.",
    },
    "training_points_needed": {
        "en": "A window of {size} with {horizon} steps ahead needs at least {min} points to train on, got {value}.",
        "es": "Una ventana de {size} con {horizon} pasos por delante necesita al menos {min} puntos para entrenar, "
        "recibidos: {value}.",
    },
    "training_points_needed_one": {
        "en": "A window of {size} with 1 step ahead needs at least {min} points to train on, got {value}.",
        "es": "Una ventana de {size} con 1 paso por delante necesita al menos {min} puntos para entrenar, recibidos: "
        "{value}.",
    },
    "no_data": {
        "en": "No data found: there is no collection {collection!r}, or it is empty; GET /collections and 'vaticina "
        "data list' name those there are.",
        "es": "No se encontraron datos: no hay ninguna colección {collection!r}, o está vacía; GET /collections y "
        "'vaticina data list' nombran las que hay.",
    },
    "no_usable_data": {
        "en": "No data found: {undated} of {documents} documents of {collection} have no time in {time!r}, and the "
        "others no number in {parameter!r}.",
        "es": "No se encontraron datos: {undated} de {documents} documentos de {collection} no tienen un momento en "
        "{time!r}, y los demás no tienen un número en {parameter!r}.",
    },
    "no_numbers": {
        "en": "{collection} holds no numbers called {parameter!r}.",
        "es": "{collection} no tiene números llamados {parameter!r}.",
    },
    "unknown_parameter": {
        "en": "{collection} has no numbers in a field {parameter!r}; fields with numbers are: {numeric}.",
        "es": "{collection} no tiene números en un campo {parameter!r}; los campos con números son: {numeric}.",
    },
    "row_failed": {
        "en": "The model failed on row {row}; no row was answered.",
        "es": "El modelo falló en la fila {row}; no se respondió ninguna fila.",
    },
    "list_failed": {
        "en": "The model failed on this list, but on none of its rows alone; no row was answered.",
        "es": "El modelo falló con esta lista, pero con ninguna de sus filas por separado; no se respondió ninguna "
        "fila.",
    },
}
"""The other sentences that callers of the API read, by key."""

DETAILS: dict[str, dict[Language, str]] = {
    "internal_error": {"es": "Algo falló dentro; el registro del servidor lo nombra con el id de la petición."},
    "bad_request": {"es": "La petición no se puede responder tal como se envió."},
    "invalid_json": {"es": "El cuerpo está vacío o no es un documento JSON en UTF-8."},
    "contract_violation": {"es": "El cuerpo no cumple el contrato."},
    "invalid_query": {"es": "Un parámetro de consulta tiene un valor que no se puede usar."},
    "not_local": {
        "es": "Este proyecto no tiene claves ni se declara abierto, así que solo responde a clientes de esta máquina."
    },
    "not_found": {"es": "No se sirve nada en esta dirección."},
    "method_not_allowed": {"es": "Esta dirección no admite ese método."},
    "too_few_points": {"es": "La serie tiene menos puntos de los que la ventana necesita."},
    "window_not_trained": {"es": "Ningún modelo está entrenado para este tamaño de ventana."},
    "unknown_parameter": {"es": "Los datos no tienen ese parámetro."},
    "no_data": {"es": "No hay datos con los que entrenar."},
    "not_trained": {"es": "El modelo no está entrenado. Entrene primero con /train."},
    "body_timeout": {"es": "El cuerpo no llegó completo a tiempo."},
    "idempotency_conflict": {"es": "Esta Idempotency-Key ya se envió antes, con otras filas."},
    "body_too_large": {"es": "El cuerpo es mayor de lo que este servidor admite."},
    "queue_full": {
        "es": "Espera más trabajo del que este servidor admite; inténtelo tras la pausa que dice Retry-After."
    },
    "prediction_failed": {"es": "El modelo falló con esta fila."},
    "model_unavailable": {"es": "No hay ninguna versión del modelo cargada; publique y promueva una."},
    "worker_lost": {
        "es": "El proceso que tiene el modelo murió con este lote; se está iniciando otro: pregunte de nuevo."
    },
    "history_unavailable": {
        "es": "La predicción no se pudo registrar, así que no se responde; la base de datos del historial no responde."
    },
    "collections_unavailable": {"es": "La base de datos de las colecciones no responde."},
    "deadline_exceeded": {"es": "La predicción no estuvo lista dentro del plazo."},
    "project_invalid": {"es": "El archivo del proyecto no se puede usar."},
    "data_invalid": {"es": "Los datos de entrenamiento no se pueden usar."},
    "training_failed": {"es": "El modelo no se pudo entrenar."},
    "gate_refused": {"es": "La versión nueva no pasó la compuerta, así que se queda la anterior."},
    "settings_invalid": {"es": "Un ajuste tiene un valor que no se puede usar."},
    "missing_extra": {"es": "Una parte opcional no está instalada."},
    "server_unavailable": {"es": "El servidor al que se iba a preguntar no responde, o no está listo."},
    "store_unavailable": {"es": "El almacén que guarda las versiones no responde."},
    "version_not_found": {"es": "No existe esa versión."},
    "alias_conflict": {"es": "Otra persona movió este alias en el mismo momento; mírelo e inténtelo de nuevo."},
    "store_unsafe": {
        "es": "Este almacén no respeta la escritura de solo lo que falta, y dos personas podrían promover a la vez; "
        "use otro."
    },
    "bundle_corrupt": {"es": "Un archivo de esta versión falta o fue modificado; no se carga."},
    "format_too_new": {"es": "Esto lo escribió un Vaticina más nuevo; actualice el de aquí."},
    "pickle_refused": {"es": "Este pickle nombra algo que no está en la lista de lo que se puede abrir."},
    "import_refused": {"es": "Este modelo, hecho en otro lugar, no se puede admitir."},
    "foreign_version": {
        "es": "Este modelo se hizo con otras versiones que las instaladas aquí; ábralo en un intérprete aislado."
    },
}
"""What an error says that is told nothing more, by its code; in English it is the docstring of its class."""


def language_of(accept_language: str | None, default: Language = "en") -> Language:
    """The language wanted most among those we have, by the quality values of RFC 9110 section 12.5.4.

    ``default`` when none of them is wanted.
    """
    best: tuple[float, Language] = (0.0, default)
    for item in (accept_language or "").lower().split(","):
        tag, _, weight = item.partition(";")
        primary = tag.strip().partition("-")[0]
        quality = _quality(weight)
        for language in LANGUAGES:
            if language == primary and quality > best[0]:
                best = (quality, language)
    return best[1]


def _quality(weight: str) -> float:
    try:
        quality = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
