#!/usr/bin/env bash
# Times the inference of models in files, ours and ONNX Runtime's and OpenVINO's
# side by side in two rounds, and prints a table for each peer with ratios (peer
# time / our time: above 1 we are faster). Usage: inference.sh FILE.onnx…
set -euo pipefail
cd "$(dirname "$0")/.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
python=${PYTHON:-python3}
seconds=${SECONDS_EACH:-3}
out=.bench
mkdir -p "$out"
CGO_ENABLED=0 go build -o "$out/inference" ./bench/inference
go build -o "$out/table" ./bench/table
: >"$out/inference.lines"
for round in 1 2; do
	"$out/inference" -seconds "$seconds" "$@" | tee -a "$out/inference.lines" >&2
	"$python" bench/inference/peers.py --seconds "$seconds" "$@" | tee -a "$out/inference.lines" >&2
done
for peer in onnxruntime openvino openvino-bf16; do
	"$out/table" -against "$peer" <"$out/inference.lines"
done
