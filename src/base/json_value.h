/* Shared by json.c and json_value.c alone. */
#ifndef SCHEMA_SYNC_BASE_JSON_VALUE_H
#define SCHEMA_SYNC_BASE_JSON_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/* Sorts by key, leaves only the last of equal keys, returns how many are left. Cheap when sorted already. */
uint32_t json_sort_members(JsonMember *members, size_t count);

#endif
