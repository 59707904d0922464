#include "model/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/canon.h"

/* ---- the map: open addressing, one table a direction ---- */

typedef struct {
    const char *space, *from, *to; /* from NULL = empty slot */
} Pair;

typedef struct {
    Pair *slots;
    size_t capacity, count;
} PairTable;

struct IdMap {
    Arena arena;
    PairTable to_state, to_target;
};

static size_t pair_hash(const char *space, const char *from) {
    size_t hash = 1469598103934665603u; /* FNV-1a */
    for (const char *c = space; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (const char *c = from; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return hash;
}

static Pair *table_slot(const PairTable *table, const char *space, const char *from) {
    size_t mask = table->capacity - 1;
    size_t at = pair_hash(space, from) & mask;
    while (table->slots[at].from &&
           (strcmp(table->slots[at].from, from) != 0 || strcmp(table->slots[at].space, space) != 0))
        at = (at + 1) & mask;
    return &table->slots[at];
}

static void table_put(PairTable *table, Pair pair) {
    if (table->count * 2 >= table->capacity) {
        PairTable larger = { .capacity = table->capacity ? table->capacity * 2 : 64 };
        larger.slots = mem_alloc(larger.capacity * sizeof *larger.slots);
        memset(larger.slots, 0, larger.capacity * sizeof *larger.slots);
        for (size_t i = 0; i < table->capacity; i++)
            if (table->slots[i].from)
                *table_slot(&larger, table->slots[i].space, table->slots[i].from) = table->slots[i];
        larger.count = table->count;
        free(table->slots);
        *table = larger;
    }
    Pair *slot = table_slot(table, pair.space, pair.from);
    table->count += slot->from == NULL;
    *slot = pair;
}

static const char *table_get(const PairTable *table, const char *space, const char *from) {
    return table->count ? table_slot(table, space, from)->to : NULL;
}

IdMap *idmap_new(void) {
    IdMap *map = mem_alloc(sizeof *map);
    memset(map, 0, sizeof *map);
    return map;
}

void idmap_free(IdMap **map) {
    if (!*map)
        return;
    arena_free(&(*map)->arena);
    free((*map)->to_state.slots);
    free((*map)->to_target.slots);
    free(*map);
    *map = NULL;
}

void idmap_put(IdMap *map, const char *space, const char *target_id, const char *state_id) {
    if (strcmp(target_id, state_id) == 0)
        return;
    const char *kept_space = arena_strdup(&map->arena, space);
    const char *target = arena_strdup(&map->arena, target_id);
    const char *state = arena_strdup(&map->arena, state_id);
    table_put(&map->to_state, (Pair){ kept_space, target, state });
    table_put(&map->to_target, (Pair){ kept_space, state, target });
}

const char *idmap_to_state(const IdMap *map, const char *space, const char *target_id) {
    return table_get(&map->to_state, space, target_id);
}

const char *idmap_to_target(const IdMap *map, const char *space, const char *state_id) {
    return table_get(&map->to_target, space, state_id);
}

size_t idmap_count(const IdMap *map) {
    return map->to_state.count;
}

const char *identity_reference(const IdMap *map, const char *space, const char *state_id) {
    const char *target = idmap_to_target(map, space, state_id);
    return target ? target : state_id;
}

/* ---- rewriting records ---- */

static const char *space_of(TypeId type) {
    if (type == TYPE_USERS)
        return "directus_users";
    if (type == TYPE_FILES)
        return "directus_files";
    return catalog_row(type)->collection;
}

typedef struct {
    const PairTable *table;
    bool to_state;
} Rewrite;

/*
 * Inside free-form values an id has no type, so the Administrator's role and policy need names that tell them
 * apart there: the role is "$administrator" as in typed places, the policy "$administrator_policy".
 */
#define EMBEDDED_ADMIN_POLICY "$administrator_policy"

static const char *embedded_lookup(const Rewrite *rewrite, const char *text) {
    if (!rewrite->to_state && strcmp(text, ALIAS_ADMINISTRATOR) == 0)
        return table_get(rewrite->table, "directus_roles", text);
    if (!rewrite->to_state && strcmp(text, EMBEDDED_ADMIN_POLICY) == 0)
        return table_get(rewrite->table, "directus_policies", ALIAS_ADMINISTRATOR);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        if (row->identity != IDENTITY_ID)
            continue;
        const char *mapped = table_get(rewrite->table, row->collection, text);
        if (!mapped)
            continue;
        if (type == TYPE_POLICIES && rewrite->to_state && strcmp(mapped, ALIAS_ADMINISTRATOR) == 0)
            return EMBEDDED_ADMIN_POLICY;
        /* the public policy's id is the same everywhere: inside values it stays readable as an id */
        return strcmp(mapped, ALIAS_PUBLIC) == 0 ? NULL : mapped;
    }
    return NULL;
}

enum { UUID_LENGTH = 36 };

/* The next uuid at or behind *at, which is moved behind it. */
static bool next_uuid(const char *text, size_t length, size_t *at, char id[UUID_LENGTH + 1]) {
    for (; *at + UUID_LENGTH <= length; ++*at) {
        if (text[*at + 8] != '-' || !str_is_uuid(text + *at, UUID_LENGTH))
            continue;
        memcpy(id, text + *at, UUID_LENGTH);
        id[UUID_LENGTH] = 0;
        *at += UUID_LENGTH;
        return true;
    }
    return false;
}

/* A whole string that is an id, or ids within a longer text (URLs, scripts); names with '$' only as whole
 * strings. */
static const char *map_embedded(Arena *arena, const char *text, size_t length, void *context) {
    const Rewrite *rewrite = context;
    const char *whole = length == UUID_LENGTH || text[0] == '$' ? embedded_lookup(rewrite, text) : NULL;
    if (whole || length <= UUID_LENGTH || !memchr(text, '-', length))
        return whole;
    AUTO(Buf) out = { 0 };
    size_t copied = 0, at = 0;
    char id[UUID_LENGTH + 1];
    while (next_uuid(text, length, &at, id)) {
        const char *mapped = embedded_lookup(rewrite, id);
        if (!mapped || mapped[0] == '$')
            continue;
        buf_append(&out, text + copied, at - UUID_LENGTH - copied);
        buf_puts(&out, mapped);
        copied = at;
    }
    if (!copied)
        return NULL;
    buf_append(&out, text + copied, length - copied);
    return arena_strndup(arena, out.data, out.length);
}

static Json rewrite_reference(Arena *arena, const Reference *reference, const Json *value, Rewrite *rewrite) {
    if (reference->target == TYPE_USERS)
        return json_null();
    const char *text = json_text(value);
    const char *mapped = text ? table_get(rewrite->table, space_of(reference->target), text) : NULL;
    return mapped ? json_string(arena, mapped) : *value;
}

static Json rewrite_record(Arena *arena, TypeId type, const Json *json, Rewrite *rewrite) {
    const CatalogRow *row = catalog_row(type);
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < json->count; i++) {
        const JsonMember *member = &json->as.members[i];
        const Reference *reference = catalog_reference(type, member->key);
        Json value;
        if (reference) {
            value = rewrite_reference(arena, reference, &member->value, rewrite);
        } else if (row->identity == IDENTITY_ID && strcmp(member->key, "id") == 0) {
            const char *id = json_text(&member->value);
            const char *mapped = id ? table_get(rewrite->table, row->collection, id) : NULL;
            value = mapped ? json_string(arena, mapped) : member->value;
        } else {
            value = json_map_texts(arena, &member->value, map_embedded, rewrite);
        }
        json_object_put(&out, member->key, value);
    }
    return json_object_done(&out);
}

Json identity_to_target(Arena *arena, TypeId type, const Json *json, const IdMap *map) {
    Rewrite rewrite = { .table = &map->to_target, .to_state = false };
    return rewrite_record(arena, type, json, &rewrite);
}

Json identity_texts_to_target(Arena *arena, const Json *value, const IdMap *map) {
    Rewrite rewrite = { .table = &map->to_target, .to_state = false };
    return json_map_texts(arena, value, map_embedded, &rewrite);
}

/* ---- ids inside values ---- */

typedef struct {
    const Snapshot *files;
    bool *sections;
} Mentions;

static const char *note_mentions(Arena *arena, const char *text, size_t length, void *context) {
    (void)arena;
    const Mentions *mentions = context;
    char id[UUID_LENGTH + 1];
    if (strcmp(text, ALIAS_ADMINISTRATOR) == 0 || strcmp(text, EMBEDDED_ADMIN_POLICY) == 0)
        mentions->sections[SECTION_ACCESS] = true;
    for (size_t at = 0; next_uuid(text, length, &at, id);)
        for (TypeId type = 0; type < TYPE_COUNT; type++)
            if (snapshot_find(mentions->files, type, id))
                mentions->sections[catalog_row(type)->section] = true;
    return NULL;
}

void identity_mentions(const Snapshot *files, bool sections[SECTION_COUNT]) {
    AUTO(Arena) arena = { 0 };
    bool planned[SECTION_COUNT];
    memcpy(planned, sections, sizeof planned);
    Mentions mentions = { files, sections };
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const RecordList *list = &files->types[type];
        for (size_t i = 0; planned[catalog_row(type)->section] && i < list->count; i++)
            json_map_texts(&arena, &list->items[i].json, note_mentions, &mentions);
    }
}

/* ---- reserved names ---- */

static bool holds_policy(const Snapshot *instance, const char *role, const char *policy) {
    const RecordList *access = &instance->types[TYPE_ACCESS];
    for (size_t i = 0; i < access->count; i++)
        if (str_equal(json_get_text(&access->items[i].json, "role"), role) &&
            str_equal(json_get_text(&access->items[i].json, "policy"), policy))
            return true;
    return false;
}

static bool held_by_a_role(const Snapshot *instance, const char *policy) {
    const RecordList *roles = &instance->types[TYPE_ROLES];
    for (size_t i = 0; i < roles->count; i++)
        if (holds_policy(instance, roles->items[i].id, policy))
            return true;
    return false;
}

typedef struct {
    const Record **items;
    size_t count;
} Candidates;

/* Those for which `keep` says yes; all of them when it says so of none. */
static void narrow(Candidates *candidates, bool (*keep)(const Record *record, const Snapshot *instance),
                   const Snapshot *instance) {
    size_t kept = 0;
    for (size_t i = 0; i < candidates->count; i++)
        kept += keep(candidates->items[i], instance);
    if (kept == 0)
        return;
    kept = 0;
    for (size_t i = 0; i < candidates->count; i++)
        if (keep(candidates->items[i], instance))
            candidates->items[kept++] = candidates->items[i];
    candidates->count = kept;
}

static bool is_called_administrator(const Record *record, const Snapshot *instance) {
    (void)instance;
    return str_equal(json_get_text(&record->json, "name"), "Administrator");
}

static bool is_readers(const Record *record, const Snapshot *instance) {
    if (str_equal(record->id, instance->reader_role))
        return true;
    for (size_t i = 0; instance->reader_policies && instance->reader_policies[i]; i++)
        if (strcmp(instance->reader_policies[i], record->id) == 0)
            return true;
    return false;
}

/* The one candidate called "Administrator", of several so called the one that the reader has, else the only
 * candidate, else NULL: no guess is made between several. */
static const Record *the_administrator(Candidates *candidates, const Snapshot *instance) {
    narrow(candidates, is_called_administrator, instance);
    if (candidates->count > 1 && is_called_administrator(candidates->items[0], instance))
        narrow(candidates, is_readers, instance);
    return candidates->count == 1 ? candidates->items[0] : NULL;
}

static void name_administrator(const Snapshot *instance, IdMap *map) {
    AUTO(Arena) arena = { 0 };
    const RecordList *policies = &instance->types[TYPE_POLICIES], *roles = &instance->types[TYPE_ROLES];
    Candidates admins = { arena_array(&arena, policies->count + 1, sizeof *admins.items), 0 };
    for (size_t i = 0; i < policies->count; i++)
        if (json_get_bool(&policies->items[i].json, "admin_access", false) &&
            held_by_a_role(instance, policies->items[i].id))
            admins.items[admins.count++] = &policies->items[i];
    const Record *policy = the_administrator(&admins, instance);
    if (!policy)
        return;
    Candidates holders = { arena_array(&arena, roles->count + 1, sizeof *holders.items), 0 };
    for (size_t i = 0; i < roles->count; i++)
        if (holds_policy(instance, roles->items[i].id, policy->id))
            holders.items[holders.count++] = &roles->items[i];
    const Record *role = the_administrator(&holders, instance);
    idmap_put(map, "directus_policies", policy->id, ALIAS_ADMINISTRATOR);
    if (role)
        idmap_put(map, "directus_roles", role->id, ALIAS_ADMINISTRATOR);
}

/* ---- matching by natural key ---- */

typedef struct {
    const char *key; /* canonical text of the key's values; NULL = takes no part */
    const Record *record;
} Keyed;

static int keyed_compare(const void *a, const void *b) {
    return strcmp(((const Keyed *)a)->key, ((const Keyed *)b)->key);
}

/* Since Directus 12 folders hold flows too; before, and where nothing is said, they hold files. */
static const char *kind_of_folder(const Record *record) {
    const char *kind = json_get_text(&record->json, "type");
    return kind && strcmp(kind, "files") != 0 ? kind : "";
}

/* The key's values as text. `map` translates an instance's references, NULL for the files' own. */
static const char *key_text(Arena *arena, TypeId type, const Record *record, const IdMap *map) {
    const CatalogRow *row = catalog_row(type);
    AUTO(Buf) text = { 0 };
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const Json *value = json_get(&record->json, row->key[i]);
        const Reference *reference = catalog_reference(type, row->key[i]);
        const char *id = json_text(value);
        const char *state =
            reference && id && map ? idmap_to_state(map, space_of(reference->target), id) : NULL;
        Json translated = state ? json_string(arena, state) : (value ? *value : json_null());
        canon_compact(&text, &translated);
        buf_putc(&text, '\n');
    }
    if (type == TYPE_FOLDERS)
        buf_puts(&text, kind_of_folder(record));
    return arena_strndup(arena, buf_text(&text), text.length);
}

/* Ids of one side, sorted, for "is there a record with this id". */
static int text_compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *state_id_of(const Record *record, TypeId type, const IdMap *map, bool instance) {
    const char *mapped = instance ? idmap_to_state(map, catalog_row(type)->collection, record->id) : NULL;
    return mapped ? mapped : record->id;
}

static const char **sorted_ids(Arena *arena, const RecordList *list, TypeId type, const IdMap *map,
                               bool instance) {
    const char **ids = arena_array(arena, list->count + 1, sizeof *ids);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = state_id_of(&list->items[i], type, map, instance);
    qsort(ids, list->count, sizeof *ids, text_compare);
    return ids;
}

static bool has_id(const char *const *ids, size_t count, const char *id) {
    return bsearch(&id, ids, count, sizeof *ids, text_compare) != NULL;
}

static Keyed *sorted_keys(Arena *arena, const RecordList *list, TypeId type, const IdMap *map) {
    Keyed *keys = arena_array(arena, list->count + 1, sizeof *keys);
    for (size_t i = 0; i < list->count; i++)
        keys[i] = (Keyed){ key_text(arena, type, &list->items[i], map), &list->items[i] };
    qsort(keys, list->count, sizeof *keys, keyed_compare);
    return keys;
}

static bool unique_at(const Keyed *keys, size_t count, size_t at) {
    return (at == 0 || strcmp(keys[at - 1].key, keys[at].key) != 0) &&
           (at + 1 == count || strcmp(keys[at + 1].key, keys[at].key) != 0);
}

/* One round over a type; a parent matched in this round gives its children a key that matches in the next. */
static size_t match_round(TypeId type, const RecordList *files, const RecordList *instance, IdMap *map) {
    AUTO(Arena) arena = { 0 };
    const char **file_ids = sorted_ids(&arena, files, type, map, false);
    const char **instance_ids = sorted_ids(&arena, instance, type, map, true);
    Keyed *left = sorted_keys(&arena, files, type, NULL);
    Keyed *right = sorted_keys(&arena, instance, type, map);
    size_t matched = 0;
    for (size_t i = 0, j = 0; i < files->count && j < instance->count;) {
        int order = strcmp(left[i].key, right[j].key);
        if (order == 0 && unique_at(left, files->count, i) && unique_at(right, instance->count, j) &&
            !has_id(instance_ids, instance->count, left[i].record->id) &&
            !has_id(file_ids, files->count, state_id_of(right[j].record, type, map, true)) &&
            left[i].record->id[0] != '$') {
            idmap_put(map, catalog_row(type)->collection, right[j].record->id, left[i].record->id);
            matched++;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return matched;
}

static void match_type(TypeId type, const Snapshot *files, const Snapshot *instance, IdMap *map) {
    const CatalogRow *row = catalog_row(type);
    if (row->identity != IDENTITY_ID || !row->key[0] || !instance->types[type].count ||
        !files->types[type].count)
        return;
    bool nested_in_itself = false;
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const Reference *reference = catalog_reference(type, row->key[i]);
        nested_in_itself |= reference && reference->target == type;
    }
    while (match_round(type, &files->types[type], &instance->types[type], map) > 0 && nested_in_itself)
        ;
}

static void rewrite_snapshot(Snapshot *instance, const IdMap *map) {
    Rewrite rewrite = { .table = &map->to_state, .to_state = true };
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        RecordList *list = &instance->types[type];
        for (size_t i = 0; i < list->count; i++) {
            Record *record = &list->items[i];
            record->json = rewrite_record(&instance->arena, type, &record->json, &rewrite);
            if (record->id)
                record->id = json_get_text(&record->json, "id");
        }
    }
}

/*
 * What guards the Administrator policy (who may sign in with it, and from where) belongs to the instance: a
 * state does not hold it, and no import writes it.
 */
static void leave_out_guards(Snapshot *instance) {
    static const char *const guards[] = { "admin_access", "app_access", "enforce_tfa", "ip_access", NULL };
    RecordList *policies = &instance->types[TYPE_POLICIES];
    for (size_t i = 0; i < policies->count; i++)
        if (str_equal(policies->items[i].id, ALIAS_ADMINISTRATOR))
            policies->items[i].json = json_without(&instance->arena, &policies->items[i].json, guards);
}

void identity_align(Snapshot *instance, const Snapshot *files, IdMap *map) {
    name_administrator(instance, map);
    idmap_put(map, "directus_policies", PUBLIC_POLICY_ID, ALIAS_PUBLIC);
    if (files)
        for (TypeId type = 0; type < TYPE_COUNT; type++)
            if (!catalog_is_schema(type))
                match_type(type, files, instance, map);
    rewrite_snapshot(instance, map);
    leave_out_guards(instance);
    snapshot_sort(instance);
}

/* Sorted records: equal ones stand side by side. */
static size_t reduce_list(RecordList *list) {
    size_t kept = list->count ? 1 : 0;
    for (size_t i = 1; i < list->count; i++)
        if (!json_equal(&list->items[i].json, &list->items[kept - 1].json))
            list->items[kept++] = list->items[i];
    size_t reduced = list->count - kept;
    list->count = kept;
    return reduced;
}

size_t identity_reduce(Snapshot *snapshot) {
    return reduce_list(&snapshot->types[TYPE_ACCESS]) + reduce_list(&snapshot->types[TYPE_PERMISSIONS]);
}
