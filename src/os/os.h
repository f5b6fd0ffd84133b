/* SPDX-License-Identifier: BSD-3-Clause
 *
 * os.h: the only door to the operating system: files, threads, clock, memory size.
 *
 * Functions return 0 or a positive errno value; nothing here knows limpid's errors.
 */
#ifndef LIMPID_OS_H
#define LIMPID_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Files. Offsets and sizes in bytes; reads and writes are whole or fail, and are safe from any thread ---- */

typedef struct os_file {
    int fd;
} os_file;

typedef struct os_file_info {
    int64_t size;
    uint64_t device, inode; /* identity: equal for two paths of one file */
    int64_t modified_ns;
    bool is_regular, is_directory;
} os_file_info;

int os_file_open_read(const char *path, os_file *file);
/* Creates a new file next to `path` under a random name of the same extension, written to `made` (free() it). */
int os_file_create_beside(const char *path, os_file *file, char **made);
/* An unlinked scratch file in `dir`: gone when closed, however the process ends. */
int os_file_create_scratch(const char *dir, os_file *file);
int os_file_read(os_file file, int64_t offset, void *bytes, size_t size, size_t *got); /* got < size only at the end */
/* Maps bytes that lie inside the file read-only; ENODATA if it has become shorter. Reading what another process cuts
 * off while it is mapped raises SIGBUS, as does a failing disk. */
typedef struct os_mapping {
    const void *bytes;
    void *base;
    size_t size;
} os_mapping;
int os_file_map(os_file file, int64_t offset, size_t size, os_mapping *mapping);
void os_mapping_end(os_mapping *mapping);
/* Brings mapped bytes into reach at once, instead of at the first touch of each page. A hint: no result. */
void os_mapping_touch(const void *bytes, size_t size);
int os_file_write(os_file file, int64_t offset, const void *bytes, size_t size);
int os_file_resize(os_file file, int64_t size);
/* Gives a file that will be written whole its room on the disk now: ENOSPC before the work, not after it, and blocks
 * that lie together. 0 too where the file system cannot. */
int os_file_reserve(os_file file, int64_t size);
int os_file_sync(os_file file);
/* Begins to bring what was written to the disk and returns at once, so that os_file_sync() finds little left. A hint:
 * no result. */
void os_file_begin_sync(os_file file);
/* Tells the kernel that a range will be read soon. A hint: no result. */
void os_file_will_read(os_file file, int64_t offset, int64_t size);
int os_file_close(os_file file);
int os_file_stat(os_file file, os_file_info *info);
int os_path_stat(const char *path, os_file_info *info);
/* Renames onto `to`; without `replace` fails with EEXIST if it exists. Then syncs the directory. */
int os_path_rename(const char *from, const char *to, bool replace);
int os_path_remove(const char *path);
/* Directory part of a path ("." if none); caller frees. */
char *os_path_directory(const char *path);
/* Calls `visit` with the name of each entry, in no order, until it returns false. */
int os_directory_visit(const char *path, bool (*visit)(void *user, const char *name), void *user);

/* ---- Folders that hold one recording ---- */

int os_folder_create(const char *path);
/* A new folder next to `path` under a random name, written to `made` (free() it). */
int os_folder_create_beside(const char *path, char **made);
/* With all that is in it; links are removed, not followed. */
int os_folder_remove(const char *path);
/* Like os_path_rename(); a folder that is replaced is exchanged in one go, then removed. */
int os_folder_rename(const char *from, const char *to, bool replace);
/* All files in it, and whatever else its file system holds, are on the disk afterwards. */
int os_folder_sync(const char *path);
/* Opens a file for writing; what it holds stays, one that is not there is made. */
int os_file_open_write(const char *path, os_file *file);

/* Faults for tests: the nth read or write from now on fails with EIO or ENOSPC; 0: none. */
void os_fault_inject(int64_t nth_read, int64_t nth_write);

/* ---- Pages of mapped files that can no longer be read: cut off by another process, or a failing disk ---- */

/* From here on, for the whole process, touching such a page of an os_mapping gives zeros and is counted.
 * Any other SIGBUS ends the watch and goes to the handler that was there before. Called by one thread at a time. */
void os_lost_watch(void);
uint64_t os_lost_count(void); /* of pages since then */
/* The file of the newest loss, cut to `room`; false if nothing was ever lost. */
bool os_lost_path(char *path, size_t room);
/* Touches each page, if losses are counted: a system call that reads memory fails on a lost page without a count. */
void os_lost_look(const void *bytes, size_t size);

/* ---- Threads ---------------------------------------------------------------------------------------------- */

typedef struct os_thread os_thread;
typedef struct os_mutex os_mutex;
typedef struct os_condition os_condition;

int os_thread_start(void (*body)(void *), void *user, os_thread **thread);
void os_thread_join(os_thread *thread);
void os_thread_yield(void);
os_mutex *os_mutex_new(void);
void os_mutex_free(os_mutex *mutex);
void os_mutex_lock(os_mutex *mutex);
void os_mutex_unlock(os_mutex *mutex);
os_condition *os_condition_new(void);
void os_condition_free(os_condition *condition);
void os_condition_wait(os_condition *condition, os_mutex *mutex);
void os_condition_wake_all(os_condition *condition);

/* ---- Machine ---------------------------------------------------------------------------------------------- */

double os_clock_s(void); /* monotonic seconds */
double os_cpu_s(void);   /* CPU seconds of this process */
double os_wall_unix_s(void);
int64_t os_core_count(void);           /* that this process may use */
uint64_t os_memory_bytes(void);        /* of the machine */
uint64_t os_peak_resident_bytes(void); /* VmHWM of this process; 0 if unknown */
void *os_memory_take(size_t bytes);    /* zeroed, aligned to 64; NULL if there is no more */
void os_memory_give(void *memory, size_t bytes);

/* Shared objects. */
void *os_library_open(const char *path, const char **why);
void *os_library_symbol(void *library, const char *name);
void os_library_close(void *library);
/* Opens a shared library of the system by its soname and finds n functions, by name; the library stays open. False with
 * `*why` if one is missing. Not for use by several threads at once. */
bool os_library_load(const char *soname, const char *const *names, void **functions, size_t n, const char **why);

#endif
