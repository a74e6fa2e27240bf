// The interface between SQLite and the files that it reads and writes, as https://sqlite.org/vfs.html
// describes it: structures whose layout never changes, so that no header of SQLite is needed.
#pragma once

#include "array.h"

namespace dedupe::sqlite {

struct File;

struct Methods {
    int version;
    int (*close)(File *);
    int (*read)(File *, void *, int amount, i64 offset);
    int (*write)(File *, const void *, int amount, i64 offset);
    int (*truncate)(File *, i64 size);
    int (*sync)(File *, int flags);
    int (*file_size)(File *, i64 *size);
    int (*lock)(File *, int level);
    int (*unlock)(File *, int level);
    int (*check_reserved_lock)(File *, int *result);
    int (*file_control)(File *, int operation, void *argument);
    int (*sector_size)(File *);
    int (*device_characteristics)(File *);
    int (*shm_map)(File *, int region, int size, int extend, void volatile **memory);
    int (*shm_lock)(File *, int offset, int count, int flags);
    void (*shm_barrier)(File *);
    int (*shm_unmap)(File *, int remove);
};

struct File {
    const Methods *methods;
};

struct System {
    int version, file_bytes, longest_path;
    System *next;
    const char *name;
    void *data;
    int (*open)(System *, const char *name, File *, int flags, int *out_flags);
    int (*remove)(System *, const char *name, int sync);
    int (*access)(System *, const char *name, int flags, int *result);
    int (*full_path)(System *, const char *name, int size, char *out);
    void *(*load)(System *, const char *name);
    void (*load_error)(System *, int size, char *message);
    void (*(*symbol)(System *, void *, const char *name))();
    void (*unload)(System *, void *);
    int (*randomness)(System *, int size, char *out);
    int (*sleep)(System *, int microseconds);
    int (*time)(System *, double *);
    int (*last_error)(System *, int size, char *message);
    int (*time_64)(System *, i64 *);
};

constexpr int OK = 0, IOERR = 10, IOERR_SHORT_READ = IOERR | (2 << 8), IOERR_DATA = IOERR | (32 << 8);
constexpr int OPEN_MAIN_DB = 0x100, IOCAP_SUBPAGE_READ = 0x8000;

}  // namespace dedupe::sqlite
