"""Makes the files beside it, in several of the forms that the HDF5 library has
written over the years, and golden.json.gz, which is what h5py reads from them.

    python make.py

Tested with h5py 3.16.0 (HDF5 2.0.0)."""
import gzip, hashlib, json, os
import h5py, numpy as np
from h5py import h5a, h5d, h5f, h5p, h5s, h5t

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(1)
utf8 = h5py.string_dtype()


def bfloat16():
    t = h5t.IEEE_F32LE.copy()
    t.set_fields(15, 7, 8, 0, 7)
    t.set_size(2)
    t.set_ebias(127)
    return t


def raw(group, name, typ, data, layout=None, early=False, partial=False):
    """A dataset by the low-level interface."""
    p = h5p.create(h5p.DATASET_CREATE)
    if layout is not None: p.set_layout(layout)
    if early: p.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    if isinstance(early, tuple): p.set_chunk(early)
    d = h5d.create(group.id, name.encode(), typ, h5s.create_simple(data.shape), p)
    d.write(h5s.ALL, h5s.ALL, data, typ)


def numbers(g):
    for t in "f2 f4 f8 >f4 >f8 >i2 >u8 i1 i2 i4 i8 u1 u2 u4 u8".split():
        kind = np.dtype(t)
        v = rng.integers(0, 100, (2, 3)) if kind.kind != "f" else rng.standard_normal((2, 3))
        g[t.replace(">", "big-")] = v.astype(kind)
    g["bool"] = np.array([True, False, True])
    raw(g, "bfloat16", bfloat16(), np.array([0x3f80, 0xc000, 0x7f80], "<u2"))
    g["scalar"] = np.float32(2.5)
    g["none"] = np.zeros((0, 3), "f4")
    g["null"] = h5py.Empty("f4")
    g["enum"] = np.array([1, 5], h5py.enum_dtype({"A": 1, "B": 5}, basetype="i2"))
    raw(g, "compact", h5t.NATIVE_INT16, np.arange(5, dtype="i2"), layout=h5d.COMPACT)
    d = g.create_dataset("late", (4,), "f4", fillvalue=7)  # never written
    raw(g, "early", h5t.NATIVE_INT32, np.arange(6, dtype="i4"), early=True)


def strings(g):
    g["fixed"] = np.array([b"ab", b"cdef", b""], "S4")
    g["variable"] = np.array(["하나", "", "three"], dtype=utf8)
    g["one"] = "a text"
    t = h5t.C_S1.copy(); t.set_size(6); t.set_strpad(h5t.STR_SPACEPAD)
    raw(g, "spaces", t, np.array([b"ab    ", b"      "], "S6"))
    t = h5t.C_S1.copy(); t.set_size(6); t.set_strpad(h5t.STR_NULLTERM)
    raw(g, "terminated", t, np.array([b"ab\0cd", b"x"], "S6"))
    g["many"] = np.array(["text %d" % i * (i % 7) for i in range(400)], dtype=utf8)


def chunks(g, latest):
    a = np.arange(7 * 11, dtype="f4").reshape(7, 11)
    g.create_dataset("plain", data=a, chunks=(3, 4))
    g.create_dataset("gzip", data=a, chunks=(3, 4), compression="gzip")
    g.create_dataset("all", data=a, chunks=(3, 4), compression="gzip", shuffle=True, fletcher32=True)
    g.create_dataset("sum", data=a, chunks=(3, 4), fletcher32=True)
    g.create_dataset("odd", data=np.arange(9, dtype="u1"), chunks=(3,), fletcher32=True)
    g.create_dataset("one", data=a, chunks=(7, 11), compression="gzip")
    g.create_dataset("one-plain", data=a, chunks=(7, 11))
    g.create_dataset("wide", data=a, chunks=(20, 20), maxshape=(None, None))
    g.create_dataset("grows", data=a, chunks=(3, 4), maxshape=(None, 11))
    g.create_dataset("grows-inside", data=a.reshape(7, 11, 1), chunks=(3, 4, 1), maxshape=(8, None, 1), compression="gzip")
    g.create_dataset("grows-twice", data=a, chunks=(3, 4), maxshape=(None, None))
    g.create_dataset("grows-twice-gzip", data=a, chunks=(3, 4), maxshape=(None, None), compression="gzip")
    g.create_dataset("bounded", data=a, chunks=(3, 4), maxshape=(20, 40))
    d = g.create_dataset("holes", (9, 9), "i4", chunks=(2, 2), fillvalue=-3, compression="gzip")
    d[4:6, 2:5] = 8
    d = g.create_dataset("shrunk", data=a, chunks=(3, 4), maxshape=(None, 11))
    d.resize((4, 5))
    g.create_dataset("noise", data=rng.integers(0, 256, 300).astype("u1"), chunks=(100,), compression="gzip")
    g.create_dataset("text", data=np.array([b"ab", b"cd", b"ef"], "S2"), chunks=(2,), compression="gzip")
    if latest:
        raw(g, "implicit", h5t.IEEE_F32LE, a, layout=h5d.CHUNKED, early=(3, 4))
        d = g.create_dataset("paged", (3000,), "u1", chunks=(1,), fillvalue=9)
        d[0], d[1500], d[2999] = 1, 2, 3
        d = g.create_dataset("growing", (150_000,), "u1", chunks=(1,), maxshape=(None,), fillvalue=9)
        for i in (0, 3, 4, 19, 20, 100, 1000, 5000, 140_000, 149_999): d[i] = i % 7
        d = g.create_dataset("tree", (60, 50), "u1", chunks=(1, 1), maxshape=(None, None))
        d[::2, :] = 1


def attributes(o):
    o.attrs["text"] = "값"
    o.attrs["bytes"] = np.bytes_("fixed")
    o.attrs["list"] = np.array([b"kernel:0", b"bias:0"])
    o.attrs["words"] = np.array(["가", "나다"], dtype=utf8)
    o.attrs["number"] = np.float32(1.5)
    o.attrs["numbers"] = np.arange(6, dtype=">i2").reshape(2, 3)
    o.attrs["empty"] = np.zeros((0,), "f4")
    o.attrs["flag"] = np.bool_(True)


def groups(f):
    g = f.create_group("deep/er/and/deeper")
    g.attrs["here"] = 1
    f["many/target"] = np.int8(1)
    for i in range(300):
        f["many/link-%03d" % i] = f["many/target"]
    f["deep/loop"] = f["deep"]
    f["deep/soft"] = h5py.SoftLink("/many/target")
    f["deep/out"] = h5py.ExternalLink("other.h5", "/x")
    f["dense"] = np.int8(2)
    for i in range(60):
        f["dense"].attrs["a-%02d" % i] = i
    f["dense"].attrs["large"] = np.arange(12000, dtype="f4")
    f["refused/compound"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
    f["refused/vector"] = np.array([np.arange(2), np.arange(3)], dtype=h5py.vlen_dtype("i4"))
    f["refused"].create_dataset("lzf", data=np.zeros(100, "f4"), compression="lzf")


def describe(o):
    """What h5py reads from an array."""
    space = o.id.get_space() if isinstance(o, h5py.Dataset) else None
    v = o[()] if isinstance(o, h5py.Dataset) else o
    if isinstance(v, h5py.Empty):
        return {"null": True}
    if isinstance(v, (str, bytes)):
        return {"dims": [], "text": [v if isinstance(v, str) else v.decode()]}
    v = np.asarray(v)
    if v.dtype.kind in "SO":
        return {"dims": list(v.shape), "text": [x if isinstance(x, str) else bytes(x).decode() for x in v.ravel()]}
    if isinstance(o, h5py.Dataset) and o.name.endswith("bfloat16"):
        f = np.asarray(v, "f4")
        v, name = (f.view("u4") >> 16).astype("u2"), "bfloat16"
    else:
        name = v.dtype.name
    little = np.ascontiguousarray(v).astype(v.dtype.newbyteorder("<"))
    r = {"dims": list(v.shape), "type": name, "sha256": hashlib.sha256(little.tobytes()).hexdigest()}
    if v.size <= 20 and name != "bfloat16": r["values"] = np.asarray(v, "f8").ravel().tolist()
    return r


def dump(f):
    out = {}

    def walk(path, o, seen):
        r = {"attrs": {k: describe(o.attrs[k]) for k in o.attrs}}
        if isinstance(o, h5py.Group):
            r["links"] = sorted(o)
            for k in o:
                link = o.get(k, getlink=True)
                if not isinstance(link, h5py.HardLink) or k in ("loop",) or path == "/many" and k > "link-003" and k != "target":
                    continue
                walk(path.rstrip("/") + "/" + k, o[k], seen)
        elif not path.startswith("/refused"):
            r["data"] = describe(o)
        out[path] = r

    walk("/", f["/"], set())
    return out


def write(name, version, fill, **options):
    path = os.path.join(here, name + ".h5")
    with h5py.File(path, "w", libver=version, **options) as f:
        fill(f)
    with h5py.File(path, "r") as f:
        golden = dump(f)
    with open(path, "rb") as f: data = f.read()
    os.remove(path)
    with open(path + ".gz", "wb") as f:
        f.write(gzip.compress(data, 9, mtime=0))
    print(name, len(data), os.path.getsize(path + ".gz"))
    return golden


def small(f):
    """Little of much, to begin fuzzing from."""
    f["g/x"] = np.arange(3, dtype="f4")
    f.create_dataset("g/c", data=np.arange(30, dtype="i2").reshape(5, 6), chunks=(3, 4), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("g/e", data=np.arange(5, dtype="i2"), chunks=(2,), maxshape=(None,))
    f["g/s"] = np.array(["a", "bc"], dtype=utf8)
    f.attrs["a"], f.attrs["b"] = "text", np.array([b"x", b"yz"])
    for i in range(9): f["g"].attrs["a%d" % i] = np.int8(i)


def large(f, latest, long):
    numbers(f.create_group("numbers"))
    strings(f.create_group("strings"))
    chunks(f.create_group("chunks"), latest)
    attributes(f)
    attributes(f["numbers/f4"])
    if long:
        # Attributes of the old form hold 64 kB each; Keras cuts longer texts.
        f.attrs["long0"], f.attrs["long1"] = np.bytes_("x" * 30000), np.bytes_("y" * 20000)
    groups(f)


def main():
    golden = {
        "earliest": write("earliest", "earliest", lambda f: large(f, False, True)),
        "v108": write("v108", ("earliest", "v108"), lambda f: large(f, False, False), userblock_size=1024),
        "v110": write("v110", ("v110", "v110"), lambda f: large(f, True, False)),
        "latest": write("latest", "latest", lambda f: large(f, True, False)),
    }
    write("small-earliest", "earliest", small)
    write("small-latest", "latest", small)
    with open(os.path.join(here, "golden.json.gz"), "wb") as f:
        f.write(gzip.compress(json.dumps(golden, ensure_ascii=False, indent=1, sort_keys=True).encode(), 9, mtime=0))


main()
