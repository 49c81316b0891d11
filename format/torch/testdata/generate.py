"""Writes the samples of torch_test.go and safetensors twins of their tensors.
PyTorch 2, NumPy and safetensors:

    python format/torch/testdata/generate.py
"""
import inspect
import os
import zipfile

import numpy as np
import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
path = lambda name: os.path.join(here, name)
torch.manual_seed(1)

base = torch.arange(24, dtype=torch.float32) / 7
shared = torch.randn(3, 4)
types = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
typed = {str(d).split(".")[1]: (torch.randn(5) * 3).to(d) for d in types}
tensors = {
    "views": {
        "plain": base.view(2, 3, 4), "transposed": base.view(4, 6).t(), "permuted": base.view(2, 3, 4).permute(2, 0, 1),
        "offset": base[5:17], "strided": base.view(4, 6)[1:, ::2], "expanded": base[3:4].expand(4, 2), "column": base.view(6, 4)[:, 1],
        "empty": torch.empty(0, 3), "scalar": torch.tensor(2.5), "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    },
    "types": typed,
    "tied": {"a": shared, "b": shared, "c": shared[1]},
}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 3, 3)
        self.bn = torch.nn.BatchNorm2d(3)
        self.fc = torch.nn.Linear(3, 4)
        self.scale = torch.nn.Parameter(torch.randn(1))

    def forward(self, x):
        return self.fc(self.bn(self.conv(x)).mean((2, 3))) * self.scale + torch.ones(4)


def flat(v, name=""):
    if isinstance(v, torch.Tensor):
        yield name, v.detach().contiguous().clone()
    elif isinstance(v, dict):
        for k, x in v.items():
            yield from flat(x, name + "." + str(k) if name else str(k))
    elif isinstance(v, (list, tuple)):
        for k, x in enumerate(v):
            yield from flat(x, name + "." + str(k) if name else str(k))


def twin(name, v):
    save_file(dict(flat(v)), path(name))


def rewrite(old, new, change):
    """Writes an archive again, with the entries changed and without those about
    the machine that it was made on."""
    with zipfile.ZipFile(path(old)) as z:
        writer = torch._C.PyTorchFileWriter(path(new))
        for info in z.infolist():
            name = info.filename.split("/", 1)[1]
            if name not in ("version", ".data/serialization_id") and not name.endswith(".debug_pkl"):
                data = change(name, z.read(info))
                writer.write_record(name, data, len(data))
        writer.write_end_of_file()
    os.remove(path(old))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
net(torch.randn(2, 2, 5, 5)).sum().backward()
opt.step()
checkpoint = {
    "model": net.state_dict(), "optimizer": opt.state_dict(), "parameter": net.scale, "epoch": 3, "name": "net 이해", "best": np.float64(0.75),
    "done": True, "none": None, "loss": 0.5, "big": 2**70, "size": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.float16,
    **tensors,
}
twin("checkpoint.safetensors", checkpoint)
torch.save(checkpoint, path("checkpoint_zip.pt"))
torch.save(checkpoint, path("checkpoint_legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(checkpoint, path("checkpoint_protocol4.pt"), pickle_protocol=4)
torch.save(torch.arange(3), path("alone.pt"))

new = {str(d).split(".")[1]: torch.tensor([0.5, -2, 1, 3]).to(d) for d in
       [torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu]}
new |= {str(d).split(".")[1]: torch.tensor([1, 2, 250, 3]).to(d) for d in [torch.uint16, torch.uint32, torch.uint64]}
tagged = torch.randn(2)
tagged.note = "an attribute"
new |= {"tagged": tagged, "array": np.arange(6, dtype=">i4").reshape(2, 3).T, "number": np.int16(-7)}
torch.save(new, path("new_types.pt"))
torch.save(new, path("new_types_legacy.pt"), _use_new_zipfile_serialization=False)
save_file({k: v.view(torch.uint8) for k, v in new.items() if isinstance(v, torch.Tensor)}, path("new_types.safetensors"))

torch.jit.save(torch.jit.script(net.eval()), path("script.tmp"))
rewrite("script.tmp", "script.pt", lambda name, data: data)
twin("script.safetensors", net.state_dict())
SHIFT = torch.arange(4.0)  # becomes a constant
plain = Net.forward
Net.forward = lambda self, x: plain(self, x) + SHIFT
torch.jit.save(torch.jit.trace(net, torch.randn(2, 2, 5, 5)), path("trace.tmp"))
rewrite("trace.tmp", "trace.pt", lambda name, data: data)

torch.serialization.set_crc32_options(False)
torch.save({"a": base}, path("no_checksum.pt"))
torch.serialization.set_crc32_options(True)

# The same values as on a machine that is big-endian.
torch.save({"a": base, "b": torch.arange(3, dtype=torch.int16)}, path("little.tmp"))


def big(name, data):
    if name == "byteorder":
        return b"big"
    if name.startswith("data/"):
        return np.frombuffer(data, "u4" if name == "data/0" else "u2").byteswap().tobytes()
    return data


rewrite("little.tmp", "big_endian.pt", big)


# What must be refused.
class Evil:
    def __reduce__(self):
        return os.system, ("touch executed",)


torch.save({"w": base, "x": Evil()}, path("bad_system.pt"))
torch.save({"w": base, "x": Evil()}, path("bad_system_legacy.pt"), _use_new_zipfile_serialization=False)
torch.save({"w": base, "x": Evil()}, path("bad_system_protocol4.pt"), pickle_protocol=4)
torch.save(torch.nn.Linear(2, 2), path("bad_module.pt"))
inspect.getsourcefile, inspect.getsourcelines = lambda c: "linear.py", lambda c: (["class Linear: pass\n"], 0)
torch.save(torch.nn.Linear(2, 2), path("bad_module_legacy.pt"), _use_new_zipfile_serialization=False)
torch.save({"q": torch.quantize_per_tensor(base, 0.1, 0, torch.qint8)}, path("bad_quantised.pt"))
torch.save({"s": torch.eye(3).to_sparse()}, path("bad_sparse.pt"))
torch.save({"c": torch.zeros(2, dtype=torch.complex64)}, path("bad_complex.pt"))
torch.save({"m": torch.empty(3, device="meta")}, path("bad_meta.pt"))
