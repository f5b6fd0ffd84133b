/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_print.c: the header of EDF+C and BDF+C files, as written (EDF specification 1992; EDF+ specification,
 * section 2.1).
 */
#include "io/edf/edf_print.h"

#include "io/edf/edf_identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Signals ---------------------------------------------------------------------------------------------- */

void edf_print_describe(const lmp_channel *channel, edf_print_signal *signal)
{
    edf_identity_to_ascii(channel->name, EDF_LABEL, signal->label);
    edf_identity_to_ascii(channel->transducer, EDF_TEXT, signal->transducer);
    edf_identity_to_ascii(channel->unit, EDF_FIELD, signal->unit);
    edf_identity_to_ascii(channel->filtering, EDF_TEXT, signal->filtering);
}

static bool is_taken(const edf_print_signal *signals, int64_t n, const char *label)
{
    if (label[0] == '\0' || strcmp(label, "EDF Annotations") == 0 || strcmp(label, "BDF Annotations") == 0) return true;
    for (int64_t i = 0; i < n; i++)
        if (strcmp(signals[i].label, label) == 0) return true;
    return false;
}

void edf_print_make_unique(edf_print_signal *signals, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        char base[EDF_LABEL + 1], *label = signals[i].label;
        memcpy(base, label, sizeof base);
        for (int64_t number = 1; is_taken(signals, i, label); number++) {
            char end[24];
            const size_t size = (size_t)snprintf(end, sizeof end, "-%" PRId64, number);
            const size_t kept = strnlen(base, EDF_LABEL - size);
            memcpy(label, base, kept);
            memcpy(label + kept, end, size + 1);
        }
    }
}

static edf_range full_range(bool is_bdf)
{
    edf_range range = {.digital_min = is_bdf ? -8388608 : -32768, .digital_max = is_bdf ? 8388607 : 32767};
    memcpy(range.physical_min_text, "-1", 3);
    memcpy(range.physical_max_text, "1", 2);
    return range;
}

void edf_print_annotations(bool is_bdf, int64_t bytes, edf_print_signal *signal)
{
    *signal = (edf_print_signal){.range = full_range(is_bdf), .samples = bytes / (is_bdf ? 3 : 2)};
    snprintf(signal->label, sizeof signal->label, "%s Annotations", is_bdf ? "BDF" : "EDF");
}

/* ---- The header ------------------------------------------------------------------------------------------- */

/* Puts a text into the next field of `width` bytes, filled up with blanks. */
static void put(uint8_t **at, int width, const char *text)
{
    const size_t n = strnlen(text, (size_t)width);
    memset(*at, ' ', (size_t)width);
    memcpy(*at, text, n);
    *at += width;
}

static void put_integer(uint8_t **at, int width, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    put(at, width, text);
}

static void put_file(const edf_print_file *file, uint8_t **at)
{
    char date[EDF_DATE + 1], time[EDF_DATE + 1], record[EDF_FIELD_ROOM] = "";
    edf_identity_print_start(file->start_unix_s, date, time);
    (void)edf_field_print(file->record, record);
    put(at, EDF_FIELD, file->is_bdf ? "\377BIOSEMI" : "0");
    put(at, EDF_TEXT, file->patient);
    put(at, EDF_TEXT, file->recording);
    put(at, EDF_DATE, date);
    put(at, EDF_DATE, time);
    put_integer(at, EDF_FIELD, EDF_HEAD_BYTES * (file->n_signals + 1));
    put(at, EDF_RESERVED, file->is_bdf ? "BDF+C" : "EDF+C");
    put_integer(at, EDF_FIELD, file->n_records);
    put(at, EDF_FIELD, record);
    put_integer(at, 4, file->n_signals);
}

void edf_print_header(const edf_print_file *file, const edf_print_signal *signals, uint8_t *bytes)
{
    enum { RESERVED = 32 };
    const int64_t n = file->n_signals;
    uint8_t *at = bytes;
    put_file(file, &at);
    for (int64_t i = 0; i < n; i++) put(&at, EDF_LABEL, signals[i].label);
    for (int64_t i = 0; i < n; i++) put(&at, EDF_TEXT, signals[i].transducer);
    for (int64_t i = 0; i < n; i++) put(&at, EDF_FIELD, signals[i].unit);
    for (int64_t i = 0; i < n; i++) put(&at, EDF_FIELD, signals[i].range.physical_min_text);
    for (int64_t i = 0; i < n; i++) put(&at, EDF_FIELD, signals[i].range.physical_max_text);
    for (int64_t i = 0; i < n; i++) put_integer(&at, EDF_FIELD, signals[i].range.digital_min);
    for (int64_t i = 0; i < n; i++) put_integer(&at, EDF_FIELD, signals[i].range.digital_max);
    for (int64_t i = 0; i < n; i++) put(&at, EDF_TEXT, signals[i].filtering);
    for (int64_t i = 0; i < n; i++) put_integer(&at, EDF_FIELD, signals[i].samples);
    for (int64_t i = 0; i < n; i++) put(&at, RESERVED, "");
}
