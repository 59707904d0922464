/*
 * Option rows that import and diff have in common: what one calls allowed, the other must show the same way.
 */
#ifndef SCHEMA_SYNC_CLI_SHARED_OPTIONS_H
#define SCHEMA_SYNC_CLI_SHARED_OPTIONS_H

#define OPTION_ROW_MODE                                                                                      \
    {                                                                                                        \
        "mode", 0, OPTION_CHOICE, "add|merge|mirror",                                                        \
            "add creates what is missing; merge (the default) also updates, and deletes only what "          \
            "removed.jsonl "                                                                                 \
            "names; mirror also deletes all in scope that the files do not have. Replaces every mode of "    \
            "the "                                                                                           \
            "configuration."                                                                                 \
    }
#define OPTION_ROW_ONLY                                                                                      \
    {                                                                                                        \
        "only", 0, OPTION_TEXT, "LIST",                                                                      \
            "Only these parts, separated by commas: sections, a type of theirs or chosen collections, as "   \
            "for "                                                                                           \
            "export. The marker is then left as it is."                                                      \
    }
#define OPTION_ROW_ALLOW_VERSION                                                                             \
    {                                                                                                        \
        "allow-version", 0, OPTION_FLAG, NULL,                                                               \
            "Go on when the files come from another Directus major version or another kind of database. "    \
            "What "                                                                                          \
            "the target cannot hold is left out and named."                                                  \
    }
#define OPTION_ROW_AGAIN                                                                                     \
    {                                                                                                        \
        "again", 0, OPTION_FLAG, NULL,                                                                       \
            "Compare everything, whatever the marker says: finds changes made on the instance since."        \
    }
/* ROWS_SHOWN of model/row_change.h. */
#define OPTION_ROW_ROWS                                                                                      \
    {                                                                                                        \
        "rows", 0, OPTION_COUNT, "N|all",                                                                    \
            "How many new, changed and deleted rows of a collection the plan shows one by one: 20 of each "  \
            "unless said otherwise; 0 only counts them, all keeps every one of them in memory."              \
    }
#define OPTION_ROW_BACKUP                                                                                    \
    {                                                                                                        \
        "backup", 0, OPTION_TEXT, "DIR",                                                                     \
            "Save the state of the target into DIR/<environment>/<time>-<commit> before anything is "        \
            "written, "                                                                                      \
            "without secrets."                                                                               \
    }
#define OPTION_ROW_REF                                                                                       \
    {                                                                                                        \
        "ref", 0, OPTION_TEXT, "REV",                                                                        \
            "Take the state from a commit instead of the files: a branch, a tag, HEAD~2 or a hash. It is "   \
            "read from git's objects; "                                                                      \
            "the work tree is neither used nor touched."                                                     \
    }

#endif
