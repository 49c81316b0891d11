"""Resize, Upsample, GridSample and AffineGrid: what the published cases leave out.

    python resample.py      # writes resample.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 6)
ref = dict(by="reference")
none = np.array([], np.float32)


def resize(name, x, scales=None, sizes=None, opset=13, roi=none, grad=False, by="onnxruntime", **kw):
    x = r.floats(*x) if isinstance(x, tuple) else x
    ins = [x, roi, none if scales is None else np.array(scales, np.float32)]
    if sizes is not None:
        ins[2] = none if opset < 13 else None
        ins.append(np.array(sizes))
    r.add("resize-" + name, "Resize", opset, ins, by=by, grad=grad, fixed=(1, 2, 3) if grad else (), **kw)


for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
    for to in ("half_pixel", "asymmetric", "align_corners"):
        resize(f"{nearest}-{to}", (1, 2, 5, 6), sizes=[1, 2, 3, 9], mode="nearest", nearest_mode=nearest, coordinate_transformation_mode=to)
for scales in ([1, 1, 1.5, 0.6], [1, 1, 0.7, 2.3], [1, 1, 2, 3], [1, 1, 0.5, 0.25]):
    tag = "-".join(map(str, scales[2:]))
    for to in ("half_pixel", "pytorch_half_pixel", "asymmetric"):
        kw = dict(scales=scales, coordinate_transformation_mode=to)
        resize(f"linear-{to}-{tag}", (1, 2, 4, 8), mode="linear", grad=to == "half_pixel", **kw)
        resize(f"cubic-{to}-{tag}", (1, 1, 4, 8), mode="cubic", grad=to == "asymmetric", **kw)
    resize(f"nearest-{tag}", (1, 2, 4, 8), mode="nearest", scales=scales)
    resize(f"nearest-11-{tag}", (1, 2, 4, 8), mode="nearest", scales=scales, opset=11, nearest_mode="floor",
           coordinate_transformation_mode="tf_half_pixel_for_nn")
for sizes in ([1, 1, 1, 5], [1, 1, 7, 1]):
    tag = f"{sizes[2]}x{sizes[3]}"
    for to in ("pytorch_half_pixel", "align_corners"):
        resize(f"linear-{to}-{tag}", (1, 1, 4, 3), sizes=sizes, mode="linear", coordinate_transformation_mode=to)
resize("cubic-exclude", (1, 1, 5, 6), sizes=[1, 1, 9, 4], mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5, grad=True)
roi = np.array([0, 0, 0.2, -0.3, 1, 1, 0.7, 1.2], np.float32)
for mode in ("nearest", "linear", "cubic"):
    resize(f"crop-{mode}", (1, 1, 5, 6), sizes=[1, 1, 4, 7], mode=mode, roi=roi, extrapolation_value=9.5,
           coordinate_transformation_mode="tf_crop_and_resize", grad=mode == "linear")
for mode in ("linear", "cubic"):
    for exclude in (0, 1):
        resize(f"antialias-{mode}-{exclude}", (1, 2, 9, 8), sizes=[1, 2, 4, 3], opset=18, mode=mode, antialias=1, exclude_outside=exclude)
resize("antialias-scales", (1, 1, 8, 8), scales=[1, 1, 0.6, 1.5], opset=18, mode="linear", antialias=1, grad=True)
resize("trilinear", (1, 1, 3, 4, 3), sizes=[1, 1, 5, 3, 6], mode="linear", grad=True)
resize("channels-last", (1, 4, 5, 2), sizes=[1, 7, 3, 2], mode="linear", **ref)
resize("all-axes", (2, 3, 4), scales=[2, 0.7, 1.5], mode="linear", **ref)
resize("axes", (2, 3, 4, 5), sizes=[7, 2], opset=18, axes=[3, 1], mode="linear", **ref)
for policy in ("not_larger", "not_smaller"):
    resize(policy, (1, 1, 6, 8), sizes=[7, 9], opset=18, axes=[2, 3], mode="linear", keep_aspect_ratio_policy=policy, **ref)
resize("symmetric", (1, 1, 1, 6), scales=[1, 1, 1, 0.7], opset=19, mode="cubic", coordinate_transformation_mode="half_pixel_symmetric", **ref)
resize("uint8", r.ints(1, 1, 4, 4, low=0, high=256, dtype=np.uint8), sizes=[1, 1, 7, 3], mode="linear", **ref,
       coordinate_transformation_mode="asymmetric")  # without ties
resize("uint8-nearest", r.ints(1, 1, 4, 4, low=0, high=256, dtype=np.uint8), sizes=[1, 1, 8, 3], mode="nearest")
resize("int32-nearest", r.ints(1, 4, 3, low=-9, high=9, dtype=np.int32), scales=[2, 1, 1], mode="nearest")
for mode in ("nearest", "linear"):
    for scales in ([1, 1, 2, 3], [1, 1, 1.5, 2.5]):
        tag = f"{mode}-{scales[2]}"
        r.add("upsample-9-" + tag, "Upsample", 9, [r.floats(1, 2, 3, 4), np.array(scales, np.float32)], mode=mode)
        r.add("upsample-7-" + tag, "Upsample", 7, [r.floats(1, 2, 3, 4)], mode=mode, scales=[float(s) for s in scales])
    for scales in ([1, 1, 0.6, 0.6], [1, 1, 2, 1.3]):
        r.add(f"resize-10-{mode}-{scales[2]}", "Resize", 10, [r.floats(1, 1, 4, 6), np.array(scales, np.float32)], mode=mode)
x = r.floats(1, 1, 2, 2)
r.add("upsample-1", "Upsample", 1, [x], mode="nearest", height_scale=2.0, width_scale=3.0, by="formula",
      want=[x.repeat(2, axis=2).repeat(3, axis=3)])

grid = (r.ints(2, 4, 5, 2, low=-25, high=26) / 16 + 0.013).astype(np.float32)
for mode in ("bilinear", "nearest", "bicubic"):
    for padding in ("zeros", "border", "reflection"):
        for aligned in (0, 1):
            r.add(f"grid-{mode}-{padding}-{aligned}", "GridSample", 16, [r.floats(2, 3, 4, 5), grid], mode=mode, padding_mode=padding,
                  align_corners=aligned, grad=mode != "nearest" and aligned == 0)
volume = (r.ints(1, 2, 2, 3, 3, low=-20, high=21) / 16 + 0.013).astype(np.float32)
for padding in ("zeros", "reflection"):
    r.add(f"grid-volume-{padding}", "GridSample", 20, [r.floats(1, 2, 3, 4, 3), volume], mode="linear", padding_mode=padding, grad=True)
r.add("grid-line", "GridSample", 22, [r.floats(2, 2, 6), grid[:, 0, :, :1]], mode="cubic", padding_mode="reflection", **ref)
for size in ((2, 1, 3, 4), (2, 1, 2, 3, 4)):
    n = len(size) - 2
    for aligned in (0, 1):
        r.add(f"affine-{n}d-{aligned}", "AffineGrid", 20, [r.floats(2, n, n + 1), np.array(size)], align_corners=aligned, grad=True)

r.write()
