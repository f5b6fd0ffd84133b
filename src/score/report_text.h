/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_text.h: texts and numbers for people, in UTF-8.
 */
#ifndef LIMPID_SCORE_REPORT_TEXT_H
#define LIMPID_SCORE_REPORT_TEXT_H

enum { NUMBER_BYTES = 64 };

/* Bytes of the UTF-8 character at `text`, 0 if it is not one (RFC 3629: no overlong forms, no surrogates). */
int text_character_bytes(const char *text);

/* A copy in which all is UTF-8 and no control character but the line feed: file names and labels may hold anything.
 * NULL if memory is out. */
char *text_clean(const char *text);

/* A number with so many decimals and a real minus sign; a dash if it is not finite. decimals below 0: about three
 * digits, whatever its size. */
const char *number_text(double value, int decimals, char text[NUMBER_BYTES]);

/* The same inside an argument list. */
#define NUMBER(value, decimals) number_text((value), (decimals), (char[NUMBER_BYTES]){0})

#endif
