"""A class on one machine: JupyterHub with nbgrader's exchange, each student behind walls of their own.

The command is ``deploy/jupyterhub/start``. Nothing here is imported by what a student runs.
"""
