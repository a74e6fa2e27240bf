// Two texts side by side: which of one's words stand in the other, and which telling terms don't.
//
// Texts are shingles in the order of the text; terms are as the room `terms` gives them.
#include <array>
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

    // The place of a value, -1 where it is none of them.
    i64 find(u32 value) const {
        if (values.size == 0) return -1;
        const i64 part = value >> shift, first = firsts[part], end = firsts[part + 1];
        if (end - first > 2) {
            const u32 *found = std::lower_bound(values.begin() + first, values.begin() + end, value);
            return found != values.begin() + end && *found == value ? found - values.begin() : -1;
        }
        // Without a branch, be they of this part or not: those of another are none of its equals.
        const i64 last = values.size - 1, one = std::min(first, last);
        const i64 other = std::min(first + 1, last);
        return values[one] == value ? one : values[other] == value ? other : -1;
    }
};

// Shingles or words in a row: from the first to before the end.
struct Run {
    i64 first, end;
};

// Fills `found` with the runs of what is `marked`.
void find_runs(View<const bool> marked, Vector<Run> &found) {
    found.clear();
    for (i64 k = 0; k < marked.size;) {
        while (k < marked.size && !marked[k]) k++;
        if (k == marked.size) break;
        const i64 first = k;
        while (k < marked.size && marked[k]) k++;
        found.push_back({first, k});
    }
}

// Fills `found` with the runs of words, of so many, that shared shingles cover.
//
// A text shorter than `width` is one shingle.
void cover(View<const Run> shared, i64 words, i64 width, Vector<Run> &found) {
    found.clear();
    for (const Run &run : shared) {
        const i64 end = std::min(words, run.end - 1 + width);
        if (run.first >= end) continue;
        if (!found.empty() && run.first <= found.back().end)
            found.back().end = end;
        else
            found.push_back({run.first, end});
    }
}

// A place where a text differs. A neighbour is the shared shingle next to it, -1 where the text
// begins or ends; words are those that no shared shingle covers, below 0 where shared shingles
// overlap that do not in the other text.
struct Gap {
    i64 left, right, words;
};

// Fills `found` with the places where a text of so many words differs, in its order.
void find_gaps(View<const u32> own, View<const Run> shared, i64 words, i64 width,
               Vector<Gap> &found) {
    found.clear();
    i64 begin = 0;
    for (i64 next = 0; next <= shared.size; next++) {
        const i64 end = next < shared.size ? shared[next].first : own.size;
        if (begin < end) {
            Gap gap = {-1, -1, words};
            if (begin > 0) gap.left = own[begin - 1];
            if (end < own.size) gap.right = own[end], gap.words = end;
            if (begin > 0) gap.words -= begin + width - 1;
            found.push_back(gap);
        }
        if (next < shared.size) begin = shared[next].end;
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

std::tuple<i64, i64, i64> passages(View<const Run> covered, i64 size) {
    i64 total = 0, first = 0, last = 0;
    for (const Run &run : covered) {
        const i64 length = run.end - run.first;
        if (length < PASSAGE) continue;
        total += length;
        if (run.first <= EDGE && first == 0) first = length;
        if (size - run.end <= EDGE) last = length;
    }
    return {total, first, last};
}

std::tuple<i64, i64, i64> in_passages(View<const bool> covered, i64 size) {
    Vector<Run> runs;
    find_runs(covered.slice(0, size), runs);
    return passages(runs, size);
}

// The share of the first so many words that is covered.
f64 share(View<const Run> covered, i64 words) {
    i64 count = 0;
    for (const Run &run : covered) count += std::max<i64>(std::min(run.end, words) - run.first, 0);
    return static_cast<f64>(count) / static_cast<f64>(std::max<i64>(words, 1));
}

// The longest run of so many words that are not covered.
i64 longest_run(View<const Run> covered, i64 words) {
    i64 longest = 0, begin = 0;
    for (const Run &run : covered) {
        longest = std::max(longest, run.first - begin);
        begin = run.end;
    }
    return std::max(longest, words - begin);
}

// One text against the other of a pair; its arrays serve one pair after the other.
struct Side {
    Flags shared;
    Vector<Run> runs, covered;
    Vector<Gap> gaps;

    // Of a text of so many words, whose `shared` shingles are marked.
    void look(View<const u32> own, i64 words, i64 width) {
        find_runs(shared.view(), runs);
        cover(runs, words, width, covered);
        find_gaps(own, runs, words, width, gaps);
    }
};

// The shingles of one text, in which those of others are looked up, one after the other.
struct Held {
    Lookup lookup;
    Vector<i64> places;  // of each shingle in the set, from 1 on
    Flags met;           // which of the set the other text has; the first stands for none

    void set(View<const u32> text, View<const u32> set) {
        lookup.set(set);
        places.resize(static_cast<std::size_t>(text.size));
        for (i64 k = 0; k < text.size; k++) places[k] = lookup.find(text[k]) + 1;
        met.values.resize(static_cast<std::size_t>(set.size + 1));
    }

    // Marks which shingles of this text stand in another one, and which of the other one in this.
    void share(View<const u32> other, Flags &own_shared, Flags &other_shared) {
        own_shared.values.resize(places.size());
        other_shared.values.resize(static_cast<std::size_t>(other.size));
        const View<bool> seen = met.view(), own = own_shared.view(), theirs = other_shared.view();
        seen.fill(false);
        for (i64 k = 0; k < other.size; k++) {
            const i64 place = lookup.find(other[k]) + 1;
            theirs[k] = place > 0;
            seen[place] = true;
        }
        seen[0] = false;
        for (i64 k = 0; k < own.size; k++) own[k] = seen[places[k]];
    }
};

Table<f64> compared_words(View<const u32> shingles, View<const i64> starts, View<const u32> sets,
                          View<const i64> set_bounds, View<const i64> tokens, i64 width,
                          View2<const i32> pairs) {
    Table<f64> found(pairs.rows, WORDS);
    const auto text = [&](i64 row) { return shingles.slice(starts[row], starts[row + 1]); };
    Side sides[2];
    Held held;
    Vector<Gap> sorted;
    for (i64 p = 0; p < pairs.rows; p++) {
        i64 total[2], first[2], last[2];
        const i64 one = pairs(p, 0);
        // Pairs come sorted: one text after the other is held against many.
        if (p == 0 || one != pairs(p - 1, 0))
            held.set(text(one), sets.slice(set_bounds[one], set_bounds[one + 1]));
        held.share(text(pairs(p, 1)), sides[0].shared, sides[1].shared);
        for (int s = 0; s < 2; s++) {
            const i64 own = pairs(p, s), words = tokens[own];
            // Of a stored text that was damaged.
            demand(0 <= words && words <= starts[own + 1] - starts[own] + width,
                   "a text of more words than its shingles have");
            sides[s].look(text(own), words, width);
            const Vector<Run> &covered = sides[s].covered;
            found(p, s) = share(covered, words);
            found(p, 2 + s) = share(covered, std::min(HEAD, words));
            found(p, 4 + s) = static_cast<f64>(longest_run(covered, words));
            found(p, 6 + s) = static_cast<f64>(words);
            std::tie(total[s], first[s], last[s]) = passages(covered, words);
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

// What is counted of the terms of a text: names and numbers, those of the text itself, terms of the
// title, of these names and numbers, of these the ones that its text begins with, and names.
constexpr int TOLD = 0, INSIDE = 1, TITLED = 2, TITLE_TOLD = 3, LEAD_TOLD = 4, NAMED = 5;
using Counts = std::array<i64, 6>;

std::array<Counts, 256> counts_of_marks() {
    std::array<Counts, 256> found{};
    for (int flags = 0; flags < 256; flags++) {
        const u8 mark = static_cast<u8>(flags);
        const bool told = is_telling(mark), title = (mark & TITLE) != 0;
        found[mark] = {told, in_text(mark), title, title && told,
                       title && told && (mark & LEAD) != 0, (mark & NAME) != 0};
    }
    return found;
}

const std::array<Counts, 256> COUNTS = counts_of_marks();

// The terms of one text that are a name, a number, in title or lead, ascending.
struct Marked {
    Vector<u32> buckets;
    Vector<u16> counts;
    Vector<u8> flags;
    Counts all{};

    void set(View<const u32> of_text, View<const u16> how_often, View<const u8> marks) {
        buckets.resize(static_cast<std::size_t>(of_text.size + 1));
        counts.resize(buckets.size()), flags.resize(buckets.size());
        all = {};
        i64 count = 0;
        for (i64 k = 0; k < of_text.size; k++) {  // without a branch
            buckets[count] = of_text[k], counts[count] = how_often[k], flags[count] = marks[k];
            for (std::size_t what = 0; what < all.size(); what++)
                all[what] += COUNTS[marks[k]][what];
            count += (marks[k] & (TELLING | SUBJECT)) != 0;
        }
        const auto size = static_cast<std::size_t>(count);
        buckets.resize(size), counts.resize(size), flags.resize(size);
    }
};

Table<i64> compared_terms(View<const u32> buckets, View<const u16> counts, View<const u8> flags,
                          View<const i64> bounds, View2<const i32> pairs) {
    Table<i64> found(pairs.rows, TERMS);
    Marked sides[2];
    Vector<std::pair<i64, i64>> both;
    for (i64 p = 0; p < pairs.rows; p++) {
        for (int s = 0; s < 2; s++) {
            const i64 own = pairs(p, s), first = bounds[own], end = bounds[own + 1];
            if (p == 0 || own != pairs(p - 1, s))
                sides[s].set(buckets.slice(first, end), counts.slice(first, end),
                             flags.slice(first, end));
        }
        const auto &[one, other] = sides;
        const i64 i_end = static_cast<i64>(one.buckets.size());
        const i64 j_end = static_cast<i64>(other.buckets.size());
        both.resize(static_cast<std::size_t>(std::min(i_end, j_end) + 1));
        i64 count = 0;
        for (i64 i = 0, j = 0; i < i_end && j < j_end;) {  // without a branch
            const u32 a = one.buckets[i], b = other.buckets[j];
            both[count] = {i, j};
            count += a == b;
            i += a <= b;
            j += b <= a;
        }
        Counts own[2] = {one.all, other.all};
        const View<i64> row = found.view()[p];
        for (i64 k = 0; k < count; k++) {
            const auto [i, j] = both[k];
            const Counts &a = COUNTS[one.flags[i]], &b = COUNTS[other.flags[j]];
            for (std::size_t what = 0; what < a.size(); what++)
                own[0][what] -= a[what], own[1][what] -= b[what];
            row[0] += a[TOLD] | b[TOLD];
            row[9] += (one.counts[i] > other.counts[j]) & a[INSIDE];
            row[10] += (other.counts[j] > one.counts[i]) & b[INSIDE];
        }
        for (int s = 0; s < 2; s++) {
            row[1 + s] = own[s][TOLD];
            row[3 + s] = sides[s].all[TITLED];
            row[5 + s] = own[s][TITLED];
            row[7 + s] = own[s][TITLE_TOLD];
            row[9 + s] += own[s][INSIDE];
            row[11] += sides[s].all[NAMED] == 0;
            row[12 + s] = own[s][LEAD_TOLD];
        }
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
