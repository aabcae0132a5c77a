"""The command line: light to load, right numbers, sentences instead of tracebacks."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from dlcourse.cli import app, zoo
from dlcourse.conformance import Case
from dlcourse.conformance import report as conformance_report


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_help_loads_neither_torch_nor_numpy():
    code = (
        "import sys\nfrom dlcourse.cli import app\n"
        "try:\n    app(['--help'], prog_name='dlcourse')\n"
        "finally:\n    print('heavy:', sorted({'torch', 'numpy', 'matplotlib', 'tqdm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "doctor" in done.stdout
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_import_dlcourse_loads_no_backend():
    code = "import dlcourse, sys; sys.exit(any(m in sys.modules for m in ('torch', 'dlcourse.numpy_nn')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_summary_of_the_article_cnn(backend):
    result = run("summary", "cnn", "--backend", backend)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].split() == ["total", "163,850", "3,159,168"]


@pytest.mark.parametrize("name", zoo.ZOO)
def test_every_model_has_the_same_summary_in_both_backends(name):
    numpy, torch = (run("summary", name, "--backend", backend) for backend in ("numpy", "torch"))
    assert numpy.exit_code == torch.exit_code == 0
    assert numpy.stdout == torch.stdout
    assert int(numpy.stdout.split()[-1].replace(",", "")) > 0


def test_the_help_names_every_model():
    for command in ("summary", "train"):
        text = " ".join(run(command, "--help").stdout.replace("│", " ").split())
        known = [name for name, entry in zoo.ZOO.items() if command == "summary" or entry.load]
        assert all(name in text for name in known)


def test_the_data_sets_fit_the_models():
    for entry in zoo.ZOO.values():
        if entry.load:
            dataset = entry.load(seed=0)
            assert len(dataset.classes) == entry.classes
            assert dataset.train.x.shape[1:] == entry.example().shape[1:]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["summary", "cn"], "there is no model 'cn' here, expected one of cnn, cnn-same, "),
        (["summary", "cnn", "--backend", "jax"], "backend 'jax' does not exist"),
        (["conformance", "--only", "no such layer"], "no case has 'no such layer' in its name"),
        (["conformance", "--out", "a.txt"], "a.txt ends in .txt, expected .md or .json"),
    ],
)
def test_wrong_arguments_get_a_sentence(arguments, sentence):
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"dlcourse: {sentence}")
    assert "Traceback" not in result.stderr


def test_conformance_prints_a_row_a_layer():
    result = run("conformance", "--only", "linear")
    assert result.exit_code == 0
    header, _, *rows = result.stdout.splitlines()
    assert header.startswith("| layer | cases | compared | float64 | where | float32 | finite differences |")
    row = next(line for line in rows if line.startswith("| Linear |"))
    _, _, cases, compared, worst, where, single, slopes, _ = (cell.strip() for cell in row.split("|"))
    assert (cases, compared) == ("2", "7")  # y, dx, dweight, dbias; y, dx, dweight
    assert float(worst) < 1e-12
    assert where.startswith("Linear, ")
    assert 1e-9 < float(single) < 2e-5
    assert float(slopes) < 1e-6
    assert "NumPy " + np.__version__ in rows[-1]


@pytest.mark.parametrize("suffix", ["md", "json"])
def test_conformance_writes_files_whole(tmp_path, suffix):
    out = tmp_path / "deep" / f"report.{suffix}"
    result = run("conformance", "--only", "linear, rows", "--out", out)
    assert result.exit_code == 0
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    if suffix == "json":
        found = json.loads(out.read_text())
        assert found["rows"][0]["layer"] == "Linear"
        assert found["rows"][0]["cases"] == 1
        assert found["tolerance"] == 1e-10
        assert 0 < found["rows"][0]["worst_float32"] <= found["tolerance_float32"] == 2e-5
        assert 0 < found["rows"][0]["worst_finite"] <= found["tolerance_finite"] == 1e-6
    else:
        assert out.read_text().startswith("| layer |")


class Wrong:
    """Linear layers that differ between the backends by a part in a million."""

    @staticmethod
    def build(nn, rng):
        layer = nn.Linear(2, 2, rng=rng)
        if nn.__name__.endswith("numpy_nn"):
            forward = layer.forward
            layer.forward = lambda x: forward(x) * (1 + 1e-6)
        return layer


def test_a_layer_that_disagrees_is_named(monkeypatch):
    cases = [Case("Wrong, small", Wrong.build, lambda rng: (rng.standard_normal((3, 2)),))]
    report = conformance_report.report(cases)
    assert not report.agrees
    assert report.rows[0].worst == pytest.approx(1e-6, rel=1)
    assert report.rows[0].worst_in == "Wrong, small: output 0"
    assert report.rows[0].worst_float32 == pytest.approx(1e-6, rel=1)
    assert "| Wrong | 1 | 4 | 1." in report.markdown()
    monkeypatch.setattr(conformance_report, "all_cases", lambda: cases)
    result = run("conformance")
    assert result.exit_code == 1
    assert "lies between the two sides of: Wrong (float64 1." in " ".join(result.stderr.split())


def test_a_layer_agrees_only_if_all_three_columns_do():
    row = conformance_report.Row("Linear", 1, 5, 1e-16, "Linear: d weight", 1e-7, 1e-10)
    assert row.agrees
    assert not replace(row, worst=1e-9).agrees
    assert not replace(row, worst_float32=1e-4).agrees
    assert not replace(row, worst_finite=1e-5).agrees


def test_wrong_gradients_in_both_backends_are_seen_by_finite_differences():
    def build(nn, rng):
        layer = nn.Linear(2, 2, rng=rng)
        if nn.__name__.endswith("numpy_nn"):
            backward = layer.backward
            layer.backward = lambda dy: 2 * backward(dy)
        else:
            forward = layer.forward
            layer.forward = lambda x: forward(2 * x - x.detach())  # the same output, twice the slope
        return layer

    case = Case("Twice", build, lambda rng: (rng.standard_normal((3, 2)),))
    row = conformance_report.report([case]).rows[0]
    assert row.worst < 1e-10
    assert row.worst_finite > 0.1
    assert not row.agrees
