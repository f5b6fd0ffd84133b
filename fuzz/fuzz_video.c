/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_video.c: AVI, MP4, Matroska and GIF: walked through, numbered, decoded, grey and salvaged. Small inputs only:
 * the decoders are FFmpeg's, what is sought here is in how limpid asks them.
 */
#include "io/video/video.h"

#include "replay_frames.h"

enum { MOST_INPUT = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const lmp_io *const formats[] = {&lmp_io_avi, &lmp_io_mp4, &lmp_io_matroska, &lmp_io_gif};
    const lmp_open_options plain = {.struct_size = sizeof plain};
    const lmp_open_options salvaged = {.struct_size = sizeof salvaged, .salvage = 1, .grey = 1, .size_ratio = 0.5};
    if (size > MOST_INPUT) return 0;
    const char *path = replay_put("a.video", bytes, size);
    for (size_t i = 0; i < 4; i++) {
        if (formats[i]->detect(bytes, size, path) < 100) continue;
        replay_movie(formats[i], path, &plain, true);
        replay_movie(formats[i], path, &salvaged, true);
    }
    return 0;
}
