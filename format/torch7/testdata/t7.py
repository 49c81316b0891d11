"""Writes values as Torch7's torch.save does (torch/torch7: File.lua,
lib/TH/THDiskFile.c, generic/Tensor.c, generic/Storage.c): for the generators of
samples beside it, which read the binary ones back with torchfile."""
import struct

import numpy as np

KINDS = {"u1": "Byte", "i1": "Char", "i2": "Short", "i4": "Int", "i8": "Long", "f2": "Half", "f4": "Float", "f8": "Double"}


class Obj:
    """An object of a class, of fields; version None is that of the oldest files."""

    def __init__(self, name, fields=None, version="1", **more):
        self.name, self.version, self.fields = name, version, dict(fields or {}, **more)


class Storage:
    def __init__(self, data, kind=None):
        self.data, self.kind = data, kind or KINDS[data.dtype.str[1:]]


class View:
    """A tensor over a storage; offset counts from 0."""

    def __init__(self, storage, offset, size, stride):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride


class Function:
    def __init__(self, code, upvalues, kind=8):
        self.code, self.upvalues, self.kind = code, upvalues, kind


class Writer:
    def __init__(self, ascii=False, long=8):
        self.ascii, self.long, self.out, self.seen, self.keep = ascii, long, [], {}, []

    def words(self, items, fmt, word):
        if self.ascii:
            if len(items):
                self.out.append((" ".join(word(v) for v in items) + "\n").encode())
        else:
            self.out.append(struct.pack("<%d%s" % (len(items), fmt), *items))

    def int(self, v):
        self.words([v], "i", str)

    def longs(self, items):
        self.words([int(v) for v in items], "q" if self.long == 8 else "i", str)

    def double(self, v):
        self.words([v], "d", lambda v: "%.17g" % v)

    def chars(self, b):
        self.out.append(b + (b"\n" if self.ascii and b else b""))

    def text(self, b):
        self.int(len(b))
        self.chars(b)

    def elements(self, a):
        code = a.dtype.str[1:]
        if code in ("u1", "i1"):
            self.chars(a.tobytes())
        elif code == "i8":
            self.longs(a)
        elif self.ascii:
            self.words(a, "", (lambda v: "%.17g" % v) if code == "f8" else (lambda v: "%.9g" % v) if code[0] == "f" else str)
        else:
            self.out.append(a.astype("<" + code).tobytes())

    def again(self, v):
        """Writes the number of v; says whether v was written before."""
        self.keep.append(v)
        new = id(v) not in self.seen
        self.int(self.seen.setdefault(id(v), len(self.seen) + 1))
        return not new

    def torch(self, name, version="1"):
        if version is not None:
            self.text(b"V " + version.encode())
        self.text(name.encode())

    def value(self, v):
        if v is None:
            self.int(0)
        elif isinstance(v, (bool, np.bool_)):
            self.int(5)
            self.int(int(v))
        elif isinstance(v, (int, float)):
            self.int(1)
            self.double(v)
        elif isinstance(v, (str, bytes)):
            self.int(2)
            self.text(v.encode() if isinstance(v, str) else v)
        elif isinstance(v, Function):
            self.function(v)
        elif isinstance(v, (dict, list, tuple)):
            self.int(3)
            if not self.again(v):
                self.table(v)
        else:
            self.int(4)
            if not self.again(v):
                self.object(v)

    def function(self, f):
        self.int(f.kind)
        if f.kind == 6 or not self.again(f):
            self.text(f.code)
            self.value(f.upvalues)

    def table(self, v):
        items = list(v.items()) if isinstance(v, dict) else list(enumerate(v, 1))
        self.int(len(items))
        for k, x in items:
            self.value(k)
            self.value(x)

    def object(self, v):
        if isinstance(v, Obj):
            self.torch(v.name, v.version)
            self.value(v.fields)
        elif isinstance(v, Storage):
            self.torch("torch.%sStorage" % v.kind)
            self.longs([len(v.data)])
            self.elements(v.data)
        elif isinstance(v, View):
            self.torch("torch.%sTensor" % v.storage.kind)
            self.tensor(v.size, v.stride, v.offset, v.storage)
        else:
            a = np.asarray(v)
            flat = Storage(np.ascontiguousarray(a).reshape(-1))
            self.torch("torch.%sTensor" % flat.kind)
            stride = [int(np.prod(a.shape[i + 1 :])) for i in range(a.ndim)]
            self.tensor(a.shape, stride, 0, flat if a.size else None)

    def tensor(self, size, stride, offset, storage):
        if storage is None:
            size = stride = ()
        self.int(len(size))
        self.longs(size)
        self.longs(stride)
        self.longs([offset + 1])
        self.value(storage)


def dump(v, ascii=False, long=8):
    w = Writer(ascii, long)
    w.value(v)
    return b"".join(w.out)
