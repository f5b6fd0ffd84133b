/* SPDX-License-Identifier: BSD-3-Clause
 *
 * random.c: the token and the names of recordings, from the system's random numbers.
 */
#include "state.h"

#include <errno.h>
#include <sys/random.h>

bool random_hex(char *text, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[64];
    if (n > sizeof bytes) return false;
    ssize_t got;
    do got = getrandom(bytes, n, 0); /* up to 256 bytes come at once */
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)n) return false;
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * n] = '\0';
    return true;
}
