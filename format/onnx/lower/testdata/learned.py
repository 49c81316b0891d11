"""The operators of classical machine learning, and steps of optimizers: what ONNX
Runtime and ONNX's reference make of them.

    python learned.py      # learned.json.gz
"""

import base64

import numpy as np
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from record import Recorder

r = Recorder(__file__, 8)
transforms = ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT")
count = {}


def case(op, inputs, outputs=1, opset=3, **kw):
    count[op] = count.get(op, 0) + 1
    by = "formula" if "want" in kw else "onnxruntime"
    r.add(f"{op}-{opset}-{count[op]}", op, 20, inputs, outputs, domain="ai.onnx.ml", domain_opset=opset, by=by, **kw)


def numbers(n, low=-1, high=1):
    return r.floats(n, low=low, high=high).tolist()


x = r.floats(4, 3)

# Linear models.
for how in transforms[:4]:
    case("LinearClassifier", [x], 2, coefficients=numbers(3), intercepts=numbers(1), classlabels_ints=[10, 20], post_transform=how)
    case("LinearClassifier", [x], 2, coefficients=numbers(9), intercepts=numbers(3), classlabels_ints=[7, 8, 9], post_transform=how)
    case("LinearRegressor", [x], coefficients=numbers(6), intercepts=numbers(2), targets=2, post_transform=how)
case("LinearRegressor", [x * 0.1 + 0.1], coefficients=[0.5, 0.25, 0.25], intercepts=[0.25], post_transform="PROBIT")
case("LinearClassifier", [x], 2, coefficients=numbers(9), intercepts=numbers(3), classlabels_strings=["a", "b", "c"])
case("LinearClassifier", [r.ints(4, 3, low=-3, high=4)], 2, coefficients=numbers(3), intercepts=numbers(1), classlabels_strings=["no", "yes"])
case("LinearClassifier", [x.astype(np.float64)], 2, coefficients=numbers(6), intercepts=numbers(2), classlabels_ints=[1, 2])
case("LinearRegressor", [x], coefficients=numbers(3), grad=True)

# Features.
for norm in ("MAX", "L1", "L2"):
    case("Normalizer", [np.vstack([x, np.zeros((1, 3), np.float32)])], norm=norm)
    case("Normalizer", [r.ints(2, 3, low=-3, high=4)], norm=norm)
case("Normalizer", [x[0]], norm="L2", grad=True)
case("Scaler", [x], offset=[1.0, 2.0, 3.0], scale=[2.0, 3.0, 4.0], grad=True)
case("Scaler", [r.ints(2, 3, low=-3, high=4)], offset=[1.5], scale=[2.0])
case("Scaler", [x[0]], offset=[1.0], scale=[0.5])
holes = np.float32([[1, np.nan, 3], [np.nan, 2, 0]])
case("Imputer", [holes], imputed_value_floats=[7.0, 8.0, 9.0], replaced_value_float=float("nan"))
case("Imputer", [holes[1:]], imputed_value_floats=[7.0], replaced_value_float=0.0)
case("Imputer", [np.int64([[1, 0, 3]])], imputed_value_int64s=[7, 8, 9], replaced_value_int64=3)
case("Binarizer", [x], threshold=0.25)
case("Binarizer", [np.int64([-1, 0, 1])], threshold=-0.5, want=[np.int64([0, 1, 1])])
for places in ([0, 2], [[1]], [[0], [1]]):
    case("ArrayFeatureExtractor", [x, np.int64(places)])
case("ArrayFeatureExtractor", [x[0], np.int64([1, 2])])
case("ArrayFeatureExtractor", [np.array([["a", "b"], ["c", "d"]], object), np.int64([1])])
case("FeatureVectorizer", [x, x[:, :1]], inputdimensions=[3, 1])
case("FeatureVectorizer", [x, x[:, :1]], inputdimensions=[2, 2])
case("FeatureVectorizer", [np.int64([1, 2]), np.int64([3])], inputdimensions=[2, 2])
words = np.array(["a", "b", "z"], object)
case("OneHotEncoder", [np.int64([1, 5, 2])], cats_int64s=[1, 2])
case("OneHotEncoder", [np.float32([[1, 2.9]])], cats_int64s=[1, 2])
case("OneHotEncoder", [words], cats_strings=["b", "a"])
case("CategoryMapper", [words[None]], cats_strings=["a", "b"], cats_int64s=[3, 4])
case("CategoryMapper", [np.int64([3, 9])], cats_strings=["a", "b"], cats_int64s=[3, 4], default_string="u")
case("LabelEncoder", [words], opset=1, classes_strings=["b", "a"])
case("LabelEncoder", [np.int64([0, 1, 2, -1])], opset=1, classes_strings=["b", "a"], default_string="q")
case("LabelEncoder", [words], opset=2, keys_strings=["b", "a"], values_int64s=[5, 6])
case("LabelEncoder", [np.int64([1, 2])], opset=2, keys_int64s=[1], values_floats=[0.5])
case("LabelEncoder", [np.float32([1, 2])], opset=2, keys_floats=[1.0], values_strings=["one"])
case("LabelEncoder", [np.float32([[1, 2]])], opset=2, keys_floats=[1.0], values_floats=[3.0], default_float=4.0)
nan = float("nan")
case("LabelEncoder", [np.float32([1, nan, 2])], opset=4, keys_floats=[nan, 1.0], values_strings=["n", "one"],
     want=[np.array(["one", "n", "_Unused"], object)])
case("LabelEncoder", [np.int64([1, 2])], opset=4, keys_int64s=[1, 1], values_int64s=[3, 4], want=[np.int64([4, -1])])
case("LabelEncoder", [np.int32([1, 2])], opset=4, keys_tensor=helper.make_tensor("k", T.INT32, [1], [1]),
     values_tensor=helper.make_tensor("v", T.INT16, [1], [3]), default_tensor=helper.make_tensor("d", T.INT16, [1], [4]), want=[np.int16([3, 4])])


# Trees: a full one of depth 2 for each number, all questions.
def forest(trees, votes, weights, ids, **kw):
    """Leaves 3 to 6 of each tree vote with weights for each of ids."""
    modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
    n = range(trees)
    asked = [modes[(3 * t + i) % 6] if i < 3 else "LEAF" for t in n for i in range(7)]
    at = dict(
        nodes_treeids=[t for t in n for _ in range(7)], nodes_nodeids=list(range(7)) * trees,
        nodes_featureids=[(t + i) % 3 for t in n for i in range(7)], nodes_values=r.floats(7 * trees, low=-1, high=1).tolist(),
        nodes_modes=asked, nodes_truenodeids=[1, 3, 5, 0, 0, 0, 0] * trees, nodes_falsenodeids=[2, 4, 6, 0, 0, 0, 0] * trees,
        nodes_missing_value_tracks_true=[i % 2 for i in range(7 * trees)],
    )
    cast = [(t, leaf, i) for t in n for leaf in range(3, 7) for i in ids]
    at[votes + "_treeids"] = [c[0] for c in cast]
    at[votes + "_nodeids"] = [c[1] for c in cast]
    at[votes + "_ids"] = [c[2] for c in cast]
    at[votes + "_weights"] = [weights() for _ in cast]
    return at | kw


after = {1: lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True), 2: lambda z: 1 / (1 + np.exp(-z))}
signed = lambda: float(r.floats(1, low=-1, high=1)[0])
positive = lambda: float(r.floats(1, low=0, high=1)[0]) / 4
wild = r.floats(40, 3)
wild[::7, 1] = nan
for agg in ("SUM", "AVERAGE", "MIN", "MAX"):
    case("TreeEnsembleRegressor", [wild], **forest(4, "target", signed, [0], n_targets=1, aggregate_function=agg, base_values=[0.5]))
    case("TreeEnsembleRegressor", [wild], **forest(3, "target", signed, [0, 1], n_targets=2, aggregate_function=agg))
for how in transforms[1:4]:
    case("TreeEnsembleRegressor", [wild], **forest(3, "target", signed, [0, 1], n_targets=2, post_transform=how))
case("TreeEnsembleRegressor", [wild.astype(np.float64)], **forest(2, "target", signed, [0], n_targets=1))
for how in transforms[:4]:
    case("TreeEnsembleClassifier", [wild], 2, **forest(4, "class", positive, [0], classlabels_int64s=[10, 20], post_transform=how))
    case("TreeEnsembleClassifier", [wild], 2, **forest(4, "class", signed, [0], classlabels_int64s=[10, 20], post_transform=how))
    case("TreeEnsembleClassifier", [wild], 2, **forest(3, "class", signed, [0, 1, 2], classlabels_int64s=[10, 20, 30], post_transform=how,
                                                       base_values=[0.25, 0.5, -0.5]))
case("TreeEnsembleClassifier", [wild], 2, **forest(4, "class", signed, [0], classlabels_int64s=[10, 20], base_values=[0.125]))
case("TreeEnsembleClassifier", [wild], 2, **forest(3, "class", positive, [1], classlabels_strings=["no", "yes"]))
case("TreeEnsembleClassifier", [wild], 2, **forest(3, "class", signed, [0, 1, 2], classlabels_strings=["a", "b", "c"]))
case("TreeEnsembleClassifier", [r.ints(9, 3, low=-2, high=3)], 2, **forest(3, "class", signed, [0, 1, 2], classlabels_int64s=[1, 2, 3]))
for way, how in ((0, 0), (1, 0), (2, 0), (3, 3), (1, 1), (1, 2)):
    case("TreeEnsemble", [wild], opset=5, n_targets=2, aggregate_function=way, post_transform=how, tree_roots=[0, 2],
         nodes_featureids=[0, 1, 2], nodes_modes=helper.make_tensor("m", T.UINT8, [3], [0, 3, 5]),
         nodes_splits=helper.make_tensor("s", T.FLOAT, [3], [0.25, -0.5, 1]), nodes_truenodeids=[0, 1, 2], nodes_falsenodeids=[1, 2, 3],
         nodes_trueleafs=[1, 1, 1], nodes_falseleafs=[0, 1, 1], leaf_targetids=[0, 1, 0, 1],
         leaf_weights=helper.make_tensor("w", T.FLOAT, [4], [1.5, -0.5, 2, 0.75]),
         **({} if how in (0, 3) else dict(want=[after[how](raw)])))  # ONNX Runtime has the numbers 1 and 2 exchanged
    if way == 1 and how == 0:
        raw = numpy_helper.to_array(T.FromString(base64.b64decode(r.cases[-1]["out"]["out0"])))

# Support vector machines.
shape = dict(kernel_params=[0.5, 0.25, 3.0])
for kind in ("LINEAR", "POLY", "RBF", "SIGMOID"):
    case("SVMRegressor", [x], coefficients=numbers(4), rho=numbers(1), n_supports=4, support_vectors=numbers(12), kernel_type=kind, grad=True, **shape)
    case("SVMClassifier", [x], 2, coefficients=numbers(5), rho=numbers(1), support_vectors=numbers(15), vectors_per_class=[2, 3],
         classlabels_ints=[10, 20], kernel_type=kind, **shape)
case("SVMRegressor", [x], coefficients=numbers(4), rho=numbers(1), n_supports=4, support_vectors=numbers(12), kernel_type="RBF", one_class=1, **shape)
for how in transforms[:4]:
    two = dict(support_vectors=numbers(9), vectors_per_class=[2, 1], kernel_type="RBF", post_transform=how, **shape)
    case("SVMClassifier", [x], 2, coefficients=numbers(3), rho=numbers(1), classlabels_ints=[10, 20], **two)
    case("SVMClassifier", [x], 2, coefficients=numbers(3), rho=numbers(1), prob_a=[-1.25], prob_b=[0.25], classlabels_ints=[10, 20], **two)
    three = dict(support_vectors=numbers(18), vectors_per_class=[2, 1, 3], kernel_type="RBF", post_transform=how, **shape)
    case("SVMClassifier", [x], 2, coefficients=numbers(12), rho=numbers(3), classlabels_ints=[10, 20, 30], **three)
    case("SVMClassifier", [x], 2, coefficients=numbers(12), rho=numbers(3), prob_a=[-1.25, -0.75, -1.0], prob_b=[0.25, 0.125, -0.125],
         classlabels_strings=["a", "b", "c"], **three)
    case("SVMClassifier", [x], 2, coefficients=numbers(9), rho=numbers(1), classlabels_ints=[10, 20, 30], post_transform=how, **shape)

# Steps of optimizers, the first of them and later ones; two parameters at once.
def step(op, states, **kw):
    for count in (0, 3):
        p, g = [r.floats(2, 3), r.floats(4)], [r.floats(2, 3), r.floats(4)]
        s = [r.floats(*x.shape, low=0, high=1) for _ in range(states) for x in p]
        r.add(f"{op}-{kw.get('mode', '')}{count}", op, 20, [np.float32(0.125), np.int64(count), *p, *g, *s], 2 + 2 * states,
              domain="ai.onnx.preview.training", by="reference", **kw)


step("Adagrad", 1, norm_coefficient=0.25, decay_factor=0.5, epsilon=0.125)
step("Adam", 2, norm_coefficient=0.25, norm_coefficient_post=0.125, alpha=0.75, beta=0.875, epsilon=0.125)
step("Momentum", 1, norm_coefficient=0.25, alpha=0.75, beta=0.5, mode="standard")
step("Momentum", 1, norm_coefficient=0.25, alpha=0.75, beta=0.5, mode="nesterov")

r.write()
