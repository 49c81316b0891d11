# Writes peer.safetensors with the library of the format itself: a tensor of
# every element type that we read, byte k of each being k mod 2. With
# ours.safetensors beside it, which the Go tests write with -update, it checks
# that the library reads that too.
#
#   python format/safetensors/testdata/peer.py        (pip install safetensors numpy)
import pathlib
import sys

import numpy as np
from safetensors import TensorSpec, deserialize, serialize

here = pathlib.Path(__file__).parent
bits = {
    "bool": 8, "uint8": 8, "int8": 8, "int16": 16, "uint16": 16, "int32": 32, "uint32": 32, "int64": 64, "uint64": 64,
    "float16": 16, "bfloat16": 16, "float32": 32, "float64": 64, "float8_e4m3fn": 8, "float8_e5m2": 8, "float8_e8m0fnu": 8,
    "float8_e4m3fnuz": 8, "float8_e5m2fnuz": 8, "float4_e2m1fn_x2": 8,  # two elements a byte, of which the shape counts bytes
}
keep, specs = [], {}
for name, b in bits.items():
    data = (np.arange(6 * b // 8) % 2).astype(np.uint8)
    keep.append(data)
    specs[name] = TensorSpec(dtype=name, shape=[2, 3], data_ptr=data.ctypes.data, data_len=data.nbytes)
specs["empty"] = TensorSpec(dtype="float32", shape=[0, 3], data_ptr=keep[0].ctypes.data, data_len=0)
(here / "peer.safetensors").write_bytes(serialize(specs, {"format": "np", "이름": "값"}))

ours = here / "ours.safetensors"
if ours.exists():
    got = dict(deserialize(ours.read_bytes()))
    assert len(got) == 20, list(got)
    for name, t in deserialize((here / "peer.safetensors").read_bytes()):
        assert got[name]["shape"] == t["shape"] and got[name]["dtype"] == t["dtype"], (name, got[name])
        assert bytes(got[name]["data"]) == bytes(t["data"]), name
    print("ours.safetensors is what the library expects", file=sys.stderr)
