/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Codes of a stim channel: a list of changes, and the choice among them, which is the same as among labelled events.
 */
#include "signal/trigger_codes.h"

#include "signal/trigger_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CODES  ((int64_t)1 << 17)
#define FIRST_CODES 1024
#define NO_CODE     (-1)
#define MOST_VALUE  9e15 /* larger values are no codes: a double counts no further */
#define CODE_TEXT   24

static int64_t most_codes(int64_t n_times)
{
    return n_times < MOST_CODES ? n_times + 1 : MOST_CODES;
}

/* While the list grows, the old and the new one exist together. */
size_t trigger_codes_bytes(int64_t n_times)
{
    return (size_t)most_codes(n_times) * sizeof(trigger_code) * 3 / 2 + 4096;
}

trigger_codes trigger_codes_new(int64_t n_times, int64_t mask, lmp_budget *budget)
{
    return (trigger_codes){.mask = mask, .last = NO_CODE, .most = most_codes(n_times), .budget = budget};
}

void trigger_codes_clear(trigger_codes *codes)
{
    lmp_give(codes->budget, codes->rows);
    codes->rows = NULL;
    codes->n = codes->room = 0;
}

static lmp_status grow(trigger_codes *codes, lmp_error *err)
{
    int64_t room = codes->room == 0 ? FIRST_CODES : 2 * codes->room;
    void *rows = NULL;
    if (room > codes->most) room = codes->most;
    lmp_status status = lmp_take(codes->budget, (size_t)room * sizeof *codes->rows, &rows, err);
    if (status != LMP_OK) return status;
    if (codes->n > 0) memcpy(rows, codes->rows, (size_t)codes->n * sizeof *codes->rows);
    lmp_give(codes->budget, codes->rows);
    codes->rows = rows;
    codes->room = room;
    return LMP_OK;
}

lmp_status trigger_codes_add(trigger_codes *codes, int64_t first, const double *values, int64_t count, const char *step,
                             const char *channel, lmp_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        if (!(fabs(values[i]) < MOST_VALUE)) continue;
        int64_t code = llround(values[i]) & codes->mask;
        bool is_edge = code != 0 && code != codes->last && codes->last != NO_CODE;
        codes->last = code;
        if (!is_edge) continue;
        if (codes->n == codes->most)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s: channel %s changes its code more than %lld times, so it is no trigger channel: name "
                            "another one, or the bits that hold the code with mask=",
                            step, channel, (long long)codes->most);
        lmp_status status = codes->n == codes->room ? grow(codes, err) : LMP_OK;
        if (status != LMP_OK) return status;
        codes->rows[codes->n++] = (trigger_code){.sample = first + i, .code = code};
    }
    return LMP_OK;
}

/* ---- Choosing ---- */

static bool is_wanted(lmp_numbers wanted, int64_t code)
{
    for (int64_t i = 0; i < wanted.count; i++)
        if (wanted.values[i] == (double)code) return true;
    return false;
}

/* The codes as events labelled with their numbers. */
static lmp_status make_events(const trigger_codes *codes, double rate_hz, lmp_stream *stream,
                              char (**labels)[CODE_TEXT], lmp_error *err)
{
    lmp_event *events = malloc(((size_t)codes->n + 1) * sizeof *events);
    char(*texts)[CODE_TEXT] = malloc(((size_t)codes->n + 1) * sizeof *texts);
    if (events == NULL || texts == NULL) {
        free(events);
        free(texts);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for trigger codes");
    }
    for (int64_t i = 0; i < codes->n; i++) {
        snprintf(texts[i], sizeof texts[i], "%lld", (long long)codes->rows[i].code);
        events[i] = (lmp_event){.onset_s = (double)codes->rows[i].sample / rate_hz, .label = texts[i]};
    }
    *stream = (lmp_stream){.format = {.rate_hz = rate_hz}, .events = events, .n_events = codes->n};
    *labels = texts;
    return LMP_OK;
}

static lmp_status refuse(const lmp_stream *codes, const char *step, const char *channel, lmp_error *err)
{
    char text[TRIGGER_EVENTS_TEXT];
    if (codes->n_events == 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s: channel %s never changes to a code other than 0: name another channel, or the bits that "
                        "hold the code with mask=",
                        step, channel);
    lmp_status status = trigger_events_list(codes, text, err);
    if (status != LMP_OK) return status;
    return lmp_fail(err, LMP_ERR_INPUT, "%s: channel %s has none of the codes asked for; its codes are %s", step,
                    channel, text);
}

/* In words: "code 1", "all codes", "codes asked for". */
static void describe_choice(lmp_numbers wanted, const char *regular, char chosen[64])
{
    if (wanted.count > 0)
        snprintf(chosen, 64, "the codes asked for");
    else if (regular != NULL)
        snprintf(chosen, 64, "code %s", regular);
    else
        snprintf(chosen, 64, "all codes");
}

lmp_status trigger_codes_choose(const trigger_codes *codes, lmp_numbers wanted, double rate_hz, const char *step,
                                const char *channel, double **times, int64_t *count, char chosen[64], lmp_error *err)
{
    lmp_stream stream = {0};
    char(*labels)[CODE_TEXT] = NULL;
    trigger_choice choice = {0};
    double *found = NULL;
    int64_t n = 0;
    lmp_status status = make_events(codes, rate_hz, &stream, &labels, err);
    if (status == LMP_OK && wanted.count == 0) status = trigger_lattice_choose_label(&stream, &choice, err);
    if (status != LMP_OK) goto done;
    found = malloc(((size_t)codes->n + 1) * sizeof *found);
    if (found == NULL) {
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for trigger codes");
        goto done;
    }
    for (int64_t i = 0; i < codes->n; i++) {
        bool takes = wanted.count > 0 ? is_wanted(wanted, codes->rows[i].code)
                                      : choice.label == NULL || strcmp(choice.label, labels[i]) == 0;
        if (takes) found[n++] = (double)codes->rows[i].sample;
    }
    if (n == 0) status = refuse(&stream, step, channel, err);
    if (status != LMP_OK) goto done;
    describe_choice(wanted, choice.label, chosen);
    *times = found;
    *count = n;
    found = NULL;
done:
    free((void *)(uintptr_t)stream.events);
    free(labels);
    free(found);
    return status;
}
