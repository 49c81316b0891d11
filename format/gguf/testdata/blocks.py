# Writes blocks.gguf, a file of random blocks of every kind that is read and one
# that is not, with metadata of every type, and blocks.f32, what the package gguf
# of llama.cpp makes of the blocks: float32, little-endian, in the order of the
# tensors.
#
#   python format/gguf/testdata/blocks.py        (pip install gguf numpy)
import pathlib
import warnings

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Q
from gguf import GGUFValueType as V

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).parent
rng = np.random.default_rng(5)
w = gguf.GGUFWriter(here / "blocks.gguf", "test")
for t, v in [
    (V.UINT8, 200), (V.INT8, -100), (V.UINT16, 60000), (V.INT16, -30000), (V.UINT32, 4000000000), (V.INT32, -2000000000),
    (V.FLOAT32, 1.5), (V.BOOL, True), (V.STRING, "이해"), (V.UINT64, 2**63 + 1), (V.INT64, -2**62), (V.FLOAT64, 0.1),
]:
    w.add_key_value("test." + t.name.lower(), v, t)
w.add_array("test.ints", [1, -2, 3])
w.add_array("test.floats", [0.5, -1.0])
w.add_array("test.bools", [True, False, True])
w.add_array("test.strings", ["a", "", "ㅏ"])
w.add_custom_alignment(64)

# Where the scales of binary16 are, so that they are numbers of a usual size.
halves = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
    "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "MXFP4": [],
}
want = []
for name, at in halves.items():
    q = Q[name]
    elements, size = gguf.GGML_QUANT_SIZES[q]
    rows = 2
    blocks = rng.integers(0, 256, (rows, 256 // elements * 2, size), dtype=np.uint8)
    for a in at:
        d = rng.normal(0, 0.1, blocks.shape[:2]).astype(np.float16)
        blocks[..., a:a + 2] = d[..., None].view(np.uint8)
    if name == "MXFP4":
        blocks[..., 0] = rng.integers(120, 135, blocks.shape[:2])
        blocks[0, :4, 0] = [0, 1, 2, 250]
    data = blocks.reshape(rows, -1)
    w.add_tensor(name, data, raw_dtype=q)
    want.append(gguf.dequantize(data, q).ravel())
for t in (np.float32, np.float16, np.float64, np.int8, np.int16, np.int32, np.int64):
    x = rng.integers(-100, 100, (3, 5)).astype(t)
    w.add_tensor(np.dtype(t).name, x)
    want.append(x.astype(np.float32).ravel())
x = rng.normal(0, 1, (2, 1, 4)).astype(np.float32)
b = gguf.quantize(x, Q.BF16)
w.add_tensor("bfloat16", b, raw_dtype=Q.BF16)
want.append(gguf.dequantize(b, Q.BF16).ravel())
w.add_tensor("IQ2_XXS", rng.integers(0, 256, (1, 66), dtype=np.uint8), raw_dtype=Q.IQ2_XXS)
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()
np.concatenate(want).astype("<f4").tofile(here / "blocks.f32")
