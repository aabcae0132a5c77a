"""Links to secrets beside the notebook, which prints them."""

from dlcourse.grading.attacks import code, write

SAID = "is a symbolic link"


def hand_in(notebook, folder):
    for number, target in enumerate(
        ("../../../gradebook.db", "../../../.grading-seed", "/etc/shadow", "../../../solutions")
    ):
        (folder / f"link{number}").symlink_to(target)
    notebook["cells"].insert(
        0,
        code(
            'import glob\nfor p in glob.glob("**/*", recursive=True): print(p, open(p, errors="replace").read())'
        ),
    )
    write(notebook, folder)
