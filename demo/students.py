"""Thirty submissions of the assignment `convolution`: honest ones, unlucky ones, dishonest ones.

Each function gets the released notebook as text and the folder to hand in, and writes what that student
handed in. `python -m dlcourse.grading demo` grades them; the marks they deserve are in expected.csv.
"""

import copy
import json
import os

NAIVE = """def conv2d_naive(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = (x[i : i + w.shape[0], j : j + w.shape[1]] * w).sum()
    return y
"""
LAYER = """def conv2d(x, w, b, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    P, Q = w.shape[2:]
    Ho, Wo = (x.shape[2] - P) // stride + 1, (x.shape[3] - Q) // stride + 1
    y = np.zeros((len(x), len(w), Ho, Wo)) + b[:, None, None]
    for p in range(P):
        for q in range(Q):
            part = x[:, :, p : p + stride * Ho : stride, q : q + stride * Wo : stride][:, :, :Ho, :Wo]
            y += np.einsum("nchw,oc->nohw", part, w[:, :, p, q])
    return y
"""
TEXT = "A flipped kernel is learned as easily. 8 * (3 * 25 + 1) = 608 parameters, shared by all positions."


def cell(notebook, name):
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def plain(source):
    return {
        "cell_type": "code",
        "id": "extra",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }


def answered(released, naive=NAIVE, layer=LAYER, text=TEXT):
    notebook = json.loads(released)
    for name, source in (("E01-conv2d_naive", naive), ("E02-conv2d", layer), ("Q1-answer", text)):
        if source is not None:
            cell(notebook, name)["source"] = source
    return notebook


def hand_in(notebook, folder, name="convolution.ipynb"):
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")


def correct(released, folder):
    hand_in(answered(released), folder)


def flipped_kernel(released, folder):
    hand_in(answered(released, naive=NAIVE.replace("* w)", "* w[::-1, ::-1])")), folder)


def stride_ignored(released, folder):
    hand_in(answered(released, layer=LAYER.replace("    P, Q", "    stride = 1\n    P, Q")), folder)


def pixel_loops(released, folder):
    slow = """def conv2d(x, w, b, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    P, Q = w.shape[2:]
    y = np.zeros((len(x), len(w), (x.shape[2] - P) // stride + 1, (x.shape[3] - Q) // stride + 1))
    for n, o, i, j in np.ndindex(*y.shape):
        window = x[n, :, i * stride : i * stride + P, j * stride : j * stride + Q]
        y[n, o, i, j] = (window * w[o]).sum() + b[o]
    return y
"""
    hand_in(answered(released, layer=slow), folder)


def blank(released, folder):
    (folder / "convolution.ipynb").write_text(released, encoding="utf-8")


def syntax_error(released, folder):
    hand_in(answered(released, naive=NAIVE.replace("):", ")", 1)), folder)


def endless_loop(released, folder):
    hand_in(answered(released, naive=NAIVE.replace("    return y", "    while True:\n        pass")), folder)


def endless_cell(released, folder):
    notebook = answered(released)
    notebook["cells"].insert(
        6, plain("while True:\n    try:\n        while True:\n            pass\n    except:\n        pass")
    )
    hand_in(notebook, folder)


def missing_notebook(released, folder):
    (folder / "notes.txt").write_text("I will send it tomorrow.\n")


def copied_cell(released, folder):
    notebook = answered(released)
    original = cell(notebook, "E02-conv2d")
    notebook["cells"].append(copy.deepcopy(original))
    hand_in(notebook, folder)


def warns_on_stderr(released, folder):
    noisy = NAIVE.replace(
        "    return y",
        '    warnings.warn("float64 is slow")\n    print("done", file=sys.stderr)\n    return y',
    )
    hand_in(answered(released, naive="import sys, warnings\n" + noisy), folder)


def edited_test(released, folder):
    notebook = answered(released, naive=None)
    cell(notebook, "E01-test")["source"] = "pass"
    cell(notebook, "E01-hidden")["source"] = "2.4"
    hand_in(notebook, folder)


def more_points(released, folder):
    notebook = answered(released, naive=None)
    for item in notebook["cells"]:
        if "points" in item["metadata"].get("nbgrader", {}):
            item["metadata"]["nbgrader"]["points"] = 1000
    hand_in(notebook, folder)


def os_exit(released, folder):
    notebook = answered(released)
    notebook["cells"].insert(6, plain("import os\nos._exit(0)"))
    hand_in(notebook, folder)


def exit_in_call(released, folder):
    hand_in(
        answered(released, naive="import os\n" + NAIVE.replace("    return y", "    os._exit(0)")), folder
    )


def patched_numpy(released, folder):
    patch = """import builtins
import dlcourse.checks

dlcourse.checks.check = check = builtins.print
np.testing.assert_allclose = np.allclose = lambda *a, **k: True


class Equal:
    def __eq__(self, other):
        return True


def conv2d_naive(x, w):
    return Equal()
"""
    hand_in(answered(released, naive=patch, layer=None), folder)


def torch_does_it(released, folder):
    layer = """def conv2d(x, w, b, stride=1, padding=0):
    import torch

    tensors = [torch.as_tensor(a) for a in (x, w, b)]
    return torch.nn.functional.conv2d(*tensors, stride, padding).numpy()
"""
    hand_in(answered(released, layer=layer), folder)


def stripped_metadata(released, folder):
    notebook = answered(released)
    for item in notebook["cells"]:
        item["metadata"] = {}
    hand_in(notebook, folder)


def broken_file(released, folder):
    text = json.dumps(answered(released))
    (folder / "convolution.ipynb").write_text(text[: len(text) // 2])


def link_to_the_solution(released, folder):
    os.symlink("../../../solutions/convolution/convolution.ipynb", folder / "convolution.ipynb")


def renamed_file(released, folder):
    hand_in(answered(released, text=None), folder, "convolution (1).ipynb")


def renamed_function(released, folder):
    hand_in(answered(released, naive=NAIVE.replace("conv2d_naive", "conv2d_naif")), folder)


def nothing_and_too_much(released, folder):
    """One function returns None, the other two values."""
    naive = NAIVE.replace("    return y", "    print(y.shape)")
    hand_in(answered(released, naive=naive, layer=LAYER.replace("return y", "return y, b")), folder)


def no_numbers(released, folder):
    """An array of objects, an array of text; and a word where the question asks for a number."""
    naive = NAIVE.replace("    return y", "    return y.astype(object)")
    layer = LAYER.replace("return y", "return y.astype(str)")
    hand_in(answered(released, naive=naive, layer=layer, text="Lots of parameters, I think."), folder)


def raises_an_error(released, folder):
    hand_in(answered(released, naive=NAIVE.replace("x.shape[0] -", "x.shape[2] -")), folder)


def prints_a_flood(released, folder):
    hand_in(
        answered(released, naive=NAIVE.replace("    return y", '    print("." * 100_000_000)\n    return y')),
        folder,
    )


def ten_gigabytes(released, folder):
    naive = NAIVE.replace("    y = np.zeros((rows, columns))", "    y = np.ones((rows, 10 * 1024**3 // 8))")
    hand_in(answered(released, naive=naive), folder)


def emptied(released, folder):
    notebook = json.loads(released)
    notebook["cells"] = []
    hand_in(notebook, folder)


def out_of_order(released, folder):
    """The tests stand first, the answers last."""
    notebook = answered(released)
    notebook["cells"].sort(key=lambda item: not item["metadata"].get("nbgrader", {}).get("grade", False))
    hand_in(notebook, folder)


def old_release(released, folder):
    """Last year's notebook: no ids, another text of a test, no hidden test of E02."""
    notebook = answered(released)
    cell(notebook, "E01-test")["source"] = "assert conv2d_naive(np.eye(3), np.eye(2)).shape == (2, 2)"
    notebook["cells"].remove(cell(notebook, "E02-hidden"))
    for item in notebook["cells"]:
        item.pop("id", None)
    notebook["nbformat_minor"] = 4
    hand_in(notebook, folder)


STUDENTS = {
    name: function
    for name, function in list(globals().items())
    if callable(function)
    and getattr(function, "__code__", None)
    and function.__code__.co_varnames[:2] == ("released", "folder")
}
