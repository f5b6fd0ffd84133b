/* SPDX-License-Identifier: BSD-3-Clause
 *
 * events_tsv.c: events from a BIDS events.tsv: tab-separated, a header line naming the columns, "n/a" for what is not
 * known. Used: onset and duration (s), the label from trial_type (else value), the code from value.
 * Source: BIDS specification 1.11, "Events".
 */
#include "core/recording.h"
#include "io/decimal.h"
#include "io/file.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 256 << 20, MOST_COLUMNS = 64 };

typedef struct columns {
    int onset, duration, trial_type, value; /* -1: not there */
} columns;

/* Cuts the line at `*rest` into cells in place; returns how many. */
static int cut_line(char **rest, char *cells[MOST_COLUMNS])
{
    char *line = strsep(rest, "\n");
    const size_t n = strlen(line);
    if (n > 0 && line[n - 1] == '\r') line[n - 1] = '\0';
    int count = 0;
    for (char *cell = strsep(&line, "\t"); cell != NULL && count < MOST_COLUMNS; cell = strsep(&line, "\t"))
        cells[count++] = cell;
    return count;
}

static int find_column(char *const *cells, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(cells[i], name) == 0) return i;
    return -1;
}

static const char *cell_or_empty(char *const *cells, int count, int column)
{
    return column < 0 || column >= count || strcmp(cells[column], "n/a") == 0 ? "" : cells[column];
}

static lmp_status parse_row(const char *path, int64_t line, char *const *cells, int count, const columns *c,
                            lmp_event *event, lmp_error *err)
{
    const char *onset = cell_or_empty(cells, count, c->onset), *value = cell_or_empty(cells, count, c->value);
    if (!decimal_parse(onset, 0, &event->onset_s))
        return lmp_fail(err, LMP_ERR_INPUT, "%s, line %lld: the onset \"%s\" is not a number of seconds", path,
                        (long long)line, onset);
    if (!decimal_parse(cell_or_empty(cells, count, c->duration), 0, &event->duration_s) || event->duration_s < 0)
        event->duration_s = 0;
    if (!decimal_parse_integer(value, &event->code)) event->code = 0;
    const char *label = cell_or_empty(cells, count, c->trial_type);
    event->label = label[0] != '\0' ? label : value;
    return LMP_OK;
}

/* `text` is changed; labels stay inside it. */
static lmp_status parse(const char *path, char *text, lmp_event **events, int64_t *n, lmp_error *err)
{
    char *cells[MOST_COLUMNS], *rest = text;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) rest += 3; /* byte order mark */
    int count = cut_line(&rest, cells);
    const columns c = {find_column(cells, count, "onset"), find_column(cells, count, "duration"),
                       find_column(cells, count, "trial_type"), find_column(cells, count, "value")};
    if (c.onset < 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s has no column \"onset\": a BIDS events.tsv is expected, tab-separated with a header line",
                        path);
    int64_t room = 0;
    for (int64_t line = 2; rest != NULL; line++) {
        count = cut_line(&rest, cells);
        if (count == 0 || (count == 1 && cells[0][0] == '\0')) continue;
        if (*n == room) {
            room = room > 0 ? 2 * room : 256;
            lmp_event *grown = realloc(*events, (size_t)room * sizeof *grown);
            if (grown == NULL)
                return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the events of %s", path);
            *events = grown;
        }
        const lmp_status status = parse_row(path, line, cells, count, &c, &(*events)[*n], err);
        if (status != LMP_OK) return status;
        (*n)++;
    }
    return LMP_OK;
}

/* The file as UTF-8; caller frees. */
static lmp_status read_text(const char *path, char **text, lmp_error *err)
{
    char *raw = NULL;
    size_t size = 0;
    const lmp_status status = file_read_text(path, LARGEST_FILE, &raw, &size, err);
    if (status != LMP_OK) return status;
    *text = file_text_to_utf8(raw, size);
    free(raw);
    return *text != NULL ? LMP_OK
                         : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the events of %s", path);
}

lmp_status lmp_plan_read_events(lmp_step_plan *plan, const char *path, const lmp_event **events, int64_t *count,
                                lmp_error *err)
{
    char *text = NULL, *kept = NULL;
    lmp_event *found = NULL, *made = NULL;
    int64_t n = 0;
    lmp_status status = read_text(path, &text, err);
    if (status == LMP_OK && (kept = lmp_plan_memory(plan, strlen(text) + 1)) != NULL) {
        status = parse(path, strcpy(kept, text), &found, &n, err);
        if (status == LMP_OK) made = lmp_plan_memory(plan, (size_t)n * sizeof *made);
    }
    if (status == LMP_OK && made == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the events of %s", path);
    if (status == LMP_OK && n > 0) memcpy(made, found, (size_t)n * sizeof *made);
    free(found);
    free(text);
    if (status != LMP_OK) return status;
    *events = made;
    *count = n;
    return LMP_OK;
}

lmp_status lmp_recording_add_events(lmp_recording *recording, const char *path, lmp_error *err)
{
    char *text = NULL;
    lmp_status status = read_text(path, &text, err);
    if (status != LMP_OK) return status;
    lmp_stream *stream = &recording->source.stream;
    lmp_event *events = NULL;
    int64_t n = 0;
    status = parse(path, text, &events, &n, err);
    lmp_event *all = status == LMP_OK ? calloc((size_t)(n + stream->n_events) + 1, sizeof *all) : NULL;
    if (status == LMP_OK && all == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the events of %s", path);
    if (status == LMP_OK) {
        if (stream->n_events > 0) memcpy(all, stream->events, (size_t)stream->n_events * sizeof *all);
        if (n > 0) memcpy(all + stream->n_events, events, (size_t)n * sizeof *all);
        status = lmp_stream_set_events(stream, all, n + stream->n_events, err);
    }
    free(all);
    free(events);
    free(text);
    return status;
}
