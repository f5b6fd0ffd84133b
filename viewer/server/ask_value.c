/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ask_value.c: texts from the network become values, or a sentence.
 */
#include "ask.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool may_stand(unsigned char c, bool is_query)
{
    if (c < ' ' || c == 127) return false;
    return is_query || (c != '/' && c != '\\' && c != '%');
}

/* Characters that need no percent sign. */
static bool is_plain(char c, bool is_query)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != '\0' && strchr(is_query ? "-._~!'()*:@$,;/+" : "-._~!'()*:@$,;", c) != NULL;
}

/* How many bytes follow the first of a UTF-8 character; -1 if it is none. */
static int bytes_behind(unsigned char c)
{
    if (c < 0x80) return 0;
    if (c >= 0xc2 && c < 0xe0) return 1;
    if (c >= 0xe0 && c < 0xf0) return 2;
    return c >= 0xf0 && c < 0xf5 ? 3 : -1;
}

static bool is_utf8(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0';) {
        const unsigned char first = *c++;
        const int n = bytes_behind(first);
        if (n < 0) return false;
        /* Overlong forms, surrogates, and what lies beyond Unicode. */
        if ((first == 0xe0 && *c < 0xa0) || (first == 0xed && *c > 0x9f) || (first == 0xf0 && *c < 0x90) ||
            (first == 0xf4 && *c > 0x8f))
            return false;
        for (int i = 0; i < n; i++)
            if ((*c++ & 0xc0) != 0x80) return false;
    }
    return true;
}

bool ask_decode(const char *raw, size_t n, bool is_query, char *to)
{
    char *out = to;
    *to = '\0';
    for (size_t i = 0; i < n; i++) {
        int c = (unsigned char)raw[i];
        if (c == '%') {
            const bool has_digits = n - i > 2;
            const int high = has_digits ? hex_digit(raw[i + 1]) : -1, low = has_digits ? hex_digit(raw[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = high * 16 + low;
            if (!may_stand((unsigned char)c, is_query)) return false;
            i += 2;
        } else if (!is_plain(raw[i], is_query)) {
            return false;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        *out++ = (char)c;
        *out = '\0';
    }
    return is_utf8(to);
}

static bool read_integer(const char *text, int64_t *value)
{
    const char *digits = text + (text[0] == '-');
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') return false;
    errno = 0;
    *value = strtoll(text, NULL, 10);
    return errno == 0;
}

static bool read_number(const char *text, double *value)
{
    char *end;
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0') return false;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

static bool read_choice(const char *choices, const char *text, int64_t *index)
{
    const size_t size = strlen(text);
    *index = 0;
    for (const char *at = choices;; (*index)++) {
        const size_t n = strcspn(at, "|");
        if (n == size && strncmp(at, text, n) == 0) return true;
        if (at[n] == '\0') return false;
        at += n + 1;
    }
}

static bool is_within(const route_param *param, double value)
{
    return value >= param->min && value <= param->max;
}

static bool refuse_number(const route_param *param, const char *text, char sentence[ASK_SENTENCE])
{
    snprintf(sentence, ASK_SENTENCE, "%s=%.80s is not a %s from %.15g to %.15g.", param->name, text,
             param->type == ROUTE_INTEGER ? "whole number" : "number", param->min, param->max);
    return false;
}

static bool refuse_choice(const route_param *param, const char *text, char sentence[ASK_SENTENCE])
{
    char choices[200];
    size_t n = 0;
    for (const char *c = param->choices; *c != '\0' && n + 3 < sizeof choices; c++) {
        choices[n++] = *c == '|' ? ',' : *c;
        if (*c == '|') choices[n++] = ' ';
    }
    choices[n] = '\0';
    snprintf(sentence, ASK_SENTENCE, "%s=%.80s is not one of %s.", param->name, text, choices);
    return false;
}

bool ask_value_read(const route_param *param, const char *text, ask_value *value, char sentence[ASK_SENTENCE])
{
    value->text = text;
    value->is_set = true;
    switch (param->type) {
    case ROUTE_INTEGER:
        if (!read_integer(text, &value->integer) || !is_within(param, (double)value->integer))
            return refuse_number(param, text, sentence);
        value->number = (double)value->integer;
        return true;
    case ROUTE_NUMBER:
        if (!read_number(text, &value->number) || !is_within(param, value->number))
            return refuse_number(param, text, sentence);
        return true;
    case ROUTE_TEXT:
        if (is_within(param, (double)strlen(text))) return true;
        snprintf(sentence, ASK_SENTENCE, "The text of \"%s\" must have %.0f to %.0f bytes.", param->name, param->min,
                 param->max);
        return false;
    case ROUTE_CHOICE:
        return read_choice(param->choices, text, &value->integer) || refuse_choice(param, text, sentence);
    }
    return false;
}
