"""The modules that our own classes stood in when older versions of a model were written.

A pickle names each class by its module. When a class that a pickle may hold moves or is renamed, its old name is added
here, and what was published before still opens. A name in this table is one more exact name of a class that is on the
list already, so it allows nothing new.
"""

from collections.abc import Mapping

MOVED: Mapping[str, str] = {
    "vaticina.runtimes.calibrated.CalibratedClassifier": (
        "vaticina.tasks.table.calibrated_classifier.CalibratedClassifier"
    ),
    "vaticina.runtimes.clusters.ClusterAnomaly": "vaticina.tasks.clusters.model.ClusterAnomaly",
    "vaticina.runtimes.clusters.Member": "vaticina.tasks.clusters.model.Member",
    "vaticina.runtimes.framed.Framed": "vaticina.formats.estimators.frame_model.FrameModel",
}
"""Old ``module.Class`` -> the ``module.Class`` of today, which stands on the list in allowlist.py."""
