"""Training and measuring models of either backend."""

from dlcourse.training.evaluation import Evaluation, evaluate, predict
from dlcourse.training.fit import fit
from dlcourse.training.history import History

__all__ = ["Evaluation", "History", "evaluate", "fit", "predict"]
