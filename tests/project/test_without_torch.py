"""``numpy_nn`` and its tests need neither PyTorch nor SciPy; ``import dlcourse`` is light."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = """
import sys


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "scipy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Blocked())
"""


def run(tmp_path, *arguments):
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=600
    )


def test_the_layers_pass_their_tests_with_torch_and_scipy_blocked(tmp_path):
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not torch", "tests/numpy_nn")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout


def test_every_module_of_numpy_nn_imports_without_them(tmp_path):
    names = sorted(f"dlcourse.numpy_nn.{p.stem}" for p in (ROOT / "dlcourse/numpy_nn").glob("[a-z]*.py"))
    assert "dlcourse.numpy_nn.conv" in names
    done = run(tmp_path, "-c", "import " + ", ".join(names))
    assert done.returncode == 0, done.stderr


def test_importing_dlcourse_loads_neither_torch_nor_numpy(tmp_path):
    code = "import dlcourse, sys; print(sorted({'torch', 'numpy', 'matplotlib'} & set(sys.modules)))"
    done = run(tmp_path, "-c", code)
    assert done.stdout.strip() == "[]", done.stderr
