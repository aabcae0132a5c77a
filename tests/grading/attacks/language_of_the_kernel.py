"""A notebook for a kernel that is a command, in a language that pages highlight by a program of their own."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    notebook["metadata"] = {
        "kernelspec": {
            "name": "../../../../tmp/PWNED",
            "language": "bash",
            "argv": ["touch", "/tmp/PWNED"],
            "display_name": "<script>alert(1)</script>",
        },
        "language_info": {
            "name": "<script>alert(1)</script>",
            "pygments_lexer": "../../evil",
            "codemirror_mode": {"name": "x"},
            "version": "9",
        },
        "title": "<script>alert(1)</script>",
        "authors": [{"name": "</title><script>alert(1)</script>"}],
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        "dlcourse": {"remarks": ["LEAK: full marks"], "sentences": {"E01-test": "LEAK"}, "review": False},
    }
    for cell in notebook["cells"]:
        cell["metadata"]["magics_language"] = "<script>alert(1)</script>"
        cell["metadata"]["tags"] = ["remove_cell", "raises-exception", "<script>"]
    write(notebook, folder)
