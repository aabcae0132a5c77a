"""Faults in optimisers, schedules, initial weights and the frame of modules."""

from mutation import Fault

FAULTS = [
    Fault(
        "optim.py",
        "np.sqrt(v, out=term)\n        term += self.eps if self.eps_hat else self.eps * correction2**0.5",
        "np.sqrt(v + (self.eps if self.eps_hat else self.eps * correction2**0.5), out=term)",
        "ε inside the root",
    ),
    Fault(
        "optim.py",
        "self.eps if self.eps_hat else self.eps * correction2**0.5",
        "self.eps",
        "Keras' place of ε in the paper's form",
    ),
    Fault(
        "optim.py",
        "correction1, correction2 = 1 - beta1**self.steps, 1 - beta2**self.steps",
        "correction1, correction2 = 1.0, 1.0",
        "no bias correction",
    ),
    Fault(
        "optim.py",
        "correction1, correction2 = 1 - beta1**self.steps,",
        "correction1, correction2 = 1 - beta1 ** (self.steps + 1),",
        "t starts at 2",
    ),
    Fault(
        "optim.py",
        "        self.steps += 1\n        for i, p",
        "        self.steps = 1\n        for i, p",
        "the bias correction stays that of step 1",
    ),
    Fault("optim.py", "beta1, beta2 = self.betas", "beta2, beta1 = self.betas", "β₁ and β₂ exchanged"),
    Fault("optim.py", "        term = g * (1 - beta1)\n", "        term = g * 1.0\n", "m without 1 - β₁"),
    Fault("optim.py", "np.multiply(g, g, out=term)", "np.abs(g, out=term)", "|g| for g²"),
    Fault("optim.py", "        w -= term\n", "        w += term\n", "uphill"),
    Fault(
        "optim.py",
        "w *= 1 - self.lr * self.weight_decay",
        "w *= 1 - self.weight_decay",
        "AdamW's decay without the rate",
    ),
    Fault(
        "optim.py",
        "        w *= 1 - self.lr * self.weight_decay\n",
        "        g = g + self.weight_decay * w\n",
        "AdamW as Adam with L2",
    ),
    Fault(
        "optim.py",
        "            v *= self.momentum\n            v += g",
        "            v *= self.momentum\n            v -= g",
        "the sign of the momentum",
    ),
    Fault(
        "optim.py",
        "            v *= self.momentum\n            v += g",
        "            v *= self.momentum\n            v += (1 - self.momentum) * g",
        "momentum as a moving mean",
    ),
    Fault(
        "optim.py", "g + self.momentum * v if self.nesterov else v", "v", "Nesterov without the look ahead"
    ),
    Fault(
        "optim.py",
        "norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in grads)))",
        "norm = max(float(np.sqrt(np.vdot(g, g))) for g in grads)",
        "the largest norm of one tensor, not the global norm",
    ),
    Fault(
        "optim.py",
        "            g *= max_norm / norm\n",
        "            g *= min(1, max_norm / float(np.sqrt(np.vdot(g, g))))\n",
        "clipping tensor by tensor turns the direction",
    ),
    Fault(
        "optim.py",
        "    if norm > max_norm:\n        for g in grads:",
        "    if True:\n        for g in grads:",
        "short gradients are made longer",
    ),
    Fault("schedule.py", "(1 + cos(pi * share)) / 2", "(1 + cos(pi * share / 2)) / 2", "half of the cosine"),
    Fault(
        "schedule.py",
        "min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)",
        "max((step + 1) ** -0.5, (step + 1) * warmup**-1.5)",
        "max for min: the warm-up never ends",
    ),
    Fault(
        "schedule.py", "min(step / steps, 1.0)", "step / steps", "the rate rises again after the last step"
    ),
    Fault(
        "init.py",
        "np.sqrt(6 / ((shape[0] + shape[1]) * field))",
        "np.sqrt(6 / (shape[0] + shape[1]))",
        "the fans of a convolution without P·Q",
    ),
    Fault(
        "init.py",
        "bound = np.sqrt(6 / np.prod(shape[1:]))",
        "bound = np.sqrt(6 / shape[0])",
        "fan_out for fan_in",
    ),
    Fault("init.py", "    q *= np.sign(np.diag(r))\n", "    q = r\n", "R for Q: triangular, not orthogonal"),
    Fault("init.py", "return -b_f, b_f", "return b_f, b_f", "chrono: the input gate starts open, too"),
    Fault(
        "module.py", "            p.grad[...] = 0\n", "            pass\n", "gradients of the last batch stay"
    ),
    Fault(
        "module.py",
        "{name: p.data.copy() for name",
        "{name: p.data for name",
        "a saved state goes on changing",
    ),
    Fault(
        "module.py",
        "for layer in reversed(self.layers):",
        "for layer in self.layers:",
        "the chain rule in the wrong order",
    ),
    Fault(
        "module.py",
        "            module.training = mode\n",
        "            self.training = mode\n",
        "eval() does not reach the children",
    ),
]
