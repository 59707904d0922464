#include "model/extensions.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/*
 * Ids in the app bundles (@directus/app of Directus 10.13.4, 11.17.4 and 12.4.0), where each stands as
 * {id: "…", name: "$t:interfaces.…"} and the like; a number behind an id is the major that brought it. A
 * space before and behind each, so that one strstr finds it. Interfaces of Directus's own collections start
 * with "system-" and are not listed.
 */
static const struct {
    const char *name, *built_in;
} kinds[] = {
    [EXTENSION_INTERFACE] = { "interface",
                              " boolean collection-item-dropdown collection-item-multiple-dropdown:11 "
                              "datetime "
                              "file file-image files group-accordion group-detail group-raw group-tabs:11 "
                              "header:11 input input-autocomplete-api input-block-editor input-code "
                              "input-hash "
                              "input-multiline input-rich-text-html input-rich-text-md list list-m2a "
                              "list-m2m "
                              "list-o2m list-o2m-tree-view map presentation-divider presentation-links "
                              "presentation-notice select-color select-dropdown select-dropdown-m2o "
                              "select-icon select-multiple-checkbox select-multiple-checkbox-tree "
                              "select-multiple-dropdown select-radio slider tags translations " },
    [EXTENSION_DISPLAY] = { "display",
                            " boolean collection color datetime file filesize formatted-json-value "
                            "formatted-value hash icon image labels mime-type rating raw "
                            "related-values translations user " },
    [EXTENSION_LAYOUT] = { "layout", " calendar cards kanban map tabular " },
    [EXTENSION_PANEL] = { "panel", " bar-chart label line-chart list meter metric metric-list pie-chart "
                                   "relational-variable time-series variable " },
    [EXTENSION_OPERATION] = { "operation",
                              " condition exec item-create item-delete item-read item-update json-web-token "
                              "log mail notification request sleep throw-error:11 transform trigger " },
    [EXTENSION_MODULE] = { "module",
                           " activity content deployments:11 files flows:12 insights settings users "
                           "visual:11 " },
};

const char *extension_kind_name(ExtensionKind kind) {
    return kinds[kind].name;
}

bool extension_is_built_in(ExtensionKind kind, const char *id, int major) {
    size_t length = strlen(id);
    if (kind == EXTENSION_INTERFACE && str_starts(id, "system-"))
        return true;
    if (length == 0 || strpbrk(id, " :"))
        return false;
    for (const char *at = kinds[kind].built_in; (at = strstr(at, id)); at++) {
        if (at[-1] != ' ' || (at[length] != ' ' && at[length] != ':'))
            continue;
        return at[length] == ' ' || strtol(at + length + 1, NULL, 10) <= major;
    }
    return false;
}

const ExtensionUse *extensions_find(const ExtensionUses *uses, ExtensionKind kind, const char *id) {
    for (size_t i = 0; i < uses->count; i++)
        if (uses->items[i].kind == kind && strcmp(uses->items[i].id, id) == 0)
            return &uses->items[i];
    return NULL;
}

typedef struct {
    const Snapshot *snapshot;
    Arena *arena;
    int major;
    ExtensionUses uses;
} Search;

static void meet(Search *search, ExtensionKind kind, const Json *value, const Record *record,
                 const char *member) {
    static const TypeId types[] = {
        [EXTENSION_INTERFACE] = TYPE_FIELDS,     [EXTENSION_DISPLAY] = TYPE_FIELDS,
        [EXTENSION_LAYOUT] = TYPE_PRESETS,       [EXTENSION_PANEL] = TYPE_PANELS,
        [EXTENSION_OPERATION] = TYPE_OPERATIONS, [EXTENSION_MODULE] = TYPE_SETTINGS,
    };
    const char *id = json_text(value);
    if (!id || !*id || extension_is_built_in(kind, id, search->major))
        return;
    ExtensionUses *uses = &search->uses;
    const ExtensionUse *known = extensions_find(uses, kind, id);
    if (known) {
        uses->items[known - uses->items].count++;
        return;
    }
    ExtensionUse use = { kind, id, types[kind], record, member, 1 };
    ARENA_PUSH(search->arena, uses->items, uses->count, uses->capacity, use);
}

/* A field, or one within a list's options, which has the same shape. */
static void meet_field(Search *search, const Json *field, const Record *record, unsigned depth) {
    enum { DEEPEST = 8 };
    const Json *meta = json_get(field, "meta"), *inner = json_path(meta, "options", "fields", NULL);
    meet(search, EXTENSION_INTERFACE, json_get(meta, "interface"), record, "meta");
    meet(search, EXTENSION_DISPLAY, json_get(meta, "display"), record, "meta");
    for (uint32_t i = 0; depth < DEEPEST && json_is(inner, JSON_ARRAY) && i < inner->count; i++)
        meet_field(search, &inner->as.items[i], record, depth + 1);
}

static void meet_modules(Search *search, const Record *settings) {
    const Json *bar = json_get(&settings->json, "module_bar");
    for (uint32_t i = 0; json_is(bar, JSON_ARRAY) && i < bar->count; i++) {
        const Json *entry = &bar->as.items[i];
        if (str_equal(json_get_text(entry, "type"), "module") && json_get_bool(entry, "enabled", true))
            meet(search, EXTENSION_MODULE, json_get(entry, "id"), settings, "module_bar");
    }
}

static void meet_record(Search *search, TypeId type, const Record *record) {
    if (type == TYPE_FIELDS)
        meet_field(search, &record->json, record, 0);
    else if (type == TYPE_PRESETS)
        meet(search, EXTENSION_LAYOUT, json_get(&record->json, "layout"), record, "layout");
    else if (type == TYPE_PANELS)
        meet(search, EXTENSION_PANEL, json_get(&record->json, "type"), record, "type");
    else if (type == TYPE_OPERATIONS)
        meet(search, EXTENSION_OPERATION, json_get(&record->json, "type"), record, "type");
    else if (type == TYPE_SETTINGS)
        meet_modules(search, record);
}

ExtensionUses extensions_used(const Snapshot *snapshot, int major, Arena *arena) {
    Search search = { .snapshot = snapshot, .arena = arena, .major = major };
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < snapshot->types[type].count; i++)
            meet_record(&search, type, &snapshot->types[type].items[i]);
    return search.uses;
}
