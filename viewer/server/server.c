/* SPDX-License-Identifier: BSD-3-Clause
 *
 * server.c: the server's life, from the recordings that are given to the signal that ends it.
 */
#include "server.h"

#include "session_file.h"

#include <limpid/step.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* ---- What features ask ---- */

lmp_engine *server_engine(server *s)
{
    return s->engine;
}

lmp_status server_new_engine(const server *s, uint64_t memory_limit, lmp_engine **engine, lmp_error *err)
{
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = s->options.threads;
    options.memory_limit = memory_limit;
    options.scratch_dir = s->scratch;
    lmp_engine *made = NULL;
    lmp_status status = lmp_engine_new(&options, &made, err);
    for (int64_t i = 0; i < s->options.n_plugins && status == LMP_OK; i++)
        status = lmp_engine_load(made, s->options.plugins[i], err);
    if (status == LMP_OK)
        *engine = made;
    else
        lmp_engine_free(made);
    return status;
}

const lmp_open_options *server_open_options(const server *s)
{
    return &s->open;
}

int64_t server_threads(const server *s)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return s->options.threads > 0 ? s->options.threads : cores > 0 ? cores : 1;
}

const char *server_scratch(const server *s)
{
    return s->scratch;
}

double server_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool server_is_ending(const server *s)
{
    return atomic_load(&s->is_ending);
}

jobs *server_jobs(server *s)
{
    return s->jobs;
}

/* ---- Beginning ---- */

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the viewer");
}

enum { LEAST_MEMORY = 4 << 20 };

static uint64_t wanted_limit(const viewer_options *options)
{
    if (options->memory_limit > 0) return options->memory_limit;
    return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

/* A quarter of the limit is for reading: what decoders need while they work, and what stays mapped of movies whose
 * zones are measured. */
static lmp_status make_parts(server *s, lmp_error *err)
{
    const uint64_t limit = wanted_limit(&s->options), reading = limit / 4;
    if (limit < LEAST_MEMORY)
        return lmp_fail(err, LMP_ERR_MEMORY,
                        "a memory limit of %llu bytes is too small for the viewer: give 4M or more",
                        (unsigned long long)limit);
    if (s->options.open != NULL) s->open = *s->options.open;
    s->open.struct_size = sizeof s->open;
    s->end_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->memory = memory_new(limit - reading);
    s->shelf = shelf_new();
    s->news = news_new();
    s->doors = doors_new();
    if (s->end_event < 0 || s->memory == NULL || s->shelf == NULL || s->news == NULL || s->doors == NULL ||
        !random_hex(s->token, TOKEN_BYTES) || !random_hex(s->ticket, TOKEN_BYTES))
        return no_memory(err);
    lmp_status status = scratch_make(s, err);
    if (status == LMP_OK) scratch_budget_make(s);
    if (status == LMP_OK) status = server_new_engine(s, reading, &s->engine, err);
    if (status != LMP_OK) return status;
    s->jobs = jobs_new(s);
    return s->jobs != NULL ? LMP_OK : no_memory(err);
}

static lmp_status open_path(server *s, const char *path, lmp_error *err)
{
    json_t *session = NULL;
    opened *made = NULL;
    lmp_status status = session_file_read(path, &session, err);
    if (status != LMP_OK) return status;
    if (session != NULL) {
        if (s->options.n_paths == 1) return session_file_open(s, path, session, err);
        json_decref(session);
        return lmp_fail(err, LMP_ERR_USAGE, "%s is a session: it is given alone", path);
    }
    status = recording_add_trusted(s, path, &s->open, s->options.events, &made, err);
    if (status == LMP_OK) recording_release(s, made);
    return status;
}

static lmp_status open_all(server *s, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < s->options.n_roots && status == LMP_OK; i++)
        status = roots_add(s, s->options.roots[i], err);
    for (int64_t i = 0; i < s->options.n_paths && status == LMP_OK; i++)
        status = open_path(s, s->options.paths[i], err);
    return status;
}

/* ---- Signals ---- */

/* They are read from a file, so that no thread is interrupted by them. Once one has come they do again what they did
 * before: a second Ctrl-C ends the program at once. */
struct stop {
    int signals; /* the file; -1: not any more */
    sigset_t before;
};

static bool block_signals(struct stop *stop)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &ends, &stop->before) != 0) return false;
    stop->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    return stop->signals >= 0;
}

static void unblock_signals(struct stop *stop)
{
    struct signalfd_siginfo one;
    if (stop->signals < 0) return;
    while (read(stop->signals, &one, sizeof one) > 0) { /* it has done its work */
    }
    close(stop->signals);
    stop->signals = -1;
    pthread_sigmask(SIG_SETMASK, &stop->before, NULL);
}

/* While recordings are opened, which may take long, a signal ends the program without ceremony. */
typedef struct impatience {
    server *server;
    int signals, done;
} impatience;

static void *end_early(void *user)
{
    const impatience *i = user;
    struct pollfd events[] = {{.fd = i->signals, .events = POLLIN}, {.fd = i->done, .events = POLLIN}};
    while (poll(events, 2, -1) <= 0) { /* interrupted */
    }
    if (events[1].revents == 0) {
        scratch_remove(i->server);
        _exit(130);
    }
    return NULL;
}

static lmp_status open_unless_stopped(server *s, const struct stop *stop, lmp_error *err)
{
    pthread_t thread;
    impatience i = {s, stop->signals, eventfd(0, EFD_CLOEXEC)};
    const bool is_watched = i.done >= 0 && pthread_create(&thread, NULL, end_early, &i) == 0;
    const lmp_status status = open_all(s, err);
    if (is_watched) {
        (void)eventfd_write(i.done, 1);
        pthread_join(thread, NULL);
    }
    if (i.done >= 0) close(i.done);
    return status;
}

/* ---- Serving ---- */

static void start_browser(server *s)
{
    char address[120];
    snprintf(address, sizeof address, "http://127.0.0.1:%d/%s", s->port, s->ticket);
    atomic_store(&s->has_ticket, true);
    browser_open(address);
}

static void tell_address(const server *s)
{
    printf("http://127.0.0.1:%d/%s/\n", s->port, s->token);
    fflush(stdout);
    if (!s->options.quiet)
        fprintf(stderr,
                "limpid: open this address in a browser on this machine; Ctrl-C ends the viewer.\n"
                "limpid: from another machine, first run there: ssh -N -L %d:127.0.0.1:%d USER@THIS_MACHINE\n",
                s->port, s->port);
}

/* Until a signal comes or the page asks; once a second looks at slow connections. */
static void wait_for_end(server *s, int signals)
{
    struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = s->end_event, .events = POLLIN}};
    while (poll(events, 2, 1000) <= 0) doors_watch(s->doors);
}

static lmp_status serve(server *s, struct stop *stop, lmp_error *err)
{
    int fd;
    lmp_status status = http_listen(s, &fd, err);
    if (status != LMP_OK) return status;
    struct MHD_Daemon *http = http_start(s, fd);
    if (http == NULL) {
        close(fd);
        return lmp_fail(err, LMP_ERR_IO, "the server cannot be started: the system gives no threads or files");
    }
    tell_address(s);
    if (s->options.open_browser) start_browser(s);
    wait_for_end(s, stop->signals);
    unblock_signals(stop);
    atomic_store(&s->is_ending, true);
    news_close(s->news);
    MHD_stop_daemon(http);
    return LMP_OK;
}

static void end_server(server *s)
{
    atomic_store(&s->is_ending, true);
    if (s->jobs != NULL) jobs_free(s->jobs);
    if (s->memory != NULL) shelf_free(s);
    lmp_engine_free(s->engine);
    scratch_remove(s);
    roots_free(s);
    json_decref(s->session);
    doors_free(s->doors);
    news_free(s->news);
    memory_free(s->memory);
    if (s->end_event >= 0) close(s->end_event);
    free(s);
}

lmp_status viewer_serve(const viewer_options *options, lmp_error *err)
{
    server *s = calloc(1, sizeof *s);
    struct stop stop;
    if (s == NULL || !block_signals(&stop)) {
        free(s);
        return no_memory(err);
    }
    s->options = *options;
    s->scratch_lock = s->end_event = -1;
    lmp_status status = make_parts(s, err);
    if (status == LMP_OK) status = open_unless_stopped(s, &stop, err);
    if (status == LMP_OK) status = serve(s, &stop, err);
    unblock_signals(&stop);
    end_server(s);
    return status;
}
