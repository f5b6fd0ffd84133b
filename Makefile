# The front door. Every target does its own set-up; the work is in scripts/ and meson.build.
.PHONY: build demo test bench soak format docs clean

build:
	scripts/setup.sh build
	scripts/build.sh build

demo: build
	scripts/demo.sh

test:
	scripts/setup.sh build test
	scripts/test.sh

# BENCH_LONG=1 adds the recording of an hour, a moving movie of 100,000 frames and a series of 40 GB.
bench:
	scripts/setup.sh build bench
	scripts/build.sh build
	scripts/bench.sh

# The long checks: fuzzing and random kills for SOAK_SECONDS (an hour) each.
soak:
	scripts/setup.sh build test
	scripts/soak.sh

format:
	scripts/setup.sh format
	scripts/format.sh

# The pages and the schema that come from the registry.
docs: build
	scripts/generate_docs.sh docs

clean:
	rm -rf build build-* demo
