/* What a fuzz_*.c defines: libFuzzer calls it, or replay.c with the files it is given. Always returns 0. */
#ifndef SCHEMA_SYNC_TESTS_FUZZ_H
#define SCHEMA_SYNC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
