/* SPDX-License-Identifier: BSD-3-Clause
 *
 * news.c: what the page hears without asking: server-sent events, one queue for each page that listens.
 */
#include "request.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_LISTENERS = 8, MOST_WAITING = 256, HEARTBEAT_SECONDS = 10, LOOK_MS = 250, MOST_KEPT = 128 };

typedef struct listener {
    news_desk *desk;
    int fd;
    bool is_used, has_missed; /* a queue was full: the page asks anew and sees everything as it is then */
    char *waiting[MOST_WAITING];
    int first, n_waiting;
    char *text; /* being sent */
    size_t at;
} listener;

/* The last news of one thing: a page that comes later, or again, hears how far it is. */
typedef struct kept {
    char key[80]; /* topic and id */
    char *text;
} kept;

struct news_desk {
    pthread_mutex_t lock;
    pthread_cond_t has_come;
    bool is_closed;
    kept kept[MOST_KEPT];
    int next_kept;
    listener listeners[MOST_LISTENERS];
};

news_desk *news_new(void)
{
    news_desk *n = calloc(1, sizeof *n);
    if (n == NULL) return NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&n->has_come, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&n->lock, NULL);
    for (int i = 0; i < MOST_LISTENERS; i++) n->listeners[i].desk = n;
    return n;
}

static void clear(listener *l)
{
    for (; l->n_waiting > 0; l->n_waiting--, l->first = (l->first + 1) % MOST_WAITING) free(l->waiting[l->first]);
    free(l->text);
    l->text = NULL;
    l->at = 0;
    l->has_missed = false;
}

void news_close(news_desk *n)
{
    pthread_mutex_lock(&n->lock);
    n->is_closed = true;
    pthread_cond_broadcast(&n->has_come);
    pthread_mutex_unlock(&n->lock);
}

void news_free(news_desk *n)
{
    if (n == NULL) return;
    for (int i = 0; i < MOST_LISTENERS; i++) clear(&n->listeners[i]);
    for (int i = 0; i < MOST_KEPT; i++) free(n->kept[i].text);
    pthread_cond_destroy(&n->has_come);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

static void add(listener *l, const char *text)
{
    char *copy = l->n_waiting < MOST_WAITING ? strdup(text) : NULL;
    if (copy == NULL)
        l->has_missed = true;
    else
        l->waiting[(l->first + l->n_waiting++) % MOST_WAITING] = copy;
}

/* News with an id replace those before of the same topic and id; the oldest give way. */
static void keep(news_desk *n, const char *key, const char *text)
{
    int i = 0;
    if (key[0] == '\0') return;
    while (i < MOST_KEPT && strcmp(n->kept[i].key, key) != 0) i++;
    if (i == MOST_KEPT) {
        i = n->next_kept;
        n->next_kept = (i + 1) % MOST_KEPT;
    }
    free(n->kept[i].text);
    n->kept[i].text = strdup(text);
    snprintf(n->kept[i].key, sizeof n->kept[i].key, "%s", key);
}

/* To all that listen. text NULL: it could not be made. */
static void spread(news_desk *n, const char *key, const char *text)
{
    pthread_mutex_lock(&n->lock);
    if (text != NULL) keep(n, key, text);
    for (int i = 0; i < MOST_LISTENERS; i++) {
        listener *l = &n->listeners[i];
        if (!l->is_used) continue;
        if (text != NULL)
            add(l, text);
        else
            l->has_missed = true;
    }
    pthread_cond_broadcast(&n->has_come);
    pthread_mutex_unlock(&n->lock);
}

void news_tell(server *s, const char *topic, json_t *value)
{
    char key[sizeof(((kept *)NULL)->key)] = "", *json = NULL, *text = NULL;
    json_t *item = json_is_object(value) ? json_copy(value) : json_object();
    json_decref(value);
    const char *id = json_string_value(json_object_get(item, "id"));
    if (id != NULL) snprintf(key, sizeof key, "%s %s", topic, id);
    if (json_object_set_new(item, "topic", json_string(topic)) == 0)
        json = json_dumps(item, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(item);
    if (json == NULL || asprintf(&text, "data: %s\n\n", json) < 0) text = NULL;
    free(json);
    spread(s->news, key, text);
    free(text);
}

/* A page that is gone (reloaded, closed) frees its place soon, not when the next text finds nobody. */
static bool is_gone(const listener *l)
{
    char byte;
    return l->fd >= 0 && recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static struct timespec in_a_while(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += LOOK_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    return t;
}

/* Waits for news; false: the stream ends. With the lock. */
static bool wait_for_news(listener *l)
{
    news_desk *n = l->desk;
    for (int waited_ms = 0; waited_ms < HEARTBEAT_SECONDS * 1000; waited_ms += LOOK_MS) {
        if (n->is_closed || l->has_missed || is_gone(l)) return false;
        if (l->n_waiting > 0) return true;
        const struct timespec until = in_a_while();
        (void)pthread_cond_timedwait(&n->has_come, &n->lock, &until);
    }
    return !n->is_closed && !l->has_missed;
}

/* The next text to send, or a heartbeat; NULL: the stream ends. */
static char *next_text(listener *l)
{
    char *text = NULL;
    pthread_mutex_lock(&l->desk->lock);
    if (wait_for_news(l) && l->n_waiting > 0) {
        text = l->waiting[l->first];
        l->first = (l->first + 1) % MOST_WAITING;
        l->n_waiting--;
    } else if (!l->desk->is_closed && !l->has_missed && !is_gone(l)) {
        text = strdup(": still here\n\n");
    }
    pthread_mutex_unlock(&l->desk->lock);
    return text;
}

static int64_t produce(void *user, int64_t at, char *to, size_t room)
{
    listener *l = user;
    (void)at;
    if (l->text == NULL) {
        l->text = next_text(l);
        l->at = 0;
    }
    if (l->text == NULL) return 0;
    const size_t left = strlen(l->text) - l->at, n = left < room ? left : room;
    memcpy(to, l->text + l->at, n);
    l->at += n;
    if (n == left) {
        free(l->text);
        l->text = NULL;
    }
    return (int64_t)n;
}

static void leave(void *user)
{
    listener *l = user;
    pthread_mutex_lock(&l->desk->lock);
    clear(l);
    l->is_used = false;
    pthread_mutex_unlock(&l->desk->lock);
}

static listener *enter(news_desk *n, int fd)
{
    listener *found = NULL;
    pthread_mutex_lock(&n->lock);
    for (int i = 0; i < MOST_LISTENERS && found == NULL && !n->is_closed; i++)
        if (!n->listeners[i].is_used) found = &n->listeners[i];
    if (found != NULL) {
        found->is_used = true;
        found->fd = fd;
        found->text = strdup("retry: 1000\n\n");
        found->at = 0;
        for (int i = 0; i < MOST_KEPT; i++)
            if (n->kept[i].text != NULL) add(found, n->kept[i].text);
    }
    pthread_mutex_unlock(&n->lock);
    return found;
}

void news_answer(server *s, request *r)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    listener *l = enter(s->news, info != NULL ? info->connect_fd : -1);
    if (l == NULL)
        answer_error(r, 429, "%d pages listen to this viewer already: close one of them.", MOST_LISTENERS);
    else
        answer_stream(r, "text/event-stream", NULL, -1, produce, leave, l);
}
