/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lost_pages.c: what can no longer be read from a mapped file becomes zeros and a count, instead of the end of the
 * process.
 *
 * The handler changes nothing but the page that was touched: the thread that touched it holds that page's mapping, but
 * what lies beside it may belong to another thread, which may give it back at any time. Reading on costs a signal for
 * each further page, so whoever notices a loss should stop soon.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_LOOKS = 1000 };

/* Who may touch the path: nobody has written it yet, a handler or a reader is at it, it is there. */
enum { PATH_NONE, PATH_BEING_WRITTEN, PATH_BEING_READ, PATH_THERE };

static struct {
    atomic_bool is_installed;
    uintptr_t page;
    struct sigaction before;
    atomic_ullong count;
    atomic_int state; /* of the path */
    char path[PATH_MAX];
} lost;

/* ---- In the signal handler: only what is safe there ---- */

/* A line of /proc/self/maps: "FIRST-END r--s OFFSET DEVICE INODE      PATH", in hexadecimal, and a newline in the path
 * as \012. */
typedef struct maps_line {
    char text[PATH_MAX + 256];
} maps_line;

/* The four letters behind the addresses if the line covers `address`, else NULL. */
static const char *find_rights(const char *line, uintptr_t address)
{
    uintptr_t bounds[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        for (; *line != '-' && *line != ' ' && *line != '\0'; line++)
            bounds[i] = bounds[i] * 16 + (uintptr_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
        if (*line != '\0') line++;
    }
    return address >= bounds[0] && address < bounds[1] ? line : NULL;
}

/* The rights of the mapping at `address`, in `line`; NULL if there is none. */
static const char *find_mapping(uintptr_t address, maps_line *line)
{
    const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    char bytes[1024];
    size_t length = 0;
    const char *found = NULL;
    if (maps < 0) return NULL;
    for (ssize_t got; found == NULL && (got = read(maps, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < got && found == NULL; i++) {
            if (bytes[i] != '\n') {
                if (length + 1 < sizeof line->text) line->text[length++] = bytes[i];
                continue;
            }
            line->text[length] = '\0';
            length = 0;
            found = find_rights(line->text, address);
        }
    close(maps);
    return found;
}

/* The newest path stays, so that whoever sees the count grow is not told of an older loss. */
static void note_loss(const char *path)
{
    int state = atomic_load(&lost.state);
    while (state != PATH_BEING_WRITTEN) { /* another loss of this moment serves as well; a reader is soon done */
        if (state == PATH_BEING_READ) {
            state = atomic_load(&lost.state);
        } else if (atomic_compare_exchange_weak(&lost.state, &state, PATH_BEING_WRITTEN)) {
            size_t n = 0;
            for (; path[n] != '\0' && n + 1 < sizeof lost.path; n++) lost.path[n] = path[n];
            lost.path[n] = '\0';
            atomic_store(&lost.state, PATH_THERE);
            break;
        }
    }
    atomic_fetch_add(&lost.count, 1);
}

/* Not through the C library where it can be avoided: ThreadSanitizer, which stands in front of it, takes a mapping for
 * a write to the page, which other threads read. */
static bool map_zeros(uintptr_t page)
{
    const int how = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;
#if defined(SYS_mmap) && UINTPTR_MAX > UINT32_MAX
    return syscall(SYS_mmap, page, lost.page, PROT_READ, how, -1, (off_t)0) != -1;
#else
    return mmap((void *)page, lost.page, PROT_READ, how, -1, 0) != MAP_FAILED;
#endif
}

/* Zeros where the page was; false if the address is none of ours. */
static bool replace_page(uintptr_t address)
{
    maps_line line;
    const char *rights = NULL;
    /* What raises the signal is mapped; but the list is given in pieces, and while other threads map and unmap, a line
     * may fall between two of them. */
    for (int i = 0; i < MOST_LOOKS && rights == NULL; i++) rights = find_mapping(address, &line);
    if (rights == NULL) return false;
    const char *name = strpbrk(rights, "/[");                         /* "[vvar]" is the kernel's */
    if (strncmp(rights, "r--p", 4) == 0 && name == NULL) return true; /* another thread was here before */
    if (strncmp(rights, "r--s", 4) != 0 || name == NULL || *name != '/') return false;
    note_loss(name); /* first: nobody may see zeros that are not counted */
    return map_zeros(address - address % lost.page);
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    const int saved = errno;
    const bool is_page = info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR || info->si_code == BUS_MCEERR_AR;
    (void)context;
    if (!is_page || !replace_page((uintptr_t)info->si_addr)) {
        sigaction(number, &lost.before, NULL);
        raise(number); /* arrives when this returns */
    }
    errno = saved;
}

/* ---- Outside ---- */

void os_lost_watch(void)
{
    const struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    struct sigaction now;
    if (sigaction(SIGBUS, NULL, &now) != 0) return;
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == on_bus_error) return;
    lost.page = (uintptr_t)sysconf(_SC_PAGESIZE);
    lost.before = now;
    atomic_store(&lost.is_installed, sigaction(SIGBUS, &action, NULL) == 0);
}

uint64_t os_lost_count(void)
{
    return atomic_load(&lost.count);
}

bool os_lost_path(char *path, size_t room)
{
    int state = atomic_load(&lost.state);
    do {
        if (room == 0 || state == PATH_NONE) return false;
        while (state == PATH_BEING_WRITTEN || state == PATH_BEING_READ) state = atomic_load(&lost.state);
    } while (!atomic_compare_exchange_weak(&lost.state, &state, PATH_BEING_READ));
    const size_t n = strnlen(lost.path, room - 1);
    memcpy(path, lost.path, n);
    path[n] = '\0';
    atomic_store(&lost.state, PATH_THERE);
    return true;
}

void os_lost_look(const void *bytes, size_t size)
{
    if (!atomic_load(&lost.is_installed)) return;
    const volatile char *at = bytes;
    for (size_t i = 0; i < size; i += i == 0 ? lost.page - (uintptr_t)bytes % lost.page : lost.page) (void)at[i];
}
