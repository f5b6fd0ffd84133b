/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_cih.c: Photron's camera information headers, in both forms, with a movie of 4 KB beside them.
 */
#include "io/mraw.h"

#include "replay_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t pixels[4096];
    const lmp_open_options plain = {.struct_size = sizeof plain},
                           salvaged = {.struct_size = sizeof plain, .salvage = 1};
    (void)replay_put("a.mraw", pixels, sizeof pixels);
    const char *path = replay_put("a.cihx", bytes, size);
    replay_movie(&lmp_io_mraw, path, &plain, false);
    replay_movie(&lmp_io_mraw, path, &salvaged, false);
    return 0;
}
