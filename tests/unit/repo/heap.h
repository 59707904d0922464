/* How much memory is in use, for tests that bound it. */
#ifndef SCHEMA_SYNC_TESTS_HEAP_H
#define SCHEMA_SYNC_TESTS_HEAP_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_BY_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HEAP_BY_SANITIZER
#endif

#ifdef HEAP_BY_SANITIZER
/* its header is not with every compiler */
size_t __sanitizer_get_current_allocated_bytes(void);
static inline size_t heap_in_use(void) {
    return __sanitizer_get_current_allocated_bytes();
}
#else
#include <malloc.h>
static inline size_t heap_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#endif

#endif
