// Document frequencies and TF-IDF rows: what other rooms share of them.
#pragma once

#include <cmath>

#include "evidence.h"
#include "postings.h"
#include "terms.h"
#include "text.h"

namespace dedupe {

// A term that an article holds more often counts no more than this: six bits store it.
inline constexpr i64 MOST_COUNT = 63;

// A one-dimensional array that someone else owns, such as one column of a table of NumPy: what is
// of one key lies together there, so that one look-up is one line of memory.
template <class T> struct Column {
    T *data = nullptr;
    i64 size = 0, step = 1;

    Column() = default;
    Column(T *data, i64 size, i64 step) : data(data), size(size), step(step) {}
    template <class O>
    Column(const Column<O> &other)
        requires(std::is_same_v<T, const O>)
        : data(other.data), size(other.size), step(other.step) {}

    T &operator[](i64 i) const {
        check(0 <= i && i < size, "an index past the end of a column");
        return data[i * step];
    }
    // See dedupe::fetch.
    void fetch(i64 i) const {
        check(0 <= i && i < size, "an index past the end of a column");
        dedupe::fetch(data + i * step);
    }
};

// What terms are weighed by: keys, ln(df + n0 P) of each, that of what the table does not hold;
// of each language where its keys begin, and ln(n + n0).
using Counted = std::tuple<Column<const u32>, Column<const f32>, f32, View<const i64>,
                           View<const f64>>;

// Of all buckets, how many articles hold each, and how many write it as a name.
using Named = std::tuple<Column<const i32>, Column<const i32>>;

// Added to the count of a term that is written as a name, or stands in the title or the lead.
using Raises = std::tuple<f64, f64>;

// IDF (languages, w) of buckets (w,): -ln((df + n0 P) / (n + n0)), at least 0.
Table<f32> blended(View<const i64> buckets, const Counted &counted);

// A place of a small table: a key, 0 where it is free, and what it leads to. Both lie together, so
// that one look-up is one line of memory.
struct Entry {
    u32 key, place;
};

// Where a key is, or the free place that it would take.
inline Entry &entry_of(View<Entry> table, u32 key) {
    i64 at = slot_of(key, table.size);
    while (table[at].key != 0 && table[at].key != key) at = (at + 1) & (table.size - 1);
    return table[at];
}

// Buckets that a small table has room for at first, at most.
inline constexpr i64 MOST_EXPECTED = 1 << 16;

// Numbers each bucket as it is met, its column: buckets (w,), their kinds (w,), columns (m,).
// `places` (all buckets,) is scratch: what it contains does not matter. Without it a table of the
// buckets that are met takes its place.
std::tuple<Vector<i64>, Vector<u8>, Vector<u32>> numbered(View<const u32> buckets,
                                                          View<const u8> flags,
                                                          View<u32> places);

// The same by scratch: of `size` entries `bucket(k)`, and `number(k)`, NUMBER or 0.
template <class Bucket, class Number>
std::tuple<Vector<i64>, Vector<u8>, Vector<u32>> numbered_many(i64 size, Bucket bucket,
                                                               Number number, View<u32> places) {
    // No more columns than buckets that there are; the last place is for what was met before.
    const i64 most = std::min(size, places.size) + 1;
    Vector<i64> met_buckets(most);
    Vector<u8> met_kinds(most);
    Vector<u32> found(size);
    const View<i64> met(met_buckets);
    const View<u8> kinds(met_kinds);
    const View<u32> columns(found);
    u32 width = 0;
    for (i64 k = 0; k < size; k++) {
        const u32 own = bucket(k);
        // Without a branch, of which each third would be guessed wrong.
        u32 column = std::min(places[own], width);
        const bool met_first = (column == width) | (met[column] != static_cast<i64>(own));
        column = met_first ? width : column;
        places[own] = column;
        met[width] = own;
        width += met_first;
        kinds[column] |= number(k);
        columns[k] = column;
    }
    return {Vector<i64>(met.begin(), met.begin() + width),
            Vector<u8>(kinds.begin(), kinds.begin() + width), std::move(found)};
}

// The same by a table of the buckets that are met, doubled as it fills.
template <class Bucket, class Number>
std::tuple<Vector<i64>, Vector<u8>, Vector<u32>> numbered_few(i64 size, Bucket bucket,
                                                              Number number) {
    Vector<Entry> entries(places_for(std::min(size / 2 + 1, MOST_EXPECTED)));
    View<Entry> table(entries);
    Vector<i64> met(std::min(size, table.size / 2));
    Vector<u8> kinds(std::min(size, table.size / 2));
    Vector<u32> columns(size);
    i64 width = 0;
    for (i64 k = 0; k < size; k++) {
        const u32 key = bucket(k) + 1;
        Entry *entry = &entry_of(table, key);
        if (entry->key == 0) {
            if (2 * width == table.size) {
                Vector<Entry> larger(4 * width);
                for (const Entry &old : entries)
                    if (old.key != 0) entry_of(larger, old.key) = old;
                entries.swap(larger);
                table = entries;
                entry = &entry_of(table, key);
                met.resize(static_cast<std::size_t>(2 * width));
                kinds.resize(met.size());
            }
            *entry = {key, static_cast<u32>(width)};
            met[width++] = key - 1;
        }
        kinds[entry->place] |= number(k);
        columns[k] = entry->place;
    }
    met.resize(static_cast<std::size_t>(width)), kinds.resize(met.size());
    return {std::move(met), std::move(kinds), std::move(columns)};
}

// What the IDF of a term is multiplied by: 1 + ln count, of counts in halves, as they are small and
// raised by halves.
struct Factors {
    i64 by_name, by_lead;
    Vector<f32> logs;

    explicit Factors(const Raises &raises)
        : by_name(static_cast<i64>(2 * std::get<0>(raises))),
          by_lead(static_cast<i64>(2 * std::get<1>(raises))),
          logs(2 * MOST_COUNT + by_name + by_lead + 1) {
        for (i64 k = 1; k < static_cast<i64>(logs.size()); k++)
            logs[k] = static_cast<f32>(1.0 + std::log(static_cast<f64>(k) / 2.0));
    }
    f32 of(i64 count, u8 flags) const {
        i64 halves = 2 * std::min(count, MOST_COUNT);
        halves += flags & NAME ? by_name : 0;
        halves += flags & (TITLE | LEAD) ? by_lead : 0;
        return logs[halves];
    }
};

// Rows of which some entries are kept.
struct KeptRows {
    View<u32> columns;
    View<f32> values;
    View<u8> marks;
};

// Brings `kept[first:end]`, of this squared length, to unit length without what is under `least` of
// it; returns their new end.
inline i64 brought_to_unit(const KeptRows &kept, i64 first, i64 end, f64 square, f64 least) {
    if (!(square > 0)) return first;
    const f64 bound = least * std::sqrt(square);
    i64 found = first;
    square = 0;
    for (i64 k = first; k < end; k++) {
        const f32 value = kept.values[k];
        const bool heavy = value >= bound;
        kept.columns[found] = kept.columns[k];
        kept.values[found] = value;
        kept.marks[found] = kept.marks[k];
        square += heavy ? value * value : 0.0f;
        found += heavy;
    }
    const f32 scale = square > 0 ? static_cast<f32>(1.0 / std::sqrt(square)) : 0.0f;
    for (i64 k = first; k < found; k++) kept.values[k] *= scale;
    return found;
}

// What a row keeps of the flags of a term: TITLE and LEAD, and whether such a term is a ticker.
inline u8 leading(u8 flags) {
    return flags & (TITLE | LEAD) ? flags & (TITLE | LEAD | CODE) : u8{0};
}

// TF-IDF rows of unit length: `factor(k)` of an entry times its IDF, nothing of those `left_out`;
// and `mark(k)`, see leading.
template <class Factor, class Mark>
Rows unit_rows_of(View<const u32> columns, View<const i64> bounds, View<const bool> left_out,
                  View<const i64> spoken, View2<const f32> idf, f64 least, Factor factor,
                  Mark mark) {
    Vector<u32> found_columns(columns.size);
    Vector<f32> found_values(columns.size);
    Vector<u8> found_marks(columns.size);
    Vector<i64> ends(bounds.size);
    const KeptRows kept{found_columns, found_values, found_marks};
    i64 found = 0;
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        const View<const f32> own = idf[spoken[row]];
        f64 square = 0;
        i64 at = found;
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++, at++) {
            f32 value = factor(k) * own[columns[k]];
            if (left_out.size && left_out[k]) value = 0;
            kept.columns[at] = columns[k];
            kept.values[at] = value;
            kept.marks[at] = mark(k);
            square += value * value;
        }
        found = brought_to_unit(kept, found, at, square, least);
        ends[row + 1] = found;
    }
    return rows_of(std::move(found_columns), std::move(found_values), std::move(found_marks),
                   std::move(ends), found);
}

// Fills NAME into `kinds` (w,) of what is no number and at least a `share` writes as a name.
void name_kinds(View<const i64> buckets, View<u8> kinds, Column<const i32> anywhere,
                Column<const i32> named, f64 share);

// Numbered terms as TF-IDF rows of unit length, and the marked_rows of their names and numbers.
// Fills NAME into `kinds`; `left_out` may be empty, `idf` is as blended gives it.
std::tuple<Rows, Rows> weighed_rows(View<const u32> columns, View<const u16> counts,
                                    View<const u8> flags, View<const i64> bounds,
                                    View<const bool> left_out, View<const i64> spoken,
                                    View<const i64> buckets, View<u8> kinds,
                                    View2<const f32> idf, const Named &named, f64 share,
                                    const Raises &raises, f64 least);

}  // namespace dedupe

namespace nanobind::detail {

template <class T> struct type_caster<dedupe::Column<T>> {
    using Strided = ndarray<T, numpy, ndim<1>, device::cpu>;
    NB_TYPE_CASTER(dedupe::Column<T>, array_name<std::remove_const_t<T>>::name)
    make_caster<Strided> held;

    bool from_python(handle src, std::uint32_t flags, cleanup_list *cleanup) noexcept {
        if (!held.from_python(src, flags & ~cast_flags::convert, cleanup)) return false;
        value = {held.value.data(), static_cast<dedupe::i64>(held.value.shape(0)),
                 held.value.stride(0)};
        return true;
    }
};

}  // namespace nanobind::detail
