"""Sets of files that together are one model of the task clusters: a scaler, k-means, and a package for each cluster.

This file is light; what opens files is imported when it is asked for.
"""

from collections.abc import Collection, Mapping

from vaticina.contract import Bundle, Runtime
from vaticina.errors import BundleCorrupt
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.cluster_set.files import is_of_a_set, is_whole_set
from vaticina.formats.source import Source
from vaticina.progress import Report


class ClusterSetFormat:
    """The documented files ``scaler.joblib``, ``kmeans_model.joblib`` and ``modelo_cluster_N_prod.joblib``."""

    name = "cluster set"
    suffixes: tuple[str, ...] = ()
    kind = "clusters"
    family = ""
    keeps_files = False

    def files_among(self, names: Collection[str]) -> Collection[str]:
        """The files of such a set, whole or not."""
        return list(filter(is_of_a_set, names))

    def recognises(self, source: Source) -> bool:
        """Whether all files of the source belong to such a set."""
        return source.place.is_dir() and all(map(is_of_a_set, map(source.name, source.files)))

    def is_whole(self, source: Source) -> bool:
        """Whether there is a scaler, k-means, and a package for each cluster from 0 on."""
        return is_whole_set(map(source.name, source.files))

    def adopt(self, adoption: Adoption, report: Report) -> AdoptedModel:
        """The set as one model, once all of its files were audited."""
        from vaticina.formats.cluster_set.adopt import adopt_set

        return adopt_set(adoption, report)

    def check_files(self, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
        """A set is served compiled or not at all, so there are no files to check."""

    def load(self, bundle: Bundle, allow: frozenset[str]) -> Runtime:
        """Raises BundleCorrupt: a set is served compiled or not at all."""
        raise BundleCorrupt(f"Version {bundle.version} holds a set of clusters that is not compiled; import it again.")
