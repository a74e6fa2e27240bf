// Document frequencies in one hash table, and term counts to TF-IDF rows.
//
// Keys are `(language << TERM_BITS | bucket) + 1`, 0 where a place is free; a table has a power of
// two of places and is searched from a key's own place on.
#include "weigh.h"

#include <cmath>

#include "postings.h"
#include "terms.h"
#include "text.h"

namespace dedupe {
namespace {

// Where a key is in a table, or the free place that it would take.
template <class T> i64 place_in(const Column<T> &keys, u32 key) {
    i64 place = slot_of(key, keys.size);
    while (keys[place] != 0 && keys[place] != key) place = (place + 1) & (keys.size - 1);
    return place;
}

// ln(df + n0 P)
f32 log_of(i32 held, f32 background) {
    return static_cast<f32>(std::log(static_cast<f64>(held) + static_cast<f64>(background)));
}

i64 put_counts(Column<u32> keys, Column<i32> held, Column<f32> background, Column<f32> logs,
               View<const u32> added, View<const i32> counts, View<const f32> values) {
    i64 fresh = 0;
    for (i64 k = 0; k < added.size; k++) {
        const i64 place = place_in(keys, added[k]);
        fresh += keys[place] == 0;
        keys[place] = added[k];
        background[place] = values[k];
        held[place] += counts[k];
        logs[place] = log_of(held[place], values[k]);
    }
    return fresh;
}

i64 tally(Column<u32> keys, Column<i32> held, Column<f32> background, Column<f32> logs, i64 first,
          f32 least, View<const u32> buckets, View<const u8> flags, i32 sign, Column<i32> anywhere,
          Column<i32> named) {
    i64 fresh = 0;
    for (i64 k = 0; k < buckets.size; k++) {
        if (k + AHEAD < buckets.size) {
            const i64 next = buckets[k + AHEAD];
            keys.fetch(slot_of(static_cast<u32>(first + next + 1), keys.size));
            anywhere.fetch(next);
        }
        const i64 bucket = buckets[k];
        const u32 key = static_cast<u32>(first + bucket + 1);
        const i64 place = place_in(keys, key);
        if (keys[place] == 0) {
            keys[place] = key;
            background[place] = least;
            fresh++;
        }
        held[place] += sign;
        logs[place] = log_of(held[place], background[place]);
        anywhere[bucket] += sign;
        if (flags[k] & NAME) named[bucket] += sign;
    }
    return fresh;
}

std::tuple<Vector<i64>, Vector<i32>> held_by(View<const u32> buckets, View<const u8> flags,
                                             View<const i64> bounds, View<const i64> rows,
                                             View<i32> scratch, Column<i32> named) {
    i64 most = 0;
    for (const i64 row : rows) most += bounds[row + 1] - bounds[row];
    Vector<i64> met(std::min(most, scratch.size) + 1);
    const View<i64> found(met);
    i64 width = 0;
    for (const i64 row : rows) {
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            const i64 bucket = buckets[k];
            // Without a branch: the place is written each time, and kept at the first meeting.
            found[width] = bucket;
            width += scratch[bucket] == 0;
            scratch[bucket] += 1;
            named[bucket] += (flags[k] & NAME) != 0;
        }
    }
    Vector<i32> counts(width);
    for (i64 k = 0; k < width; k++) {
        counts[k] = scratch[found[k]];
        scratch[found[k]] = 0;
    }
    return {Vector<i64>(met.begin(), met.begin() + width), std::move(counts)};
}

std::tuple<Vector<i64>, Vector<i64>> summed(View<const i64> keys, View<const i64> times) {
    demand(times.size == keys.size, "not one count a key");
    struct Sum {
        i64 key, times;
        bool used;
    };
    Vector<Sum> sums(i64{1} << 10, Sum{0, 0, false});
    i64 used = 0;
    const auto place = [](View<Sum> table, i64 key) -> Sum & {
        i64 at = slot_of(static_cast<u64>(key), table.size);
        while (table[at].used && table[at].key != key) at = (at + 1) & (table.size - 1);
        return table[at];
    };
    for (i64 k = 0; k < keys.size; k++) {
        if (2 * used == static_cast<i64>(sums.size())) {
            Vector<Sum> larger(4 * used, Sum{0, 0, false});
            for (const Sum &sum : sums)
                if (sum.used) place(larger, sum.key) = sum;
            sums.swap(larger);
        }
        Sum &sum = place(sums, keys[k]);
        used += !sum.used;
        sum = {keys[k], sum.times + times[k], true};
    }
    std::erase_if(sums, [](const Sum &sum) { return sum.times == 0; });
    std::sort(sums.begin(), sums.end(),
              [](const Sum &one, const Sum &other) { return one.key < other.key; });
    Vector<i64> found, often;
    for (const Sum &sum : sums) {
        found.push_back(sum.key);
        often.push_back(sum.times);
    }
    return {std::move(found), std::move(often)};
}

Rows unit_rows(View<const u32> columns, View<const u16> counts, View<const u8> flags,
               View<const i64> bounds, View<const bool> left_out, View<const i64> spoken,
               View2<const f32> idf, const Raises &raises, f64 least) {
    const Factors factors(raises);
    const auto factor = [&](i64 k) { return factors.of(counts[k], flags[k]); };
    const auto mark = [flags](i64 k) { return leading(flags[k]); };
    return unit_rows_of(columns, bounds, left_out, spoken, idf, least, factor, mark);
}

}  // namespace

void name_kinds(View<const i64> buckets, View<u8> kinds, Column<const i32> anywhere,
                Column<const i32> named, f64 share) {
    for (i64 column = 0; column < buckets.size; column++) {
        if (column + AHEAD < buckets.size) anywhere.fetch(buckets[column + AHEAD]);
        const i64 bucket = buckets[column];
        if (kinds[column] == 0 && named[bucket] >= std::max(1.0, share * anywhere[bucket]))
            kinds[column] = NAME;
    }
}

Table<f32> blended(View<const i64> buckets, const Counted &counted) {
    const auto &[keys, logs, least, firsts, wholes] = counted;
    Table<f32> found(firsts.size, buckets.size);
    for (i64 language = 0; language < firsts.size; language++) {
        const i64 first = firsts[language];
        const f64 whole = wholes[language];
        const View<f32> own = found.view()[language];
        const auto key_of = [&](i64 k) { return static_cast<u32>(first + buckets[k] + 1); };
        for (i64 k = 0; k < buckets.size; k++) {
            if (k + AHEAD < buckets.size) keys.fetch(slot_of(key_of(k + AHEAD), keys.size));
            const i64 place = place_in(keys, key_of(k));
            const f32 log = keys[place] != 0 ? logs[place] : least;
            own[k] = static_cast<f32>(std::max(0.0, whole - log));
        }
    }
    return found;
}

std::tuple<Vector<i64>, Vector<u8>, Vector<u32>> numbered(View<const u32> buckets,
                                                          View<const u8> flags,
                                                          View<u32> places) {
    const auto bucket = [buckets](i64 k) { return buckets[k]; };
    const auto number = [flags](i64 k) { return static_cast<u8>(flags[k] & NUMBER); };
    return places.size ? numbered_many(buckets.size, bucket, number, places)
                       : numbered_few(buckets.size, bucket, number);
}

std::tuple<Rows, Rows> weighed_rows(View<const u32> columns, View<const u16> counts,
                                    View<const u8> flags, View<const i64> bounds,
                                    View<const bool> left_out, View<const i64> spoken,
                                    View<const i64> buckets, View<u8> kinds,
                                    View2<const f32> idf, const Named &named, f64 share,
                                    const Raises &raises, f64 least) {
    const auto &[anywhere, as_name] = named;
    name_kinds(buckets, kinds, anywhere, as_name, share);
    Rows marked = marked_rows(columns, flags, bounds, left_out, kinds, spoken, idf);
    Rows rows = unit_rows(columns, counts, flags, bounds, left_out, spoken, idf, raises, least);
    return {std::move(rows), std::move(marked)};
}

void bind_weigh(nb::module_ &m) {
    m.attr("MOST_COUNT") = MOST_COUNT;
    m.def("put_counts", &put_counts, Unlocked(), "keys"_a, "held"_a, "background"_a, "logs"_a,
          "added"_a, "counts"_a, "values"_a, R"(
Adds ``counts`` articles to the keys ``added``, with the background ``values`` of each: (k,).

Returns how many of the keys are new. Keys are ``(language << TERM_BITS | bucket) + 1``, 0 where a
place is free; the table's columns (places,) have a power of two of places.)");
    m.def("tally", &tally, Unlocked(), "keys"_a, "held"_a, "background"_a, "logs"_a, "first"_a,
          "least"_a, "buckets"_a, "flags"_a, "sign"_a, "anywhere"_a, "named"_a, R"(
Counts one article's terms in or out; returns how many keys are new.

``first`` is its language's part of the keys, ``least`` the background of an unlisted term;
``anywhere`` and ``named`` (all buckets,) count it whatever its language.)");
    m.def("held_by", &held_by, Unlocked(), "buckets"_a, "flags"_a, "bounds"_a, "rows"_a,
          "scratch"_a, "named"_a, R"(
How many of the ``rows`` hold each bucket: buckets (w,), counts (w,).

``scratch`` (all buckets,) is zeros and is left so; ``named`` counts those that write the term as a
name.)");
    m.def("blended", &blended, Unlocked(), "buckets"_a, "counted"_a, R"(
IDF (languages, w) of ``buckets`` (w,): -ln((df + n0 P) / (n + n0)), at least 0.

``counted`` are keys, of each ln(df + n0 P), that of what the table does not hold, and of each
language where its keys begin, and ln(n + n0).)");
    m.def("numbered", &numbered, Unlocked(), "buckets"_a, "flags"_a, "places"_a, R"(
Numbers each bucket as it is met: its column.

Returns buckets (w,), their kinds (w,): NUMBER where one of the entries is written as one, and the
columns (m,) of the entries. ``places`` (all buckets,) is scratch: what it contains does not
matter. Where it is empty a table of the buckets that are met takes its place, which is quicker for
up to some hundred thousand entries.)");
    m.def("summed", &summed, Unlocked(), "keys"_a, "times"_a, R"(
Sums of ``times`` (m,) by ``keys`` (m,): distinct keys, ascending, and their sums other than 0.)");
    m.def("name_kinds", &name_kinds, Unlocked(), "buckets"_a, "kinds"_a, "anywhere"_a, "named"_a,
          "share"_a, R"(
Fills NAME into ``kinds`` (w,) of what is no number.

``anywhere`` and ``named`` (all buckets,) are how many articles hold a bucket, and how many write it
as a name: at least ``share`` of them must.)");
    m.def("unit_rows", &unit_rows, Unlocked(), "columns"_a, "counts"_a, "flags"_a, "bounds"_a,
          "left_out"_a, "spoken"_a, "idf"_a, "raises"_a, "least"_a, R"(
TF-IDF rows of unit length: columns, values, marks, bounds; no values under ``least``.

Marks are TITLE and LEAD, where the term stands there.

(1 + ln count) * idf, brought to unit length before and after. A count is raised by ``raises``:
where the term is written as a name, and where it stands in the title or the lead. ``left_out``
(m,), or empty for none, are entries without a weight. ``spoken`` (n,) is each row's language,
``idf`` (languages, width).)");
    m.def("weighed_rows", &weighed_rows, Unlocked(), "columns"_a, "counts"_a, "flags"_a, "bounds"_a,
          "left_out"_a, "spoken"_a, "buckets"_a, "kinds"_a, "idf"_a, "named"_a, "share"_a,
          "raises"_a, "least"_a, R"(
Numbered terms as TF-IDF rows: unit_rows, and the names and numbers among them.

``idf`` as blended gives it, ``named`` the two counts of name_kinds, which fills ``kinds``. Returns
two tuples of columns, values, marks and bounds; the values of the second are IDF, its marks NAME or
NUMBER, and TITLE and LEAD.)");
}

}  // namespace dedupe
