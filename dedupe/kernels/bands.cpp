// Signatures to candidate pairs: locality-sensitive hashing by sorting.
//
// Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4. A band is a run of `rows`
// values of a signature; articles that agree in all rows of a band share a bucket. Instead of a
// hash table, each band's keys are sorted: buckets are runs of equal keys. Most keys are of one
// article alone; those that cannot have come twice are not sorted.
#include "array.h"
#include "text.h"
#include "vectors.h"

namespace dedupe {
namespace {

void band_keys(View2<const u32> signatures, i64 start, i64 rows, View<u64> keys) {
    for (i64 i = 0; i < signatures.rows; i++) {
        u64 value = 0;
        for (i64 k = start; k < start + rows; k++) value = mix(value ^ signatures(i, k));
        keys[i] = value;
    }
}

// Bits of a filter for each key: of the keys that came once one in so many passes for one that came
// twice.
constexpr i64 FILTER_BITS = 16;

std::tuple<Vector<i32>, Vector<i32>> sharing_order(View<const u64> keys) {
    // By the place that a key has in the filter: whether one came there, and whether two did.
    i64 words = 1;
    while (64 * words < FILTER_BITS * keys.size) words *= 2;
    Vector<u64> once(words), twice(words);
    const auto place = [words](u64 key) { return static_cast<i64>(key >> 6) & (words - 1); };
    for (const u64 key : keys) {
        const u64 bit = u64{1} << (key & 63), before = once[place(key)];
        twice[place(key)] |= before & bit;
        once[place(key)] = before | bit;
    }
    Vector<i32> found(keys.size + 1);  // and one that is written to and not kept
    i64 count = 0;
    for (i64 i = 0; i < keys.size; i++) {  // without a branch
        found[count] = static_cast<i32>(i);
        count += static_cast<i64>(twice[place(keys[i])] >> (keys[i] & 63) & 1);
    }
    found.resize(static_cast<std::size_t>(count));
    std::sort(found.begin(), found.end(), [keys](i32 a, i32 b) {
        return keys[a] != keys[b] ? keys[a] < keys[b] : a < b;
    });
    Vector<i32> later;
    for (i64 first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count && keys[found[end]] == keys[found[first]]) end++;
        if (end - first == 1) continue;
        const i64 kept = static_cast<i64>(later.size());
        std::copy(found.begin() + first, found.begin() + end, found.begin() + kept);
        for (i64 rest = end - first - 1; rest >= 0; rest--)
            later.push_back(static_cast<i32>(rest));
    }
    found.resize(later.size());
    found.shrink_to_fit();
    later.shrink_to_fit();
    return {std::move(found), std::move(later)};
}

std::tuple<Vector<i64>, Vector<i64>> entries_of(View<const i32> order, i64 n) {
    Vector<i64> entries(order.size), starts(n + 1);
    for (const i32 i : order) starts[i + 1]++;
    for (i64 i = 0; i < n; i++) starts[i + 1] += starts[i];
    Vector<i64> at(starts.begin(), starts.end() - 1);
    for (i64 k = 0; k < order.size; k++) entries[at[order[k]]++] = k;
    return {std::move(entries), std::move(starts)};
}

// Of so many that an article met how many are kept: all up to the limit, of more the fewer the more
// they are, down to a part of the limit. In a crowd a few lead to all others.
constexpr i64 CROWD = 4;

i64 kept_of(i64 met, i64 limit) {
    if (met <= limit) return met;
    return std::max(limit * limit / met, (limit + CROWD - 1) / CROWD);
}

std::tuple<Table<i32>, i64> bucket_pairs(View2<const u32> signatures, View<const i32> order,
                                         View<const i32> later, View<const i64> entries,
                                         View<const i64> starts, i64 limit, i64 least, i64 first,
                                         i64 stop) {
    Vector<i64> seen(signatures.rows, -1);
    Vector<std::pair<i64, i32>> met;  // less the values that agree, and the other one
    Table<i32> found(0, 2);
    i64 left_out = 0;
    for (i64 i = first; i < stop; i++) {
        met.clear();
        for (i64 at = starts[i]; at < starts[i + 1]; at++) {
            const i64 k = entries[at], near = std::min<i64>(later[k], limit);
            left_out += later[k] - near;
            for (i64 next = k + 1; next <= k + near; next++) {
                const i64 j = order[next];
                if (seen[j] == i) continue;
                seen[j] = i;
                const i64 same = agreeing(signatures[i], signatures[j]);
                if (same >= least) met.emplace_back(-same, static_cast<i32>(j));
            }
        }
        const i64 size = static_cast<i64>(met.size()), kept = kept_of(size, limit);
        if (kept < size) {
            std::nth_element(met.begin(), met.begin() + kept, met.end());
            met.resize(static_cast<std::size_t>(kept));
            left_out += size - kept;
        }
        std::sort(met.begin(), met.end(),
                  [](const auto &a, const auto &b) { return a.second < b.second; });
        for (const auto &[less, j] : met) found.append({static_cast<i32>(i), j});
    }
    found.values.shrink_to_fit();
    return {std::move(found), left_out};
}

Vector<i64> agreements(View2<const u32> signatures, View2<const i32> pairs) {
    Vector<i64> found(pairs.rows);
    for (i64 p = 0; p < pairs.rows; p++)
        found[p] = agreeing(signatures[pairs(p, 0)], signatures[pairs(p, 1)]);
    return found;
}

}  // namespace

void bind_bands(nb::module_ &m) {
    m.attr("CROWD") = CROWD;
    m.def("band_keys", &band_keys, Unlocked(), "signatures"_a, "start"_a, "rows"_a, "keys"_a,
          "Fills ``keys`` (n,) with the bucket of each article in the band at ``start``.");
    m.def("sharing_order", &sharing_order, Unlocked(), "keys"_a, R"(
Places of the keys that stand there more than once, sorted by key and then by place: (m,).

And how many of each one's key come after it: (m,). The rest of ``keys`` (n,) shares its bucket with
none.)");
    m.def("entries_of", &entries_of, Unlocked(), "order"_a, "n"_a, R"(
Where in ``order`` (m,) each article below n stands: (m,), one article after the other, ascending.

And where each one's begin: (n + 1,).)");
    m.def("bucket_pairs", &bucket_pairs, Unlocked(), "signatures"_a, "order"_a, "later"_a,
          "entries"_a, "starts"_a, "limit"_a, "least"_a, "first"_a, "stop"_a, R"(
Pairs of an article in ``first`` to ``stop`` and a later one that share a bucket: (k, 2), sorted.

``order`` (m,) holds the buckets of all bands, ascending in each, ``later`` (m,) how many come after
each in its bucket; ``entries`` and ``starts`` are of entries_of. The two must agree in at least ``least``
values. In each bucket an article meets the ``limit`` that follow it. Of more than that many in all,
limit * limit / met are kept, a CROWD-th part of ``limit`` at least, which agree with it most, of
equals the first. Returns how many meetings were left out, too.)");
    m.def("agreements", &agreements, Unlocked(), "signatures"_a, "pairs"_a,
          "In how many values the signatures of each pair agree: (m,).");
}

}  // namespace dedupe
