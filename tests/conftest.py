"""What every test needs."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _data_of_the_tests(tmp_path_factory):
    """What tests solve is not the progress of who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCOURSE_DATA", str(tmp_path_factory.mktemp("data")))
        yield
