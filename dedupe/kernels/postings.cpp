// Which entries hold a key: sorted postings.
//
// A posting is a key and the number of an entry that holds it: the key in the upper half of a word,
// so that sorted postings lie by key and, of one key, by number. What a stored index holds may be
// damaged: sizes that would lead out of an array are refused.
#include "postings.h"

#include "array.h"
#include "text.h"

namespace dedupe {
namespace {

// The lower half of a word: the number of a posting, and the last key there is.
constexpr u64 LOW = 0xFFFFFFFF;

template <class T> Vector<T> distinct(View<const T> values) {
    Vector<T> ordered(values.begin(), values.end());
    std::sort(ordered.begin(), ordered.end());
    ordered.erase(std::unique(ordered.begin(), ordered.end()), ordered.end());
    return ordered;
}

Vector<i64> posting_spans(View<const u32> fences, i64 size, View<const u32> wanted,
                          View<const i64> left, View<i64> first, View<i64> last) {
    const i64 n = wanted.size;
    demand(size > 0, "blocks of no posting");
    demand(left.size == n && first.size == n && last.size == n, "not one span a key");
    Vector<i64> blocks;
    for (i64 i = 0; i < n; i++) {
        const u32 key = wanted[i];
        const i64 start = first_from(fences, 0, fences.size, key) - 1;
        const i64 above = key < LOW ? first_from(fences, 0, fences.size, key + 1) : fences.size;
        last[i] = above - 1;
        if (left[i] <= 0 || last[i] < 0) {
            first[i] = 0;
            last[i] = -1;
            continue;
        }
        const i64 enough = (left[i] - 1) / size + 1;
        first[i] = std::max<i64>({start, last[i] - enough, 0});
        for (i64 block = first[i]; block <= last[i]; block++) blocks.push_back(block);
    }
    return blocks;
}

// Refuses blocks that don't lie in so many postings, and keys of unknown blocks.
void check_blocks(i64 size, View2<const i64> spans, View<const i64> first, View<const i64> last,
                  View<const i64> left) {
    demand(spans.columns == 2, "blocks without begin and end");
    for (i64 block = 0; block < spans.rows; block++) {
        const i64 begin = spans(block, 0), end = spans(block, 1);
        demand(0 <= begin && begin <= end && end <= size, "a block past the end of the postings");
    }
    for (i64 i = 0; i < left.size; i++)
        demand(left[i] >= 0 && first[i] >= 0 && last[i] < spans.rows, "a key of unknown blocks");
}

Vector<u32> newest_in_blocks(View<const u64> postings, View2<const i64> spans,
                             View<const u32> wanted, View<const i64> first, View<const i64> last,
                             View<const i64> left, View<i64> counts) {
    const i64 n = wanted.size;
    demand(first.size == n && last.size == n && left.size == n && counts.size == n,
           "not one span a key");
    check_blocks(postings.size, spans, first, last, left);
    Vector<u32> numbers;
    for (i64 i = 0; i < n; i++) {
        const u64 start = u64{wanted[i]} << 32, end = start + (u64{1} << 32);
        counts[i] = 0;
        for (i64 block = last[i]; block >= first[i]; block--) {
            i64 low = spans(block, 0), high = spans(block, 1);
            low = first_from(postings, low, high, start);
            // No word lies past the last key.
            if (wanted[i] < LOW) high = first_from(postings, low, high, end);
            low = std::max(low, high - left[i] + counts[i]);
            for (i64 place = high - 1; place >= low; place--)
                numbers.push_back(static_cast<u32>(postings[place]));
            counts[i] += high - low;
        }
    }
    return numbers;
}

Vector<u32> oldest_first(View2<const i64> counts, View<const u32> numbers, View<i64> starts) {
    const i64 sources = counts.rows, keys = counts.columns;
    demand(starts.size == keys + 1, "not one list a key");
    starts.fill(0);
    for (i64 source = 0; source < sources; source++) {
        for (i64 i = 0; i < keys; i++) {
            demand(0 <= counts(source, i) && counts(source, i) <= numbers.size,
                   "more of a key than there are numbers");
            starts[i + 1] += counts(source, i);
        }
    }
    for (i64 i = 0; i < keys; i++) starts[i + 1] += starts[i];
    demand(starts[keys] == numbers.size, "other counts than there are numbers");
    Vector<i64> end(starts.begin() + 1, starts.end());
    Vector<u32> turned(numbers.size);
    i64 read = 0;
    for (i64 source = 0; source < sources; source++)
        for (i64 i = 0; i < keys; i++)
            for (i64 k = 0; k < counts(source, i); k++) turned[--end[i]] = numbers[read++];
    return turned;
}

Vector<u64> merged_postings(View<const u64> older, View<const u64> newer, View<const u8> gone,
                            i64 base) {
    Vector<u64> out(older.size + newer.size);
    i64 i = 0, j = 0, count = 0;
    const auto put = [&](u64 posting) {
        // Of a number below the base the bit lies far beyond all of them.
        const u64 bit = (posting & LOW) - static_cast<u64>(base);
        const i64 byte = static_cast<i64>(bit >> 3);
        if (byte < gone.size && (gone[byte] >> (bit & 7) & 1)) return;
        out[count++] = posting;
    };
    while (i < older.size && j < newer.size)
        put(older[i] < newer[j] ? older[i++] : newer[j++]);
    while (i < older.size) put(older[i++]);
    while (j < newer.size) put(newer[j++]);
    out.resize(static_cast<std::size_t>(count));
    return out;
}

i64 key_sum(View<const u32> keys) {
    u64 total = 0;
    for (const u32 key : keys) total += mix(key + SPREAD);
    return static_cast<i64>(total);
}

Vector<u32> add_sums(View<const u64> postings, View<const i64> numbers, View<i64> counts,
                     View<i64> sums) {
    demand(counts.size == numbers.size && sums.size == numbers.size, "other sums than numbers");
    Vector<u32> strays;
    for (const u64 posting : postings) {
        const i64 number = static_cast<i64>(posting & LOW);
        const i64 at = first_from(numbers, 0, numbers.size, number);
        if (at == numbers.size || numbers[at] != number) {
            strays.push_back(static_cast<u32>(number));
            continue;
        }
        counts[at] = static_cast<i64>(static_cast<u64>(counts[at]) + 1);
        const u64 sum = static_cast<u64>(sums[at]) + mix((posting >> 32) + SPREAD);
        sums[at] = static_cast<i64>(sum);
    }
    return strays;
}

i64 first_outside(View2<const i64> rows, View2<const i64> bounds) {
    demand(bounds.rows == 2 && bounds.columns == rows.columns, "not two bounds a column");
    for (i64 row = 0; row < rows.rows; row++)
        for (i64 k = 0; k < rows.columns; k++)
            if (rows(row, k) < bounds(0, k) || rows(row, k) > bounds(1, k)) return row;
    return -1;
}

}  // namespace

void bind_postings(nb::module_ &m) {
    const char *each_once =
        "Each of ``values`` (n,) once, ascending: as np.unique, which is slow on a few.";
    m.def("distinct", &distinct<u32>, Unlocked(), "values"_a, each_once);
    m.def("distinct", &distinct<i32>, Unlocked(), "values"_a);
    m.def("distinct", &distinct<i64>, Unlocked(), "values"_a);
    m.def("posting_spans", &posting_spans, Unlocked(), "fences"_a, "size"_a, "wanted"_a, "left"_a,
          "first"_a, "last"_a, R"(
In which blocks of a run the newest postings of each key in ``wanted`` (k,) lie.

``fences`` (b,) are the first keys of the blocks. A block between two of the same key is full, of
``size`` postings, so that a few before the one where a key ends hold the ``left`` (k,) that are
wanted of it. Fills ``first`` and ``last`` (k,), the last before the first where there is nothing;
returns all blocks, key by key.)");
    m.def("newest_in_blocks", &newest_in_blocks, Unlocked(), "postings"_a, "spans"_a, "wanted"_a,
          "first"_a, "last"_a, "left"_a, "counts"_a, R"(
Of each key in ``wanted`` (k,) the newest numbers, at most ``left`` (k,).

Block b lies in ``postings`` from ``spans[b, 0]`` to before ``spans[b, 1]``, (b, 2); a key's are
``first`` to ``last`` (k,). Fills ``counts`` (k,); returns them key by key, newest first.)");
    m.def("oldest_first", &oldest_first, Unlocked(), "counts"_a, "numbers"_a, "starts"_a, R"(
Turns what each source found into one list a key, ascending.

``counts`` (sources, k), the newest source first; ``numbers`` source by source, key by key, newest
first. Fills ``starts`` (k + 1,); returns the lists, key by key.)");
    m.def("merged_postings", &merged_postings, Unlocked(), "older"_a, "newer"_a, "gone"_a, "base"_a,
          R"(
One sorted run of two, without the numbers that are gone.

``gone`` holds a bit a number from ``base`` on, the lowest bit first; it may be empty.)");
    m.def("key_sum", &key_sum, Unlocked(), "keys"_a,
          "A sum over ``keys`` (k,) by which a lost or foreign key shows, in any order.");
    m.def("add_sums", &add_sums, Unlocked(), "postings"_a, "numbers"_a, "counts"_a, "sums"_a, R"(
Counts the keys of each of ``numbers`` (n,), ascending, in ``counts`` (n,), and adds them up in
``sums`` (n,).

Returns the numbers of the other ``postings``, one for each.)");
    m.def("first_outside", &first_outside, Unlocked(), "rows"_a, "bounds"_a, R"(
The first of ``rows`` (n, k) of which a value lies outside of its column's ``bounds`` (2, k).

The bounds are the lowest and the highest; -1 where all lie within them.)");
}

}  // namespace dedupe
