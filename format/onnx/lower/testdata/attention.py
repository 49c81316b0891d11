"""Attention and its relatives: what the published cases leave out.

    python attention.py      # writes attention.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 4)


def attend(name, q, kv, opset=23, three=False, mask=None, past=None, valid=None, outputs=1, by="onnxruntime", grad=False, **kw):
    """q and kv are [B H L D]; with three axes the heads lie side by side."""
    flat = (lambda s: (s[0], s[2], s[1] * s[3])) if three else (lambda s: s)
    ins = [r.floats(*flat(s), low=-1, high=1) for s in (q, kv, kv)]
    if three:
        kw.update(q_num_heads=q[1], kv_num_heads=kv[1])
    ins.append(mask)
    ins += [None, None] if past is None else [r.floats(kv[0], kv[1], past, kv[3], low=-1, high=1) for _ in range(2)]
    ins.append(None if valid is None else np.array(valid, np.int64))
    while ins[-1] is None:
        ins.pop()
    r.add("attention-" + name, "Attention", opset, ins, outputs, by=by, grad=grad, **kw)


ref = dict(by="reference")
attend("grouped", (2, 4, 3, 4), (2, 2, 5, 4), mask=r.floats(3, 5), grad=True)
attend("grouped-softcap", (2, 4, 3, 4), (2, 2, 5, 4), softcap=1.5, is_causal=1, three=True, grad=True, **ref)
attend("past", (1, 2, 3, 4), (1, 2, 3, 4), past=2, is_causal=1, outputs=3, grad=True, **ref)
attend("bool-and-causal", (2, 2, 4, 4), (2, 2, 4, 4), mask=r.floats(2, 1, 4, 4) > -1, is_causal=1, scale=0.3, **ref)
for mode in range(4):
    attend(f"products-{mode}", (1, 2, 3, 4), (1, 1, 4, 4), mask=r.floats(3, 4), outputs=["y", "", "", "p"],
           qk_matmul_output_mode=mode, softcap=0.0 if mode == 0 else 2.0, **ref)
attend("window", (2, 2, 5, 4), (2, 1, 6, 4), opset=25, left_window_size=2, right_window_size=1, **ref)
attend("window-causal-past", (1, 2, 3, 4), (1, 2, 3, 4), past=4, opset=25, left_window_size=3, is_causal=1, grad=True, **ref)
attend("window-valid", (2, 2, 2, 4), (2, 2, 6, 4), valid=[3, 6], opset=25, left_window_size=1, outputs=["y", "", "", "p"],
       qk_matmul_output_mode=3, **ref)
attend("valid-short-mask", (2, 2, 3, 4), (2, 2, 6, 4), valid=[2, 4], mask=r.floats(3, 4), opset=24, is_causal=1, **ref)

for rule in ("linear", "gated", "delta", "gated_delta"):
    ins = [r.floats(2, 3, 8, low=-1, high=1), r.floats(2, 3, 4, low=-1, high=1), r.floats(2, 3, 6), r.floats(2, 2, 2, 3)]
    ins += [r.floats(2, 3, 4 if rule == "gated" else 2, low=-1, high=0) if "gated" in rule else None]
    ins += [r.floats(2, 3, 2, low=0, high=1)] if "delta" in rule else []
    while ins[-1] is None:
        ins.pop()
    r.add("linear-" + rule, "LinearAttention", 27, ins, 2, q_num_heads=4, kv_num_heads=2, update_rule=rule, grad=True, **ref)

table = r.floats(5, 2, low=-1, high=1), r.floats(5, 2, low=-1, high=1)
r.add("rotary-part", "RotaryEmbedding", 23, [r.floats(2, 3, 12), *table, r.ints(2, 3, low=0, high=5)], num_heads=2,
      rotary_embedding_dim=4, grad=True, **ref)
r.add("rotary-interleaved", "RotaryEmbedding", 23, [r.floats(2, 2, 3, 4), *table, r.ints(2, 3, low=0, high=5)],
      interleaved=1, grad=True, **ref)
r.add("causal-conv", "CausalConvWithState", 27, [r.floats(2, 3, 4), r.floats(3, 1, 3), r.floats(3), r.floats(2, 3, 2)], 2,
      activation="silu", grad=True, **ref)

r.write()
