"""Writes jitter.json: what torchvision makes of an image of random samples by
each change of colour. Run it in this folder with torch and torchvision."""
import json

import torch
from torchvision.transforms.v2 import functional as f

torch.manual_seed(0)
image = torch.rand(3, 5, 7)
image[:, 0, 0] = 0.5  # a grey pixel
image[:, 0, 1] = 0.0


def flat(x):
    return [round(v, 6) for v in x.permute(1, 2, 0).flatten().tolist()]


with open("jitter.json", "w") as out:
    json.dump({
        "image": flat(image),
        "brightness 1.4": flat(f.adjust_brightness(image, 1.4)),
        "brightness 0.6": flat(f.adjust_brightness(image, 0.6)),
        "contrast 1.5": flat(f.adjust_contrast(image, 1.5)),
        "contrast 0.3": flat(f.adjust_contrast(image, 0.3)),
        "saturation 1.7": flat(f.adjust_saturation(image, 1.7)),
        "saturation 0": flat(f.adjust_saturation(image, 0.0)),
        "hue 0.2": flat(f.adjust_hue(image, 0.2)),
        "hue -0.4": flat(f.adjust_hue(image, -0.4)),
    }, out, indent=1)
