/*
 * What the files behind plan_print share: colours, signs, and values that differ.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_PRINTER_H
#define SCHEMA_SYNC_MODEL_PLAN_PRINTER_H

#include "model/plan_view.h"

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define AMBER "\033[33m"
#define CYAN  "\033[36m"
#define BOLD  "\033[1m"

typedef struct {
    const Plan *plan;
    bool color;
    Buf *out;
} Printer;

/* Whatever is tinted ends on its line. */
void print_tint(const Printer *printer, const char *on);
void print_untint(const Printer *printer);
void print_tinted(const Printer *printer, const char *on, const char *text);
/* "+ ", tinted from here on. */
void print_sign(const Printer *printer, ChangeKind kind);
/*
 * What differs in a record, whose line ends with it: behind the record's name when it is one difference,
 * ` › icon: "edit" → "star"`, else below it, `indent` spaces deep. A text of many lines is a unified diff.
 * `change`: whose references go by names (plan_names.h); NULL for a row.
 */
void print_edits(const Printer *printer, const Change *change, const ValueEdits *edits, int indent);
void print_loss(const Printer *printer, const PlanLoss *loss, int indent);

#endif
