"""Cases of the activation functions, softmax and dropout."""

from dlcourse.conformance.compare import Case


def _real(rng) -> tuple:
    return (3 * rng.standard_normal((3, 4, 5)),)


def _large(rng) -> tuple:
    """exp(x) overflows unless the maximum is subtracted first."""
    return (1e3 * rng.standard_normal((3, 4)),)


CASES = [
    Case("ReLU", lambda nn, rng: nn.ReLU(), _real),
    Case("ReLU, zeros", lambda nn, rng: nn.ReLU(), lambda rng: (rng.integers(-1, 2, (6, 7)).astype(float),)),
    Case("Tanh", lambda nn, rng: nn.Tanh(), _real),
    Case("Sigmoid", lambda nn, rng: nn.Sigmoid(), _real),
    Case("GELU", lambda nn, rng: nn.GELU(), _real),
    Case("Softmax, last axis", lambda nn, rng: nn.Softmax(-1), _real),
    Case("Softmax, middle axis", lambda nn, rng: nn.Softmax(1), _real),
    Case("Softmax, large logits", lambda nn, rng: nn.Softmax(-1), _large),
    Case("LogSoftmax, last axis", lambda nn, rng: nn.LogSoftmax(-1), _real),
    Case("LogSoftmax, middle axis", lambda nn, rng: nn.LogSoftmax(1), _real),
    Case("LogSoftmax, large logits", lambda nn, rng: nn.LogSoftmax(-1), _large),
    Case("Dropout, training", lambda nn, rng: nn.Dropout(0.3, rng=rng), _real),
    Case("Dropout, everything", lambda nn, rng: nn.Dropout(1.0, rng=rng), _real),
    Case("Dropout, evaluation", lambda nn, rng: nn.Dropout(0.3, rng=rng).eval(), _real),
    Case("VariationalDropout", lambda nn, rng: nn.VariationalDropout(0.4, rng=rng), _real),
    Case("VariationalDropout, time first", lambda nn, rng: nn.VariationalDropout(0.4, 0, rng=rng), _real),
]
