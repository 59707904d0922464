/* A plan by hand, and what an instance is sent for it. */
#ifndef SCHEMA_SYNC_TESTS_WRITING_H
#define SCHEMA_SYNC_TESTS_WRITING_H

#include "directus/write.h"
#include "model/canon.h"
#include "unit/directus/client.h"
#include "unit/directus/fake_server.h"

typedef struct {
    Arena arena;
    Plan plan;
    IdMap *map;
} Writing;

static inline const Json *kept(Arena *arena, const char *text) {
    Json *json = arena_alloc(arena, sizeof *json);
    if (!text)
        return NULL;
    *json = quoted(arena, text);
    return json;
}

static inline void add(Writing *writing, ChangeKind kind, TypeId type, const char *id, const char *before,
                       const char *after, const char *patch) {
    plan_change(&writing->plan, (Change){ .kind = kind,
                                          .type = type,
                                          .label = arena_printf(&writing->arena, "<%s>", id),
                                          .id = id,
                                          .target_id = kind == CHANGE_CREATE ? NULL : id,
                                          .before = kept(&writing->arena, before),
                                          .after = kept(&writing->arena, after),
                                          .patch = kept(&writing->arena, patch) });
}

static inline Writing new_writing(void) {
    return (Writing){ .map = idmap_new() };
}

static inline void free_writing(Writing *writing) {
    plan_free(&writing->plan);
    idmap_free(&writing->map);
    arena_free(&writing->arena);
}

static inline bool apply_whole(Session *session, const Writing *writing, const WriteGate *gate, Error *err) {
    bool flows_stand;
    return directus_apply(session, &writing->plan, writing->map, gate, &flows_stand, err) &&
           directus_apply_last(session, &writing->plan, writing->map, gate, flows_stand, err);
}

/* The requests so far, one a line: "POST /roles [body]". */
static inline const char *sent(Arena *arena, FakeServer *server) {
    AUTO(Buf) text = { 0 };
    for (int i = 0; i < server->seen_count; i++) {
        const Seen *seen = &server->seen[i];
        buf_printf(&text, "%s %.*s ", seen->method, (int)strcspn(seen->path, "?"), seen->path);
        for (const char *at = seen->body; *at; at++)
            buf_putc(&text, *at == '"' ? '\'' : *at);
        buf_putc(&text, '\n');
    }
    return arena_strdup(arena, buf_text(&text));
}

/* Answers that a hundred records were written, whatever was sent. */
static inline const char *many(void) {
    static char text[4096];
    strcpy(text, "{\"data\":[");
    for (int i = 0; i < 100; i++)
        sprintf(text + strlen(text), "%s{\"id\":%d}", i ? "," : "", i + 1);
    strcat(text, "]}");
    return text;
}

static inline FakeServer *obedient(void) {
    return FAKE({ .method = "DELETE", .status = 204 }, ANSWER(NULL, NULL, many()));
}

#endif
