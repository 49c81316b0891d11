#!/usr/bin/env bash
# Measures ours and the peers side by side and prints the table with ratios
# (peer time / our time: above 1 we are faster). bench/README.md says what it needs.
# ONLY is what the names of the measurements begin with, such as gemm,conv.
set -euo pipefail
cd "$(dirname "$0")/.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
python=${PYTHON:-python3}
seconds=${SECONDS_EACH:-6}
only=${ONLY:-objects,digits,mlp,gpt,attention,lstm,gru,pass,gemm,infer}
out=.bench
mkdir -p "$out"
CGO_ENABLED=0 go build -o "$out/ours" ./bench/ours
go build -o "$out/table" ./bench/table
: >"$out/lines"
keep() { tee -a "$out/lines" >&2; }

# Two rounds, each side in turn, so that a disturbance does not hit one side only.
for round in 1 2; do
	"$out/ours" -seconds "$seconds" -only "$only" | keep
	if "$python" -c 'import torch' 2>/dev/null; then
		"$python" bench/torch_peer.py --seconds "$seconds" --only "$only" | keep
		"$python" bench/torch_attention.py --seconds "$seconds" --only "$only" | keep
	else
		echo "no PyTorch for $python: skipped (set PYTHON)" >&2
	fi
	if [ -x "$out/dnnl_gemm" ] || g++ -O2 -o "$out/dnnl_gemm" bench/dnnl_gemm.cpp -ldnnl 2>/dev/null; then
		"$out/dnnl_gemm" "$(awk "BEGIN{print $seconds/4}")" | keep
	else
		echo "no oneDNN (libdnnl-dev) or no C++ compiler: skipped" >&2
	fi
	for net in objects digits mlp; do
		"$out/ours" -memory "$net" | keep
		if "$python" -c 'import torch' 2>/dev/null; then
			"$python" bench/torch_peer.py --memory "$net" | keep
		fi
	done
	for f in lstm-train gru-train attention-train; do
		"$out/ours" -peak -only "$f" | keep
		if "$python" -c 'import torch' 2>/dev/null; then
			case "$f" in attention*) peer=bench/torch_attention.py ;; *) peer=bench/torch_peer.py ;; esac
			"$python" "$peer" --peak "$f" | keep
		fi
	done
	"$out/ours" -only memory-gpt | keep
	if "$python" -c 'import torch' 2>/dev/null; then
		"$python" bench/torch_attention.py --memory | keep
	fi
done
"$out/table" <"$out/lines"
