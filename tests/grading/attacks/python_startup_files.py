"""Files that Python, pip, IPython and the shell read when they start: .pth, pyvenv.cfg, startup scripts."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    for name in (
        "evil.pth",
        "pyvenv.cfg",
        "sitecustomize.py",
        "usercustomize.py",
        ".pythonrc.py",
        ".bashrc",
        ".profile",
        "python311._pth",
        "lib/python3.11/site-packages/evil.pth",
        ".local/lib/python3.11/site-packages/evil.pth",
        "pip.conf",
        "setup.cfg",
        "conftest.py",
        ".ipython/profile_default/startup/00.py",
        ".ipython/profile_default/ipython_config.py",
        ".jupyter/jupyter_config.py",
        "jupyter_nbconvert_config.py",
        "alembic.ini",
        "timestamp.txt.py",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import os; os.system('touch /tmp/PWNED')\nprint('LEAK started')")
    write(notebook, folder)
