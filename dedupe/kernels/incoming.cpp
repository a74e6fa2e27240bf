// What comes in against what is stored: stored sketches read, terms weighed, candidates counted.
//
// A stored sketch is a run of words: HEADER words, then its terms, then its edges (numbers,
// log-odds and cosines, the last two float32 bit by bit); see the module dedupe.index.record. What
// it says of its own lengths may be broken, as the file is another's: each is held against the
// words that there are.
#include <bit>
#include <limits>
#include <utility>

#include "postings.h"
#include "terms.h"
#include "weigh.h"

namespace dedupe {
namespace {

// Words before the terms: language, terms, edges, tokens, copy keys, content (2), date (2), and the
// keys of telling terms.
constexpr i64 HEADER = 10;
// Bits of a count, which is MOST_COUNT at most; of the marks above it; of the bucket above these.
constexpr i64 COUNT_BITS = 6, MARK_BITS = 4, BUCKET_BITS = 32 - COUNT_BITS - MARK_BITS;
constexpr u32 MARKS[MARK_BITS] = {NAME, NUMBER, TITLE, LEAD};
// No term is a name and a number but by chance: the marks of both are those of a ticker.
constexpr u32 TICKER_MARKS = 0b11;
// Dates of the calendar, from the year 1 to 9999, in microseconds since 1970; what stands for none.
constexpr i64 FIRST_DATE = -62'135'596'800'000'000, LAST_DATE = 253'402'300'799'999'999;
constexpr i64 UNDATED = std::numeric_limits<i64>::max();
// Log-odds of no pair are further from 0, nor is a cosine further above 1.
constexpr f32 MOST_LOGIT = 1e6, MOST_COSINE = 1.001f;
// So few entries are numbered without the scratch of all buckets, which no cache holds.
constexpr i64 FEW = 1 << 15;

// Marks of a term as they are stored, by its flags.
u32 marks_of(u32 flags) {
    u32 marks = flags & CODE ? TICKER_MARKS : 0;
    for (i64 bit = 0; bit < MARK_BITS; bit++) marks |= u32((flags & MARKS[bit]) != 0) << bit;
    return marks;
}

// Flags of a term by its marks.
u8 flags_of(u32 marks) {
    u32 flags = (marks & TICKER_MARKS) == TICKER_MARKS ? CODE : 0;
    for (i64 bit = 0; bit < MARK_BITS; bit++) flags |= (marks >> bit & 1) * MARKS[bit];
    if (flags & CODE) flags &= ~NUMBER;
    return static_cast<u8>(flags);
}

std::tuple<Vector<u32>, Vector<i64>> packed_rows(View2<const u32> headers, View<const u32> buckets,
                                                 View<const u16> counts, View<const u8> flags,
                                                 View<const i64> bounds) {
    const i64 n = headers.rows;
    demand(headers.columns == HEADER, "headers of another width");
    demand(counts.size == buckets.size && flags.size == buckets.size, "terms of unlike columns");
    demand(rows_within(bounds, buckets.size) == n, "other headers than rows of terms");
    Vector<u32> packed(n * HEADER + buckets.size);
    Vector<i64> first(n);
    const View<u32> words(packed);
    i64 at = 0;
    for (i64 row = 0; row < n; row++) {
        first[row] = at;
        for (i64 k = 0; k < HEADER; k++) words[at + k] = headers(row, k);
        at += HEADER;
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            const u32 count = std::min<u32>(counts[k], MOST_COUNT);
            words[at] = buckets[k] << (COUNT_BITS + MARK_BITS) | marks_of(flags[k]) << COUNT_BITS |
                        count;
            at++;
        }
    }
    return {std::move(packed), std::move(first)};
}

// Whether a word is a chance, or likeness, or log-odds: within these bounds, and a number at all.
bool lies_between(f32 low, u32 word, f32 high) {
    const f32 value = std::bit_cast<f32>(word);
    return low <= value && value <= high;
}

// Whether the bytes of a sketch, as long as it says, are what is written of one.
bool sound(View<const u8> data, i64 terms, i64 edges) {
    const u64 low = word_at(data, 28), high = word_at(data, 32);
    const i64 date = static_cast<i64>(low | high << 32);
    if (date != UNDATED && (date < FIRST_DATE || date > LAST_DATE)) return false;
    if ((word_at(data, 0) & 0x80808080) != 0) return false;
    bool fits = true;  // without a branch for each: hardly one is broken, and all are looked at
    i64 before = -1, at = 4 * HEADER;
    for (i64 k = 0; k < terms; k++, at += 4) {
        const u32 word = word_at(data, at);
        const i64 bucket = word >> (COUNT_BITS + MARK_BITS);
        fits &= (bucket > before) & ((word & MOST_COUNT) != 0);
        before = bucket;
    }
    for (i64 k = 0; k < edges; k++, at += 4) {
        fits &= lies_between(-MOST_LOGIT, word_at(data, at + 4 * edges), MOST_LOGIT);
        fits &= lies_between(0, word_at(data, at + 8 * edges), MOST_COSINE);
    }
    return fits;
}

i64 first_broken(View<const u8> data, View<const i64> bounds) {
    const i64 n = rows_within(bounds, data.size);
    for (i64 row = 0; row < n; row++) {
        const i64 begin = bounds[row], size = bounds[row + 1] - begin;
        if (size < 4 * HEADER || size % 4 != 0 || begin % 4 != 0) return row;
        const i64 terms = word_at(data, begin + 4), edges = word_at(data, begin + 8);
        if (4 * (HEADER + terms + 3 * edges) != size) return row;
        if (!sound(data.slice(begin, begin + size), terms, edges)) return row;
    }
    return -1;
}

// A part of the words of a sketch, as long as the sketch says.
View<const u32> part_of(View<const u32> words, i64 begin, i64 size) {
    if (size > words.size - begin)
        throw std::invalid_argument("a sketch is longer than the words that hold it");
    return words.slice(begin, begin + size);
}

// The terms of the sketch that begins at `first`.
View<const u32> terms_at(View<const u32> words, i64 first) {
    if (first < 0 || first > words.size - HEADER)
        throw std::invalid_argument("a sketch begins outside of the words that hold it");
    return part_of(words, first + HEADER, words[first + 1]);
}

// Its edges: numbers, log-odds and cosines.
View<const u32> edges_at(View<const u32> words, i64 first) {
    const i64 terms = terms_at(words, first).size, begin = first + HEADER + terms;
    return part_of(words, begin, 3 * i64(words[first + 2]));
}

// Terms of articles, bucket by bucket: buckets, counts, flags, bounds (n + 1,).
using Terms = std::tuple<Vector<u32>, Vector<u16>, Vector<u8>, Vector<i64>>;

Terms unpacked_terms(View<const u32> words, View<const i64> first) {
    Vector<i64> bounds(first.size + 1);
    for (i64 row = 0; row < first.size; row++)
        bounds[row + 1] = bounds[row] + terms_at(words, first[row]).size;
    const i64 size = bounds[first.size];
    Vector<u32> all_buckets(size);
    Vector<u16> all_counts(size);
    Vector<u8> all_flags(size);
    for (i64 row = 0; row < first.size; row++) {
        const i64 start = bounds[row], end = bounds[row + 1];
        const View<const u32> terms = words.slice(first[row] + HEADER, words.size);
        const View<u32> buckets = View<u32>(all_buckets).slice(start, end);
        const View<u16> counts = View<u16>(all_counts).slice(start, end);
        const View<u8> flags = View<u8>(all_flags).slice(start, end);
        for (i64 k = 0; k < buckets.size; k++) {
            buckets[k] = terms[k] >> (COUNT_BITS + MARK_BITS);
            counts[k] = static_cast<u16>(terms[k] & MOST_COUNT);
            flags[k] = flags_of(terms[k] >> COUNT_BITS);
        }
    }
    return {std::move(all_buckets), std::move(all_counts), std::move(all_flags), std::move(bounds)};
}

std::tuple<Rows, Rows, Table<f32>, Vector<i64>, Vector<u8>, Vector<i64>> weighed_words(
    View<const u32> words, View<const i64> first, View<const u32> codes, View<u32> places,
    const Counted &counted, const Named &named, f64 share, const Raises &raises, f64 least) {
    const i64 most = std::min({places.size, std::get<0>(named).size, std::get<1>(named).size});
    if (most < i64(1) << BUCKET_BITS)
        throw std::invalid_argument("arrays of all buckets are shorter than buckets may be");
    const auto &[keys, logs, unlisted, firsts, wholes] = counted;
    demand(keys.size > 0 && (keys.size & (keys.size - 1)) == 0 && logs.size == keys.size,
           "frequencies whose places are no power of two");
    demand(wholes.size == firsts.size && codes.size == firsts.size, "not one code a language");
    Vector<i64> spoken(first.size), bounds(first.size + 1);
    Vector<u32> terms;  // of all rows, one after the other
    for (i64 row = 0; row < first.size; row++) {
        const View<const u32> own = terms_at(words, first[row]);
        spoken[row] = std::find(codes.begin(), codes.end(), words[first[row]]) - codes.begin();
        demand(spoken[row] < codes.size, "an article in an unknown language");
        terms.insert(terms.end(), own.begin(), own.end());
        bounds[row + 1] = static_cast<i64>(terms.size());
    }
    const View<const u32> packed(terms);
    const auto bucket = [packed](i64 k) { return packed[k] >> (COUNT_BITS + MARK_BITS); };
    const auto number = [packed](i64 k) {
        return static_cast<u8>(flags_of(packed[k] >> COUNT_BITS) & NUMBER);
    };
    auto [met, kinds, columns] = packed.size < FEW
                                     ? numbered_few(packed.size, bucket, number)
                                     : numbered_many(packed.size, bucket, number, places);
    Table<f32> idf = blended(met, counted);
    name_kinds(met, kinds, std::get<0>(named), std::get<1>(named), share);
    // By all that a term's word says beside its bucket.
    const Factors factors(raises);
    Vector<f32> table(i64(1) << (COUNT_BITS + MARK_BITS));
    u8 flags[1 << MARK_BITS];
    for (u32 low = 0; low < table.size(); low++)
        table[low] = factors.of(low & MOST_COUNT, flags_of(low >> COUNT_BITS));
    for (u32 marks = 0; marks < 1 << MARK_BITS; marks++) flags[marks] = flags_of(marks);
    const View<const f32> by_word(table);
    const auto factor = [=](i64 k) { return by_word[packed[k] & (by_word.size - 1)]; };
    const auto of = [packed, &flags](i64 k) {
        return flags[packed[k] >> COUNT_BITS & ((1 << MARK_BITS) - 1)];
    };
    const auto lead = [of](i64 k) { return static_cast<u8>(of(k) & (TITLE | LEAD)); };
    const auto mark = [of](i64 k) { return leading(of(k)); };
    Rows marked = marked_rows_of(columns, bounds, {}, kinds, spoken, idf.view(), lead);
    Rows rows =
        unit_rows_of(columns, bounds, {}, spoken, idf.view(), least, factor, mark);
    return {std::move(rows), std::move(marked), std::move(idf), std::move(met), std::move(kinds),
            std::move(spoken)};
}

std::tuple<Vector<u32>, Vector<i64>> copy_keys(View<const u32> values, View<const i64> bounds,
                                               i64 lowest, u32 mask, i64 most) {
    const i64 n = rows_within(bounds, values.size);
    Vector<u32> keys;
    Vector<i64> ends(n + 1);
    for (i64 row = 0; row < n; row++) {
        const i64 start = bounds[row];
        i64 count = 0;
        for (i64 k = start; k < bounds[row + 1] && count < most; k++) {
            if (k - start >= lowest && (values[k] & mask) != 0) continue;
            keys.push_back(values[k]);
            count++;
        }
        ends[row + 1] = static_cast<i64>(keys.size());
    }
    return {std::move(keys), std::move(ends)};
}

std::tuple<Vector<i64>, Vector<u32>, Vector<f32>, Vector<i64>> asked(
    View<const u32> copies, View<const i64> copy_bounds, View<const u32> telling,
    View<const f32> weights, View<const i64> bounds) {
    const i64 n = rows_within(copy_bounds, copies.size);
    demand(rows_within(bounds, telling.size) == n && weights.size == telling.size,
           "not one weight a key, or keys of other rows");
    const i64 size = copy_bounds[n] - copy_bounds[0] + bounds[n] - bounds[0];
    Vector<u32> keys(size);
    Vector<f32> strengths(size);
    Vector<i64> slots(size), ends(n + 1);
    i64 at = 0;
    for (i64 row = 0; row < n; row++) {
        for (i64 k = copy_bounds[row]; k < copy_bounds[row + 1]; k++) keys[at++] = copies[k];
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++, at++) {
            keys[at] = telling[k];
            strengths[at] = weights[k] * weights[k];
        }
        ends[row + 1] = at;
    }
    if (n == 1) {  // no key twice, but for chance
        for (i64 k = 0; k < size; k++) slots[k] = k;
        return {std::move(slots), std::move(keys), std::move(strengths), std::move(ends)};
    }
    Vector<u64> order(size);  // a key, and below it its place
    for (i64 k = 0; k < size; k++) order[k] = u64(keys[k]) << 32 | static_cast<u64>(k);
    std::sort(order.begin(), order.end());
    i64 count = 0;
    for (i64 k = 0; k < size; k++) {
        const u32 key = static_cast<u32>(order[k] >> 32);
        if (count == 0 || keys[count - 1] != key) keys[count++] = key;
        slots[static_cast<i64>(order[k] & 0xFFFFFFFF)] = count - 1;
    }
    keys.resize(static_cast<std::size_t>(count));
    return {std::move(slots), std::move(keys), std::move(strengths), std::move(ends)};
}

// The lowest of the highest values, as many as `best` has room for, and how many of it are among
// them; 0 and all where there are no more. `best` is scratch.
template <class T> std::tuple<T, i64> least_of(View<const T> values, View<T> best) {
    const i64 most = best.size;
    if (values.size <= most) return {T(0), most};
    if (most == 0) return {std::numeric_limits<T>::max(), 0};
    for (i64 k = 0; k < values.size; k++) {
        if (k >= most && !(values[k] > best[most - 1])) continue;
        i64 at = std::min(k, most - 1);
        for (; at > 0 && best[at - 1] < values[k]; at--) best[at] = best[at - 1];
        best[at] = values[k];
    }
    return {best[most - 1], std::count(best.begin(), best.end(), best[most - 1])};
}

// Who holds each key: the numbers between two starts.
struct Holders {
    View<const i64> starts;
    View<const u32> numbers;

    View<const u32> of(i64 slot) const {
        if (slot < 0 || slot > starts.size - 2)
            throw std::invalid_argument("a key is none of those whose holders are listed");
        const i64 begin = starts[slot], end = starts[slot + 1];
        if (begin < 0 || begin > end || end > numbers.size)
            throw std::invalid_argument("holders of a key lie outside of those that are listed");
        return numbers.slice(begin, end);
    }
};

// Those who hold keys of one row in the order in which they were met: scratch, row after row.
struct Met {
    Vector<Entry> table;  // leads from a number + 1 to its place in the others; left zero
    Vector<u32> seen;
    Vector<f32> dots;
    Vector<i32> times;

    explicit Met(i64 most) : table(places_for(most)), seen(most), dots(most), times(most) {}

    // Counts who holds one row's keys, `size` with those met again; returns how many they are.
    i64 count(View<const i64> slots, View<const f32> weights, const Holders &holders, i64 newest,
              i64 size) {
        const View<Entry> room = View<Entry>(table).slice(0, places_for(size));
        const View<u32> own_seen(seen);
        const View<f32> own_dots(dots);
        const View<i32> own_times(times);
        u32 found = 0;
        for (i64 k = 0; k < slots.size; k++) {
            const f32 weight = weights[k];
            View<const u32> numbers = holders.of(slots[k]);
            if (weight == 0) numbers = numbers.slice(std::max<i64>(0, numbers.size - newest),
                                                     numbers.size);
            for (i64 at = 0; at < numbers.size; at++) {
                const u32 key = numbers[at] + 1;
                Entry &entry = entry_of(room, key);
                if (entry.key == 0) {
                    entry = {key, found};
                    own_seen[found] = numbers[at], own_dots[found] = 0, own_times[found] = 0;
                    found++;
                }
                own_dots[entry.place] += weight;
                own_times[entry.place] += weight == 0;
            }
        }
        room.fill({0, 0});
        return found;
    }
};

std::tuple<Table<i64>, Vector<i64>, Vector<f32>, Vector<i32>> met(
    View<const i64> slots, View<const f32> weights, View<const i64> bounds, View<const i64> starts,
    View<const u32> numbers, View<const i64> most, i64 most_copies, i64 holders) {
    const i64 n = rows_within(bounds, slots.size);
    demand(weights.size == slots.size && most.size == n && most_copies >= 0 && holders >= 0,
           "not one weight a key, or one bound a row");
    const Holders held{starts, numbers};
    Vector<i64> sizes(n);
    i64 longest = 0, most_of_all = 0;
    for (i64 row = 0; row < n; row++) {
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) sizes[row] += held.of(slots[k]).size;
        longest = std::max(longest, sizes[row]);
        demand(most[row] >= 0, "fewer than no article");
        most_of_all = std::max(most_of_all, most[row]);
    }
    Met others(longest);
    // Of more than there are none is left out.
    Vector<f32> best(std::min(most_of_all, longest)), least_dots(n);
    Vector<i32> best_times(std::min(most_copies, longest)), least_shared(n);
    Table<i64> pairs(0, 2);
    Vector<i64> shared;
    for (i64 row = 0; row < n; row++) {
        const i64 start = bounds[row], end = bounds[row + 1];
        const i64 count = others.count(slots.slice(start, end), weights.slice(start, end), held,
                                       holders, sizes[row]);
        const View<const f32> dots = View<f32>(others.dots).slice(0, count);
        const View<const i32> times = View<i32>(others.times).slice(0, count);
        auto [least, ties] = least_of(dots, View<f32>(best).slice(0, std::min(most[row], longest)));
        auto [least_times, ties_times] = least_of(times, View<i32>(best_times));
        least_dots[row] = least, least_shared[row] = least_times;
        for (i64 k = 0; k < count; k++) {
            bool wanted = dots[k] > least, copy = times[k] > least_times;
            if (dots[k] == least && least > 0 && ties > 0) wanted = true, ties--;
            if (times[k] == least_times && least_times > 0 && ties_times > 0)
                copy = true, ties_times--;
            if (!wanted && !copy) continue;
            pairs.append({row, others.seen[k]});
            shared.push_back(times[k]);
        }
    }
    return {std::move(pairs), std::move(shared), std::move(least_dots), std::move(least_shared)};
}

std::tuple<Table<i64>, Vector<i64>> met_among(View<const i64> slots, View<const f32> weights,
                                              View<const i64> bounds, i64 keys,
                                              View<const i64> most, i64 most_copies,
                                              i64 holders) {
    const i64 n = rows_within(bounds, slots.size);
    demand(keys >= 0, "fewer than no key");
    Vector<i64> starts(keys + 1);
    for (i64 k = bounds[0]; k < bounds[n]; k++) {
        demand(0 <= slots[k] && slots[k] < keys, "a key that is not asked");
        starts[slots[k] + 1]++;
    }
    for (i64 key = 0; key < keys; key++) starts[key + 1] += starts[key];
    Vector<u32> rows(starts[keys]);
    Vector<i64> places(starts.begin(), starts.end() - 1);
    for (i64 row = 0; row < n; row++)
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++)
            rows[places[slots[k]]++] = static_cast<u32>(row);
    const auto [pairs, shared, dots, times] =
        met(slots, weights, bounds, starts, rows, most, most_copies, holders);
    // The later row above the earlier, and the place of what was found of them.
    Vector<std::pair<u64, i64>> found;
    for (i64 at = 0; at < pairs.rows; at++) {
        const u64 one = static_cast<u64>(pairs(at, 0)), other = static_cast<u64>(pairs(at, 1));
        if (one != other) found.emplace_back(std::max(one, other) << 32 | std::min(one, other), at);
    }
    std::sort(found.begin(), found.end());
    Table<i64> each(0, 2);
    Vector<i64> often;
    for (i64 k = 0; k < static_cast<i64>(found.size()); k++) {
        const auto [pair, at] = found[k];
        if (k > 0 && found[k - 1].first == pair) continue;
        each.append({static_cast<i64>(pair >> 32), -1 - static_cast<i64>(pair & 0xFFFFFFFF)});
        often.push_back(shared[at]);
    }
    return {std::move(each), std::move(often)};
}

std::tuple<Table<i32>, Vector<i64>> placed(View2<const i64> pairs, View<const i64> shared,
                                           View<const i64> numbers, i64 n,
                                           View<const i64> moments, i64 window) {
    demand(pairs.columns == 2 && shared.size == pairs.rows, "not one count a pair");
    demand(n >= 0 && moments.size == n + numbers.size, "not one moment a row");
    Vector<std::pair<u64, i64>> found;  // both rows, and the place of the pair
    for (i64 at = 0; at < pairs.rows; at++) {
        const i64 row = pairs(at, 0), number = pairs(at, 1);
        demand(0 <= row && row < n && -1 - number < n, "a row that there is not");
        i64 other = -1 - number;
        if (number >= 0) {
            const i64 place = first_from(numbers, 0, numbers.size, number);
            if (place == numbers.size || numbers[place] != number) continue;
            other = n + place;
            if (window >= 0 && moments[other] < moments[row] - window) continue;
        }
        found.emplace_back(static_cast<u64>(row) << 32 | static_cast<u64>(other), at);
    }
    std::sort(found.begin(), found.end());
    Table<i32> rows(static_cast<i64>(found.size()), 2);
    Vector<i64> often(rows.rows);
    for (i64 k = 0; k < rows.rows; k++) {
        const auto [pair, at] = found[k];
        rows(k, 0) = static_cast<i32>(pair >> 32);
        rows(k, 1) = static_cast<i32>(pair & 0xFFFFFFFF);
        often[k] = shared[at];
    }
    return {std::move(rows), std::move(often)};
}

Vector<i64> worth_comparing(View2<const i32> pairs, View<const i64> shared, View<const f32> cosines,
                            View<const i64> keys, f64 share, f32 least, f32 template_cosine) {
    demand(pairs.columns == 2 && shared.size == pairs.rows && cosines.size == pairs.rows,
           "not one count and cosine a pair");
    Vector<i64> found;
    for (i64 at = 0; at < pairs.rows; at++) {
        const i64 one = pairs(at, 0), other = pairs(at, 1);
        demand(0 <= one && one < keys.size && 0 <= other && other < keys.size,
               "a row that there is not");
        const f64 fewer = static_cast<f64>(std::min(keys[one], keys[other]));
        const bool copies = static_cast<f64>(shared[at]) >= share * fewer;
        if ((shared[at] > 0 && (copies || cosines[at] >= least)) || cosines[at] >= template_cosine)
            found.push_back(at);
    }
    return found;
}

std::tuple<Table<f32>, Table<i32>> in_common(View<const u32> keys, View<const i64> slots,
                                             View<const f32> strengths, View<const i64> bounds,
                                             View<const u32> others,
                                             View<const i64> other_bounds) {
    const i64 n = rows_within(bounds, slots.size), k = rows_within(other_bounds, others.size);
    demand(strengths.size == slots.size, "not one strength a key");
    for (const i64 slot : slots) demand(0 <= slot && slot < keys.size, "a key that is not asked");
    Vector<Entry> entries(places_for(keys.size));
    const View<Entry> table(entries);
    for (i64 at = 0; at < keys.size; at++)  // a key of 0, one in 2**32, is passed over
        if (keys[at] != 0) entry_of(table, keys[at]) = {keys[at], static_cast<u32>(at)};
    Table<f32> dots(n, k);
    Table<i32> shared(n, k);
    Vector<i64> hit(keys.size, -1);
    for (i64 other = 0; other < k; other++) {
        for (i64 at = other_bounds[other]; at < other_bounds[other + 1]; at++) {
            const Entry &entry = entry_of(table, others[at]);
            if (entry.key != 0) hit[entry.place] = other;
        }
        for (i64 row = 0; row < n; row++) {
            for (i64 at = bounds[row]; at < bounds[row + 1]; at++) {
                if (hit[slots[at]] != other) continue;
                dots(row, other) += strengths[at];
                shared(row, other) += strengths[at] == 0;
            }
        }
    }
    return {std::move(dots), std::move(shared)};
}

std::tuple<Table<i32>, Vector<f32>, Vector<f32>> edges_within(View<const u32> words,
                                                              View<const i64> first,
                                                              View<const i64> numbers) {
    demand(numbers.size == first.size, "not one number a sketch");
    Vector<Entry> entries(places_for(first.size));
    const View<Entry> table(entries);
    for (i64 row = 0; row < first.size; row++) {
        if (numbers[row] <= 0) continue;
        const u32 key = static_cast<u32>(numbers[row]);
        entry_of(table, key) = {key, static_cast<u32>(row)};
    }
    Table<i32> pairs(0, 2);
    Vector<f32> logits, cosines;
    for (i64 row = 0; row < first.size; row++) {
        const View<const u32> own = edges_at(words, first[row]);
        const i64 edges = own.size / 3;
        for (i64 k = 0; k < edges; k++) {
            const Entry &entry = entry_of(table, own[k]);
            if (entry.key == 0) continue;
            pairs.append({static_cast<i32>(row), static_cast<i32>(entry.place)});
            logits.push_back(std::bit_cast<f32>(own[edges + k]));
            cosines.push_back(std::bit_cast<f32>(own[2 * edges + k]));
        }
    }
    return {std::move(pairs), std::move(logits), std::move(cosines)};
}

}  // namespace

void bind_incoming(nb::module_ &m) {
    m.attr("HEADER") = HEADER;
    m.def("packed_rows", &packed_rows, Unlocked(), "headers"_a, "buckets"_a, "counts"_a, "flags"_a,
          "bounds"_a, R"(
Sketches without edges: words, and where each begins (n,).

``headers`` are (n, HEADER), the others the terms of n articles. A term is a word: bucket, marks and
count, the last cut at MOST_COUNT.)");
    m.def("first_broken", &first_broken, Unlocked(), "data"_a, "bounds"_a, R"(
The first of n stored sketches that is not as it is written; -1 where all are.

They are bounded by ``bounds`` (n + 1,). Each must be as long as it says, its language ASCII, its
date of the calendar, its terms ascending, and the log-odds and cosines of its edges possible.)");
    m.def("unpacked_terms", &unpacked_terms, Unlocked(), "words"_a, "first"_a, R"(
Terms of sketches: buckets, counts, flags and bounds (n + 1,).

``words`` are n sketches, one after the other, that begin at ``first`` (n,). Raises ValueError where
one is not within the words.)");
    m.def("weighed_words", &weighed_words, Unlocked(), "words"_a, "first"_a, "codes"_a, "places"_a,
          "counted"_a, "named"_a, "share"_a, "raises"_a, "least"_a, R"(
Sketches as TF-IDF rows, in one call: several would cost one article more than their work.

Returns weighed_rows of their terms with their IDF, buckets and kinds (w,) of the columns, and the
language of each row (n,), as a place among the ``codes`` of languages. ``places`` as in numbered,
which is not used for a few articles.
Raises ValueError where a sketch is not within the words.)");
    m.def("met", &met, Unlocked(), "slots"_a, "weights"_a, "bounds"_a, "starts"_a, "numbers"_a,
          "most"_a, "most_copies"_a, "holders"_a, R"(
The articles that share most with each row: pairs (row, number) (m, 2), times.

Row i asks for the keys ``slots`` within ``bounds`` (n + 1,); ``weights`` is what a key adds to the
dot product, 0 for a key of the copy view. ``starts`` and ``numbers`` list who holds each key.
``most`` (n,) by dot product are kept and ``most_copies`` by keys of the copy view in common, of
which the ``holders`` newest holders count; times (m,) is how many.
Returns also what is asked of another at least: dot product (n,), keys (n,). Raises ValueError where
what is listed of a key is not within ``numbers``.)");
    m.def("copy_keys", &copy_keys, Unlocked(), "values"_a, "bounds"_a, "lowest"_a, "mask"_a,
          "most"_a, R"(
The values by which copies are found, of n sets ascending: keys, bounds (n + 1,).

Of each set, ragged by ``bounds`` (n + 1,), the ``lowest`` and those without a bit of ``mask``;
``most`` at most.)");
    m.def("asked", &asked, Unlocked(), "copies"_a, "copy_bounds"_a, "telling"_a, "weights"_a,
          "bounds"_a, R"(
The keys by which others are sought near n articles: slots, distinct keys, strengths, bounds.

Of each article its keys of the copy view, ``copies`` by ``copy_bounds`` (n + 1,), of strength 0,
then the ``telling`` ones by ``bounds``, of the square of their weight: what a key adds to a dot
product if it weighs as much on the other side. Slots are places among the distinct keys, which
ascend; of one article they are as they come, each for itself.)");
    m.def("met_among", &met_among, Unlocked(), "slots"_a, "weights"_a, "bounds"_a, "keys"_a,
          "most"_a, "most_copies"_a, "holders"_a, R"(
The same among n rows, each of which holds the keys that it asks for: pairs (m, 2), times.

Pairs are a row and, of an earlier one, -1 - row: those that either of the two found, in order.
Times are those of the pair that was found first. ``keys`` is how many keys are asked.)");
    m.def("placed", &placed, Unlocked(), "pairs"_a, "shared"_a, "numbers"_a, "n"_a, "moments"_a,
          "window"_a, R"(
Pairs of n incoming rows and numbers, as met gives them, by rows: (k, 2), in order, and ``shared``.

``numbers`` are those of the rows after these, ascending; pairs with one that is not among them are
left out. A negative one, -1 - row, is an incoming row. So are those of a stored row that is more
than ``window`` older by ``moments`` (rows,), where that is not negative.)");
    m.def("worth_comparing", &worth_comparing, Unlocked(), "pairs"_a, "shared"_a, "cosines"_a,
          "keys"_a, "share"_a, "least"_a, "template_cosine"_a, R"(
Places of the ``pairs`` (m, 2) of rows that are compared shingle by shingle.

Those that have keys of the copy view in common, ``shared`` (m,), and of these at least a ``share``
of the fewer of both, ``keys`` (rows,), or a cosine of at least ``least``; and those of at least
``template_cosine``.)");
    m.def("in_common", &in_common, Unlocked(), "keys"_a, "slots"_a, "strengths"_a, "bounds"_a,
          "others"_a, "other_bounds"_a, R"(
What each of n rows has in common with each of k others: (n, k), (n, k).

Row i asks for ``keys`` at the ``slots`` within ``bounds`` (n + 1,), as in met. The keys of the
others are ragged by ``other_bounds`` (k + 1,). Sums of ``strengths``, and how many keys of strength
0.)");
    m.def("edges_within", &edges_within, Unlocked(), "words"_a, "first"_a, "numbers"_a, R"(
Edges of sketches to others among them: places (m, 2), log-odds and cosines (m,).

``numbers`` (n,) are those of the sketches, each once; below 1 where it has none yet. Raises
ValueError where a sketch is not within the words.)");
}

}  // namespace dedupe
