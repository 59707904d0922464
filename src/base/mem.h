/*
 * Memory: one arena an aggregate, and locals that clean themselves.
 *
 * An Arena hands out memory that lives until the arena is freed; nothing in it is freed singly. A zeroed
 * Arena is an empty one. When memory runs out the process ends with status 70 and one line on stderr: no
 * caller could do better, and every caller is spared the check (the one exception to "libraries never exit").
 */
#ifndef SCHEMA_SYNC_BASE_MEM_H
#define SCHEMA_SYNC_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct {
    ArenaBlock *head; /* newest block */
    char *next;       /* first free byte in head */
    char *end;
    size_t total; /* bytes obtained from the system, for tests and limits */
} Arena;

/* Zeroed memory, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size);
/* count * size, checked for overflow. */
void *arena_array(Arena *arena, size_t count, size_t size);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) char *arena_printf(Arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0))) char *arena_vprintf(Arena *arena, const char *format, va_list args);
/* Frees everything handed out and leaves an empty arena; arena_reset keeps one block for reuse. */
void arena_free(Arena *arena);
void arena_reset(Arena *arena);

/* Ends the process with status 70: for the rare library call that reports a failed malloc by NULL. */
__attribute__((noreturn)) void mem_exhausted(void);
/* Keeps freed memory for the next arena: given back and fetched anew at each page of a read, it costs a third
 * of the parsing. Changes malloc for the whole process, so only main calls it, before anything else. */
void mem_tune(void);

/* malloc family that never returns NULL. */
void *mem_alloc(size_t size);
void *mem_realloc(void *old, size_t size);
char *mem_strdup(const char *text);
/* Overwrites with zeros in a way the compiler keeps; for secrets. */
void mem_wipe(void *data, size_t size);

/*
 * A vector that grows in place: ARRAY_PUSH(list.items, list.count, list.capacity, value). Storage is malloc'd
 * (free with free()); ARENA_PUSH grows inside an arena and leaves the old storage behind.
 */
void *mem_grow(void *items, size_t count, size_t *capacity, size_t item_size);
void *arena_grow(Arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);
#define ARRAY_PUSH(items, count, capacity, value)                                                            \
    do {                                                                                                     \
        (items) = mem_grow((items), (count), &(capacity), sizeof *(items));                                  \
        (items)[(count)++] = (value);                                                                        \
    } while (0)
#define ARENA_PUSH(arena, items, count, capacity, value)                                                     \
    do {                                                                                                     \
        (items) = arena_grow((arena), (items), (count), &(capacity), sizeof *(items));                       \
        (items)[(count)++] = (value);                                                                        \
    } while (0)

/* AUTO(Buf) buf = {0}; calls buf_free(&buf) when the scope ends. Each type declares AUTO_DEFINE(Type,
 * free_fn). */
#define AUTO(Type) __attribute__((cleanup(auto_##Type))) Type
#define AUTO_DEFINE(Type, free_function)                                                                     \
    static inline void auto_##Type(Type *value) {                                                            \
        free_function(value);                                                                                \
    }                                                                                                        \
    struct auto_##Type##_needs_a_semicolon

AUTO_DEFINE(Arena, arena_free);

#endif
