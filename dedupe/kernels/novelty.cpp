// Two texts side by side: which of one's words stand in the other, and which telling terms don't.
//
// Texts are shingles in the order of the text; terms are as the room `terms` gives them.
#include <bit>
#include <cstdlib>

#include "postings.h"
#include "sorting.h"
#include "terms.h"

namespace dedupe {
namespace {

// Words that are the head of a text: about its first sentence.
constexpr i64 HEAD = 16;
// Words in one place that may have been replaced by others; where a text begins or ends, where
// places and authors are named, only as many as took their place, and few.
constexpr i64 LONGEST_CHANGE = 12, LONGEST_AT_EDGE = 2;
// Words up to which a longer place counts as a slot of a template, where what stands there in the
// other text is about as long: an eighth apart at most. Another sentence is longer or shorter.
constexpr i64 LONGEST_SLOT = 40;
// Words of both texts in a row that are a passage; how far from where a text begins or ends one
// begins or ends it.
constexpr i64 PASSAGE = 20, EDGE = 24;
constexpr u8 TELLING = NAME | NUMBER, SUBJECT = TITLE | LEAD;
// Columns of what is found of a pair, see the docs of compared_words and compared_terms.
constexpr i64 WORDS = 13, TERMS = 14;

// Parts of the range of hashes, for each of a set, by which one is looked up; at most 2 to so many.
constexpr int PARTS = 4, MOST_PARTS = 20;

// A set of hashes, ascending, in which others are looked up. They lie evenly: by its upper bits it
// is known where one would stand, and there are seldom more than two to compare it with.
struct Lookup {
    View<const u32> values;
    Vector<i32> firsts;  // of the values in each part and later ones
    int shift = 0;

    void set(View<const u32> ascending) {
        values = ascending;
        if (values.size == 0) return;
        const auto parts = static_cast<int>(std::bit_width(static_cast<u64>(PARTS * values.size)));
        shift = 32 - std::min(parts, MOST_PARTS);
        firsts.assign((std::size_t{1} << (32 - shift)) + 1, 0);
        const View<i32> counts(firsts);
        for (const u32 value : values) counts[i64{value >> shift} + 1]++;
        for (i64 k = 1; k < counts.size; k++) counts[k] += counts[k - 1];
    }

    bool has(u32 value) const {
        if (values.size == 0) return false;
        const i64 part = value >> shift, first = firsts[part], end = firsts[part + 1];
        if (end - first > 2)
            return std::binary_search(values.begin() + first, values.begin() + end, value);
        // Without a branch, be they of this part or not: those of another are none of its equals.
        const i64 last = values.size - 1;
        const u32 one = values[std::min(first, last)], other = values[std::min(first + 1, last)];
        return (one == value) | (other == value);
    }
};

// Which shingles of `own` are in `other`, and which of all words those cover.
//
// Fills `shared` (shingles,) and `covered` (words,). A text shorter than `width` is one shingle.
void mark_shared(View<const u32> own, const Lookup &other, i64 width, View<bool> shared,
                 View<bool> covered) {
    covered.fill(false);
    i64 until = 0;
    for (i64 k = 0; k < own.size; k++) {
        shared[k] = other.has(own[k]);
        if (!shared[k]) continue;
        const i64 end = std::min(covered.size, k + width);
        for (i64 word = std::max(until, k); word < end; word++) covered[word] = true;
        until = end;
    }
}

// A place where a text differs. A neighbour is the shared shingle next to it, -1 where the text
// begins or ends; words are those that no shared shingle covers, below 0 where shared shingles
// overlap that do not in the other text.
struct Gap {
    i64 left, right, words;
};

// Fills `found` with the places where a text of so many words differs, in its order.
void find_gaps(View<const u32> own, View<const bool> shared, i64 words, i64 width,
               Vector<Gap> &found) {
    found.clear();
    i64 k = 0;
    while (k < own.size) {
        if (shared[k]) {
            k++;
            continue;
        }
        const i64 begin = k;
        while (k < own.size && !shared[k]) k++;
        Gap gap = {-1, -1, words};
        if (begin > 0) gap.left = own[begin - 1];
        if (k < own.size) gap.right = own[k], gap.words = k;
        if (begin > 0) gap.words -= begin + width - 1;
        found.push_back(gap);
    }
}

// How many words of one text stand where the other has different ones, by their gaps, and whether
// any are few enough to be a correction. `sorted` is scratch.
std::tuple<i64, bool> exchanged(View<const Gap> one, View<const Gap> other, Vector<Gap> &sorted) {
    sorted.clear();
    for (const Gap &gap : other)
        if (gap.words >= 1) sorted.push_back(gap);
    const auto by_left = [](const Gap &a, const Gap &b) { return a.left < b.left; };
    std::sort(sorted.begin(), sorted.end(), by_left);
    const i64 count = static_cast<i64>(sorted.size());
    i64 words = 0;
    bool corrected = false;
    for (const Gap &gap : one) {
        if (gap.words < 1) continue;
        i64 at = std::lower_bound(sorted.begin(), sorted.end(), gap, by_left) - sorted.begin();
        bool slot = false;
        for (; at < count && sorted[at].left == gap.left; at++) {
            if (sorted[at].right != gap.right) continue;
            const i64 longest = std::max(gap.words, sorted[at].words);
            const i64 apart = std::abs(gap.words - sorted[at].words);
            slot |= longest <= LONGEST_CHANGE || (longest <= LONGEST_SLOT && 8 * apart <= longest);
            if (gap.left >= 0 && gap.right >= 0)
                corrected |= longest <= LONGEST_CHANGE;
            else
                corrected |= apart == 0 && longest <= LONGEST_AT_EDGE;
        }
        if (slot) words += gap.words;
    }
    return {words, corrected};
}

std::tuple<i64, i64, i64> in_passages(View<const bool> covered, i64 size) {
    i64 total = 0, first = 0, last = 0, begin = -1;
    for (i64 k = 0; k <= size; k++) {
        if (k < size && covered[k]) {
            if (begin < 0) begin = k;
            continue;
        }
        if (begin >= 0 && k - begin >= PASSAGE) {
            total += k - begin;
            if (begin <= EDGE && first == 0) first = k - begin;
            if (size - k <= EDGE) last = k - begin;
        }
        begin = -1;
    }
    return {total, first, last};
}

f64 share(View<const bool> covered) {
    i64 count = 0;
    for (i64 k = 0; k < covered.size; k++) count += covered[k];
    return static_cast<f64>(count) / static_cast<f64>(std::max<i64>(covered.size, 1));
}

// The longest run of words that are not covered.
i64 longest_run(View<const bool> covered) {
    i64 longest = 0, run = 0;
    for (i64 k = 0; k < covered.size; k++) {
        run = covered[k] ? 0 : run + 1;
        longest = std::max(longest, run);
    }
    return longest;
}

// One text against the other of a pair; its arrays serve one pair after the other.
struct Side {
    Flags shared, covered;
    Vector<Gap> gaps;
    Lookup held;  // the other one's

    void compare(View<const u32> own, View<const u32> other, i64 words, i64 width) {
        shared.values.resize(static_cast<std::size_t>(own.size));
        covered.values.resize(static_cast<std::size_t>(words));
        held.set(other);
        mark_shared(own, held, width, shared.view(), covered.view());
        find_gaps(own, shared.view(), words, width, gaps);
    }
};

Table<f64> compared_words(View<const u32> shingles, View<const i64> starts, View<const u32> sets,
                          View<const i64> set_bounds, View<const i64> tokens, i64 width,
                          View2<const i32> pairs) {
    Table<f64> found(pairs.rows, WORDS);
    Side sides[2];
    Vector<Gap> sorted;
    for (i64 p = 0; p < pairs.rows; p++) {
        i64 total[2], first[2], last[2];
        for (int s = 0; s < 2; s++) {
            const i64 own = pairs(p, s), other = pairs(p, 1 - s), words = tokens[own];
            // Of a stored text that was damaged: its words are laid out one by one.
            demand(0 <= words && words <= starts[own + 1] - starts[own] + width,
                   "a text of more words than its shingles have");
            sides[s].compare(shingles.slice(starts[own], starts[own + 1]),
                             sets.slice(set_bounds[other], set_bounds[other + 1]), words, width);
            const View<const bool> covered = sides[s].covered.view();
            found(p, s) = share(covered);
            found(p, 2 + s) = share(covered.slice(0, std::min(HEAD, words)));
            found(p, 4 + s) = static_cast<f64>(longest_run(covered));
            found(p, 6 + s) = static_cast<f64>(words);
            std::tie(total[s], first[s], last[s]) = in_passages(covered, words);
        }
        for (int s = 0; s < 2; s++) {
            const auto [words, corrected] = exchanged(sides[s].gaps, sides[1 - s].gaps, sorted);
            found(p, 9 + s) = static_cast<f64>(words);
            if (s == 0) found(p, 8) = corrected;
        }
        const bool begins = first[0] > 0 && first[1] > 0, ends = last[0] > 0 && last[1] > 0;
        for (int s = 0; s < 2; s++) {
            const i64 inside = total[s] - (begins ? first[s] : 0) - (ends ? last[s] : 0);
            found(p, 11 + s) = static_cast<f64>(std::max<i64>(inside, 0));
        }
    }
    return found;
}

// Whether a term is a name or number, or of title and lead both, as what an article is about.
//
// A name that opens a sentence is none that can be told by its capital.
bool is_telling(u8 mark) { return (mark & TELLING) != 0 || (mark & SUBJECT) == SUBJECT; }

// Whether a term is a name or number and does not stand in the title alone.
bool in_text(u8 mark) {
    return (mark & TELLING) != 0 && ((mark & TITLE) == 0 || (mark & LEAD) != 0);
}

// Counts a term that the other text has nowhere; `side` 0 or 1.
void count_own(u8 mark, i64 side, View<i64> row) {
    row[1 + side] += is_telling(mark);
    if (mark & TITLE) {
        row[5 + side]++;
        row[7 + side] += is_telling(mark);
        row[12 + side] += is_telling(mark) && (mark & LEAD) != 0;
    }
    row[9 + side] += in_text(mark);
}

Table<i64> compared_terms(View<const u32> buckets, View<const u16> counts, View<const u8> flags,
                          View<const i64> bounds, View2<const i32> pairs) {
    constexpr u8 KEEP = TELLING | TITLE | LEAD;
    Table<i64> found(pairs.rows, TERMS);
    for (i64 p = 0; p < pairs.rows; p++) {
        const View<i64> row = found.view()[p];
        i64 i = bounds[pairs(p, 0)], j = bounds[pairs(p, 1)];
        const i64 i_end = bounds[pairs(p, 0) + 1], j_end = bounds[pairs(p, 1) + 1];
        bool names_a = false, names_b = false;
        for (;;) {
            while (i < i_end && (flags[i] & KEEP) == 0) i++;
            while (j < j_end && (flags[j] & KEEP) == 0) j++;
            if (i == i_end && j == j_end) break;
            const bool one = i < i_end && (j == j_end || buckets[i] <= buckets[j]);
            const bool other = j < j_end && (i == i_end || buckets[j] <= buckets[i]);
            const u8 mark_a = one ? flags[i] : 0, mark_b = other ? flags[j] : 0;
            names_a |= (mark_a & NAME) != 0;
            names_b |= (mark_b & NAME) != 0;
            row[3] += (mark_a & TITLE) != 0;
            row[4] += (mark_b & TITLE) != 0;
            if (one && other) {
                row[0] += is_telling(mark_a) || is_telling(mark_b);
                row[9] += counts[i] > counts[j] && in_text(mark_a);
                row[10] += counts[j] > counts[i] && in_text(mark_b);
            } else if (one) {
                count_own(mark_a, 0, row);
            } else {
                count_own(mark_b, 1, row);
            }
            i += one;
            j += other;
        }
        row[11] = !names_a + !names_b;
    }
    return found;
}

Vector<u32> more_often(View<const u32> buckets, View<const u16> counts, View<const u8> flags,
                       View<const i64> bounds, i64 row, i64 other) {
    Vector<u32> found;
    i64 j = bounds[other];
    const i64 end = bounds[other + 1];
    for (i64 i = bounds[row]; i < bounds[row + 1]; i++) {
        while (j < end && buckets[j] < buckets[i]) j++;
        const bool held = j < end && buckets[j] == buckets[i];
        if (in_text(flags[i]) && !(held && counts[j] >= counts[i])) found.push_back(buckets[i]);
    }
    return found;
}

// The tokens of n texts: hashes, stems, flags and bounds (n + 1,).
using Tokens = std::tuple<View<const u64>, View<const u64>, View<const u8>, View<const i64>>;

std::tuple<Vector<u32>, Vector<i64>> marked_terms(const Tokens &title, const Tokens &body, i64 bits,
                                                  i64 lead) {
    const auto &[title_hashes, title_stems, title_flags, title_bounds] = title;
    const auto &[hashes, stems, flags, bounds] = body;
    const i64 n = bounds.size - 1;
    i64 longest = 0;
    for (i64 row = 0; row < n; row++) {
        const i64 own = bounds[row + 1] - bounds[row];
        longest = std::max(longest, own + title_bounds[row + 1] - title_bounds[row]);
    }
    Vector<u64> packed(longest);
    Vector<u32> kept(longest), spare(longest), places, found;
    Vector<i64> ends(n + 1);
    for (i64 row = 0; row < n; row++) {
        const i64 first = title_bounds[row], end = title_bounds[row + 1], stop = bounds[row + 1];
        const i64 start =
            bounds[row] + repeated(title_hashes, first, end, hashes, bounds[row], stop);
        i64 size = pack_terms(title_stems, title_flags, first, end, bits, TITLE, 0, packed, 0);
        size = pack_marked(stems, flags, start, stop, bits, lead, packed, size);
        i64 count = 0;
        for (i64 k = 0; k < size; k++) {  // without a branch: written each time, kept where marked
            kept[count] = static_cast<u32>(packed[k]);
            count += (packed[k] & 0xFF) != 0;
        }
        const View<u32> marked = View<u32>(kept).slice(0, count);
        sort_hashes(marked, static_cast<int>(bits) + 8, View<u32>(spare).slice(0, count), places);
        for (i64 k = 0; k < count; k++) {
            if (k > 0 && marked[k] >> 8 == marked[k - 1] >> 8)
                found.back() |= marked[k] & 0xFF;
            else
                found.push_back(marked[k]);
        }
        ends[row + 1] = static_cast<i64>(found.size());
    }
    return {std::move(found), std::move(ends)};
}

}  // namespace

void bind_novelty(nb::module_ &m) {
    m.attr("HEAD") = HEAD;
    m.attr("PASSAGE") = PASSAGE;
    m.attr("EDGE") = EDGE;
    m.def("in_passages", &in_passages, Unlocked(), "covered"_a, "size"_a, R"(
Words in runs of covered ones of at least PASSAGE; of these the words of the first and last.

Of those two only where they begin or end the text: at most EDGE words stand before or after.)");
    m.def("compared_words", &compared_words, Unlocked(), "shingles"_a, "starts"_a, "sets"_a,
          "set_bounds"_a, "tokens"_a, "width"_a, "pairs"_a, R"(
(m, 13) of each pair (m, 2), by the words of either side that stand in the other.

0, 1: those, as a share of its own. 2, 3: the same of its head. 4, 5: its longest run of others.
6, 7: all its words. 8: whether words were replaced in place. 9, 10: how many of its own stand in
place of others. 11, 12: how many stand in passages that both have, but for one that begins or ends
both.

``shingles`` of ``width`` words are ragged by ``starts`` (n + 1,), the same ascending in ``sets`` by
``set_bounds``; ``tokens`` (n,).)");
    m.def("compared_terms", &compared_terms, Unlocked(), "buckets"_a, "counts"_a, "flags"_a,
          "bounds"_a, "pairs"_a, R"(
(m, 14) of each pair (m, 2), by the terms that are a name, a number, in title or lead.

Names and numbers are these, and what stands in title and lead both.
0: names and numbers in both. 1, 2: those of either side that the other has nowhere. 3, 4: terms of
its title. 5, 6: those that the other has nowhere. 7, 8: of these names and numbers. 9, 10: names
and numbers, not of the title alone, that it has more often. 11: how many sides have no name.
12, 13: of 7 and 8 those that its text begins with, too.)");
    m.def("more_often", &more_often, Unlocked(), "buckets"_a, "counts"_a, "flags"_a, "bounds"_a,
          "row"_a, "other"_a,
          "Buckets of names and numbers of one article's text that another has less often.");
    m.def("marked_terms", &marked_terms, Unlocked(), "title"_a, "body"_a, "bits"_a, "lead"_a, R"(
The terms of each article that are a name, a number, in title or lead, sorted by bucket.

Those of ``count_terms``, with the same flags: ``bucket << 8 | flags`` (m,) and bounds (n + 1,).
``bits`` is 24 at most.)");
}

}  // namespace dedupe
