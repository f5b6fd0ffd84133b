/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_pixels.c: pixel formats of codecs to grey or RGB.
 */
#include "io/video/video_pixels.h"

#include "io/video/ffmpeg.h"

#include <stdlib.h>
#include <string.h>

/* ---- What a picture is ------------------------------------------------------------------------------------ */

static bool is_full_range(const AVFrame *frame)
{
    return frame->color_range == AVCOL_RANGE_JPEG || frame->format == AV_PIX_FMT_YUVJ420P ||
           frame->format == AV_PIX_FMT_YUVJ422P || frame->format == AV_PIX_FMT_YUVJ444P ||
           frame->format == AV_PIX_FMT_YUVJ440P || frame->format == AV_PIX_FMT_YUVJ411P;
}

static bool is_plain(const AVPixFmtDescriptor *d)
{
    const uint64_t other = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                           AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
    return (d->flags & other) == 0;
}

static bool has_grey_palette(const AVFrame *frame)
{
    for (int i = 0; i < 256; i++) {
        uint32_t argb;
        memcpy(&argb, frame->data[1] + 4 * i, 4);
        if ((argb & 255) != (argb >> 8 & 255) || (argb & 255) != (argb >> 16 & 255)) return false;
    }
    return true;
}

/* Coded luma of the limited range as 0..255, or 0..65535 from more than 8 bits, rounded. */
static uint16_t *make_levels(int depth)
{
    const int64_t n = (int64_t)1 << depth, unit = n >> 8, low = 16 * unit, span = 219 * unit;
    const int64_t most = depth > 8 ? 65535 : 255;
    uint16_t *levels = malloc((size_t)n * sizeof *levels);
    for (int64_t i = 0; i < n && levels != NULL; i++) {
        const int64_t above = i < low ? 0 : i - low > span ? span : i - low;
        levels[i] = (uint16_t)((above * most + span / 2) / span);
    }
    return levels;
}

static void choose_source(const AVFrame *frame, const AVPixFmtDescriptor *d, bool wants_grey, video_pixels *p)
{
    const bool is_grey = is_plain(d) && d->nb_components <= 2;
    p->depth = d->comp[0].depth;
    p->type = p->depth > 8 ? LMP_UINT16 : LMP_UINT8;
    p->source = VIDEO_FROM_SCALER;
    p->target = p->depth > 8 ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_RGB24;
    p->n_colours = 3;
    if (is_grey || (is_plain(d) && wants_grey)) {
        p->source = VIDEO_FROM_PLANE;
        p->is_luma = !is_grey;
        p->n_colours = 1;
    } else if ((d->flags & AV_PIX_FMT_FLAG_PAL) != 0 && has_grey_palette(frame)) {
        p->source = VIDEO_FROM_PALETTE;
        p->n_colours = 1;
    } else if (d->nb_components == 1 && (d->flags & AV_PIX_FMT_FLAG_BITSTREAM) != 0) {
        p->target = AV_PIX_FMT_GRAY8; /* black and white */
        p->n_colours = 1;
    }
}

lmp_status video_pixels_choose(const AVFrame *frame, bool wants_grey, const char *path, video_pixels *pixels,
                               lmp_error *err)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(frame->format);
    *pixels = (video_pixels){.height = frame->height, .width = frame->width};
    if (d == NULL || (d->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT)) != 0 || d->comp[0].depth > 16 ||
        (!is_plain(d) && sws_isSupportedInput(frame->format) <= 0))
        return lmp_fail(err, LMP_ERR_INPUT, "%s has pixels of the format %s, which limpid does not read; convert it",
                        path, d == NULL ? "unknown" : d->name);
    choose_source(frame, d, wants_grey, pixels);
    if (!pixels->is_luma) return LMP_OK;
    pixels->levels = make_levels(pixels->depth);
    return pixels->levels != NULL ? LMP_OK
                                  : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

void video_pixels_clear(video_pixels *pixels)
{
    free(pixels->levels);
    pixels->levels = NULL;
}

size_t video_pixels_bytes(const video_pixels *p)
{
    return (size_t)(p->height * p->width * p->n_colours) * lmp_type_bytes(p->type);
}

void video_converter_clear(video_converter *converter)
{
    sws_freeContext(converter->scaler);
    av_frame_free(&converter->scaled);
    *converter = (video_converter){0};
}

/* ---- The first component ---------------------------------------------------------------------------------- */

static void take_bytes(const uint8_t *from, int step, int64_t n, const uint16_t *levels, uint8_t *out)
{
    if (levels == NULL && step == 1) {
        memcpy(out, from, (size_t)n);
        return;
    }
    for (int64_t x = 0; x < n; x++) out[x] = levels == NULL ? from[x * step] : (uint8_t)levels[from[x * step]];
}

typedef struct component {
    int step, shift;
    bool is_big_endian;
    unsigned mask;
} component;

static void take_words(const uint8_t *from, const component *c, int64_t n, const uint16_t *levels, uint16_t *out)
{
    for (int64_t x = 0; x < n; x++) {
        uint16_t word;
        memcpy(&word, from + x * c->step, 2);
        if (c->is_big_endian) word = av_bswap16(word); /* the machine is little-endian */
        const unsigned code = word >> c->shift & c->mask;
        out[x] = levels == NULL ? (uint16_t)code : levels[code];
    }
}

/* Full-range luma of 9 to 15 bits to 0..65535. */
static void stretch(uint16_t *values, int64_t n, int depth)
{
    const uint32_t most = (1U << depth) - 1;
    for (int64_t x = 0; x < n; x++) values[x] = (uint16_t)((values[x] * 65535U + most / 2) / most);
}

static bool take_plane(const video_pixels *p, const AVFrame *frame, void *out)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(frame->format);
    if (!is_plain(d) || d->comp[0].depth != p->depth) return false;
    const AVComponentDescriptor *y = &d->comp[0];
    const bool is_full = !p->is_luma || is_full_range(frame);
    const uint16_t *levels = is_full ? NULL : p->levels;
    const component c = {y->step, y->shift, (d->flags & AV_PIX_FMT_FLAG_BE) != 0, (1U << p->depth) - 1};
    for (int64_t row = 0; row < p->height; row++) {
        const uint8_t *from = frame->data[y->plane] + row * frame->linesize[y->plane] + y->offset;
        if (p->type == LMP_UINT8) {
            take_bytes(from, y->step, p->width, levels, (uint8_t *)out + row * p->width);
            continue;
        }
        uint16_t *to = (uint16_t *)out + row * p->width;
        take_words(from, &c, p->width, levels, to);
        if (p->is_luma && is_full && p->depth < 16) stretch(to, p->width, p->depth);
    }
    return true;
}

static bool take_palette(const video_pixels *p, const AVFrame *frame, uint8_t *out)
{
    uint8_t greys[256];
    if (frame->format != AV_PIX_FMT_PAL8) return false;
    for (int i = 0; i < 256; i++) {
        uint32_t argb;
        memcpy(&argb, frame->data[1] + 4 * i, 4);
        greys[i] = (uint8_t)(((argb >> 16 & 255) * 299 + (argb >> 8 & 255) * 587 + (argb & 255) * 114 + 500) / 1000);
    }
    for (int64_t row = 0; row < p->height; row++)
        for (int64_t x = 0; x < p->width; x++)
            out[row * p->width + x] = greys[frame->data[0][row * frame->linesize[0] + x]];
    return true;
}

/* ---- Colours ---------------------------------------------------------------------------------------------- */

static bool prepare_scaler(const video_pixels *p, video_converter *c, const AVFrame *frame)
{
    /* Exact arithmetic, the same on every processor; colours at the full width of the picture. */
    const int flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT;
    const int width = frame->width, height = frame->height;
    c->scaler = sws_getCachedContext(c->scaler, width, height, frame->format, width, height, p->target, flags, NULL,
                                     NULL, NULL);
    if (c->scaler == NULL) return false;
    const int *weights =
        sws_getCoefficients(frame->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : (int)frame->colorspace);
    /* Refused for formats that need no conversion of that kind. */
    (void)sws_setColorspaceDetails(c->scaler, weights, is_full_range(frame), sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
                                   1 << 16, 1 << 16);
    if (c->scaled != NULL) return true;
    c->scaled = av_frame_alloc();
    if (c->scaled == NULL) return false;
    c->scaled->format = p->target;
    c->scaled->width = width;
    c->scaled->height = height;
    return av_frame_get_buffer(c->scaled, 64) == 0; /* rows with room behind them: swscale may write there */
}

static bool take_scaled(const video_pixels *p, video_converter *c, const AVFrame *frame, void *out)
{
    const size_t row_bytes = (size_t)(p->width * p->n_colours) * lmp_type_bytes(p->type);
    if (!prepare_scaler(p, c, frame)) return false;
    if (sws_scale(c->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, c->scaled->data,
                  c->scaled->linesize) != frame->height)
        return false;
    for (int64_t row = 0; row < p->height; row++)
        memcpy((uint8_t *)out + (size_t)row * row_bytes, c->scaled->data[0] + row * c->scaled->linesize[0], row_bytes);
    return true;
}

bool video_pixels_take(const video_pixels *p, video_converter *converter, const AVFrame *frame, void *out)
{
    if (frame->width != p->width || frame->height != p->height) return false;
    if (p->source == VIDEO_FROM_PLANE) return take_plane(p, frame, out);
    if (p->source == VIDEO_FROM_PALETTE) return take_palette(p, frame, out);
    return take_scaled(p, converter, frame, out);
}
