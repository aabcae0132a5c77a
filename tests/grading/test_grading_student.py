"""The student's process: limits hold, nothing of the grader is in reach, and what comes back is data."""

import io
import os
import zipfile

import numpy as np
import psutil
import pytest

from dlcourse.checks import Call, call
from dlcourse.checks.subject import Foreign
from dlcourse.grading.forkserver import server
from dlcourse.grading.frames import FrameError, pack_arrays, unpack_arrays
from dlcourse.grading.limits import Limits
from dlcourse.grading.sandbox import sandbox_problem
from dlcourse.grading.score import Scorer
from dlcourse.grading.student import Student
from dlcourse.grading.values import decode, encode
from dlcourse.grading.version import NotebookVersion, TrustedCell

PROBLEM = sandbox_problem()
needs_sandbox = pytest.mark.skipif(PROBLEM is not None, reason=f"no sandbox here: {PROBLEM}")
SHORT = Limits(cell=2, call=2)


def student(*cells, tests=(), names=("f",), limits=SHORT, **options):
    return Student(list(cells), list(tests), list(names), limits, unsafe=PROBLEM is not None, **options)


def text(run: Student, index: int) -> str:
    return "".join(o.get("text", o.get("evalue", "")) for o in run.outputs.get(index, []))


def test_cells_run_in_order_and_show_what_they_print():
    with student(
        "a = 3", "print(a)\na + 1", "1 / 0", "%%time\nb = 1", "await __import__('asyncio').sleep(0)"
    ) as run:
        assert text(run, 1) == "3\nOut[1]: 4\n" or "4" in text(run, 1)
        assert run.outputs[2][0]["ename"] == "ZeroDivisionError"
        assert not any(o["output_type"] == "error" for o in run.outputs[3] + run.outputs[4])


def test_a_test_sees_what_was_defined_before_it():
    with student("def f(x): return x + 1", None, "def f(x): return x + 2", None, tests=(1, 3)) as run:
        x = np.arange(3.0)
        assert np.array_equal(run.points[1].call("f", call(x)).value, x + 1)
        assert np.array_equal(run.points[3].call("f", call(x)).value, x + 2)
        assert run.points[1].callables == ("f",) and run.points[1].known == ("f",)


def test_every_kind_of_value_comes_back_as_data():
    values = "None, 1, 2.5, True, 'a', np.arange(3), np.float32(2), [1, (2, None)], {1}, np.array([{}])"
    with student(f"import numpy as np\ndef f(): return {values}", None, tests=(1,)) as run:
        got = run.points[1].call("f", Call()).value
    assert got[:5] == (None, 1, 2.5, True, "a") and got[6] == np.float32(2)
    assert np.array_equal(got[5], np.arange(3)) and got[7] == [1, (2, None)]
    assert got[8] == Foreign("set") and isinstance(got[9], Foreign)


def test_a_module_handed_in_with_the_notebook_can_be_imported(tmp_path):
    (tmp_path / "helper.py").write_text("def double(x): return 2 * x")
    (tmp_path / "numpy.py").write_text("raise SystemExit")
    cell = "import numpy as np\nfrom helper import double\ndef f(x): return double(x) + np.float64(1)"
    with student(cell, None, tests=(1,), files=tmp_path) as run:
        assert run.points[1].call("f", call(3.0)).value == 7.0


def test_endless_loops_cost_their_own_marks_only():
    endless = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    loop = "def f(x):\n    while True: pass\ndef g(x): return x"
    with student(loop, endless, None, None, tests=(2, 3), names=("f", "g")) as run:
        assert run.points[2].call("f", call(1.0)).error.kind == "TimeLimit"
        assert run.points[2].call("g", call(1.0)).error.kind == "TimeLimit"  # one loop is enough
        assert run.points[3].call("g", call(1.0)).value == 1.0
        assert any("Cell 2 ran longer than 2 s" in remark for remark in run.remarks)


def test_ending_the_process_costs_that_cell_only():
    with student("import os\ndef f(x): return x", "os._exit(0)", None, "print(f(5))", tests=(2,)) as run:
        assert run.remarks == ["Cell 2 ended the process and was left out."]
        assert run.points[2].call("f", call(4.0)).value == 4.0
        assert text(run, 3) == "5\n"


def test_ending_the_process_in_a_call_costs_that_test_only():
    code = "import os\ndef f(x):\n    os._exit(1)\ndef g(x): return x"
    with student(code, None, None, tests=(1, 2), names=("f", "g")) as run:
        assert run.points[1].call("f", call(1.0)).error.kind == "Died"
        assert run.points[2].call("g", call(1.0)).value == 1.0


def test_memory_and_output_are_limited():
    with student("b = bytearray(10**10)", "print('x' * 10**7)", limits=Limits(cell=20, output=1000)) as run:
        assert run.outputs[0][0]["ename"] == "MemoryError"
        assert len(text(run, 1)) < 1100 and "more characters" in text(run, 1)


@needs_sandbox
def test_nothing_of_the_grader_is_in_reach(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "hidden")
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / "other.ipynb").write_text("{}")
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    cells = [
        "import os, socket\nprint(sorted(os.listdir('.')), open('data.csv').read())",
        f"print([os.path.exists('{here}/' + name) for name in ('solutions', 'tests', '.git')])",
        "print(os.environ.get('GRADER_SECRET'), os.getuid() != 0)",
        "socket.create_connection(('127.0.0.1', 9), 1)",
        f"open('{here}/dlcourse/x', 'w')",
        "print(len([p for p in os.listdir('/proc') if p.isdigit()]) < 5)",
        "os.setuid(0)",
    ]
    with student(*cells, files=tmp_path) as run:
        assert text(run, 0) == "['data.csv'] 1,2\n"
        assert text(run, 1) == "[False, False, False]\n"
        assert text(run, 2) == "None True\n"
        assert any(word in text(run, 3) for word in ("unreachable", "refused", "not permitted"))
        assert run.outputs[4][0]["ename"] in ("OSError", "PermissionError")
        assert text(run, 5) == "True\n"
        assert run.outputs[6][0]["ename"] == "PermissionError"


@needs_sandbox
def test_processes_are_limited_and_none_survives():
    bomb = """
import os, time
n = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        n += 1
except OSError:
    print(n)
"""
    with student(bomb, limits=Limits(cell=10, processes=20)) as run:
        assert 0 < int(text(run, 0)) < 20
    warm = psutil.Process(server((), False).process.pid)
    python = [p for p in warm.children(recursive=True) if "zygote" in " ".join(p.cmdline())]
    assert len(python) <= 2  # bubblewrap's first process and the warm one: no student's is left


@needs_sandbox
def test_memory_of_all_processes_is_watched_where_there_are_no_control_groups(monkeypatch):
    monkeypatch.setattr(server((), False), "places", None)
    held = "held = b'x' * (150 << 20)"
    shared = f"{held}\ndef f(x): return x"
    limits = Limits(cell=10, memory=512 << 20)
    with student(shared, None, "1", None, "1", None, "1", None, tests=(1, 3, 5, 7), limits=limits) as run:
        assert run.points[7].call("f", call(1.0)).value == 1.0
    assert run.remarks == []  # four copies of one state hold it once
    many = f"import os, time\nfor _ in range(4): os.fork()\n{held}\ntime.sleep(9)"
    with student(many, limits=limits) as run:
        pass
    assert run.remarks[-1] == "It reached the limit of 512 MiB of memory."


@needs_sandbox
def test_attempts_to_reach_a_network_are_noted():
    cells = ["import socket", "socket.getaddrinfo('example.org', 80)", "socket.socket(socket.AF_INET6)"]
    with student(*cells) as run:
        assert [run.outputs[i][0]["ename"] for i in (1, 2)] == ["gaierror", "PermissionError"]
    assert run.remarks == ["It tried to open a network socket (IPv4, IPv6); there is no network here."]
    with student(
        "import socket\na, b = socket.socketpair()\nimport asyncio\nasyncio.new_event_loop()"
    ) as run:
        pass
    assert run.remarks == []  # local sockets are nothing unusual


def test_arrays_survive_the_journey():
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.standard_normal((2, 3)),
        "b": np.asfortranarray(rng.standard_normal((4, 5))),
        "c": np.array(3),
        "d": np.zeros((0, 2), np.float32),
        "e": np.array([True, False]),
        "f": np.array([np.nan, np.inf]),
    }
    back = unpack_arrays(pack_arrays(arrays))
    for key, value in arrays.items():
        assert back[key].dtype == value.dtype and np.array_equal(back[key], value, equal_nan=key == "f")


def _npz(body: bytes, compression=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("a.npy", body)
    return buffer.getvalue()


def _npy(array, **replace) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    data = buffer.getvalue()
    for old, new in replace.values():
        data = data.replace(old, new)
    return data


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        _npz(_npy(np.array([print], dtype=object))),
        _npz(_npy(np.zeros(4), lie=(b"(4,)", b"(9,)"))),
        _npz(_npy(np.zeros(4), lie=(b"(4,), ", b"(-1,),"))),
        _npz(_npy(np.array(["a"]))),
        _npz(b"\x93NUMPY\x09\x00"),
        _npz(b""),
        _npz(_npy(np.zeros(10**6)), zipfile.ZIP_DEFLATED),
    ],
    ids=["no zip", "pickle", "shape too large", "negative shape", "text", "version", "empty", "zip bomb"],
)
def test_forged_arrays_are_refused(data):
    with pytest.raises(FrameError):
        unpack_arrays(data)


def test_damaged_arrays_are_refused_or_read_never_worse():
    rng = np.random.default_rng(0)
    whole = np.frombuffer(pack_arrays({"a": np.arange(6.0).reshape(2, 3), "b": np.arange(3)}), np.uint8)
    refused = 0
    for _ in range(1000):
        bad = whole.copy()
        places = rng.integers(0, len(bad), rng.integers(1, 4))
        bad[places] = rng.integers(0, 256, len(places))
        try:
            unpack_arrays(bad.tobytes()[: rng.integers(len(bad) // 2, len(bad) + 1)])
        except FrameError:
            refused += 1
    assert refused > 500


@pytest.mark.parametrize("spec", [None, 3, {"array": "zz"}, {"tuple": [{"array": "b"}]}, {"list": [[]]}])
def test_forged_values_are_refused(spec):
    with pytest.raises(FrameError):
        decode(spec, {"a": np.zeros(2)})


def test_values_round_trip():
    arrays = {}
    value = (np.arange(4.0), None, [1, "a"])
    back = decode(encode(value, arrays), arrays)
    assert np.array_equal(back[0], value[0]) and back[1:] == value[1:]


def test_names_and_lines_made_up_at_run_time_do_not_come_out():
    code = """
def f(x):
    return type(f"x{x}", (), {})()
def g(x):
    raise type(f"x{x}", (Exception,), {})()
def h(x):
    source = f"raise ValueError('{x}')"
    exec(compile(source, f.__code__.co_filename, "exec"))
"""
    with student(code, None, tests=(1,), names=("f", "g", "h")) as run:
        outcomes = [run.points[1].call(name, call(12345)) for name in "fgh"]
    assert outcomes[0].value == Foreign("object") and outcomes[1].error.kind == "Exception"
    for outcome in outcomes:
        said = outcome.error.kind + outcome.error.line if outcome.error else outcome.value.kind
        assert "12345" not in said


class TestScores:
    """Own scorer: errors decide; a number in the last line is partial credit if it is sane."""

    @staticmethod
    def score(source: str, answer: str = "def f(x): return x"):
        stub = TrustedCell(
            "answer", "code", "def f(x):\n    raise NotImplementedError()", "", False, True, None
        )
        test = TrustedCell("test", "code", source, "", True, False, 2.0)
        version = NotebookVersion("a", "n", (stub, test))
        with student(answer, None, tests=(1,)) as run:
            return Scorer(version, 1).score(test, run.points[1])

    @pytest.mark.parametrize(
        ("source", "points"),
        [
            ("assert f(2) == 2", 2.0),
            ("assert f(2) == 3", 0.0),
            ("f(1)\n1.5", 1.5),
            ("float('nan')", 0.0),
            ("float('inf')", 0.0),
            ("-1", 0.0),
            ("2.5", 0.0),
            ("0", 0.0),
            ("'text'", 2.0),
            ("import sys\nprint('warning', file=sys.stderr)", 2.0),
            ("g(1)", 0.0),
        ],
    )
    def test_points(self, source, points):
        found = self.score(source)
        assert found.points == points
        assert any(o["output_type"] == "error" for o in found.outputs) == (points == 0)

    def test_what_a_function_returns_can_shadow_nothing(self):
        assert (
            self.score("assert abs(-2) == 2 and f(1) == 1", "def f(x): return 1\ndef abs(x): return 7").points
            == 2
        )

    def test_values_of_numpy_testing_stay_secret(self):
        found = self.score("import numpy as np\nnp.testing.assert_allclose(f(12345.678), 1)")
        assert found.points == 0 and "12345" not in str(found.outputs)
