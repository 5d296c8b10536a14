"""The answer cache of a served project."""

import orjson

from tests.api.wire import ask, predict
from tests.e2e.process import serve
from tests.e2e.toy import PROJECT, Toy
from vaticina.serving.cache import CachedRuntime


def test_a_project_has_none_unless_it_asks(toy: Toy) -> None:
    version = toy.workspace.versions().target()
    assert version is not None
    assert not isinstance(toy.workspace.versions().load(version).runtime, CachedRuntime)
    (toy.folder / "project.toml").write_text(PROJECT.replace("[serving]", "[serving]\ncache = {}"))
    assert isinstance(toy.workspace.versions().load(version).runtime, CachedRuntime)


def test_a_served_project_with_a_cache_follows_its_versions(toy: Toy) -> None:
    (toy.folder / "project.toml").write_text(PROJECT.replace("[serving]", '[serving]\ncache = {ttl = "1h"}'))
    with serve(toy.folder) as server:
        asked = [predict(server.port, {"x": 2, "name": name}) for name in "abc"]
        assert {heard.json()["y"] for heard in asked} == {2.0}
        assert len({heard.headers["vaticina-prediction"] for heard in asked}) == 3
        stored = ask(server.port, "GET", "/predictions").json()["predictions"]
        assert [entry["input"]["name"] for entry in stored] == ["c", "b", "a"]
        toy.publish(10.0)
        while (heard := predict(server.port, {"x": 2})).json()["y"] == 2.0:
            pass
        assert heard.json()["y"] == 20.0
        assert orjson.loads(predict(server.port, [{"x": 2}, {"x": 3}]).body)[1]["y"] == 30.0
