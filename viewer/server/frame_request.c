/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_request.c: checks what is asked of a movie against what it has.
 */
#include "frame_request.h"

static bool has_frame_asked(request *r, const opened *o)
{
    const int64_t frame = request_integer(r, "frame");
    if (frame < o->format->n_times) return true;
    answer_error(r, 400, "frame=%lld: %s has %lld frames, counted from 0.", (long long)frame, o->label,
                 (long long)o->format->n_times);
    return false;
}

static bool has_part_asked(request *r, const opened *o, frame_part *part)
{
    const lmp_format *f = o->format;
    part->x = request_integer(r, "x");
    part->y = request_integer(r, "y");
    part->width = request_has(r, "width") ? request_integer(r, "width") : f->width - part->x;
    part->height = request_has(r, "height") ? request_integer(r, "height") : f->height - part->y;
    if (part->width > 0 && part->height > 0 && part->x <= f->width - part->width && part->y <= f->height - part->height)
        return true;
    answer_error(r, 400,
                 "A part of %lld x %lld pixels from column %lld and row %lld on was asked for, the images of %s have "
                 "%lld x %lld.",
                 (long long)part->width, (long long)part->height, (long long)part->x, (long long)part->y, o->label,
                 (long long)f->width, (long long)f->height);
    return false;
}

opened *frame_request_movie(server *s, request *r, bool has_frame, frame_part *part)
{
    opened *o = recording_of(s, r, LMP_MOVIE);
    if (o == NULL) return NULL;
    if ((!has_frame || has_frame_asked(r, o)) && (part == NULL || has_part_asked(r, o, part))) return o;
    recording_release(s, o);
    return NULL;
}

bool frame_request_stretch(request *r, const opened *o, frame_stretch *stretch)
{
    const int64_t n = o->format->n_times, first = request_integer(r, "first"), step = request_integer(r, "step");
    const int64_t there = first < n ? (n - 1 - first) / step + 1 : 0;
    const int64_t count = request_has(r, "count") ? request_integer(r, "count") : there;
    *stretch = (frame_stretch){.first = first, .count = count, .step = step};
    if (count > 0 && count <= there) return true;
    answer_error(r, 400, "Frames %lld, %lld + %lld, ..., %lld of them, were asked for: %s has %lld frames.",
                 (long long)first, (long long)first, (long long)step, (long long)count, o->label, (long long)n);
    return false;
}

void frame_answer_shape(request *r, int64_t height, int64_t width, int64_t n_colours, const char *type)
{
    answer_header(r, "X-Limpid-Shape", "%lld,%lld,%lld", (long long)height, (long long)width, (long long)n_colours);
    answer_header(r, "X-Limpid-Type", "%s", type);
}
