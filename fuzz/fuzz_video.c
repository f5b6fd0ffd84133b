/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_video.c: AVI, MP4, Matroska and GIF: walked through, numbered, decoded, grey and salvaged. Small inputs only:
 * the decoders are FFmpeg's, what is sought here is in how limpid asks them.
 */
#include "io/video.h"

#include "replay.h"

enum { MOST_INPUT = 1 << 16, MOST_PIXELS = 1 << 22 };

static void read_ends(const lmp_source *source)
{
    const lmp_format *f = &source->stream.format;
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    const size_t stride = (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
    if (f->n_times < 1 || stride == 0) abort();
    if (budget_new(1 << 30, &budget, NULL) != LMP_OK) abort();
    void *pixels = f->height * f->width < MOST_PIXELS ? malloc(stride) : NULL;
    const int64_t numbers[3] = {f->n_times - 1, 0, f->n_times / 2};
    for (int i = 0; i < 3 && pixels != NULL; i++) {
        const lmp_frames frames = {.first = numbers[i],
                                   .count = 1,
                                   .rows = f->height,
                                   .width = f->width,
                                   .n_colours = f->n_colours,
                                   .type = f->type,
                                   .data = pixels,
                                   .stride = stride};
        if (source->read_frames(source->state, &frames, budget, &err) != LMP_OK && err.text[0] == '\0') abort();
    }
    free(pixels);
    budget_free(budget);
}

static void load(const lmp_io *io, const char *path, const lmp_open_options *options)
{
    lmp_source source = {0};
    lmp_error err = {0};
    if (io->open(path, options, &source, &err) != LMP_OK) {
        if (err.text[0] == '\0' || source.stream.own != NULL) abort();
        return;
    }
    read_ends(&source);
    source.close(source.state);
    stream_clear(&source.stream);
    json_decref(source.facts);
    free(source.warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const lmp_io *const formats[] = {&lmp_io_avi, &lmp_io_mp4, &lmp_io_matroska, &lmp_io_gif};
    const lmp_open_options plain = {.struct_size = sizeof plain};
    const lmp_open_options salvaged = {.struct_size = sizeof salvaged, .salvage = 1, .grey = 1, .size_ratio = 0.5};
    if (size > MOST_INPUT) return 0;
    const char *path = replay_put("a.video", bytes, size);
    for (size_t i = 0; i < 4; i++) {
        if (formats[i]->detect(bytes, size, path) < 100) continue;
        load(formats[i], path, &plain);
        load(formats[i], path, &salvaged);
    }
    return 0;
}
