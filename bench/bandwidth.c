/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bandwidth.c: how fast this machine reads a file in its page cache, reads memory and copies memory. Prints seconds for
 * the bytes of FILE, as JSON.
 */
#include "parallel.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 4 << 20, PASSES = 3 };

/* Windows are handed out one after the other to whoever is free. */
typedef struct work {
    const char *from;
    char *to; /* NULL: sums */
    size_t size;
    atomic_size_t next;
    _Atomic uint64_t sum;
} work;

static uint64_t sum_of(const char *bytes, size_t size)
{
    const uint64_t *values = (const void *)bytes;
    uint64_t sum = 0;
    for (size_t i = 0; i < size / sizeof *values; i++) sum += values[i];
    return sum;
}

static void *do_windows(void *given)
{
    work *w = given;
    uint64_t sum = 0;
    for (;;) {
        const size_t at = atomic_fetch_add(&w->next, WINDOW);
        if (at >= w->size) break;
        const size_t size = w->size - at < WINDOW ? w->size - at : WINDOW;
        if (w->to != NULL)
            memcpy(w->to + at, w->from + at, size);
        else
            sum += sum_of(w->from + at, size);
    }
    atomic_fetch_add(&w->sum, sum);
    return NULL;
}

/* Seconds of one pass over all windows. */
static double pass(work *w, long threads)
{
    atomic_store(&w->next, 0);
    return parallel_s(do_windows, w, threads);
}

static const void *map_file(const char *path, size_t *size)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    void *bytes = MAP_FAILED;
    if (file >= 0 && fstat(file, &info) == 0 && info.st_size > 0) {
        *size = (size_t)info.st_size;
        bytes = mmap(NULL, *size, PROT_READ, MAP_SHARED, file, 0);
    }
    if (file >= 0) close(file);
    return bytes == MAP_FAILED ? NULL : bytes;
}

int main(int argc, char **argv)
{
    const long threads = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    if (threads < 1 || threads > MOST_THREADS)
        return fprintf(stderr, "usage: %s file|memory|copy FILE THREADS\n", argv[0]), 2;
    const bool is_file = strcmp(argv[1], "file") == 0, is_copy = strcmp(argv[1], "copy") == 0;
    work w = {0};
    w.from = map_file(argv[2], &w.size);
    if (w.from != NULL && !is_file) w.from = memory_of(w.size, 1);
    if (w.from != NULL && is_copy) w.to = memory_of(w.size, 1);
    if (w.from == NULL || (is_copy && w.to == NULL)) return perror(argv[2]), 1;
    /* The file is read once, page by page as a program meets it; memory is there already and read again. */
    double best = pass(&w, threads);
    for (int i = 1; !is_file && i < PASSES; i++) {
        const double seconds = pass(&w, threads);
        if (seconds < best) best = seconds;
    }
    printf("{\"seconds\": %.6f, \"bytes\": %zu, \"sum\": %llu}\n", best, w.size, (unsigned long long)w.sum);
    return 0;
}
