"""Every data set has a data sheet that states origin, licence, size and hash."""

import pytest

from dlcourse.data import datasheet, datasheets, mnist, print_datasheet


def test_the_sheet_of_mnist_holds_the_hash_that_the_loader_checks():
    assert mnist.SHA256 in datasheet("mnist-5k")


@pytest.mark.parametrize("name", datasheets())
def test_each_sheet_answers_the_same_questions(name):
    page = datasheet(name)
    for row in ("| Load |", "| Content |", "| Origin |", "| Licence |", "| Size |", "| SHA-256 |"):
        assert row in page, f"{name}: no row {row}"


def test_printing_and_an_unknown_name(capsys):
    print_datasheet("mnist-5k")
    assert capsys.readouterr().out.startswith("# MNIST-5k")
    with pytest.raises(ValueError, match=r"datasheet: 'cifar' is unknown, expected one of .*mnist-5k"):
        datasheet("cifar")
