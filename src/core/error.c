/* SPDX-License-Identifier: BSD-3-Clause
 *
 * error.c: filling errors, and the smallest public functions.
 */
#include <limpid/step.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

lmp_status lmp_fail(lmp_error *err, lmp_status status, const char *sentence, ...)
{
    if (err == NULL) return status;
    va_list values;
    va_start(values, sentence);
    vsnprintf(err->text, sizeof err->text, sentence, values);
    va_end(values);
    /* One line, whatever a file name or a header field put into the sentence. */
    for (char *c = err->text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
    err->status = status;
    err->step = -1;
    err->block = -1;
    return status;
}

const char *lmp_version(void)
{
    return LIMPID_VERSION;
}

void lmp_text_free(char *text)
{
    free(text);
}
