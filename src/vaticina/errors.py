"""Every error Vaticina raises on purpose, in one tree.

::

    VaticinaError                      500 internal_error
    ├── RequestError                   400 bad_request
    │   ├── InvalidJSON                400 invalid_json
    │   ├── ContractViolation          422 contract_violation
    │   ├── InvalidQuery               422 invalid_query
    │   ├── NotLocal                   403 not_local
    │   ├── NotFound                   404 not_found
    │   ├── MethodNotAllowed           405 method_not_allowed
    │   ├── TooFewPoints               400 too_few_points
    │   ├── WindowNotTrained           400 window_not_trained
    │   ├── UnknownParameter           400 unknown_parameter
    │   ├── NoData                     404 no_data
    │   ├── NotTrained                 409 not_trained
    │   ├── BodyTimeout                408 body_timeout
    │   ├── IdempotencyConflict        409 idempotency_conflict
    │   ├── BodyTooLarge               413 body_too_large
    │   └── QueueFull                  429 queue_full
    ├── PredictionFailed               500 prediction_failed
    ├── ModelUnavailable               503 model_unavailable
    │   └── WorkerLost                 503 worker_lost
    ├── HistoryUnavailable             503 history_unavailable
    ├── CollectionsUnavailable         503 collections_unavailable
    ├── DeadlineExceeded               504 deadline_exceeded
    ├── ProjectError                   400 project_invalid
    ├── DataError                      400 data_invalid
    ├── TrainingError                  409 training_failed
    ├── SettingsError                  400 settings_invalid
    ├── MissingExtra                   501 missing_extra
    ├── ServerUnavailable              503 server_unavailable
    └── RegistryError                  503 store_unavailable
        ├── VersionNotFound            404 version_not_found
        ├── AliasConflict              409 alias_conflict
        ├── UnsafeStore                409 store_unsafe
        ├── BundleCorrupt              409 bundle_corrupt
        ├── FormatTooNew               409 format_too_new
        ├── PickleRefused              409 pickle_refused
        └── ImportRefused              409 import_refused
            └── ForeignVersion         409 foreign_version

``code`` is a stable string that clients may match; ``status`` is the HTTP answer. The docstring is the default message.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from vaticina.extras import how_to_install


class VaticinaError(Exception):
    """Something failed inside; the server's log names it by the request id."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)

    @property
    def message(self) -> str:
        """What was wrong, where, and what to do."""
        message: str = self.args[0]
        return message

    @property
    def sentence(self) -> Mapping[str, object]:
        """The key and the facts of the catalogue's sentence that the message is; empty for any other message."""
        key = getattr(self.args[0], "key", None)
        return {"sentence": key, "facts": self.args[0].facts} if key else {}

    @property
    def details(self) -> Mapping[str, object]:
        """More members for the problem document."""
        return {}


class RequestError(VaticinaError):
    """The request cannot be answered as it was sent."""

    code = "bad_request"
    status = 400


class InvalidJSON(RequestError):
    """The body is empty or is not one JSON document in UTF-8."""

    code = "invalid_json"
    status = 400


class ContractViolation(RequestError):
    """The body does not satisfy the contract."""

    code = "contract_violation"
    status = 422

    def __init__(self, violations: "Sequence[Mapping[str, object]]", message: str | None = None) -> None:
        super().__init__(message)
        self.violations = violations

    @property
    def details(self) -> Mapping[str, object]:  # noqa: D102 -- said at the root
        return {"errors": list(self.violations)}


class InvalidQuery(RequestError):
    """A query parameter has a value that cannot be used."""

    code = "invalid_query"
    status = 422


class NotLocal(RequestError):
    """This project has no keys and does not declare itself open, so it answers callers on this machine only."""

    code = "not_local"
    status = 403


class NotFound(RequestError):
    """Nothing is served at this address."""

    code = "not_found"
    status = 404


class MethodNotAllowed(RequestError):
    """This address does not take that method."""

    code = "method_not_allowed"
    status = 405


class TooFewPoints(RequestError):
    """The series has fewer points than the window needs."""

    code = "too_few_points"
    status = 400


class WindowNotTrained(RequestError):
    """No model was trained for this window size."""

    code = "window_not_trained"
    status = 400


class UnknownParameter(RequestError):
    """The data have no such parameter."""

    code = "unknown_parameter"
    status = 400


class NoData(RequestError):
    """There are no data to train on."""

    code = "no_data"
    status = 404


class NotTrained(RequestError):
    """The model is not trained yet; train it first with /train."""

    code = "not_trained"
    status = 409


class BodyTimeout(RequestError):
    """The body did not come whole in time."""

    code = "body_timeout"
    status = 408


class IdempotencyConflict(RequestError):
    """This Idempotency-Key was sent before, with other rows."""

    code = "idempotency_conflict"
    status = 409


class BodyTooLarge(RequestError):
    """The body is larger than this server takes."""

    code = "body_too_large"
    status = 413


class QueueFull(RequestError):
    """More work is waiting than this server accepts; try again after the pause in Retry-After."""

    code = "queue_full"
    status = 429
    retry_after: ClassVar[int] = 1


class PredictionFailed(VaticinaError):
    """The model failed on this row."""

    code = "prediction_failed"

    def __init__(self, message: str | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row

    @property
    def details(self) -> Mapping[str, object]:  # noqa: D102 -- said at the root
        return {} if self.row is None else {"row": self.row}


class ModelUnavailable(VaticinaError):
    """No model version is loaded; publish and promote one."""

    code = "model_unavailable"
    status = 503


class WorkerLost(ModelUnavailable):
    """The worker process that holds the model died over this batch; a new one is being started: ask again."""

    code = "worker_lost"
    status = 503


class HistoryUnavailable(VaticinaError):
    """The prediction could not be recorded, so it is not answered; the history database does not answer."""

    code = "history_unavailable"
    status = 503


class CollectionsUnavailable(VaticinaError):
    """The database of the collections does not answer."""

    code = "collections_unavailable"
    status = 503


class DeadlineExceeded(VaticinaError):
    """The prediction was not ready within the deadline."""

    code = "deadline_exceeded"
    status = 504


class ProjectError(VaticinaError):
    """The project file cannot be used."""

    code = "project_invalid"
    status = 400


class DataError(VaticinaError):
    """The training data cannot be used."""

    code = "data_invalid"
    status = 400


class TrainingError(VaticinaError):
    """The model could not be trained."""

    code = "training_failed"
    status = 409


class SettingsError(VaticinaError):
    """A setting has a value that cannot be used."""

    code = "settings_invalid"
    status = 400


class MissingExtra(VaticinaError):
    """An optional part is not installed."""

    code = "missing_extra"
    status = 501

    @classmethod
    def of(cls, module: str | None, purpose: str) -> "MissingExtra":
        """The error for ``module``, which cannot be imported; ``purpose`` is what needs it."""
        name = module or "a library"
        return cls(f"{purpose} needs {name}, which is not installed; {how_to_install(name)}")


class ServerUnavailable(VaticinaError):
    """The server that was to be asked does not answer, or is not ready."""

    code = "server_unavailable"
    status = 503


class RegistryError(VaticinaError):
    """The store that holds the versions does not answer."""

    code = "store_unavailable"
    status = 503


class VersionNotFound(RegistryError):
    """There is no such version."""

    code = "version_not_found"
    status = 404


class AliasConflict(RegistryError):
    """Somebody else moved this alias at the same moment; look at it and try again."""

    code = "alias_conflict"
    status = 409


class UnsafeStore(RegistryError):
    """This store ignores put-if-absent, so two promoters could both win; use another store."""

    code = "store_unsafe"
    status = 409


class BundleCorrupt(RegistryError):
    """A file of this version is missing or was changed; it is not loaded."""

    code = "bundle_corrupt"
    status = 409


class FormatTooNew(RegistryError):
    """This was written by a newer Vaticina; update it here."""

    code = "format_too_new"
    status = 409


class PickleRefused(RegistryError):
    """This pickle names something that is not on the list of what may be opened."""

    code = "pickle_refused"
    status = 409


class ImportRefused(RegistryError):
    """This model, made elsewhere, cannot be taken in."""

    code = "import_refused"
    status = 409


class ForeignVersion(ImportRefused):
    """This model was made with other versions than those installed here; open it in an isolated interpreter."""

    code = "foreign_version"
    status = 409
