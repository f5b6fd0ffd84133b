/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_zarr.c: a Zarr array: its .zarray, a 0 byte, and one chunk, which stands where arrays of 2 to 5 dimensions have
 * their first.
 */
#include "io/array/zarr.h"

#include "replay_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const chunks[] = {"0.0", "0.0.0", "0.0.0.0", "0.0.0.0.0"};
    const uint8_t *end = memchr(bytes, 0, size);
    const size_t n = end == NULL ? size : (size_t)(end - bytes), skipped = end == NULL ? n : n + 1;
    const lmp_open_options movie = {.struct_size = sizeof movie},
                           loaded = {.struct_size = sizeof movie, .grey = 1, .size_ratio = 0.4};
    (void)replay_put(".zarray", bytes, n);
    for (size_t i = 0; i < 4; i++) (void)replay_put(chunks[i], bytes + skipped, size - skipped);
    replay_movie(&lmp_io_zarr, replay_folder, &movie, true);
    replay_movie(&lmp_io_zarr, replay_folder, &loaded, true);
    return 0;
}
