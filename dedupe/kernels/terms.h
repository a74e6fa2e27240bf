// Tokens to terms: what other rooms share of it.
#pragma once

#include "text.h"

namespace dedupe {

// Flags of a term beside those of its tokens: it stands in the title, in the lead; it is a ticker.
inline constexpr u8 TITLE = 32, LEAD = 64, CODE = 128;

// Appends `bucket << 8 | flags` of the terms of one text to `packed` from `count` on.
//
// Words are terms, by their stems, and so are numbers with all that is joined to them; a run of
// joined characters gives pairs (ideographic) or threes (syllabic). The first `lead` terms get
// `place | LEAD`, the others `place`. Returns the new count.
i64 pack_terms(View<const u64> stems, View<const u8> flags, i64 first, i64 end, i64 bits, u8 place,
               i64 lead, View<u64> packed, i64 count);

// The same without place, and of all those behind the lead only names and numbers are sure to be
// appended: other terms have no flags.
i64 pack_marked(View<const u64> stems, View<const u8> flags, i64 first, i64 end, i64 bits, i64 lead,
                View<u64> packed, i64 count);

// How many tokens of a body from `start` on only repeat its title.
i64 repeated(View<const u64> title, i64 first, i64 end, View<const u64> body, i64 start, i64 stop);

}  // namespace dedupe
