/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_identity.h: who and when in an EDF+ header: start date and time, patient and recording identification.
 */
#ifndef LIMPID_IO_EDF_IDENTITY_H
#define LIMPID_IO_EDF_IDENTITY_H

#include <stdbool.h>

/* The field widths, and the dates "dd.mm.yy" and "hh.mm.ss". */
enum { EDF_ID = 80, EDF_DATE = 8 };

/* Start of a file in Unix seconds from its date, time and recording identification ("Startdate 24-JAN-2020 ...", which
 * has all digits of the year). NaN if there is none: anonymised, or `date` or `time` impossible (then *odd is set). */
double edf_identity_start(const char *date, const char *time, const char *recording, bool *odd);

/* Header texts of a start in whole Unix seconds, NaN if unknown. */
void edf_identity_print_start(double start_unix_s, char date[EDF_DATE + 1], char time[EDF_DATE + 1]);

/* A patient identification that EDF+ allows: the given one if it is, else one that has it as a name. */
void edf_identity_print_patient(const char *subject, char text[EDF_ID + 1]);

/* A recording identification that EDF+ allows, for this start. */
void edf_identity_print_recording(const char *session, double start_unix_s, char text[EDF_ID + 1]);

/* `text` in printable ASCII as headers need it: micro and degree signs spelled out, other characters as "_". At most
 * `width` characters; `out` has room for one more. */
void edf_identity_to_ascii(const char *text, int width, char *out);

#endif
