/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_support.h: EDF and BDF files made by hand for tests: what a header says is given as text, right or wrong.
 */
#ifndef LIMPID_TESTS_EDF_SUPPORT_H
#define LIMPID_TESTS_EDF_SUPPORT_H

#include "io/edf/edf.h"
#include "io_support.h"

enum { EDF_MADE_SIGNALS = 8 };

typedef struct made_signal {
    const char *label, *unit, *physical_min, *physical_max, *digital_min, *digital_max;
    int samples;
} made_signal;

typedef struct made_file {
    bool is_bdf;
    const char *patient, *recording, *date, *time, *header_bytes, *reserved, *n_records, *duration, *n_signals;
    made_signal signals[EDF_MADE_SIGNALS]; /* up to the first without a label */
    int records;                           /* there really are */
    /* Annotations of each record in each annotation signal: '|' is byte 20, '~' byte 21, '^' byte 0. */
    const char *const *notes;
} made_file;

static inline int made_count(const made_file *file)
{
    int n = 0;
    while (n < EDF_MADE_SIGNALS && file->signals[n].label != NULL) n++;
    return n;
}

/* What is stored: different for every signal and sample, over the type's range. */
static inline int32_t made_value(const made_file *file, int signal, int64_t sample)
{
    const uint32_t mixed = ((uint32_t)sample + 1) * 2654435761u + (uint32_t)signal * 40503u * 65536u;
    return file->is_bdf ? (int32_t)(mixed >> 8) - 8388608 : (int32_t)(mixed >> 16) - 32768;
}

static inline void made_put(uint8_t **at, int width, const char *text)
{
    memset(*at, ' ', (size_t)width);
    for (int i = 0; text != NULL && text[i] != '\0' && i < width; i++) (*at)[i] = (uint8_t)text[i];
    *at += width;
}

static inline void made_put_integer(uint8_t **at, int width, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    made_put(at, width, text);
}

static inline void made_put_header(const made_file *file, uint8_t **at)
{
    const int n = made_count(file);
    made_put(at, 8, file->is_bdf ? "\377BIOSEMI" : "0");
    made_put(at, 80, file->patient ? file->patient : "X X X X");
    made_put(at, 80, file->recording ? file->recording : "Startdate 24-JAN-2020 X X X");
    made_put(at, 8, file->date ? file->date : "24.01.20");
    made_put(at, 8, file->time ? file->time : "04.05.56");
    if (file->header_bytes)
        made_put(at, 8, file->header_bytes);
    else
        made_put_integer(at, 8, 256 * (n + 1));
    made_put(at, 44, file->reserved);
    if (file->n_records)
        made_put(at, 8, file->n_records);
    else
        made_put_integer(at, 8, file->records);
    made_put(at, 8, file->duration ? file->duration : "1");
    if (file->n_signals)
        made_put(at, 4, file->n_signals);
    else
        made_put_integer(at, 4, n);
}

static inline void made_put_signals(const made_file *file, uint8_t **at)
{
    const int n = made_count(file);
    const made_signal *s = file->signals;
    const char *low = file->is_bdf ? "-8388608" : "-32768", *high = file->is_bdf ? "8388607" : "32767";
    for (int i = 0; i < n; i++) made_put(at, 16, s[i].label);
    for (int i = 0; i < n; i++) made_put(at, 80, "electrode");
    for (int i = 0; i < n; i++) made_put(at, 8, s[i].unit ? s[i].unit : "uV");
    for (int i = 0; i < n; i++) made_put(at, 8, s[i].physical_min ? s[i].physical_min : "-3276.8");
    for (int i = 0; i < n; i++) made_put(at, 8, s[i].physical_max ? s[i].physical_max : "3276.7");
    for (int i = 0; i < n; i++) made_put(at, 8, s[i].digital_min ? s[i].digital_min : low);
    for (int i = 0; i < n; i++) made_put(at, 8, s[i].digital_max ? s[i].digital_max : high);
    for (int i = 0; i < n; i++) made_put(at, 80, "HP:0.1Hz");
    for (int i = 0; i < n; i++) made_put_integer(at, 8, s[i].samples);
    for (int i = 0; i < n; i++) made_put(at, 32, "");
}

static inline void made_put_notes(const char *notes, int bytes, uint8_t **at)
{
    memset(*at, 0, (size_t)bytes);
    assert_true(notes == NULL || (int)strlen(notes) <= bytes);
    for (int i = 0; notes != NULL && notes[i] != '\0'; i++)
        (*at)[i] = (uint8_t)(notes[i] == '|' ? 20 : notes[i] == '~' ? 21 : notes[i] == '^' ? 0 : notes[i]);
    *at += bytes;
}

/* The whole file; the caller frees. */
static inline uint8_t *made_bytes(const made_file *file, size_t *size)
{
    const int n = made_count(file), width = file->is_bdf ? 3 : 2;
    size_t record = 0;
    for (int i = 0; i < n; i++) record += (size_t)(file->signals[i].samples * width);
    *size = 256 * (size_t)(n + 1) + record * (size_t)file->records;
    uint8_t *bytes = malloc(*size), *at = bytes;
    assert_non_null(bytes);
    made_put_header(file, &at);
    made_put_signals(file, &at);
    int note = 0;
    for (int64_t r = 0; r < file->records; r++)
        for (int i = 0; i < n; i++) {
            const int samples = file->signals[i].samples;
            if (strstr(file->signals[i].label, "Annotations") != NULL) {
                made_put_notes(file->notes ? file->notes[note++] : NULL, samples * width, &at);
                continue;
            }
            for (int k = 0; k < samples; k++) {
                const uint32_t value = (uint32_t)made_value(file, i, r * samples + k);
                for (int b = 0; b < width; b++) *at++ = (uint8_t)(value >> (8 * b));
            }
        }
    assert_int_equal(at - bytes, *size);
    return bytes;
}

/* Puts the file into the folder of the test and gives its path. */
static inline const char *made_put_file(const made_file *file, const char *name)
{
    size_t size;
    uint8_t *bytes = made_bytes(file, &size);
    io_put(name, bytes, size);
    free(bytes);
    return io_path(name);
}

static inline const lmp_io *made_io(const made_file *file)
{
    return file->is_bdf ? &lmp_io_bdf : &lmp_io_edf;
}

/* The value a reader owes for sample `time` of lane i, both counted as in the recording; `fast`: samples per record. */
static inline double made_truth(const made_file *file, int signal, int64_t fast, int64_t time, double factor)
{
    const made_signal *s = &file->signals[signal];
    const double low = s->physical_min ? strtod(s->physical_min, NULL) * factor : -3276.8 * factor;
    const double high = s->physical_max ? strtod(s->physical_max, NULL) * factor : 3276.7 * factor;
    const double least = s->digital_min ? strtod(s->digital_min, NULL) : file->is_bdf ? -8388608.0 : -32768.0;
    const double most = s->digital_max ? strtod(s->digital_max, NULL) : file->is_bdf ? 8388607.0 : 32767.0;
    const int64_t stored = time / fast * s->samples + time % fast * s->samples / fast;
    const double scale = (high - low) / (most - least);
    return scale * (double)made_value(file, signal, stored) + (low - scale * least);
}

/* Ordinary files of both kinds: three rates that do not divide each other, three units, a gain below 0. */
static inline made_file made_mixed(bool is_bdf)
{
    return (made_file){
        .is_bdf = is_bdf,
        .records = 7,
        .duration = "0.5",
        .signals = {{.label = "Fz", .samples = 100},
                    {.label = "slow", .samples = 33},
                    {.label = "ECG", .unit = "mV", .physical_min = "5", .physical_max = "-5", .samples = 100},
                    {.label = "Temp",
                     .unit = "DegC",
                     .physical_min = "34",
                     .physical_max = "40.25",
                     .digital_min = "-2849",
                     .digital_max = "2731",
                     .samples = 1}}};
}

/* Four records with annotations, which may speak of gaps. */
static inline made_file made_gapped(const char *const *notes)
{
    return (made_file){.reserved = "EDF+D",
                       .records = 4,
                       .notes = notes,
                       .signals = {{.label = "Fz", .samples = 10}, {.label = "EDF Annotations", .samples = 40}}};
}

/* A small generator of its own: the same numbers everywhere. */
static inline uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

#endif
