# The words of this project: run it, test it, prove it, measure it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run build test proof faults bench check format

CHECKED := --explicit-target-dependency-import-check error

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## install the Debian packages that are missing
	@scripts/setup

run: ## build, then run the cloud with a demonstration account under ./data
	@scripts/setup run
	@scripts/build release
	@exec "$$(swift build -c release --show-bin-path)/caiportd" serve --demo --data-dir data $(ARGS)

build: setup ## build everything for development
	@scripts/build debug

test: setup check ## everything CI runs
	@scripts/test

proof: setup check ## the same tests at their full sizes
	@CAIPORT_PROOF=1 scripts/test

faults: setup ## every fault of docs/reliability.md at full size, with its table
	@scripts/faults

bench: setup ## measure, as ratios within one run
	@scripts/build release
	@scripts/bench

check: ## format, import rules, no float near money
	@scripts/check

format: ## put the sources in shape
	@swift format format --in-place --recursive --parallel Package.swift Sources Tests
