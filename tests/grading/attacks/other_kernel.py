"""A kernel that starts a shell, and a name that is a path."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    notebook["metadata"] = {
        "kernelspec": {
            "name": "../../bash",
            "argv": ["touch", "/tmp/PWNED"],
            "display_name": "x",
            "language": "bash",
        },
        "language_info": {"name": "bash"},
    }
    write(notebook, folder)
