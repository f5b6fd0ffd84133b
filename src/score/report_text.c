/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_text.c: texts and numbers for people, in UTF-8.
 */
#include "score/report_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int text_character_bytes(const char *text)
{
    const unsigned char *at = (const unsigned char *)text, c = at[0], d = c != 0 ? at[1] : 0;
    const bool follows = (d & 0xc0) == 0x80;
    if (c < 0x80) return 1;
    if (c >= 0xc2 && c <= 0xdf) return follows ? 2 : 0;
    if (!follows || (at[2] & 0xc0) != 0x80) return 0;
    if (c >= 0xe0 && c <= 0xef) return (c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) ? 0 : 3;
    if (c < 0xf0 || c > 0xf4 || (at[3] & 0xc0) != 0x80) return 0;
    return (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f) ? 0 : 4;
}

char *text_clean(const char *text)
{
    static const char unknown[] = "\xef\xbf\xbd";
    char *clean = malloc(3 * strlen(text) + 1), *to = clean;
    while (clean != NULL && *text != '\0') {
        const int n = text_character_bytes(text);
        const bool is_control = n == 1 && (unsigned char)*text < 0x20 && *text != '\n';
        const char *from = n == 0 ? unknown : is_control ? " " : text;
        const size_t bytes = n == 0 ? 3 : (size_t)n;
        memcpy(to, from, bytes);
        to += bytes;
        text += n == 0 ? 1 : n;
    }
    if (clean != NULL) *to = '\0';
    return clean;
}

static int short_decimals(double value)
{
    const double size = fabs(value);
    return size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
}

const char *number_text(double value, int decimals, char text[NUMBER_BYTES])
{
    char digits[NUMBER_BYTES - 4];
    if (!isfinite(value) || fabs(value) >= 1e15) {
        snprintf(text, NUMBER_BYTES, "%s", isnan(value) ? "–" : value > 0 ? "> 10¹⁵" : "−");
        return text;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals < 0 ? short_decimals(value) : decimals, fabs(value));
    const bool is_zero = strspn(digits, "0.") == strlen(digits);
    snprintf(text, NUMBER_BYTES, "%s%s", value < 0 && !is_zero ? "−" : "", digits);
    return text;
}
