// Lines of articles: which of them recur, and term counts without those.
//
// Lines are ragged by `bounds` (n + 1,): `keys` (l,), 0 for one without a token, and `ends` (l,),
// where each ends among its article's occurrences of terms. The first line of an article is its
// title, the second the end of its title. Occurrences are ragged, too: `order`, the place of each
// among its article's terms.
#include <cmath>

#include "array.h"
#include "postings.h"
#include "terms.h"
#include "text.h"

namespace dedupe {
namespace {

// Places of an article's lines: the end of its title, and the first of its text.
constexpr i64 TAIL_LINE = 1, BODY_LINE = 2;

// Lines of the same articles that are looked at one by one.
constexpr i64 SAME_HOLDERS = 64;

void line_keys(View<const u64> hashes, View<const i64> bounds, View<u32> keys) {
    for (i64 line = 0; line + 1 < bounds.size; line++) {
        u64 content = 0;
        for (i64 i = bounds[line]; i < bounds[line + 1]; i++)
            content = content * CONTENT_BASE + hashes[i];
        keys[line] = 0;
        if (bounds[line + 1] > bounds[line])
            keys[line] = std::max<u32>(1, static_cast<u32>(mix(content) >> 32));
    }
}

std::tuple<Vector<i32>, Vector<i64>> numbered_lines(View<const u32> keys, View<const i64> ends,
                                                    View<const i64> bounds, f64 most) {
    Vector<u32> table(places_for(keys.size));
    const View<u32> slots(table);
    Vector<i32> of_slot(slots.size), numbers(keys.size, -1), last(keys.size, -1);
    Vector<i64> held(keys.size);  // articles of each number; `last` is the last of them
    i32 count = 0;
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        const f64 largest = most * static_cast<f64>(ends[bounds[row + 1] - 1]);
        i64 before = 0;
        for (i64 line = bounds[row]; line < bounds[row + 1]; line++) {
            const i64 size = ends[line] - before;
            before = ends[line];
            if (keys[line] == 0 || static_cast<f64>(size) > largest) continue;
            const i64 slot = place_of(slots, keys[line]);
            if (slots[slot] == 0) {
                slots[slot] = keys[line];
                of_slot[slot] = count++;
            }
            const i32 number = of_slot[slot];
            numbers[line] = number;
            held[number] += last[number] != row;
            last[number] = static_cast<i32>(row);
        }
    }
    held.resize(static_cast<std::size_t>(count));
    return {std::move(numbers), std::move(held)};
}

std::tuple<Vector<i32>, Vector<i64>, Vector<i64>> holders_of(View<const i32> numbers,
                                                             View<const i64> bounds,
                                                             View<const i64> held, i64 most) {
    const i64 count = held.size;
    Vector<i64> wanted(count), starts(count + 1);
    for (i64 number = 0; number < count; number++) {
        wanted[number] = held[number] > 1 ? std::min(held[number], most) : 0;
        starts[number + 1] = starts[number] + wanted[number];
    }
    Vector<i32> rows(starts[count]);
    Vector<i64> one(count), met(count), filled(count), last(count, -1);
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        for (i64 line = bounds[row]; line < bounds[row + 1]; line++) {
            const i64 number = numbers[line];
            if (number < 0 || last[number] == row || filled[number] == wanted[number]) continue;
            last[number] = row;
            const i64 at = filled[number];
            if (met[number] == at * held[number] / wanted[number]) {
                rows[starts[number] + at] = static_cast<i32>(row);
                one[number] = line;
                filled[number]++;
            }
            met[number]++;
        }
    }
    return {std::move(rows), std::move(starts), std::move(one)};
}

// Mean cosine of the pairs among some rows of `buckets`, by `weights` (all buckets,).
//
// `spread` (all buckets,) is zeros, and is left so.
f64 mean_cosine(View<const i32> rows, View<const u32> buckets, View<const i64> bounds,
                View<const f32> weights, View<f32> spread) {
    i64 used = 0;
    f64 square = 0;
    for (const i64 row : rows) {
        f64 own = 0;
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++)
            own += weights[buckets[k]] * weights[buckets[k]];
        if (own == 0) continue;
        used++;
        const f32 scale = static_cast<f32>(1.0 / std::sqrt(own));
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++)
            spread[buckets[k]] += weights[buckets[k]] * scale;
    }
    for (const i64 row : rows) {
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            square += spread[buckets[k]] * spread[buckets[k]];
            spread[buckets[k]] = 0;
        }
    }
    if (used < 2) return 0;
    return (square - static_cast<f64>(used)) / static_cast<f64>(used * (used - 1));
}

Flags unlike_lines(View<const i32> rows, View<const i64> starts, View<const i64> one,
                   View<const i64> line_bounds, View<const i64> ends, View<const u16> order,
                   View<const i64> order_bounds, View<const u32> buckets, View<const i64> bounds,
                   View<f32> weights, f64 most) {
    Vector<f32> spread(weights.size), kept;
    Flags found(starts.size - 1);
    View<const i32> before;  // the articles of the line that was looked at last
    i64 looked_at = -1, times = 0;
    for (i64 number = 0; number + 1 < starts.size; number++) {
        const View<const i32> group = rows.slice(starts[number], starts[number + 1]);
        if (group.size < 2) continue;
        const bool same = std::equal(group.begin(), group.end(), before.begin(), before.end());
        times = same ? times + 1 : 0;
        if (times > SAME_HOLDERS) {
            found[number] = found[looked_at];
            continue;
        }
        looked_at = number;
        before = group;
        const i64 line = one[number];
        const i64 row = first_from(line_bounds, 0, line_bounds.size, line + 1) - 1;
        const i64 base = order_bounds[row];
        const View<const u16> own =
            order.slice(base + (line > line_bounds[row] ? ends[line - 1] : 0), base + ends[line]);
        kept.resize(static_cast<std::size_t>(own.size));
        for (i64 k = 0; k < own.size; k++) {
            f32 &weight = weights[buckets[bounds[row] + own[k]]];
            kept[k] = weight;
            weight = 0;
        }
        found[number] = mean_cosine(group, buckets, bounds, weights, spread) <= most;
        // A term that stands twice in the line was kept as 0 the second time: it is put back last
        // as it was the first time.
        for (i64 k = own.size - 1; k >= 0; k--)
            weights[buckets[bounds[row] + own[k]]] = kept[k];
    }
    return found;
}

Flags left_out_lines(View<const i32> numbers, View<const i64> bounds, View<const bool> known,
                     View<const bool> recurs) {
    Flags found(numbers.size);
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        const i64 first = bounds[row], end = bounds[row + 1];
        const i32 own = numbers[first], tail = numbers[first + TAIL_LINE];
        bool named = false;
        for (i64 line = first + BODY_LINE; line < end && tail >= 0; line++)
            named |= numbers[line] == tail;
        for (i64 line = first + TAIL_LINE; line < end; line++) {
            const i32 number = numbers[line];
            if (line == first + TAIL_LINE && known[line]) {
                found[line] = true;
            } else if (number >= 0) {
                const bool goes = recurs[line] || (named && number == tail);
                found[line] = known[line] || (goes && number != own);
            }
        }
    }
    return found;
}

bool any(View<const bool> values) {
    return std::find(values.begin(), values.end(), true) != values.end();
}

void without_lines(View<const bool> left_out, View<const i64> line_bounds, View<const i64> ends,
                   View<const u16> order, View<const i64> order_bounds, View<u16> counts,
                   View<u8> flags, View<const i64> bounds, i64 lead) {
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        const i64 first = line_bounds[row], end = line_bounds[row + 1];
        if (!any(left_out.slice(first, end))) continue;
        const View<u16> own_counts = counts.slice(bounds[row], bounds[row + 1]);
        const View<u8> marks = flags.slice(bounds[row], bounds[row + 1]);
        for (u8 &mark : marks) mark &= 0xFF ^ (TITLE | LEAD);
        i64 led = 0, at = order_bounds[row];
        for (i64 line = first; line < end; line++) {
            const i64 stop = order_bounds[row] + ends[line];
            for (; at < stop; at++) {
                const i64 term = order[at];
                if (left_out[line]) {
                    own_counts[term] -= own_counts[term] > 0;
                } else if (line < first + BODY_LINE) {
                    marks[term] |= TITLE;
                } else if (led < lead) {
                    marks[term] |= LEAD;
                    led++;
                }
            }
        }
    }
}

std::tuple<Vector<u32>, Vector<u16>, Vector<u8>, Vector<i64>> kept_terms(View<const u32> buckets,
                                                                         View<const u16> counts,
                                                                         View<const u8> flags,
                                                                         View<const i64> bounds) {
    i64 size = 0;
    for (const u16 count : counts) size += count > 0;
    Vector<u32> kept(size);
    Vector<u16> times(size);
    Vector<u8> marks(size);
    Vector<i64> ends(bounds.size);
    i64 at = 0;
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            if (counts[k] == 0) continue;
            kept[at] = buckets[k];
            times[at] = counts[k];
            marks[at] = flags[k];
            at++;
        }
        ends[row + 1] = at;
    }
    return {std::move(kept), std::move(times), std::move(marks), std::move(ends)};
}

// Calls `take(first, end)` for each run of the shingles of one text that stays, of its `lines`.
template <class Take>
void runs_that_stay(View<const bool> left_out, View<const i64> token_ends, i64 words, Take take) {
    i64 at = 0, begin = 0;
    for (i64 line = 0; line < left_out.size; line++) {
        if (left_out[line] || line + 1 == left_out.size) {  // a run that stays ends
            const i64 stop = (left_out[line] ? at : token_ends[line]) - words + 1;
            if (begin < stop) take(begin, stop);
            begin = token_ends[line];
        }
        at = token_ends[line];
    }
}

std::tuple<Vector<u32>, Vector<i64>> own_shingles(View<const bool> left_out,
                                                  View<const i64> line_bounds,
                                                  View<const i64> token_ends,
                                                  View<const u32> shingles,
                                                  View<const i64> starts, i64 words) {
    const i64 n = starts.size - 1;
    Vector<i64> ends(n + 1);
    for (i64 row = 0; row < n; row++) {  // counted first: shingles are the largest that there is
        const i64 first = line_bounds[row], end = line_bounds[row + 1];
        i64 count = 0;
        runs_that_stay(left_out.slice(first, end), token_ends.slice(first, end), words,
                       [&](i64 from, i64 to) { count += to - from; });
        ends[row + 1] = ends[row] + (count > 0 ? count : starts[row + 1] - starts[row]);
    }
    Vector<u32> kept;
    kept.reserve(static_cast<std::size_t>(ends[n]));
    for (i64 row = 0; row < n; row++) {
        const i64 first = line_bounds[row], end = line_bounds[row + 1];
        const View<const u32> own = shingles.slice(starts[row], starts[row + 1]);
        const std::size_t before = kept.size();
        const auto append = [&](i64 from, i64 to) {
            const View<const u32> run = own.slice(from, to);
            kept.insert(kept.end(), run.begin(), run.end());
        };
        runs_that_stay(left_out.slice(first, end), token_ends.slice(first, end), words, append);
        if (kept.size() == before) append(0, own.size);
    }
    return {std::move(kept), std::move(ends)};
}

Flags shared_ends(View<const u32> shingles, View<const i64> starts, View<const i32> rows,
                  View<const u32> others, View<const i64> bounds) {
    const i64 n = rows_within(starts, shingles.size);
    demand(rows_within(bounds, others.size) == rows.size, "not one other text a row");
    Flags found(rows.size);
    for (i64 at = 0; at < rows.size; at++) {
        const i64 row = rows[at];
        demand(0 <= row && row < n, "a text that there is not");
        if (starts[row] == starts[row + 1]) continue;
        const u32 first = shingles[starts[row]], last = shingles[starts[row + 1] - 1];
        bool held = false;
        for (const u32 other : others.slice(bounds[at], bounds[at + 1]))
            held |= (other == first) | (other == last);
        found[at] = held;
    }
    return found;
}

bool all(View<const u8> values) {
    return std::find(values.begin(), values.end(), 0) == values.end();
}

Flags outer_lines(View<const u32> shingles, View<const u32> others, View<const i64> token_ends,
                  View<const bool> known, i64 words) {
    const i64 lines = token_ends.size, size = token_ends[lines - 1];
    Vector<u8> held(size);
    for (i64 i = 0; i < size - words + 1; i++) {
        const i64 at = first_from(others, 0, others.size, shingles[i]);
        if (at < others.size && others[at] == shingles[i])
            View<u8>(held).slice(i, i + words).fill(1);
    }
    Flags found(lines);
    const auto stands_there = [&](i64 line) {
        return known[line] || all(View<u8>(held).slice(token_ends[line - 1], token_ends[line]));
    };
    for (i64 line = BODY_LINE; line < lines && stands_there(line); line++)
        found[line] = !known[line];
    for (i64 line = lines - 1; line >= BODY_LINE && stands_there(line); line--)
        found[line] = !known[line];
    return found;
}

}  // namespace

void bind_lines(nb::module_ &m) {
    m.attr("SAME_HOLDERS") = SAME_HOLDERS;
    m.def("line_keys", &line_keys, Unlocked(), "hashes"_a, "bounds"_a, "keys"_a,
          "Fills ``keys`` (l,) with a hash of each line's tokens, 0 where it has none.");
    m.def("numbered_lines", &numbered_lines, Unlocked(), "keys"_a, "ends"_a, "bounds"_a, "most"_a,
          R"(
A number for each distinct key: (l,), and how many articles hold each.

-1 for a line without a key, and for one that is more than ``most`` of its article, as a share: that
is no furniture of it, and says nothing of what is. ``ends`` (l,) are where lines end among the
occurrences of terms of their articles, ``bounds`` (n + 1,) where each article's lines begin.)");
    m.def("holders_of", &holders_of, Unlocked(), "numbers"_a, "bounds"_a, "held"_a, "most"_a, R"(
Articles that hold each line that more than one holds, ragged, and the bounds (count + 1,).

At most ``most``, spread over all that hold it. Also one line of each number.)");
    m.def("unlike_lines", &unlike_lines, Unlocked(), "rows"_a, "starts"_a, "one"_a,
          "line_bounds"_a, "ends"_a, "order"_a, "order_bounds"_a, "buckets"_a, "bounds"_a,
          "weights"_a, "most"_a, R"(
Which lines stand in articles that are no more alike than ``most`` without them: (count,).

``rows``, ``starts`` and ``one`` as holders_of gives them. The terms of the line itself do not
count: ``weights`` (all buckets,) is changed for that, and left as it was. Of more than 64 lines in
the same articles the others are as the last one.)");
    m.def("left_out_lines", &left_out_lines, Unlocked(), "numbers"_a, "bounds"_a, "known"_a,
          "recurs"_a, R"(
The lines that go: (l,). A title stays, and so does a line that repeats it.

Those go that recur, ``recurs`` (l,), and two kinds even where no other article has them: those that
are ``known`` (l,) by themselves, and what ends a title and is a line of the text as well, which is
the name of the site. A line without a number stays.)");
    m.def("without_lines", &without_lines, Unlocked(), "left_out"_a, "line_bounds"_a, "ends"_a,
          "order"_a, "order_bounds"_a, "counts"_a, "flags"_a, "bounds"_a, "lead"_a, R"(
Takes the lines ``left_out`` (l,) from ``counts``, marks title and lead anew.

A lead is the first ``lead`` occurrences in lines of the text that stay. Changes ``counts`` and
``flags`` of articles with such lines, no others.)");
    m.def("kept_terms", &kept_terms, Unlocked(), "buckets"_a, "counts"_a, "flags"_a, "bounds"_a,
          "Terms without those that are counted no more: buckets, counts, flags, bounds.");
    m.def("own_shingles", &own_shingles, Unlocked(), "left_out"_a, "line_bounds"_a,
          "token_ends"_a, "shingles"_a, "starts"_a, "words"_a, R"(
Shingles that no token of a line ``left_out`` (l,) is in: values, and starts (n + 1,).

``token_ends`` (l,) are where lines end among the tokens of their texts, whose shingles are ragged
by ``starts`` (n + 1,) and of so many ``words``. A text of which none would stay keeps all.)");
    m.def("shared_ends", &shared_ends, Unlocked(), "shingles"_a, "starts"_a, "rows"_a, "others"_a,
          "bounds"_a, R"(
Whether the first or the last shingle of a text is among those of another: (k,).

Texts are ragged by ``starts`` (n + 1,), of which the ``rows`` (k,) are looked at, each against one
of the ``others``, in any order and ragged by ``bounds`` (k + 1,).)");
    m.def("outer_lines", &outer_lines, Unlocked(), "shingles"_a, "others"_a, "token_ends"_a,
          "known"_a, "words"_a, R"(
Which lines of one text, from its head or its end on, stand in another text: (l,).

Each of their tokens is in one of its ``shingles`` of so many ``words`` that is among the
``others``, ascending; or they are ``known`` (l,), which the other has no more. ``token_ends`` (l,)
are where lines end among the tokens of the text.)");
}

}  // namespace dedupe
