/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_npy.c: NumPy arrays, as signals and as movies.
 */
#include "io/array/npy.h"

#include "replay_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = replay_put("a.npy", bytes, size);
    const lmp_open_options movie = {.struct_size = sizeof movie},
                           salvaged = {.struct_size = sizeof movie, .salvage = 1, .kind = LMP_MOVIE, .rate_hz = 25},
                           loaded = {.struct_size = sizeof movie, .grey = 1, .size_ratio = 0.4};
    replay_open(&lmp_io_npy, path);
    replay_movie(&lmp_io_npy, path, &movie, false);
    replay_movie(&lmp_io_npy, path, &salvaged, false);
    replay_movie(&lmp_io_npy, path, &loaded, false);
    return 0;
}
