"""Hand in test cells whose stored outputs show full marks."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"text/plain": "4.0"},
                }
            ]
    write(notebook, folder)
