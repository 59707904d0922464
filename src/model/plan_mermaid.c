#include "model/plan_mermaid.h"

#include <ctype.h>
#include <string.h>

#include "model/show.h"

typedef struct {
    const char *name;
    const Change *own; /* of the collection itself; NULL: its fields or relations change, or nothing */
    size_t fields[CHANGE_DELETE + 1];
    const char *former; /* the name before a declared rename */
} Node;

typedef struct {
    size_t from, to;
    const char *field;
    ChangeKind kind;
} Edge;

typedef struct {
    Arena arena;
    Node *nodes;
    size_t node_count, node_capacity;
    Edge *edges;
    size_t edge_count, edge_capacity;
} Diagram;

static const char signs[] = { [CHANGE_CREATE] = '+', [CHANGE_UPDATE] = '~', [CHANGE_DELETE] = '-' };

/* ---- gathering ---- */

static size_t node_of(Diagram *diagram, const char *name) {
    for (size_t i = 0; i < diagram->node_count; i++)
        if (strcmp(diagram->nodes[i].name, name) == 0)
            return i;
    Node node = { .name = name };
    ARENA_PUSH(&diagram->arena, diagram->nodes, diagram->node_count, diagram->node_capacity, node);
    return diagram->node_count - 1;
}

static void add_edge(Diagram *diagram, const Change *change, const char *to) {
    Edge edge = { .field = change->name, .kind = change->kind };
    edge.from = node_of(diagram, change->parent);
    edge.to = node_of(diagram, to);
    ARENA_PUSH(&diagram->arena, diagram->edges, diagram->edge_count, diagram->edge_capacity, edge);
}

/* One collection, or each of those that any item may come from. */
static void add_relation(Diagram *diagram, const Change *change) {
    const Json *record = change->kind == CHANGE_DELETE ? change->before : change->after;
    const char *related = json_get_text(record, "related_collection");
    const Json *any = json_path(record, "meta", "one_allowed_collections", NULL);
    if (related)
        add_edge(diagram, change, related);
    for (uint32_t i = 0; !related && json_is(any, JSON_ARRAY) && i < any->count; i++)
        if (json_text(&any->as.items[i]))
            add_edge(diagram, change, json_text(&any->as.items[i]));
}

static void gather_renames(Diagram *diagram, const Renames *renames) {
    for (size_t i = 0; i < renames->count; i++) {
        const Rename *rename = &renames->items[i];
        size_t node = node_of(diagram, rename->field ? rename->collection : rename->to);
        if (rename->field)
            diagram->nodes[node].fields[CHANGE_UPDATE]++;
        else
            diagram->nodes[node].former = rename->collection;
    }
}

static void gather(Diagram *diagram, const Plan *plan) {
    gather_renames(diagram, &plan->renames);
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (change->type == TYPE_RELATIONS && change->parent)
            add_relation(diagram, change);
        if (change->type != TYPE_COLLECTIONS && (change->type != TYPE_FIELDS || !change->parent))
            continue;
        size_t node = node_of(diagram, change->parent ? change->parent : change->label);
        if (change->type == TYPE_COLLECTIONS)
            diagram->nodes[node].own = change;
        else
            diagram->nodes[node].fields[change->kind]++;
    }
}

/* ---- printing ---- */

static void put_label(Buf *out, const char *name) {
    AUTO(Buf) text = { 0 };
    enum { LONGEST = 60 };
    show_clipped(&text, name, LONGEST);
    for (const char *at = buf_text(&text); *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x80 || isalnum(byte) || byte == ' ')
            buf_putc(out, *at);
        else
            buf_printf(out, "#%u;", byte);
    }
}

static bool has_changed_fields(const Node *node) {
    return node->fields[CHANGE_CREATE] || node->fields[CHANGE_UPDATE] || node->fields[CHANGE_DELETE];
}

static const char *class_of(const Node *node) {
    static const char *const classes[] = {
        [CHANGE_CREATE] = "new", [CHANGE_UPDATE] = "changed", [CHANGE_DELETE] = "gone"
    };
    return node->own                                  ? classes[node->own->kind]
           : node->former || has_changed_fields(node) ? "changed"
                                                      : "same";
}

static void put_node(Buf *out, const Node *node, size_t number) {
    buf_printf(out, "  c%zu[\"", number);
    put_label(out, node->name);
    if (node->former) {
        buf_puts(out, "<br/>was ");
        put_label(out, node->former);
    }
    if (has_changed_fields(node) && (!node->own || node->own->kind == CHANGE_UPDATE)) {
        buf_puts(out, "<br/>fields");
        for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++)
            if (node->fields[kind])
                buf_printf(out, " %c%zu", signs[kind], node->fields[kind]);
    }
    buf_printf(out, "\"]:::%s\n", class_of(node));
}

static void put_edge(Buf *out, const Edge *edge) {
    buf_printf(out, "  c%zu %s|\"#%d; ", edge->from, edge->kind == CHANGE_DELETE ? "-.->" : "-->",
               signs[edge->kind]);
    put_label(out, edge->field);
    buf_printf(out, "\"| c%zu\n", edge->to);
}

static void put_diagram(Buf *out, const Diagram *diagram) {
    buf_puts(out, "```mermaid\nflowchart LR\n");
    for (size_t i = 0; i < diagram->node_count; i++)
        put_node(out, &diagram->nodes[i], i);
    for (size_t i = 0; i < diagram->edge_count; i++)
        put_edge(out, &diagram->edges[i]);
    buf_puts(out, "  classDef new stroke:#1a7f37,stroke-width:3px\n"
                  "  classDef changed stroke:#9a6700,stroke-width:2px\n"
                  "  classDef gone stroke:#cf222e,stroke-width:2px,stroke-dasharray:5 5\n"
                  "  classDef same stroke-dasharray:1 3\n```\n\n");
}

void plan_mermaid(const Plan *plan, size_t limit, Buf *out) {
    Diagram diagram = { 0 };
    AUTO(Buf) text = { 0 };
    gather(&diagram, plan);
    bool fits = diagram.node_count <= MERMAID_NODES && diagram.edge_count <= MERMAID_EDGES;
    if (fits && diagram.node_count)
        put_diagram(&text, &diagram);
    if (!fits || text.length > limit)
        buf_printf(out, "_No diagram: %zu collections and %zu relations are too many to draw._\n\n",
                   diagram.node_count, diagram.edge_count);
    else
        buf_append(out, buf_text(&text), text.length);
    arena_free(&diagram.arena);
}
