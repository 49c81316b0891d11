"""Times models in files in ONNX Runtime and OpenVINO as bench/inference does.

    python peers.py --seconds 2 FILE...

Prints lines as bench/table reads them. Random inputs from 0 to 1; the batch axis
is made open. The shortest of many runs counts.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import onnx


def opened(path):
    m = onnx.load(path)
    held = {t.name for t in m.graph.initializer}
    ports = [p for p in m.graph.input if p.name not in held]
    for p in list(ports) + list(m.graph.output):
        dims = p.type.tensor_type.shape.dim
        if dims:
            dims[0].dim_param = "N"
    del m.graph.value_info[:]
    return m, ports


def drawn(port, batch):
    kinds = {1: np.float32, 10: np.float16}
    dims = [d.dim_value or 1 for d in port.type.tensor_type.shape.dim]
    dims[0] = batch
    return np.random.default_rng(1).random(dims).astype(kinds[port.type.tensor_type.elem_type])


def shortest(run, seconds):
    best, begin, n = float("inf"), time.perf_counter(), 0
    while time.perf_counter() - begin < seconds or n < 3:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
        n += 1
    return best * 1e3


def openvino(m, feed, precision, a):
    """Times OpenVINO in a precision: where the processor multiplies bfloat16, its own
    choice would be that, whose numbers have 8 bits of precision."""
    import openvino as ov

    core = ov.Core()
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": a.threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision})
    v = core.read_model(m.SerializeToString())
    v.reshape({name: list(x.shape) for name, x in feed.items()})
    r = core.compile_model(v, "CPU").create_infer_request()
    return shortest(lambda: r.infer(feed), a.seconds), ov.__version__.split("-")[0]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seconds", type=float, default=2)
    args.add_argument("--threads", type=int, default=os.cpu_count())
    args.add_argument("files", nargs="+")
    a = args.parse_args()
    for path in a.files:
        name = os.path.splitext(os.path.basename(path))[0]
        m, ports = opened(path)
        for batch in (1, 32):
            feed = {p.name: drawn(p, batch) for p in ports}
            try:
                import onnxruntime as ort

                o = ort.SessionOptions()
                o.intra_op_num_threads = a.threads
                o.log_severity_level = 3
                s = ort.InferenceSession(m.SerializeToString(), o, providers=["CPUExecutionProvider"])
                t = shortest(lambda: s.run(None, feed), a.seconds)
                print(json.dumps({"bench": f"{name}-{batch}", "side": "onnxruntime", "version": ort.__version__, "ms": t}), flush=True)
            except Exception as e:
                print(f"{name}-{batch}: ONNX Runtime: {e}", file=sys.stderr)
            for side, hint in (("openvino", "f32"), ("openvino-bf16", "bf16")):
                try:
                    t, version = openvino(m, feed, hint, a)
                    print(json.dumps({"bench": f"{name}-{batch}", "side": side, "version": version, "ms": t}), flush=True)
                except Exception as e:
                    print(f"{name}-{batch}: OpenVINO: {e}", file=sys.stderr)


if __name__ == "__main__":
    main()
