"""An ONNX file that reads other files, or runs what is not the standard's, is never given to onnxruntime."""

import random
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from tests.audits.graphs import ELSEWHERE, add, circle, in_function, loop_in_function, looping, model, of_domain
from tests.formats.test_onnx import bundle
from vaticina.audits.onnx_graph import INNER, check_graph
from vaticina.audits.unsound import Unsound
from vaticina.contract import Bundle, Runtime
from vaticina.errors import BundleCorrupt, ImportRefused
from vaticina.formats.onnx.file import open_file
from vaticina.formats.onnx.file_runtime import load_onnx_file
from vaticina.tasks.graph_runtime import load_graph

READ = ("NodeProto", "TensorProto", "Dimension")
"""The messages that the audit looks at."""


def leads_to_one(message: object, on_the_way: tuple[str, ...] = ()) -> bool:
    """Whether a message is one of ``READ``, or holds one."""
    if message.name in READ:  # type: ignore[attr-defined]
        return True
    if message.full_name in on_the_way:  # type: ignore[attr-defined]
        return False
    for field in message.fields:  # type: ignore[attr-defined]
        if field.message_type and leads_to_one(field.message_type, (*on_the_way, message.full_name)):  # type: ignore[attr-defined]
            return True
    return False


def test_the_table_of_messages_is_that_of_onnx() -> None:
    """Were a later ONNX to let a tensor stand in one more place, this fails."""
    waiting = [onnx.ModelProto.DESCRIPTOR]
    seen: dict[str, dict[int, str]] = {}
    while waiting:
        message = waiting.pop()
        if message.name in seen:
            continue
        inner = [field for field in message.fields if field.message_type]
        waiting += [field.message_type for field in inner]
        seen[message.name] = {
            field.number: field.message_type.name for field in inner if leads_to_one(field.message_type)
        }
    assert {name: fields for name, fields in seen.items() if fields} == INNER


@pytest.mark.parametrize("place", ELSEWHERE)
def test_numbers_in_another_file_are_refused_wherever_they_are_named(place: str) -> None:
    with pytest.raises(Unsound, match="keeps its numbers in other files"):
        check_graph(ELSEWHERE[place]().SerializeToString())


@pytest.mark.parametrize("place", ["constant", "subgraph", "constant of shape"])
def test_the_other_file_is_not_read(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """onnxruntime itself would read it: these tests can fail."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(b"abcd")
    with pytest.raises(ImportRefused, match=r"model\.onnx is no ONNX file that is taken: it keeps its numbers"):
        open_file(ELSEWHERE[place]().SerializeToString(), "model.onnx")


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("load", [load_graph, load_onnx_file])
def test_a_bundle_with_numbers_in_another_file_is_not_loaded(
    place: str, load: Callable[[Bundle], Runtime], tmp_path: Path
) -> None:
    """A bundle may come from elsewhere, with a manifest that fits it."""
    with pytest.raises(BundleCorrupt, match="cannot be loaded: it keeps its numbers in other files"):
        load(bundle(tmp_path, ELSEWHERE[place]().SerializeToString()))


@pytest.mark.parametrize("operator", ["Loop", "Scan", "SequenceMap"])
def test_loops_are_refused_unless_allowed(operator: str) -> None:
    data = looping(operator).SerializeToString()
    with pytest.raises(Unsound, match=f"holds {operator}, .*--allow onnx:{operator}"):
        check_graph(data)
    check_graph(data, frozenset({f"onnx:{operator}"}))


def test_a_loop_in_a_function_is_one() -> None:
    with pytest.raises(Unsound, match="holds Loop"):
        check_graph(loop_in_function().SerializeToString())


@pytest.mark.parametrize("domain", ["com.microsoft", "org.evil", "ai.onnx.training"])
def test_operators_of_others_are_refused_unless_allowed(domain: str) -> None:
    data = of_domain(domain).SerializeToString()
    with pytest.raises(Unsound, match=f"{domain}.CDist, which is no operator of the ONNX standard"):
        check_graph(data)
    check_graph(data, frozenset({f"onnx:{domain}.CDist"}))


def test_a_function_of_the_file_itself_is_taken() -> None:
    whole = in_function()
    del whole.functions[0].node[0]
    check_graph(whole.SerializeToString())


def test_functions_in_a_circle_are_refused() -> None:
    with pytest.raises(Unsound, match="circle"):
        check_graph(circle().SerializeToString())


def test_vast_shapes_are_refused() -> None:
    whole = model([add("X", "X")])
    whole.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2**40
    with pytest.raises(Unsound, match="shape of 1099511627776"):
        check_graph(whole.SerializeToString())


@pytest.mark.parametrize("sides", [(2**20, 2**20), (-1,)])
def test_tensors_that_claim_too_much_are_refused(sides: tuple[int, ...]) -> None:
    tensor = onnx.TensorProto(name="s", data_type=1, dims=sides, raw_data=bytes(4))
    with pytest.raises(Unsound, match="claims to hold over"):
        check_graph(model([add("X", "s")], [tensor]).SerializeToString())


def test_onnxruntime_s_own_format_is_refused() -> None:
    with pytest.raises(Unsound, match="own format"):
        check_graph(b"\x20\x00\x00\x00ORTM" + bytes(100))


def test_broken_files_are_refused_and_nothing_else() -> None:
    data = ELSEWHERE["subgraph"]().SerializeToString()
    chance = random.Random(5)
    refused = 0
    for _ in range(500):
        broken = bytearray(data)
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            check_graph(bytes(broken[: chance.randrange(len(broken))]))
        except Unsound:
            refused += 1
    assert 100 < refused <= 500
