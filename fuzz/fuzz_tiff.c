/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_tiff.c: TIFF files. Directories are checked when a file is opened; what is compressed may turn out to be damaged
 * while it is read.
 */
#include "io/tiff/tiff.h"

#include "replay_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = replay_put("a.tif", bytes, size);
    const lmp_open_options whole = {.struct_size = sizeof whole},
                           salvaged = {.struct_size = sizeof whole, .salvage = 1, .grey = 1};
    replay_movie(&lmp_io_tiff, path, &whole, true);
    replay_movie(&lmp_io_tiff, path, &salvaged, true);
    return 0;
}
