/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_print.h: the header of EDF+C and BDF+C files, as written.
 */
#ifndef LIMPID_IO_EDF_PRINT_H
#define LIMPID_IO_EDF_PRINT_H

#include "io/edf/edf_header.h"
#include "io/edf/edf_range.h"

/* Texts in printable ASCII, cut to their field's width. */
typedef struct edf_print_signal {
    char label[EDF_LABEL + 1], transducer[EDF_TEXT + 1], unit[EDF_FIELD + 1], filtering[EDF_TEXT + 1];
    edf_range range;
    int64_t samples; /* in a record */
} edf_print_signal;

typedef struct edf_print_file {
    bool is_bdf;
    char patient[EDF_TEXT + 1], recording[EDF_TEXT + 1];
    double start_unix_s; /* whole seconds, NaN if unknown */
    edf_decimal record;
    int64_t n_records;
    int64_t n_signals; /* with the annotations */
} edf_print_file;

/* Name, transducer, unit and filtering of a channel. */
void edf_print_describe(const lmp_channel *channel, edf_print_signal *signal);

/* Makes the labels of n signals different from each other and from those of annotation signals. */
void edf_print_make_unique(edf_print_signal *signals, int64_t n);

/* The signal that holds the annotations, `bytes` of them per record. */
void edf_print_annotations(bool is_bdf, int64_t bytes, edf_print_signal *signal);

/* bytes: EDF_HEAD_BYTES * (n_signals + 1) of them. */
void edf_print_header(const edf_print_file *file, const edf_print_signal *signals, uint8_t *bytes);

#endif
