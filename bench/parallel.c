/* SPDX-License-Identifier: BSD-3-Clause */
#include "parallel.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double parallel_s(void *(*body)(void *user), void *user, long threads)
{
    pthread_t others[MOST_THREADS];
    long started = 0;
    const double began = now_s();
    while (started < threads - 1 && pthread_create(&others[started], NULL, body, user) == 0) started++;
    body(user);
    for (long i = 0; i < started; i++) pthread_join(others[i], NULL);
    return now_s() - began;
}

void *memory_of(size_t bytes, int value)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    madvise(memory, bytes, MADV_HUGEPAGE);
    memset(memory, value, bytes);
    return memory;
}
