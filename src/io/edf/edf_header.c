/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_header.c: the header of EDF, EDF+, BDF and BDF+ files, as read.
 *
 * A header is text in fields of fixed width: 256 bytes about the file, then for each property of signals (labels,
 * transducers, units, ...) one field for every signal. Files in the wild have commas as decimal sign, zero bytes
 * instead of blanks, bytes that are not ASCII, ranges of no extent: what does not put the place of samples in doubt is
 * survived with a warning. Every number that does (records, duration, samples) is checked against the file's size.
 */
#include "io/edf/edf_header.h"

#include "io/decimal.h"
#include "io/edf/edf_identity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 99999999 }; /* what 8 characters hold */

/* ---- Fields ----------------------------------------------------------------------------------------------- */

/* A field of at most 80 bytes, ended by 0: zero bytes end it, control characters and blanks around are dropped. */
static void copy_field(const uint8_t *bytes, size_t width, char field[EDF_TEXT + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < width && bytes[i] != 0; i++) field[n++] = bytes[i] < 0x20 ? ' ' : (char)bytes[i];
    while (n > 0 && field[n - 1] == ' ') n--;
    size_t blanks = 0;
    while (blanks < n && field[blanks] == ' ') blanks++;
    memmove(field, field + blanks, n - blanks);
    field[n - blanks] = '\0';
}

static char *take_text(const uint8_t *bytes, size_t width)
{
    char field[EDF_TEXT + 1];
    copy_field(bytes, width, field);
    return file_text_to_utf8(field, strlen(field));
}

static bool take_number(const uint8_t *bytes, double *value)
{
    char field[EDF_TEXT + 1];
    copy_field(bytes, EDF_FIELD, field);
    char *comma = strchr(field, ',');
    if (comma != NULL) *comma = '.';
    return decimal_parse(field, 0, value);
}

static bool take_integer(const uint8_t *bytes, size_t width, int64_t *value)
{
    char field[EDF_TEXT + 1];
    copy_field(bytes, width, field);
    return decimal_parse_integer(field, value);
}

/* ---- About the file --------------------------------------------------------------------------------------- */

static lmp_status parse_record_duration(const uint8_t *head, const char *path, edf_header *h, lmp_error *err)
{
    char field[EDF_TEXT + 1];
    copy_field(head + 244, EDF_FIELD, field);
    if (!take_number(head + 244, &h->record_s) || !(h->record_s >= 0))
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "%s is damaged: its header gives \"%s\" as the duration of a data record, not a number of seconds", path,
            field);
    const size_t used = edf_decimal_parse(field, strlen(field), &h->record);
    if (used != strlen(field) && !edf_decimal_from(h->record_s, EDF_MOST_DECIMALS, &h->record))
        return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: a data record of %s s is impossible", path, field);
    return LMP_OK;
}

static lmp_status parse_head(const uint8_t *head, const char *path, edf_header *h, char **warnings, lmp_error *err)
{
    int64_t version;
    h->is_bdf = head[0] == 0xFF;
    if (!h->is_bdf && (!take_integer(head, EDF_FIELD, &version) || version != 0))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is neither EDF nor BDF: it starts with neither the version \"0\" nor the byte 255", path);
    h->sample_bytes = h->is_bdf ? 3 : 2;
    h->is_plus = memcmp(head + 193, "DF+", 3) == 0;
    h->is_gapped = h->is_plus && head[196] == 'D';
    h->patient = take_text(head + 8, EDF_TEXT);
    h->recording = take_text(head + 88, EDF_TEXT);
    if (h->patient == NULL || h->recording == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the header of %s", path);
    char date[EDF_TEXT + 1], time[EDF_TEXT + 1];
    copy_field(head + 168, EDF_DATE, date);
    copy_field(head + 176, EDF_DATE, time);
    bool odd;
    h->start_unix_s = edf_identity_start(date, time, h->recording, &odd);
    if (odd) file_warn(warnings, "The start \"%s %s\" is not a date and time; it is taken as unknown.", date, time);
    if (!take_integer(head + 236, EDF_FIELD, &h->n_records) || h->n_records < 0) h->n_records = -1;
    if (!take_integer(head + 252, 4, &h->n_signals) || h->n_signals < 1)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: its header does not say how many signals there are", path);
    return parse_record_duration(head, path, h, err);
}

/* ---- About the signals ------------------------------------------------------------------------------------ */

/* Where the fields of each property start, counted in bytes per signal. */
enum {
    AT_LABEL = 0,
    AT_TRANSDUCER = 16,
    AT_UNIT = 96,
    AT_PHYSICAL_MIN = 104,
    AT_PHYSICAL_MAX = 112,
    AT_DIGITAL_MIN = 120,
    AT_DIGITAL_MAX = 128,
    AT_FILTERING = 136,
    AT_SAMPLES = 216
};

static const uint8_t *field_of(const uint8_t *fields, int64_t n_signals, int at, size_t width, int64_t i)
{
    return fields + (int64_t)at * n_signals + (int64_t)width * i;
}

static bool parse_range(const uint8_t *fields, int64_t n, int64_t i, edf_signal *s)
{
    return take_number(field_of(fields, n, AT_PHYSICAL_MIN, EDF_FIELD, i), &s->physical_min) &&
           take_number(field_of(fields, n, AT_PHYSICAL_MAX, EDF_FIELD, i), &s->physical_max) &&
           take_number(field_of(fields, n, AT_DIGITAL_MIN, EDF_FIELD, i), &s->digital_min) &&
           take_number(field_of(fields, n, AT_DIGITAL_MAX, EDF_FIELD, i), &s->digital_max) &&
           s->physical_min != s->physical_max && s->digital_min != s->digital_max;
}

/* Some writers use the Japanese code page, whose mu is 0x83 0xCA. */
static char *take_unit(const uint8_t *bytes)
{
    if (memcmp(bytes,
               "\x83\xCA"
               "V",
               3) == 0)
        return strdup("uV");
    return take_text(bytes, EDF_FIELD);
}

static lmp_status parse_signal(const uint8_t *fields, int64_t i, const char *path, edf_header *h, lmp_error *err)
{
    const int64_t n = h->n_signals;
    edf_signal *s = &h->signals[i];
    s->label = take_text(field_of(fields, n, AT_LABEL, EDF_LABEL, i), EDF_LABEL);
    s->transducer = take_text(field_of(fields, n, AT_TRANSDUCER, EDF_TEXT, i), EDF_TEXT);
    s->unit = take_unit(field_of(fields, n, AT_UNIT, EDF_FIELD, i));
    s->filtering = take_text(field_of(fields, n, AT_FILTERING, EDF_TEXT, i), EDF_TEXT);
    if (s->label == NULL || s->transducer == NULL || s->unit == NULL || s->filtering == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the header of %s", path);
    s->is_annotations = strcmp(s->label, "EDF Annotations") == 0 || strcmp(s->label, "BDF Annotations") == 0;
    s->has_range = parse_range(fields, n, i, s);
    if (!take_integer(field_of(fields, n, AT_SAMPLES, EDF_FIELD, i), EDF_FIELD, &s->samples) || s->samples < 0 ||
        s->samples > MOST_SAMPLES)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is damaged: its header gives no number of samples per record for signal %" PRId64 " (%s)",
                        path, i + 1, s->label);
    s->offset = h->record_bytes;
    h->record_bytes += s->samples * h->sample_bytes;
    return LMP_OK;
}

/* The header says its own length: some writers add to it, some say nonsense. */
static int64_t find_header_end(const file_input *input, const uint8_t *head, const edf_header *h, char **warnings)
{
    const int64_t usual = EDF_HEAD_BYTES * (h->n_signals + 1);
    int64_t said;
    if (!take_integer(head + 184, EDF_FIELD, &said)) said = -1;
    if (said == usual) return usual;
    const bool longer = said > usual && said <= input->info.size && h->n_records > 0 &&
                        h->n_records <= (input->info.size - said) / h->record_bytes;
    file_warn(warnings, "The header says it has %" PRId64 " bytes, its %" PRId64 " signals make %" PRId64 "; %s.", said,
              h->n_signals, usual, longer ? "data are read from where it says" : "that is taken");
    return longer ? said : usual;
}

lmp_status edf_header_read(const file_input *input, edf_header *header, char **warnings, lmp_error *err)
{
    *header = (edf_header){0};
    const char *path = input->path;
    file_view head = {0}, fields = {0};
    if (input->info.size < 2 * EDF_HEAD_BYTES)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has %" PRId64 " bytes: too few for the header of an EDF or BDF file",
                        path, input->info.size);
    lmp_status status = file_view_begin(input, 0, EDF_HEAD_BYTES, NULL, &head, err);
    if (status == LMP_OK) status = parse_head(head.bytes, path, header, warnings, err);
    if (status != LMP_OK) goto done;
    if (input->info.size / EDF_HEAD_BYTES < header->n_signals + 1) {
        status = lmp_fail(err, LMP_ERR_INPUT,
                          "%s ends inside its header: %" PRId64 " signals need %" PRId64 " bytes, there are %" PRId64
                          "; copy it again from its source",
                          path, header->n_signals, EDF_HEAD_BYTES * (header->n_signals + 1), input->info.size);
        goto done;
    }
    status = file_view_begin(input, EDF_HEAD_BYTES, (size_t)(EDF_HEAD_BYTES * header->n_signals), NULL, &fields, err);
    if (status != LMP_OK) goto done;
    header->signals = calloc((size_t)header->n_signals, sizeof *header->signals);
    if (header->signals == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the header of %s", path);
    for (int64_t i = 0; i < header->n_signals && status == LMP_OK; i++)
        status = parse_signal(fields.bytes, i, path, header, err);
    if (status != LMP_OK) goto done;
    if (header->record_bytes == 0)
        status =
            lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: its header gives 0 samples per record for every signal", path);
    else
        header->header_bytes = find_header_end(input, head.bytes, header, warnings);
done:
    file_view_end(&head);
    file_view_end(&fields);
    if (status != LMP_OK) edf_header_free(header);
    return status;
}

void edf_header_free(edf_header *header)
{
    for (int64_t i = 0; i < header->n_signals && header->signals != NULL; i++) {
        free(header->signals[i].label);
        free(header->signals[i].transducer);
        free(header->signals[i].unit);
        free(header->signals[i].filtering);
    }
    free(header->signals);
    free(header->patient);
    free(header->recording);
    *header = (edf_header){0};
}
