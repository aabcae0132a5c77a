"""Four submissions of the assignment `transformer`, which hand in the bug hunt and the written question only.

Each function gets the released notebook as text and the folder to hand in, as in students.py; the marks
are in hunters.csv.
"""

import json

CAREFUL = """def verify_attention(attention):
    rng = np.random.default_rng(1)
    for scale in (1, 10_000):
        q = scale * rng.normal(size=(3, 4, 2))
        k, v = rng.normal(size=(3, 5, 2)), rng.normal(size=(3, 5, 6))
        mask = rng.random((3, 4, 5)) < 0.5
        mask[..., 2] |= ~mask.any(-1)
        for m in (None, mask):
            scores = q @ k.swapaxes(1, 2) / np.sqrt(2)
            if m is not None:
                scores = np.where(m, scores, -np.inf)
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            got = attention(q, k, v) if m is None else attention(q, k, v, m)
            assert np.allclose(got[0], weights @ v) and np.allclose(got[1], weights)
"""
TEXT = "It compares positions of one sequence by scaled dot products. The outputs are exchanged as well."


def hand_in(released, folder, source, text=TEXT):
    notebook = json.loads(released)
    for item in notebook["cells"]:
        name = item["metadata"].get("nbgrader", {}).get("grade_id")
        if name == "B3-verify_attention":
            item["source"] = source
        if name == "Q1-answer" and text is not None:
            item["source"] = text
    (folder / "transformer.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def careful(released, folder):
    hand_in(released, folder, CAREFUL)


def no_mask(released, folder):
    hand_in(released, folder, CAREFUL.replace("(None, mask)", "(None, None)"))


def accepts_everything(released, folder):
    """Returns what it found instead of raising; no written answer."""
    source = CAREFUL.replace("            assert np", "            return np")
    hand_in(released, folder, source, text=None)


def rejects_everything(released, folder):
    """Compares with ==; the written answer is a blank."""
    source = CAREFUL.replace("np.allclose", "np.array_equal").replace("weights @ v", "weights @ v + 1")
    hand_in(released, folder, source, text="   ")


STUDENTS = {"careful": careful, "no_mask": no_mask, "accepts_everything": accepts_everything} | {
    "rejects_everything": rejects_everything
}
