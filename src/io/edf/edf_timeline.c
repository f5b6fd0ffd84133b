/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_timeline.c: what the annotation signals of a file say.
 *
 * One pass over the annotation signals of all records collects texts and record times. Onsets count from the start in
 * the header, whole seconds; the first record's time is the fraction at which its first sample lies, and is taken off
 * in decimals, so that no digit is lost. Then onsets are laid on the time line without gaps: what falls into a gap goes
 * to its seam.
 */
#include "io/edf/edf_timeline.h"

#include "io/edf/edf_annotations.h"
#include "io/edf/edf_window.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EVENTS = 10000000, MOST_GAPS = 1000000, MOST_TEXT = 1 << 29 };

typedef struct collector {
    const char *path;
    edf_timeline *timeline;
    int64_t room_events, room_gaps;
    size_t text_used, text_room;
    size_t *labels;               /* where each event's label starts in the text */
    bool expects_time, has_first; /* the next annotation tells the record's time; the first record's is known */
    edf_decimal first, time;
    bool has_time; /* of the record at hand */
    int64_t n_damaged;
} collector;

static lmp_status no_memory(const collector *c, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the annotations of %s", c->path);
}

/* ---- Collecting ------------------------------------------------------------------------------------------- */

/* The same label again and again is kept once. */
static lmp_status keep_label(collector *c, const char *label, size_t *at)
{
    const size_t size = strlen(label) + 1;
    const int64_t n = c->timeline->n_events;
    if (n > 0 && strcmp(c->timeline->text + c->labels[n - 1], label) == 0) {
        *at = c->labels[n - 1];
        return LMP_OK;
    }
    if (size > MOST_TEXT - c->text_used) return LMP_ERR_INPUT;
    if (c->text_used + size > c->text_room) {
        const size_t room = 2 * (c->text_used + size) + 4096;
        char *text = realloc(c->timeline->text, room);
        if (text == NULL) return LMP_ERR_MEMORY;
        c->timeline->text = text;
        c->text_room = room;
    }
    memcpy(c->timeline->text + c->text_used, label, size);
    *at = c->text_used;
    c->text_used += size;
    return LMP_OK;
}

static lmp_status keep_event(collector *c, double onset_s, double duration_s, const char *label)
{
    edf_timeline *t = c->timeline;
    if (t->n_events == MOST_EVENTS) return LMP_ERR_INPUT;
    if (t->n_events == c->room_events) {
        const int64_t room = 2 * c->room_events + 64;
        lmp_event *events = realloc(t->events, (size_t)room * sizeof *events);
        if (events != NULL) t->events = events;
        size_t *labels = events == NULL ? NULL : realloc(c->labels, (size_t)room * sizeof *labels);
        if (labels == NULL) return LMP_ERR_MEMORY;
        c->labels = labels;
        c->room_events = room;
    }
    size_t at = 0;
    const lmp_status status = keep_label(c, label, &at);
    if (status != LMP_OK) return status;
    t->events[t->n_events] = (lmp_event){.onset_s = onset_s, .duration_s = duration_s};
    c->labels[t->n_events++] = at;
    return LMP_OK;
}

/* a - b, exactly if it can be. */
static double difference(edf_decimal a, edf_decimal b)
{
    edf_decimal d;
    if (edf_decimal_add(a, edf_decimal_negate(b), &d)) return edf_decimal_value(d);
    return edf_decimal_value(a) - edf_decimal_value(b);
}

static lmp_status take_annotation(void *user, const edf_annotation *annotation)
{
    collector *c = user;
    if (annotation->is_first && c->expects_time && annotation->size == 0) {
        c->time = annotation->onset;
        c->has_time = true;
        if (!c->has_first) c->first = annotation->onset;
        c->has_first = true;
    }
    if (annotation->size == 0) return LMP_OK;
    char *label = file_text_to_utf8(annotation->text, annotation->size);
    if (label == NULL) return LMP_ERR_MEMORY;
    const lmp_status status = keep_event(c, difference(annotation->onset, c->first), annotation->duration_s, label);
    free(label);
    return status;
}

/* ---- Records in time -------------------------------------------------------------------------------------- */

/* What the record times say: how many are missing, how many are not where they should be. */
typedef struct clock_check {
    double record_s, tolerance_s;
    double next_s; /* when the next record should start, after the first one */
    int64_t n_missing, n_early, n_late;
    int64_t first_early;
} clock_check;

static lmp_status keep_gap(collector *c, int64_t record, double start_s, double skipped_s)
{
    edf_timeline *t = c->timeline;
    if (t->n_gaps == MOST_GAPS) return LMP_ERR_INPUT;
    if (t->n_gaps == c->room_gaps) {
        const int64_t room = 2 * c->room_gaps + 16;
        edf_gap *gaps = realloc(t->gaps, (size_t)room * sizeof *gaps);
        if (gaps == NULL) return LMP_ERR_MEMORY;
        t->gaps = gaps;
        c->room_gaps = room;
    }
    t->gaps[t->n_gaps++] = (edf_gap){record, start_s, skipped_s};
    return LMP_OK;
}

static lmp_status check_record_time(collector *c, int64_t record, bool is_gapped, clock_check *clock)
{
    lmp_status status = LMP_OK;
    double start_s = clock->next_s;
    if (!c->has_time) {
        clock->n_missing++;
    } else {
        const double told_s = difference(c->time, c->first), late_s = told_s - clock->next_s;
        if (late_s < -clock->tolerance_s && clock->n_early++ == 0) clock->first_early = record;
        if (late_s > clock->tolerance_s) {
            clock->n_late++;
            if (is_gapped) status = keep_gap(c, record, told_s, late_s);
        }
        if (late_s >= -clock->tolerance_s && is_gapped) start_s = told_s;
    }
    clock->next_s = is_gapped ? start_s + clock->record_s : (double)(record + 1) * clock->record_s;
    return status;
}

static lmp_status judge_clock(const char *path, const edf_header *h, const clock_check *clock, bool salvage,
                              char **warnings, lmp_error *err)
{
    if (h->is_gapped && clock->n_early > 0 && !salvage)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is damaged: by its annotations data record %" PRId64
                        " starts before the one before it ends; open with --salvage to put the records end to end",
                        path, clock->first_early + 1);
    if (h->is_gapped && clock->n_missing > 0)
        file_warn(warnings,
                  "%" PRId64 " data records do not tell their time; they are taken to follow their predecessor.",
                  clock->n_missing);
    if (h->is_gapped ? clock->n_early > 0 : clock->n_early + clock->n_late > 0)
        file_warn(warnings,
                  "By the annotations %" PRId64 " data records do not start where the one before ends; the samples are "
                  "taken as continuous.",
                  clock->n_early + (h->is_gapped ? 0 : clock->n_late));
    return LMP_OK;
}

/* ---- The pass --------------------------------------------------------------------------------------------- */

static edf_window open_window(const file_input *input, const edf_header *h, int64_t n_records)
{
    int64_t wanted = 0, pieces = 0;
    edf_window w = {.input = input, .end = h->header_bytes + n_records * h->record_bytes};
    for (int64_t i = 0; i < h->n_signals; i++)
        if (h->signals[i].is_annotations) {
            wanted += h->signals[i].samples * h->sample_bytes;
            pieces++;
        }
    if (h->record_bytes - wanted <= pieces * EDF_WINDOW_PAGE) w.ahead = EDF_WINDOW_MOST;
    return w;
}

static lmp_status read_record(edf_window *w, const edf_header *h, int64_t record, collector *c, lmp_error *err)
{
    c->expects_time = true;
    c->has_time = false;
    for (int64_t i = 0; i < h->n_signals; i++) {
        const edf_signal *s = &h->signals[i];
        if (!s->is_annotations || s->samples == 0) continue;
        const int64_t size = s->samples * h->sample_bytes;
        const uint8_t *bytes;
        int64_t got;
        lmp_status status =
            edf_window_look(w, h->header_bytes + record * h->record_bytes + s->offset, size, size, &bytes, &got, err);
        if (status != LMP_OK) return status;
        status = edf_annotations_parse(bytes, (size_t)size, take_annotation, c, &c->n_damaged);
        if (status == LMP_ERR_MEMORY) return no_memory(c, err);
        if (status != LMP_OK)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s is damaged: it holds more than %d annotations, or more text than them", c->path,
                            MOST_EVENTS);
        c->expects_time = false;
    }
    return LMP_OK;
}

/* ---- Laying events on the time line without gaps ----------------------------------------------------------- */

static double without_gaps(const edf_timeline *t, double record_s, double time_s)
{
    int64_t low = 0, high = t->n_gaps; /* how many gaps end at or before time_s */
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (t->gaps[middle].start_s <= time_s)
            low = middle + 1;
        else
            high = middle;
    }
    double laid_s = time_s;
    if (low > 0) laid_s = (double)t->gaps[low - 1].record * record_s + (time_s - t->gaps[low - 1].start_s);
    if (low < t->n_gaps) laid_s = fmin(laid_s, (double)t->gaps[low].record * record_s);
    return laid_s;
}

static lmp_status lay_out(collector *c, double record_s, lmp_error *err)
{
    edf_timeline *t = c->timeline;
    for (int64_t i = 0; i < t->n_events && t->n_gaps > 0; i++) {
        lmp_event *e = &t->events[i];
        const double end_s = without_gaps(t, record_s, e->onset_s + e->duration_s);
        e->onset_s = without_gaps(t, record_s, e->onset_s);
        if (e->duration_s > 0) e->duration_s = end_s - e->onset_s;
    }
    for (int64_t i = 0; i < t->n_gaps; i++) {
        const lmp_status status = keep_event(c, (double)t->gaps[i].record * record_s, 0, "BAD_ACQ_SKIP");
        if (status != LMP_OK) return no_memory(c, err);
    }
    for (int64_t i = 0; i < t->n_events; i++) t->events[i].label = t->text + c->labels[i];
    return LMP_OK;
}

lmp_status edf_timeline_read(const file_input *input, const edf_header *header, int64_t n_records, double rate_hz,
                             bool salvage, edf_timeline *timeline, char **warnings, lmp_error *err)
{
    *timeline = (edf_timeline){0};
    bool has_any = false;
    for (int64_t i = 0; i < header->n_signals; i++) has_any = has_any || header->signals[i].is_annotations;
    if (!has_any) {
        if (header->is_gapped)
            file_warn(warnings, "The header speaks of gaps, but there are no annotations to say where; the samples are "
                                "taken as continuous.");
        return LMP_OK;
    }
    collector c = {.path = input->path, .timeline = timeline};
    clock_check clock = {.record_s = header->record_s, .tolerance_s = rate_hz > 0 ? 0.5 / rate_hz : HUGE_VAL};
    edf_window window = open_window(input, header, n_records);
    lmp_status status = LMP_OK;
    for (int64_t r = 0; r < n_records && status == LMP_OK; r++) {
        status = read_record(&window, header, r, &c, err);
        if (status == LMP_OK && header->is_plus && check_record_time(&c, r, header->is_gapped, &clock) != LMP_OK)
            status = lmp_fail(err, LMP_ERR_INPUT, "%s has more than %d gaps: split it first", input->path, MOST_GAPS);
    }
    edf_window_close(&window);
    if (status == LMP_OK) status = judge_clock(input->path, header, &clock, salvage, warnings, err);
    if (status == LMP_OK) status = lay_out(&c, header->record_s, err);
    if (status == LMP_OK && c.n_damaged > 0)
        file_warn(warnings, "%" PRId64 " lists of annotations cannot be read; they are left out.", c.n_damaged);
    timeline->first_s = c.has_first ? edf_decimal_value(c.first) : 0;
    free(c.labels);
    if (status != LMP_OK) edf_timeline_free(timeline);
    return status;
}

void edf_timeline_free(edf_timeline *timeline)
{
    free(timeline->events);
    free(timeline->text);
    free(timeline->gaps);
    *timeline = (edf_timeline){0};
}
