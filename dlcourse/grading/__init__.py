"""Grading: nbgrader's gradebook and pages, with a safe way to read and run what students hand in.

``intake`` reads a submitted notebook as data, ``worker`` runs its cells in a sandboxed process,
``score`` runs the tests here and only asks that process for the values of the student's functions.
Nothing that a learner runs imports this package.
"""
