"""Checks models that package export wrote with the format's own checker and with ONNX Runtime.

    IHAE_ONNX_DIR=DIR go test ./format/onnx/export -run TestOperationsComeBack
    python format/onnx/export/testdata/check.py DIR

DIR holds node/CASE/model.onnx with test_data_set_0/{input,output}_N.pb beside it. What ONNX Runtime has no
code for is run by the format's reference implementation. With names after DIR only these cases are run. The
last line counts; the exit code is 1 if any case differs.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnx.checker
import onnx.numpy_helper
import onnx.reference
import onnxruntime as ort

# Where the format leaves open what is to happen, or nobody but us runs it.
KNOWN = {
    "convert_12": "what a Cast makes of numbers outside the range of uint64 is undefined",
    "cum-log-sum-exp_7": "the runtime has no Atanh of float64, the reference no reversed Scan",
    "cum-max_13": "the runtime has no Where of uint64, the reference no reversed Scan",
    "cum-min_13": "the runtime has no Where of uint64, the reference no reversed Scan",
    "pow_4": "the runtime computes powers of integers in floating-point numbers, which do not wrap around",
    "pow_5": "the runtime computes powers of integers in floating-point numbers, which do not wrap around",
}


def tensor(path):
    t = onnx.TensorProto()
    t.ParseFromString(path.read_bytes())
    return onnx.numpy_helper.to_array(t)


def numbers(folder, kind):
    return [tensor(folder / f"{kind}_{i}.pb") for i in range(len(list(folder.glob(f"{kind}_*.pb"))))]


def by_runtime(path, inputs):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs)))


def by_reference(model, inputs):
    names = [i.name for i in model.graph.input]
    return onnx.reference.ReferenceEvaluator(model).run(None, dict(zip(names, inputs)))


def lacking(error):
    """Whether the runtime has no code for the operator or its types, valid as they are."""
    text = str(error)
    return any(s in text for s in ("NOT_IMPLEMENTED", "Could not find an implementation", "Unsupported model IR", "is under development", "NotImplemented", "Numpy", "is not supported with"))


def run(folder):
    """Returns who ran the case and what differs, None for nothing."""
    path = folder / "model.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inputs, want = numbers(folder / "test_data_set_0", "input"), numbers(folder / "test_data_set_0", "output")
    who = "runtime"
    if any(x.dtype.isbuiltin != 1 for x in inputs + want):
        who = "reference"
    else:
        try:
            got = by_runtime(path, inputs)
        except Exception as e:
            if not lacking(e):
                raise
            who = "reference"
    if who == "reference":
        got = by_reference(model, inputs)
    return who, differs(got, want)


def differs(got, want):
    for k, (g, w) in enumerate(zip(got, want, strict=True)):
        g = np.asarray(g)
        if g.dtype != w.dtype or g.shape != w.shape:
            return f"result {k} is {g.dtype}{list(g.shape)}, want {w.dtype}{list(w.shape)}"
        if g.size == 0:
            continue
        if w.dtype == bool or np.issubdtype(w.dtype, np.integer):
            if not np.array_equal(g, w):
                return f"result {k}: {np.count_nonzero(g != w)} of {g.size} differ"
            continue
        tolerance = {"float16": 4e-3, "bfloat16": 4e-2}.get(w.dtype.name, 1e-4)
        a, b = g.astype(np.float64), w.astype(np.float64)
        finite = b[np.isfinite(b)]
        most = max(1, np.abs(finite).max()) if finite.size else 1
        if not np.allclose(a, b, rtol=tolerance, atol=tolerance * most, equal_nan=True):
            return f"result {k} is off by {np.nanmax(np.abs(a - b))}"
    return None


def main(root, only):
    count = {"runtime": 0, "reference": 0}
    failed = 0
    for folder in sorted((pathlib.Path(root) / "node").iterdir()):
        if only and folder.name not in only:
            continue
        try:
            who, wrong = run(folder)
            count[who] += 1
        except Exception as e:
            wrong = f"{type(e).__name__}: {str(e)[:600]}"
        case = folder.name.rsplit("_", 1)[0]
        if wrong and case in KNOWN:
            print(f"{folder.name}: {wrong} (known: {KNOWN[case]})")
        elif wrong:
            failed += 1
            print(f"{folder.name}: {wrong}")
    print(f"{sum(count.values())} run, {count['runtime']} by ONNX Runtime {ort.__version__}, {count['reference']} by the reference of onnx {onnx.__version__}; {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
