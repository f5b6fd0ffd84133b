/* SPDX-License-Identifier: BSD-3-Clause
 *
 * meter.h: everything that is measured on one channel, while its samples stream by.
 */
#ifndef LIMPID_SCORE_METER_H
#define LIMPID_SCORE_METER_H

#include "score/compare.h"
#include "score/locked.h"
#include "score/timing.h"

enum { METER_LINES = 5, METER_RHYTHMS = 4, METER_FAMILIES = 2 };

/* The result, and the recording as it was before. */
typedef enum meter_side { SIDE_RESULT, SIDE_BEFORE, METER_SIDES } meter_side;

/* Rhythms of the EEG that Allen et al. 2000 compared with scan-free recording: delta, theta, alpha, beta. */
extern const psd_band_edges meter_rhythms[METER_RHYTHMS];
extern const char *const meter_rhythm_names[METER_RHYTHMS];

/* Harmonics of a rate at which the scanner repeats itself: of "epoch", and of "slice" or "volume" if that is known too.
 * Of the epochs all up to METER_STRONGEST_HZ are followed: where epochs are volumes, the artifact is not in the first
 * ones. */
#define METER_STRONGEST_HZ 60.0
typedef struct line_family {
    const char *of;
    double hz;       /* of the first harmonic */
    int64_t n_lines; /* harmonics that are followed */
} line_family;

/* ---- What comes out ---- */

typedef struct side_values {
    double variance[SCAN_PARTS];
    psd_line *lines[METER_FAMILIES];          /* n_lines of the family */
    double rhythm[SCAN_PARTS][METER_RHYTHMS]; /* mean density */
    double rhythm_deviation[METER_RHYTHMS];   /* among the windows without scanning */
    double residue_uv, null_uv;               /* locked to the epochs: see locked.h */
    double extent_uv[SCAN_PARTS];             /* median peak-to-peak over epochs */
    int64_t n_missing;                        /* samples that are not finite */
    double *power[SCAN_PARTS];                /* spectrum, meter_bin_count() bins */
} side_values;

typedef struct error_values {
    double error_uv, reference_uv, correlation;
} error_values;

typedef struct channel_values {
    side_values sides[METER_SIDES];
    error_values all, *bands; /* n_bands; all: no band filter */
    double *transfer;         /* n_tones */
} channel_values;

/* ---- What channels share ---- */

typedef struct side_meter {
    bool is_there;
    double rate_hz;
    span_list spans;
    psd *broad;                      /* for rhythms and pictures */
    psd *fine;                       /* for lines */
    locked *epochs;                  /* NULL: the scan's times are not known */
    double *extent_sums[SCAN_PARTS]; /* per epoch, over n_extents channels: those that count */
    int64_t n_extents;
} side_meter;

typedef struct meter {
    side_meter sides[METER_SIDES];
    line_family families[METER_FAMILIES];
    int64_t n_families;
    compare *truth; /* NULL: none */
    int64_t n_bands, n_tones;
} meter;

/* Opens one side. `times` may be NULL: the whole recording is the scan. */
typedef struct side_options {
    double rate_hz, start_s;
    int64_t n_times;
    const timing *times;
    bool with_null;
} side_options;

LMP_CHECKED lmp_status meter_open_side(meter *m, meter_side side, const side_options *options, lmp_budget *budget,
                                       lmp_error *err);
void meter_close_sides(meter *m, lmp_budget *budget);

int64_t meter_bin_count(const meter *m, meter_side side);
double meter_bin_hz(const meter *m, meter_side side);

size_t meter_scratch_bytes(const meter *m); /* of one worker, for blocks of any length */
size_t meter_lane_bytes(const meter *m);

/* ---- One channel ---- */

typedef struct meter_lane meter_lane;

/* has_before, truth_channel (-1: none): what this channel is compared with. */
LMP_CHECKED lmp_status meter_lane_open(const meter *m, bool has_before, int64_t truth_channel, lmp_budget *budget,
                                       meter_lane **lane, lmp_error *err);
void meter_lane_close(const meter *m, meter_lane *lane, lmp_budget *budget);

/* The next block of each. `clean` holds as many values as the longest block. */
typedef struct meter_block {
    const double *values[METER_SIDES], *truth; /* NULL where there is nothing */
    int64_t first[METER_SIDES], count[METER_SIDES], n_truth;
    bool ended;
} meter_block;

LMP_CHECKED lmp_status meter_lane_add(const meter *m, meter_lane *lane, const meter_block *block, void *scratch,
                                      double *clean, lmp_budget *budget, lmp_error *err);

/* Fills `values`, whose arrays exist. If the channel counts, adds its swings to extent_sums: call in the channels'
 * order. */
LMP_CHECKED lmp_status meter_lane_finish(meter *m, const meter_lane *lane, bool counts, lmp_budget *budget,
                                         channel_values *values, lmp_error *err);

#endif
