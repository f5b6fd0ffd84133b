/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base64.c: bytes inside a text (RFC 4648).
 */
#include "score/base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t length_of(size_t size)
{
    return (size + 2) / 3 * 4;
}

char *base64_encode(const void *of, size_t size)
{
    const uint8_t *bytes = of;
    char *text = malloc(length_of(size) + 1), *to = text;
    if (text == NULL) return NULL;
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = left > 1 ? digits[three >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[three & 63] : '=';
    }
    *to = '\0';
    return text;
}

static uint32_t value_of(char c)
{
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (uint32_t)(at - digits) : 0;
}

void *base64_decode(const char *text, size_t size)
{
    if (strlen(text) != length_of(size)) return NULL;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    for (size_t i = 0; i < size && bytes != NULL; i += 3, text += 4) {
        const uint32_t three =
            value_of(text[0]) << 18 | value_of(text[1]) << 12 | value_of(text[2]) << 6 | value_of(text[3]);
        bytes[i] = (uint8_t)(three >> 16);
        if (i + 1 < size) bytes[i + 1] = (uint8_t)(three >> 8);
        if (i + 2 < size) bytes[i + 2] = (uint8_t)three;
    }
    return bytes;
}
