#include "base/mem.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* Under AddressSanitizer the unused rest of a block is poisoned, so that overruns inside an arena are found.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON
#endif
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
enum { REDZONE = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(start, size)   ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
enum { REDZONE = 0 };
#endif

enum { ALIGNMENT = alignof(max_align_t), FIRST_BLOCK = 4096, LARGEST_BLOCK = 256 * 1024 };

struct ArenaBlock {
    ArenaBlock *older;
    size_t size; /* of data */
    alignas(max_align_t) char data[];
};

__attribute__((noreturn)) void mem_exhausted(void) {
    static const char line[] = "schema-sync: out of memory\n";
    /* Nothing is left to do if stderr is closed too. */
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
        _exit(ERR_INTERNAL);
    _exit(ERR_INTERNAL);
}

static size_t checked_product(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        mem_exhausted();
    return bytes;
}

static ArenaBlock *block_new(Arena *arena, size_t size) {
    ArenaBlock *block = calloc(1, sizeof *block + size);
    if (!block)
        mem_exhausted();
    block->size = size;
    arena->total += sizeof *block + size;
    ASAN_POISON_MEMORY_REGION(block->data, size);
    return block;
}

/* A block for the requests to come; or, for a large request, one of its own behind the current one. */
static void *alloc_slowly(Arena *arena, size_t size) {
    size_t next = arena->head ? 2 * arena->head->size : FIRST_BLOCK;
    if (next > LARGEST_BLOCK)
        next = LARGEST_BLOCK;
    if (arena->head && size > next / 4) {
        ArenaBlock *own = block_new(arena, size);
        own->older = arena->head->older;
        arena->head->older = own;
        return own->data;
    }
    ArenaBlock *block = block_new(arena, size > next ? size : next);
    block->older = arena->head;
    arena->head = block;
    arena->next = block->data + size;
    arena->end = block->data + block->size;
    return block->data;
}

void *arena_alloc(Arena *arena, size_t size) {
    if (size > SIZE_MAX / 2)
        mem_exhausted();
    size_t rounded = (size + REDZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *memory;
    if (arena->next && rounded <= (size_t)(arena->end - arena->next)) {
        memory = arena->next;
        arena->next += rounded;
    } else {
        memory = alloc_slowly(arena, rounded);
    }
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memory;
}

void *arena_array(Arena *arena, size_t count, size_t size) {
    return arena_alloc(arena, checked_product(count, size));
}

char *arena_strdup(Arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

char *arena_vprintf(Arena *arena, const char *format, va_list args) {
    char small[256];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    char *text = arena_alloc(arena, length < 0 ? 1 : (size_t)length + 1);
    if (length > 0 && (size_t)length < sizeof small)
        memcpy(text, small, (size_t)length);
    else if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

static void blocks_free(ArenaBlock *block) {
    while (block) {
        ArenaBlock *older = block->older;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
        free(block);
        block = older;
    }
}

void arena_free(Arena *arena) {
    blocks_free(arena->head);
    *arena = (Arena){ 0 };
}

void arena_reset(Arena *arena) {
    ArenaBlock *kept = arena->head;
    if (!kept)
        return;
    blocks_free(kept->older);
    kept->older = NULL;
    ASAN_UNPOISON_MEMORY_REGION(kept->data, kept->size);
    memset(kept->data, 0, (size_t)(arena->next - kept->data));
    ASAN_POISON_MEMORY_REGION(kept->data, kept->size);
    arena->next = kept->data;
    arena->end = kept->data + kept->size;
    arena->total = sizeof *kept + kept->size;
}

void mem_tune(void) {
#ifdef M_TRIM_THRESHOLD /* glibc; elsewhere malloc goes its own way */
    mallopt(M_MMAP_THRESHOLD, 16 << 20);
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

void *mem_alloc(size_t size) {
    return mem_realloc(NULL, size);
}

void *mem_realloc(void *old, size_t size) {
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        mem_exhausted();
    return memory;
}

char *mem_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(mem_alloc(size), text, size);
}

void mem_wipe(void *data, size_t size) {
    if (size > 0)
        explicit_bzero(data, size);
}

static size_t larger_capacity(size_t capacity) {
    return capacity ? checked_product(capacity, 2) : 8;
}

void *mem_grow(void *items, size_t count, size_t *capacity, size_t item_size) {
    if (count < *capacity)
        return items;
    *capacity = larger_capacity(*capacity);
    return mem_realloc(items, checked_product(*capacity, item_size));
}

void *arena_grow(Arena *arena, void *items, size_t count, size_t *capacity, size_t item_size) {
    if (count < *capacity)
        return items;
    *capacity = larger_capacity(*capacity);
    void *larger = arena_array(arena, *capacity, item_size);
    if (count > 0)
        memcpy(larger, items, count * item_size);
    return larger;
}
