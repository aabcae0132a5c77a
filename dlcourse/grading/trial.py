"""Does an inner sandbox work inside the outer one? Run there once: ``python -m dlcourse.grading.trial``."""

import os
import sys

from dlcourse.grading.inner import new_namespaces, private_folders
from dlcourse.grading.sandbox import python_folders

new_namespaces()
child = os.fork()
if child == 0:
    try:
        private_folders(list(python_folders()), 1 << 20)
    except OSError as problem:
        sys.stderr.write(f"{problem}\n")
        os._exit(1)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0)
