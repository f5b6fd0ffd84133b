/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cih.h: Photron's camera information header (.cih, .cihx).
 */
#ifndef LIMPID_IO_CIH_H
#define LIMPID_IO_CIH_H

#include <limpid/step.h>
#include <stdbool.h>

enum { CIH_TEXT = 128 };

typedef struct cih_header {
    int64_t width, height, n_frames;
    int64_t bits;       /* of a pixel in the file, all colours */
    int64_t depth;      /* bits that mean something; 0 if not said */
    bool is_upper_side; /* they are the upper ones of `bits` */
    double rate_hz;     /* of the camera */
    int64_t step;       /* every step-th frame was saved; 0 if not said */
    int64_t start;      /* number of the first one */
    char colour[CIH_TEXT], format[CIH_TEXT], camera[CIH_TEXT], comment[CIH_TEXT];
    char date[CIH_TEXT], time[CIH_TEXT];
} cih_header;

/* True if bytes start like a .cih or .cihx. */
bool cih_is_headed(const char *bytes, size_t n);

/* Reads either form; `text` ends with a 0 byte at `size` and is changed. What is missing stays 0 or "". */
LMP_CHECKED lmp_status cih_parse(char *text, size_t size, const char *path, cih_header *header, lmp_error *err);

#endif
