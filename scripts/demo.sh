#!/bin/bash
# Makes recordings whose truth is known, an EEG in a scanner and a short movie, corrects them, and says how close to the
# truth the EEG is and what is left of the movie's drifting light.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p demo

say() {
    echo
    echo "\$ $*"
    PATH=$PWD/build:$PATH "$@"
}

say limpid simulate eeg-fmri demo/sim.edf channels=32 seconds=120 clock-ratio=12 missing=3,1 extra=2 \
    tones=3.3,11.9 drift-uv=100 electrode-noise-uv=0.5 --overwrite
say limpid info demo/sim.edf
say limpid eeg-fmri demo/sim.edf demo/clean.bdf --report demo/report.html --truth demo/sim.truth.bdf --overwrite
say limpid score demo/clean.bdf --truth demo/sim.truth.bdf

# The light drifts, flickers and tilts: how bright is the whole frame at the beginning and at the end?
say limpid simulate series demo/movie.tif frames=400 height=200 width=240 --overwrite
say limpid run demo/movie.tif traces ! write demo/movie-raw.csv --overwrite
say limpid run demo/movie.tif subtract from=sliding window=41 lag=-20 edges=shrink ! write demo/movie-clean.tif --overwrite
say limpid run demo/movie-clean.tif traces ! write demo/movie-clean.csv --overwrite
say limpid run demo/movie.truth.npy traces ! write demo/movie-truth.csv --overwrite

# Means over the first and the last 50 frames.
ends() {
    awk -F, -v name="$2" 'NR > 1 { x[NR - 1] = $3 } END {
        for (i = 1; i <= 50; i++) { a += x[i] / 50; b += x[NR - i] / 50 }
        printf "  %-21s %8.3f %8.3f   %+.3f\n", name, a, b, b - a }' "$1"
}
echo
echo "Mean of the frame       first 50  last 50   drift"
ends demo/movie-raw.csv "as recorded"
ends demo/movie-truth.csv "the truth"
ends demo/movie-clean.csv "minus a sliding mean"

cat <<'END'

demo/sim.edf          as the amplifier recorded it, gradient artifact and all
demo/sim.truth.bdf    the same without artifacts
demo/clean.bdf        corrected; demo/report.html shows both: open it in a browser
demo/movie.tif        as the camera recorded it; demo/movie-clean.tif without its background: ImageJ opens both
Next: README.md for the commands, docs/recipes.md for your own recording.
END
