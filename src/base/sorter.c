#include "base/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/*
 * A record in a run: two lengths, key, value. Runs lie one behind another in one temporary file. When there
 * are more than can be read at once within the bound, neighbours are merged into longer runs in a second
 * file, as often as needed; only neighbours, so that equal keys keep their order.
 */
enum { SMALLEST_MEMORY = 64 * 1024, READ_AHEAD = 16 * 1024, SMALLEST_FAN = 2, HEADER = 2 * sizeof(uint32_t) };

typedef struct {
    uint64_t prefix; /* the key's first 8 bytes, big-endian: most comparisons end here */
    size_t at;       /* of the key in the buffer; the value follows */
    uint32_t key_length;
    uint32_t value_length;
} Slot;

typedef struct {
    off_t start, end;
} Run;

typedef struct {
    Run *items;
    size_t count, capacity;
} Runs;

/* Reads one run through a buffer of its own. */
typedef struct {
    off_t at, end; /* what is still in the file */
    Buf buffer;
    size_t used; /* of the buffer */
    SorterRecord record;
    bool done;
} Cursor;

struct Sorter {
    size_t memory;
    uint64_t count;
    bool reading;
    Buf buffer; /* keys and values that are not spilled */
    Slot *slots;
    size_t slot_count, slot_capacity;
    int fd; /* -1 until something is spilled */
    Runs runs;
    Cursor *cursors; /* while merging */
    size_t *heap;    /* of cursor numbers, the smallest record's first */
    size_t heap_count;
    bool started;    /* heap[0]'s record was given out and is to be passed over */
    size_t position; /* in slots, when nothing was spilled */
};

Sorter *sorter_new(size_t memory) {
    Sorter *sorter = mem_alloc(sizeof *sorter);
    *sorter = (Sorter){ .memory = memory < SMALLEST_MEMORY ? SMALLEST_MEMORY : memory, .fd = -1 };
    return sorter;
}

static void cursors_free(Sorter *sorter, size_t count) {
    for (size_t i = 0; sorter->cursors && i < count; i++)
        buf_free(&sorter->cursors[i].buffer);
    free(sorter->cursors);
    free(sorter->heap);
    sorter->cursors = NULL;
    sorter->heap = NULL;
}

void sorter_free(Sorter **sorter_at) {
    Sorter *sorter = *sorter_at;
    if (!sorter)
        return;
    cursors_free(sorter, sorter->runs.count);
    buf_free(&sorter->buffer);
    free(sorter->slots);
    free(sorter->runs.items);
    if (sorter->fd >= 0)
        close(sorter->fd);
    free(sorter);
    *sorter_at = NULL;
}

uint64_t sorter_count(const Sorter *sorter) {
    return sorter->count;
}

/* ---- the temporary file ---- */

static bool temp_fault(Error *err, const char *what) {
    error_errno(err, "sorting: %s", what);
    return error_hint(err, "make room there, or set TMPDIR to a folder with room");
}

/* A file without a name: it vanishes with the process, however that ends. */
static int open_temp(Error *err) {
    const char *folder = getenv("TMPDIR");
    folder = folder && *folder ? folder : "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    /* Not every file system has O_TMPFILE. */
    AUTO(Buf) name = { 0 };
    buf_printf(&name, "%s/schema-sync-XXXXXX", folder);
    fd = mkostemp(name.data, O_CLOEXEC);
    if (fd < 0) {
        error_errno(err, "sorting: a temporary file cannot be made in %s", folder);
        error_hint(err, "set TMPDIR to a folder that can be written to");
        return -1;
    }
    unlink(name.data);
    return fd;
}

static bool write_out(int fd, Buf *out, Error *err) {
    for (size_t done = 0; done < out->length;) {
        ssize_t written = write(fd, out->data + done, out->length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return temp_fault(err, "the temporary file cannot be written");
        done += (size_t)written;
    }
    buf_clear(out);
    return true;
}

/* Appends a record to `out`, which goes to the file when full; *end follows the file's length. */
static bool write_record(int fd, Buf *out, const SorterRecord *record, off_t *end, Error *err) {
    uint32_t lengths[2] = { (uint32_t)record->key_length, (uint32_t)record->value_length };
    buf_append(out, lengths, HEADER);
    buf_append(out, record->key, record->key_length);
    buf_append(out, record->value, record->value_length);
    *end += (off_t)(HEADER + record->key_length + record->value_length);
    return out->length < READ_AHEAD || write_out(fd, out, err);
}

/* ---- runs in memory ---- */

static int compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = shorter ? memcmp(a, b, shorter) : 0;
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_slots(const void *a, const void *b, void *buffer) {
    const Slot *left = a;
    const Slot *right = b;
    const char *data = buffer;
    if (left->prefix != right->prefix)
        return left->prefix < right->prefix ? -1 : 1;
    int order = compare_bytes(data + left->at, left->key_length, data + right->at, right->key_length);
    return order ? order : left->at < right->at ? -1 : left->at > right->at;
}

static void sort_slots(Sorter *sorter) {
    if (sorter->slot_count > 1)
        qsort_r(sorter->slots, sorter->slot_count, sizeof *sorter->slots, compare_slots, sorter->buffer.data);
}

static SorterRecord slot_record(const Sorter *sorter, const Slot *slot) {
    const char *key = sorter->buffer.data + slot->at;
    return (SorterRecord){ .key = key,
                           .key_length = slot->key_length,
                           .value = key + slot->key_length,
                           .value_length = slot->value_length };
}

/* Sorts what is in memory and appends it to the file as one run. */
static bool spill(Sorter *sorter, Error *err) {
    if (sorter->slot_count == 0)
        return true;
    if (sorter->fd < 0 && (sorter->fd = open_temp(err)) < 0)
        return false;
    sort_slots(sorter);
    off_t start = sorter->runs.count ? sorter->runs.items[sorter->runs.count - 1].end : 0;
    Run run = { .start = start, .end = start };
    AUTO(Buf) out = { 0 };
    for (size_t i = 0; i < sorter->slot_count; i++) {
        SorterRecord record = slot_record(sorter, &sorter->slots[i]);
        if (!write_record(sorter->fd, &out, &record, &run.end, err))
            return false;
    }
    if (!write_out(sorter->fd, &out, err))
        return false;
    ARRAY_PUSH(sorter->runs.items, sorter->runs.count, sorter->runs.capacity, run);
    sorter->slot_count = 0;
    buf_clear(&sorter->buffer);
    return true;
}

static uint64_t key_prefix(const unsigned char *key, size_t length) {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++)
        prefix = prefix << 8 | (i < length ? key[i] : 0U);
    return prefix;
}

bool sorter_add(Sorter *sorter, const void *key, size_t key_length, const void *value, size_t value_length,
                Error *err) {
    if (sorter->reading)
        return error_set(err, ERR_INTERNAL, "a record was added to a sorter that is being read");
    if (key_length > INT32_MAX || value_length > INT32_MAX)
        return error_set(err, ERR_INTERNAL, "a record of more than 2 GiB cannot be sorted");
    /* Twice the slot: qsort_r copies the slots. */
    size_t needed =
        sorter->buffer.length + key_length + value_length + (sorter->slot_count + 1) * 2 * sizeof(Slot);
    if (needed > sorter->memory && !spill(sorter, err))
        return false;
    Slot slot = {
        .prefix = key_prefix(key, key_length),
        .at = sorter->buffer.length,
        .key_length = (uint32_t)key_length,
        .value_length = (uint32_t)value_length,
    };
    buf_append(&sorter->buffer, key, key_length);
    buf_append(&sorter->buffer, value, value_length);
    ARRAY_PUSH(sorter->slots, sorter->slot_count, sorter->slot_capacity, slot);
    sorter->count++;
    return true;
}

/* ---- merging ---- */

/* Makes `length` bytes of the run available at the cursor. */
static bool fill(const Sorter *sorter, Cursor *cursor, size_t length, Error *err) {
    Buf *buffer = &cursor->buffer;
    size_t left = buffer->length - cursor->used;
    if (left >= length)
        return true;
    if (left > 0 && cursor->used > 0)
        memmove(buffer->data, buffer->data + cursor->used, left);
    buffer->length = left;
    cursor->used = 0;
    size_t wanted = length - left > READ_AHEAD ? length - left : READ_AHEAD;
    if ((off_t)wanted > cursor->end - cursor->at)
        wanted = (size_t)(cursor->end - cursor->at);
    buf_reserve(buffer, wanted);
    while (wanted > 0) {
        ssize_t got = pread(sorter->fd, buffer->data + buffer->length, wanted, cursor->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return temp_fault(err, "the temporary file cannot be read");
        if (got == 0)
            break;
        buffer->length += (size_t)got;
        cursor->at += got;
        wanted -= (size_t)got;
    }
    if (buffer->length < length)
        return error_set(err, ERR_IO, "sorting: the temporary file is shorter than what was written to it");
    return true;
}

/* Moves to the run's next record. */
static bool advance(const Sorter *sorter, Cursor *cursor, Error *err) {
    cursor->done = cursor->used == cursor->buffer.length && cursor->at == cursor->end;
    if (cursor->done)
        return true;
    uint32_t lengths[2];
    if (!fill(sorter, cursor, HEADER, err))
        return false;
    memcpy(lengths, cursor->buffer.data + cursor->used, HEADER);
    size_t size = HEADER + (size_t)lengths[0] + lengths[1];
    if (!fill(sorter, cursor, size, err))
        return false;
    const char *key = cursor->buffer.data + cursor->used + HEADER;
    cursor->record = (SorterRecord){
        .key = key, .key_length = lengths[0], .value = key + lengths[0], .value_length = lengths[1]
    };
    cursor->used += size;
    return true;
}

/* Earlier runs first among equal keys. */
static bool comes_before(const Sorter *sorter, size_t a, size_t b) {
    const SorterRecord *left = &sorter->cursors[a].record;
    const SorterRecord *right = &sorter->cursors[b].record;
    int order = compare_bytes(left->key, left->key_length, right->key, right->key_length);
    return order ? order < 0 : a < b;
}

static void sift_down(Sorter *sorter, size_t at) {
    size_t *heap = sorter->heap;
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < sorter->heap_count; child++)
            if (comes_before(sorter, heap[child], heap[least]))
                least = child;
        if (least == at)
            return;
        size_t other = heap[at];
        heap[at] = heap[least];
        heap[least] = other;
        at = least;
    }
}

static bool merge_begin(Sorter *sorter, const Run *runs, size_t count, Error *err) {
    sorter->cursors = mem_alloc(count * sizeof *sorter->cursors);
    sorter->heap = mem_alloc(count * sizeof *sorter->heap);
    sorter->heap_count = 0;
    sorter->started = false;
    for (size_t i = 0; i < count; i++)
        sorter->cursors[i] = (Cursor){ .at = runs[i].start, .end = runs[i].end };
    for (size_t i = 0; i < count; i++) {
        if (!advance(sorter, &sorter->cursors[i], err))
            return false;
        if (!sorter->cursors[i].done)
            sorter->heap[sorter->heap_count++] = i;
    }
    for (size_t i = sorter->heap_count / 2; i-- > 0;)
        sift_down(sorter, i);
    return true;
}

static bool merge_next(Sorter *sorter, SorterRecord *out, bool *end, Error *err) {
    if (sorter->started && sorter->heap_count > 0) {
        Cursor *cursor = &sorter->cursors[sorter->heap[0]];
        if (!advance(sorter, cursor, err))
            return false;
        if (cursor->done)
            sorter->heap[0] = sorter->heap[--sorter->heap_count];
        sift_down(sorter, 0);
    }
    sorter->started = true;
    *end = sorter->heap_count == 0;
    if (*end)
        return false;
    *out = sorter->cursors[sorter->heap[0]].record;
    return true;
}

/* Merges `count` runs into one at *end of the file `fd`. */
static bool merge_group(Sorter *sorter, const Run *runs, size_t count, int fd, off_t *end, Error *err) {
    AUTO(Buf) out = { 0 };
    SorterRecord record;
    bool last = false;
    bool done = merge_begin(sorter, runs, count, err);
    while (done && merge_next(sorter, &record, &last, err))
        done = write_record(fd, &out, &record, end, err);
    done = done && last && write_out(fd, &out, err);
    cursors_free(sorter, count);
    return done;
}

/* One pass: groups of `fan` neighbouring runs become one run each, in a new file. */
static bool merge_pass(Sorter *sorter, size_t fan, Error *err) {
    int fd = open_temp(err);
    if (fd < 0)
        return false;
    Runs longer = { 0 };
    off_t end = 0;
    bool done = true;
    for (size_t first = 0; done && first < sorter->runs.count; first += fan) {
        size_t left = sorter->runs.count - first;
        Run run = { .start = end };
        done = merge_group(sorter, sorter->runs.items + first, left < fan ? left : fan, fd, &end, err);
        run.end = end;
        ARRAY_PUSH(longer.items, longer.count, longer.capacity, run);
    }
    if (!done) {
        close(fd);
        free(longer.items);
        return false;
    }
    close(sorter->fd);
    free(sorter->runs.items);
    sorter->fd = fd;
    sorter->runs = longer;
    return true;
}

static bool read_first_time(Sorter *sorter, Error *err) {
    if (sorter->fd < 0) {
        sort_slots(sorter);
        return true;
    }
    if (!spill(sorter, err))
        return false;
    buf_free(&sorter->buffer);
    free(sorter->slots);
    sorter->slots = NULL;
    sorter->slot_capacity = 0;
    size_t fan = sorter->memory / READ_AHEAD;
    fan = fan < SMALLEST_FAN ? SMALLEST_FAN : fan;
    while (sorter->runs.count > fan)
        if (!merge_pass(sorter, fan, err))
            return false;
    return true;
}

bool sorter_rewind(Sorter *sorter, Error *err) {
    if (!sorter->reading && !read_first_time(sorter, err))
        return false;
    sorter->reading = true;
    sorter->position = 0;
    if (sorter->fd < 0)
        return true;
    cursors_free(sorter, sorter->runs.count);
    return merge_begin(sorter, sorter->runs.items, sorter->runs.count, err);
}

bool sorter_next(Sorter *sorter, SorterRecord *out, bool *end, Error *err) {
    *end = false;
    if (!sorter->reading)
        return error_set(err, ERR_INTERNAL, "a sorter was read before it was rewound");
    if (sorter->fd >= 0)
        return merge_next(sorter, out, end, err);
    *end = sorter->position == sorter->slot_count;
    if (*end)
        return false;
    *out = slot_record(sorter, &sorter->slots[sorter->position++]);
    return true;
}
