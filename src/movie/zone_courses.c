/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_courses.c: one statistic of zones over many frames, without a run.
 *
 * Frames are cut into slices that workers take, each with its own place in the result. What a format lends is measured
 * where it lies, and small zones keep it in reach for the next time; else the rows that the zones need are read, or
 * whole frames where only those can be.
 */
#include "core/budget.h"
#include "core/recording.h"
#include "core/slices.h"
#include "core/stream.h"
#include "movie/zone_list.h"
#include "movie/zone_stats.h"
#include "os/os.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Large enough that mapping a slice costs little, small enough for workers to share the work and for whoever waits to
 * give up soon; and what is read at once at most where a format is read in longer stretches. */
enum { SLICE_BYTES = 4 << 20, GRAIN_BYTES = 64 << 20, SLICE_FRAMES = 16, SLICE_PIXELS = 8 << 20 };

/* Rows of a frame that were not read before are read rather than mapped, up to so many bytes: 47 against 130 ms for
 * 10,000 times 30 KB, 74 against 120 ms for 60 KB (CPU time, AMD EPYC), and from a disk several times faster: the
 * system does not see what comes next when a mapping is touched. Where frames are far apart, they are read in pieces of
 * READ_BYTES. */
enum { READ_BYTES = 60 << 10, MOST_READ_BYTES = 256 << 10 };

/* What a worker holds. */
typedef struct desk {
    void *frames;  /* NULL: they are lent */
    void *numbers; /* of a zone, for its median; else NULL */
} desk;

typedef struct courses {
    lmp_recording *recording;
    const lmp_source *source;
    bool is_kept; /* all frames lie in `kept` */
    lmp_frames kept;
    bool is_lent; /* else each stretch is lent, or read */
    lmp_budget *budget;
    const zones *set;
    zone_span *spans; /* of all zones, from row `row` on */
    zone_stat stat;
    int64_t first, count, step;
    int64_t top, n_rows; /* of each frame: where the zones lie */
    int64_t row, rows;   /* of each frame, as they are read */
    size_t frame_bytes;
    int64_t slice; /* frames measured by one job */
    int64_t n_workers;
    desk *desks;
    double *values;
    lmp_progress_fn *progress; /* NULL: nobody asks */
    void *user;
    atomic_llong n_done; /* frames */
    double told_s;       /* when progress was called last */
} courses;

/* ---- Measuring ---- */

/* Frame k of the result. */
static void measure_frame(const courses *c, const lmp_frames *frames, const void *frame, const desk *d, int64_t k)
{
    const zone_span *spans = c->spans;
    double *to = c->values + k;
    for (int64_t z = 0; z < c->set->count; z++) {
        const zone *of = &c->set->items[z];
        for (int64_t colour = 0; colour < frames->n_colours; colour++, to += c->count) {
            zone_stats stats;
            zone_stats_take(spans, of->n_spans, frames, frame, colour, 1U << c->stat, d->numbers, &stats);
            *to = stats.value[c->stat];
        }
        spans += of->n_spans;
    }
}

static void measure_frames(const courses *c, const lmp_frames *frames, const desk *d, int64_t k, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = c->first + (k + i) * c->step - frames->first;
        measure_frame(c, frames, (const char *)frames->data + (size_t)at * frames->stride, d, k + i);
    }
}

/* The rows of the zones: of one frame in pieces, of several at once. */
static lmp_status read_rows(const courses *c, const lmp_frames *frames, lmp_error *err)
{
    const size_t row_bytes = c->frame_bytes / (size_t)c->rows;
    const bool is_cut = frames->count == 1 && c->source->view != NULL && row_bytes < READ_BYTES;
    const int64_t most = is_cut ? (int64_t)(READ_BYTES / row_bytes) : c->rows;
    lmp_status status = LMP_OK;
    for (int64_t y = 0; y < c->rows && status == LMP_OK; y += most) {
        lmp_frames piece = *frames;
        piece.row = c->row + y;
        piece.rows = c->rows - y < most ? c->rows - y : most;
        piece.data = (char *)frames->data + (size_t)y * row_bytes;
        status = source_read_frames(c->source, &piece, c->budget, err);
    }
    return status;
}

/* `n` results from k on, of frames that lie one behind the other in the movie. */
static lmp_status measure_stretch(const courses *c, const desk *d, int64_t k, int64_t n, lmp_error *err)
{
    const lmp_source *source = c->source;
    lmp_frames frames = stream_frames(&source->stream.format, c->first + k * c->step, n, d->frames);
    lmp_status status;
    void *lent = NULL;
    if (c->is_lent) {
        status = source->view(source->state, frames.first, n, c->budget, &frames, &lent, err);
    } else {
        frames.stride = c->frame_bytes;
        status = read_rows(c, &frames, err);
    }
    if (status != LMP_OK) return status;
    measure_frames(c, &frames, d, k, n);
    if (c->is_lent) source->view_end(source->state, lent);
    return LMP_OK;
}

static lmp_status measure_frames_of(const courses *c, const desk *d, int64_t first, int64_t n, lmp_error *err)
{
    if (c->is_kept) {
        measure_frames(c, &c->kept, d, first, n);
        return LMP_OK;
    }
    if (c->step == 1) return measure_stretch(c, d, first, n, err);
    lmp_status status = LMP_OK;
    for (int64_t k = first; k < first + n && status == LMP_OK; k++) status = measure_stretch(c, d, k, 1, err);
    return status;
}

static lmp_status measure_slice(void *user, int64_t i, int64_t worker, lmp_error *err)
{
    courses *c = user;
    const int64_t first = i * c->slice, left = c->count - first, n = left < c->slice ? left : c->slice;
    const lmp_status status = measure_frames_of(c, &c->desks[worker], first, n, err);
    atomic_fetch_add(&c->n_done, n);
    return status;
}

static bool is_cancelled(void *user)
{
    courses *c = user;
    const double now_s = os_clock_s();
    if (c->progress == NULL || now_s - c->told_s < 0.1) return false;
    c->told_s = now_s;
    const lmp_progress p = {.fraction = (double)atomic_load(&c->n_done) / (double)c->count, .what = "measure zones"};
    return c->progress(c->user, &p) != 0;
}

/* ---- Planning ---- */

/* The rows that the zones lie in; at least one. */
static void find_rows(courses *c)
{
    int64_t top = c->source->stream.format.height, bottom = -1;
    for (int64_t z = 0; z < c->set->count; z++) {
        const zone *of = &c->set->items[z];
        if (of->n_spans == 0) continue;
        if (of->spans[0].y < top) top = of->spans[0].y;
        if (of->spans[of->n_spans - 1].y > bottom) bottom = of->spans[of->n_spans - 1].y;
    }
    c->top = bottom >= 0 ? top : 0;
    c->n_rows = bottom >= 0 ? bottom - top + 1 : 1;
}

/* How to come by them. */
static void choose_way(courses *c)
{
    const lmp_source *source = c->source;
    const int64_t height = source->stream.format.height;
    const size_t row_bytes = stream_instant_bytes(&source->stream) / (size_t)height;
    const bool is_read_well = source->reads_rows && (c->step > 1 || (size_t)c->n_rows * row_bytes <= MOST_READ_BYTES);
    const bool is_mapped_well = !is_read_well || recording_lent_has_seen(c->recording, c->top, c->n_rows);
    c->is_kept = is_mapped_well && recording_lent_begin(c->recording, c->top, c->n_rows, &c->kept);
    c->is_lent = c->is_kept || (source->view != NULL && !is_read_well);
    c->row = !c->is_lent && source->reads_rows ? c->top : 0;
    c->rows = !c->is_lent && source->reads_rows ? c->n_rows : height;
}

/* Next time, most of the rows need not come from the disk. */
static void remember_rows(const courses *c)
{
    const bool is_most = c->step == 1 && c->count > c->source->stream.format.n_times / 2;
    if (is_most && c->source->view != NULL) recording_lent_saw(c->recording, c->top, c->n_rows);
}

static lmp_status copy_spans(courses *c, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(c->budget, zones_bytes(c->set) + sizeof(zone_span), &memory, err);
    if (status != LMP_OK) return status;
    zone_span *to = c->spans = memory;
    for (int64_t z = 0; z < c->set->count; z++)
        for (int64_t i = 0; i < c->set->items[z].n_spans; i++, to++) {
            *to = c->set->items[z].spans[i];
            to->y -= (int32_t)c->row;
        }
    return LMP_OK;
}

static int64_t most_pixels(const zones *set)
{
    int64_t most = 0;
    for (int64_t z = 0; z < set->count; z++) most = set->items[z].n_pixels > most ? set->items[z].n_pixels : most;
    return most;
}

static int64_t all_pixels(const zones *set)
{
    int64_t n = 0;
    for (int64_t z = 0; z < set->count; z++) n += set->items[z].n_pixels;
    return n;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t slice_frames(const courses *c)
{
    const int64_t pixels = all_pixels(c->set) * c->source->stream.format.n_colours;
    int64_t n = c->step > 1 ? SLICE_FRAMES : (int64_t)(SLICE_BYTES / c->frame_bytes);
    if (!c->is_lent) n = smaller(n, SLICE_FRAMES);
    n = smaller(n, SLICE_PIXELS / (pixels + 1));
    const int64_t grain = c->source->time_grain;
    if (c->step == 1 && grain > n && grain <= (int64_t)(GRAIN_BYTES / c->frame_bytes)) n = grain;
    return n > 1 ? n : 1;
}

static lmp_status take_desk(const courses *c, desk *d, lmp_error *err)
{
    const size_t frames = (size_t)(c->step == 1 ? c->slice : 1) * c->frame_bytes;
    lmp_status status = LMP_OK;
    if (!c->is_lent) status = budget_take_raw(c->budget, frames, &d->frames, err);
    if (status == LMP_OK && c->stat == STAT_MEDIAN)
        status = budget_take_raw(c->budget, ((size_t)most_pixels(c->set) + 1) * sizeof(double), &d->numbers, err);
    return status;
}

/* Fewer workers if the memory does not do for all. */
static lmp_status take_desks(courses *c, int64_t most, lmp_error *err)
{
    lmp_error why = {0};
    lmp_status status = LMP_OK;
    c->desks = calloc((size_t)most, sizeof *c->desks);
    if (c->desks == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to measure zones");
    while (c->n_workers < most && (status = take_desk(c, &c->desks[c->n_workers], &why)) == LMP_OK) c->n_workers++;
    if (c->n_workers > 0) return LMP_OK;
    if (err != NULL) *err = why;
    return status;
}

static void give_desks(courses *c, int64_t most)
{
    for (int64_t i = 0; i < most && c->desks != NULL; i++) {
        lmp_give(c->budget, c->desks[i].frames);
        lmp_give(c->budget, c->desks[i].numbers);
    }
    free(c->desks);
    lmp_give(c->budget, c->spans);
}

static lmp_status measure_all(courses *c, int64_t threads, lmp_error *err)
{
    const lmp_format *f = &c->source->stream.format;
    find_rows(c);
    choose_way(c);
    c->frame_bytes = (size_t)(c->rows * f->width * f->n_colours) * lmp_type_bytes(f->type);
    c->slice = slice_frames(c);
    const int64_t n_slices = (c->count + c->slice - 1) / c->slice;
    const int64_t most = c->source->in_order ? 1 : threads < n_slices ? threads : n_slices;
    lmp_status status = copy_spans(c, err);
    if (status == LMP_OK) status = take_desks(c, most, err);
    if (status == LMP_OK) status = slices_run(c->n_workers, n_slices, measure_slice, is_cancelled, c, err);
    give_desks(c, most);
    if (status == LMP_OK) remember_rows(c);
    if (c->is_kept) recording_lent_end(c->recording);
    return status;
}

static lmp_status check(const lmp_recording *recording, const lmp_zones *z, const char *stat, int64_t first,
                        int64_t count, int64_t step, zone_stat *found, lmp_error *err)
{
    const lmp_format *f = &recording->source.stream.format;
    zone_stat stats[STAT_KINDS];
    int64_t n_stats;
    if (step < 1) return lmp_fail(err, LMP_ERR_USAGE, "step=%lld: must be 1 or more", (long long)step);
    const bool is_far = count > 1 && count - 1 > (INT64_MAX - 1) / step;
    lmp_status status = recording_check_frames(recording, first,
                                               is_far      ? INT64_MAX
                                               : count > 0 ? (count - 1) * step + 1
                                                           : count,
                                               err);
    if (status == LMP_OK && (z->width != f->width || z->height != f->height))
        status = lmp_fail(
            err, LMP_ERR_USAGE, "the zones were made for images of %lld x %lld, those of %s have %lld x %lld",
            (long long)z->width, (long long)z->height, recording->path, (long long)f->width, (long long)f->height);
    if (status == LMP_OK) status = zone_stat_list("zones", stat, stats, &n_stats, err);
    if (status == LMP_OK && n_stats > 1)
        status = lmp_fail(err, LMP_ERR_USAGE, "zones: stat=%s: name one statistic, not several", stat);
    if (status == LMP_OK) *found = stats[0];
    return status;
}

lmp_status lmp_recording_measure_zones(lmp_recording *recording, const lmp_zones *z, const char *stat, int64_t first,
                                       int64_t count, int64_t step, double *values, lmp_progress_fn *progress,
                                       void *user, lmp_error *err)
{
    const uint64_t losses = os_lost_count();
    courses c = {.recording = recording,
                 .source = &recording->source,
                 .set = &z->set,
                 .first = first,
                 .count = count,
                 .step = step,
                 .values = values,
                 .progress = progress,
                 .user = user,
                 .told_s = os_clock_s()};
    lmp_status status = check(recording, z, stat, first, count, step, &c.stat, err);
    if (status == LMP_OK) status = recording_check(recording, err);
    if (status != LMP_OK || count == 0) return status;
    status = budget_new(recording->engine->memory_limit, &c.budget, err);
    if (status == LMP_OK) status = measure_all(&c, recording->engine->threads, err);
    budget_free(c.budget);
    return recording_settle(recording, losses, status, err);
}
