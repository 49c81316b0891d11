# Writes what NumPy makes of the same arrays: stored.npz, deflated.npz and, for
# versions 2 and 3 of the header, v2.npy and v3.npy. Element [i j k] of an array
# of shape [2 3 4] is 100i + 10j + k, of bools whether that is odd. With written.npz beside it,
# which the Go tests write with -update, it checks that NumPy reads that too.
#
#   python format/npz/testdata/numpy_files.py        (pip install numpy)
import io
import pathlib
import sys

import numpy as np

here = pathlib.Path(__file__).parent
i, j, k = np.indices((2, 3, 4))
base = 100 * i + 10 * j + k


def array(descr):
    return (base % 2 == 1) if descr.endswith("b1") else base.astype(descr)


descrs = ["|b1", "|i1", "|u1"] + [o + t for o in "<>" for t in ("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8")]
arrays = {}
for d in descrs:
    for order in "CF":
        a = np.asarray(array(d), dtype=d, order=order)
        arrays[f"{'big' if d[0] == '>' else 'little'}/{d[1:]}{order}"] = a
arrays["conv/kernel:0"] = np.float32(0.5)  # no axes
arrays["빈 배열"] = np.zeros((3, 0, 2), np.int16)
np.savez(here / "stored.npz", **arrays)
np.savez_compressed(here / "deflated.npz", **arrays)
for v in (2, 3):
    f = io.BytesIO()
    np.lib.format.write_array(f, array("<f4"), version=(v, 0))
    (here / f"v{v}.npy").write_bytes(f.getvalue())

written = here / "written.npz"
if written.exists():
    with np.load(written) as z:
        assert z.files == ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "a/scalar", "empty"], z.files
        for name in z.files[:12]:
            want = array("|b1") if name == "b1" else base.astype(name)
            assert z[name].dtype == want.dtype and np.array_equal(z[name], want), name
        assert z["a/scalar"].shape == () and z["a/scalar"] == np.pi and z["empty"].shape == (3, 0, 2)
    print("written.npz is what NumPy expects", file=sys.stderr)
