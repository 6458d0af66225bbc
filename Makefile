# Everything a change is checked with. `make` lists it, `make check` runs it all, as .ci/run does.

GO            ?= go
BIN           := $(CURDIR)/.bin
GOLANGCI_LINT := $(BIN)/golangci-lint
GOFUMPT       := $(BIN)/gofumpt
GOVULNCHECK   := $(BIN)/govulncheck
APIDIFF       := $(BIN)/apidiff
FUZZTIME      ?= 10000x
OPENAPI       ?= $(wildcard ../shared/openapi/atlas-restore-jobs.json)
AROUND        ?= $(wildcard ../shared/openapi/atlas-around-restores.json)
OPERATIONS    ?= $(wildcard ../shared/openapi/operations.txt)
WIRE          ?= $(wildcard ../shared/wire)
MODULES       := . examples bench contract temporal temporal/cmd temporal/devserver
OLDEST        := go1.25.0
# earlier ones crash in parallel tests of testing/synctest, as their runtime allocates without its lock (before
# go1.25.2), or refuse the address http://[::ffff:10.0.0.1] (before go1.25.4)
OLDEST_TESTS  := go1.25.4
# the packages of temporal/cmd that do without the Temporal server, also in their tests
FLEET         := $(addprefix ./internal/,demo display list program workers)

.DEFAULT_GOAL := help
.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# `race` runs the tests of the examples too
CHECKS        := test format tidy vet lint apidiff race fleet allocs oldest windows importer readme contract fuzz interop vuln

.PHONY: check
check: ## everything below that another target does not run too, cheapest first, with the seconds of each
	@for target in $(CHECKS); do \
		start=$$(date +%s); \
		IN_CHECK=1 $(MAKE) --no-print-directory $$target || exit 1; \
		echo "$$target passed in $$(($$(date +%s) - start)) s"; \
	done

.PHONY: test
test: ## the tests, as the README says
	$(GO) test ./...

.PHONY: apidiff
apidiff: $(APIDIFF) ## what breaks users of the last release, which CHANGELOG must name; earlier public tests compile
	scripts/apidiff $(APIDIFF)

# without it, every test binary sleeps for a second at its end
.PHONY: race
race: export GORACE := atexit_sleep_ms=10
race: ## the tests under the race detector, shuffled, and the modules beside
	$(GO) test -race -shuffle=on -count=1 ./...
	cd examples && $(GO) test -race -count=1 $$($(GO) list ./... | grep /examples/) && $(GO) test -count=1 .
	cd bench && $(GO) test -race -count=1 ./...
	cd temporal && $(GO) test -race -count=1 ./...
	cd temporal/cmd && $(GO) test -race -count=1 $(FLEET)
	@echo "not raced: temporal/devserver and what imports it, which would compile the Temporal server a second time"

.PHONY: fleet
fleet: ## a fleet on real worker processes that are killed; the first build of the Temporal server takes minutes
	cd temporal/devserver && $(GO) test -count=1 ./...
	cd temporal/cmd && $(GO) test -count=1 -v ./...

.PHONY: allocs
allocs: ## every benchmark once, and the bounds on allocations
	$(GO) test -run '^$$' -bench . -benchtime 1x -benchmem ./...
	$(GO) test -run 'Alloc' -count=1 -v ./internal/suite/allocations

.PHONY: format
format: $(GOFUMPT) ## gofumpt has nothing to change
	@out=$$(git ls-files '*.go' | xargs $(GOFUMPT) -l); if [ -n "$$out" ]; then echo "gofumpt would change:"; echo "$$out"; exit 1; fi

.PHONY: tidy
tidy: ## go.mod and go.sum hold what is needed and nothing else
	@for m in $(MODULES); do echo "go mod tidy -diff ($$m)"; (cd $$m && GOWORK=off $(GO) mod tidy -diff) || exit 1; done

.PHONY: vet
vet: ## go vet on all modules, and the packages behind build tags
	$(GO) vet ./...
	$(GO) vet -tags interop ./interop/...
	$(GO) vet -tags soak ./internal/suite/soak
	@for m in examples bench contract temporal temporal/cmd temporal/devserver; do echo "go vet ($$m)"; (cd $$m && GOWORK=off $(GO) vet ./...) || exit 1; done

.PHONY: lint
lint: $(GOLANGCI_LINT) ## golangci-lint by .golangci.yml
	$(GOLANGCI_LINT) run --build-tags interop ./...
	@for m in examples bench contract temporal; do echo "golangci-lint ($$m)"; (cd $$m && GOWORK=off $(GOLANGCI_LINT) run --config ../.golangci.yml ./...) || exit 1; done
	@echo "golangci-lint (temporal/cmd: $(FLEET))"; cd temporal/cmd && GOWORK=off $(GOLANGCI_LINT) run --config ../../.golangci.yml $(FLEET)
	@for m in temporal/devserver temporal/cmd; do echo "golangci-lint --fast-only ($$m)"; (cd $$m && GOWORK=off $(GOLANGCI_LINT) run --fast-only --config ../../.golangci.yml ./...) || exit 1; done
	@echo "linted without types: temporal/devserver and what imports it, as the others would read the source of the Temporal server for minutes"

.PHONY: oldest
oldest: ## vet with the oldest Go that go.mod allows, and test with the oldest one that can run the tests
	@for toolchain in $(OLDEST) $(OLDEST_TESTS); do \
		GOTOOLCHAIN=$$toolchain GOWORK=off $(GO) version || { echo "SKIPPED: the toolchain $$toolchain cannot be had here"; exit 0; }; \
	done; \
	GOTOOLCHAIN=$(OLDEST) GOWORK=off $(GO) vet ./... && GOTOOLCHAIN=$(OLDEST_TESTS) GOWORK=off $(GO) test ./...

.PHONY: windows
windows: ## the tests of part files, downloads and journals for Windows, under Wine
	scripts/windows

.PHONY: examples
examples: ## build every example, run their tests
	cd examples && $(GO) test -count=1 ./...

.PHONY: importer
importer: ## a program in an empty folder that imports the module builds and runs
	scripts/importer

.PHONY: readme
readme: ## run the commands that the documents print
	scripts/readme

.PHONY: contract
contract: ## the library and its test server against the vendor's OpenAPI document and recorded answers
	@if [ -z "$(OPENAPI)" ]; then echo "SKIPPED: the vendor's OpenAPI document is not here; set OPENAPI to its path"; fi
	@if [ -z "$(AROUND)" ]; then echo "SKIPPED: the vendor's document about snapshots is not here; set AROUND to its path"; fi
	@if [ -z "$(OPERATIONS)" ]; then echo "SKIPPED: the vendor's list of operations is not here; set OPERATIONS to its path"; fi
	@if [ -z "$(WIRE)" ]; then echo "SKIPPED: the recorded answers of the service are not here; set WIRE to their folder"; fi
	@if [ -n "$(OPENAPI)$(AROUND)$(OPERATIONS)$(WIRE)" ]; then cd contract && \
	RESTOREJOBS_OPENAPI="$(abspath $(OPENAPI))" RESTOREJOBS_OPENAPI_AROUND="$(abspath $(AROUND))" \
	RESTOREJOBS_OPERATIONS="$(abspath $(OPERATIONS))" RESTOREJOBS_WIRE="$(abspath $(WIRE))" $(GO) test -count=1 ./...; fi

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME, a number of runs or a time
	scripts/fuzz $(FUZZTIME)

.PHONY: interop
interop: ## the client and curl against Apache and lighttpd on this machine
	interop/run

.PHONY: bench
bench: ## this library beside other Go clients, in under a minute; `go run ./bench` for all of it
	$(GO) run ./bench -quick

.PHONY: vuln
vuln: $(GOVULNCHECK) ## known vulnerabilities, where their database can be reached
	scripts/vuln $(GOVULNCHECK)

.PHONY: api
api: ## write the listing of the public API
	$(GO) test -run TestPublicAPI ./internal/suite/publicapi -update

$(GOLANGCI_LINT):
	GOWORK=off GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
$(GOFUMPT):
	GOWORK=off GOBIN=$(BIN) $(GO) install mvdan.cc/gofumpt@v0.12.0
$(GOVULNCHECK):
	GOWORK=off GOBIN=$(BIN) $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.1.4
$(APIDIFF):
	GOWORK=off GOBIN=$(BIN) $(GO) install golang.org/x/exp/cmd/apidiff@v0.0.0-20261113113407-e3970619a1a4
