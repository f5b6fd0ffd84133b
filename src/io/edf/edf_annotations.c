/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_annotations.c: annotations of EDF+ and BDF+ (EDF+ specification, section 2.2).
 *
 * A list is "onset [21 duration] 20 text 20 text 20 ... 0", with 20, 21 and 0 as bytes; zeros fill up the record. The
 * first list of the first annotation signal starts with an empty text: its onset is the time of the record.
 *
 * Writing: one annotation signal with as many bytes per record as the events need, so none is ever lost. The fewest
 * bytes are found by bisection; then each event goes to the record it falls into, or near it: never earlier than its
 * predecessor, never later than the latest record from which the rest still fits.
 */
#include "io/edf/edf_annotations.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { END_TEXT = 20, BEFORE_DURATION = 21 };

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* Onset and duration of the list in [at, end); gives where the texts start, NULL if it is damaged. */
static const char *parse_time(const char *at, const char *end, edf_annotation *annotation)
{
    size_t used = edf_decimal_parse(at, (size_t)(end - at), &annotation->onset);
    at += used;
    if (used == 0 || at == end) return NULL;
    annotation->duration_s = 0;
    if (*at == BEFORE_DURATION) {
        edf_decimal duration = {0};
        at++;
        used = edf_decimal_parse(at, (size_t)(end - at), &duration);
        at += used;
        if (used == 0 && (at == end || *at != END_TEXT)) return NULL;
        annotation->duration_s = duration.mantissa > 0 ? edf_decimal_value(duration) : 0;
    }
    return at < end && *at == END_TEXT ? at + 1 : NULL;
}

lmp_status edf_annotations_parse(const uint8_t *bytes, size_t size,
                                 lmp_status (*visit)(void *user, const edf_annotation *annotation), void *user,
                                 int64_t *n_damaged)
{
    const char *at = (const char *)bytes, *const all_end = at + size;
    bool is_first = true;
    while (at < all_end) {
        if (*at == 0) {
            at++;
            continue;
        }
        const char *end = memchr(at, 0, (size_t)(all_end - at));
        if (end == NULL) end = all_end;
        edf_annotation annotation = {.is_first = is_first};
        const char *text = parse_time(at, end, &annotation);
        if (text == NULL) *n_damaged += 1;
        is_first = false;
        while (text != NULL && text < end) {
            const char *text_end = memchr(text, END_TEXT, (size_t)(end - text));
            if (text_end == NULL) text_end = end;
            annotation.text = text;
            annotation.size = (size_t)(text_end - text);
            const lmp_status status = visit(user, &annotation);
            if (status != LMP_OK) return status;
            annotation.is_first = false;
            text = text_end + 1;
        }
        at = end;
    }
    return LMP_OK;
}

/* ---- Writing: texts --------------------------------------------------------------------------------------- */

/* Onsets keep 12 decimals, or fewer where these say the same double. */
enum { ONSET_DECIMALS = 12, TIME_ROOM = 2 * EDF_DECIMAL_ROOM };

static edf_decimal record_time(const edf_notes *notes, int64_t record)
{
    edf_decimal passed, time = notes->first;
    if (edf_decimal_times(notes->record, record, &passed)) (void)edf_decimal_add(notes->first, passed, &time);
    return time;
}

/* "+onset 20 20 0". */
static int print_record_time(const edf_notes *notes, int64_t record, char text[TIME_ROOM])
{
    char time[EDF_DECIMAL_ROOM];
    edf_decimal_print(record_time(notes, record), true, time);
    return snprintf(text, TIME_ROOM, "%s%c%c", time, END_TEXT, END_TEXT) + 1;
}

/* "+onset 21 duration 20"; 0 if the onset is not a time. */
static int print_event_time(const edf_notes *notes, const lmp_event *event, char text[TIME_ROOM])
{
    edf_decimal onset, duration;
    if (!edf_decimal_from(event->onset_s, ONSET_DECIMALS, &onset) || !edf_decimal_add(onset, notes->first, &onset))
        return 0;
    char time[EDF_DECIMAL_ROOM], length[EDF_DECIMAL_ROOM];
    edf_decimal_print(onset, true, time);
    if (!(event->duration_s > 0) || !edf_decimal_from(event->duration_s, ONSET_DECIMALS, &duration))
        return snprintf(text, TIME_ROOM, "%s%c", time, END_TEXT);
    edf_decimal_print(duration, false, length);
    return snprintf(text, TIME_ROOM, "%s%c%s%c", time, BEFORE_DURATION, length, END_TEXT);
}

/* The label; a code where there is none, or a blank: a list needs a text to be one. */
static size_t label_of(const lmp_event *event, char room[24], const char **label)
{
    *label = event->label;
    if (event->label == NULL || event->label[0] == '\0') {
        if (event->code != 0)
            snprintf(room, 24, "%" PRId64, event->code);
        else
            snprintf(room, 24, " ");
        *label = room;
    }
    return strlen(*label);
}

static lmp_status print_lists(const lmp_event *events, edf_notes *notes, lmp_error *err)
{
    char time[TIME_ROOM], room[24];
    const char *label;
    size_t bytes = 1;
    for (int64_t i = 0; i < notes->count; i++) {
        const int n = print_event_time(notes, &events[i], time);
        if (n == 0)
            return lmp_fail(err, LMP_ERR_USAGE, "event %" PRId64 " (%s) has %g s as its onset, which no file can hold",
                            i + 1, events[i].label, events[i].onset_s);
        bytes += (size_t)n + label_of(&events[i], room, &label) + 2;
    }
    notes->bytes = malloc(bytes);
    notes->ends = malloc((size_t)(notes->count + 1) * sizeof *notes->ends);
    notes->records = malloc((size_t)(notes->count + 1) * sizeof *notes->records);
    if (notes->bytes == NULL || notes->ends == NULL || notes->records == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %" PRId64 " annotations", notes->count);
    char *at = notes->bytes;
    for (int64_t i = 0; i < notes->count; i++) {
        at += print_event_time(notes, &events[i], at);
        const size_t n = label_of(&events[i], room, &label);
        for (size_t c = 0; c < n; c++) *at++ = label[c] == END_TEXT || label[c] == BEFORE_DURATION ? ' ' : label[c];
        *at++ = END_TEXT;
        *at++ = '\0';
        notes->ends[i] = at - notes->bytes;
    }
    return LMP_OK;
}

/* ---- Writing: sharing out --------------------------------------------------------------------------------- */

static int64_t list_bytes(const edf_notes *notes, int64_t i)
{
    return notes->ends[i] - (i > 0 ? notes->ends[i - 1] : 0);
}

/* Fills records from the last event in the last record backwards, `room` bytes each: the latest record of every event.
 * False if they do not fit. */
static bool fill_backwards(edf_notes *notes, int64_t room)
{
    int64_t record = notes->n_records - 1, used = 0;
    for (int64_t i = notes->count - 1; i >= 0; i--) {
        const int64_t bytes = list_bytes(notes, i);
        if (bytes > room) return false;
        if (used + bytes > room) {
            if (--record < 0) return false;
            used = 0;
        }
        used += bytes;
        notes->records[i] = record;
    }
    return true;
}

/* Fewest bytes in which fill_backwards() succeeds. */
static int64_t find_room(edf_notes *notes)
{
    int64_t low = 0, high = notes->count > 0 ? notes->ends[notes->count - 1] : 0; /* all in one record */
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (fill_backwards(notes, middle))
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

static void share_out(const lmp_event *events, int64_t room, edf_notes *notes)
{
    (void)fill_backwards(notes, room);
    const double record_s = edf_decimal_value(notes->record);
    int64_t record = 0, used = 0;
    for (int64_t i = 0; i < notes->count; i++) {
        const int64_t latest = notes->records[i], bytes = list_bytes(notes, i);
        const double own = record_s > 0 ? floor(events[i].onset_s / record_s) : 0;
        const int64_t wanted = own >= (double)latest ? latest : own > 0 ? (int64_t)own : 0;
        if (wanted > record) {
            record = wanted;
            used = 0;
        }
        if (used + bytes > room) { /* never beyond `latest`: those that are there with it fit together */
            record++;
            used = 0;
        }
        used += bytes;
        notes->records[i] = record;
    }
}

/* Bytes that suffice for the time of any record: as many digits before the point as the last one has, and every decimal
 * ("+9.9" is longer than "+10"). */
static size_t longest_record_time(const edf_notes *notes)
{
    const edf_decimal last = record_time(notes, notes->n_records - 1);
    const int a = edf_decimal_trim(notes->first).decimals, b = edf_decimal_trim(notes->record).decimals;
    const int decimals = a > b ? a : b;
    char whole[EDF_DECIMAL_ROOM];
    const int digits = snprintf(whole, sizeof whole, "%" PRId64, last.mantissa / edf_decimal_power(last.decimals));
    return (size_t)(digits + decimals) + strlen("+.") + 3;
}

lmp_status edf_notes_new(const lmp_event *events, int64_t count, edf_decimal first, edf_decimal record,
                         int64_t n_records, size_t unit, edf_notes *notes, lmp_error *err)
{
    *notes = (edf_notes){.count = count, .first = first, .record = record, .n_records = n_records};
    const lmp_status status = print_lists(events, notes, err);
    if (status != LMP_OK) {
        edf_notes_free(notes);
        return status;
    }
    const int64_t room = find_room(notes);
    share_out(events, room, notes);
    const size_t needed = (size_t)room + longest_record_time(notes);
    notes->record_bytes = (needed + unit - 1) / unit * unit;
    return LMP_OK;
}

void edf_notes_free(edf_notes *notes)
{
    free(notes->bytes);
    free(notes->ends);
    free(notes->records);
    *notes = (edf_notes){0};
}

/* The first event in this record or later. */
static int64_t find_first(const edf_notes *notes, int64_t record)
{
    int64_t low = 0, high = notes->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (notes->records[middle] < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void edf_notes_print(const edf_notes *notes, int64_t record, uint8_t *bytes)
{
    char text[TIME_ROOM];
    const size_t n = (size_t)print_record_time(notes, record, text);
    const int64_t begin = find_first(notes, record), end = find_first(notes, record + 1);
    const int64_t from = begin > 0 ? notes->ends[begin - 1] : 0, to = end > 0 ? notes->ends[end - 1] : 0;
    memset(bytes, 0, notes->record_bytes);
    memcpy(bytes, text, n);
    if (to > from) memcpy(bytes + n, notes->bytes + from, (size_t)(to - from));
}
