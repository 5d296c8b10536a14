"""An import without its child process, for tests that look at what comes of a file and not at the process."""

from vaticina.usecases.adopt import adopt_model
from vaticina.usecases.import_request import ImportRequest
from vaticina.usecases.publish_import import publish_import
from vaticina.usecases.release import Published


def adopt_here(request: ImportRequest) -> Published:
    """The version that comes of the request, made in this process."""
    return publish_import(request, adopt_model(request, request.project()))
