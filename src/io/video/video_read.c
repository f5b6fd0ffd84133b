/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_read.c: frames of a video file by their numbers.
 */
#include "io/video/video.h"

#include "io/video/ffmpeg.h"
#include "core/budget.h"
#include "core/recording.h"
#include "core/stream.h"
#include "io/image/image_load.h"
#include "io/video/video_pool.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct video_source {
    video_track track;
    video_pixels pixels;
    image_load load;
    video_pool *pool;
    size_t bytes_per_time;
    int64_t spacing; /* bytes from a raw frame to the next; 0: frames are decoded */
} video_source;

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static lmp_status fail_frame(const video_source *s, int64_t frame, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT,
                    "frame %" PRId64
                    " of %s cannot be decoded; get a sound copy, or salvage it (--salvage) to repeat the frame before",
                    frame, s->track.input.path);
}

/* Several threads cannot say which packet is damaged: decode again with one. */
static lmp_status use_one_thread(video_decoder *d, lmp_error *err)
{
    const video_track *track = d->track;
    video_decoder_close(d);
    return video_decoder_open(track, 1, d, err);
}

/* What went wrong on the way to `frame`, of what was decoded from `start` on; LMP_OK: nothing that matters. */
static lmp_status judge_damage(const video_source *s, const video_decoder *d, int64_t start, int64_t frame,
                               lmp_error *err)
{
    if (s->track.stand_in != NULL) return LMP_OK; /* known, and not asked for */
    const int64_t damaged = d->packet >= 0 ? s->track.packets[d->packet].frame : -1;
    const int64_t begins = s->track.packets[start].frame;
    if (damaged >= 0 && damaged < begins) return LMP_OK; /* shown before the key frame, and not decodable from it */
    return fail_frame(s, damaged >= 0 ? damaged : frame, err);
}

typedef enum { REACHED, NOT_THERE, FAILED, DISTURBED } reach;

/* Decodes forward until the picture of `frame` is in the decoder. */
static reach walk_to(const video_source *s, video_decoder *d, int64_t start, int64_t frame, lmp_status *status,
                     lmp_error *err)
{
    while (true) {
        const video_event event = video_decoder_step(d, status, err);
        if (event == VIDEO_FAILED_READ) return FAILED;
        if (event == VIDEO_END) return NOT_THERE;
        if (event == VIDEO_DAMAGE && d->codec->thread_count > 1 && s->track.stand_in == NULL) return DISTURBED;
        if (event == VIDEO_DAMAGE) {
            *status = judge_damage(s, d, start, frame, err);
            if (*status != LMP_OK) return FAILED;
            continue;
        }
        const int64_t number = s->track.packets[d->packet].frame;
        if (number < 0) continue;
        d->next_frame = number + 1;
        if (number == frame) return REACHED;
        if (number > frame) return NOT_THERE;
    }
}

static lmp_status reach_frame(const video_source *s, video_decoder *d, int64_t frame, lmp_error *err)
{
    int64_t start = video_decoder_start(&s->track, frame);
    const bool goes_on = !d->is_ended && d->next_frame <= frame && d->next_packet >= start;
    if (!goes_on) video_decoder_seek(d, start);
    while (true) {
        lmp_status status = LMP_OK;
        switch (walk_to(s, d, start, frame, &status, err)) {
        case REACHED:
            return LMP_OK;
        case FAILED:
            d->next_frame = INT64_MAX;
            return status;
        case DISTURBED:
            status = use_one_thread(d, err);
            break;
        case NOT_THERE:
            if (start == 0) {
                d->next_frame = INT64_MAX;
                return fail_frame(s, frame, err);
            }
            start = 0; /* not a real key frame: from the beginning */
            break;
        }
        if (status != LMP_OK) return status;
        video_decoder_seek(d, start);
    }
}

static lmp_status take_frame(const video_source *s, video_reader *r, int64_t frame, void *decoded, void *out,
                             lmp_budget *budget, lmp_error *err)
{
    const lmp_status status = reach_frame(s, &r->decoder, frame, err);
    if (status != LMP_OK) return status;
    if (!video_pixels_take(&s->pixels, &r->converter, r->decoder.frame, decoded != NULL ? decoded : out))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "frame %" PRId64 " of %s has another size or pixel format than the first; split the file there",
                        frame, s->track.input.path);
    if (decoded == NULL) return LMP_OK;
    const size_t stride = (size_t)(s->pixels.width * s->pixels.n_colours) * lmp_type_bytes(s->pixels.type);
    return image_load_finish(&s->load, decoded, stride, out, budget, err);
}

static lmp_status take_frames(const video_source *s, video_reader *r, const lmp_frames *out, void *decoded,
                              lmp_budget *budget, lmp_error *err)
{
    const int64_t *stand_in = s->track.stand_in;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < out->count && status == LMP_OK; i++) {
        char *to = (char *)out->data + (size_t)i * out->stride;
        const int64_t frame = stand_in != NULL ? stand_in[out->first + i] : out->first + i;
        if (i > 0 && stand_in != NULL && frame == stand_in[out->first + i - 1])
            memcpy(to, to - out->stride, image_load_bytes(&s->load));
        else
            status = take_frame(s, r, frame, decoded, to, budget, err);
    }
    return status;
}

/* Decoders keep what they hold; it counts as long as one of them works. */
static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    video_source *s = state;
    const bool is_plain = image_load_is_plain(&s->load);
    const size_t scratch = image_load_scratch_bytes(&s->load);
    const size_t own = s->bytes_per_time - scratch;
    void *decoded = NULL;
    video_reader *r = NULL;
    lmp_status status = budget_reserve(budget, own, err);
    if (status != LMP_OK) return status;
    if (!is_plain && (decoded = malloc(video_pixels_bytes(&s->pixels))) == NULL)
        status = video_no_memory(&s->track, err);
    if (status == LMP_OK) status = video_pool_take(s->pool, out->first, &r, err);
    if (status == LMP_OK) {
        status = take_frames(s, r, out, decoded, budget, err);
        video_pool_give(s->pool, r);
    }
    free(decoded);
    budget_release(budget, own);
    return status;
}

/* ---- Lending raw frames ----------------------------------------------------------------------------------- */

static lmp_status view(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err)
{
    const video_source *s = state;
    const size_t frame_bytes = video_pixels_bytes(&s->pixels);
    file_view *seen = malloc(sizeof *seen);
    if (seen == NULL) return video_no_memory(&s->track, err);
    const size_t size = (size_t)(count - 1) * (size_t)s->spacing + frame_bytes;
    const lmp_status status =
        file_view_begin(&s->track.input, s->track.packets[first].position, size, budget, seen, err);
    if (status != LMP_OK) {
        free(seen);
        return status;
    }
    frames->data = (void *)(uintptr_t)seen->bytes; /* read only, as lmp_frames says of what comes in */
    frames->stride = (size_t)s->spacing;
    *lent = seen;
    return LMP_OK;
}

static void view_end(void *state, void *lent)
{
    (void)state;
    file_view_end(lent);
    free(lent);
}

/* Raw 8-bit grey from the top down without gaps between rows, and frames at regular distances. `frame`: the first. */
static int64_t find_spacing(const video_source *s, const AVFrame *frame)
{
    const video_track *t = &s->track;
    const int64_t bytes = (int64_t)video_pixels_bytes(&s->pixels);
    if (t->codec->id != AV_CODEC_ID_RAWVIDEO || frame->format != AV_PIX_FMT_GRAY8 || t->stand_in != NULL ||
        frame->linesize[0] != frame->width || !image_load_is_plain(&s->load) || t->n_frames != t->n_packets)
        return 0;
    const int64_t spacing = t->n_packets > 1 ? t->packets[1].position - t->packets[0].position : bytes;
    for (int64_t i = 0; i < t->n_packets; i++)
        if (t->packets[i].size != bytes || t->packets[i].position != t->packets[0].position + i * spacing) return 0;
    return spacing >= bytes ? spacing : 0;
}

/* ---- Opening ---------------------------------------------------------------------------------------------- */

/* EXIF's number for how the container's matrix turns pictures; 0 if it does something else. */
static int64_t find_orientation(const video_track *track)
{
    const int32_t *m = track->matrix;
    if (!track->has_matrix || (m[0] == 0 && m[1] == 0 && m[3] == 0 && m[4] == 0)) return 1;
    if (m[1] == 0 && m[3] == 0 && m[0] != 0 && m[4] != 0) return m[0] > 0 ? (m[4] > 0 ? 1 : 4) : (m[4] > 0 ? 2 : 3);
    if (m[0] == 0 && m[4] == 0 && m[1] != 0 && m[3] != 0) return m[3] > 0 ? (m[1] > 0 ? 5 : 8) : (m[1] > 0 ? 6 : 7);
    return 0;
}

/* Decodes the first frame, which says what all are like. */
static lmp_status look_at_first(video_source *s, const lmp_open_options *options, lmp_format *format, char **warnings,
                                lmp_error *err)
{
    video_decoder d;
    const char *path = s->track.input.path;
    const int64_t first = s->track.stand_in != NULL ? s->track.stand_in[0] : 0;
    lmp_status status = video_decoder_open(&s->track, video_decoder_threads(&s->track), &d, err);
    if (status != LMP_OK) return status;
    status = reach_frame(s, &d, first, err);
    if (status == LMP_OK) status = video_pixels_choose(d.frame, options->grey != 0, path, &s->pixels, err);
    if (status == LMP_OK) {
        int64_t orientation = find_orientation(&s->track);
        if (orientation == 0) file_warn(warnings, "%s turns its frames by an odd angle; they are read unturned", path);
        const AVRational shape = d.frame->sample_aspect_ratio;
        if (shape.num > 0 && shape.den > 0 && shape.num != shape.den)
            file_warn(warnings, "%s has pixels that are not square (%d:%d); they are read as they are", path, shape.num,
                      shape.den);
        format->type = s->pixels.type;
        format->height = s->pixels.height;
        format->width = s->pixels.width;
        format->n_colours = s->pixels.n_colours;
        status = image_load_shape(path, format, orientation == 0 ? 1 : orientation, options, &s->load, err);
    }
    if (status == LMP_OK) s->spacing = find_spacing(s, d.frame);
    video_decoder_close(&d);
    return status;
}

/* In AVI files an empty chunk says that a frame was dropped. It is no frame, as in all programs that rest on FFmpeg. */
static void warn_of_times(const video_source *s, const double *times_s, double rate_hz, char **warnings)
{
    const int64_t n = s->track.n_frames;
    const double dropped = times_s[n - 1] * rate_hz - (double)(n - 1);
    const char *path = s->track.input.path;
    if (s->track.is_avi && dropped >= 0.5)
        file_warn(warnings,
                  "%s: %.0f frames were dropped while recording; they are not counted, and all others keep "
                  "their times",
                  path, dropped);
    else
        file_warn(warnings, "%s has frames at irregular times, which are kept", path);
}

static lmp_status set_times(const video_source *s, const lmp_open_options *options, lmp_stream *stream, char **warnings,
                            lmp_error *err)
{
    bool is_regular = true;
    lmp_status status = LMP_OK;
    double *times_s = video_times(&s->track, &stream->format.rate_hz, &is_regular);
    if (times_s == NULL) return video_no_memory(&s->track, err);
    if (stream->format.rate_hz == 0) stream->format.rate_hz = options->rate_hz;
    if (!is_regular) {
        warn_of_times(s, times_s, stream->format.rate_hz, warnings);
        status = lmp_stream_set_frames(stream, NULL, times_s, err);
    }
    free(times_s);
    return status;
}

/* Of a decoder at work: a packet, the pictures that it refers to, and one on its way out. */
static size_t estimate_bytes(const video_source *s)
{
    const size_t picture = video_pixels_bytes(&s->pixels);
    const size_t held = s->track.is_intra ? 2 : 5 + (size_t)video_decoder_threads(&s->track);
    return (size_t)s->track.largest_packet + held * picture + picture + image_load_scratch_bytes(&s->load);
}

static void close_video(void *state)
{
    video_source *s = state;
    video_pool_free(s->pool);
    video_pixels_clear(&s->pixels);
    video_track_close(&s->track);
    free(s);
}

static const char *data_path(void *state)
{
    const video_source *s = state;
    return s->track.input.path;
}

static lmp_status open_source(video_source *s, const char *path, const char *demuxer, const lmp_open_options *options,
                              lmp_stream *stream, char **warnings, lmp_error *err)
{
    const bool salvage = options->salvage != 0;
    lmp_status status = video_track_open(path, demuxer, salvage, &s->track, warnings, err);
    if (status != LMP_OK) return status;
    const bool is_told = video_order_by_packets(&s->track);
    if (salvage || !is_told) status = video_scan(&s->track, salvage, warnings, err);
    if (status == LMP_OK && s->track.n_frames == 0)
        status = lmp_fail(err, LMP_ERR_INPUT, "%s shows none of its pictures; choose another file", path);
    if (status != LMP_OK) return status;
    stream->format = (lmp_format){
        .kind = LMP_MOVIE, .n_times = s->track.n_frames, .start_unix_s = (double)NAN, .subject = "", .session = ""};
    status = look_at_first(s, options, &stream->format, warnings, err);
    if (status == LMP_OK) status = set_times(s, options, stream, warnings, err);
    if (status == LMP_OK) status = video_pool_new(&s->track, &s->pool, err);
    s->bytes_per_time = estimate_bytes(s);
    return status;
}

lmp_status video_read_open(const char *demuxer, const char *format_name, const char *path,
                           const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    char *warnings = NULL;
    lmp_status status = ffmpeg_load(err);
    if (status != LMP_OK) return status;
    video_source *s = calloc(1, sizeof *s);
    if (s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    s->track.input.file.fd = -1;
    s->track.threads = source_limits(source).threads;
    status = open_source(s, path, demuxer, options, &source->stream, &warnings, err);
    if (status != LMP_OK) {
        stream_clear(&source->stream);
        close_video(s);
        free(warnings);
        return status;
    }
    source->format_name = format_name;
    source->warnings = warnings;
    source->time_grain = 1;
    source->bytes_per_time = s->bytes_per_time;
    source->in_order = !s->track.is_intra;
    source->state = s;
    source->read_frames = read_frames;
    source->close = close_video;
    source->data_path = data_path;
    if (s->spacing > 0) {
        source->is_cheap = true;
        source->view = view;
        source->view_end = view_end;
    }
    return LMP_OK;
}
