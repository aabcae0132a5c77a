"""Faults in attention, positions and the transformer's blocks."""

from mutation import Fault

FAULTS = [
    Fault("attention.py", "s = (q_b * (1 / math.sqrt(q.shape[-1]))) @ k_b", "s = q_b @ k_b", "no 1/√d"),
    Fault(
        "attention.py",
        "s = (q_b * (1 / math.sqrt(q.shape[-1])))",
        "s = (q_b * (1 / math.sqrt(q.shape[-2])))",
        "1/√T for 1/√d",
    ),
    Fault(
        "attention.py",
        "np.triu(np.ones((n, n), bool), 1)",
        "np.triu(np.ones((n, n), bool), 0)",
        "no token sees itself",
    ),
    Fault(
        "attention.py",
        "np.triu(np.ones((n, n), bool), 1)",
        "np.triu(np.ones((n, n), bool), 2)",
        "every token sees the next one",
    ),
    Fault(
        "attention.py",
        "np.triu(np.ones((n, n), bool), 1)",
        "np.tril(np.ones((n, n), bool), -1)",
        "the past is hidden, not the future",
    ),
    Fault(
        "attention.py",
        "where=~mask[index]",
        "where=mask[index]",
        "the mask inverted, as in torch.nn.MultiheadAttention",
    ),
    Fault(
        "attention.py", "-np.inf, where=~mask", "-1.0, where=~mask", "masked scores are lowered, not removed"
    ),
    Fault(
        "attention.py",
        "m = s.max(-1, keepdims=True, initial=np.finfo(s.dtype).min)\n        s -= m",
        "m = s.max(-1, keepdims=True)\n        s -= m",
        "a row that sees nothing gives NaN",
    ),
    Fault(
        "attention.py",
        "        dp -= (do_b * o_b).sum(-1, keepdims=True)\n",
        "",
        "softmax backward without the row sum",
    ),
    Fault("attention.py", "        dp *= p\n        ds", "        ds", "softmax backward without P"),
    Fault("attention.py", "= ds @ k_b * scale", "= ds @ k_b", "dQ without 1/√d"),
    Fault(
        "attention.py", "ds.swapaxes(-1, -2) @ (q_b * scale)", "ds.swapaxes(-1, -2) @ q_b", "dK without 1/√d"
    ),
    Fault(
        "attention.py",
        "dk[index][..., keys, :] += ds",
        "dk[index][..., keys, :] = ds",
        "dK of the last block only",
    ),
    Fault(
        "attention.py",
        "dv[index][..., keys, :] += p.swapaxes",
        "dv[index][..., keys, :] = p.swapaxes",
        "dV of the last block only",
    ),
    Fault(
        "attention.py",
        "dv[index][..., keys, :] += (p * kept)",
        "dv[index][..., keys, :] += (p)",
        "dV with the weights before dropout",
    ),
    Fault("attention.py", "            dp *= kept\n", "", "attention dropout without its backward pass"),
    Fault(
        "attention.py",
        "slice(0, stop + S - T if causal else S)",
        "slice(0, stop if causal else S)",
        "the first query, not the last, is lined up with the keys",
    ),
    Fault(
        "attention.py",
        "return max(0, T - S) if causal else 0",
        "return 0",
        "queries without any key in causal attention",
    ),
    Fault(
        "multihead.py",
        "return slice(part * self.embed_dim, (part + 1) * self.embed_dim)",
        "return slice((2 - part) * self.embed_dim, (3 - part) * self.embed_dim)",
        "the blocks of in_proj in the order value, key, query",
    ),
    Fault(
        "multihead.py",
        "return x.reshape(*x.shape[:-1], self.num_heads, -1).swapaxes(-2, -3)",
        "return x.reshape(len(x), self.num_heads, x.shape[1], -1)",
        "heads by reshape alone: time and width get mixed",
    ),
    Fault(
        "multihead.py",
        "    x = x.swapaxes(-2, -3)\n    return x.reshape(*x.shape[:-2], -1)",
        "    return x.reshape(len(x), x.shape[2], -1)",
        "heads put together by reshape alone",
    ),
    Fault(
        "multihead.py",
        "self.in_proj_bias.grad[rows] += dbias",
        "pass",
        "no gradient for the projections' biases",
    ),
    Fault(
        "multihead.py",
        "self.in_proj_weight.grad[rows] += dweight",
        "self.in_proj_weight.grad[rows] = dweight",
        "= for +=",
    ),
    Fault(
        "multihead.py",
        'spread_mask("MultiheadAttention", mask, (B, T, k.shape[-2]))[:, None]',
        'spread_mask("MultiheadAttention", mask, (B, T, k.shape[-2]))[:1, None]',
        "the first mask for the whole batch",
    ),
    Fault(
        "transformer.py",
        "        return x + dropout(branch(norm(x)))\n    return norm(x + dropout(branch(x)))",
        "        return norm(x + dropout(branch(x)))\n    return x + dropout(branch(norm(x)))",
        "pre- and post-norm exchanged",
    ),
    Fault(
        "transformer.py",
        "return norm(x + dropout(branch(x)))",
        "return norm(dropout(branch(x)))",
        "no residual",
    ),
    Fault(
        "transformer.py",
        "return dsum + branch_backward(dropout.backward(dsum))",
        "return branch_backward(dropout.backward(dsum))",
        "the gradient around the branch is forgotten",
    ),
    Fault(
        "transformer.py",
        "return dsum + branch_backward(dropout.backward(dsum))",
        "return dy + branch_backward(dropout.backward(dsum))",
        "post-norm: the gradient around the branch goes past the norm",
    ),
    Fault(
        "transformer.py",
        "return dy + norm.backward(branch_backward(dropout.backward(dy)))",
        "return norm.backward(dy + branch_backward(dropout.backward(dy)))",
        "pre-norm: the gradient around the branch goes through the norm",
    ),
    Fault(
        "transformer.py",
        "return sum(self.self_attn.backward(dy))",
        "return self.self_attn.backward(dy)[0]",
        "x was query, key and value: only one part of its gradient",
    ),
    Fault("transformer.py", "dmemory = dkey + dvalue", "dmemory = dkey", "the memory was key and value"),
    Fault(
        "transformer.py",
        "dmemory = dmemory + dlayer",
        "dmemory = dlayer",
        "the memory's gradient of one layer only",
    ),
    Fault(
        "transformer.py",
        "self.activation = ACTIVATIONS[activation]()",
        "self.activation = ReLU()",
        "the activation argument counts for nothing",
    ),
    Fault(
        "transformer.py",
        "self.norm2 = LayerNorm(d_model, layer_norm_eps, dtype=dtype)",
        "self.norm2 = LayerNorm(d_model, dtype=dtype)",
        "ε does not reach the second norm",
    ),
    Fault(
        "transformer.py",
        "dy = self.dropout.backward(self.linear2.backward(dy))",
        "dy = self.linear2.backward(dy)",
        "the inner dropout without its backward pass",
    ),
    Fault(
        "positional.py",
        "10000.0 ** (-np.arange(0, d_model, 2) / d_model)",
        "10000.0 ** (-np.arange(0, d_model, 2) * 2 / d_model)",
        "2i counted twice in the exponent",
    ),
    Fault(
        "positional.py",
        "table[:, 0::2] = np.sin(angle)\n    table[:, 1::2] = np.cos(",
        "table[:, 0::2] = np.cos(angle)\n    table[:, 1::2] = np.sin(",
        "sine and cosine exchanged",
    ),
    Fault(
        "positional.py",
        "start = 0 if cache is None else cache.length",
        "start = 0",
        "every cached step stands at position 0",
    ),
    Fault(
        "positional.py",
        "self.weight.grad[self._positions] += dy",
        "self.weight.grad[self._positions] = dy",
        "= for +=",
    ),
    Fault(
        "kv_cache.py",
        "concatenate((old_k, k), -2), concatenate((old_v, v), -2)",
        "concatenate((k, old_k), -2), concatenate((v, old_v), -2)",
        "the new keys in front of the old",
    ),
]
