.DEFAULT_GOAL := help
.PHONY: help check test race fuzz bench peers gen golden size

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'
check: ## everything that main must pass
	bash .ci/run
test: ## the tests
	go test ./...
race: ## the concurrent packages under the race detector
	CGO_ENABLED=1 go test -race -short ./exec ./data ./train
fuzz: ## each fuzz target for 30 s
	@for p in $$(go list ./...); do for f in $$(go test -list 'Fuzz.*' $$p | grep ^Fuzz); do go test -run '^$$' -fuzz "^$$f$$" -fuzztime 30s $$p || exit 1; done; done
bench: ## the benchmarks of the kernels
	go test -run '^$$' -bench . ./kernel
peers: ## ours and the peers side by side (bench/README.md says what it needs)
	bash bench/peers.sh
gen: ## make the generated files again
	go generate ./... && git diff --exit-code
golden: ## accept what the programs print now
	go test ./cmd/ihae -update
size: ## lines of Go by folder
	@git ls-files '*.go' | xargs wc -l | awk '{n=split($$2,p,"/"); d=(n>1)?p[1]:"."; s[d]+=$$1} END {for (d in s) print s[d], d}' | sort -rn
