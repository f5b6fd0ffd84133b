/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base64.h: bytes inside a text (RFC 4648).
 */
#ifndef LIMPID_SCORE_BASE64_H
#define LIMPID_SCORE_BASE64_H

#include <stddef.h>

/* From malloc; NULL if memory is out. */
char *base64_encode(const void *bytes, size_t size);

/* The bytes, from malloc, if there are exactly `size`; else NULL. */
void *base64_decode(const char *text, size_t size);

#endif
