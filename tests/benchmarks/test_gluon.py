import ast
from pathlib import Path

from benchmarks.bars import GLUON
from benchmarks.gluon.__main__ import BUILDERS, PAGE
from tests.benchmarks.figures import summary
from tests.compat.test_listings_server import EXAMPLE, OPTIONAL

APP = Path("benchmarks/gluon/original_app.py")


def test_the_original_design_is_asked_for_what_listings_takes() -> None:
    """Read, not imported: it loads a predictor when it is."""
    tree = ast.parse((Path(__file__).parents[2] / APP).read_text(encoding="utf-8"))
    (point,) = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    fields = [node.target.id for node in point.body if isinstance(node, ast.AnnAssign) and hasattr(node.target, "id")]
    assert set(fields) == {*EXAMPLE, *OPTIONAL}


def test_the_promise_is_fifteen_times_the_original() -> None:
    figures = {name: summary(name, rate=rate) for name, rate in (("original", 10), ("worker", 149), ("compiled", 150))}
    promised = [bar for bar in GLUON if bar.promised]
    assert [bar.verdict(value) for bar in promised if (value := bar.value(figures))] == ["FAIL", "pass"]


def test_the_page_has_a_place_for_the_tables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.index("<!-- gluon: begin -->") < text.index("<!-- gluon: end -->")
    assert {bar.name for bar in GLUON} < BUILDERS.keys()
