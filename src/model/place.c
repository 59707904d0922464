#include "model/place.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static const char escaped[] = "~/:";

void place_put_name(Buf *out, const char *name) {
    for (; *name; name++) {
        const char *at = strchr(escaped, *name);
        if (at)
            buf_printf(out, "~%d", (int)(at - escaped));
        else
            buf_putc(out, *name);
    }
}

static bool is_alone(const Json *array, uint32_t index, const char *member, const char *value) {
    for (uint32_t i = 0; i < array->count; i++)
        if (i != index && str_equal(json_get_text(&array->as.items[i], member), value))
            return false;
    return true;
}

static void put_item(Buf *out, const JsonStep *step) {
    static const char *const members[] = { "header", "name", "key", "field", "id" };
    enum { LONGEST = 64 };
    const Json *item = &step->container->as.items[step->index];
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *value = json_get_text(item, members[i]);
        if (!value || !*value || strlen(value) > LONGEST ||
            !is_alone(step->container, step->index, members[i], value))
            continue;
        buf_printf(out, "%s=", members[i]);
        place_put_name(out, value);
        return;
    }
    buf_printf(out, "%u", step->index);
}

void place_put(Buf *out, const JsonStep *step) {
    if (!step)
        return;
    place_put(out, step->up);
    if (step->up)
        buf_putc(out, '/');
    if (step->key)
        place_put_name(out, step->key);
    else
        put_item(out, step);
}

void place_put_record(Buf *out, TypeId type, const Record *record) {
    const CatalogRow *row = catalog_row(type);
    if (row->identity == IDENTITY_ID) {
        place_put_name(out, record->id ? record->id : "");
        return;
    }
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const char *value = json_get_text(&record->json, row->key[i]);
        if (i)
            buf_putc(out, catalog_is_schema(type) ? '.' : ',');
        place_put_name(out, value ? value : "");
    }
}

/* ---- matching ---- */

/* Whether `length` bytes of a pattern are this name. */
static bool is_name(const char *pattern, size_t length, const char *name) {
    size_t at = 0;
    for (; *name && at < length; name++, at++) {
        char byte = pattern[at];
        if (byte == '~' && at + 1 < length)
            byte = pattern[++at] >= '0' && pattern[at] <= '2' ? escaped[pattern[at] - '0'] : '\0';
        if (byte != *name)
            return false;
    }
    return !*name && at == length;
}

static bool is_item(const char *pattern, size_t length, const JsonStep *step) {
    const char *equals = memchr(pattern, '=', length);
    if (!equals) {
        char *end;
        return pattern[0] >= '0' && pattern[0] <= '9' && strtoul(pattern, &end, 10) == step->index &&
               end == pattern + length;
    }
    const Json *item = &step->container->as.items[step->index];
    for (uint32_t i = 0; json_is(item, JSON_OBJECT) && i < item->count; i++) {
        const char *value = json_text(&item->as.members[i].value);
        if (value && is_name(pattern, (size_t)(equals - pattern), item->as.members[i].key) &&
            is_name(equals + 1, length - (size_t)(equals + 1 - pattern), value))
            return true;
    }
    return false;
}

/* What of the pattern is left when it has been followed to this step; NULL when it leads elsewhere. */
static const char *left_after(const char *pattern, const JsonStep *step, bool exact) {
    if (!step)
        return pattern;
    const char *rest = left_after(pattern, step->up, exact);
    if (!rest || !*rest)
        return exact ? NULL : rest;
    size_t length = strcspn(rest, "/");
    bool any = length == 1 && rest[0] == '*';
    if (!any && !(step->key ? is_name(rest, length, step->key) : is_item(rest, length, step)))
        return NULL;
    return rest + length + (rest[length] == '/');
}

bool place_matches(const char *pattern, const char *record, const JsonStep *step, bool exact) {
    const char *colon = strchr(pattern, ':');
    if (colon) {
        size_t length = (size_t)(colon - pattern);
        bool any = length == 1 && pattern[0] == '*';
        if (!any && (strncmp(pattern, record, length) != 0 || record[length]))
            return false;
        pattern = colon + 1;
    }
    const char *rest = left_after(pattern, step, exact);
    return rest && !*rest;
}

const char *place_fault(const char *pattern, bool exact) {
    const char *colon = strchr(pattern, ':');
    const char *path = colon ? colon + 1 : pattern;
    if (!*path || *path == '/' || str_ends(path, "/") || strstr(path, "//"))
        return "a step of the path is empty";
    if (colon == pattern)
        return "no record stands before the colon";
    if (strchr(path, ':'))
        return "a second colon stands in it (in names, write ~2)";
    for (const char *at = pattern; (at = strchr(at, '~')); at++)
        if (at[1] < '0' || at[1] > '2')
            return "'~' stands in it (in names, write ~0)";
    for (const char *at = pattern; exact && (at = strchr(at, '*')); at++)
        if ((at == pattern || at[-1] == '/' || at[-1] == ':') && (!at[1] || at[1] == '/' || at[1] == ':'))
            return "'*' stands for any step, and this path has to be exact";
    return NULL;
}

/* ---- names and values ---- */

static const char *said_by_neighbour(const JsonStep *step) {
    static const char *const members[] = { "header", "name", "key" };
    if (!step->up || step->up->key || strcmp(step->key, "value") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *name = json_get_text(step->container, members[i]);
        if (name)
            return name;
    }
    return NULL;
}

const char *place_name(const JsonStep *step) {
    while (step && !step->key)
        step = step->up;
    if (!step)
        return NULL;
    const char *said = said_by_neighbour(step);
    return said ? said : step->key;
}

const Json *place_value(const Json *record, const JsonStep *step) {
    if (!step)
        return record;
    const Json *container = place_value(record, step->up);
    if (step->key)
        return json_get(container, step->key);
    return json_is(container, JSON_ARRAY) && step->index < container->count
               ? &container->as.items[step->index]
               : NULL;
}
