/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_images.c: PNG, JPEG (with HIKMICRO's block) and BMP images, loaded as they are, grey, smaller and salvaged.
 */
#include "replay.h"

extern const lmp_io lmp_io_jpeg, lmp_io_png, lmp_io_bmp;

/* What opens has a frame of the size it says; reading fills it or says why not. */
static void load(const lmp_io *io, const char *path, const lmp_open_options *options)
{
    lmp_source source = {0};
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    if (io->open(path, options, &source, &err) != LMP_OK) {
        if (err.text[0] == '\0' || source.stream.own != NULL) abort();
        return;
    }
    const lmp_format *f = &source.stream.format;
    if (budget_new(1 << 28, &budget, NULL) != LMP_OK) abort();
    const size_t stride = (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
    void *pixels = stride < 1 << 26 ? malloc(stride) : NULL;
    const lmp_frames frames = {.count = 1,
                               .rows = f->height,
                               .width = f->width,
                               .n_colours = f->n_colours,
                               .type = f->type,
                               .data = pixels,
                               .stride = stride};
    if (pixels != NULL && source.read_frames(source.state, &frames, budget, &err) != LMP_OK && err.text[0] == '\0')
        abort();
    free(pixels);
    budget_free(budget);
    source.close(source.state);
    stream_clear(&source.stream);
    json_decref(source.facts);
    free(source.warnings);
}

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
        for (size_t k = 0; k < 3; k++) load(formats[i], path, &variants[k]);
    }
    return 0;
}
