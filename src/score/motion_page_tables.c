/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page_tables.c: the tables of a report on motion.
 */
#include "score/metrics.h"
#include "score/motion_page.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LISTED = 50 };

/* ---- Flagged frames ---- */

/* The sums that the step motion writes, in words; other flags as they are. */
static void add_flag(json_t *row, const char *flag)
{
    static const char *const words[] = {"at the limit of the search",  "blank", "matches badly", "saturated", "corrupt",
                                        "the same as the frame before"};
    enum { N_WORDS = sizeof words / sizeof *words };
    char *end, told[240] = "";
    const long sum = strtol(flag, &end, 10);
    const bool is_sum = *end == '\0' && sum > 0 && sum < 1 << N_WORDS;
    for (int k = 0; k < N_WORDS && is_sum; k++) {
        if ((sum >> k & 1) == 0) continue;
        const size_t n = strlen(told);
        snprintf(told + n, sizeof told - n, "%s%s", n > 0 ? ", " : ": ", words[k]);
    }
    row_text(row, "%s%s", flag, told);
}

static void add_flagged(json_t *t, const motion_series *shifts, int64_t i)
{
    json_t *row = table_row(t);
    row_number(row, (double)i);
    for (int a = 0; a < MOTION_AXES; a++) row_number(row, shifts->px[a][i]);
    if (shifts->peak != NULL) row_number(row, shifts->peak[i]);
    add_flag(row, shifts->flags != NULL ? shifts->flags[i] : "");
}

void motion_tell_flagged(report_data *d, const motion_score *s)
{
    int64_t listed = 0;
    if (s->n_flagged == 0) return;
    json_t *t = data_table(d, "Flagged frames");
    table_column(t, "frame", "", 0);
    table_column(t, "dy", "px", 2);
    table_column(t, "dx", "px", 2);
    if (s->shifts.peak != NULL) table_column(t, "peak", "", 3);
    table_column(t, "flag", "", COLUMN_TEXT);
    for (int64_t i = 0; i < s->shifts.n && listed < MOST_LISTED; i++) {
        if (!s->shifts.is_flagged[i]) continue;
        add_flagged(t, &s->shifts, i);
        listed++;
    }
    data_text(d, "soft");
    say(d, "Their shifts are not to be trusted; they count in none of the numbers of this page");
    if (s->n_flagged > listed)
        say(d, ". The first %lld of %lld are listed", (long long)listed, (long long)s->n_flagged);
    say(d, ".");
}

/* ---- Before and after ---- */

static void add_numbers(json_t *t, const motion_score *s, const char *name, double before, double after, int decimals,
                        const char *meaning)
{
    if (!isfinite(before) && !isfinite(after)) return;
    json_t *row = table_row(t);
    row_text(row, "%s", name);
    if (s->before.is_known) row_own_number(row, before, decimals);
    row_own_number(row, after, decimals);
    if (s->before.is_known) row_number(row, after / before);
    row_text(row, "%s", meaning);
}

static void add_residual(json_t *t, const motion_score *s)
{
    const motion_residual *b = &s->before.residual, *a = &s->after.residual;
    const bool known = b->is_known;
    if (!a->is_known) return;
    add_numbers(t, s, "motion estimated anew, px", known ? b->rms_px : UNKNOWN, a->rms_px, 3,
                "RMS of the shifts that the step motion finds");
    add_numbers(t, s, "95 % of frames below, px", known ? b->p95_px : UNKNOWN, a->p95_px, 3, "");
    add_numbers(t, s, "largest, px", known ? b->max_px : UNKNOWN, a->max_px, 3, "");
}

static void add_sides(json_t *t, const motion_score *s)
{
    const motion_side *b = &s->before, *a = &s->after;
    add_numbers(t, s, "crispness", b->sharpness.crispness, a->sharpness.crispness, -1,
                "norm of the mean image’s gradient; higher is better");
    add_numbers(t, s, "acutance", b->sharpness.acutance, a->sharpness.acutance, 4,
                "its mean length over the mean grey value; higher is better");
    add_numbers(t, s, "deviation of the mean image", b->sharpness.deviation, a->sharpness.deviation, -1,
                "standard deviation over the pixels");
    add_numbers(t, s, "correlation with the mean image", b->correlation_mean, a->correlation_mean, 4,
                "mean over the frames; higher is better");
    add_numbers(t, s, "least of it", b->correlation_least, a->correlation_least, 4, "the worst frame");
    add_numbers(t, s, "below in 5 % of the frames", b->correlation_p05, a->correlation_p05, 4, "");
    add_numbers(t, s, "local correlation", b->local_sharpness.mean, a->local_sharpness.mean, 4,
                "of a pixel with its 8 neighbours over time; motion alone raises it");
    add_numbers(t, s, "crispness of it", b->local_sharpness.crispness, a->local_sharpness.crispness, -1,
                "norm of its gradient");
}

void motion_tell_numbers(report_data *d, const motion_score *s)
{
    const image_region r = s->after.region;
    data_heading(d, 2, "Sharpness in numbers");
    json_t *t = data_table(d, "");
    table_column(t, "", "", COLUMN_TEXT);
    if (s->before.is_known) table_column(t, "before", "", COLUMN_SHORT);
    table_column(t, s->before.is_known ? "after" : "movie", "", COLUMN_SHORT);
    if (s->before.is_known) table_column(t, "ratio", "", COLUMN_SHORT);
    table_column(t, "", "", COLUMN_TEXT);
    add_sides(t, s);
    add_residual(t, s);
    data_text(d, "soft");
    say(d,
        "Measured where pixels are valid in every frame that is not flagged: %lld rows from row %lld, %lld columns "
        "from column %lld of the corrected movie.",
        (long long)r.height, (long long)r.top, (long long)r.width, (long long)r.left);
}

/* ---- Errors ---- */

static void add_error(json_t *t, const char *name, const error_spread *e, const axis_errors *axis)
{
    json_t *row = table_row(t);
    row_text(row, "%s", name);
    row_number(row, e->mean_px);
    row_number(row, e->p95_px);
    row_number(row, e->max_px);
    row_number(row, e->rmse_px);
    row_number(row, axis != NULL ? axis->slope : UNKNOWN);
    row_number(row, axis != NULL ? axis->step_px : UNKNOWN);
}

void motion_tell_errors(report_data *d, const motion_score *s)
{
    const motion_errors *e = &s->errors;
    json_t *t = data_table(d, "");
    table_column(t, "", "", COLUMN_TEXT);
    table_column(t, "mean", "px", 4);
    table_column(t, "95 %", "px", 4);
    table_column(t, "largest", "px", 4);
    table_column(t, "RMSE", "px", 4);
    table_column(t, "slope", "", 4);
    table_column(t, "step", "px", 4);
    add_error(t, "distance", &e->by_mean, NULL);
    add_error(t, "dy", &e->axes[0].by_mean, &e->axes[0]);
    add_error(t, "dx", &e->axes[1].by_mean, &e->axes[1]);
    add_error(t, "distance, median removed", &e->by_median, NULL);
    if (s->n_flagged > 0) add_error(t, "distance, with flagged frames", &s->errors_of_all.by_mean, NULL);
    data_text(d, "soft");
    say(d, "Shift plus true displacement, without the constant that no estimate can know. Slope: of the shifts on the "
           "truth; below 1, something that stays with the sensor pulls them to zero. Step: standard deviation of the "
           "error’s change from a frame to the next.");
}

/* ---- What is left ---- */

static void add_pair(json_t *t, const local_pair *p)
{
    if (!p->is_known) return;
    json_t *row = table_row(t);
    row_text(row, "%s", p->by);
    row_number(row, (double)p->n_frames);
    row_number(row, p->apart_px);
    row_number(row, p->rigid_px);
    row_number(row, p->local_mean_px);
    row_number(row, p->local_max_px);
    row_text(row, "%lld of %lld", (long long)p->n_used, (long long)p->n_blocks);
}

void motion_tell_left(report_data *d, const motion_score *s)
{
    json_t *t = data_table(d, "");
    table_column(t, "sorted by", "", COLUMN_TEXT);
    table_column(t, "frames in each mean", "", 0);
    table_column(t, "shifts apart", "px", 2);
    table_column(t, "whole image", "px", 3);
    table_column(t, "blocks, mean", "px", 3);
    table_column(t, "blocks, largest", "px", 3);
    table_column(t, "blocks with structure", "", COLUMN_TEXT);
    for (int p = 0; p < LOCAL_PAIRS; p++) add_pair(t, &s->local.pairs[p]);
}
