/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_images.c: PNG, JPEG (with HIKMICRO's block) and BMP images, loaded as they are, grey, smaller and salvaged.
 */
#include "replay_frames.h"

extern const lmp_io lmp_io_jpeg, lmp_io_png, lmp_io_bmp;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const lmp_io *const formats[] = {&lmp_io_png, &lmp_io_jpeg, &lmp_io_bmp};
    const lmp_open_options variants[] = {
        {.struct_size = sizeof variants[0]},
        {.struct_size = sizeof variants[0], .grey = 1, .size_ratio = 0.3, .salvage = 1},
        {.struct_size = sizeof variants[0], .size_ratio = 0.5}};
    const char *path = replay_put("a.img", bytes, size);
    for (size_t i = 0; i < 3; i++) {
        if (formats[i]->detect(bytes, size, path) == 0) continue;
        for (size_t k = 0; k < 3; k++) replay_movie(formats[i], path, &variants[k], true);
    }
    return 0;
}
