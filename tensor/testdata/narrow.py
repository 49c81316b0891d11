# Writes narrow.bin: what ml_dtypes makes of codes and of numbers. All
# little-endian: n, n float32 numbers (ml_dtypes rounds float64 to float32 first);
# then for each type in the order below the float64 values of the codes 0 to 255
# and the n codes of the numbers.
#
#   python tensor/testdata/narrow.py        (pip install ml_dtypes numpy)
import pathlib
import struct
import warnings

import ml_dtypes
import numpy as np

warnings.simplefilter("ignore")
types = ["float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn"]
rng = np.random.default_rng(1)
numbers = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e38, -1e38, 1e-45, 2.0**-127, 2.0**-128, 2.0**127, 1.5 * 2.0**127]
codes = np.arange(256, dtype=np.uint8)
for t in types:
    v = codes.view(getattr(ml_dtypes, t)).astype(np.float64)
    v = np.unique(v[np.isfinite(v)])
    middle = np.float32((v[1:] + v[:-1]) / 2)
    middle = middle[rng.permutation(len(middle))[:150]]
    numbers += [*middle, *np.nextafter(middle, np.float32(np.inf)), *np.nextafter(middle, np.float32(-np.inf))]
wide = np.exp2(rng.uniform(-20, 18, 1500)) * rng.choice([-1, 1], 1500)
wider = np.exp2(rng.uniform(-140, 127, 300)) * rng.choice([-1, 1], 300)
near = rng.uniform(-8, 8, 500)
numbers = np.concatenate([numbers, wide, wider, near]).astype("<f4")
out = struct.pack("<I", len(numbers)) + numbers.tobytes()
for t in types:
    d = getattr(ml_dtypes, t)
    out += codes.view(d).astype("<f8").tobytes() + numbers.astype(d).view(np.uint8).tobytes()
pathlib.Path(__file__).with_name("narrow.bin").write_bytes(out)
