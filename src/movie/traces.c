/* SPDX-License-Identifier: BSD-3-Clause
 *
 * traces.c: what happens in each zone: one number per zone, colour and statistic for every frame.
 */
#include "movie/list.h"
#include "movie/pixel_values.h"
#include "movie/zone_stats.h"
#include "movie/zones.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct traces_params {
    char *zones, *stat;
    int64_t outside;
} traces_params;

static const lmp_param params[] = {
    {"zones", LMP_PARAM_FILE, offsetof(traces_params, zones), "", 0, 0, "", NULL,
     "Zones file (JSON); empty: the whole frame as the zone \"all\"."},
    {"stat", LMP_PARAM_TEXT, offsetof(traces_params, stat), "mean", 0, 0, "", NULL,
     "What to take of each zone: mean, median, min, max, std, sum, count, or several of them with commas."},
    {"outside", LMP_PARAM_CHOICE, offsetof(traces_params, outside), "refuse", 0, 0, "", "refuse|nan",
     "Zones without any pixel of the image: refuse them, or give NaN."},
    {0},
};

enum { NAME = 128 };

typedef struct traces_zone {
    const zone_span *spans;
    int64_t n_spans, n_pixels;
    char name[NAME];
} traces_zone;

typedef struct traces_shared {
    int64_t n_zones, n_stats;
    zone_stat stats[STAT_KINDS];
    uint32_t wanted;
    atomic_llong n_nan, n_empty; /* pixels left out; values without any pixel */
    traces_zone *zones;          /* in the same piece of memory, spans behind them */
} traces_shared;

static lmp_status read_zones(const traces_params *p, const lmp_format *f, zones *z, lmp_error *err)
{
    if (p->zones[0] == '\0') return zones_whole(f->width, f->height, z, err);
    return zones_read("traces", p->zones, f->width, f->height, p->outside == 1, z, err);
}

/* ---- Planning ---- */

static lmp_status set_channels(const zones *z, const zone_stat *stats, int64_t n_stats, int64_t n_colours,
                               lmp_stream *out, lmp_error *err)
{
    const int64_t n = z->count * n_colours * n_stats;
    lmp_channel *channels = calloc((size_t)n + 1, sizeof *channels);
    char(*names)[NAME] = calloc((size_t)n + 1, sizeof *names);
    lmp_status status = LMP_ERR_MEMORY;
    for (int64_t i = 0; i < n && channels != NULL && names != NULL; i++) {
        const int64_t stat = i % n_stats, colour = i / n_stats % n_colours;
        snprintf(names[i], NAME, "%s%s%s%s", z->items[i / (n_stats * n_colours)].name,
                 pixel_colour_suffix(colour, n_colours), n_stats > 1 ? "." : "",
                 n_stats > 1 ? zone_stat_name(stats[stat]) : "");
        channels[i] = (lmp_channel){.name = names[i],
                                    .unit = "",
                                    .transducer = "",
                                    .filtering = "",
                                    .role = LMP_ROLE_MISC,
                                    .stored_rate_hz = out->format.rate_hz};
    }
    if (channels != NULL && names != NULL)
        status = lmp_stream_set_channels(out, channels, n, err);
    else
        status = lmp_fail(err, status, "the system has no memory left for channels");
    free(channels);
    free(names);
    return status;
}

static size_t shared_bytes(const zones *z)
{
    return sizeof(traces_shared) + (size_t)z->count * sizeof(traces_zone) + zones_bytes(z);
}

static lmp_status plan_zones(const zones *z, const traces_params *p, const lmp_stream *in, lmp_step_plan *plan,
                             lmp_error *err)
{
    zone_stat stats[STAT_KINDS];
    int64_t n_stats, most = 0;
    lmp_status status = zone_stat_list("traces", p->stat, stats, &n_stats, err);
    if (status != LMP_OK) return status;
    lmp_format *out = &plan->out.format;
    out->kind = LMP_SIGNALS;
    out->type = LMP_FLOAT64;
    out->height = out->width = out->n_colours = 0;
    out->pixel_width_um = out->pixel_height_um = 0;
    for (int64_t i = 0; i < z->count; i++) most = z->items[i].n_pixels > most ? z->items[i].n_pixels : most;
    for (int64_t k = 0; k < n_stats; k++)
        if (stats[k] == STAT_MEDIAN) plan->scratch_bytes = ((size_t)most + 1) * sizeof(double);
    plan->shared_bytes = shared_bytes(z);
    status = set_channels(z, stats, n_stats, in->format.n_colours, &plan->out, err);
    if (status != LMP_OK || (in->format.frame_numbers == NULL && in->format.frame_times_s == NULL)) return status;
    return lmp_stream_set_frames(&plan->out, in->format.frame_numbers, in->format.frame_times_s, err);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    zones z;
    lmp_status status = read_zones(values, &in->format, &z, err);
    if (status != LMP_OK) return status;
    status = plan_zones(&z, values, in, plan, err);
    zones_free(&z);
    return status;
}

/* ---- Measuring ---- */

static void copy_zones(const zones *z, traces_shared *s)
{
    s->zones = (traces_zone *)(s + 1);
    zone_span *spans = (zone_span *)(s->zones + z->count);
    for (int64_t i = 0; i < z->count; i++) {
        const zone *from = &z->items[i];
        traces_zone *to = &s->zones[i];
        snprintf(to->name, NAME, "%s", from->name);
        to->spans = spans;
        to->n_spans = from->n_spans;
        to->n_pixels = from->n_pixels;
        if (from->n_spans > 0) memcpy(spans, from->spans, (size_t)from->n_spans * sizeof *spans);
        spans += from->n_spans;
    }
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const traces_params *p = values;
    zones z;
    void *memory;
    lmp_status status = read_zones(p, &in->format, &z, err);
    if (status != LMP_OK) return status;
    /* The file may have changed since the plan. */
    status = shared_bytes(&z) > made->shared_bytes
                 ? lmp_fail(err, LMP_ERR_INPUT, "traces: %s was changed meanwhile: run again", p->zones)
                 : lmp_take(budget, made->shared_bytes, &memory, err);
    if (status == LMP_OK) {
        traces_shared *s = memory;
        s->n_zones = z.count;
        copy_zones(&z, s);
        status = zone_stat_list("traces", p->stat, s->stats, &s->n_stats, err);
        for (int64_t k = 0; k < s->n_stats; k++) s->wanted |= 1U << s->stats[k];
        *shared = s;
    }
    zones_free(&z);
    return status;
}

static lmp_status measure_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_block *out,
                                 lmp_error *err)
{
    (void)err;
    /* The counts are the one thing that changes while frames flow: sums of integers, the same in any order. */
    traces_shared *s = (traces_shared *)shared;
    long long n_nan = 0, n_empty = 0;
    for (int64_t i = 0; i < in->count; i++) {
        const void *frame = (const char *)in->data + (size_t)i * in->stride;
        int64_t channel = 0;
        for (int64_t z = 0; z < s->n_zones; z++)
            for (int64_t c = 0; c < in->n_colours; c++) {
                zone_stats stats;
                zone_stats_take(s->zones[z].spans, s->zones[z].n_spans, in, frame, c, s->wanted, scratch, &stats);
                n_nan += stats.n_nan;
                n_empty += stats.value[STAT_COUNT] == 0;
                for (int64_t k = 0; k < s->n_stats; k++)
                    ((double *)out->lanes[channel++])[i] = stats.value[s->stats[k]];
            }
    }
    atomic_fetch_add(&s->n_nan, n_nan);
    atomic_fetch_add(&s->n_empty, n_empty);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    traces_shared *s = (traces_shared *)shared;
    for (int64_t i = 0; i < s->n_zones; i++) {
        char key[NAME + 16];
        snprintf(key, sizeof key, "pixels %s", s->zones[i].name);
        lmp_record_number(record, key, (double)s->zones[i].n_pixels);
    }
    lmp_record_number(record, "nan_pixels_ignored", (double)atomic_load(&s->n_nan));
    lmp_record_number(record, "values_without_pixels", (double)atomic_load(&s->n_empty));
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_traces = {
    .struct_size = sizeof(lmp_step),
    .name = "traces",
    .summary = "Measure zones of every frame: a movie becomes signals, one channel per zone.",
    .doc =
        "For each frame and zone, statistics of the pixels that belong to the zone, as channels of signals:\n\n"
        "    limpid run MOVIE traces zones=ZONES.json ! write TRACES.csv\n\n"
        "A pixel belongs if its centre lies inside or on the edge; no pixel is weighed, interpolated or padded, and "
        "what "
        "lies outside the image does not count. Without `zones` the whole frame is one zone, `all`.\n\n"
        "The zones file is a JSON list (or an object with such a list as `zones`) of\n"
        "`{\"name\": \"cell 1\", \"shape\": \"polygon\", \"points\": [[x, y], ...]}`, the shapes being `polygon`, "
        "`rectangle` and `ellipse` (`x`, `y`, `width`, `height`, `angle` in degrees clockwise), `pixel`, `line` and "
        "`polyline`; pixel centres are whole numbers, x to the right, y down.\n\n"
        "| stat | of the valid pixels x of a zone, n of them |\n|---|---|\n"
        "| mean | sum(x) / n |\n| median | middle value, mean of the two middle ones |\n| min, max | |\n"
        "| std | sqrt(sum((x - mean)^2) / n), in two passes |\n| sum | |\n| count | n |\n\n"
        "Sums of integers of up to 32 bits are exact; others run in double precision in an order that the zone alone "
        "decides. The mean of a constant image is that constant.\n\n"
        "Channels are called like their zones; colours add `.r`, `.g`, `.b`, and several statistics `.mean`, `.max`, "
        "... Numbers and times of frames stay.\n\n"
        "NaN pixels are ignored (the record says how many); a zone without a valid pixel in a frame gives NaN there, "
        "with sum and count 0. Takes every number type as it is.\n",
    .known_as = "Timeline ROI (BLITZ), Plot Z-axis Profile and Multi Measure (ImageJ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(traces_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .measure_images = measure_images,
};
