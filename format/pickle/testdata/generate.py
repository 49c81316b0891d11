"""Writes values.p0.pkl to values.p5.pkl, the same values in each protocol, and
values.txt, what they are, for read_test.go. Python 3.11 and NumPy:

    python format/pickle/testdata/generate.py
"""
import json
import os
import pickle
import struct
from collections import OrderedDict, defaultdict

import numpy as np


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slots:
    __slots__ = ("left", "right")


class Stack(list):
    pass


class Table(dict):
    pass


def bits(v):
    return struct.pack(">d", float(v)).hex()


def describe(v):
    """The text that the test makes of what it reads."""
    if v is None or isinstance(v, bool):
        return str(v)
    if isinstance(v, int):
        return str(v)
    if type(v) is float:
        return bits(v)
    if isinstance(v, str):
        return json.dumps(v, ensure_ascii=False)
    if isinstance(v, (bytes, bytearray)):
        return "x" + v.hex()
    if isinstance(v, np.ndarray):
        return "array %s %s %s" % (v.dtype.name, str(list(v.shape)).replace(",", ""), " ".join(bits(x) for x in v.ravel()))
    if isinstance(v, np.generic):
        return "array %s [] %s" % (v.dtype.name, bits(v))
    if isinstance(v, type):
        return "<%s.%s>" % (v.__module__, v.__name__)
    if isinstance(v, Point):
        return "Point{x: %s, y: %s}" % (describe(v.x), describe(v.y))
    if isinstance(v, Slots):
        return "Slots{left: %s, right: %s}" % (describe(v.left), describe(v.right))
    if isinstance(v, list):
        return type(v).__name__.replace("list", "") + "[" + ", ".join(map(describe, v)) + "]"
    if isinstance(v, tuple):
        return "(" + ", ".join(map(describe, v)) + ")"
    if isinstance(v, dict):
        name = "Table" if isinstance(v, Table) else ""
        return name + "{" + ", ".join(describe(k) + ": " + describe(x) for k, x in v.items()) + "}"
    if isinstance(v, (set, frozenset)):
        return "set(" + ", ".join(map(describe, v)) + ")"
    raise TypeError(type(v))


def values(protocol):
    slots = Slots()
    slots.left, slots.right = 1, "r"
    counts = defaultdict(int)
    counts["a"] = 3
    stack = Stack([1, 2])
    table = Table(a=1)
    name = "shared"
    out = [
        None, True, False, 0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, -2**31, 2**31, -2**63, 2**63 - 1, 2**63, -2**63 - 1,
        2**200, -2**200, -128, -129, 0.0, -1.5, 1e300, float("inf"), 0.1,
        "", "text", "한국어 \U0001f600 \\ \n \x00 \\u00e9", "é" * 300, b"", b"\x00\xff'\"\\\n", bytes(range(256)), bytearray(b"changed"),
        [], [1, [2, [3]]], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {}, {"a": 1, "b": {"c": ()}}, {1: 2, (1, "x"): 3, None: 4, b"k": 5},
        {str(i): i for i in range(40)}, OrderedDict([("z", 1), ("a", 2)]), counts, set(), {1, 2, 3}, frozenset(["f"]),
        Point(1, name), Point([name], Point(None, None)), stack, table, Point, complex, list(range(2000)),
        np.arange(6, dtype="<f4").reshape(2, 3), np.arange(6, dtype=">i2").reshape(3, 2), np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
        np.array([True, False]), np.float32(0.1), np.int64(-5), np.arange(3, dtype="f2"), np.zeros((0, 3), "u1"), np.array(7.5),
    ]
    if protocol >= 2:
        out.append(slots)
    return out


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    for p in range(6):
        with open(os.path.join(here, "values.p%d.pkl" % p), "wb") as f:
            pickle.dump(values(p), f, protocol=p)
    with open(os.path.join(here, "values.txt"), "w") as f:
        f.write("".join(describe(v) + "\n" for v in values(5)))
