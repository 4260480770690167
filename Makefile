# The front door. Meson and Ninja do the work; this installs what is missing (tools/need, package
# names in tools/packages.txt), sets the build folders up (tools/build) and starts things.
#
#   make build     the daemon and the command line, build/onym
#   make run       the quickstart server on 127.0.0.1 and ::1, port 5300
#   make test      everything that must hold, in less than 15 minutes
#   make tidy      only the rules of the house, clang-format, clang-tidy and shellcheck
#   make demo      a server and a resolver, started, asked and stopped; needs no network
#   make fuzz      every fuzz target for FUZZ_SECONDS (60)
#   make bench     side by side with other servers, into docs/benchmarks.md: ten names, or one of
#                  the other zones of bench/zones.py (ZONE=hosts), or a section of
#                  bench/resolvers.py (ZONE=hits-100k; all: ZONE=resolvers, some 50 minutes), as
#                  root
#                  root; updates and transfers: bench/updating.py, bench/transferring.py
#   make bench-all all of those zones, one after the other; some 45 minutes on an idle machine
#   make soak      every test at full size and long fuzzing, into docs/soak.md; hours
#   make install   into PREFIX (/usr/local) below DESTDIR

PREFIX = /usr/local
DESTDIR =
FUZZ_SECONDS = 60
PYTHON = /usr/bin/python3

RELEASE = build -Dbuildtype=release -Db_lto=true -Dprefix=$(PREFIX)
SANITIZED = build-asan -Dbuildtype=debugoptimized -Dtests=true \
  -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all
# -O1: `make test` builds these too, and should not wait long for them.
FUZZED = build-fuzz -Dbuildtype=debugoptimized -Doptimization=1 -Dfuzzers=true \
  -Db_sanitize=address,undefined -Db_lundef=false \
  '-Dc_args=-fno-sanitize-recover=all -fsanitize=fuzzer-no-link' \
  -Dc_link_args=-fsanitize=address,undefined
ZONE = ten
CACHE =
BENCH = --zone $(ZONE) $(if $(CACHE),--cache $(CACHE))

.PHONY: build run test tidy demo fuzz bench bench-all soak install sanitized fuzzed

build:
	@tools/need build
	@exec tools/build $(RELEASE)

run: build
	@exec build/onym serve -c examples/quickstart/onym.yaml

sanitized:
	@tools/need build test servers tidy
	@exec tools/build $(SANITIZED)

test: sanitized fuzzed
	@exec tools/leash test/run

tidy:
	@tools/need build test tidy
	@tools/build -n $(SANITIZED)
	@exec tools/leash test/tidy

demo: build
	@exec tools/leash tools/demo

fuzzed:
	@tools/need build fuzz
	@CC=clang exec tools/build $(FUZZED)

fuzz: fuzzed
	@FUZZ_SECONDS=$(FUZZ_SECONDS) exec tools/leash tools/fuzz

bench:
	@tools/need build test servers bench
	@tools/build $(RELEASE) -Dbenchmarks=true
	@exec tools/leash $(PYTHON) bench/compare.py --onym build/onym --out docs/benchmarks.md $(BENCH)

bench-all:
	@$(MAKE) --no-print-directory bench ZONE=all

soak: sanitized fuzzed
	@exec tools/leash test/run --soak

install: build
	@DESTDIR='$(abspath $(DESTDIR))' exec meson install -C build --no-rebuild
