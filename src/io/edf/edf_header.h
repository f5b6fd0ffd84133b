/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_header.h: the header of EDF, EDF+, BDF and BDF+ files, as read.
 */
#ifndef LIMPID_IO_EDF_HEADER_H
#define LIMPID_IO_EDF_HEADER_H

#include "io/edf/edf_decimal.h"
#include "io/file.h"

/* Field widths of the format: 256 bytes for the file, then 256 bytes for each signal. */
enum { EDF_HEAD_BYTES = 256, EDF_MOST_SIGNALS = 9999, EDF_LABEL = 16, EDF_TEXT = 80, EDF_RESERVED = 44 };

typedef struct edf_signal {
    char *label, *transducer, *unit, *filtering; /* UTF-8, blanks around removed */
    double physical_min, physical_max, digital_min, digital_max;
    bool has_range; /* the four numbers can be read, and minimum and maximum differ */
    bool is_annotations;
    int64_t samples; /* in a record */
    int64_t offset;  /* bytes from the start of a record */
} edf_signal;

typedef struct edf_header {
    bool is_bdf;
    bool is_plus, is_gapped; /* "+C" or "+D"; "+D" */
    int sample_bytes;        /* 2 or 3 */
    char *patient, *recording;
    double start_unix_s; /* whole seconds; NaN if unknown */
    int64_t header_bytes, record_bytes;
    int64_t n_records;  /* as the header says; -1: unknown */
    edf_decimal record; /* seconds; 0 if the header says so */
    double record_s;
    int64_t n_signals;
    edf_signal *signals;
} edf_header;

/* Refuses what no reader could make sense of; what others survive becomes a warning. On failure nothing is left. */
LMP_CHECKED lmp_status edf_header_read(const file_input *input, edf_header *header, char **warnings, lmp_error *err);
void edf_header_free(edf_header *header);

#endif
