#include "directus/inquiry.h"

#include <string.h>

#include "directus/pipeline.h"
#include "directus/session_part.h"

static bool get(Session *session, Arena *arena, const char *path, Json *data, Error *err) {
    return session_get_all(session, arena, &path, 1, data, err);
}

bool directus_license(Session *session, Arena *arena, Json *license, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    Json whole;
    Error answer;
    *license = json_null();
    session_prepare_fresh_get(&exchange, "/license");
    if (!session_run(session, &exchange, 1, &answer)) {
        if (exchange.status != 404) /* before 12 */
            *err = answer;
        return exchange.status == 404;
    }
    if (!exchange_parse(&exchange, arena, &whole, err))
        return false;
    const Json *data = json_get(&whole, "data");
    if (data)
        *license = *data;
    return true;
}

bool directus_extension_source(Session *session, Buf *source, bool *served, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    session_prepare(&exchange, "GET", "/extensions/sources/index.js", NULL);
    Error answer;
    *served = session_run(session, &exchange, 1, &answer);
    if (!*served) {
        if (exchange.status != 404)
            *err = answer;
        return exchange.status == 404;
    }
    buf_append(source, buf_text(&exchange.answer), exchange.answer.length);
    return true;
}

bool directus_extensions(Session *session, size_t *count, size_t *disabled, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json list;
    *count = *disabled = 0;
    if (!get(session, &arena, "/extensions", &list, err))
        return false;
    for (uint32_t i = 0; json_is(&list, JSON_ARRAY) && i < list.count; i++) {
        ++*count;
        *disabled += !json_get_bool(json_get(&list.as.items[i], "meta"), "enabled", true);
    }
    return true;
}

static bool is_named(const Json *names, const char *collection) {
    for (uint32_t i = 0; i < names->count; i++)
        if (str_equal(json_text(&names->as.items[i]), collection))
            return true;
    return false;
}

bool directus_untracked(Session *session, Arena *arena, const Json *names, const char *const **found,
                        Error *err) {
    Json list;
    size_t count = 0;
    if (!get(session, arena, "/collections", &list, err))
        return false;
    const char **untracked = arena_array(arena, (size_t)list.count + 1, sizeof *untracked);
    for (uint32_t i = 0; json_is(&list, JSON_ARRAY) && i < list.count; i++) {
        const Json *collection = &list.as.items[i];
        const char *name = json_get_text(collection, "collection");
        if (name && json_is_null(json_get(collection, "meta")) && is_named(names, name))
            untracked[count++] = name;
    }
    *found = untracked;
    return true;
}

bool directus_takes(Session *session, size_t bytes, bool *taken, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    AUTO(Buf) query = { 0 };
    Error answer;
    buf_puts(&query, "{\"fields\":[\"id\"],\"limit\":1},\"padding\":\"");
    for (size_t i = query.length; i < bytes; i++)
        buf_putc(&query, 'x');
    buf_putc(&query, '"');
    session_prepare_search(&exchange, "/roles", buf_text(&query));
    bool too_large = false;
    if (!session_run(session, &exchange, 1, &answer)) {
        too_large = exchange.status == 413 || strstr(buf_text(&exchange.answer), "entity too large");
        if (!too_large && exchange.status != 400) { /* the padding is no part of a query */
            *err = answer;
            return false;
        }
    }
    *taken = !too_large;
    return true;
}

bool directus_rights(Session *session, Rights *rights, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json mine;
    const struct {
        const char *action;
        size_t *count;
    } actions[] = { { "read", &rights->read },
                    { "create", &rights->create },
                    { "update", &rights->update },
                    { "delete", &rights->delete } };
    *rights = (Rights){ 0 };
    if (!get(session, &arena, "/permissions/me", &mine, err))
        return false;
    for (uint32_t i = 0; json_is(&mine, JSON_OBJECT) && i < mine.count; i++) {
        if (str_starts(mine.as.members[i].key, "directus_"))
            continue;
        for (size_t a = 0; a < sizeof actions / sizeof *actions; a++) {
            const char *access =
                json_get_text(json_get(&mine.as.members[i].value, actions[a].action), "access");
            *actions[a].count += access && strcmp(access, "none") != 0;
        }
    }
    return true;
}
