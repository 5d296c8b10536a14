from benchmarks.drawing import boxes, svg
from benchmarks.stacks import area, read, shares

FOLDED = """thread (1): MainThread;run (uvicorn/main.py:632);asyncio_run (uvicorn/_compat.py:30) 6
thread (1): MainThread;run (uvicorn/main.py:632);Validator.check (vaticina/contract/validator.py:9);loads (json.py:1) 2
thread (2): engine;EngineThread._work (vaticina/serving/thread.py:38) 90
thread (2): engine;EngineThread._work (vaticina/serving/thread.py:39);write (vaticina/history/journal.py:7) 1
thread (2): engine;EngineThread._work (vaticina/serving/thread.py:39);write (vaticina/history/journal.py:8) 1
"""


def test_threads_that_wait_are_left_out_and_lines_of_one_function_are_one() -> None:
    stacks = read(FOLDED)
    assert sum(stacks.values()) == 10
    assert (
        stacks["engine", "EngineThread._work (vaticina/serving/thread.py)", "write (vaticina/history/journal.py)"] == 2
    )


def test_a_stack_counts_for_its_innermost_frame_that_tells() -> None:
    assert shares(read(FOLDED)) == {"event loop": 0.6, "validation": 0.2, "history": 0.2}
    assert area(("main (elsewhere.py)",)) == "other"
    assert area(("main (elsewhere.py)", "run (uvicorn/main.py)")) == "HTTP"


def test_boxes_stand_on_their_callers() -> None:
    found = {box.frames[-1]: box for box in boxes(read(FOLDED))}
    assert found["MainThread"].width == 0.8
    run = found["run (uvicorn/main.py)"]
    below = found["asyncio_run (uvicorn/_compat.py)"]
    assert (below.depth, below.width) == (run.depth + 1, 0.6)
    assert run.left <= below.left
    assert below.left + below.width <= run.left + run.width


def test_the_drawing_escapes_what_frames_hold() -> None:
    drawn = svg({("<module> (a.py)",): 1}, "medico & co")
    assert "&lt;module&gt;" in drawn
    assert "medico &amp; co" in drawn
