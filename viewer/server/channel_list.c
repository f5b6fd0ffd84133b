/* SPDX-License-Identifier: BSD-3-Clause
 *
 * channel_list.c: the channels of a request, "0-3,7". Digits, commas and hyphens only: no signs, no blanks.
 */
#include "channel_list.h"

#include <limpid/step.h>
#include <stdbool.h>
#include <stdlib.h>

/* Moves `text` behind a whole number; -1 if there is none or it has more digits than any recording has channels. */
static int64_t take_number(const char **text)
{
    enum { MOST_DIGITS = 9 };
    int64_t number = 0;
    int digits = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (++digits > MOST_DIGITS) return -1;
        number = 10 * number + (**text - '0');
    }
    return digits == 0 ? -1 : number;
}

typedef struct chosen {
    int64_t *list;
    int64_t count, n_channels;
    bool *is_in;
} chosen;

static lmp_status add_range(chosen *c, int64_t first, int64_t last, lmp_error *err)
{
    if (last >= c->n_channels)
        return lmp_fail(err, LMP_ERR_USAGE, "channel %lld was asked for, the recording has %lld, numbered from 0",
                        (long long)last, (long long)c->n_channels);
    for (int64_t i = first; i <= last; i++) {
        if (c->is_in[i]) return lmp_fail(err, LMP_ERR_USAGE, "channel %lld was asked for twice", (long long)i);
        c->is_in[i] = true;
        c->list[c->count++] = i;
    }
    return LMP_OK;
}

static lmp_status parse(chosen *c, const char *text, lmp_error *err)
{
    for (const char *at = text;; at++) {
        const int64_t first = take_number(&at);
        int64_t last = first;
        if (first >= 0 && *at == '-') {
            at++;
            last = take_number(&at);
        }
        if (first < 0 || last < first || (*at != ',' && *at != '\0'))
            return lmp_fail(err, LMP_ERR_USAGE,
                            "\"%.80s\" is not a list of channels: write numbers and ranges as in 0-3,7", text);
        const lmp_status status = add_range(c, first, last, err);
        if (status != LMP_OK || *at == '\0') return status;
    }
}

lmp_status channel_list_parse(const char *text, int64_t n_channels, int64_t **channels, int64_t *count, lmp_error *err)
{
    chosen c = {.n_channels = n_channels};
    c.list = calloc((size_t)n_channels + 1, sizeof *c.list);
    c.is_in = calloc((size_t)n_channels + 1, sizeof *c.is_in);
    const lmp_status status =
        c.list != NULL && c.is_in != NULL
            ? parse(&c, text, err)
            : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a list of channels");
    free(c.is_in);
    if (status != LMP_OK) {
        free(c.list);
        return status;
    }
    *channels = c.list;
    *count = c.count;
    return LMP_OK;
}
