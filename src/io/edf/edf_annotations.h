/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_annotations.h: annotations of EDF+ and BDF+: lists of texts with a time ("TAL"), parsed and printed.
 */
#ifndef LIMPID_IO_EDF_ANNOTATIONS_H
#define LIMPID_IO_EDF_ANNOTATIONS_H

#include "io/edf/edf_decimal.h"

#include <limpid/step.h>

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* One text of a list. Seconds count from the file's start in whole seconds. */
typedef struct edf_annotation {
    edf_decimal onset;
    double duration_s; /* 0 if none is given */
    const char *text;  /* not ended by 0; UTF-8 if the writer kept to the format */
    size_t size;       /* 0: an empty text */
    bool is_first;     /* the first text of the first list of these bytes: empty where it tells the record's time */
} edf_annotation;

/* Calls `visit` for every text of one record of one annotation signal, until it fails; its failure is the result.
 * Lists that cannot be read are skipped and counted. */
LMP_CHECKED lmp_status edf_annotations_parse(const uint8_t *bytes, size_t size,
                                             lmp_status (*visit)(void *user, const edf_annotation *annotation),
                                             void *user, int64_t *n_damaged);

/* ---- Writing ---------------------------------------------------------------------------------------------- */

/* Events as lists, shared out over the records of a file. */
typedef struct edf_notes {
    char *bytes;      /* all lists, one after the other */
    int64_t *ends;    /* where each list ends in `bytes` */
    int64_t *records; /* which record each list is in; ascending */
    int64_t count;
    edf_decimal first, record; /* seconds: of the first record after the file's start, of each record */
    int64_t n_records;
    size_t record_bytes; /* what every record keeps free for lists: a multiple of the unit given */
} edf_notes;

/* Events sorted by onset. record_s 0: one record. Gives an event to the record it falls into where that has room. */
LMP_CHECKED lmp_status edf_notes_new(const lmp_event *events, int64_t count, edf_decimal first, edf_decimal record,
                                     int64_t n_records, size_t unit, edf_notes *notes, lmp_error *err);
void edf_notes_free(edf_notes *notes);

/* The record_bytes bytes of a record: its time, its lists, zeros. */
void edf_notes_print(const edf_notes *notes, int64_t record, uint8_t *bytes);

#endif
