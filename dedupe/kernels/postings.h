// Small tables of keys, and searches: what other rooms share of the postings.
#pragma once

#include "text.h"

namespace dedupe {

inline constexpr u64 SPREAD = 0x9E3779B97F4A7C15;

// Refuses arrays that don't fit each other: ValueError to Python.
inline void demand(bool holds, const char *what) {
    if (!holds) throw std::invalid_argument(what);
}

// Refuses bounds of rows that don't lie one after the other in so many values; how many rows.
inline i64 rows_within(View<const i64> bounds, i64 size) {
    demand(bounds.size > 0 && bounds[0] >= 0, "rows without bounds");
    for (i64 row = 0; row + 1 < bounds.size; row++)
        demand(bounds[row] <= bounds[row + 1], "a row that ends before it begins");
    demand(bounds[bounds.size - 1] <= size, "a row past the end of its values");
    return bounds.size - 1;
}

// A word of bytes that any machine reads alike.
inline u32 word_at(View<const u8> data, i64 at) {
    const View<const u8> own = data.slice(at, at + 4);
    return own[0] | u32(own[1]) << 8 | u32(own[2]) << 16 | u32(own[3]) << 24;
}

// Slot of a key in a table of `slots`, a power of two.
inline i64 slot_of(u64 key, i64 slots) {
    return static_cast<i64>(((key * SPREAD) >> 32) & static_cast<u64>(slots - 1));
}

// How many places a table has that so many keys fill by half at most.
inline i64 places_for(i64 count) {
    i64 places = 4;
    while (places < 2 * count) places *= 2;
    return places;
}

// Where a key is, or the free place that it would take; a place of 0 is free.
template <class T> i64 place_of(View<T> keys, std::remove_const_t<T> key) {
    i64 place = slot_of(key, keys.size), left = keys.size;
    while (keys[place] != 0 && keys[place] != key) {
        demand(--left > 0, "a table without a free place");
        place = (place + 1) & (keys.size - 1);
    }
    return place;
}

// Index of the first of sorted `values[start:end]` that is not below `value`.
template <class T> i64 first_from(View<T> values, i64 start, i64 end, std::remove_const_t<T> value) {
    while (start < end) {
        const i64 middle = (start + end) >> 1;
        if (values[middle] < value)
            start = middle + 1;
        else
            end = middle;
    }
    return start;
}

}  // namespace dedupe
